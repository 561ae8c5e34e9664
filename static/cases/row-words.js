/** A row of a table in words: "sertraline 50 mg by mouth once a day, 6 weeks". */
import { all } from "core/dom.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

/** @param {Control} control */
const said = (control) => control instanceof HTMLSelectElement
  ? (control.value === "" ? "" : control.selectedOptions[0]?.text ?? "")
  : control.value.trim();

/** The question, without its mark and the word "optional". @param {Control} control */
const label = (control) => (control.labels?.[0]?.firstChild?.textContent ?? "").trim().replace(/\?$/, "");

/** "6 weeks" in the language of the page. @param {string} weeks */
const length = (weeks) => new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "week", unitDisplay: "long" }).format(Number(weeks));

/** "3 weeks ago", "this week". @param {string} weeks */
const ago = (weeks) => new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" }).format(-Number(weeks), "week");

/** @type {Record<string, string[]>} columns that read as one phrase, by kind of table */
const PHRASE = {
  medicine: ["name", "dose", "unit", "route", "freq", "weeks"],
  lab: ["code", "value", "unit", "weeks"],
};

/**
 * @param {HTMLElement} row @param {string} kind `medicine`, `lab` or nothing
 * @returns {[string, string]} what the row is about, and the rest
 */
export function inWords(row, kind) {
  const cells = /** @type {Map<string, Control>} */ (new Map(
    all("input[name], select[name]", HTMLElement, row).filter((cell) => !cell.dataset.ready)
      .map((cell) => /** @type {[string, Control]} */ ([/** @type {Control} */ (cell).name.split(".").slice(2).join("."), /** @type {Control} */ (cell)]))));
  const ready = row.querySelector(".cell-ready")?.textContent ?? "";
  const phrase = PHRASE[kind] ?? (ready ? [] : [...cells.keys()].slice(0, 1));
  const text = (/** @type {string} */ key) => {
    const cell = cells.get(key);
    const words = cell ? said(cell) : "";
    if (key !== "weeks" || !/^\d+$/.test(words)) return words;
    return kind === "lab" ? ago(words) : length(words);
  };
  const [title = ready, ...more] = phrase.map(text);
  // "50 mg by mouth once a day" and, after a comma, for how long.
  const at = phrase[phrase.length - 1] === "weeks" ? more.pop() : "";
  const others = [...cells].filter(([key]) => !phrase.includes(key))
    .map(([, cell]) => [label(cell), said(cell)])
    .filter(([, words]) => words !== "")
    .map(([question, words]) => `${question}: ${words}`);
  const first = [more.filter(Boolean).join(" "), at].filter(Boolean).join(", ");
  return [title || ready, [first, ...others].filter(Boolean).join(" · ")];
}
