/**
 * A text as rules and models read it: of plain characters, one for each code point. The same steps as
 * server/deid/detect.py; pure. A long text is read piece by piece.
 *
 * @typedef {{text: string, raw: string[] | null, plain: string, cased: string, low: string,
 *   origin: number[] | null, starts: (number[] | null)[]}} View  rules tell nothing apart outside ASCII, and
 *   texts without such characters are searched sooner: cased, low; starts: where each rule is worth trying
 *   (deid-begin.js); without raw and origin each character has its place in the text
 * @typedef {import("cases/deid-scripts.js").Strange & {latin: [number, number][], digits: string,
 *   fold: Record<string, string>, drop: [number, number][]}} Signs
 */

import { FAR, scriptsOf } from "cases/deid-scripts.js";

/** What has no plain reading of its own: everything but printable ASCII and line ends. */
const UNUSUAL = /[^\n -~]/gu;
/** UTF-16 units that are read at once. */
const PIECE = 1 << 14;
/** More than a word has that is read as a whole. */
const WORD = 64;

/**
 * @param {string} text @param {RegExp} apart what stands between words
 * @returns {string[]} the text in pieces that cut no character in two, and no word
 */
function pieces(text, apart) {
  const out = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + PIECE, text.length);
    if (end < text.length && /** @type {number} */ (text.codePointAt(end - 1)) > 0xffff) end += 1;
    const behind = text.slice(end, end + WORD).search(apart);
    if (behind >= 0) end += behind;
    else if (end + WORD >= text.length) end = text.length;
    out.push(text.slice(start, end));
    start = end;
  }
  return out;
}

/**
 * @param {Signs} signs which characters are read as which, and which are not read at all
 * @param {import("cases/deid-begin.js").Starts} startsOf
 * @returns {(text: string) => Generator<undefined, View, undefined>}
 */
export function viewer(signs, startsOf) {
  /** @type {Map<string, string>} */
  const fold = new Map();
  for (const [first, last] of signs.latin) {
    for (let code = first; code <= last; code += 1) {
      const base = String.fromCodePoint(code).normalize("NFKD")[0];
      if (base < "\x80") fold.set(String.fromCodePoint(code), base);
    }
  }
  for (const zero of signs.digits) {
    for (let n = 0; n < 10; n += 1) fold.set(String.fromCodePoint(/** @type {number} */ (zero.codePointAt(0)) + n), `${n}`);
  }
  for (const [plain, characters] of Object.entries(signs.fold)) {
    for (const character of characters) fold.set(character, plain);
  }
  const { apart, far, unmasked } = scriptsOf(signs);
  const dropped = (/** @type {number} */ code) => signs.drop.some(([first, last]) => first <= code && code <= last);

  return function* (text) {
    let moved = false;
    let plain = "";
    let cased = "";
    for (const piece of pieces(text, apart)) {
      const read = unmasked(piece).replace(UNUSUAL, (character) => {
        const code = /** @type {number} */ (character.codePointAt(0));
        const gone = dropped(code);
        moved ||= gone || character.length > 1;
        if (gone) return "";
        return fold.get(character) ?? (character.length < 2 ? character : far(code) ? FAR : "\ufffd");
      });
      plain += read;
      cased += read.replace(/[\u0080-\uffff]/g, "\x80");
      yield;
    }
    /** @type {string[] | null} */
    const raw = moved ? [] : null;
    /** @type {number[] | null} */
    const origin = moved ? [] : null;
    if (raw && origin) {
      for (const piece of pieces(text, apart)) {
        for (const character of piece) {
          if (!dropped(/** @type {number} */ (character.codePointAt(0)))) origin.push(raw.length);
          raw.push(character);
        }
        yield;
      }
      origin.push(raw.length);
    }
    const low = cased.toLowerCase();
    yield;
    return { text, raw, plain, cased, low, origin, starts: yield* startsOf(cased) };
  };
}
