/**
 * What is not on the server yet, kept on this device only: AES-GCM under a key that no script can
 * read out (security.md 70). Gone when the server has it, when the case is sent or withdrawn, at
 * sign-out (Clear-Site-Data), after 7 days, and when somebody else signs in.
 *
 * A draft's name is `<person>.<case or programme>`: ids, never text. One that waits for an answer
 * ("bring it back?") has the time it was kept behind it.
 */
const DATABASE = "caseround-drafts";
const WEEK = 7 * 24 * 60 * 60 * 1000;

/**
 * The form's inputs and their values; the page that wrote them, its latest number, and the row
 * version it last heard of.
 * @typedef {{entries: [string, string][], writer: string, sequence: number, version: string}} Unsent
 * @typedef {Unsent & {name: string, at: Date}} Found
 */
/** @typedef {{name: string, iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer, at: number}} Sealed */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @returns {Promise<IDBDatabase>} */
function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("keys");
    request.result.createObjectStore("drafts", { keyPath: "name" });
  };
  return done(request);
}

/**
 * @template T
 * @param {"keys" | "drafts"} store @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} run
 * @returns {Promise<T>}
 */
async function within(store, mode, run) {
  const database = await open();
  try {
    return await done(run(database.transaction(store, mode).objectStore(store)));
  } finally {
    database.close();
  }
}

/** @returns {Promise<CryptoKey>} this device's key; made on first use, never extractable */
async function key() {
  const found = await within("keys", "readonly", (keys) => keys.get("drafts"));
  if (found instanceof CryptoKey) return found;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await within("keys", "readwrite", (keys) => keys.put(made, "drafts"));
  return made;
}

/** The name is bound in: a sealed draft cannot be passed off as another one. @param {string} name */
const bound = (name) => new TextEncoder().encode(name);

/**
 * Keep a draft.
 * @param {string} name @param {Unsent} unsent @param {number} [at] when it was written, in milliseconds
 */
export async function keep(name, unsent, at = Date.now()) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(unsent));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(name) }, await key(), text);
  await within("drafts", "readwrite", (drafts) => drafts.put({ name, iv, sealed, at }));
}

/**
 * @param {string} name
 * @returns {Promise<Found[]>} the draft of this name and those that wait beside it, oldest first
 */
export async function recall(name) {
  /** @type {Sealed[]} */
  const all = await within("drafts", "readonly", (drafts) => drafts.getAll());
  const found = [];
  for (const one of all.filter((draft) => draft.name === name || draft.name.startsWith(`${name}.`))) {
    const unsent = await unsealed(one);
    if (unsent) found.push({ ...unsent, name: one.name, at: new Date(one.at) });
    else await discard(one.name);
  }
  return found.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** @param {Sealed} draft @returns {Promise<Unsent | null>} null: the key is another one by now */
async function unsealed({ name, iv, sealed }) {
  try {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bound(name) }, await key(), sealed);
    const unsent = JSON.parse(new TextDecoder().decode(text));
    // Drafts of earlier releases hold the inputs alone.
    return Array.isArray(unsent) ? { entries: unsent, writer: "", sequence: 0, version: "" } : unsent;
  } catch {
    return null;
  }
}

/** Put a draft aside until its author has said what becomes of it. @param {Found} found @param {string} name @returns {Promise<Found>} */
export async function shelve(found, name) {
  const { at, entries, writer, sequence, version } = found;
  const aside = `${name}.${at.getTime()}`;
  if (aside === found.name) return found;
  await keep(aside, { entries, writer, sequence, version }, at.getTime());
  await discard(found.name);
  return { ...found, name: aside };
}

/** @param {string} name */
export const discard = (name) => within("drafts", "readwrite", (drafts) => drafts.delete(name));

/**
 * Throw away what is older than a week, and what another person left behind.
 * @param {string} person empty: whoever is signed in
 */
export async function tidy(person = "") {
  /** @type {Sealed[]} */
  const all = await within("drafts", "readonly", (drafts) => drafts.getAll());
  for (const { name, at } of all) {
    const foreign = person !== "" && !name.startsWith(`${person}.`);
    if (foreign || Date.now() - at > WEEK) await discard(name);
  }
}

/** Throw away everything of one case: it was sent or withdrawn. @param {string} id */
async function forget(id) {
  const names = await within("drafts", "readonly", (drafts) => drafts.getAllKeys());
  for (const name of names.map(String)) if (name.split(".")[1] === id) await discard(name);
}

// On any page but the form itself.
if ("indexedDB" in globalThis && typeof document !== "undefined" && !document.querySelector("[data-case-form]")) {
  const sent = document.querySelector("[data-sent-case]")?.getAttribute("data-sent-case");
  void (sent ? forget(sent) : Promise.resolve()).then(() => tidy()).catch(() => {});
  document.addEventListener("submit", ({ target }) => {
    const gone = target instanceof HTMLElement ? target.dataset.forgetCase : undefined;
    if (gone) void forget(gone).catch(() => {});
  });
}
