/**
 * Reads laboratory results off a line: "a1c 8.2 3w, alt 76" are two rows of the table. Pure; it never
 * throws, and every word ends up in an answer or in `left`, which the author is shown.
 *
 * @typedef {import("cases/quick-words.js").Token} Token
 * @typedef {[string, number, number, number]} Unit name, factor, offset, decimal places
 * @typedef {{units: Unit[], hard: [number, number], usual: [number, number], undetectable?: boolean}} Quantity
 * @typedef {{labs: Record<string, Quantity>, listed: Record<string, string[]>,
 *   vitals: Record<string, Quantity>, tests: Record<string, string[]>, results: Record<string, string>,
 *   multiples: Record<string, Record<string, number>>, labUnits: Record<string, string[]>,
 *   weeks: Record<string, number>}} Data
 * @typedef {{code: string, value: string, unit: string, weeks: string, left: string[], tokens: Token[]}} Row
 */
import { bare, lines, numbered, phraseAt, phrases, speaks, spellings, written } from "cases/quick-words.js";

const MOST_TYPED = 20000;
const OLDEST = 520;
const PASSED = new Set(["was", "is", "of", "ago", "at", "level", "result", "on", "last"]);

/** A word as it is looked up; + and - are results. @param {string} word */
const folded = (word) => (word === "-" || word === "+" ? word : bare(word).replace(/=$/, ""));

/**
 * @param {Data} data
 * @returns {{read: (text: string) => {rows: Row[], rest: string[]}}}
 *   `rest`: entries without any test of the catalogue
 */
export function labReader(data) {
  const tests = phrases(spellings(data.tests), folded);
  const results = phrases(Object.entries(data.results), folded);
  const words = phrases(spellings(data.labUnits), folded);
  const weeksOf = new Map(Object.entries(data.weeks));

  /** @param {string} code */
  const unitsOf = (code) => (data.labs[code]?.units ?? []).map(([name]) => name);

  /** A result in words, when this test can have it. @param {string} code @param {string} said */
  const worded = (code, said) => {
    if (said === "not_done") return said;
    if (code in data.listed) return data.listed[code].includes(said) ? said : null;
    return said === "not_detected" && data.labs[code]?.undetectable ? said : null;
  };

  /** @param {string} text */
  const read = (text) => {
    /** @type {Row[]} */
    const rows = [];
    /** @type {string[]} */
    const rest = [];
    if (text.length > MOST_TYPED) rest.push(text.slice(MOST_TYPED));
    for (const line of lines(text.slice(0, MOST_TYPED).replaceAll(/(\S)[=:](?=\S)/g, "$1 "))) {
      const before = rows.length;
      for (const entry of line) {
        const typed = entry.split(/\s+/u).filter(Boolean);
        const plain = typed.map(folded);
        const first = plain.findIndex((_, at) => phraseAt(tests, plain, at));
        if (first >= 0) take(typed, plain, rows, null);
        else if (rows.length > before && goesOn(plain)) take(typed, plain, rows, rows[rows.length - 1]);
        else rest.push(entry);
      }
      share(rows.slice(before));
    }
    return { rows, rest };
  };

  /** Whether words say more about the test before them. @param {string[]} plain */
  const goesOn = (plain) => Boolean(numbered(plain[0]) || phraseAt(words, plain, 0) || phraseAt(results, plain, 0) || PASSED.has(plain[0]));

  /** One blood draw: an age is also that of the results before it on the line. @param {Row[]} rows */
  const share = (rows) => {
    let weeks = "";
    for (const row of [...rows].reverse()) {
      if (row.weeks !== "") weeks = row.weeks;
      else if (row.value !== "not done" && row.code !== "ast_uln") row.weeks = weeks;
    }
  };

  /** @param {string[]} typed @param {string[]} plain @param {Row[]} rows @param {Row | null} open */
  const take = (typed, plain, rows, open) => {
    let row = open;
    /** @type {Token[]} */
    let waiting = [];
    /** @param {number} from @param {number} length @param {string} as */
    const note = (from, length, as) => {
      const found = typed.slice(from, from + length).map((text) => ({ text, as }));
      if (row) row.tokens.push(...found);
      else waiting.push(...found);
      if (as === "left" && row) row.left.push(typed.slice(from, from + length).join(" "));
    };
    let at = 0;
    while (at < typed.length) {
      const test = phraseAt(tests, plain, at);
      // A word that is a test begins a row, unless the same test has just begun.
      if (test && !(row && row.code === test.meaning && row.value === "")) {
        row = { code: test.meaning, value: "", unit: "", weeks: "", left: [], tokens: waiting };
        for (const { text } of waiting.filter((token) => token.as === "left")) row.left.push(text);
        waiting = [];
        rows.push(row);
        note(at, test.length, "code");
        at += test.length;
      } else if (test) {
        note(at, test.length, "code");
        at += test.length;
      } else if (!speaks(typed[at]) && !["-", "+"].includes(plain[at])) {
        note(at, 1, "sign");
        at += 1;
      } else {
        const found = row ? answer(row, plain, at) : null;
        note(at, found?.length ?? 1, found?.as ?? (PASSED.has(plain[at]) ? "pass" : "left"));
        at += found?.length ?? 1;
      }
    }
  };

  /**
   * What the words at a place say about a row; null when nothing.
   * @param {Row} row @param {string[]} plain @param {number} at @returns {{length: number, as: string} | null}
   */
  const answer = (row, plain, at) => {
    const result = phraseAt(results, plain, at);
    const said = result && row.value === "" ? worded(row.code, result.meaning) : null;
    if (result && said) {
      row.value = said.replaceAll("_", " ");
      row.unit = "";
      return { length: result.length, as: "value" };
    }
    if (row.code in data.listed && row.value === "" && data.listed[row.code].includes(plain[at])) {
      row.value = plain[at];
      return { length: 1, as: "value" };
    }
    const unit = phraseAt(words, plain, at);
    if (unit && row.value !== "") return { length: unit.length, as: inUnit(row, unit.meaning) ? "unit" : "left" };
    const number = numbered(plain[at]);
    if (!number) return null;
    const own = number.suffix;
    const next = own === "" ? (plain[at + 1] ?? "") : own;
    const length = own === "" && next !== "" ? 2 : 1;
    if (row.value === "" && !(row.code in data.listed)) return value(row, number.value, own, next, length);
    const weeks = weeksOf.get(next);
    const whole = weeks === undefined ? -1 : Math.round(number.value * weeks);
    if (weeks === undefined) return null;
    if (row.weeks !== "" || whole > OLDEST) return { length, as: "left" };
    row.weeks = String(whole);
    return { length, as: "weeks" };
  };

  /** @param {Row} row @param {number} number @param {string} own @param {string} next @param {number} length */
  const value = (row, number, own, next, length) => {
    const many = data.multiples[row.code]?.[next];
    const unit = phraseAt(words, [own], 0)?.meaning;
    if (next === "log" && data.labs[row.code]?.undetectable && number < 10) {
      row.value = written(Math.round(10 ** number));
      return { length, as: "value" };
    }
    if (own !== "" && many === undefined && !(unit && inUnit(row, unit))) return null;
    row.value = written(number * (many ?? 1));
    row.unit ||= unitsOf(row.code)[0] ?? "";
    return { length: many === undefined ? 1 : length, as: "value" };
  };

  /** @param {Row} row @param {string} unit */
  const inUnit = (row, unit) => {
    if (!unitsOf(row.code).includes(unit)) return false;
    row.unit = unit;
    return true;
  };

  return { read };
}
