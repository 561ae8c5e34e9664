/**
 * Cuts a text into words and says what is known of each before its surroundings are read. The same
 * steps as server/deid/tokens.py and lexicon.py; pure.
 *
 * @typedef {{text: string, low: string, kind: string, cls: string, is: Nature, shape: string,
 *   owned: boolean, upper: number, cue: string, opens: boolean, sums: Map<string, Int32Array>}} Word
 *   what is known of a word wherever it stands: kind as in a token; its flags and what they come to; how
 *   it is written, with how many capitals; its cue, "-" for none; whether listed phrases begin with it;
 *   what the model says of it, kept by deid-tagger.js
 * @typedef {{start: number, end: number, text: string, low: string, kind: string, word: Word}} Token
 * @typedef {{rough: string, known: boolean, plain: boolean, odd: boolean, common: boolean,
 *   first: boolean, medical: boolean}} Nature  what the flags of a class come to
 * @typedef {{flags: (word: string) => string | undefined, openers: Set<string>, cues: Map<string, string>,
 *   site: string, sets: Record<string, Set<string>>, medical: RegExp, own: RegExp | undefined,
 *   words: Map<string, Word>}} Lexicon  the flags of every listed word; the words with which listed
 *   phrases begin; what words around a name are, and the letter of "site" among them; words by what
 *   they do in a text (rules/reading.json); how medical words end, and how in this mode; the words
 *   that were asked for
 */

const TOKEN = /[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]+(?:[.,:/-][0-9]+)*|\n|[^ \t\r\f\v\nA-Za-z0-9]/g;
const [TAB, LINE, RETURN, BLANK, COMMA, COLON] = [9, 10, 13, 32, 44, 58];
/** Characters of the word list that are read at once. */
const SLICE = 1 << 16;
/** Characters of a text that are cut into words at once, and words that are looked at at once. */
const PIECE = 1 << 13;
const SEEN = 2000;
/** Words that are remembered: many times what a form holds. */
const MOST = 20000;
/** @type {Record<string, string>} */
const ROUGH = { F: "n", f: "n", L: "n", l: "n", P: "p", p: "p", 1: "o", 2: "o", 3: "c", M: "m", K: "k", W: "w", E: "e" };

/** @param {string} text @param {string} flags */
const any = (text, flags) => [...flags].some((flag) => text.includes(flag));
/** @param {string} text @param {string} flags */
const only = (text, flags) => [...text].every((flag) => flags.includes(flag));
/** Does it end with a possessive 's? @param {string} text */
const owned = (text) => text.length > 2 && /'s$/i.test(text);
/** Does it begin with a capital? @param {string} text */
export const capital = (text) => text[0] >= "A" && text[0] <= "Z";

/** @param {string} plain @param {Lexicon} lexicon @returns {Generator<undefined, Token[], undefined>} */
function* cut(plain, lexicon) {
  if (lexicon.words.size > MOST) lexicon.words.clear();
  /** @type {Token[]} */
  const found = [];
  let end = 0;
  for (let from = 0; from < plain.length;) {
    // no token goes over a blank
    const blank = plain.indexOf(" ", from + PIECE);
    const until = blank < 0 ? plain.length : blank;
    for (const text of plain.slice(from, until).match(TOKEN) ?? []) {
      let start = end;
      // only blanks stand between two tokens
      for (let code = plain.charCodeAt(start); code === BLANK || (code >= TAB && code <= RETURN && code !== LINE);) {
        start += 1;
        code = plain.charCodeAt(start);
      }
      end = start + text.length;
      let word = lexicon.words.get(text);
      if (!word) lexicon.words.set(text, word = wordOf(text, lexicon));
      found.push({ start, end, text, low: word.low, kind: word.kind, word });
    }
    from = until;
    yield;
  }
  return found;
}

/** The words, numbers and signs of a plain text, in some steps. */
export const tokens = cut;

/** @param {string} text @param {Lexicon} lexicon @returns {Word} */
function wordOf(text, lexicon) {
  let low = text;
  let kind = ".";
  if (/[A-Za-z]/.test(text[0])) {
    kind = "w";
    low = text.toLowerCase();
    if (low.endsWith("'s") && low.length > 2) low = low.slice(0, -2);
  } else if (/[0-9]/.test(text[0])) low = kind = "0";
  else if (text === "\n") kind = "n";
  let cls = kind;
  if (kind === "w") {
    cls = wordClass(low, lexicon);
    if (cls === "?" && lexicon.own?.test(low)) cls = "M";
  }
  return {
    text,
    low,
    kind,
    cls,
    is: nature(cls),
    shape: kind === "w" ? shape(text) : kind,
    owned: owned(text),
    upper: (text.match(/[A-Z]/g) ?? []).length,
    cue: kind === "w" ? lexicon.cues.get(low) ?? "-" : kind,
    opens: lexicon.openers.has(low),
    sums: new Map(),
  };
}

/** The flags of a word; "?" for an unknown one. @param {string} low @param {Lexicon} lexicon @returns {string} */
function wordClass(low, lexicon) {
  const found = lexicon.flags(low);
  if (found !== undefined) return found;
  if (low.includes("-")) {
    const odd = low.split("-").filter(Boolean).map((part) => wordClass(part, lexicon))
      .filter((part) => !any(part, "123MKWE"));
    return `${odd.length ? odd[0] : "1"}-`;
  }
  for (const ending of lexicon.sets.endings) {
    if (low.endsWith(ending) && low.length - ending.length > 2) {
      const cut = low.slice(0, -ending.length);
      const stem = lexicon.flags(cut) || lexicon.flags(`${cut}e`);
      if (stem !== undefined && any(stem, "123M")) return "1";
    }
  }
  return lexicon.medical.test(low) ? "M" : "?";
}

/** @type {Map<string, Nature>} */
const natures = new Map();

/** @param {string} cls @returns {Nature} */
function nature(cls) {
  let found = natures.get(cls);
  if (!found) {
    const flags = [...cls].filter((flag) => flag !== "-");
    const first = any(cls, "Ff");
    found = {
      rough: [...new Set(flags.map((flag) => ROUGH[flag] ?? flag))].sort().join(""),
      known: cls.includes("K") && !first,
      plain: only(cls, "123MKWE"),
      odd: any(cls, "FfLlPp?"),
      common: cls.includes("3") || (cls.includes("2") && !first),
      first,
      medical: cls.includes("M") && only(cls, "12MWE"),
    };
    natures.set(cls, found);
  }
  return found;
}

/** How a word is written: "a", "A" (one letter), "Aa", "AA", "Ab" (mixed). @param {string} text */
function shape(text) {
  const letters = owned(text) ? text.slice(0, -2) : text;
  const upper = /[A-Z]/.test(letters);
  if (!upper) return "a";
  if (letters.length === 1) return "A";
  if (!/[a-z]/.test(letters)) return "AA";
  const parts = letters.split(/['-]/).filter(Boolean);
  return parts.every((part) => /^[A-Z][a-z]*$/.test(part)) ? "Aa" : "Ab";
}

/** @param {Token[]} found @returns {Generator<undefined, string[], undefined>} */
function* writing(found) {
  let listed = 0;
  let capitals = 0;
  for (const [i, { kind, text }] of found.entries()) {
    if (i % SEEN === SEEN - 1) yield;
    if (kind !== "w") continue;
    listed += 1;
    if (capital(text) && text !== "I") capitals += 1;
  }
  const usual = capitals * 50 < listed || capitals === 0 ? "l" : "m";
  /** @type {string[]} */
  const out = [];
  let begin = 0;
  for (let i = 0; i <= found.length; i += 1) {
    if (i % SEEN === SEEN - 1) yield;
    if (i < found.length && found[i].kind !== "n") continue;
    const end = Math.min(i + 1, found.length);
    let upper = 0;
    let letters = 0;
    for (let j = begin; j < end; j += 1) {
      if (found[j].kind === "w") {
        upper += found[j].word.upper;
        letters += found[j].text.length;
      }
    }
    while (out.length < end) out.push(letters >= 12 && upper * 10 >= letters * 7 ? "u" : usual);
    begin = end;
  }
  return out;
}

/** How the line of each token is written, "u" in capitals, "l" without any, or "m"; in some steps. */
export const modesOf = writing;

/**
 * Read the word list, a few milliseconds' worth of it between two yields. The list stays one text with a
 * table of where words stand in it: a map of a quarter of a million words takes many times as long.
 * @param {string} listed lines of flags, a colon and words; the last line that has a word counts
 * @returns {Generator<undefined, Pick<Lexicon, "flags" | "openers">, undefined>}
 */
function* shelved(listed) {
  // a word and its comma are two characters at least, so that some slots stay free
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(listed.length / 2 + 2)));
  const last = slots.length - 1;
  /** Where lines begin, and their flags. @type {number[]} */
  const lines = [];
  /** @type {string[]} */
  const flags = [];
  /** @type {Set<string>} */
  const openers = new Set();
  const closes = (/** @type {number} */ code) => code === COMMA || code === LINE || Number.isNaN(code);
  const mixed = (/** @type {number} */ hash, /** @type {number} */ code) => Math.imul(hash ^ code, 0x01000193);
  const slotOf = (/** @type {number} */ hash) => (hash ^ (hash >>> 13)) & last;

  /** Do the same words stand at two places? @param {number} a @param {number} b @param {number} end of b */
  function same(a, b, end) {
    let i = 0;
    while (b + i < end && listed.charCodeAt(a + i) === listed.charCodeAt(b + i)) i += 1;
    return b + i === end && closes(listed.charCodeAt(a + i));
  }

  /** Read at least SLICE characters, to the end of a word. @param {number} from @returns {number} where to go on */
  function read(from) {
    let at = from;
    for (const until = from + SLICE; at < until && at < listed.length;) {
      const start = at;
      let hash = 0;
      let blank = 0;
      let code = listed.charCodeAt(at);
      for (; !closes(code) && code !== COLON; code = listed.charCodeAt(at)) {
        hash = mixed(hash, code);
        if (code === BLANK && !blank) blank = at;
        at += 1;
      }
      if (code === COLON) {
        lines.push(at);
        flags.push(listed.slice(start, at));
      } else if (at > start) {
        let slot = slotOf(hash);
        while (slots[slot] && !same(slots[slot], start, at)) slot = (slot + 1) & last;
        slots[slot] = start;
        if (blank) openers.add(listed.slice(start, blank));
      }
      at += 1;
    }
    return at;
  }

  for (let at = 0; at < listed.length; at = read(at)) yield;
  return {
    openers,
    flags(word) {
      let hash = 0;
      for (let i = 0; i < word.length; i += 1) hash = mixed(hash, word.charCodeAt(i));
      let slot = slotOf(hash);
      for (; slots[slot]; slot = (slot + 1) & last) {
        if (!listed.startsWith(word, slots[slot]) || !closes(listed.charCodeAt(slots[slot] + word.length))) continue;
        return flags[lines.findLastIndex((begin) => begin < slots[slot])];
      }
      return undefined;
    },
  };
}

/**
 * @param {string} listed the text of server/deid/lexicon.txt.br, a mode's list behind it
 * @param {Record<string, string>} kinds words by cue, rules/cues.json
 * @param {Record<string, string>} texts rules/reading.json
 * @param {string} [own] a mode's pattern @returns {Generator<undefined, Lexicon, undefined>}
 */
function* reading(listed, kinds, texts, own) {
  /** @type {Map<string, string>} */
  const cues = new Map();
  const letter = (/** @type {number} */ number) => String.fromCharCode(97 + number);
  const names = Object.keys(kinds).sort();
  names.forEach((kind, number) => {
    for (const word of kinds[kind].split(" ")) cues.set(word, (cues.get(word) ?? "") + letter(number));
  });
  return {
    ...(yield* shelved(listed)),
    cues,
    site: letter(names.indexOf("site")),
    sets: Object.fromEntries(Object.entries(texts).map(([name, words]) => [name, new Set(words.split(" "))])),
    medical: new RegExp(`^.{2,}(?:${texts.medical.replaceAll(" ", "|")})$`),
    own: own ? new RegExp(own) : undefined,
    words: new Map(),
  };
}

/** The word list and what else is known of words, in steps. */
export const lexiconOf = reading;
