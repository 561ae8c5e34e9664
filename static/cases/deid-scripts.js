/**
 * Sees text in other scripts, which nothing here can read: each run of it is one finding. The same
 * steps as server/deid/scripts.py, with the ranges of rules/fold.json; pure.
 *
 * @typedef {[number, number][]} Ranges
 * @typedef {{scripts: Record<string, Ranges>, alike: Record<string, string>}} Strange
 */

/** Characters that may stand between two parts of one run. */
const GAP = 12;
const BRIDGE = /^(?:[ .,;:'"()/0-9#-]*|[A-Za-z]{1,2})$/;
/** Stretches that are looked at between two yields. */
const SLICE = 2000;
/** What a letter beyond the basic plane is read as: any that tells alone. */
export const FAR = "\u4e00";
const LATIN = "A-Za-z\u00c0-\u024f";

/** @param {Ranges} ranges */
const letters = (ranges) => ranges.filter(([first]) => first < 0x10000)
  .map((range) => range.map((code) => String.fromCharCode(code)).join("-")).join("");

/**
 * The stretches from one place to another that belong to no finding.
 * @param {Uint8Array} taken @param {number} start @param {number} end @returns {[number, number][]}
 */
export function free(taken, start, end) {
  /** @type {[number, number][]} */
  const out = [];
  for (let position = start; position < end;) {
    let last = position;
    while (last < end && !taken[last]) last += 1;
    out.push([position, last]);
    position = last + 1;
  }
  return out;
}

/**
 * What sees such letters: `apart`, what stands between words; `far`, whether a code beyond the basic plane is one; `unmasked`, a text with look-alikes
 * in Latin words as Latin letters; `places`, where words in other scripts stand in a plain text and nothing else has
 * found anything.
 * @param {Strange} signs
 */
export function scriptsOf({ scripts, alike }) {
  const every = letters(Object.values(scripts).flat());
  const strange = new RegExp(`[${every}]{1,100}`, "g");
  const letter = new RegExp(`[${every}]`);
  const telling = new RegExp(Object.entries(scripts).map(([least, ranges]) => `[${letters(ranges)}]{${least}}`).join("|"));
  /** @type {Map<string, string>} */
  const looks = new Map();
  for (const [plain, characters] of Object.entries(alike)) for (const character of characters) looks.set(character, plain);
  const masks = [...looks.keys()].join("");
  const masking = new RegExp(`[${masks}]`);
  const like = LATIN + masks;
  const other = LATIN + every;
  const mixed = new RegExp(`(?<![${other}])(?=[${like}]{0,39}[A-Za-z])[${like}]{2,40}(?![${other}])`, "g");

  /** Where they stand, over small gaps. @param {string} plain @returns {Generator<undefined, [number, number][], undefined>} */
  function* runs(plain) {
    /** @type {[number, number][]} */
    const out = [];
    let [start, end, told, seen] = [0, 0, false, 0];
    for (const { 0: part, index } of plain.matchAll(strange)) {
      seen += 1;
      if (seen % SLICE === 0) yield;
      if (!end || index - end > GAP || !BRIDGE.test(plain.slice(end, index))) {
        if (told) out.push([start, end]);
        [start, told] = [index, false];
      }
      told ||= telling.test(part);
      end = index + part.length;
    }
    if (told) out.push([start, end]);
    return out;
  }

  return {
    apart: new RegExp(`[^${other}]`),
    far: (/** @type {number} */ code) => scripts[1].some(([first, last]) => first <= code && code <= last),
    unmasked: (/** @type {string} */ text) => (masking.test(text)
      ? text.replace(mixed, (word) => word.replace(/[^A-Za-z]/g, (char) => looks.get(char) ?? char))
      : text),
    /** @param {string} plain @param {Uint8Array} taken @returns {Generator<undefined, {start: number, end: number}[], undefined>} */
    *places(plain, taken) {
      const out = [];
      for (const [first, last] of yield* runs(plain)) {
        for (const [from, to] of free(taken, first, last)) {
          let [start, end] = [from, to];
          while (start < end && !letter.test(plain[start])) start += 1;
          while (start < end && !letter.test(plain[end - 1])) end -= 1;
          if (start < end) out.push({ start, end });
        }
      }
      return out;
    },
  };
}
