/**
 * Shows what the identifier check finds under every `<textarea data-deid>` and `<input data-deid>`
 * after a pause in typing. The text never leaves the page. Without JavaScript the server's own
 * check says the same after sending (fragments/findings.html draws the same structure).
 *
 * The page brings `<script type="application/json" id="deid-setup">` with
 *   {"rules": asset("cases/deid-rules.json"), "listed": [asset("cases/deid-words.txt")],
 *    "lang": "en", "words": {…}}        (fragments/deid_setup.html)
 * words: one sentence per category (name, date, phone …) and replace ("Replace with “%(words)s”"),
 * remove, show, label, one, many ("%(num)s places …"), none. Missing words fall back to English.
 *
 * Drawn: ul.finding-list[data-deid-findings] > li.finding.finding--block|finding--review >
 *   div.finding-text (p.finding-kind, p with span.finding-quote) + div.finding-actions (buttons).
 * A server-drawn list (data-server-findings) stays, for it carries the author's reasons: its items
 * are hidden once their words are gone, and what it still shows is not listed twice.
 */
import { compiling, utf16 } from "cases/deid-check.js";
import { announce } from "core/announce.js";
import { data, debounce, make } from "core/dom.js";

/** @typedef {import("cases/deid-check.js").Finding} Finding */
/** @typedef {import("cases/deid-check.js").Checker} Checker */
/** @typedef {import("cases/deid-check.js").Scan} Scan */
/** @typedef {HTMLTextAreaElement | HTMLInputElement} Field */
/** @typedef {{rules?: string, listed?: string[], lang?: string, words?: Record<string, string>}} Setup */

const PAUSE = 400;
const AROUND = 32;
/** Milliseconds of work at once: nobody who types feels them. */
const SLICE = 8;
/** Texts whose findings are kept: more than a form has fields. */
const KEPT = 100;
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
/** A list that appears while a button is being pressed would move the button away from its click. */
let pressed = false;

/** @param {unknown} target @returns {target is Field} */
const isField = (target) => target instanceof HTMLElement && target.matches(FIELDS);

function today() {
  const now = new Date();
  return { year: now.getFullYear(), month: now.getMonth() + 1, day: now.getDate() };
}

/** @param {Setup} setup @param {string} key @param {Record<string, string | number>} [values] */
function say(setup, key, values = {}) {
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

/** @param {Setup} setup @param {Field} field @param {string[]} text @param {Finding} finding */
function item(setup, field, text, finding) {
  const part = (/** @type {number} */ a, /** @type {number} */ b) => text.slice(Math.max(0, a), b).join("");
  const { start, end, suggestion } = finding;
  const button = (/** @type {string} */ label, /** @type {string} */ kind, /** @type {string | null} */ words) => {
    const made = make("button", { type: "button", class: `button ${kind} button-small` },
      make("span", { class: "button-label" }, label));
    made.addEventListener("click", () => {
      // typed since the last look: the places have moved, look again instead of hitting beside
      if (field.value === text.join("")) overwrite(field, finding, words);
      if (words !== null) void check(setup, field);
    });
    return made;
  };
  const actions = make("div", { class: "finding-actions" });
  if (suggestion !== null) {
    const label = suggestion === "" ? say(setup, "remove") : say(setup, "replace", { words: suggestion });
    actions.append(button(label, "button-plain", suggestion));
  }
  actions.append(button(say(setup, "show"), "button-quiet", null));
  return make("li", { class: `finding finding--${finding.tier}` },
    make("div", { class: "finding-text" },
      make("p", { class: "finding-kind" }, say(setup, finding.category)),
      make("p", {}, part(start - AROUND, start),
        make("span", { class: "finding-quote" }, part(start, end)), part(end, end + AROUND))),
    actions);
}

/**
 * Take the steps to their end, a little now and the rest while the page has nothing else to do.
 * @template T @param {Generator<undefined, T, undefined>} steps @returns {Promise<T>}
 */
function idly(steps) {
  return new Promise((resolve, reject) => {
    const go = () => {
      const until = performance.now() + SLICE;
      try {
        let step = steps.next();
        while (!step.done && performance.now() < until) step = steps.next();
        if (step.done) resolve(step.value);
        // Safari has no idle callbacks
        else if ("requestIdleCallback" in globalThis) requestIdleCallback(go, { timeout: 100 });
        else setTimeout(go);
      } catch (error) {
        reject(error);
      }
    };
    go();
  });
}

/** @type {Checker | undefined} */
let checker;
/** What was found in texts, so that a text is read once however many helps ask. @type {Map<string, Scan>} */
let known = new Map();

/** @param {string} text @param {Scan} found */
function keep(text, found) {
  if (known.size >= KEPT) known.clear();
  known.set(text, found);
  return found;
}

/** The language in which the page's texts are read. */
const language = () => /** @type {Setup} */ (data("deid-setup") ?? {}).lang ?? "en";

/** What the check finds in a text; null while its rules are not here. @param {string} text */
export const look = (text) =>
  (checker ? known.get(text) ?? keep(text, checker.scan(text, language(), today())) : null);

/** What `look` does, without holding up the page. @param {string} text @returns {Promise<Scan | null>} */
async function lookIdly(text) {
  if (!checker) return null;
  const before = known;
  const found = before.get(text) ?? await idly(checker.scanning(text, language(), today()));
  // the words may have come meanwhile
  return known === before ? keep(text, found) : lookIdly(text);
}

/**
 * Look at a field and say under it what is found.
 * @param {Setup} setup @param {Field} field
 * @returns {Promise<boolean>} false: somebody typed on or presses a button, look again
 */
async function check(setup, field) {
  const before = field.value;
  const scanned = await lookIdly(before);
  if (pressed || field.value !== before) return false;
  if (scanned && field.isConnected) show(setup, field, scanned);
  return true;
}

/** @param {Setup} setup @param {Field} field @param {Scan} scanned what was found in its text */
function show(setup, field, scanned) {
  const text = [...field.value];
  const shown = shownByServer(field);
  const findings = scanned.findings.filter((f) => !shown.has(text.slice(f.start, f.end).join("")));
  let list = lists.get(field);
  if (!list) {
    if (findings.length === 0) return;
    list = make("ul", { class: "finding-list", "data-deid-findings": true, "aria-label": say(setup, "label") });
    lists.set(field, list);
    (field.closest(".with-unit") ?? field).after(list);
  }
  list.replaceChildren(...findings.map((finding) => item(setup, field, text, finding)));
  list.hidden = findings.length === 0;
  if (findings.length !== (counts.get(field) ?? 0)) {
    const key = findings.length === 0 ? "none" : findings.length === 1 ? "one" : "many";
    announce(say(setup, key, { num: findings.length }));
  }
  counts.set(field, findings.length);
}

/**
 * Fetch the rules and watch every marked field, those added later too. Without rules the page
 * goes on without the check: the server checks again.
 */
async function start() {
  const setup = /** @type {Setup} */ (data("deid-setup") ?? {});
  if (!setup.rules) return;
  const response = await fetch(setup.rules);
  if (!response.ok) return;
  const rules = await response.json();
  const ready = await idly(compiling(rules));
  checker = ready;
  /** @type {Set<Field>} */
  const waiting = new Set();
  let looking = false;
  let again = false;
  const now = async () => {
    again ||= looking;
    if (pressed || looking) return;
    looking = true;
    try {
      for (const field of [...waiting]) if (await check(setup, field)) waiting.delete(field);
    } finally {
      looking = false;
    }
    if (again) {
      again = false;
      void now();
    }
  };
  const soon = debounce(PAUSE, now);
  document.addEventListener("input", ({ target }) => {
    if (!isField(target)) return;
    pressed = false;
    waiting.add(target);
    soon();
  });
  document.addEventListener("change", now);
  document.addEventListener("pointerdown", () => {
    pressed = true;
  }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      pressed = false;
      setTimeout(now);
    }, true);
  }
  const all = () => [...document.querySelectorAll(FIELDS)].filter(isField);
  for (const field of all()) waiting.add(field);
  void now();
  // The word list is half a megabyte: fetched when somebody begins to write, not with the page.
  const listed = async () => {
    document.removeEventListener("focusin", begin);
    // while the words are on their way
    void idly(ready.preparing());
    try {
      const answers = await Promise.all((setup.listed ?? []).map((address) => fetch(address)));
      if (answers.length === 0 || !answers.every((answer) => answer.ok)) return;
      const parts = await Promise.all(answers.map((answer) => answer.text()));
      await idly(ready.learning(parts.join("")));
      known = new Map();
    } catch {
      // Offline: the next field that is opened tries again.
      document.addEventListener("focusin", begin);
      return;
    }
    for (const field of all()) if (field.value) waiting.add(field);
    void now();
  };
  /** @param {FocusEvent} event */
  const begin = ({ target }) => {
    if (isField(target)) void listed();
  };
  if (all().some((field) => field.value || field === document.activeElement)) void listed();
  else document.addEventListener("focusin", begin);
}

void start();
