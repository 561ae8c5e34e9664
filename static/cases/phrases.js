/**
 * Finds the phrases of the helps while writing: the same reading as cases/rules/phrases.py, with
 * shared vectors (tests/vectors/writing). Pure: text stays here.
 *
 * All offsets are code points. Texts are read plain: typographic signs made simple, and one UTF-16
 * unit for each code point, so that an offset means the same here and in Python.
 *
 * @typedef {{key: string, words: string, before?: string, after?: string, not_before?: string,
 *   not_after?: string, exact?: boolean}} PhraseText
 * @typedef {{key: string, words: RegExp, exact: boolean, before: RegExp | null, after: RegExp | null,
 *   notBefore: RegExp | null, notAfter: RegExp | null}} Phrase
 * @typedef {{start: number, end: number, key: string}} Hit
 */

/** @type {Record<string, string>} */
const PLAIN = { "’": "'", "‘": "'", "‐": "-", "‑": "-" };
const LETTER = /[\p{L}\p{N}]/u;
const DIGIT = /\p{Nd}/u;

/** @param {string} text @returns {string} as long as the text has code points */
export function plain(text) {
  return Array.from(text, (c) => PLAIN[c] ?? (c.length === 1 ? c : LETTER.test(c) ? "一" : "�")).join("");
}

/**
 * What patterns read: lower case, and every letter of another alphabet an underscore, which is a
 * letter to a pattern and stands in none. So the plain ASCII classes mean what Python's mean, and
 * cost a phone far less than classes of all Unicode.
 * @param {string} readable a plain text @param {boolean} [cased] keep capitals
 */
export function flat(readable, cased = false) {
  const ascii = readable.replace(/[\x1c-\x1f\x85]/g, " ").replace(/[^\x00-\x7f]/g, (c) => (DIGIT.test(c) ? "0" : LETTER.test(c) ? "_" : c));
  return cased ? ascii : ascii.replace(/[A-Z]+/g, (part) => part.toLowerCase());
}

/** @param {string} source for a flat text @param {string} [flags] */
export const pattern = (source, flags = "") => new RegExp(source, flags);

/** @param {string} words with a blank for any white space */
const spaced = (words) => `(?:${words.replaceAll(" ", "\\s+")})`;

/** @param {string} words what must stand right before */
export const ending = (words) => pattern(`(?<!\\w)${spaced(words)}[\\s\\-]+$`);

/** @param {string} words what must stand right after */
export const opening = (words) => pattern(`^[\\s\\-]*${spaced(words)}(?!\\w)`);

/** @param {string} words all of a plain text, in any letter case */
export const whole = (words) => pattern(`^${spaced(words)}$`, "i");

/** @param {PhraseText[]} texts @returns {Phrase[]} */
export function compile(texts) {
  return texts.map((text) => ({
    key: text.key,
    words: pattern(`(?<![\\w\\-])${spaced(text.words)}(?!\\w)`, "g"),
    exact: text.exact === true,
    before: text.before ? ending(text.before) : null,
    after: text.after ? opening(text.after) : null,
    notBefore: text.not_before ? ending(text.not_before) : null,
    notAfter: text.not_after ? opening(text.not_after) : null,
  }));
}

/** @param {Phrase} phrase @param {string} left @param {string} right */
const fits = (phrase, left, right) =>
  (!phrase.before || phrase.before.test(left)) && (!phrase.after || phrase.after.test(right))
  && !phrase.notBefore?.test(left) && !phrase.notAfter?.test(right);

/**
 * What is found, in the order of the text; of overlapping hits the longest stays.
 * @param {string} readable a plain text @param {Phrase[]} phrases @param {number} near code points
 * @param {[number, number][]} [skip] spans that nothing found may touch
 * @returns {Hit[]}
 */
export function find(readable, phrases, near, skip = []) {
  /** @type {Hit[]} */
  const all = [];
  const text = flat(readable);
  const cased = flat(readable, true);
  for (const phrase of phrases) {
    for (const match of (phrase.exact ? cased : text).matchAll(phrase.words)) {
      const start = match.index;
      const end = start + match[0].length;
      const left = text.slice(Math.max(0, start - near), start);
      if (fits(phrase, left, text.slice(end, end + near))) all.push({ start, end, key: phrase.key });
    }
  }
  const taken = [...skip];
  /** @type {Hit[]} */
  const kept = [];
  all.sort((a, b) => a.start - a.end - (b.start - b.end) || a.start - b.start);
  for (const hit of all) {
    if (taken.some(([start, end]) => hit.start < end && start < hit.end)) continue;
    taken.push([hit.start, hit.end]);
    kept.push(hit);
  }
  return kept.sort((a, b) => a.start - b.start);
}
