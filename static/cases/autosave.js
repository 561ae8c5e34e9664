/**
 * Saves the case form while somebody writes: on the device at once, and on the server as long as
 * nothing in it could identify the person (security.md 70, 76, 78). One request at a time; each
 * carries the name of this page and a number, so that a repeat does no harm. Losing the network,
 * the sign-in or the race against another device loses no text, and the form says where it is.
 */
import { choose } from "cases/conflict.js";
import * as drafts from "cases/drafts.js";
import { quietly } from "cases/sign-in-again.js";
import { all, data, make, need } from "core/dom.js";
import { toast } from "core/toast.js";

/** @typedef {[string, string][]} Entries the form's inputs and their values */
/** @typedef {import("cases/conflict.js").Difference} Difference */
/** @typedef {import("cases/drafts.js").Unsent} Unsent */
/** @typedef {{id: string, key: string, row_version: number, saved: string}} Place */
/** @typedef {Place & {differences: Difference[]}} Clash */
/** @typedef {Place & {whole: boolean, unread: string[], held?: {path: string, label: string}[]}} Answer */
/** @typedef {"saved" | "held" | "offline" | "signed-out" | "clash" | "too-long" | "broken" | "stopped"} Outcome */
/**
 * @typedef {"kept" | "saved" | "partly" | "held" | "offline" | "offline_send" | "online" | "unsaved" | "unkept"
 *   | "clash" | "signed_out" | "too_long" | "gone" | "sending" | "nothing" | "taken" | "from" | "show"} Word
 */
/**
 * @typedef {object} Inputs
 * @property {() => Entries} entries what stands in the form now
 * @property {(kept: Entries, only?: Set<string>) => void} restore put it back; `only`: these fields alone
 * @property {boolean} touched whether somebody has typed before this script came
 */

const DEVICE_MS = 250;
const QUIET_MS = 1200;
/** Together with DEVICE_MS below three seconds, however long somebody goes on typing. */
const LONGEST_MS = 2500;
const FIRST_RETRY_MS = 3000;
const LAST_RETRY_MS = 60_000;
const ANSWER_MS = 20_000;
/** What browsers let through after a page is gone. */
const KEEPALIVE_CHARACTERS = 60_000;
/** A page that comes back from the device goes on well after the numbers it may have used. */
const SEQUENCE_GAP = 1000;

const DEVICE = "indexedDB" in globalThis && Boolean(globalThis.crypto?.subtle);

/** JSON has no half characters; a form would send the same sign. @param {string} text */
const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** @param {string} path */
const fieldOf = (path) => path.split(".")[0];

/** The values of one field as one text, to see whether they changed. @param {Entries} entries @param {string} key */
const valuesOf = (entries, key) => JSON.stringify(entries.filter(([path]) => fieldOf(path) === key));

/** Whether two states of the form say the same, blanks and signatures aside. @param {Entries} one @param {Entries} other */
function same(one, other) {
  const plain = (/** @type {Entries} */ entries) => JSON.stringify(entries
    .filter(([path]) => !path.startsWith("attest_"))
    .map(([path, value]) => [path, value.replace(/\s+/g, " ").trim()])
    .filter(([, value]) => value !== "")
    .sort());
  return plain(one) === plain(other);
}

/**
 * Begin to save a form on its own.
 * @param {HTMLFormElement} form @param {Inputs} inputs
 * @returns {{settled: () => Promise<boolean>, offline: () => void}} settled: everything that can be is on the
 *   server; false: something has to happen first, and the form says what. offline: nothing was sent
 */
export function autosave(form, { entries, restore, touched }) {
  const words = /** @type {Record<Word, string>} */ (data("draft-words"));
  const note = form.querySelector("[data-form-note]");
  const hidden = (/** @type {string} */ name) => need(`input[name="${name}"]`, HTMLInputElement, form);
  const version = hidden("row_version");
  const writer = hidden("writer");
  const lang = document.documentElement.lang;
  let name = form.dataset.deviceKey ?? "";
  let current = touched ? "" : JSON.stringify(entries());
  let base = entries();
  let edits = 0;
  let saved = 0;
  let refused = -1;
  let sequence = 0;
  let failures = 0;
  let began = 0;
  let stopped = false;
  let waiting = false;
  /** @type {Clash | null} */
  let clash = null;
  /** @type {Promise<Outcome> | null} */
  let running = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let taking;

  /** @param {string} sentence @param {(Node | string)[]} after */
  const say = (sentence, ...after) => {
    if (!note || (note.firstChild?.textContent === sentence && after.length === 0)) return;
    note.replaceChildren(sentence, ...after);
  };

  // ── On this device ──

  const looked = DEVICE ? lookForUnsent().catch(() => {}) : Promise.resolve();

  async function keepHere() {
    if (!DEVICE) return;
    await looked;
    if (edits === saved) return;
    const place = name;
    /** @type {Unsent} */
    const unsent = { entries: JSON.parse(current), writer: writer.value, sequence, version: version.value };
    await drafts.keep(place, unsent);
    if (place !== name) await drafts.discard(place);
    if (note && saved === 0 && failures === 0 && note.textContent?.trim() === "") say(words.kept);
  }

  async function lookForUnsent() {
    await drafts.tidy(name.split(".")[0]);
    if (form.dataset.typed === "yes") return;
    for (const found of await drafts.recall(name)) {
      if (same(found.entries, entries())) await drafts.discard(found.name);
      // Put aside under a name of its own: what is typed before the answer does not replace it.
      else offer(await drafts.shelve(found, name));
    }
  }

  /** @param {import("cases/drafts.js").Found} found */
  function offer(found) {
    const box = /** @type {DocumentFragment} */ (need("#draft-offer", HTMLTemplateElement).content.cloneNode(true));
    const banner = /** @type {HTMLElement} */ (box.firstElementChild);
    const when = banner.querySelector("[data-draft-when]");
    const at = found.at.toLocaleString(lang, { dateStyle: "medium", timeStyle: "short" });
    if (when) when.textContent = words.from.replace("{when}", at);
    banner.querySelector("[data-draft-restore]")?.addEventListener("click", () => {
      banner.remove();
      // It goes on as the page that wrote it: the server tells a lost answer from another device.
      writer.value = found.writer || writer.value;
      version.value = found.version || version.value;
      sequence = Math.max(sequence, found.sequence + SEQUENCE_GAP);
      restore(found.entries);
      current = "";
      take();
      void drafts.discard(found.name);
    });
    banner.querySelector("[data-draft-discard]")?.addEventListener("click", () => {
      void drafts.discard(found.name);
      banner.remove();
    });
    form.before(banner);
  }

  // ── When ──

  /** Look whether anything was changed; keep it here and save it soon. */
  function take() {
    clearTimeout(taking);
    taking = undefined;
    const now = JSON.stringify(entries());
    if (now === current) return;
    current = now;
    edits += 1;
    void keepHere().catch(() => {});
    soon();
  }

  function soon() {
    clearTimeout(timer);
    const now = performance.now();
    began ||= now;
    timer = setTimeout(save, Math.max(0, Math.min(QUIET_MS, began + LONGEST_MS - now)));
  }

  const typed = () => {
    taking ??= setTimeout(take, DEVICE_MS);
  };
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  const leave = () => {
    take();
    if (!running && edits > saved) void save(true);
  };
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
  addEventListener("online", () => {
    failures = 0;
    if (waiting) say(words.online);
    waiting = false;
    if (edits > saved) void save();
  });
  addEventListener("offline", () => say(DEVICE ? words.offline : words.unkept));

  // ── On the server ──

  /** @param {boolean} [last] the page is going away: the request outlives it @returns {Promise<Outcome>} */
  function save(last = false) {
    clearTimeout(timer);
    began = 0;
    running ??= once(last).finally(() => {
      running = null;
      if (edits > saved && failures === 0 && edits !== refused && !clash && !stopped) soon();
    });
    return running;
  }

  /** Whether the check in this page has found something that must not be sent. */
  const blocked = () => all(".finding--block", HTMLElement, form).find((item) =>
    !item.hidden && !item.closest("ul")?.hidden && !item.querySelector("select")?.value);

  /** @param {boolean} last @returns {Promise<Outcome>} */
  async function once(last) {
    take();
    if (stopped || form.dataset.leaving === "yes") return "stopped";
    if (clash) return "clash";
    if (edits === saved) return "saved";
    if (blocked()) {
      refused = edits;
      const show = make("a", { href: "#f-held" }, words.show);
      // Before form.js opens the step of that name: the marks come and go while one types.
      show.addEventListener("click", () => {
        document.getElementById("f-held")?.removeAttribute("id");
        const place = blocked();
        place?.setAttribute("id", "f-held");
        place?.setAttribute("tabindex", "-1");
      });
      say(words.held, " ", show);
      return "held";
    }
    const mine = edits;
    const sent = entries();
    sequence += 1;
    let answer = await send(sent, last);
    if ((answer?.status === 401 || answer?.status === 403) && (await quietly(form))) answer = await send(sent, last);
    const value = answer ? await answer.json().catch(() => null) : null;
    if (!answer || (answer.ok && !value)) return failed(DEVICE ? words.offline : words.unkept, "offline");
    if (answer.ok) return arrived(/** @type {Answer} */ (value), mine, sent);
    return refusal(answer.status, value, mine);
  }

  /** @param {Entries} sent @param {boolean} last @returns {Promise<Response | null>} null: no connection */
  async function send(sent, last) {
    /** @type {Record<string, string | string[]>} */
    const fields = {};
    for (const key of ["case_type", "prior", "form", "row_version", "writer"]) {
      const input = form.querySelector(`input[name="${key}"]`);
      if (input instanceof HTMLInputElement) fields[key] = input.value;
    }
    fields.sequence = String(sequence);
    for (const [path, typedText] of sent) {
      const value = wellFormed(typedText);
      const before = fields[path];
      fields[path] = before === undefined ? value : [before, value].flat();
    }
    const body = JSON.stringify(fields);
    try {
      return await fetch(form.dataset.autosave ?? "", {
        method: "POST",
        credentials: "same-origin",
        headers: {
          Accept: "application/json",
          "Content-Type": "application/json",
          "X-CSRF-Token": document.documentElement.dataset.csrf ?? "",
        },
        body,
        ...(last && body.length < KEEPALIVE_CHARACTERS ? { keepalive: true } : { signal: AbortSignal.timeout(ANSWER_MS) }),
      });
    } catch {
      return null;
    }
  }

  /** @param {string} sentence @param {Outcome} outcome @returns {Outcome} */
  function failed(sentence, outcome) {
    // Whoever pressed a button goes on reading that nothing was sent.
    say(outcome === "offline" && waiting ? words.offline_send : sentence);
    clearTimeout(timer);
    timer = setTimeout(save, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures));
    failures += 1;
    return outcome;
  }

  /** @param {Answer} answer @param {number} mine @param {Entries} sent @returns {Outcome} */
  function arrived(answer, mine, sent) {
    failures = 0;
    waiting = false;
    if (answer.held) {
      refused = mine;
      const link = (/** @type {{path: string, label: string}} */ { path, label }) => make("a", { href: `#f-${path}` }, label);
      say(words.held, ...answer.held.slice(0, 3).flatMap((place) => [" ", link(place)]));
      return "held";
    }
    saved = mine;
    base = sent;
    version.value = String(answer.row_version);
    adopt(answer);
    const time = new Date(answer.saved).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const sentence = answer.unread.length > 0 ? words.partly.replace("{field}", answer.unread.join("; ")) : words.saved;
    say(sentence.replace("{when}", time));
    if (saved === edits && answer.whole && DEVICE) void looked.then(() => drafts.discard(name)).catch(() => {});
    return "saved";
  }

  /** What was new has become a case: the page goes on as that case's own. @param {Place} place */
  function adopt({ id, key }) {
    if (form.dataset.key) return;
    form.dataset.key = key;
    const address = `/cases/${key}`;
    history.replaceState(history.state, "", `${address}/edit`);
    // By attribute: a button of the form is named "action" and hides the property.
    form.setAttribute("action", `${address}/edit`);
    form.dataset.autosave = `${address}/autosave`;
    const old = name;
    name = `${old.split(".")[0]}.${id}`;
    form.dataset.deviceKey = name;
    if (DEVICE) void looked.then(() => drafts.discard(old)).then(keepHere).catch(() => {});
    const links = document.querySelector("[data-draft-links]");
    links?.removeAttribute("hidden");
    for (const link of all("a[data-of-case]", HTMLAnchorElement)) link.href = `${address}/${link.dataset.ofCase}`;
  }

  /** @param {number} status @param {any} value @param {number} mine @returns {Outcome} */
  function refusal(status, value, mine) {
    if (status === 401 || status === 403) return failed(DEVICE ? words.signed_out : words.unkept, "signed-out");
    if (status === 413) {
      refused = mine;
      say(words.too_long);
      return "too-long";
    }
    if (status === 409 && Array.isArray(value?.differences)) {
      clash = value;
      void settle();
      return "clash";
    }
    if (status === 404 || (status === 409 && value?.code !== "stale")) {
      stopped = true;
      say(words.gone);
      return "stopped";
    }
    return failed(DEVICE ? words.unsaved : words.unkept, "broken");
  }

  // ── Saved elsewhere ──

  async function settle() {
    const there = clash;
    if (!there) return;
    const again = make("button", { type: "button", class: "button button-plain button-small" }, words.clash);
    again.addEventListener("click", () => void settle());
    if (note) note.replaceChildren(again);
    const now = entries();
    const changed = (/** @type {Difference} */ { key }) => valuesOf(base, key) !== valuesOf(now, key);
    const chosen = await choose(there.differences, (d) => (changed(d) ? "here" : "there"), words.nothing);
    if (!chosen || clash !== there) return;
    clash = null;
    adopt(there);
    version.value = String(there.row_version);
    const taken = there.differences.filter((d) => chosen.get(d.key) === "there");
    if (taken.length > 0) {
      const before = entries();
      const keys = new Set(taken.map((d) => d.key));
      const values = taken.flatMap((d) => Object.entries(d.values))
        .flatMap(([path, value]) => [value].flat().map((one) => /** @type {[string, string]} */ ([path, one])));
      restore(values, keys);
      toast(words.taken, { undo: () => restore(before, keys) });
    }
    current = "";
    take();
    await save();
  }

  // ── Sending ──

  function offline() {
    waiting = true;
    say(words.offline_send);
  }

  async function settled() {
    take();
    if (edits === saved) return true;
    say(words.sending);
    if (running) await running;
    const outcome = await save();
    if (outcome === "offline") offline();
    if (outcome === "clash") void settle();
    return !["offline", "clash", "too-long"].includes(outcome);
  }

  if (touched) take();
  return { settled, offline };
}
