/**
 * Looks at texts with the identifier check, without holding up the page; the texts never leave it.
 * Rules and words are fetched from here, once somebody writes (cases/begin-writing.js).
 *
 * Each text is read in the language it is written in, as on the server; what Spanish and French need
 * besides is fetched when such a text is there.
 *
 * The page brings `<script type="application/json" id="deid-setup">` with
 *   {"rules": asset("cases/deid-rules.json"), "listed": [asset("cases/deid-words.txt")],
 *    "modes": {"es": {"rules": …, "listed": […]}, …}, "words": {…}}        (fragments/deid_setup.html)
 */
import { compiling } from "cases/deid-check.js";
import { languages } from "cases/deid-language.js";
import { data } from "core/dom.js";

/** @typedef {import("cases/deid-check.js").Checker} Checker */
/** @typedef {import("cases/deid-check.js").Scan} Scan */
/** @typedef {{rules?: string, listed?: string[]}} Addresses */
/** @typedef {Addresses & {modes?: Record<string, Addresses>, words?: Record<string, string>}} Setup */

/** Milliseconds of work at once: nobody who types feels them. */
const SLICE = 8;
/** Texts whose findings are kept: more than a form has fields. */
const KEPT = 100;

const FIELDS = "textarea[data-deid], input[data-deid]";

/** What the page brings. */
export const setup = /** @type {Setup} */ (data("deid-setup") ?? {});

/** The day on this device. */
function today() {
  const now = new Date();
  return { year: now.getFullYear(), month: now.getMonth() + 1, day: now.getDate() };
}

/**
 * Take the steps to their end, a little now and the rest while the page has nothing else to do.
 * @template T @param {Generator<undefined, T, undefined>} steps
 * @param {() => boolean} [wanted] asked now and then; once it says no, there is nothing to come
 * @returns {Promise<T | null>} null: not wanted any more
 */
function idly(steps, wanted = () => true) {
  return new Promise((resolve, reject) => {
    const go = () => {
      if (!wanted()) {
        resolve(null);
        return;
      }
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

/** The checks that are here, by mode; "" is that of every language without its own. @type {Map<string, Checker>} */
const checkers = new Map();
/** Those on their way. @type {Map<string, Promise<void>>} */
const coming = new Map();
/** Those that know the words. @type {Set<Checker>} */
const taught = new Set();
/** Whether words are wanted, not the rules alone. */
let wording = false;
/** @type {((text: string, among: Iterable<string>) => string) | undefined} */
let languageOf;
/** @type {() => void} */
let arrived;
/** Settled once texts can be looked at. @type {Promise<void>} */
export const rulesHere = new Promise((resolve) => {
  arrived = resolve;
});
/** What was found in texts, so that a text is read once however many helps ask. @type {Map<string, Scan>} */
let known = new Map();
/** When: what is "3 weeks ago" today, and who is over 89, is another matter tomorrow. */
let knownOn = "";

/** The day that findings are about. */
export const day = () => Object.values(today()).join("-");

function remembered() {
  if (knownOn !== day()) {
    known = new Map();
    knownOn = day();
  }
  return known;
}

/** @param {string} key @param {Scan} found */
function keep(key, found) {
  if (known.size >= KEPT) known.clear();
  known.set(key, found);
  return found;
}

/** What stands in the page's fields: together they tell the language of those that do not tell. */
const texts = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(FIELDS))].map(({ value }) => value);

/** The language of all texts of the page together; undefined while the rules are not here. */
export const spoken = () => languageOf?.("", texts());

/** @param {string} lang */
const modeOf = (lang) => (setup.modes?.[lang] ? lang : "");

/** What the check finds in a text; null while what it needs is not here. @param {string} text */
export function look(text) {
  if (!languageOf) return null;
  const lang = languageOf(text, texts());
  const checker = checkers.get(modeOf(lang));
  if (!checker) {
    void reader(lang);
    return null;
  }
  const key = `${lang} ${text}`;
  return remembered().get(key) ?? keep(key, checker.scan(text, lang, today()));
}

/**
 * What `look` does, without holding up the page.
 * @param {string} text @param {() => boolean} wanted
 * @returns {Promise<Scan | null>} null: no rules here, or not wanted any more
 */
export async function lookIdly(text, wanted) {
  if (!languageOf) return null;
  const lang = languageOf(text, texts());
  const checker = await reader(lang);
  if (!checker) return null;
  const key = `${lang} ${text}`;
  const before = remembered();
  const found = before.get(key) ?? await idly(checker.scanning(text, lang, today()), wanted);
  if (!found) return null;
  // the words may have come meanwhile, or midnight
  if (remembered() !== before) return lookIdly(text, wanted);
  return checkers.get(modeOf(lang)) === checker ? keep(key, found) : found;
}

/** The check for a language; while its own does not come, that for all. @param {string} lang */
async function reader(lang) {
  const mode = modeOf(lang);
  if (!checkers.has(mode)) {
    const fetched = coming.get(mode) ?? fetchMode(mode);
    coming.set(mode, fetched);
    try {
      await fetched;
    } catch {
      // Without a line the next text tries again.
      coming.delete(mode);
    }
  }
  return checkers.get(mode) ?? checkers.get("");
}

/** Fetch a mode, with its words if the others have theirs. @param {string} mode */
async function fetchMode(mode) {
  const checker = await fetchChecker(setup.modes?.[mode]?.rules);
  if (wording) await teach(checker, mode);
  checkers.set(mode, checker);
}

/** @param {string | undefined} address */
async function fetchChecker(address) {
  const response = await fetch(address ?? "");
  if (!response.ok) throw new Error("The rules of the identifier check did not come.");
  const file = await response.json();
  languageOf ??= languages(file);
  return /** @type {Checker} */ (await idly(compiling(file)));
}

/** @param {Checker} checker @param {string} mode */
async function teach(checker, mode) {
  if (taught.has(checker)) return;
  const { listed = [] } = setup.modes?.[mode] ?? setup;
  // while the words are on their way
  void idly(checker.preparing());
  const answers = await Promise.all(listed.map((address) => fetch(address)));
  if (!answers.every((answer) => answer.ok)) throw new Error("The words of the identifier check did not come.");
  const parts = await Promise.all(answers.map((answer) => answer.text()));
  await idly(checker.learning(parts.join("")));
  taught.add(checker);
  known = new Map();
}

/** Fetch the rules; from then on texts are looked at. Throws when they do not come. */
export async function fetchRules() {
  checkers.set("", await fetchChecker(setup.rules));
  arrived();
}

/** Fetch the words; from then on names are found that no rule knows. Throws when they do not come. */
export async function fetchWords() {
  wording = true;
  for (const [mode, checker] of [...checkers]) await teach(checker, mode);
}
