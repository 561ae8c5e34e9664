/**
 * Reads medicines off a line: "sert 50 qd" is a row of the table. Pure; it never throws, and every
 * word ends up in an answer, in the name, or in `left`, which the author is shown. Nothing is
 * guessed about doses: two numbers, a range or an unknown unit stay `left`.
 *
 * @typedef {import("cases/quick-words.js").Token} Token
 * @typedef {[string, string?, string?, string?, number?, string?, string?, string?]} Entry
 *   name, other names joined by |, route, unit, maximum, its period, route of the depot, its brands
 * @typedef {{medicines: Entry[], formulations: Record<string, string>, depots: string[],
 *   depotTimes: string[], aDay: Record<string, number>, units: Record<string, string[]>,
 *   routes: Record<string, string[]>, freqs: Record<string, string[]>, taken: Record<string, string[]>,
 *   effect: Record<string, string[]>, sideEffects: string[], weeks: Record<string, number>,
 *   forms: string[], counted: string[], dispensed: string[], passed: string[]}} Data
 * @typedef {{name: string, dose: string, unit: string, route: string, freq: string, weeks: string,
 *   taken: string, effect: string, side_effects: string}} Answers
 * @typedef {Answers & {left: string[], read: string, known: boolean, tokens: Token[]}} Row
 *   `read`: the beginning of a name that was completed; `known`: the name is in the table
 * @typedef {{name: string, also: string[], route: string, unit: string, most: number, per: string,
 *   depot: string, brands: string[]}} Medicine
 * @typedef {"freq" | "route" | "taken" | "effect" | "form" | "pass" | "side" | "dispensed" | "formulation"} Word
 */
import { bare, lines, numbered, phraseAt, phrases, speaks, spellings, written } from "cases/quick-words.js";

const MOST_TYPED = 20000;
const LONGEST_NAME = 80;
const LONGEST_NOTE = 120;
const SHORTEST_BEGINNING = 4;
const PROSE = 6;
const LEAD = new Set(["for", "x", "×", "since"]);
const GRAMS = new Map([["g", 1000], ["mg", 1], ["mcg", 0.001]]);

/** A name as it is looked up: `/` for the hyphen. @param {string} word */
const folded = (word) => bare(word).replaceAll("-", "/");

/**
 * @param {Data} data
 * @returns {{read: (text: string) => {rows: Row[], rest: string[]},
 *   suggest: (typed: string, most?: number) => {name: string, also: string}[],
 *   above: (row: Partial<Answers>) => {most: string, unit: string, per: string} | null}}
 *   `rest`: entries in which nothing was found
 */
export function medicineReader(data) {
  /** @type {Medicine[]} */
  const medicines = data.medicines.map(([name, also = "", route = "", unit = "", most = 0, per = "", depot = "", brands = ""]) => ({
    name,
    also: also ? also.split("|") : [],
    route: route || "PO",
    unit: unit || "mg",
    most,
    per: per || "day",
    depot,
    brands: brands ? brands.split("|") : [],
  }));
  /** @type {Map<string, Medicine>} */
  const byName = new Map();
  for (const one of medicines) {
    for (const name of [one.name, ...one.also, ...one.brands]) byName.set(name.split(" ").map(folded).join(" "), one);
  }
  const depotBrands = new Set(medicines.flatMap((one) => one.brands.map((b) => b.split(" ").map(folded).join(" "))));
  const named = phrases([...byName.keys()].map((name) => /** @type {[string, string]} */ ([name, name])), folded);
  /** @param {Word} kind @param {[string, string][]} pairs @returns {[string, [Word, string]][]} */
  const kinds = (kind, pairs) => pairs.map(([way, value]) => [way, [kind, value]]);
  const grammar = phrases([
    ...kinds("freq", spellings(data.freqs)),
    ...kinds("route", spellings(data.routes)),
    ...kinds("taken", spellings(data.taken)),
    ...kinds("effect", spellings(data.effect)),
    ...kinds("form", data.forms.map((way) => [way, way])),
    ...kinds("pass", data.passed.map((way) => [way, way])),
    ...kinds("dispensed", data.dispensed.map((way) => [way, way])),
    ...kinds("side", data.sideEffects.map((way) => [way, way])),
    ...kinds("formulation", Object.entries(data.formulations)),
  ]);
  const unitOf = new Map(spellings(data.units));
  const weeksOf = new Map(Object.entries(data.weeks));
  const counted = new Set(data.counted);

  /** Single words by their first letters; null where they are of several medicines. @type {Map<string, Medicine | null>} */
  const beginnings = new Map();
  for (const [name, one] of byName) {
    if (!/^\p{L}+$/u.test(name)) continue;
    for (let end = SHORTEST_BEGINNING; end < name.length; end += 1) {
      const start = name.slice(0, end);
      beginnings.set(start, (beginnings.get(start) ?? one) === one && beginnings.get(start) !== null ? one : null);
    }
  }
  /** The one medicine whose name or brand begins so. @param {string} word */
  const begun = (word) => beginnings.get(word) ?? null;

  /** @returns {Row & {words: string[], extras: string[], begun: boolean}} */
  const fresh = () => ({
    name: "", dose: "", unit: "", route: "", freq: "", weeks: "", taken: "", effect: "", side_effects: "",
    left: [], read: "", known: false, tokens: [], words: [], extras: [], begun: false,
  });

  /** Whether an entry starts a medicine of its own, and does not go on about the one before. @param {string[]} words */
  const starts = (words) => {
    const first = words.findIndex((word) => speaks(word));
    if (phraseAt(named, words.map(folded), first) && !phraseAt(grammar, words.map(bare), first)) return true;
    const plain = words.map(bare);
    if (phraseAt(grammar, plain, first) || numbered(plain[first]) || LEAD.has(plain[first])) return false;
    return Boolean(begun(folded(words[first]))) || words.some((word) => /\d/.test(word));
  };

  /** @param {string} text */
  const read = (text) => {
    /** @type {ReturnType<typeof fresh>[]} */
    const rows = [];
    /** @type {string[]} */
    const rest = [];
    if (text.length > MOST_TYPED) rest.push(text.slice(MOST_TYPED));
    for (const line of lines(text.slice(0, MOST_TYPED))) {
      line.forEach((entry, place) => {
        const words = entry.split(/\s+/u).filter(Boolean);
        const goesOn = rows.length > 0 && !starts(words) && (place > 0 || goesOnBelow(words));
        if (goesOn) take(words, rows, rows[rows.length - 1]);
        else if (isNothing(entry, words)) rest.push(entry);
        else take(words, rows, null);
      });
    }
    const all = rows.map(finish);
    return { rows: all.filter((row) => row.name !== ""), rest: [...all.filter((row) => row.name === "").map((row) => row.tokens.map((t) => t.text).join(" ")), ...rest] };
  };

  /** A line that begins like the instructions of the one above. @param {string[]} words */
  const goesOnBelow = (words) => {
    const plain = words.map(bare);
    const first = words.findIndex((word) => speaks(word));
    return Boolean(phraseAt(grammar, plain, first) || numbered(plain[first]) || LEAD.has(plain[first]));
  };

  /** A heading, a sentence, or words without any medicine. @param {string} entry @param {string[]} words */
  const isNothing = (entry, words) => {
    const names = words.some((_, n) => phraseAt(named, words.map(folded), n));
    if (names) return false;
    if (!/\d/.test(entry)) return entry.endsWith(":") || words.length > PROSE;
    return goesOnBelow(words);
  };

  /**
   * Read the words of an entry into a row; a second medicine starts a row of its own.
   * @param {string[]} words @param {ReturnType<typeof fresh>[]} rows @param {ReturnType<typeof fresh> | null} open
   */
  const take = (words, rows, open) => {
    let row = open ?? fresh();
    if (!open) rows.push(row);
    const plain = words.map(bare);
    const names = words.map(folded);
    /** @param {number} from @param {number} length @param {string} as */
    const note = (from, length, as) => {
      for (const text of words.slice(from, from + length)) row.tokens.push({ text, as });
    };
    /** @param {number} from @param {number} length */
    const leave = (from, length) => {
      const said = words.slice(from, from + length).join(" ");
      // What stands together is shown together.
      if (from > 0 && row.tokens.at(-1)?.as === "left") row.left.push(`${row.left.pop()} ${said}`);
      else if (said) row.left.push(said);
      note(from, length, "left");
    };
    if (open?.side_effects && !starts(words) && !goesOnBelow(words)) {
      const more = `${row.side_effects}, ${words.join(" ")}`;
      if (more.length > LONGEST_NOTE) leave(0, words.length);
      else {
        row.side_effects = more;
        note(0, words.length, "side_effects");
      }
      return;
    }
    let at = 0;
    while (at < words.length) {
      if (!speaks(words[at])) {
        note(at, 1, "sign");
        at += 1;
        continue;
      }
      const drug = phraseAt(named, names, at);
      const word = phraseAt(grammar, plain, at);
      const isForm = word?.meaning[0] === "formulation" && row.name !== "";
      if (drug && (!word || (drug.length >= word.length && !isForm))) {
        const found = /** @type {Medicine} */ (byName.get(drug.meaning));
        const both = row.begun ? undefined : byName.get(`${folded(row.name)}/${folded(found.name)}`);
        if (row.name !== "" && row.name !== found.name && !both) {
          row = fresh();
          rows.push(row);
        }
        row.name = both?.name ?? found.name;
        row.known = true;
        if (depotBrands.has(drug.meaning) && !row.extras.includes("LAI")) row.extras.push("LAI");
        note(at, drug.length, "name");
        at += drug.length;
        continue;
      }
      if (word) {
        const [kind, value] = word.meaning;
        if (kind === "side") {
          const said = words.slice(at + word.length).join(" ");
          note(at, word.length, "pass");
          if (row.side_effects || said.length > LONGEST_NOTE) leave(at + word.length, words.length);
          else {
            row.side_effects = said;
            note(at + word.length, words.length, "side_effects");
          }
          return;
        }
        if (kind === "dispensed") {
          const length = numbered(plain[at + 1] ?? "") ? 2 : 1;
          leave(at, length);
          row.begun = true;
          at += length;
          continue;
        }
        if (kind === "formulation") {
          if (!row.extras.includes(value)) row.extras.push(value);
          note(at, word.length, "name");
        } else if (kind === "form" || kind === "pass") note(at, word.length, kind);
        else if (kind === "freq" ? often(row, value, words.slice(at, at + word.length).join(" ")) : once(row, kind, value)) note(at, word.length, kind);
        else leave(at, word.length);
        if (kind !== "formulation" && kind !== "pass") row.begun = true;
        at += word.length;
        continue;
      }
      const number = amount(plain, at, row);
      if (number) {
        if (number.as === "left") leave(at, number.length);
        else note(at, number.length, number.as);
        row.begun = true;
        at += number.length;
        continue;
      }
      const guess = row.name === "" && !row.begun ? begun(names[at]) : null;
      if (guess) {
        row.name = guess.name;
        row.known = true;
        row.read = words[at];
        note(at, 1, "name");
      } else if (!row.begun && !/\d/.test(plain[at])) {
        row.words.push(words[at]);
        note(at, 1, "name");
      } else leave(at, 1);
      at += 1;
    }
  };

  /** Take an answer unless the row has another one. @param {Row} row @param {"route" | "taken" | "effect"} kind @param {string} value */
  const once = (row, kind, value) => {
    if (row[kind] !== "" && row[kind] !== value) return false;
    row[kind] = value;
    return true;
  };

  /** As `once`; a time of day makes "daily" exact, and "as needed" stands above all. @param {Row} row @param {string} value @param {string} said */
  const often = (row, value, said) => {
    if (row.freq === "" || row.freq === value || (row.freq === "daily" && value === "nightly")) row.freq = value;
    else if (row.freq === "nightly" && value === "daily") return true;
    else if (value === "PRN") {
      const before = row.tokens.filter((token) => token.as === "freq");
      for (const token of before) token.as = "left";
      row.left.push(before.map((token) => token.text).join(" ") || said);
      row.freq = value;
    } else return false;
    return true;
  };

  /**
   * A dose, a length of time, or a number that stays left.
   * @param {string[]} plain @param {number} at @param {ReturnType<typeof fresh>} row
   * @returns {{length: number, as: string} | null}
   */
  const amount = (plain, at, row) => {
    if (LEAD.has(plain[at])) {
      const then = numbered(plain[at + 1] ?? "");
      if (!then || !weeksOf.has(then.suffix || (plain[at + 2] ?? ""))) return null;
      const inner = amount(plain, at + 1, row);
      return inner && { length: inner.length + 1, as: inner.as };
    }
    const strengths = /^(\d[\d.,]*)[-/–](\d[\d.,]*)(\p{L}*)$/u.exec(plain[at]);
    if (strengths) {
      const next = unitOf.has(plain[at + 1] ?? "") ? 1 : 0;
      const unit = unitOf.get(strengths[3] || (next ? plain[at + 1] : "")) ?? "";
      const first = numbered(strengths[1]);
      if (first && row.dose === "" && row.name.includes("/") && fits(first.value)) {
        row.dose = written(first.value);
        row.unit = unit;
      }
      return { length: 1 + next, as: "left" };
    }
    const found = numbered(plain[at]);
    if (!found) return /\d/.test(plain[at]) && row.begun ? { length: 1, as: "left" } : null;
    const own = found.suffix.replace(/^[-.]/, "");
    const next = own === "" ? (plain[at + 1] ?? "") : own;
    const length = own === "" && next !== "" ? 2 : 1;
    if (unitOf.has(next)) return { length, as: dose(row, found.value, /** @type {string} */ (unitOf.get(next))) };
    const weeks = weeksOf.get(next);
    if (weeks !== undefined) {
      const whole = Math.round(found.value * weeks);
      if (row.weeks !== "" || whole > 5200) return { length, as: "left" };
      row.weeks = String(whole);
      return { length, as: "weeks" };
    }
    // One tablet says no more than its strength does; the form itself may still name the route.
    if (counted.has(next)) return found.value === 1 ? { length: 1, as: "form" } : { length, as: "left" };
    if (own !== "") return { length: 1, as: "left" };
    return { length: 1, as: dose(row, found.value, "") };
  };

  /** @param {number} value */
  const fits = (value) => value >= 0.001 && value <= 100000;

  /** @param {Row} row @param {number} value @param {string} unit */
  const dose = (row, value, unit) => {
    if (!fits(value)) return "left";
    const typed = written(value);
    if (row.dose !== "" && !(row.dose === typed && (row.unit === unit || unit === ""))) return "left";
    row.dose = typed;
    row.unit = unit || row.unit;
    return "dose";
  };

  /** Add what goes without saying. @param {ReturnType<typeof fresh>} draft @returns {Row} */
  const finish = (draft) => {
    const { words, extras, begun: _, ...row } = draft;
    const known = byName.get(folded(row.name));
    const isDepot = extras.some((extra) => data.depots.includes(extra));
    if (known) {
      if (row.dose !== "" && row.unit === "") row.unit = known.unit;
      const injected = isDepot || (known.depot !== "" && data.depotTimes.includes(row.freq));
      if (row.route === "") row.route = injected ? known.depot || "IM" : known.route;
    } else if (isDepot && row.route === "") row.route = "IM";
    const parts = [row.name, ...extras, ...words].filter(Boolean);
    while (parts.join(" ").length > LONGEST_NAME && parts.length > 1) row.left.unshift(/** @type {string} */ (parts.pop()));
    row.name = parts.join(" ");
    if (row.name.length > LONGEST_NAME) {
      row.left.unshift(row.name);
      row.name = row.name.slice(0, LONGEST_NAME);
    }
    row.known &&= words.length === 0;
    return row;
  };

  /** @param {string} typed @param {number} [most] */
  const suggest = (typed, most = 6) => {
    const start = typed.trim().split(/\s+/).map(folded).join(" ");
    if (start.length < 2) return [];
    /** @type {[number, string, string][]} */
    const found = [];
    for (const one of medicines) {
      const other = [...one.also, ...one.brands];
      const exact = other.find((name) => folded(name) === start);
      const brand = other.find((name) => folded(name).startsWith(start));
      if (exact) found.push([0, one.name, exact]);
      else if (one.name.startsWith(start)) found.push([1, one.name, other[0] ?? ""]);
      else if (brand) found.push([2, one.name, brand]);
      else if (one.name.split(/[ /]/).some((part) => part.startsWith(start))) found.push([3, one.name, other[0] ?? ""]);
    }
    found.sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
    return found.slice(0, most).map(([, name, also]) => ({ name, also }));
  };

  /** The labelled maximum a row is above (cases/rules/medicines.py `maximum_warning`). @param {Partial<Answers>} row */
  const above = (row) => {
    const typed = (row.name ?? "").split(/\s+/).map(folded);
    const isDepot = typed.some((word) => word === "depot" || data.depots.includes(data.formulations[word] ?? ""));
    const plain = strip(typed);
    const one = byName.get(typed.join(" ")) ?? byName.get(plain);
    const value = Number((row.dose ?? "").replace(",", "."));
    if (!one || !one.most || isDepot || row.route !== one.route || !(value > 0)) return null;
    const [from, to] = [GRAMS.get(row.unit ?? ""), GRAMS.get(one.unit)];
    const factor = row.unit === one.unit ? 1 : from && to ? from / to : 0;
    const times = (data.aDay[row.freq ?? ""] ?? 0) * (one.per === "week" ? 7 : 1);
    if (value * factor * times <= one.most * (1 + 1e-9)) return null;
    return { most: written(one.most), unit: one.unit, per: one.per };
  };

  const formulated = phrases(Object.keys(data.formulations).map((way) => /** @type {[string, true]} */ ([way, true])), folded);
  /** A name without its formulation. @param {string[]} words folded */
  const strip = (words) => {
    /** @type {string[]} */
    const kept = [];
    for (let at = 0; at < words.length;) {
      const found = phraseAt(formulated, words, at);
      if (!found) kept.push(words[at]);
      at += found?.length ?? 1;
    }
    return kept.join(" ");
  };

  return { read, suggest, above };
}
