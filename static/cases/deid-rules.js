/**
 * The rules of the identifier check, and what each of them finds in a text: the same steps as
 * server/deid/detect.py; pure. A long text is searched a few tries at a time.
 *
 * @typedef {{id: string, re: string, category?: string, tier?: string, case?: boolean,
 *   say?: string, check?: string, in?: Record<string, string>, not?: Record<string, string>,
 *   has?: string}} RuleText  has: for speed; a text in which this is not found holds no match
 * @typedef {{macros: Record<string, string>, lists: Record<string, string>, at: (string | null)[],
 *   say: Say}} Terms  what rules are written with; at: how they begin (deid-begin.js)
 * @typedef {{id: string, order: number, category: string, tier: string, text: string, cased: boolean, has: RegExp | null,
 *   say: string | undefined, check: string | undefined, within: [string, Set<string>][],
 *   without: [string, Set<string>][]}} Rule
 * @typedef {{start: number, end: number, rule: Rule, words: string | null}} Match  offsets in the plain view
 * @typedef {import("cases/deid-dates.js").Say} Say
 * @typedef {import("cases/deid-dates.js").Day} Day
 * @typedef {import("cases/deid-dates.js").When} When
 * @typedef {import("cases/deid-dates.js").Groups} Groups
 * @typedef {import("cases/deid-view.js").View} View
 */

import { readDate } from "cases/deid-dates.js";
import { lower, replacement } from "cases/deid-suggest.js";

const WORD = /[A-Za-z]*/y;
/** Chromium compiles a pattern for a text of this length at once, for a short one twice and the first time slowly. */
const LONG = " ".repeat(1000);
/** Tries between two yields. */
const TRIES = 500;

/**
 * Words that stand for one of the original, at the place of a match.
 * @param {View} view @param {number} start @param {number} end @param {Rule} rule @param {Groups} groups
 * @param {When | null} when @param {Say} say @param {Day | null} today
 */
function suggestion(view, start, end, rule, groups, when, say, today) {
  if (rule.say === undefined) return null;
  const { text, raw, origin, plain } = view;
  const part = (/** @type {number} */ a, /** @type {number} */ b) =>
    (raw && origin ? raw.slice(origin[a], origin[b]).join("") : text.slice(a, b));
  const kept = part(start, start + (groups.t || "").length);
  const words = replacement(rule.say, part(start, end), groups, say, kept, when, today);
  let before = start - 1;
  while (plain[before] === " ") before -= 1;
  const first = /[A-Z]/.test(plain[start]) && (before < 0 || ".!?\n".includes(plain[before]));
  return first ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}

/** Can it have no match in this text? @param {View} view @param {Rule} rule */
export const idle = (view, rule) => view.starts[rule.order]?.length === 0
  || (rule.has !== null && !rule.has.test(rule.cased ? view.cased : view.low));

/**
 * What finds rules in a text.
 * @param {Terms} terms @param {RuleText[]} texts in the order of `terms.at`
 */
export function ruler(terms, texts) {
  const expand = (/** @type {string} */ pattern) => {
    let text = pattern;
    while (text.includes("{{")) text = text.replace(/\{\{(\w+)\}\}/g, (_, name) => terms.macros[name]);
    return text;
  };
  /** @type {Map<string, Set<string>>} */
  const sets = new Map();
  const words = (/** @type {Record<string, string>} */ groups) =>
    Object.entries(groups).map(([group, names]) => {
      if (!sets.has(names)) {
        sets.set(names, new Set(names.split(",").flatMap((name) => terms.lists[name].split(" "))));
      }
      return /** @type {[string, Set<string>]} */ ([group, sets.get(names)]);
    });
  const rules = texts.map((rule, order) => /** @type {Rule} */ ({
    id: rule.id,
    order,
    category: rule.category ?? "other",
    tier: rule.tier ?? "review",
    text: rule.re,
    cased: rule.case ?? false,
    has: rule.has ? new RegExp(rule.has) : null,
    say: rule.say,
    check: rule.check,
    within: words(rule.in ?? {}),
    without: words(rule.not ?? {}),
  }));
  /** @type {(RegExp | undefined)[]} */
  const made = [];

  /** The pattern of a rule, made when a text first asks for it: few texts ask for all. @param {Rule} rule */
  function pattern({ order, text }) {
    const before = made[order];
    if (before) return before;
    const found = new RegExp(expand(text), terms.at[order] === null ? "g" : "y");
    found.test(LONG);
    made[order] = found;
    return found;
  }

  /**
   * A function that gives the first match at or behind an offset; offsets must not fall. After many
   * tries it gives undefined: let others do something, then ask again.
   * @param {View} view @param {Rule} rule @returns {(position: number) => RegExpExecArray | null | undefined}
   */
  function searcher(view, rule) {
    const source = rule.cased ? view.cased : view.low;
    const starts = view.starts[rule.order];
    const wanted = pattern(rule);
    let next = 0;
    let left = TRIES;
    const rest = () => {
      left -= 1;
      if (left > 0) return false;
      left = TRIES;
      return true;
    };
    return (position) => {
      if (!starts) {
        if (rest()) return undefined;
        wanted.lastIndex = position;
        return wanted.exec(source);
      }
      for (; next < starts.length; next += 1) {
        if (starts[next] < position) continue;
        if (rest()) return undefined;
        wanted.lastIndex = starts[next];
        const m = wanted.exec(source);
        if (m) return m;
      }
      return null;
    };
  }

  /**
   * What a rule finds, in some steps.
   * @param {View} view @param {Rule} rule @param {string} lang @param {Day | null} today
   * @returns {Generator<undefined, Match[], undefined>}
   */
  function* matches(view, rule, lang, today) {
    const source = rule.cased ? view.cased : view.low;
    /** @type {Match[]} */
    const out = [];
    const search = searcher(view, rule);
    let position = 0;
    for (;;) {
      const m = search(position);
      if (m === null) return out;
      if (!m) {
        yield;
        continue;
      }
      const groups = /** @type {Groups} */ (m.groups ?? {});
      const start = m.index + (groups.pre || "").length;
      const end = m.index + m[0].length;
      const group = (/** @type {string} */ name) => lower(groups[name] || "");
      let holds = rule.within.every(([name, list]) => list.has(group(name)))
        && !rule.without.some(([name, list]) => list.has(group(name)));
      /** @type {When | null} */
      let when = null;
      if (holds && rule.check) {
        const at = groups.mon
          ? source.indexOf(groups.mon, start)
          : start + source.slice(start, end).lastIndexOf(groups.x || "");
        const capital = Boolean(groups.mon || groups.x) && /[A-Z]/.test(view.plain[at]);
        when = readDate(rule.check, groups, view.low.slice(start, end), terms.say, capital, lang, today);
        holds = when !== null;
      }
      if (holds) {
        out.push({ start, end, rule, words: suggestion(view, start, end, rule, groups, when, terms.say, today) });
        position = end;
      } else {
        // try again after the first word, so that a wrong start does not hide a right one
        WORD.lastIndex = start;
        WORD.test(source);
        position = Math.max(WORD.lastIndex, start + 1);
      }
    }
  }

  /**
   * Where a rule without words of its own holds, in some steps.
   * @param {View} view @param {Rule} rule @returns {Generator<undefined, {start: number, end: number}[], undefined>}
   */
  function* spans(view, rule) {
    const out = [];
    const search = searcher(view, rule);
    for (let m = idle(view, rule) ? null : search(0), behind = 0; m !== null; m = search(behind)) {
      if (!m) {
        yield;
        continue;
      }
      behind = m.index + m[0].length;
      out.push({ start: m.index, end: behind });
    }
    return out;
  }

  return { rules, pattern, matches, spans };
}
