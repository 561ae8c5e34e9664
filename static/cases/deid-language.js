/**
 * In which language a text is written, told by small words: the same steps as server/deid/languages.py,
 * so that page and server read a text in the same mode. Pure.
 *
 * @typedef {Map<string, number>} Counts  how many words of which language
 */
import { viewer } from "cases/deid-view.js";

const DEFAULT = "en";
/** So many words of a language must be there, and twice as many as of any other. */
const LEAST = 3;
/** Words in small or in capital letters alone: "Las Cruces" and "Des Moines" tell nothing. */
const WORD = /(?<![A-Za-z])(?:[a-z]+|[A-Z]{2,})(?![A-Za-z])/g;
/** Characters of one text that are looked at: more than a field holds. */
const LONGEST = 20_000;
const SET = "told_";
/** Texts whose words are remembered: a form has fewer. */
const REMEMBERED = 300;

/** @param {Iterable<Counts>} each @returns {string | null} null: they do not tell */
function decided(each) {
  /** @type {Counts} */
  const sum = new Map();
  for (const counts of each) for (const [lang, n] of counts) sum.set(lang, (sum.get(lang) ?? 0) + n);
  const [[first, most] = ["", 0], [, rest] = ["", 0]] = [...sum].sort((a, b) => b[1] - a[1]);
  return most >= Math.max(LEAST, 2 * rest) ? first : null;
}

/**
 * @param {import("cases/deid-view.js").Signs & {sets: Record<string, string>}} file the rules; the words that
 *   tell are its sets told_en, told_es …
 * @returns {(text: string, among: Iterable<string>) => string} the language of a text: its own where it tells, else
 *   that of all the texts it stands among
 */
export function languages(file) {
  /** @type {Map<string, string>} */
  const telling = new Map();
  for (const [name, words] of Object.entries(file.sets)) {
    if (name.startsWith(SET)) for (const word of words.split(" ")) telling.set(word, name.slice(SET.length));
  }
  const reading = viewer(file, function* () {
    return [];
  });
  /** @type {Map<string, Counts>} */
  const known = new Map();

  /** @param {string} text @returns {Counts} */
  function counted(text) {
    const before = known.get(text);
    if (before) return before;
    const steps = reading(text.length > LONGEST ? [...text.slice(0, 2 * LONGEST)].slice(0, LONGEST).join("") : text);
    let step = steps.next();
    while (!step.done) step = steps.next();
    /** @type {Counts} */
    const counts = new Map();
    for (const word of step.value.cased.match(WORD) ?? []) {
      const lang = telling.get(word.toLowerCase());
      if (lang !== undefined) counts.set(lang, (counts.get(lang) ?? 0) + 1);
    }
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, counts);
    return counts;
  }

  return (text, among) => decided([counted(text)]) ?? decided([...among].map(counted)) ?? DEFAULT;
}
