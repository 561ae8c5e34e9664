/**
 * Where matches of patterns can begin, so that most are never tried. server/deid/begin.py reads it
 * off each pattern, load.py sends at most two letters of each beginning as `at`: "a-z", "A-Z", "0-9",
 * letters with which a word begins, a word followed by "=", any other character. Pure.
 *
 * @typedef {(plain: string) => (number[] | null)[]} Starts  for each pattern the ascending offsets at
 *   which it is worth trying, null where all are
 */

const [BLANK, LETTER, DIGIT, SIGN, STRANGE] = [0, 1, 2, 3, 4];
const LONGEST = 2;
/** Stands for every character outside ASCII. */
const OTHER = "\x80";
/** @type {Record<string, string[]>} */
const RANGES = { "a-z": [..."abcdefghijklmnopqrstuvwxyz"], "A-Z": [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"], "0-9": [..."0123456789"] };

/** What a character is; behind the end a sign. @param {number} code */
function kindOf(code) {
  if ((code > 96 && code < 123) || (code > 64 && code < 91)) return LETTER;
  if (code === 32) return BLANK;
  if (code > 47 && code < 58) return DIGIT;
  return code > 127 ? STRANGE : SIGN;
}

/** @param {{at?: string, case?: boolean}[]} rules @returns {Starts} */
export function beginnings(rules) {
  /** Patterns that begin alike share their offsets: those that begin with any word are many. @type {Map<string, number>} */
  const alike = new Map();
  /** @type {Map<string, number[]>} */
  const low = new Map();
  /** @type {Map<string, number[]>} */
  const cased = new Map();
  const groups = rules.map(({ at, case: reads = false }) => {
    if (at === undefined) return -1;
    const known = alike.get(`${reads} ${at}`);
    if (known !== undefined) return known;
    const group = alike.size;
    alike.set(`${reads} ${at}`, group);
    const table = reads ? cased : low;
    for (const part of new Set(at.split(" ").flatMap((read) => RANGES[read] ?? [read]))) {
      const listed = table.get(part);
      if (listed) listed.push(group);
      else table.set(part, [group]);
    }
    return group;
  });
  /** @type {Map<string, number[]>} */
  const known = new Map();

  /** The groups that can begin at a piece. @param {string} key its first letters, "=" behind it when that is all @returns {number[]} */
  function found(key) {
    const small = key.toLowerCase();
    const out = new Set();
    for (let n = 1; n <= key.length; n += 1) {
      for (const group of low.get(small.slice(0, n)) ?? []) out.add(group);
      for (const group of cased.get(key.slice(0, n)) ?? []) out.add(group);
    }
    return [...out];
  }

  return (plain) => {
    const own = Array.from(alike, () => /** @type {number[]} */ ([]));
    for (let start = 0; start < plain.length;) {
      const kind = kindOf(plain.charCodeAt(start));
      let end = start + 1;
      if (kind === LETTER || kind === DIGIT) while (kindOf(plain.charCodeAt(end)) === kind) end += 1;
      if (kind !== BLANK) {
        let key = kind === STRANGE ? OTHER : plain[start];
        if (kind === LETTER) key = end - start > LONGEST ? plain.slice(start, start + LONGEST) : `${plain.slice(start, end)}=`;
        let listed = known.get(key);
        if (!listed) known.set(key, listed = found(key));
        for (const group of listed) own[group].push(start);
      }
      start = end;
    }
    return groups.map((group) => (group < 0 ? null : own[group]));
  };
}
