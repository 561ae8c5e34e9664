/**
 * Reads words in their surroundings: which of them name a person, a place or an employer. The same
 * steps as server/deid/reader.py and tagger.py, with the same words and weights; pure.
 *
 * @typedef {import("cases/deid-words.js").Lexicon} Lexicon
 * @typedef {import("cases/deid-words.js").Word} Word
 * @typedef {import("cases/deid-words.js").Nature} Nature
 * @typedef {import("cases/deid-joined.js").Span} Span
 * @typedef {{limit: number, again: number, beside: number, base: [number, number, number],
 *   weights: Record<string, import("cases/deid-features.js").Weights>, codes?: import("cases/deid-codes.js").CodeModel}} Model
 * @typedef {import("cases/deid-features.js").Branch} Branch
 * @typedef {(plain: string) => Generator<undefined, Span[], undefined>} Tagger  what finds names, places and
 *   employers in a plain text, in small steps
 */

import { get, plus, treeOf } from "cases/deid-features.js";
import { joined } from "cases/deid-joined.js";
import { capital, modesOf, tokens } from "cases/deid-words.js";

const ENDS = new Set([".", "!", "?", ";"]);
/** Medical words up to this long are as often something else. */
const SHORT = 4;
/** Words about which the model is asked at once, and those that are looked at for less. */
const [ASKED, SEEN] = [25, 2000];

/**
 * @param {Lexicon} lexicon @param {Model} model
 * @returns {Generator<undefined, Tagger, undefined>}
 */
function* tagging(lexicon, model) {
  const tree = yield* treeOf(model.weights);
  /** As in reader.py, by the letter with which features begin. @type {Record<string, Branch | undefined>} */
  const by = Object.fromEntries(tree);
  const { quotes, titles, sentence, passed, placed, near, join } = lexicon.sets;

  /** What speaks for a word wherever it stands. @param {Word} word @param {string} mode @param {string} begin */
  function ownSum(word, mode, begin) {
    const known = word.sums.get(mode + begin);
    if (known) return known;
    const { low, cls } = word;
    const form = mode === "m" ? word.shape : mode;
    const sum = Int32Array.of(0, ...model.base);
    plus(sum, by.f, form + begin);
    plus(sum, plus(sum, by.c, cls), form + begin);
    plus(sum, get(by.r, word.is.rough), form + begin);
    plus(sum, plus(sum, by.w, low), form);
    plus(sum, by.x, low.slice(-3));
    plus(sum, by.y, low.slice(-4));
    if (cls === "?") {
      const whole = `^${low}$`;
      for (let k = 0; k < Math.min(whole.length - 2, 14); k += 1) plus(sum, by.g, whole.slice(k, k + 3));
    }
    if (word.owned) plus(sum, get(by.o, ""), form);
    word.sums.set(mode + begin, sum);
    return sum;
  }

  return function* (plain) {
    const found = yield* tokens(plain, lexicon);
    const count = found.length;
    /** @type {Nature[]} */
    const is = [];
    for (const { word } of found) {
      if (is.push(word.is) % SEEN === 0) yield;
    }
    const modes = yield* modesOf(found);
    const phrases = yield* phrasesOf();

    function* phrasesOf() {
      /** @type {string[]} */
      const out = new Array(count).fill("");
      for (let i = 0; i < count; i += 1) {
        if (i % SEEN === SEEN - 1) yield;
        if (!found[i].word.opens) continue;
        let phrase = found[i].low;
        for (let j = i + 1; j < Math.min(i + 5, count) && found[j].kind === "w"; j += 1) {
          phrase += ` ${found[j].low}`;
          const flags = lexicon.flags(phrase);
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

    const look = (/** @type {number} */ i) => found[i]?.word.shape ?? "^";
    const key = (/** @type {number} */ i) => (i < 0 ? "^" : i >= count ? "$" : found[i].low);
    const kin = (/** @type {number} */ i) => is[i]?.rough ?? "^";

    /** @param {number} i @param {string} previous */
    function candidate(i, previous) {
      const token = found[i];
      const { known, plain: usual, odd, common, first, medical } = is[i];
      if (token.kind !== "w" || (medical && !previous && token.low.length > SHORT)) return false;
      if (token.text.length === 1) return previous !== "" && capital(token.text);
      const mixed = modes[i] === "m";
      if (mixed && capital(token.text)) {
        if (known && !previous && !placed.has(key(i - 1))) {
          return i + 1 < count && !found[i + 1].word.cls.includes("K") && ["Aa", "Ab"].includes(look(i + 1));
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
        else if (token.kind === "." && !sign && passed.has(token.text)) sign = token.text;
        else {
          out.push(sign + token.word.cue);
          sign = "";
        }
      }
      return [out[0], out[1]];
    }

    /** The kinds of cues among the six tokens before, in this sentence. @param {number} i */
    function cued(i) {
      let kinds = "";
      for (let j = i - 1; j >= Math.max(0, i - 6); j -= 1) {
        const { kind, text, word } = found[j];
        if (kind === "n" || ENDS.has(text)) break;
        if (kind === "w" && word.cue !== "-") for (const cue of word.cue) if (!kinds.includes(cue)) kinds += cue;
      }
      return kinds || "-";
    }

    /** What speaks for a token where it stands. @param {number} i @param {string} previous */
    function score(i, previous) {
      const { word } = found[i];
      const mode = modes[i];
      const form = mode === "m" ? word.shape : mode;
      const begin = starts(i) ? "s" : "i";
      const like = word.is.rough;
      const sum = ownSum(word, mode, begin).slice();
      const [before, after] = [key(i - 1), key(i + 1)];
      const [second, next] = [key(i - 2), key(i + 2)];
      let [fb, fa] = [look(i - 1), look(i + 1)];
      if (mode !== "m") {
        if (!"^0.n".includes(fb)) fb = mode;
        if (!"$0.n".includes(fa)) fa = mode;
      }
      const [q1, q2] = around(i, -1);
      const [k1, k2] = around(i, 1);
      const b = plus(sum, by.b, before);
      plus(sum, b, form);
      plus(sum, b, like);
      const a = plus(sum, by.a, after);
      plus(sum, a, form);
      plus(sum, a, like);
      plus(sum, get(by.B, second), before);
      plus(sum, get(by.A, after), next);
      plus(sum, by[2], second);
      plus(sum, by[3], next);
      plus(sum, get(get(by.C, kin(i - 1)), like), form);
      plus(sum, get(get(by.D, like), kin(i + 1)), form);
      const q = get(by.Q, q1);
      plus(sum, q, form);
      plus(sum, q, like);
      plus(sum, get(get(by.R, q2), q1), form);
      const k = get(by.K, k1);
      plus(sum, k, form + begin);
      plus(sum, k, like);
      plus(sum, get(get(by.L, k1), k2), form);
      plus(sum, get(get(by.M, q1), form), k1);
      plus(sum, by.S, fb + form + fa);
      const t = get(by.t, previous);
      plus(sum, t, form);
      plus(sum, t, like);
      for (const cue of cued(i)) plus(sum, get(by.Z, cue), form);
      if (phrases[i]) plus(sum, plus(sum, by.p, phrases[i]), form);
      return sum;
    }

    /** @type {string[]} */
    const kinds = [];
    /** @type {([number, string] | null)[]} */
    const sums = [];
    let previous = "";
    for (let i = 0, asked = 0; i < count; i += 1) {
      if (i % SEEN === SEEN - 1) yield;
      let kind = "";
      /** @type {[number, string] | null} */
      let scored = null;
      if (candidate(i, previous)) {
        asked += 1;
        if (asked % ASKED === 0) yield;
        const [anything, name, place, employer] = score(i, previous);
        scored = [anything, name >= Math.max(place, employer) ? "name" : place >= employer ? "place" : "employer"];
        if (anything > model.limit) [, kind] = scored;
      }
      sums.push(scored);
      kinds.push(kind);
      previous = kind || (joins(i) ? previous : "");
    }
    yield* spread();
    return yield* joined({ found, is, modes, lexicon, starts, joins }, kinds);

    /** Words count that count elsewhere in the text, and those before a word that counts. */
    function* spread() {
      /** @type {Map<string, string>} */
      const said = new Map();
      for (let i = 0; i < count; i += 1) {
        if (i % SEEN === SEEN - 1) yield;
        const { low } = found[i];
        if (kinds[i] && low.length > 2 && !is[i].common && !said.has(low)) said.set(low, kinds[i]);
      }
      for (let i = count - 1; i >= 0; i -= 1) {
        if (i % SEEN === SEEN - 1) yield;
        const scored = sums[i];
        if (kinds[i] || !scored) continue;
        const again = said.get(found[i].low);
        if (again && scored[0] > model.limit - model.again) kinds[i] = again;
        else if (kinds[i + 1] && scored[0] > model.limit - model.beside) kinds[i] = kinds[i + 1];
      }
    }
  };
}

/** What tags a text, made in small steps. */
export const taggerOf = tagging;
