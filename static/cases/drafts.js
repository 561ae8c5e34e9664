/**
 * Unsent work, kept on this device only: AES-GCM under a key that no script can read out
 * (security.md 70). Gone when the case is sent, at sign-out (Clear-Site-Data), after 7 days, and
 * when somebody else signs in.
 *
 * A draft's name is `<person>.<case or programme>`: ids, never text.
 */
const DATABASE = "caseround-drafts";
const WEEK = 7 * 24 * 60 * 60 * 1000;
const SENT = "caseround-sent";

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

/**
 * Keep a draft.
 * @param {string} name @param {[string, string][]} entries the form's inputs and their values
 */
export async function keep(name, entries) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(entries));
  // The name is bound in: a sealed draft cannot be passed off as another one.
  const bound = new TextEncoder().encode(name);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound }, await key(), text);
  await within("drafts", "readwrite", (drafts) => drafts.put({ name, iv, sealed, at: Date.now() }));
}

/**
 * @param {string} name
 * @returns {Promise<{entries: [string, string][], at: Date} | null>} null when there is none
 */
export async function recall(name) {
  /** @type {Sealed | undefined} */
  const found = await within("drafts", "readonly", (drafts) => drafts.get(name));
  if (!found) return null;
  try {
    const bound = new TextEncoder().encode(name);
    const text = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: found.iv, additionalData: bound }, await key(), found.sealed);
    return { entries: JSON.parse(new TextDecoder().decode(text)), at: new Date(found.at) };
  } catch {
    await discard(name);
    return null;
  }
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

/** Note which draft is on its way, so that the next page can tell whether it arrived. @param {string} name */
export const sending = (name) => sessionStorage.setItem(SENT, name);

/** The draft that was on its way when this page came; asked once. */
export function sent() {
  const name = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  return name;
}

// On any page but the form itself the text has arrived: what the device kept can go.
if ("indexedDB" in globalThis && typeof document !== "undefined" && !document.querySelector("[data-case-form]")) {
  const arrived = sent();
  void (arrived ? discard(arrived) : Promise.resolve()).then(() => tidy()).catch(() => {});
}
