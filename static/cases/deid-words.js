/**
 * Cuts a text into words and says what is known of each before its surroundings are read. The same
 * steps as server/deid/tokens.py and lexicon.py; pure.
 *
 * @typedef {{start: number, end: number, text: string, low: string, kind: string}} Token
 * @typedef {{rough: string, known: boolean, plain: boolean, odd: boolean, common: boolean,
 *   first: boolean}} Nature  what the flags of a class come to
 * @typedef {{flags: Map<string, string>, cues: Map<string, string>, site: string,
 *   sets: Record<string, Set<string>>, medical: RegExp, own: RegExp | undefined}} Lexicon  every listed
 *   word's flags; what words around a name are, and the letter of "site" among them; words by what
 *   they do in a text (rules/reading.json); how medical words end, and how in this mode
 */

const TOKEN = /[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]+(?:[.,:/-][0-9]+)*|\n|[^ \t\r\f\v\nA-Za-z0-9]/g;
/** @type {Record<string, string>} */
const ROUGH = { F: "n", f: "n", L: "n", l: "n", P: "p", p: "p", 1: "o", 2: "o", 3: "c", M: "m", K: "k", W: "w", E: "e" };

/** @param {string} text @param {string} flags */
export const any = (text, flags) => [...flags].some((flag) => text.includes(flag));
/** @param {string} text @param {string} flags */
const only = (text, flags) => [...text].every((flag) => flags.includes(flag));
/** Does it end with a possessive 's? @param {string} text */
export const owned = (text) => text.length > 2 && /'s$/i.test(text);
/** Does it begin with a capital? @param {string} text */
export const capital = (text) => text[0] >= "A" && text[0] <= "Z";

/** @param {string} plain @returns {Token[]} */
export function tokens(plain) {
  return [...plain.matchAll(TOKEN)].map((m) => {
    const [text] = m;
    const token = { start: m.index, end: m.index + text.length, text, low: text, kind: "." };
    if (/[A-Za-z]/.test(text[0])) {
      const low = text.toLowerCase();
      return { ...token, low: low.endsWith("'s") && low.length > 2 ? low.slice(0, -2) : low, kind: "w" };
    }
    if (/[0-9]/.test(text[0])) return { ...token, low: "0", kind: "0" };
    return text === "\n" ? { ...token, kind: "n" } : token;
  });
}

/** The flags of a word; "?" for an unknown one. @param {string} low @param {Lexicon} lexicon @returns {string} */
export function wordClass(low, lexicon) {
  const found = lexicon.flags.get(low);
  if (found !== undefined) return found;
  if (low.includes("-")) {
    const odd = low.split("-").filter(Boolean).map((part) => wordClass(part, lexicon))
      .filter((part) => !any(part, "123MKWE"));
    return `${odd.length ? odd[0] : "1"}-`;
  }
  for (const ending of lexicon.sets.endings) {
    if (low.endsWith(ending) && low.length - ending.length > 2) {
      const cut = low.slice(0, -ending.length);
      const stem = lexicon.flags.get(cut) || lexicon.flags.get(`${cut}e`);
      if (stem !== undefined && any(stem, "123M")) return "1";
    }
  }
  return lexicon.medical.test(low) ? "M" : "?";
}

/** @type {Map<string, Nature>} */
const natures = new Map();

/** @param {string} cls @returns {Nature} */
export function nature(cls) {
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
    };
    natures.set(cls, found);
  }
  return found;
}

/** How a word is written: "a", "A" (one letter), "Aa", "AA", "Ab" (mixed). @param {string} text */
export function shape(text) {
  const letters = owned(text) ? text.slice(0, -2) : text;
  const upper = /[A-Z]/.test(letters);
  if (!upper) return "a";
  if (letters.length === 1) return "A";
  if (!/[a-z]/.test(letters)) return "AA";
  const parts = letters.split(/['-]/).filter(Boolean);
  return parts.every((part) => /^[A-Z][a-z]*$/.test(part)) ? "Aa" : "Ab";
}

/**
 * How the line of each token is written: "u" in capitals, "l" without any, or "m".
 * @param {Token[]} found @returns {string[]}
 */
export function modesOf(found) {
  const listed = found.filter((token) => token.kind === "w");
  const capitals = listed.filter((token) => capital(token.text) && token.text !== "I").length;
  const usual = capitals * 50 < listed.length || capitals === 0 ? "l" : "m";
  /** @type {string[]} */
  const out = [];
  let begin = 0;
  for (let i = 0; i <= found.length; i += 1) {
    if (i < found.length && found[i].kind !== "n") continue;
    const end = Math.min(i + 1, found.length);
    let upper = 0;
    let letters = 0;
    for (let j = begin; j < end; j += 1) {
      if (found[j].kind === "w") {
        upper += (found[j].text.match(/[A-Z]/g) || []).length;
        letters += found[j].text.length;
      }
    }
    while (out.length < end) out.push(letters >= 12 && upper * 10 >= letters * 7 ? "u" : usual);
    begin = end;
  }
  return out;
}

/**
 * @param {string} listed the text of server/deid/lexicon.txt.br, a mode's list behind it
 * @param {Record<string, string>} kinds words by cue, rules/cues.json
 * @param {Record<string, string>} texts rules/reading.json
 * @param {string} [own] a mode's pattern @returns {Lexicon}
 */
export function lexiconOf(listed, kinds, texts, own) {
  /** @type {Map<string, string>} */
  const cues = new Map();
  const letter = (/** @type {number} */ number) => String.fromCharCode(97 + number);
  const names = Object.keys(kinds).sort();
  names.forEach((kind, number) => {
    for (const word of kinds[kind].split(" ")) cues.set(word, (cues.get(word) ?? "") + letter(number));
  });
  /** @type {Map<string, string>} */
  const flags = new Map();
  for (const line of listed.trim().split("\n")) {
    const cut = line.indexOf(":");
    const found = line.slice(0, cut);
    for (const word of line.slice(cut + 1).split(",")) flags.set(word, found);
  }
  return {
    flags,
    cues,
    site: letter(names.indexOf("site")),
    sets: Object.fromEntries(Object.entries(texts).map(([name, words]) => [name, new Set(words.split(" "))])),
    medical: new RegExp(`^.{2,}(?:${texts.medical.replaceAll(" ", "|")})$`),
    own: own ? new RegExp(own) : undefined,
  };
}
