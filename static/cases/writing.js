/**
 * The helps while writing: similar cases, the question coach, what the hub will ask, words that put
 * the person first, words that may mean danger, and facts that together may point at one person.
 * All of them suggest; none blocks, and none changes a word by itself.
 */
import { look, lookIdly, rulesHere } from "cases/deid-look.js";
import { watchHints } from "cases/hints.js";
import { watchQuestion } from "cases/question.js";
import { watchSimilar } from "cases/similar.js";
import { showSlots } from "cases/slots.js";
import { debounce } from "core/dom.js";
import { get } from "core/http.js";

/**
 * @typedef {import("cases/coach.js").Typed} Typed
 * @typedef {HTMLInputElement | HTMLTextAreaElement} TextField
 * @typedef {Record<string, any>} Words
 * @typedef {{form: HTMLFormElement, box: HTMLElement, tables: Record<string, any>, words: Words,
 *   modules: string[], texts: () => TextField[], typed: () => Typed,
 *   notes: (text: string) => string[] | null}} Desk
 * @typedef {(changed: Set<TextField>) => void} Part called after a pause
 */

const PAUSE = 700;
const TEXTS = "textarea[data-deid], input[data-deid]";

/** @param {HTMLFormElement} form @returns {Typed} */
function typedIn(form) {
  /** @type {Typed} */
  const typed = new Map();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") typed.set(name, [...(typed.get(name) ?? []), value]);
  }
  return typed;
}

/** The rules of the uniqueness cues in a text, kept while it is the same; null without the check. */
function noteReader() {
  /** @type {Map<string, string[]>} */
  const known = new Map();
  return (/** @type {string} */ text) => {
    const before = known.get(text);
    if (before) return before;
    const found = look(text)?.notes.map((one) => one.rule) ?? null;
    if (known.size > 100) known.clear();
    if (found) known.set(text, found);
    return found;
  };
}

/** @param {HTMLFormElement} form @param {HTMLElement} box */
export async function start(form, box) {
  const [rules, answer] = await Promise.all([fetch(box.dataset.rules ?? ""), get(box.dataset.words ?? "")]);
  if (!rules.ok || !answer.ok) throw new Error("offline");
  const tables = await rules.json();
  const { words, modules, slots } = /** @type {{words: Words, modules: string[], slots: import("cases/slots.js").Slot[]}} */ (answer.value);
  /** @type {Desk} */
  const desk = {
    form,
    box,
    tables,
    words,
    modules,
    texts: () => /** @type {TextField[]} */ ([...form.querySelectorAll(TEXTS)]),
    typed: () => typedIn(form),
    notes: noteReader(),
  };
  showSlots(form, slots, words.slots);
  /** @type {Part[]} */
  const parts = [watchQuestion(desk), watchHints(desk), watchSimilar(desk)];
  /** @type {Set<TextField>} */
  const waiting = new Set(desk.texts().filter((field) => field.value !== ""));
  // What appears while a button is being pressed would move the button away from its click.
  let pressed = false;
  let due = true;
  const now = () => {
    if (pressed || !due || form.dataset.leaving === "yes") return;
    due = false;
    const changed = new Set(waiting);
    waiting.clear();
    for (const part of parts) part(changed);
  };
  const soon = debounce(PAUSE, now);
  /** @param {Event} event */
  const note = ({ target }) => {
    if (target instanceof HTMLElement && target.matches(TEXTS)) waiting.add(/** @type {TextField} */ (target));
    due = true;
    soon();
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  document.addEventListener("pointerdown", () => {
    pressed = true;
  }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      pressed = false;
      setTimeout(soon);
    }, true);
  }
  now();
  // What asks the check is told nothing before its rules are here; the first texts are read in small steps.
  await rulesHere;
  for (const { value } of desk.texts()) if (value !== "") await lookIdly(value, () => true);
  due = true;
  now();
}
