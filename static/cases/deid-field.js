/**
 * Shows what the identifier check finds under every `<textarea data-deid>` and `<input data-deid>`
 * after a pause in typing. The text never leaves the page. Without JavaScript the server's own
 * check says the same after sending (fragments/findings.html draws the same structure).
 *
 * The page's words (cases/deid-look.js) are: one sentence per category (name, date, phone …) and replace
 * ("Replace with “%(words)s”"), remove, show, label, one, many ("%(num)s places …"), none. Missing words
 * fall back to English.
 *
 * Drawn: ul.finding-list[data-deid-findings] > li.finding.finding--block|finding--review >
 *   div.finding-text (p.finding-kind, p with span.finding-quote) + div.finding-actions (buttons).
 * A server-drawn list (data-server-findings) stays, for it carries the author's reasons: its items
 * are hidden once their words are gone, and what it still shows is not listed twice.
 */
import { utf16 } from "cases/deid-check.js";
import { day, fetchRules, fetchWords, lookIdly, setup, spoken } from "cases/deid-look.js";
import { announce } from "core/announce.js";
import { debounce, make } from "core/dom.js";

/** @typedef {import("cases/deid-check.js").Finding} Finding */
/** @typedef {import("cases/deid-check.js").Scan} Scan */
/** @typedef {HTMLTextAreaElement | HTMLInputElement} Field */
/** @typedef {{finding: Finding, from: number, to: number}} Place  of a finding, in UTF-16 units */

const PAUSE = 400;
const AROUND = 32;
/** More places in one text are not read; each that is mended lets the next one in. */
const MOST = 100;
const FIELDS = "textarea[data-deid], input[data-deid]";

/** @type {Record<string, string>} */
const ENGLISH = {
  name: "This looks like a name. Say the role instead.",
  geography: "This looks like a place or facility. Say what kind of place instead.",
  date: "This looks like a date. Say how long ago instead.",
  age_over_89: "Ages over 89 are written 90+.",
  phone: "This looks like a telephone number. Take it out.",
  fax: "This looks like a fax number. Take it out.",
  email: "This looks like an e-mail address. Take it out.",
  url: "This looks like a web address. Take it out.",
  other: "This could identify the person. Say it more generally.",
  number: "This looks like a number that belongs to one person. Take it out.",
  replace: "Replace with “%(words)s”",
  remove: "Take it out",
  show: "Show in the text",
  label: "Possible identifiers in this text",
  one: "One place in this text may identify the person.",
  many: "%(num)s places in this text may identify the person.",
  none: "No identifier found in this text any more.",
};

/** @type {WeakMap<Field, HTMLUListElement>} */
const lists = new WeakMap();
/** @type {WeakMap<Field, number>} */
const counts = new WeakMap();
/** What each list was drawn from. @type {WeakMap<HTMLElement, {text: string, what: string}>} */
const drawnFrom = new WeakMap();
/** How often somebody has typed into a field. @type {WeakMap<Field, number>} */
const edits = new WeakMap();
/** A list that appears while a button is being pressed would move the button away from its click. */
let pressed = false;

/** @param {unknown} target @returns {target is Field} */
const isField = (target) => target instanceof HTMLElement && target.matches(FIELDS);

/** @param {string} key @param {Record<string, string | number>} [values] */
function say(key, values = {}) {
  const words = setup.words?.[key] ?? ENGLISH[key] ?? ENGLISH.number;
  return words.replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));
}

/**
 * Select the finding in its field and type over it, so that the browser's own undo knows of it.
 * @param {Field} field @param {{start: number, end: number}} finding in code points @param {string | null} words null: only select
 */
export function overwrite(field, finding, words) {
  const [start, end] = [utf16(field.value, finding.start), utf16(field.value, finding.end)];
  field.focus();
  field.setSelectionRange(start, end);
  if (words === null) return;
  const typed = words === ""
    ? document.execCommand("delete")
    : document.execCommand("insertText", false, words);
  if (!typed) {
    field.setRangeText(words, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/**
 * Hide the server's items whose words are gone; return the words it still shows.
 * @param {Field} field @returns {Set<string>}
 */
function shownByServer(field) {
  const box = field.closest(".field")?.parentElement;
  const shown = new Set();
  for (const item of box?.querySelectorAll("[data-server-findings] .finding") ?? []) {
    const quote = item.querySelector(".finding-quote")?.textContent ?? "";
    const there = quote !== "" && field.value.includes(quote);
    item.toggleAttribute("hidden", !there);
    if (there) shown.add(quote);
  }
  return shown;
}

/**
 * Where findings are in their text.
 * @param {string} text @param {Finding[]} findings in their order @returns {Place[]}
 */
function placed(text, findings) {
  let read = 0;
  let offset = 0;
  const to = (/** @type {number} */ codePoints) => {
    offset += utf16(text, codePoints - read, offset);
    read = codePoints;
    return offset;
  };
  return findings.map((finding) => ({ finding, from: to(finding.start), to: to(finding.end) }));
}

/** @param {Field} field @param {string} text @param {Place} place */
function item(field, text, { finding, from, to }) {
  const { suggestion } = finding;
  const drawn = day();
  const button = (/** @type {string} */ label, /** @type {string} */ kind, /** @type {string | null} */ words) => {
    const made = make("button", { type: "button", class: `button ${kind} button-small` },
      make("span", { class: "button-label" }, label));
    made.addEventListener("click", () => {
      // typed since the last look: the places have moved, look again instead of hitting beside; and what
      // was "yesterday" before midnight is so no more
      if (field.value === text && (words === null || day() === drawn)) overwrite(field, finding, words);
      if (words !== null) void check(field);
    });
    return made;
  };
  const actions = make("div", { class: "finding-actions" });
  if (suggestion !== null) {
    actions.append(button(suggestion === "" ? say("remove") : say("replace", { words: suggestion }), "button-plain", suggestion));
  }
  actions.append(button(say("show"), "button-quiet", null));
  const before = [...text.slice(Math.max(0, from - 2 * AROUND), from)].slice(-AROUND).join("");
  const after = [...text.slice(to, to + 2 * AROUND)].slice(0, AROUND).join("");
  return make("li", { class: `finding finding--${finding.tier}` },
    make("div", { class: "finding-text" },
      make("p", { class: "finding-kind" }, say(finding.category)),
      make("p", {}, before, make("span", { class: "finding-quote" }, text.slice(from, to)), after)),
    actions);
}

/**
 * Look at a field and say under it what is found.
 * @param {Field} field
 * @returns {Promise<boolean>} false: somebody typed on or presses a button, look again
 */
async function check(field) {
  const before = field.value;
  const typed = edits.get(field);
  const scanned = await lookIdly(before, () => edits.get(field) === typed);
  if (pressed || edits.get(field) !== typed || field.value !== before) return false;
  if (scanned && field.isConnected) show(field, scanned);
  return true;
}

/** @param {Field} field @param {Scan} scanned what was found in its text */
function show(field, scanned) {
  const text = field.value;
  const shown = shownByServer(field);
  const places = placed(text, scanned.findings).filter(({ from, to }) => shown.size === 0 || !shown.has(text.slice(from, to)));
  const { length } = places;
  let list = lists.get(field);
  if (!list) {
    if (length === 0) return;
    list = make("ul", { class: "finding-list", "data-deid-findings": true, "aria-label": say("label") });
    lists.set(field, list);
    (field.closest(".with-unit") ?? field).after(list);
  }
  // Looked at again, found the same: whoever stands on one of them goes on standing there.
  const what = JSON.stringify([day(), places]);
  const drawn = drawnFrom.get(list);
  if (drawn?.text === text && drawn.what === what) return;
  drawnFrom.set(list, { text, what });
  const held = [...list.children].findIndex((one) => one.contains(document.activeElement));
  const more = length > MOST ? [make("li", { class: "small soft" }, say("many", { num: length }))] : [];
  list.replaceChildren(...places.slice(0, MOST).map((place) => item(field, text, place)), ...more);
  list.hidden = length === 0;
  const next = held < 0 ? undefined : list.children[Math.min(held, length - 1)];
  if (next instanceof HTMLElement) {
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }
  if (length !== (counts.get(field) ?? 0)) {
    announce(say(length === 0 ? "none" : length === 1 ? "one" : "many", { num: length }));
  }
  counts.set(field, length);
}

/** Fields that somebody has typed into since they were looked at. @type {Set<Field>} */
const waiting = new Set();
let looking = false;
let again = false;
/** The day and the language in which all fields were looked at. */
let lookedIn = "";

const circumstances = () => `${day()} ${spoken()}`;

async function checkWaiting() {
  again ||= looking;
  if (pressed || looking) return;
  looking = true;
  try {
    for (const field of [...waiting]) if (await check(field)) waiting.delete(field);
  } finally {
    looking = false;
  }
  if (lookedIn !== circumstances()) checkAll((field) => field.value !== "");
  else if (again) {
    again = false;
    void checkWaiting();
  }
}

/** @param {(field: Field) => boolean} [wanted] */
function checkAll(wanted = () => true) {
  lookedIn = circumstances();
  for (const field of document.querySelectorAll(FIELDS)) if (isField(field) && wanted(field)) waiting.add(field);
  void checkWaiting();
}

/** The word list is half a megabyte: without a line the next field that is opened tries again. */
async function readWords() {
  try {
    await fetchWords();
    checkAll((field) => field.value !== "");
  } catch {
    document.addEventListener("focusin", readAgain);
  }
}

/** @param {FocusEvent} event */
function readAgain({ target }) {
  if (!isField(target)) return;
  document.removeEventListener("focusin", readAgain);
  void readWords();
}

/**
 * Fetch the rules and watch every marked field, those added later too; to be called once. Throws
 * without a line. Without rules the page goes on without the check: the server checks again.
 */
export async function watch() {
  await fetchRules();
  const soon = debounce(PAUSE, checkWaiting);
  document.addEventListener("input", ({ target }) => {
    if (!isField(target)) return;
    pressed = false;
    edits.set(target, (edits.get(target) ?? 0) + 1);
    waiting.add(target);
    soon();
  });
  document.addEventListener("change", checkWaiting);
  document.addEventListener("pointerdown", () => {
    pressed = true;
  }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      pressed = false;
      setTimeout(checkWaiting);
    }, true);
  }
  checkAll();
  void readWords();
}
