/**
 * The identifier check in the browser: the same rules, the same steps, the same answers as
 * server/deid (shared vectors: tests/vectors/deid). Pure: no DOM, no network; text stays here.
 *
 * @typedef {import("cases/deid-rules.js").RuleText} RuleText
 * @typedef {import("cases/deid-view.js").Signs & import("cases/deid-rules.js").Terms & {version: string,
 *   rules: RuleText[], allow: RuleText[], notes: RuleText[], model: import("cases/deid-tagger.js").Model,
 *   cues: Record<string, string>, sets: Record<string, string>, words: Record<string, {id: string, category: string, say: string}>,
 *   apart?: string, medical?: string}} RuleFile
 * @typedef {{start: number, end: number, category: string, tier: string, rule: string,
 *   suggestion: string | null}} Finding  offsets in code points
 * @typedef {{start: number, end: number, category: string, tier: string, rule: string,
 *   say: string | null, word: boolean}} Hit  a finding to be, offsets in the plain view
 * @typedef {{start: number, end: number, rule: string}} Note
 * @typedef {{findings: Finding[], notes: Note[]}} Scan
 * @typedef {import("cases/deid-view.js").View} View
 * @typedef {import("cases/deid-dates.js").Day} Day
 * @typedef {{version: string,
 *   scan: (text: string, lang?: string, today?: Day | null) => Scan,
 *   scanning: (text: string, lang: string, today: Day | null) => Generator<undefined, Scan, undefined>,
 *   preparing: () => Generator<undefined, void, undefined>,
 *   learning: (listed: string) => Generator<undefined, void, undefined>}} Checker  all but scan in small steps, so
 *   that a page can do other things between them: scanning: the same; preparing: what else the first scans
 *   would do; learning: the word list, to be read once
 */

import { beginnings } from "cases/deid-begin.js";
import { codesOf } from "cases/deid-codes.js";
import { idle, ruler } from "cases/deid-rules.js";
import { free, scriptsOf } from "cases/deid-scripts.js";
import { taggerOf } from "cases/deid-tagger.js";
import { viewer } from "cases/deid-view.js";
import { lexiconOf } from "cases/deid-words.js";

/** Characters that may stand between two parts of one place. */
const GAP = 24;
const PIECE = /[a-z0-9]+|[^ ]/g;
const ORDINAL = /^[0-9]{1,3}[a-z]{0,4}$/;
/** Findings that are put together between two yields. */
const SLICE = 500;

/**
 * Let a number that two rules read in part be one, so that no half of it is left standing.
 * @param {Hit[]} hits @param {Uint32Array} owners whose each character is: one more than the place in hits
 * @param {number} start @param {number} end @param {string | null} say
 * @returns {number} whose it is now, 0: nobody's
 */
function grown(hits, owners, start, end, say) {
  const over = new Set(owners.subarray(start, end));
  over.delete(0);
  const [owner] = over;
  const hit = hits[owner - 1];
  if (over.size > 1 || !say?.startsWith("[") || !hit.say?.startsWith("[")) return 0;
  [hit.start, hit.end] = [Math.min(start, hit.start), Math.max(end, hit.end)];
  return owner;
}

/**
 * What `compile` does without words, in some steps.
 * @param {RuleFile} file @returns {Generator<undefined, Checker, undefined>}
 */
function* reading(file) {
  /** @type {import("cases/deid-words.js").Lexicon | null} */
  let lexicon = null;
  /** @type {import("cases/deid-tagger.js").Tagger | null} */
  let tag = null;
  /** @type {import("cases/deid-codes.js").Counter | null} */
  let count = null;
  const apart = file.apart ? new RegExp(file.apart, "g") : null;
  const every = [...file.rules, ...file.allow, ...file.notes];
  const startsOf = yield* beginnings(file.at, every.map((rule) => rule.case ?? false));
  yield;
  const viewOf = viewer(file, startsOf);
  const { places } = scriptsOf(file);
  yield;
  const { rules: ordered, pattern, matches, spans } = ruler(file, every);
  const rules = ordered.slice(0, file.rules.length);
  const allow = ordered.slice(rules.length, rules.length + file.allow.length);
  const notes = ordered.slice(rules.length + allow.length);

  /**
   * How far what is no finding reaches from each character on.
   * @param {View} view @returns {Generator<undefined, Uint32Array, undefined>}
   */
  function* reached(view) {
    const reach = new Uint32Array(view.plain.length + 1);
    for (const rule of allow) {
      for (const { start, end } of yield* spans(view, rule)) reach[start] = Math.max(reach[start], end);
      yield;
    }
    let furthest = 0;
    for (let i = 0; i < reach.length; i += 1) {
      if (reach[i] > furthest) furthest = reach[i];
      else reach[i] = furthest;
    }
    return reach;
  }

  /**
   * What rules find; of those that overlap what blocks stays, then the longest.
   * @param {View} view @param {Uint32Array} reach @param {Uint8Array} taken to mark what is found in
   * @param {string} lang @param {Day | null} today @returns {Generator<undefined, Hit[], undefined>}
   */
  function* ruled(view, reach, taken, lang, today) {
    const found = [];
    for (const rule of rules) {
      if (idle(view, rule)) continue;
      for (const match of yield* matches(view, rule, lang, today)) if (reach[match.start] < match.end) found.push(match);
      yield;
    }
    found.sort((a, b) =>
      Number(a.rule.tier === "review") - Number(b.rule.tier === "review")
      || (b.end - b.start) - (a.end - a.start) || a.rule.order - b.rule.order || a.start - b.start);
    const owners = new Uint32Array(taken.length);
    /** @type {Hit[]} */
    const hits = [];
    for (const [number, { start, end, rule, words }] of found.entries()) {
      if (number % SLICE === SLICE - 1) yield;
      let owner = hits.length + 1;
      if (!taken.subarray(start, end).includes(1)) {
        hits.push({ start, end, category: rule.category, tier: rule.tier, rule: rule.id, say: words, word: false });
      } else owner = grown(hits, owners, start, end, words);
      if (!owner) continue;
      owners.fill(owner, start, end);
      taken.fill(1, start, end);
    }
    return hits;
  }

  /**
   * Words in other scripts where no rule has found anything.
   * @param {View} view @param {Uint8Array} taken @returns {Generator<undefined, Hit[], undefined>}
   */
  function* foreign(view, taken) {
    const { id, category, say } = file.words.script;
    return (yield* places(view.plain, taken)).map((place) => ({ ...place, category, tier: "review", rule: id, say, word: false }));
  }

  /**
   * What the model of numbers finds where no rule has found anything.
   * @param {View} view @param {Uint8Array} taken @param {Uint32Array} reach
   * @returns {Generator<undefined, Hit[], undefined>}
   */
  function* counted(view, taken, reach) {
    if (!count) return [];
    return (yield* count(view.plain, taken)).filter(({ start, end }) => reach[start] < end)
      .map(({ start, end, kind }) => {
        const { id, category, say } = file.words[kind];
        return { start, end, category, tier: "review", rule: id, say, word: false };
      });
  }

  /**
   * What the word model finds where nothing else has found anything.
   * @param {View} view @param {Uint32Array} reach @param {Uint8Array} taken
   * @returns {Generator<undefined, Hit[], undefined>}
   */
  function* worded(view, reach, taken) {
    /** @type {Hit[]} */
    const out = [];
    if (!tag) return out;
    const read = apart ? view.plain.replace(apart, (part) => `${part.slice(0, -1)} `) : view.plain;
    for (const { start, end, kind } of yield* tag(read)) {
      if (reach[start] >= end) continue;
      const { id, category, say } = file.words[kind];
      const tail = kind === "employer" ? /[ ,.-]+$/ : /[ ,-]+$/;
      for (const [position, last] of free(taken, start, end)) {
        const piece = view.plain.slice(position, last);
        if (/[A-Za-z0-9]/.test(piece)) {
          out.push({
            start: position + piece.length - piece.replace(/^[ ,.-]+/, "").length,
            end: position + piece.replace(tail, "").length,
            category, tier: "review", rule: id, say, word: true,
          });
        }
      }
    }
    return out;
  }

  /**
   * Make one of places that stand together ("77 Chestnut, 3R, Holyoke", "Hwy 18 by the turnoff").
   * What blocks stays and takes the rest with it; two findings of rules stay two.
   * @param {View} view @param {Hit[]} hits @returns {Generator<undefined, Hit[], undefined>}
   */
  function* merged(view, hits) {
    const bridges = lexicon?.sets.bridges;
    /** @type {Hit[]} */
    const out = [];
    for (const [number, hit] of hits.sort((a, b) => a.start - b.start).entries()) {
      if (number % SLICE === SLICE - 1) yield;
      const last = out[out.length - 1];
      if (bridges && last && last.category === "geography" && hit.category === "geography" && (last.word || hit.word)
        && hit.start - last.end <= GAP
        && (view.low.slice(last.end, hit.start).match(PIECE) ?? []).every((word) => bridges.has(word) || ORDINAL.test(word))) {
        if (last.word && !hit.word) [last.tier, last.rule, last.say] = [hit.tier, hit.rule, hit.say];
        last.end = hit.end;
        last.word = last.word && hit.word;
      } else out.push(hit);
    }
    return out;
  }

  /**
   * Read the words, in many small steps; from then on what they name is found, too.
   * @param {string} listed @returns {Generator<undefined, void, undefined>}
   */
  function* learning(listed) {
    const read = yield* lexiconOf(listed, file.cues, file.sets, file.medical);
    tag = yield* taggerOf(read, file.model);
    count = file.model.codes ? codesOf(read, file.model.codes) : null;
    lexicon = read;
  }

  /** Make all patterns, in many small steps. @returns {Generator<undefined, void, undefined>} */
  function* preparing() {
    for (const rule of ordered) {
      pattern(rule);
      yield;
    }
  }

  /**
   * What `scan` does, in many small steps.
   * @param {string} text @param {string} lang @param {Day | null} today
   * @returns {Generator<undefined, Scan, undefined>}
   */
  function* scanning(text, lang, today) {
    const view = yield* viewOf(text);
    const at = (/** @type {number} */ offset) => view.origin?.[offset] ?? offset;
    const reach = yield* reached(view);
    const taken = new Uint8Array(view.plain.length);
    const hits = yield* ruled(view, reach, taken, lang, today);
    for (const find of [foreign, counted]) {
      for (const hit of yield* find(view, taken, reach)) {
        hits.push(hit);
        taken.fill(1, hit.start, hit.end);
      }
    }
    yield;
    for (const hit of yield* worded(view, reach, taken)) hits.push(hit);
    yield;
    const findings = (yield* merged(view, hits)).map(({ start, end, category, tier, rule, say }) => ({
      start: at(start), end: at(end), category, tier, rule, suggestion: say,
    }));
    /** @type {Note[]} */
    const cues = [];
    for (const rule of notes) {
      for (const { start, end } of yield* spans(view, rule)) cues.push({ start: at(start), end: at(end), rule: rule.id });
      yield;
    }
    cues.sort((a, b) => a.start - b.start || a.end - b.end || (a.rule < b.rule ? -1 : 1));
    return { findings, notes: cues };
  }

  return {
    version: file.version,
    scan: (text, lang = "en", today = null) => whole(scanning(text, lang, today)),
    scanning,
    preparing,
    learning,
  };
}

/** Take the steps to their end at once. @template T @param {Generator<undefined, T, undefined>} steps @returns {T} */
function whole(steps) {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** What `compile` does without words, in some steps, so that a page can do other things between them. */
export const compiling = reading;

/**
 * Read the rules (the JSON of server.deid.load.browser_rules) and return the checker.
 * `listed`: the word list, with a mode's list behind it; without it only the rules are read, no names that
 * no rule knows.
 * @param {RuleFile} file @param {string} [listed] @returns {Checker}
 */
export function compile(file, listed = "") {
  const checker = whole(reading(file));
  if (listed) whole(checker.learning(listed));
  return checker;
}

/**
 * Cut the span of `finding` out of `text` and put its suggestion there.
 * @param {string} text @param {Finding} finding @returns {string}
 */
export function applied(text, finding) {
  const characters = [...text];
  return characters.slice(0, finding.start).join("") + (finding.suggestion ?? "")
    + characters.slice(finding.end).join("");
}

/**
 * Turn code points into the UTF-16 offsets of DOM ranges and selections.
 * @param {string} text @param {number} codePoints @param {number} [from] a UTF-16 offset to count from
 * @returns {number} UTF-16 units behind it
 */
export function utf16(text, codePoints, from = 0) {
  let offset = from;
  for (let n = 0; n < codePoints; n += 1) {
    offset += /** @type {number} */ (text.codePointAt(offset)) > 0xffff ? 2 : 1;
  }
  return offset - from;
}
