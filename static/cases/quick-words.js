/**
 * What the readers of quick lines share: words, phrases, numbers, and lines cut into entries. Pure.
 * The words come from the server (cases/rules/quick_line.py).
 *
 * @typedef {{text: string, as: string}} Token a word as it was typed, and what it was read as
 */

const EDGES = /^[("'[{“”‘’|]+|[)"'\]}“”‘’.:,|]+$/g;

/** A word as it is looked up. @param {string} word */
export const bare = (word) => word.toLowerCase().replace(EDGES, "");

/** Whether there is anything in a word but signs. @param {string} word */
export const speaks = (word) => /[\p{L}\p{N}]/u.test(word);

/**
 * Phrases by their first word, the longest first.
 * @template T
 * @param {Iterable<[string, T]>} pairs a phrase and what it means
 * @param {(word: string) => string} [fold]
 * @returns {Map<string, [string[], T][]>}
 */
export function phrases(pairs, fold = bare) {
  /** @type {Map<string, [string[], T][]>} */
  const found = new Map();
  for (const [phrase, meaning] of pairs) {
    const words = phrase.split(" ").map(fold);
    found.set(words[0], [...(found.get(words[0]) ?? []), [words, meaning]]);
  }
  for (const list of found.values()) list.sort((a, b) => b[0].length - a[0].length);
  return found;
}

/**
 * The longest phrase that stands at a place.
 * @template T
 * @param {Map<string, [string[], T][]>} index @param {string[]} words folded @param {number} at
 * @returns {{length: number, meaning: T} | null}
 */
export function phraseAt(index, words, at) {
  for (const [parts, meaning] of index.get(words[at]) ?? []) {
    if (parts.every((part, n) => words[at + n] === part)) return { length: parts.length, meaning };
  }
  return null;
}

/** Every way to write an answer, with the answer. @param {Record<string, string[]>} spelled */
export const spellings = (spelled) =>
  Object.entries(spelled).flatMap(([value, ways]) => ways.map((way) => /** @type {[string, string]} */ ([way, value])));

const NUMBER = /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:[.,]\d+)?$|^[.,]\d+$/;
const START = /^(?:x|×)?((?:\d[\d.,]*|[.,]\d+)(?:e\d+)?)(.*)$/;

/** A number as people type it: 1,000 and 0,5 and .5; null for anything else. @param {string} typed */
export function numeral(typed) {
  if (/^\d+(?:\.\d+)?e\d{1,2}$/.test(typed)) return Number(typed);
  const plain = typed.replace(/[.,]$/, "");
  if (!NUMBER.test(plain)) return null;
  const whole = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(plain) ? plain.replaceAll(",", "") : plain.replace(",", ".");
  const value = Number(whole);
  return Number.isFinite(value) ? value : null;
}

/**
 * A word that begins with a number: the number and what is attached to it.
 * @param {string} word folded @returns {{value: number, suffix: string} | null}
 */
export function numbered(word) {
  const parts = START.exec(word);
  const value = parts ? numeral(parts[1]) : null;
  return parts && value !== null ? { value, suffix: parts[2] } : null;
}

/** A number as an input takes it: at most four decimal places, no exponent. @param {number} value */
export const written = (value) => value.toLocaleString("en", { maximumFractionDigits: 4, useGrouping: false });

/**
 * Cut what was typed or pasted into lines, and those at commas; a comma inside a number stays.
 * @param {string} text
 * @returns {string[][]} entries by line, without list marks
 */
export function lines(text) {
  return text.split(/[\n\r;]+/)
    .map((line) => line.replace(/^\s*(?:\d{1,2}[.)]\s+|[-*•·–—]+\s+)/, ""))
    .map((line) => line.split(/,(?!\d)|(?<!\d),/).map((entry) => entry.trim()).filter(speaks))
    .filter((line) => line.length > 0);
}
