/**
 * Similar past cases beside the question. Sent are the question, its kind, the diagnoses and the
 * medicines, and only when the check in this page holds nothing of them back; the story stays here.
 */
import { look } from "cases/deid-look.js";
import { announce } from "core/announce.js";
import { icon, make } from "core/dom.js";
import { post } from "core/http.js";

/**
 * @typedef {import("cases/coach.js").Typed} Typed
 * @typedef {import("cases/writing.js").Desk} Desk
 * @typedef {{href: string, heading: string, meta: string, why: [string, string][]}} Entry
 * @typedef {{held: boolean, similar: Entry[]}} Found
 * @typedef {{question: string, diagnoses: string[], medicines: string[], types: string[]}} Facts
 */

const LONGEST_QUESTION = 500;
const LONGEST_NAME = 120;
const MOST_NAMES = 20;
const SHORTEST = 12;
/** Milliseconds between two look-ups. */
const REST = 2500;

/** @param {Typed} typed @param {string} grid @param {string} column */
const columnOf = (typed, grid, column) => [...typed]
  .filter(([name]) => name.startsWith(`${grid}.`) && name.endsWith(`.${column}`))
  .map(([, [value]]) => value.trim().slice(0, LONGEST_NAME)).filter(Boolean).slice(0, MOST_NAMES);

/** @param {Typed} typed @returns {Facts} */
const factsOf = (typed) => ({
  question: (typed.get("main_question")?.[0] ?? "").trim().slice(0, LONGEST_QUESTION),
  diagnoses: columnOf(typed, "diagnoses", "label"),
  medicines: columnOf(typed, "medications", "name"),
  types: typed.get("question_types") ?? [],
});

/** Whether the check in this page lets all of it go; without its rules nothing goes. @param {Facts} facts */
const clear = (facts) => [facts.question, ...facts.diagnoses, ...facts.medicines]
  .every((text) => look(text)?.findings.every(({ tier }) => tier !== "block") ?? false);

/** @param {Entry} entry @param {Record<string, string>} words */
const row = (entry, words) => make("li", { class: "row-item" }, make("div", { class: "row-text" },
  make("a", { class: "row-title", href: entry.href, target: "_blank", rel: "noopener" },
    entry.heading, make("span", { class: "visually-hidden" }, ` (${words.new_tab})`)),
  make("p", { class: "row-meta" }, entry.meta),
  make("ul", { class: "chips", "aria-label": words.why },
    ...entry.why.map(([kind, label]) => make("li", { class: `chip chip-${kind}` }, label)))));

/** @param {Desk} desk @returns {import("cases/writing.js").Part} */
export function watchSimilar(desk) {
  const words = desk.words.similar;
  const field = desk.form.querySelector('[data-field="main_question"], .field:has([name="main_question"])');
  const place = field?.parentElement ?? desk.box;
  const title = make("summary", { class: "similar-title" });
  const list = make("ul", { class: "rows" });
  const shown = make("details", { class: "similar card", hidden: true }, title, list,
    make("p", { class: "small soft" }, words.note));
  const held = make("p", { class: "small soft similar-held", hidden: true }, words.held);
  const wide = matchMedia("(min-width: 75rem)");
  // In the column of the questions it would push away what is about to be pressed.
  if (wide.matches) place.after(shown, held);
  else desk.box.prepend(shown, held);
  shown.open = wide.matches;
  let asked = "";
  let last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;

  /** @param {Found} found */
  const draw = ({ similar }) => {
    const label = similar.length === 1 ? words.one : words.many.replace("{n}", String(similar.length));
    const news = similar.length > 0 && (shown.hidden || title.textContent !== label);
    shown.hidden = similar.length === 0;
    title.replaceChildren(icon("book"), make("span", {}, label));
    list.replaceChildren(...similar.map((entry) => row(entry, words)));
    if (news) announce(label);
  };

  const ask = async () => {
    const facts = factsOf(desk.typed());
    const nothing = facts.question.length < SHORTEST && facts.diagnoses.length === 0 && facts.medicines.length === 0;
    if (nothing) {
      draw({ held: false, similar: [] });
      held.hidden = true;
      asked = "";
      return;
    }
    const now = JSON.stringify(facts);
    if (now === asked) return;
    if (!look("")) return;
    held.hidden = clear(facts);
    if (!held.hidden) {
      shown.hidden = true;
      asked = "";
      return;
    }
    const rest = last + REST - Date.now();
    clearTimeout(later);
    if (rest > 0) {
      later = setTimeout(ask, rest);
      return;
    }
    last = Date.now();
    asked = now;
    const answer = await post("/api/cases/similar", facts);
    if (asked !== now) return;
    if (!answer.ok) {
      asked = "";
      return;
    }
    const found = /** @type {Found} */ (answer.value);
    held.hidden = !found.held;
    draw(found);
  };
  return () => void ask();
}
