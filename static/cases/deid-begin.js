/**
 * Where matches of patterns can begin, so that most are never tried. server/deid/begin.py reads it
 * off each pattern, load.py sends it: the first characters of a match, those that share all but the
 * last as one part ("mr.0" is "mr." and "mr0"), with one sign for any letter or digit. Pure.
 *
 * @typedef {(flat: string) => Generator<undefined, (number[] | null)[], undefined>} Starts  for each pattern
 *   the ascending offsets at which it is worth trying, null where all are; in some steps
 */

/** As in server/deid/begin.py. */
const LONGEST = 3;
/** Patterns that are read at once. */
const SLICE = 32;
/** Characters that are looked at at once. */
const PIECE = 1 << 13;
const [LOWER, UPPER, DIGIT, SIGN] = "àÀº¡";
const [BLANK, LETTER, NUMBER, OTHER] = [0, 1, 2, 3];

/** What each character up to the one that stands for all outside ASCII is. */
const CLASSES = Uint8Array.from({ length: 129 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (char === " ") return BLANK;
  return /[A-Za-z]/.test(char) ? LETTER : /[0-9]/.test(char) ? NUMBER : OTHER;
});

/** The sign that stands for a character among others. @param {string} char */
function signOf(char) {
  if (char === " " || char === "\n") return char;
  if (char >= "a" && char <= "z") return LOWER;
  if (char >= "A" && char <= "Z") return UPPER;
  return char >= "0" && char <= "9" ? DIGIT : SIGN;
}

/** The beginnings that one part names. @param {string} part @returns {string[]} */
function split(part) {
  if (part.length < LONGEST) return [part];
  const head = part.slice(0, LONGEST - 1);
  return [...part.slice(LONGEST - 1)].map((tail) => head + tail);
}

/**
 * Read the beginnings, some patterns' worth of them between two yields.
 * @param {(string | null)[]} begins for each pattern how it begins, null: anywhere
 * @param {boolean[]} cased for each whether it reads capitals
 * @returns {Generator<undefined, Starts, undefined>} for a text of ASCII characters and "\x80"
 */
function* indexing(begins, cased) {
  /** Patterns that begin alike are one group and share their offsets. @type {Map<string, number>} */
  const alike = new Map();
  /** Groups by what they begin with, and what that begins with. @type {Map<string, number[]>} */
  const low = new Map([["", []]]);
  /** @type {Map<string, number[]>} */
  const exact = new Map([["", []]]);
  /** @type {number[]} */
  const groups = [];
  for (const [i, how] of begins.entries()) {
    if (i % SLICE === SLICE - 1) yield;
    groups.push(how === null ? -1 : groupOf(how, cased[i]));
  }

  /** @param {string} how @param {boolean} exactly */
  function groupOf(how, exactly) {
    const same = `${exactly} ${how}`;
    const before = alike.get(same);
    if (before !== undefined) return before;
    const group = alike.size;
    alike.set(same, group);
    const table = exactly ? exact : low;
    for (const piece of how.split("\t").flatMap(split)) {
      for (let n = 1; n <= piece.length; n += 1) {
        const head = piece.slice(0, n);
        let listed = table.get(head);
        if (!listed) table.set(head, listed = []);
        if (n === piece.length) listed.push(group);
      }
    }
    return group;
  }

  /** @type {Map<string, number[]>} */
  const known = new Map();

  /** @param {Map<string, number[]>} table @param {string} key @param {string} read of it @param {Set<number>} into */
  function find(table, key, read, into) {
    const listed = table.get(read);
    if (!listed) return;
    for (const group of listed) into.add(group);
    const char = key[read.length];
    if (char === undefined) return;
    find(table, key, read + char, into);
    if (signOf(char) !== char) find(table, key, read + signOf(char), into);
  }

  /** The groups that can begin with these characters. @param {string} key @returns {number[]} */
  function found(key) {
    /** @type {Set<number>} */
    const into = new Set();
    find(low, key.toLowerCase(), "", into);
    find(exact, key, "", into);
    return [...into];
  }

  return function* (flat) {
    const own = Array.from(alike, () => /** @type {number[]} */ ([]));
    for (let start = 0, rest = PIECE; start < flat.length;) {
      if (start > rest) {
        yield;
        rest = start + PIECE;
      }
      const kind = CLASSES[flat.charCodeAt(start)];
      let end = start + 1;
      if (kind === LETTER || kind === NUMBER) while (CLASSES[flat.charCodeAt(end)] === kind) end += 1;
      if (kind !== BLANK) {
        const key = flat.slice(start, start + LONGEST);
        let listed = known.get(key);
        if (!listed) known.set(key, listed = found(key));
        for (const group of listed) own[group].push(start);
      }
      start = end;
    }
    return groups.map((group) => (group < 0 ? null : own[group]));
  };
}

/** What says where patterns are worth trying, made in small steps. */
export const beginnings = indexing;
