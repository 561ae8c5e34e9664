/**
 * The question coach and the rarity warning: the same answers as cases/rules/question_coach.py and
 * cases/rules/rarity.py. Pure. They read the form as typed: the values of an input by its name.
 *
 * @typedef {{key: string, kinds?: string[], modules?: string[], fields?: string[], words?: string}} AskText
 * @typedef {{chained: string, vague: string, decision: string, subject: string,
 *   fewest_words: number, longest: number, lab_row: [string, string], texts: string[],
 *   asks: AskText[]}} CoachTables
 * @typedef {{notes: Record<string, string>, signs: string[], alone: string[], rare: string[],
 *   patterns: Record<string, string>, areas: string[]}} RarityTables
 * @typedef {Map<string, string[]>} Typed
 * @typedef {{key: string, field: string, ticked: boolean}} Asked
 */
import { flat, pattern, plain } from "cases/phrases.js";

const MARK = /[?？؟]/;
const SHORTEST_NAME = 4;

/** @param {string} text @returns {string[]} */
const wordsOf = (text) => text.match(/[\p{L}\p{N}_]+/gu) ?? [];

/** @param {Typed} typed @param {string} key */
const values = (typed, key) => (typed.get(key) ?? []).filter((value) => value.trim() !== "");

/**
 * @param {CoachTables} tables
 * @returns {(question: string, about?: string[]) => string[]} codes of what could be better
 */
export function questionCoach(tables) {
  const chained = pattern(tables.chained);
  const vague = pattern(tables.vague);
  const decision = pattern(tables.decision);
  const subject = pattern(tables.subject);
  return (question, about = []) => {
    const typed = plain(question).trim();
    if (typed === "") return [];
    const text = flat(typed);
    const said = new Set(wordsOf(typed).map((word) => word.toLowerCase()));
    const named = about.some((name) =>
      wordsOf(plain(name)).some((word) => word.length >= SHORTEST_NAME && said.has(word.toLowerCase())));
    const unclear = vague.test(text);
    /** @type {[string, boolean][]} */
    const found = [
      ["vague", unclear],
      ["mark", !MARK.test(typed)],
      ["one", chained.test(text)],
      ["subject", !subject.test(text) && !named],
      // "Any thoughts?" was told already what a decision is.
      ["decision", !unclear && !decision.test(text)],
      ["short", wordsOf(typed).length < tables.fewest_words],
      ["long", typed.length > tables.longest],
    ];
    return found.filter(([, holds]) => holds).map(([code]) => code);
  };
}

/** Whether an input is answered; `*` stands for any row, `[code]` for a test's row. @param {Typed} typed @param {string} path @param {[string, string]} labRow */
function given(typed, path, labRow) {
  const lab = /^([^[]+)\[([^\]]+)\]$/.exec(path);
  if (lab) {
    const [codeName, valueName] = labRow;
    return [...typed.keys()].some((name) => {
      if (!name.startsWith(`${lab[1]}.`) || !name.endsWith(`.${codeName}`)) return false;
      const row = name.slice(0, -codeName.length);
      const code = values(typed, name);
      return code.length === 1 && code[0] === lab[2] && values(typed, row + valueName).length > 0;
    });
  }
  const star = path.indexOf("*");
  if (star < 0) return values(typed, path).length > 0;
  const [before, after] = [path.slice(0, star), path.slice(star + 1)];
  return [...typed.keys()].some((name) =>
    name.startsWith(before) && name.endsWith(after) && name.length > before.length + after.length
    && /^\d+$/.test(name.slice(before.length, name.length - after.length)) && values(typed, name).length > 0);
}

/**
 * @param {CoachTables} tables @param {string[]} modules those of the programme's form
 * @returns {(typed: Typed) => Asked[]} what the hub will ask for, and whether the answers hold it
 */
export function hubAsks(tables, modules) {
  const asks = tables.asks
    .filter((ask) => !ask.modules || ask.modules.some((module) => modules.includes(module)))
    .map((ask) => ({ ...ask, said: ask.words ? pattern(`\\b(?:${ask.words})\\b`) : null }));
  return (typed) => {
    const kinds = values(typed, "question_types");
    const texts = tables.texts.flatMap((key) => values(typed, key).map((text) => flat(plain(text)))).join("\n");
    return asks
      .filter((ask) => !ask.kinds || ask.kinds.some((kind) => kinds.includes(kind)))
      .map((ask) => ({
        key: ask.key,
        field: (ask.fields?.[0] ?? "").split(/[.[]/)[0],
        ticked: (ask.fields ?? []).some((path) => given(typed, path, tables.lab_row)) || ask.said?.test(texts) === true,
      }));
  };
}

/**
 * @param {RarityTables} tables
 * @returns {(texts: string[], notes: string[], typed: Typed) => string[]} signs that together may point at one person
 */
export function rarity(tables) {
  const patterns = Object.entries(tables.patterns)
    .map(([sign, words]) => /** @type {[string, RegExp]} */ ([sign, pattern(`(?<!\\w)(?:${words})(?!\\w)`)]));
  return (texts, notes, typed) => {
    const found = new Set(notes.map((rule) => tables.notes[rule]).filter(Boolean));
    for (const text of texts) {
      const readable = flat(plain(text));
      for (const [sign, words] of patterns) if (words.test(readable)) found.add(sign);
    }
    if (values(typed, "area").some((area) => tables.areas.includes(area))) found.add("place");
    if (values(typed, "age").includes("90+")) found.add("age");
    if (values(typed, "language").includes("other")) found.add("language");
    const alone = tables.alone.some((sign) => found.has(sign));
    const together = found.size > 1 && tables.rare.some((sign) => found.has(sign));
    return alone || together ? tables.signs.filter((sign) => found.has(sign)) : [];
  };
}
