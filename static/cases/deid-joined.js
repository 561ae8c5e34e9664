/**
 * Joins the words that the model has tagged to whole names, places and employers. The same steps as
 * server/deid/joined.py; pure.
 *
 * @typedef {import("cases/deid-words.js").Token} Token
 * @typedef {import("cases/deid-words.js").Nature} Nature
 * @typedef {import("cases/deid-words.js").Lexicon} Lexicon
 * @typedef {{found: Token[], is: Nature[], modes: string[], lexicon: Lexicon,
 *   starts: (i: number) => boolean, joins: (i: number) => boolean}} Read  a text that has been read
 * @typedef {{start: number, end: number, kind: string}} Span  offsets in the plain view
 */

/** Words that are looked at at once. */
const SLICE = 1000;

/**
 * @param {Read} read @param {string[]} kinds one for each token, "" for none
 * @returns {Generator<undefined, Span[], undefined>}
 */
function* joining(read, kinds) {
  const { found, lexicon: { sets } } = read;
  const { named, sited, placed } = around(read);
  /** @type {Span[]} */
  const out = [];
  let free = 0;
  for (let i = 0, rest = SLICE; i < kinds.length;) {
    if (i > rest) {
      yield;
      rest = i + SLICE;
    }
    let kind = kinds[i];
    if (!kind) {
      i += 1;
      continue;
    }
    let first = i;
    let end = i;
    for (let j = i + 1; j < kinds.length; j += 1) {
      if (kinds[j] && (kinds[j] === kind || (kind !== "name" && kinds[j] !== "name") || j === end + 1)) {
        if (kind === "place" || kinds[j] === "place") kind = "place";
        end = j;
      } else if (!(read.joins(j) || (kind !== "name" && sets.links.has(found[j].low))) || j - end > 2) break;
    }
    if (kind === "name" && placed(first)) kind = "place";
    const [begin, last] = kind === "name" ? named(first, end) : sited(first, end);
    first = Math.max(begin, free);
    end = last;
    free = end + 1;
    i = free;
    // "St Luke's" keeps its possessive, a person does not
    const cut = kind === "name" && found[end].kind === "w" && found[end].word.owned ? 2 : 0;
    out.push({ start: found[first].start, end: found[end].end - cut, kind });
  }
  return out;
}

/** What joins tagged words, in some steps. */
export const joined = joining;

/** What stands around tagged words and belongs to them. @param {Read} read */
function around({ found, is, modes, lexicon, starts }) {
  const { sets, cues, site } = lexicon;
  const has = (/** @type {number} */ i, /** @type {string} */ name) => found[i] !== undefined && sets[name].has(found[i].low);
  const sign = (/** @type {number} */ i, /** @type {string} */ texts) =>
    found[i] !== undefined && found[i].text.length === 1 && texts.includes(found[i].text);
  const word = (/** @type {number} */ i) => found[i]?.kind === "w";
  const capital = (/** @type {number} */ i) => word(i) && modes[i] === "m" && ["Aa", "Ab", "AA"].includes(found[i].word.shape);
  // not "I", and not the sex after an age ("34 F")
  const initial = (/** @type {number} */ i) => word(i) && found[i].text !== "I" && found[i].word.shape === "A"
    && !(["F", "M"].includes(found[i].text) && found[i - 1]?.kind === "0");
  const near = (/** @type {number} */ i) => found[i + 1].start - found[i].end <= 1;
  const ofSite = (/** @type {number} */ i) => word(i) && (cues.get(found[i].low) ?? "").includes(site);
  const given = (/** @type {number} */ i) =>
    is[i].first || (is[i].odd && !is[i].known && !is[i].common && !starts(i));
  const placelike = (/** @type {number} */ i) =>
    is[i].odd && !is[i].known && (is[i].rough.includes("p") || !is[i].first);

  /** "ST ELIGIUS", "camp laurel" @param {number} first */
  const placed = (first) => has(first - 1 - Number(sign(first - 1, ".")), "saints");

  /** Initials and names beside a name: "R. Castle", "Castle, R", "Will X". @param {number} begin @param {number} last @returns {[number, number]} */
  function named(begin, last) {
    let [first, end] = [begin, last];
    while (first && capital(first - 1) && given(first - 1)) first -= 1;
    while (capital(end + 1) && is[end + 1].rough.includes("n")) end += 1;
    let dotted = false;
    while (first > 1 && found[first - 1].text === "." && found[first - 1].end + 1 >= found[first].start && initial(first - 2)) {
      first -= 2;
      dotted = true;
    }
    if (initial(first - 1)) {
      first -= 1;
      dotted = true;
    }
    if (dotted && capital(first - 1) && is[first - 1].odd) first -= 1;
    const after = end + 1 + Number(sign(end + 1, ","));
    if (initial(after) && (after === end + 1 || !word(after + 1))) end = after + Number(sign(after + 1, "."));
    else if (after > end + 1 && word(after) && modes[after] !== "l" && ["Aa", "AA"].includes(found[after].word.shape)
      && ["n", "?", "np"].includes(is[after].rough)) end = after;
    else if (modes[end] === "l" && word(end + 1) && found[end + 1].text.length === 1 && sign(end + 2, ".")
      && found[end + 2].start === found[end + 1].end) end += 2;
    return [first, end];
  }

  /** Where "the pilot" begins in "at the pilot in …" when i is its second "in". @param {number} i */
  function stop(i) {
    for (const j of [i - 2, i - 3]) {
      if (has(j, "articles") && has(j - 1, "before")) {
        for (let k = j + 1; k < i; k += 1) if (!word(k)) return null;
        return j;
      }
    }
    return null;
  }

  /** House number, "St.", "the", "colonia", other capitals. @param {number} begin */
  function left(begin) {
    let first = begin;
    while (first) {
      const i = first - 1;
      const halt = has(i, "within") ? stop(i) : null;
      if (sign(i, ".") && near(i) && has(i - 1, "holy")) first -= 2;
      else if (!near(i)) break;
      else if (capital(i) && !(starts(i) && is[i].common)) first -= 1;
      else if (has(i, "holy") || ofSite(i)) first -= 1;
      else if (has(i, "within") && ofSite(i - 1)) first -= 2;
      else if (has(i, "of") && capital(i - 1)) first -= 2;
      else if (halt !== null) first = halt;
      else break;
    }
    if (first && near(first - 1)) {
      const house = found[first - 1];
      if (house.kind === "0" && house.end - house.start > 1) first -= 1;
      else if (has(first - 1, "articles")) first -= 1;
    }
    return first;
  }

  /** "dispensary", "Ward 6", "apt 4" behind it. @param {number} end */
  function right(end) {
    let last = end;
    for (let j = end + 1; word(j) && j - last <= 3; j += 1) {
      const own = ofSite(j) || has(j, "tails") || capital(j);
      if (!own && !has(j, "plain")) break;
      if (own) last = j;
    }
    if (sign(last + 1, ".") && has(last, "short") && has(last + 2, "tails")) last += 2;
    const after = last + 1 + Number(sign(last + 1, ","));
    if (has(after, "states") && (modes[after] !== "m" || capital(after))) last = after;
    else if (after > last + 1 && capital(after) && placelike(after)) last = after;
    return numbered(last);
  }

  /** With its unit and number: "…, apt 4", "Ward 6", "Ifo 2". @param {number} last */
  function numbered(last) {
    let j = last + 1 + Number(sign(last + 1, ",#"));
    if (has(j, "units")) {
      j += 1 + Number(sign(j + 1, ".#"));
      if (found[j]?.kind === "0") return lettered(j);
      return word(j) && /^[A-Z]$/.test(found[j].text) ? j : last;
    }
    const number = last + 1;
    if (found[number]?.kind !== "0" || !near(last)) return last;
    const closed = number + 1 === found.length || (!word(number + 1) && !sign(number + 1, "/%-+x"));
    const small = /^[0-9]{1,3}$/.test(found[number].text);
    return has(last, "units") || (closed && small) ? lettered(number) : last;
  }

  /** A number with its letter: "14-B", "7F". @param {number} i */
  function lettered(i) {
    const j = i + 1 + Number(sign(i + 1, "-"));
    return word(j) && found[j].text.length === 1 && found[j].start - found[i].end === j - i - 1 ? j : i;
  }

  /** @param {number} first @param {number} end @returns {[number, number]} */
  const sited = (first, end) => [left(first), right(end)];
  return { named, sited, placed };
}
