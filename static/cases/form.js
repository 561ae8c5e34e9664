/**
 * The case form with JavaScript: one step at a time, questions that appear when they apply, live
 * scores, rows to add, the identifier check while typing, unsent work kept on the device, and a
 * sign-in that can be renewed in place. Without it the same page is one long form that works.
 */
import { autosave } from "cases/autosave.js";
import "cases/begin-writing.js";
import { holds } from "cases/conditions.js";
import "cases/helps.js";
import { equip, tend } from "cases/grids.js";
import { watch } from "cases/instruments.js";
import { ready } from "cases/sign-in-again.js";
import { all, data, icon, make, need } from "core/dom.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {Record<"kept" | "check" | "missing" | "complete" | "from", string>} Words */

const form = need("[data-case-form]", HTMLFormElement);
const words = /** @type {Words} */ (data("form-words"));
const NEVER_KEPT = new Set(["csrf", "idempotency", "row_version", "writer", "form", "case_type", "prior"]);

/** @returns {Control[]} */
const controls = () => /** @type {Control[]} */ (
  [...form.elements].filter((e) => e.matches("input[name], select[name], textarea[name]")));

/** @param {Control} control */
const given = (control) =>
  control instanceof HTMLInputElement && (control.type === "radio" || control.type === "checkbox")
    ? control.checked : control.value !== "";

/** @param {string} key @returns {string[]} */
const answers = (key) => controls().filter((c) => c.name === key && given(c)).map((c) => c.value);

// ── What applies ──

function apply() {
  for (const part of all("[data-when]", HTMLElement, form)) {
    part.hidden = !holds(JSON.parse(part.dataset.when ?? '["always"]'), answers);
  }
}

// ── Steps ──

const sections = all("[data-section]", HTMLElement, form);
const marks = all(".steps .step", HTMLElement, form);
const shown = () => sections.filter((section) => section.dataset.when === undefined
  || holds(JSON.parse(section.dataset.when), answers));
const back = need("[data-step-back]", HTMLButtonElement, form);
const next = need("[data-step-next]", HTMLButtonElement, form);
const submit = need("[data-submit]", HTMLButtonElement, form);
let current = "";

/** Whether each question of a section that must be answered is; the server has the last word. @param {HTMLElement} section */
function complete(section) {
  const asked = all(".field", HTMLElement, section).filter((field) =>
    !field.closest("[data-when][hidden], [data-grid], [data-scale]") && !field.querySelector(".field-optional"));
  return asked.length > 0 && asked.every((field) =>
    /** @type {Control[]} */ ([...field.querySelectorAll("input, select, textarea")]).some(given));
}

/** @param {string} key @param {boolean} [move] */
function show(key, move = true) {
  const open = shown();
  const section = open.find((s) => s.dataset.section === key) ?? open[0];
  current = section.dataset.section ?? "";
  for (const other of sections) other.hidden = other !== section;
  const place = open.indexOf(section);
  back.hidden = place === 0;
  next.hidden = place === open.length - 1;
  submit.hidden = place !== open.length - 1;
  markSteps();
  void equip(section);
  if (!move) return;
  section.focus({ preventScroll: true });
  need(".steps", HTMLElement, form).scrollIntoView({ block: "start" });
}

function markSteps() {
  const open = shown();
  sections.forEach((section, index) => {
    const mark = marks[index];
    mark.hidden = !open.includes(section);
    const here = section.dataset.section === current;
    const link = need("a", HTMLAnchorElement, mark);
    if (here) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
    const attention = mark.classList.contains("step-attention");
    const done = !attention && !here && complete(section);
    const number = String(open.indexOf(section) + 1);
    if (!attention) need(".step-mark", HTMLElement, mark).replaceChildren(done ? icon("check") : number);
    need(".visually-hidden", HTMLElement, mark).textContent = done ? `, ${words.complete}` : "";
    mark.classList.toggle("step-current", here && !attention);
    mark.classList.toggle("step-done", done);
    mark.classList.toggle("step-todo", !done && !attention && !here);
  });
}

/** Open the step that holds an element of the page, for links from the summaries. @param {string} id */
function reveal(id) {
  const target = document.getElementById(id);
  const section = target?.closest("[data-section]");
  if (!target || !(section instanceof HTMLElement)) return false;
  show(section.dataset.section ?? "", false);
  for (const closed of [target, ...all("details", HTMLElement)].filter((e) => e.contains(target))) {
    if (closed instanceof HTMLDetailsElement) closed.open = true;
  }
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
  return true;
}

function steps() {
  back.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
    const id = link?.getAttribute("href")?.slice(1) ?? "";
    if (id.startsWith("s-") && sections.some((s) => s.id === id)) {
      event.preventDefault();
      show(id.slice(2));
    } else if (id.startsWith("f-") && reveal(id)) event.preventDefault();
  });
  // A page that came back with something to correct opens where the first of it is.
  const first = marks.findIndex((mark) => mark.classList.contains("step-attention"));
  show(sections[Math.max(first, 0)].dataset.section ?? "", false);
}

/** @param {number} by */
function step(by) {
  const open = shown();
  const place = open.findIndex((s) => s.dataset.section === current);
  const to = open[Math.min(Math.max(place + by, 0), open.length - 1)];
  show(to.dataset.section ?? "");
}

// ── Small helps ──

function helps() {
  for (const input of [...all("input[data-none]", HTMLInputElement, form), ...all("textarea[data-none]", HTMLTextAreaElement, form)]) {
    const label = input.dataset.none ?? "";
    const button = make("button", { type: "button", class: "button button-plain button-small" },
      make("span", { class: "button-label" }, label));
    button.addEventListener("click", () => {
      input.value = label;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    input.after(button);
  }
  for (const input of all("input[data-usual]", HTMLInputElement, form)) {
    const [low, high] = (input.dataset.usual ?? "").split(",").map(Number);
    const note = make("p", { class: "field-help", role: "status" });
    (input.closest(".with-unit") ?? input).after(note);
    input.addEventListener("change", () => {
      const odd = input.value !== "" && (Number(input.value) < low || Number(input.value) > high);
      note.textContent = odd ? words.check : "";
    });
  }
}

// ── What stands in the form ──

/** @returns {[string, string][]} */
const entries = () => controls().filter((c) => given(c) && !NEVER_KEPT.has(c.name)).map((c) => [c.name, c.value]);

/** @param {[string, string][]} kept @param {Set<string>} [only] these fields alone, whatever else is typed */
function restore(kept, only) {
  for (const [path] of kept) {
    const [grid, row] = path.split(".");
    grids.get(grid)?.(Number(row) + 1);
  }
  const values = new Map();
  for (const [path, value] of kept) values.set(path, [...(values.get(path) ?? []), value]);
  for (const control of controls()) {
    if (NEVER_KEPT.has(control.name) || (only && !only.has(control.name.split(".")[0]))) continue;
    const found = values.get(control.name) ?? [];
    if (control instanceof HTMLInputElement && (control.type === "radio" || control.type === "checkbox")) {
      control.checked = found.includes(control.value);
    } else control.value = found[0] ?? "";
    if (found.length > 0) control.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Whether somebody typed before this script came, on a slow line. */
const touched = () => controls().some((c) => !(c instanceof HTMLSelectElement) && c.type !== "hidden" && c.value !== c.defaultValue);

// ── Sending ──

function sending() {
  const saver = autosave(form, { entries, restore, touched: touched() });
  form.addEventListener("submit", async (event) => {
    if (form.dataset.leaving === "yes") return;
    event.preventDefault();
    if (form.dataset.sending === "yes") return;
    form.dataset.sending = "yes";
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : submit;
    try {
      const now = await ready(form);
      if (now === "offline") saver.offline();
      if (now !== "yes" || !(await saver.settled())) return;
    } finally {
      delete form.dataset.sending;
    }
    form.dataset.leaving = "yes";
    form.requestSubmit(button);
    // Stopped by hand or by the line: the form that is still here goes on.
    setTimeout(() => delete form.dataset.leaving, 30_000);
  });
  addEventListener("pageshow", () => delete form.dataset.leaving);
}

// ── Start ──

/** @type {Map<string, (count: number) => void>} */
const grids = new Map();
for (const grid of all("[data-grid]", HTMLElement, form)) grids.set(grid.dataset.grid ?? "", tend(grid));
for (const box of all("[data-scale]", HTMLElement, form)) watch(box, words);
apply();
helps();
steps();
form.addEventListener("change", () => {
  apply();
  const section = sections.find((s) => s.dataset.section === current);
  for (const other of sections) if (other !== section) other.hidden = true;
  markSteps();
});
sending();
