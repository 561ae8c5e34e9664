/**
 * The identifier check in the browser: the same rules, the same steps, the same answers as
 * server/deid (shared vectors: tests/vectors/deid). Pure: no DOM, no network; text stays here.
 *
 * @typedef {{id: string, re: string, category?: string, tier?: string, case?: boolean,
 *   say?: string, check?: string, in?: Record<string, string>, not?: Record<string, string>,
 *   has?: string}} RuleText  has: for speed; a text in which this is not found holds no match
 * @typedef {{titles: Record<string, string>, title: string, months: Record<string, number>,
 *   unsure: string[]}} Say
 * @typedef {{version: string, latin: [number, number][],
 *   fold: Record<string, string>, drop: [number, number][],
 *   macros: Record<string, string>, lists: Record<string, string>, rules: RuleText[],
 *   allow: RuleText[], notes: RuleText[], at: (string | null)[], say: Say, model: import("cases/deid-tagger.js").Model,
 *   cues: Record<string, string>, sets: Record<string, string>, words: Record<string, {id: string, category: string, say: string}>,
 *   apart?: string, medical?: string}} RuleFile  at: how rules, allow and notes begin (deid-begin.js)
 * @typedef {{id: string, order: number, category: string, tier: string, text: string, cased: boolean, has: RegExp | null,
 *   say: string | undefined, check: string | undefined, within: [string, Set<string>][],
 *   without: [string, Set<string>][]}} Rule
 * @typedef {{start: number, end: number, category: string, tier: string, rule: string,
 *   suggestion: string | null}} Finding  offsets in code points
 * @typedef {{start: number, end: number, category: string, tier: string, rule: string,
 *   say: string | null, word: boolean}} Hit  a finding to be, offsets in the plain view
 * @typedef {{start: number, end: number, rule: string}} Note
 * @typedef {{year: number, month: number, day: number}} Day  a calendar day, month from 1
 * @typedef {{year?: number, month?: number, day?: number}} When  as far as it was written
 * @typedef {Record<string, string | undefined>} Groups
 * @typedef {{findings: Finding[], notes: Note[]}} Scan
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
import { taggerOf } from "cases/deid-tagger.js";
import { lexiconOf } from "cases/deid-words.js";

const SCORE_BASES = new Set([21, 24, 27, 30]);
/** 14/7 and 14/12 are also 14 days and 14 months in British notes. */
const SPANS = new Set([7, 12]);
const OLDEST = 89;
/** Days ahead in which a date without a year is read as an appointment to come. */
const SOON = 60;
const WORD = /[A-Za-z]*/y;
const DATE_GONE = "[date removed]";
/** Characters that may stand between two parts of one place. */
const GAP = 24;
const PIECE = /[a-z0-9]+|[^ ]/g;
const ORDINAL = /^[0-9]{1,3}[a-z]{0,4}$/;

/** What has no plain reading of its own: everything but printable ASCII and line ends. */
const UNUSUAL = /[^\n -~]/gu;
/** Chromium compiles a pattern for a text of this length at once, for a short one twice and the first time slowly. */
const LONG = " ".repeat(1000);
/** @param {string} text @returns {string} lower case, ASCII letters only */
const lower = (text) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());

/** @param {number} a @param {number} b @param {boolean} dayFirst @returns {[number, number] | null} */
function monthDay(a, b, dayFirst) {
  const pairs = dayFirst ? [[b, a], [a, b]] : [[a, b], [b, a]];
  for (const [month, day] of pairs) {
    if (month >= 1 && month <= 12 && day >= 1 && day <= 31) return [month, day];
  }
  return null;
}

/** @param {string} digits two or four */
function fullYear(digits) {
  const value = Number(digits);
  return digits.length === 4 ? value : value + (value < 40 ? 2000 : 1900);
}

/** @param {string} word @param {Say} say */
const monthNumber = (word, say) => say.months[word.slice(0, 4)] ?? say.months[word.slice(0, 3)];

/** @param {Groups} groups @param {Say} say @param {boolean} capital @returns {When | null} */
function written(groups, say, capital) {
  const year = groups.y || groups.yy;
  const word = groups.mon;
  let month = Number(groups.m || 0);
  if (word) {
    const sure = capital || year || groups.o;
    if (say.unsure.includes(word.replace(/\.+$/, "")) && !sure) return null;
    month = monthNumber(word, say) || 0;
  }
  const day = Number(groups.d || 0);
  if (month < 1 || month > 12 || (groups.d && (day < 1 || day > 31))) return null;
  return { year: year ? fullYear(year) : undefined, month, day: groups.d ? day : undefined };
}

/** @param {string} check @param {string} text @param {boolean} dayFirst @returns {When | null} */
function pair(check, text, dayFirst) {
  const [first = "", second = ""] = text.match(/[0-9]+/g) || [];
  const [a, b] = [Number(first), Number(second)];
  const read = monthDay(a, b, dayFirst);
  if (!read) return null;
  const certain = (a > 12 && !SPANS.has(b)) || (b > 12 && !SCORE_BASES.has(b));
  const nought = first[0] === "0" || second[0] === "0";
  // a score does not exceed its base and has no leading nought
  const maybe = !certain && (a > b || b === 11 || b > 12 || nought);
  if ((check === "partial" && !certain) || (check === "maybe" && !maybe)) return null;
  if (check === "event" && b === 10 && !nought && a <= b && text.includes("/")) return null;
  return { month: read[0], day: read[1] };
}

/** @param {string} text @returns {When} */
function birthYear(text) {
  const numbers = text.match(/[0-9]+/g) || [];
  const likely = (/** @type {string} */ digits) => Number(digits) >= 1880 && Number(digits) <= 2100;
  for (const number of numbers) {
    if (number.length === 4 && likely(number)) return { year: Number(number) };
    if (number.length === 8) {
      const head = number.slice(0, 4);
      return { year: Number(likely(head) ? head : number.slice(4)) };
    }
  }
  return numbers.length === 3 ? { year: fullYear(numbers[2]) } : {};
}

/**
 * @param {string} check @param {Groups} groups @param {string} text @param {Say} say
 * @param {boolean} capital @param {string} lang @param {Day | null} today
 * @returns {When | null} null: no date after all
 */
function readDate(check, groups, text, say, capital, lang, today) {
  const dayFirst = !lang.startsWith("en");
  const word = groups.mon;
  switch (check) {
    case "code":
      // "Folder KSG 5512/19": letters before the digits belong to the number when capital
      return capital || !groups.x ? {} : null;
    case "birth":
      return birthYear(text);
    case "old": {
      const year = Number(groups.y || 0);
      return today && today.year - year > OLDEST ? { year } : null;
    }
    case "date":
      return written(groups, say, capital);
    case "numeric": {
      const [a, b, year] = text.match(/[0-9]+/g) || [];
      const read = monthDay(Number(a), Number(b), dayFirst);
      return read ? { year: fullYear(year), month: read[0], day: read[1] } : null;
    }
    case "words":
    case "month":
      // "march third" is a date in any dress, "may first" and "in march" need a capital
      if (word && !capital && (check === "words" ? word === "may" : say.unsure.includes(word))) return null;
      return word ? { month: monthNumber(word, say) } : {};
    case "nth":
      return { day: Number(groups.d || 0) };
    default:
      return pair(check, text, dayFirst);
  }
}

/** @param {Day} day @returns {number} days since 1970 */
const dayNumber = (day) => Math.round(Date.UTC(day.year, day.month - 1, day.day) / 864e5);

/**
 * @param {When} when @param {Day} today @param {number} [ahead] days
 * @returns {number} day number of the last such day at most `ahead` days from now
 */
function past(when, today, ahead = 0) {
  const day = Math.min(when.day || 15, 28);
  let year = when.year || today.year + (when.month && ahead ? 1 : 0);
  let month = when.month || today.month;
  for (;;) {
    const found = dayNumber({ year, month, day });
    if (when.year || found - dayNumber(today) <= ahead) return found;
    if (when.month || month === 1) year -= 1;
    if (!when.month) month = month > 1 ? month - 1 : 12;
  }
}

/** @param {number} days */
function ago(days) {
  const far = Math.abs(days);
  if (far === 0) return "today";
  let amount = Math.floor((far * 100 + 1522) / 3044);
  let unit = "month";
  if (far < 14) [amount, unit] = [far, "day"];
  else if (far < 61) [amount, unit] = [Math.floor((far + 3) / 7), "week"];
  const words = amount === 1 ? `${amount} ${unit}` : `${amount} ${unit}s`;
  return days > 0 ? `${words} ago` : `in ${words}`;
}

/** @param {When} when @param {string} lead @param {Day | null} today */
function sayDate(when, lead, today) {
  const year = lead ? `in ${when.year}` : `${when.year}`;
  if (!today) return when.year ? year : DATE_GONE;
  if (when.year && today.year - when.year > OLDEST) return "more than 89 years ago";
  const days = dayNumber(today) - past(when, today, SOON);
  return when.year && Math.abs(days) >= 730 ? year : ago(days);
}

/** @param {When} when @param {string} lead @param {Day | null} today */
function sayMonth(when, lead, today) {
  if (!today) return DATE_GONE;
  let days = dayNumber(today) - past(when, today);
  if (lead.startsWith("next")) days -= 365;
  return /^(?:since|until|till|by|during)/.test(lead) ? `${lead}about ${ago(days)}` : ago(days);
}

/** @param {When} when @param {string} lead @param {Day | null} today */
function sayBirth(when, lead, today) {
  if (!when.year) return "[date of birth removed]";
  const age = today ? today.year - when.year : null;
  if (age !== null && age > OLDEST) return "aged 90+";
  if (/^(?:born|nacid|ne)/.test(lead) || age === null || age < 0) return `born in ${when.year}`;
  if (age < 20) return `age: ${age}`;
  const part = age % 10 < 4 ? "early" : age % 10 < 7 ? "mid" : "late";
  return `age: ${part} ${Math.floor(age / 10)}0s`;
}

/** @param {string} text */
function sayAge(text) {
  const digits = /^[0-9]+/.exec(text);
  const small = lower(text);
  const words = small.search(/years?|yrs?|anos|a\u00f1os|ans$|ans /);
  const rest = digits
    ? text.slice(digits[0].length).replace(/^[ -]+/, "")
    : words < 0 ? "" : text.slice(words);
  return rest ? `90+ ${rest}` : "90+";
}

/**
 * @param {string} template @param {string} raw @param {Groups} groups @param {Say} say
 * @param {string} kept @param {When | null} when @param {Day | null} today
 */
function replacement(template, raw, groups, say, kept, when, today) {
  const lead = lower(groups.p || "");
  const found = when || {};
  switch (template) {
    case "{date}":
      return sayDate(found, lead, today);
    case "{month}":
      return sayMonth(found, lead, today);
    case "{birth}":
      return sayBirth(found, lead, today);
    case "{about}":
      return found.day && today ? ago(dayNumber(today) - past(found, today)) : DATE_GONE;
    case "{age}":
      return sayAge(raw);
    case "{address}":
      return lead ? "in a rural village" : "a rural village";
    case "{town}":
      return "a small town";
    default: {
      const title = say.titles[lower(groups.t || "")] ?? say.title;
      /** @type {Record<string, string>} */
      const parts = { title, t: kept, pos: groups.pos ? "'s" : "" };
      return template.replace(/\{(title|t|pos)\}/g, (_, name) => parts[name]);
    }
  }
}

/**
 * Let a number that two rules read in part be one, so that no half of it is left standing.
 * @param {Hit[]} hits @param {number} start @param {number} end @param {string | null} say
 */
function grown(hits, start, end, say) {
  const over = hits.filter((hit) => hit.start < end && start < hit.end);
  if (over.length > 1 || !say?.startsWith("[") || !over[0].say?.startsWith("[")) return false;
  [over[0].start, over[0].end] = [Math.min(start, over[0].start), Math.max(end, over[0].end)];
  return true;
}

/**
 * What `compile` does without words, in some steps.
 * @param {RuleFile} file @returns {Generator<undefined, Checker, undefined>}
 */
function* reading(file) {
  /** @type {import("cases/deid-words.js").Lexicon | null} */
  let lexicon = null;
  /** @type {((plain: string) => import("cases/deid-joined.js").Span[]) | null} */
  let tag = null;
  /** @type {((plain: string, taken: Uint8Array) => import("cases/deid-joined.js").Span[]) | null} */
  let count = null;
  const apart = file.apart ? new RegExp(file.apart, "g") : null;
  /** @type {Map<string, string>} */
  const fold = new Map();
  for (const [first, last] of file.latin) {
    for (let code = first; code <= last; code += 1) {
      const base = String.fromCodePoint(code).normalize("NFD")[0];
      if (base < "\x80") fold.set(String.fromCodePoint(code), base);
    }
  }
  for (const [plain, characters] of Object.entries(file.fold)) {
    for (const character of characters) fold.set(character, plain);
  }
  const dropped = (/** @type {number} */ code) =>
    file.drop.some(([first, last]) => first <= code && code <= last);
  const expand = (/** @type {string} */ pattern) => {
    let text = pattern;
    while (text.includes("{{")) text = text.replace(/\{\{(\w+)\}\}/g, (_, name) => file.macros[name]);
    return text;
  };
  /** @type {Map<string, Set<string>>} */
  const sets = new Map();
  const words = (/** @type {Record<string, string>} */ groups) =>
    Object.entries(groups).map(([group, names]) => {
      if (!sets.has(names)) {
        sets.set(names, new Set(names.split(",").flatMap((name) => file.lists[name].split(" "))));
      }
      return /** @type {[string, Set<string>]} */ ([group, sets.get(names)]);
    });
  /** @param {RuleText} rule @param {number} order @returns {Rule} */
  const ready = (rule, order) => ({
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
  });
  /** @type {(RegExp | undefined)[]} */
  const made = [];
  /** The pattern of a rule, made when a text first asks for it: few texts ask for all. @param {Rule} rule */
  function pattern({ order, text }) {
    const before = made[order];
    if (before) return before;
    const found = new RegExp(expand(text), file.at[order] === null ? "g" : "y");
    found.test(LONG);
    made[order] = found;
    return found;
  }
  const every = [...file.rules, ...file.allow, ...file.notes];
  yield;
  const startsOf = yield* beginnings(file.at, every.map((rule) => rule.case ?? false));
  yield;
  const ordered = every.map(ready);
  const rules = ordered.slice(0, file.rules.length);
  const allow = ordered.slice(rules.length, rules.length + file.allow.length);
  const notes = ordered.slice(rules.length + allow.length);

  /**
   * The text as rules and word model read it: of plain characters, one for each code point. Rules tell
   * nothing apart outside ASCII, and texts without such characters are searched sooner. Without raw and
   * origin each character has its place in the text.
   * @param {string} text
   */
  function viewOf(text) {
    let moved = false;
    const plain = text.replace(UNUSUAL, (character) => {
      const gone = dropped(/** @type {number} */ (character.codePointAt(0)));
      moved ||= gone || character.length > 1;
      return gone ? "" : fold.get(character) ?? (character.length > 1 ? "\ufffd" : character);
    });
    const cased = plain.replace(/[\u0080-\uffff]/g, "\x80");
    const raw = moved ? [...text] : null;
    const origin = raw && [...raw.keys(), raw.length]
      .filter((index) => index === raw.length || !dropped(/** @type {number} */ (raw[index].codePointAt(0))));
    return { text, raw, plain, cased, low: cased.toLowerCase(), origin, starts: startsOf(cased) };
  }

  /** Can it have no match in this text? @param {ReturnType<typeof viewOf>} view @param {Rule} rule */
  const idle = (view, rule) => view.starts[rule.order]?.length === 0
    || (rule.has !== null && !rule.has.test(rule.cased ? view.cased : view.low));

  /**
   * A function that gives the first match at or behind an offset; offsets must not fall.
   * @param {ReturnType<typeof viewOf>} view @param {Rule} rule
   */
  function searcher(view, rule) {
    const source = rule.cased ? view.cased : view.low;
    const starts = view.starts[rule.order];
    const wanted = pattern(rule);
    let next = 0;
    return (/** @type {number} */ position) => {
      if (!starts) {
        wanted.lastIndex = position;
        return wanted.exec(source);
      }
      while (next < starts.length && starts[next] < position) next += 1;
      for (; next < starts.length; next += 1) {
        wanted.lastIndex = starts[next];
        const m = wanted.exec(source);
        if (m) return m;
      }
      return null;
    };
  }

  /**
   * @param {ReturnType<typeof viewOf>} view @param {Rule} rule @param {string} lang
   * @param {Day | null} today
   */
  function matches(view, rule, lang, today) {
    const source = rule.cased ? view.cased : view.low;
    const out = [];
    const search = searcher(view, rule);
    let position = 0;
    for (let m = search(0); m; m = search(position)) {
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
        when = readDate(rule.check, groups, view.low.slice(start, end), file.say, capital, lang, today);
        holds = when !== null;
      }
      if (holds) {
        out.push({ start, end, rule, words: suggestion(view, start, end, rule, groups, when, today) });
        position = end;
      } else {
        // try again after the first word, so that a wrong start does not hide a right one
        WORD.lastIndex = start;
        WORD.test(source);
        position = Math.max(WORD.lastIndex, start + 1);
      }
    }
    return out;
  }

  /**
   * @param {ReturnType<typeof viewOf>} view @param {number} start @param {number} end
   * @param {Rule} rule @param {Groups} groups @param {When | null} when @param {Day | null} today
   */
  function suggestion(view, start, end, rule, groups, when, today) {
    if (rule.say === undefined) return null;
    const { text, raw, origin, plain } = view;
    const part = (/** @type {number} */ a, /** @type {number} */ b) =>
      (raw && origin ? raw.slice(origin[a], origin[b]).join("") : text.slice(a, b));
    const kept = part(start, start + (groups.t || "").length);
    const words = replacement(rule.say, part(start, end), groups, file.say, kept, when, today);
    let before = start - 1;
    while (plain[before] === " ") before -= 1;
    const first = /[A-Z]/.test(plain[start]) && (before < 0 || ".!?\n".includes(plain[before]));
    return first ? words.charAt(0).toUpperCase() + words.slice(1) : words;
  }

  /** @param {ReturnType<typeof viewOf>} view @param {Rule} rule */
  function spans(view, rule) {
    const out = [];
    if (!idle(view, rule)) {
      const search = searcher(view, rule);
      for (let m = search(0); m; m = search(m.index + m[0].length)) {
        out.push({ start: m.index, end: m.index + m[0].length });
      }
    }
    return out;
  }

  /**
   * What the model of numbers finds where no rule has found anything.
   * @param {ReturnType<typeof viewOf>} view @param {Uint32Array} reach @param {Uint8Array} taken
   * @returns {Hit[]}
   */
  function counted(view, reach, taken) {
    return (count?.(view.plain, taken) ?? []).filter(({ start, end }) => reach[start] < end)
      .map(({ start, end, kind }) => {
        const { id, category, say } = file.words[kind];
        return { start, end, category, tier: "review", rule: id, say, word: false };
      });
  }

  /**
   * What the word model finds where nothing else has found anything.
   * @param {ReturnType<typeof viewOf>} view @param {Uint32Array} reach @param {Uint8Array} taken
   * @returns {Hit[]}
   */
  function worded(view, reach, taken) {
    if (!tag) return [];
    const read = apart ? view.plain.replace(apart, (part) => `${part.slice(0, -1)} `) : view.plain;
    return tag(read).filter(({ start, end }) => reach[start] < end)
      .flatMap(({ start, end, kind }) => {
        const { id, category, say } = file.words[kind];
        const tail = kind === "employer" ? /[ ,.-]+$/ : /[ ,-]+$/;
        const out = [];
        for (let position = start; position < end;) {
          let last = position;
          while (last < end && !taken[last]) last += 1;
          const piece = view.plain.slice(position, last);
          if (/[A-Za-z0-9]/.test(piece)) {
            out.push({
              start: position + piece.length - piece.replace(/^[ ,.-]+/, "").length,
              end: position + piece.replace(tail, "").length,
              category, tier: "review", rule: id, say, word: true,
            });
          }
          position = last + 1;
        }
        return out;
      });
  }

  /**
   * Make one of places that stand together ("77 Chestnut, 3R, Holyoke", "Hwy 18 by the turnoff").
   * What blocks stays and takes the rest with it; two findings of rules stay two.
   * @param {ReturnType<typeof viewOf>} view @param {Hit[]} hits
   */
  function merged(view, hits) {
    const bridges = lexicon?.sets.bridges;
    /** @type {Hit[]} */
    const out = [];
    for (const hit of hits.sort((a, b) => a.start - b.start)) {
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
    const view = viewOf(text);
    const at = (/** @type {number} */ offset) => view.origin?.[offset] ?? offset;
    const reach = new Uint32Array(view.plain.length + 1);
    for (const rule of allow) {
      for (const { start, end } of spans(view, rule)) reach[start] = Math.max(reach[start], end);
      yield;
    }
    for (let i = 1; i < reach.length; i += 1) reach[i] = Math.max(reach[i], reach[i - 1]);
    const found = [];
    for (const rule of rules) {
      if (idle(view, rule)) continue;
      for (const match of matches(view, rule, lang, today)) if (reach[match.start] < match.end) found.push(match);
      yield;
    }
    found.sort((a, b) =>
      Number(a.rule.tier === "review") - Number(b.rule.tier === "review")
      || (b.end - b.start) - (a.end - a.start) || a.rule.order - b.rule.order || a.start - b.start);
    const taken = new Uint8Array(view.plain.length);
    /** @type {Hit[]} */
    const hits = [];
    for (const { start, end, rule, words } of found) {
      if (!taken.subarray(start, end).includes(1)) {
        hits.push({ start, end, category: rule.category, tier: rule.tier, rule: rule.id, say: words, word: false });
      } else if (!grown(hits, start, end, words)) continue;
      taken.fill(1, start, end);
    }
    for (const hit of counted(view, reach, taken)) {
      hits.push(hit);
      taken.fill(1, hit.start, hit.end);
    }
    yield;
    hits.push(...worded(view, reach, taken));
    yield;
    const findings = merged(view, hits).map(({ start, end, category, tier, rule, say }) => ({
      start: at(start), end: at(end), category, tier, rule, suggestion: say,
    }));
    /** @type {Note[]} */
    const cues = [];
    for (const rule of notes) {
      for (const { start, end } of spans(view, rule)) cues.push({ start: at(start), end: at(end), rule: rule.id });
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
 * @param {string} text @param {number} codePoints @returns {number}
 */
export function utf16(text, codePoints) {
  let offset = 0;
  for (let n = 0; n < codePoints; n += 1) {
    offset += /** @type {number} */ (text.codePointAt(offset)) > 0xffff ? 2 : 1;
  }
  return offset;
}
