/**
 * Reads words in their surroundings: which of them name a person, a place or an employer. The same
 * steps as server/deid/tagger.py, with the same words and weights; pure.
 *
 * @typedef {{start: number, end: number, text: string, low: string, kind: string}} Token
 * @typedef {{limit: number, base: [number, number, number],
 *   weights: Record<string, [number, number, number, number]>}} Model
 * @typedef {{flags: Map<string, string>, cues: Map<string, string>}} Lexicon  every listed word's
 *   flags; what words around a name are
 * @typedef {{start: number, end: number, kind: string}} Span  offsets in the plain view
 */

const TOKEN = /[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]+(?:[.,:/-][0-9]+)*|\n|[^ \t\r\f\v\nA-Za-z0-9]/g;
const words = (/** @type {string} */ list) => new Set(list.split(" "));
const NEAR = words("in from near to at around outside of town village by toward towards via past");
const JOIN = words("of the de la del las los du des le and & y el al bin ibn van von der da dos do san santa st saint our at for");
const PLACED = words("at for");
const ENDINGS = ["s", "es", "ed", "d", "ing", "ly", "er", "ers", "ies", "ness", "al", "like", "able"];
const MEDICAL = /^.{2,}(?:itis|emia|aemia|osis|oses|pathy|pathies|mab|nib|pril|prils|sartan|azole|statin|statins|idine|amine|mycin|cillin|floxacin|vir|oxetine|azepam|zolam|azine|apine|idone|olol|dipine|gliptin|gliflozin|glutide|uria|algia|ectomy|otomy|oscopy|plasty|gram|graphy|plegia|paresis|phasia|phagia|pnea|trophy|cytosis|penia|genic|genesis|ology|ologist|iatric|iatry|oma|omas)$/;
const LINKS = words("on and in the at , &");
const UNITS = words("apt apartment unit suite ste ward block zone sector cell camp lot space room floor no line hut section phase bldg building km mile pod dorm");
const SITE = "g";
const PLAIN = words("county state general community regional public mental behavioral rural health medical sub-county fire police care family");
const PASSED = new Set([",", "(", ")", '"', ":", "'", "/"]);
/** @type {Record<string, string>} */
const ROUGH = { F: "n", f: "n", L: "n", l: "n", P: "p", p: "p", 1: "o", 2: "o", 3: "c", M: "m", K: "k", W: "w" };
const SENTENCE = new Set(["\n", ".", "!", "?", ":", ";", "*", ">", "|"]);
const QUOTES = new Set(['"', "'", "(", "[", "-"]);
const TITLES = words("dr mr mrs ms st jr sr prof vs approx no fr rev hon lt sgt capt col ft mt");

/** @param {string} text @param {string} flags */
const any = (text, flags) => [...flags].some((flag) => text.includes(flag));
/** @param {string} text @param {string} flags */
const only = (text, flags) => [...text].every((flag) => flags.includes(flag));
const owned = (/** @type {string} */ text) => text.length > 2 && /'s$/i.test(text);
const capital = (/** @type {string} */ text) => text[0] >= "A" && text[0] <= "Z";

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

/** @param {string} low @param {Map<string, string>} lexicon @returns {string} */
function wordClass(low, lexicon) {
  const found = lexicon.get(low);
  if (found !== undefined) return found;
  if (low.includes("-")) {
    const odd = low.split("-").filter(Boolean).map((part) => wordClass(part, lexicon))
      .filter((part) => !any(part, "123MKW"));
    return `${odd.length ? odd[0] : "1"}-`;
  }
  for (const ending of ENDINGS) {
    if (low.endsWith(ending) && low.length - ending.length > 2) {
      const cut = low.slice(0, -ending.length);
      const stem = lexicon.get(cut) || lexicon.get(`${cut}e`);
      if (stem !== undefined && any(stem, "123M")) return "1";
    }
  }
  return MEDICAL.test(low) ? "M" : "?";
}

/**
 * @typedef {{rough: string, known: boolean, plain: boolean, odd: boolean, common: boolean,
 *   first: boolean}} Nature  what the flags of a class come to
 */
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
      plain: only(cls, "123MKW"),
      odd: any(cls, "FfLlPp?"),
      common: cls.includes("3") || (cls.includes("2") && !first),
      first,
    };
    natures.set(cls, found);
  }
  return found;
}

/** @param {string} text */
function shape(text) {
  const letters = owned(text) ? text.slice(0, -2) : text;
  const upper = /[A-Z]/.test(letters);
  if (!upper) return "a";
  if (letters.length === 1) return "A";
  if (!/[a-z]/.test(letters)) return "AA";
  const parts = letters.split(/['-]/).filter(Boolean);
  return parts.every((part) => /^[A-Z][a-z]*$/.test(part)) ? "Aa" : "Ab";
}

/** @param {Token[]} found @returns {string[]} */
function modesOf(found) {
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

/** @param {string} plain @param {Lexicon} lexicon @param {Model} model @returns {Span[]} */
export function tagged(plain, lexicon, model) {
  const found = tokens(plain);
  const count = found.length;
  const classes = found.map((token) => (token.kind === "w" ? wordClass(token.low, lexicon.flags) : token.kind));
  const is = classes.map(nature);
  const modes = modesOf(found);
  const phrases = phrasesOf();

  function phrasesOf() {
    /** @type {string[]} */
    const out = new Array(count).fill("");
    for (let i = 0; i < count; i += 1) {
      let joined = found[i].low;
      for (let j = i + 1; found[i].kind === "w" && j < Math.min(i + 5, count) && found[j].kind === "w"; j += 1) {
        joined += ` ${found[j].low}`;
        const flags = lexicon.flags.get(joined);
        if (flags !== undefined) out.fill(flags[flags.length - 1], i, j + 1);
      }
    }
    return out;
  }

  /** @param {number} i */
  function starts(i) {
    let j = i - 1;
    while (j >= 0 && QUOTES.has(found[j].text)) j -= 1;
    if (j < 0) return true;
    if (found[j].text === "." && j > 0 && (TITLES.has(found[j - 1].low) || found[j - 1].text.length === 1)) return false;
    return SENTENCE.has(found[j].text);
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
      if (known && !previous && !PLACED.has(key(i - 1))) {
        return i + 1 < count && !classes[i + 1].includes("K") && ["Aa", "Ab"].includes(look(i + 1));
      }
      return previous !== "" || !usual || !starts(i);
    }
    if (known || !odd) return previous !== "" && !known && !mixed;
    return !common || previous !== "" || first || (i > 0 && NEAR.has(found[i - 1].low));
  }

  /** @param {number} i */
  function joins(i) {
    const token = found[i];
    if (token.kind === "w") return JOIN.has(token.low) || (token.text.length === 1 && capital(token.text));
    if (token.text === ".") {
      const before = found[i - 1];
      return before !== undefined && before.kind === "w" && before.end === token.start
        && (before.text.length === 1 || TITLES.has(before.low));
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
      else if (token.kind === "." && PASSED.has(token.text) && !sign) sign = token.text;
      else {
        out.push(sign + (token.kind === "w" ? lexicon.cues.get(token.low) ?? "-" : token.kind));
        sign = "";
      }
    }
    return [out[0], out[1]];
  }

  const key = (/** @type {number} */ i) => (i < 0 ? "^" : i >= count ? "$" : found[i].low);
  const kin = (/** @type {number} */ i) => is[i]?.rough ?? "^";

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
  let previous = "";
  for (let i = 0; i < count; i += 1) {
    let kind = "";
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
      if (anything > model.limit) {
        kind = name >= Math.max(place, employer) ? "name" : place >= employer ? "place" : "employer";
      }
    }
    kinds.push(kind);
    previous = kind || (joins(i) ? previous : "");
  }

  /** @type {Span[]} */
  const out = [];
  const finish = (/** @type {Token} */ token) => token.end - (token.kind === "w" && owned(token.text) ? 2 : 0);
  let free = 0;
  for (let i = 0; i < count;) {
    let kind = kinds[i];
    if (!kind) {
      i += 1;
      continue;
    }
    let first = i;
    let end = i;
    for (let j = i + 1; j < count; j += 1) {
      if (kinds[j] && (kinds[j] === kind || (kind !== "name" && kinds[j] !== "name") || j === end + 1)) {
        if (kind === "place" || kinds[j] === "place") kind = "place";
        end = j;
      } else if (!(joins(j) || (kind !== "name" && LINKS.has(found[j].low))) || j - end > 2) break;
    }
    const [begin, last] = kind === "name" ? named(first, end) : sited(first, end);
    first = Math.max(begin, free);
    end = last;
    free = end + 1;
    i = free;
    out.push({ start: found[first].start, end: finish(found[end]), kind });
  }
  return out;

  /** @param {number} first @param {number} end @returns {[number, number]} */
  function named(first, end) {
    const initial = (/** @type {number} */ i) =>
      found[i]?.kind === "w" && found[i].text !== "I" && shape(found[i].text) === "A";
    const beside = (/** @type {number} */ i) =>
      found[i]?.kind === "w" && modes[i] === "m" && shape(found[i].text) === "Aa";
    let [begin, last] = [first, end];
    while (beside(begin - 1) && is[begin - 1].first) begin -= 1;
    while (beside(last + 1) && is[last + 1].rough.includes("n")) last += 1;
    while (begin > 1 && found[begin - 1].text === "." && found[begin - 1].end + 1 >= found[begin].start
      && found[begin - 2].kind === "w" && shape(found[begin - 2].text) === "A") begin -= 2;
    if (initial(begin - 1)) begin -= 1;
    const after = last + 1 + (found[last + 1]?.text === "," ? 1 : 0);
    if (initial(after) && (after === last + 1 || found[after + 1]?.kind !== "w")) last = after;
    return [begin, last];
  }

  /** @param {number} first @param {number} end @returns {[number, number]} */
  function sited(first, end) {
    const site = (/** @type {number} */ i) => (lexicon.cues.get(found[i].low) ?? "").includes(SITE);
    let [begin, last] = [first, end];
    const house = found[first - 1];
    if (house && house.kind === "0" && house.end + 1 === found[first].start && house.end - house.start >= 2) begin -= 1;
    for (let j = last + 1; found[j]?.kind === "w" && j - last <= 3 && (site(j) || PLAIN.has(found[j].low)); j += 1) {
      if (site(j)) last = j;
    }
    let j = last + 1;
    if (found[j] && (found[j].text === "," || found[j].text === "#")) j += 1;
    if (found[j] && UNITS.has(found[j].low)) {
      j += 1;
      if (found[j] && (found[j].text === "." || found[j].text === "#")) j += 1;
      if (found[j]?.kind === "0") last = j;
    } else if (j === last + 1 && found[j]?.kind === "0" && UNITS.has(found[last].low)) last = j;
    return [begin, last];
  }
}

/**
 * @param {string} listed the text of server/deid/lexicon.txt.br
 * @param {Record<string, string>} kinds words by cue, rules/cues.json @returns {Lexicon}
 */
export function lexiconOf(listed, kinds) {
  /** @type {Map<string, string>} */
  const cues = new Map();
  Object.keys(kinds).sort().forEach((kind, number) => {
    for (const word of kinds[kind].split(" ")) {
      cues.set(word, (cues.get(word) ?? "") + String.fromCharCode(97 + number));
    }
  });
  /** @type {Map<string, string>} */
  const out = new Map();
  for (const line of listed.trim().split("\n")) {
    const cut = line.indexOf(":");
    const flags = line.slice(0, cut);
    for (const word of line.slice(cut + 1).split(",")) out.set(word, flags);
  }
  return { flags: out, cues };
}
