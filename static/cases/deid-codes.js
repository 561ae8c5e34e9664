/**
 * Reads numbers in their surroundings: which of them single somebody out, which are a date. The same
 * steps as server/deid/codes.py, with the same weights; pure.
 *
 * @typedef {import("cases/deid-words.js").Lexicon} Lexicon
 * @typedef {import("cases/deid-joined.js").Span} Span
 * @typedef {{limit: number, base: number, weights: Record<string, [number, number]>}} CodeModel
 * @typedef {{start: number, end: number, text: string, number: boolean, key: string}} Piece
 * @typedef {(plain: string, taken: Uint8Array) => Generator<undefined, Span[], undefined>} Counter  what finds the
 *   numbers that single somebody out, in small steps; `taken` says which characters something else has found
 */

import { capital } from "cases/deid-words.js";

const PIECES = /[A-Za-z0-9]+(?:[-/._*#+@&'\\][A-Za-z0-9]+)*/g;
const RUNS = /[0-9]+|[a-z]+|[A-Z]+|[^0-9a-zA-Z]/g;
const YEAR = /^(?:19|20)[0-9]{2}(?:[-/](?:(?:19|20)?[0-9]{2}))?$/;
const DECIMAL = /^(?:[0-9]*\.[0-9]{3,}|[0-9]{3,}\.[0-9]+)$/;
const DIGITS = /^[0-9]+$/;
const CAPITALS = /^[^a-z]*$/;
const LINKS = new Set(["_", "-", ".", "/", "//", ","]);
/** @type {[string, string][]} what a neighbour's flags come to: the first that holds */
const KINDS = [["m", "M"], ["c", "32"], ["n", "FfLl"], ["p", "Pp"], ["o", "1"]];
const BEFORE = 4;
const ACROSS = 3;
const MOST = 9;
/** Words and numbers that are read at once, and numbers about which the model is asked at once. */
const READ = 1000;
const ASKED = 50;

/** How a number is written: runs of digits (0), capitals (A), small letters (a), signs. @param {string} text */
const form = (text) => text.replace(RUNS, (run) => {
  const sign = /[0-9]/.test(run) ? "0" : capital(run) ? "A" : /[a-z]/.test(run) ? "a" : "";
  return sign ? `${sign}${Math.min(run.length, MOST)}` : run;
});

/** How many noughts a number ends with. @param {string} text */
function noughts(text) {
  let many = 0;
  while (text[text.length - 1 - many] === "0") many += 1;
  return many;
}

/** Whether "14.3" may be a day and a month. @param {string} text */
function dayMonth(text) {
  const parts = text.split(/[./-]/);
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => DIGITS.test(part) && part.length < 5)) return "x";
  if (parts[0].length > 2 || parts[1].length > 2) return "x";
  const [first, second] = parts.map(Number);
  const month = first > 0 && first < 13 && second > 0 && second < 32 ? "m" : "";
  const day = second > 0 && second < 13 && first > 0 && first < 32 ? "d" : "";
  return `${month}${day}${parts.length}`;
}

/** @param {Lexicon} lexicon @param {CodeModel} model @returns {Counter} */
export function codesOf(lexicon, model) {
  const weights = new Map(Object.entries(model.weights));
  return function* (plain, taken) {
    /** @type {Piece[]} */
    const found = [];
    /** What stands before each, and behind the last: "_" a blank, "n" a line's end, or signs. @type {string[]} */
    const gaps = [];
    for (const { 0: text, index } of plain.matchAll(PIECES)) {
      const number = /[0-9]/.test(text);
      const between = plain.slice(found[found.length - 1]?.end ?? index, index);
      const apart = found.length === 0 || between.includes("\n");
      gaps.push(apart ? "n" : between.replace(/[^!-~]/g, "").slice(0, 2) || "_");
      found.push({ start: index, end: index + text.length, text, number, key: number ? form(text) : text.toLowerCase() });
      if (found.length % READ === 0) yield;
    }
    gaps.push("n");

    /** @param {number} i */
    function rough(i) {
      const one = found[i];
      if (!one) return "^";
      if (one.number) return "0";
      const flags = lexicon.flags(one.key) ?? "?";
      const kind = KINDS.find(([, of]) => [...of].some((flag) => flags.includes(flag)))?.[0] ?? "?";
      return (!capital(one.text) ? "a" : CAPITALS.test(one.text) && one.text.length < 6 ? "A" : "B") + kind;
    }

    /** @param {number} i @returns {string[]} */
    function features(i) {
      const { text, key: shape } = found[i];
      const many = Math.min(text.replace(/[^0-9]/g, "").length, 10);
      const kind = shape.replaceAll("0", "N").replace(/[0-9]/g, "");
      const [before, after] = [gaps[i], gaps[i + 1]];
      const [b1, b2] = [found[i - 1]?.key ?? "^", found[i - 2]?.key ?? "^"];
      const [a1, a2] = [found[i + 1]?.key ?? "$", found[i + 2]?.key ?? "$"];
      const [rb, ra] = [rough(i - 1), rough(i + 1)];
      const day = dayMonth(text);
      const out = [
        `f${shape}`, `r${kind}`, `d${many}|${Math.min(text.length - many, 4)}`, `z${text[0] === "0" ? 1 : 0}|${many}`,
        `u${noughts(text)}|${many}`,
        `y${day}`, `y${day}|${b1}`, `y${day}|${a1}`, `y${day}|${ra}`,
        `g${before}|${after}`, `h${before}|${shape}`, `i${after}|${shape}`,
        `b${b1}`, `b${b1}|${before}|${many}`, `b${b1}|${shape}`, `b${b1}|${kind}`, `B${b2}|${b1}`, `c${b2}`, `c${b2}|${many}`,
        `a${a1}`, `a${a1}|${kind}`, `a${a1}|${many}`, `A${a1}|${a2}`, `e${a2}`,
        `p${rb}|${shape}`, `p${rb}|${before}|${many}`, `n${ra}|${shape}`, `n${ra}|${after}|${many}`,
        `m${rb}|${ra}|${kind}`, `o${rough(i - 2)}|${rb}|${many}`, `l${before === "n" ? 1 : 0}|${kind}`,
      ];
      for (let j = Math.max(0, i - BEFORE); j < i; j += 1) {
        if (!found[j].number) out.push(`w${found[j].key}`, `w${found[j].key}|${many > 3 ? 1 : 0}`);
      }
      out.push(`k${found.slice(Math.max(0, i - ACROSS), i + ACROSS + 1).filter((piece) => piece.number).length}|${many}`);
      return out;
    }

    const free = (/** @type {Piece} */ piece) => !taken.subarray(piece.start, piece.end).includes(1);
    /** Whether a piece could single somebody out: no short number, year or decimal. @param {Piece} piece */
    const candidate = ({ text, number }) =>
      number && !YEAR.test(text) && !DECIMAL.test(text) && (text.length > 2 || !DIGITS.test(text));

    /** What the model says of a number: "code", "date", or nothing. @param {number} i */
    function kindOf(i) {
      let anything = 0;
      let day = model.base;
      for (const feature of features(i)) {
        const told = weights.get(feature);
        if (!told) continue;
        anything += told[0];
        day += told[1];
      }
      return anything > model.limit ? (day > 0 ? "date" : "code") : "";
    }

    const kinds = new Array(found.length).fill("");
    for (let i = 0, asked = 0; i < found.length; i += 1) {
      if (i % READ === READ - 1) yield;
      if (!candidate(found[i]) || !free(found[i])) continue;
      kinds[i] = kindOf(i);
      asked += 1;
      if (asked % ASKED === 0) yield;
    }

    /** Whether a piece before a number is the beginning of it: "XKL 188230", "29 A7K16", "C1R 004". @param {Piece} piece */
    function prefix({ text, number, key }) {
      if (number) return text.length < (DIGITS.test(text) ? 3 : 5) && CAPITALS.test(text);
      return CAPITALS.test(text) && text.length < 6 && !/[123M]/.test(lexicon.flags(key) ?? "");
    }

    /** How many pieces further a number goes on: to the next, or over one to the next but one. @param {number} last */
    function step(last) {
      if (!LINKS.has(gaps[last + 1])) return 0;
      if (kinds[last + 1] === "code") return 1;
      const next = found[last + 1];
      return next.number && LINKS.has(gaps[last + 2]) && free(next) && kinds[last + 2] === "code" ? 2 : 0;
    }

    /** @type {Span[]} */
    const out = [];
    let behind = 0;
    for (let i = 0; i < found.length; i += 1) {
      if (i % READ === READ - 1) yield;
      if (!kinds[i]) continue;
      let [first, last] = [i, i];
      if (kinds[i] === "code") {
        for (let more = step(last); more; more = step(last)) last += more;
        if (i > behind && gaps[i] === "_" && prefix(found[i - 1]) && free(found[i - 1])) first -= 1;
        const next = found[last + 1];
        if (gaps[last + 1] === "_" && next.text.length === 1 && capital(next.text) && free(next)) last += 1;
      }
      out.push({ start: found[first].start, end: found[last].end, kind: kinds[i] });
      i = last;
      behind = last + 1;
    }
    return out;
  };
}
