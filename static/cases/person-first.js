/**
 * Person-first suggestions and safety cues: the same answers as cases/rules/person_first.py and
 * cases/rules/cues.py. Pure. Suggestions never change a word by themselves.
 *
 * @typedef {import("cases/phrases.js").PhraseText} PhraseText
 * @typedef {import("cases/phrases.js").Hit} Hit
 * @typedef {{key: string, found: string, words: string, before?: string, not_after?: string}} WayText
 * @typedef {{phrases: PhraseText[], names: string[], quotes: string, ways: WayText[],
 *   article: string, vowel: string, own_words: string[]}} PersonFirstTables
 * @typedef {{phrases: PhraseText[], reach: number, clause: string, listed: string,
 *   next_to: string, afterwards: string}} CueTables
 * @typedef {{start: number, end: number, words: string}} Replacement
 * @typedef {{start: number, end: number, key: string, ways: Replacement[]}} Suggestion
 */
import { compile, ending, find, flat, opening, pattern, plain, whole } from "cases/phrases.js";

const LETTER = /[\p{L}\p{N}]/u;

/**
 * @param {PersonFirstTables} tables @param {number} near
 * @returns {(text: string) => Suggestion[]} where a text could put the person first, in its order
 */
export function personFirst(tables, near) {
  const phrases = compile(tables.phrases);
  const names = compile(tables.names.map((words) => ({ key: "name", words })));
  const quotes = pattern(tables.quotes, "g");
  const article = pattern(tables.article);
  const vowel = pattern(tables.vowel);
  const ways = tables.ways.map((way) => ({
    key: way.key,
    found: whole(way.found),
    words: way.words,
    before: way.before ? ending(way.before) : null,
    notAfter: way.not_after ? opening(way.not_after) : null,
  }));

  /** @param {string} left @param {string} found @param {Hit} hit @param {string} way @returns {Replacement} */
  const replacement = (left, found, hit, way) => {
    // "Alcoholic" opens a sentence; "MAT" is an abbreviation.
    const words = /^\p{Lu}\p{Ll}/u.test(found) ? way.slice(0, 1).toUpperCase() + way.slice(1) : way;
    const at = flat(left).search(article);
    const right = vowel.test(flat(words)) ? "an" : "a";
    const kept = at < 0 ? right : left.slice(at);
    if (kept.trim().toLowerCase() === right) return { start: hit.start, end: hit.end, words };
    const blank = kept.slice(kept.trimEnd().length);
    return { start: at, end: hit.end, words: kept.slice(0, 1) + right.slice(1) + blank + words };
  };

  /** @param {string} readable @param {Hit} hit @returns {Replacement[]} */
  const waysOf = (readable, hit) => {
    const left = flat(readable.slice(Math.max(0, hit.start - near), hit.start));
    const right = flat(readable.slice(hit.end, hit.end + near));
    const found = readable.slice(hit.start, hit.end);
    const fitting = new Set();
    for (const way of ways) {
      if (way.key !== hit.key || (way.before && !way.before.test(left)) || way.notAfter?.test(right)) continue;
      const match = way.found.exec(found);
      if (match) fitting.add(way.words.replace("$1", () => match[1] ?? ""));
    }
    return [...fitting].map((words) => replacement(readable.slice(0, hit.start), found, hit, words));
  };

  return (text) => {
    const readable = plain(text);
    // Quotation marks are looked for as they were typed.
    const typed = flat(Array.from(text, (c) => (c.length === 1 ? c : LETTER.test(c) ? "一" : "�")).join(""));
    /** @type {[number, number][]} */
    const skip = [...typed.matchAll(quotes)].map((m) => [m.index, m.index + m[0].length]);
    for (const name of find(readable, names, near)) skip.push([name.start, name.end]);
    return find(readable, phrases, near, skip).map((hit) => ({ ...hit, ways: waysOf(readable, hit) }));
  };
}

/**
 * @param {CueTables} tables @param {number} near
 * @returns {(text: string) => Hit[]} words that may mean danger and are not plainly negated
 */
export function safetyCues(tables, near) {
  const phrases = compile(tables.phrases);
  const clause = pattern(tables.clause, "g");
  const listed = pattern(tables.listed);
  const nextTo = pattern(tables.next_to);
  const afterwards = pattern(`^(?:${tables.afterwards})`);
  return (text) => {
    const readable = plain(text);
    const low = flat(readable);
    return find(readable, phrases, near).filter(({ start, end }) => {
      const left = low.slice(Math.max(0, start - tables.reach), start);
      const last = [...left.matchAll(clause)].at(-1);
      const said = last ? left.slice(last.index + last[0].length) : left;
      return !listed.test(said) && !nextTo.test(left) && !afterwards.test(low.slice(end));
    });
  };
}
