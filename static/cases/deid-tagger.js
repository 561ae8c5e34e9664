/**
 * Reads words in their surroundings: which of them name a person, a place or an employer. The same
 * steps as server/deid/reader.py and tagger.py, with the same words and weights; pure.
 *
 * @typedef {import("cases/deid-words.js").Lexicon} Lexicon
 * @typedef {import("cases/deid-joined.js").Span} Span
 * @typedef {{limit: number, again: number, beside: number, base: [number, number, number],
 *   weights: Record<string, [number, number, number, number]>}} Model
 */

import { joined } from "cases/deid-joined.js";
import { capital, modesOf, nature, owned, shape, tokens, wordClass } from "cases/deid-words.js";

const ENDS = new Set([".", "!", "?", ";"]);

/** @param {string} plain @param {Lexicon} lexicon @param {Model} model @returns {Span[]} */
export function tagged(plain, lexicon, model) {
  const found = tokens(plain);
  const count = found.length;
  const classes = found.map((token) => {
    if (token.kind !== "w") return token.kind;
    const cls = wordClass(token.low, lexicon);
    return cls === "?" && lexicon.own?.test(token.low) ? "M" : cls;
  });
  const is = classes.map(nature);
  const modes = modesOf(found);
  const phrases = phrasesOf();
  const { quotes, titles, sentence, passed, placed, near, join } = lexicon.sets;

  function phrasesOf() {
    /** @type {string[]} */
    const out = new Array(count).fill("");
    for (let i = 0; i < count; i += 1) {
      let phrase = found[i].low;
      for (let j = i + 1; found[i].kind === "w" && j < Math.min(i + 5, count) && found[j].kind === "w"; j += 1) {
        phrase += ` ${found[j].low}`;
        const flags = lexicon.flags.get(phrase);
        if (flags !== undefined) out.fill(flags[flags.length - 1], i, j + 1);
      }
    }
    return out;
  }

  /** @param {number} i */
  function starts(i) {
    let j = i - 1;
    while (j >= 0 && quotes.has(found[j].text)) j -= 1;
    if (j < 0) return true;
    const last = found[j - 1];
    if (found[j].text === "." && last?.kind === "w" && (titles.has(last.low) || last.text.length === 1)) return false;
    return found[j].kind === "n" || sentence.has(found[j].text);
  }

  /** @param {number} i */
  function look(i) {
    if (i < 0 || i >= count) return "^";
    return found[i].kind === "w" ? shape(found[i].text) : found[i].kind;
  }

  /** @param {number} i @param {string} previous */
  function candidate(i, previous) {
    const token = found[i];
    if (token.kind !== "w") return false;
    if (token.text.length === 1) return previous !== "" && capital(token.text);
    const { known, plain: usual, odd, common, first } = is[i];
    const mixed = modes[i] === "m";
    if (mixed && capital(token.text)) {
      if (known && !previous && !placed.has(key(i - 1))) {
        return i + 1 < count && !classes[i + 1].includes("K") && ["Aa", "Ab"].includes(look(i + 1));
      }
      return previous !== "" || !usual || !starts(i);
    }
    if (known || !odd) return previous !== "" && !known && !mixed;
    return !common || previous !== "" || first || (i > 0 && near.has(found[i - 1].low));
  }

  /** @param {number} i */
  function joins(i) {
    const token = found[i];
    if (token.kind === "w") return join.has(token.low) || (token.text.length === 1 && capital(token.text));
    if (token.text === ".") {
      const before = found[i - 1];
      return before !== undefined && before.kind === "w" && before.end === token.start
        && (before.text.length === 1 || titles.has(before.low));
    }
    return token.text === "-" || token.text === "&" || token.text === "'";
  }

  /** @param {number} i @param {number} step @returns {[string, string]} */
  function around(i, step) {
    /** @type {string[]} */
    const out = [];
    let sign = "";
    for (let j = i + step; out.length < 2; j += step) {
      const token = found[j];
      if (!token) out.push("^");
      else if (token.kind === "." && passed.has(token.text) && !sign) sign = token.text;
      else {
        out.push(sign + (token.kind === "w" ? lexicon.cues.get(token.low) ?? "-" : token.kind));
        sign = "";
      }
    }
    return [out[0], out[1]];
  }

  const key = (/** @type {number} */ i) => (i < 0 ? "^" : i >= count ? "$" : found[i].low);
  const kin = (/** @type {number} */ i) => is[i]?.rough ?? "^";

  /** The kinds of cues among the six tokens before, in this sentence. @param {number} i */
  function cued(i) {
    /** @type {Set<string>} */
    const kinds = new Set();
    for (let j = i - 1; j >= Math.max(0, i - 6); j -= 1) {
      const { kind, text, low } = found[j];
      if (kind === "n" || ENDS.has(text)) break;
      if (kind === "w") for (const cue of lexicon.cues.get(low) ?? "") kinds.add(cue);
    }
    return kinds.size ? [...kinds] : ["-"];
  }

  /** @param {number} i @param {string} previous */
  function features(i, previous) {
    const { low, text } = found[i];
    const own = classes[i];
    const mode = modes[i];
    const form = mode === "m" ? shape(text) : mode;
    const begin = starts(i) ? "s" : "i";
    const [before, after] = [key(i - 1), key(i + 1)];
    const [b2, a2] = [key(i - 2), key(i + 2)];
    let [fb, fa] = [look(i - 1), look(i + 1)];
    if (mode !== "m") {
      if (!"^0.n".includes(fb)) fb = mode;
      if (!"$0.n".includes(fa)) fa = mode;
    }
    const like = is[i].rough;
    const [q1, q2] = around(i, -1);
    const [k1, k2] = around(i, 1);
    const out = [
      `f${form}${begin}`, `c${own}`, `c${own}|${form}${begin}`, `r${like}|${form}${begin}`,
      `w${low}`, `w${low}|${form}`,
      `b${before}`, `b${before}|${form}`, `b${before}|${like}`,
      `a${after}`, `a${after}|${form}`, `a${after}|${like}`,
      `B${b2}|${before}`, `A${after}|${a2}`, `2${b2}`, `3${a2}`,
      `C${kin(i - 1)}|${like}|${form}`, `D${like}|${kin(i + 1)}|${form}`,
      `Q${q1}|${form}`, `Q${q1}|${like}`, `R${q2}|${q1}|${form}`,
      `K${k1}|${form}${begin}`, `K${k1}|${like}`, `L${k1}|${k2}|${form}`, `M${q1}|${form}|${k1}`,
      `S${fb}${form}${fa}`,
      `t${previous}|${form}`, `t${previous}|${like}`, `x${low.slice(-3)}`, `y${low.slice(-4)}`,
    ];
    for (const cue of cued(i)) out.push(`Z${cue}|${form}`);
    if (own === "?") {
      const whole = `^${low}$`;
      for (let k = 0; k < Math.min(whole.length - 2, 14); k += 1) out.push(`g${whole.slice(k, k + 3)}`);
    }
    if (phrases[i]) out.push(`p${phrases[i]}`, `p${phrases[i]}|${form}`);
    if (owned(text)) out.push(`o|${form}`);
    return out;
  }

  /** @type {string[]} */
  const kinds = [];
  /** @type {([number, string] | null)[]} */
  const sums = [];
  let previous = "";
  for (let i = 0; i < count; i += 1) {
    let kind = "";
    /** @type {[number, string] | null} */
    let scored = null;
    if (candidate(i, previous)) {
      let anything = 0;
      let [name, place, employer] = model.base;
      for (const feature of features(i, previous)) {
        if (!Object.hasOwn(model.weights, feature)) continue;
        const weights = model.weights[feature];
        anything += weights[0];
        name += weights[1];
        place += weights[2];
        employer += weights[3];
      }
      scored = [anything, name >= Math.max(place, employer) ? "name" : place >= employer ? "place" : "employer"];
      if (anything > model.limit) [, kind] = scored;
    }
    sums.push(scored);
    kinds.push(kind);
    previous = kind || (joins(i) ? previous : "");
  }
  spread();
  return joined({ found, is, modes, lexicon, starts, joins }, kinds);

  /** Words count that count elsewhere in the text, and those before a word that counts. */
  function spread() {
    /** @type {Map<string, string>} */
    const said = new Map();
    kinds.forEach((kind, i) => {
      const { low } = found[i];
      if (kind && low.length > 2 && !is[i].common && !said.has(low)) said.set(low, kind);
    });
    for (let i = count - 1; i >= 0; i -= 1) {
      const scored = sums[i];
      if (kinds[i] || !scored) continue;
      const again = said.get(found[i].low);
      if (again && scored[0] > model.limit - model.again) kinds[i] = again;
      else if (kinds[i + 1] && scored[0] > model.limit - model.beside) kinds[i] = kinds[i + 1];
    }
  }
}
