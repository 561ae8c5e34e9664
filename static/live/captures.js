/** Recommendations while they are said: the list, the capture line, the presenter's word. */
import { announce } from "core/announce.js";
import { make, need } from "core/dom.js";
import { clock } from "core/time.js";
import { chip, tabCount } from "live/people.js";
import { redraw } from "live/redraw.js";
import { caseNumber, currentStep, linesInOrder } from "live/room-state.js";
import { say } from "live/words.js";

/**
 * @typedef {import("live/room-state.js").State} State
 * @typedef {import("live/room-state.js").You} You
 * @typedef {(name: string, payload?: object) => Promise<any>} Ask
 * @typedef {{start: number, end: number, category: string, suggestion: string | null}} Finding
 */

/** @type {Set<string> | null} */
let known = null;

/** A fresh id in the house's base 32: a repeated Enter after a lost answer stays one line. */
export function newId() {
  const letters = "0123456789abcdefghjkmnpqrstvwxyz";
  return [...crypto.getRandomValues(new Uint8Array(26))].map((byte) => letters[byte & 31]).join("");
}

/** @param {State} state @param {You} you @param {Ask} ask */
export function drawLines(state, you, ask) {
  const lines = linesInOrder(state);
  const step = currentStep(state);
  const mayReact = step?.kind === "summary" && step.presenter === you.person;
  const fresh = lines.filter(([id]) => known && !known.has(id));
  redraw(need("#lines", HTMLOListElement), [lines, mayReact && step?.item], () => {
    if (!lines.length) return [make("li", { class: "soft" }, say("no_lines"))];
    return lines.map(([id, line]) => {
      const first = line.voices[0];
      const isFresh = fresh.some(([other]) => other === id);
      const item = make("li", { class: `capture-line${isFresh ? " is-fresh" : ""}`, "data-line": id },
        make("span", { class: "capture-at" }, clock((first?.at_ms ?? 0) / 1000)),
        make("p", { class: "capture-text" }, line.text));
      const by = make("p", { class: "capture-by" });
      for (const voice of line.voices) by.append(chip(voice.name, voice.lane, clock(voice.at_ms / 1000)), " ");
      if (line.reaction) by.append(make("span", { class: "badge" }, say("presenter_says", { word: say(line.reaction) })));
      item.append(by);
      if (mayReact && line.item === step?.item) item.append(reactions(id, line.reaction, ask));
      return item;
    });
  });
  for (const [, line] of fresh) {
    const first = line.voices[0];
    if (first && first.person !== you.person) announce(say("new_line", { name: first.name, clock: clock(first.at_ms / 1000) }));
  }
  known = new Set(lines.map(([id]) => id));
  tabCount("tab-lines", "lines_n", lines.length);
  drawForm(state, you);
}

/** @param {string} id @param {string | undefined} said @param {Ask} ask */
function reactions(id, said, ask) {
  const group = make("p", { class: "capture-by row", role: "group" });
  for (const reaction of ["useful", "unclear", "not_feasible"]) {
    const button = make("button", { type: "button", class: "button button-small", "aria-pressed": String(said === reaction), "data-key": `${id}-${reaction}` }, say(reaction));
    button.addEventListener("click", () => void ask("line:react", { line: id, reaction }));
    group.append(button);
  }
  return group;
}

/** Who can have said it: everybody for the hub's scribe, oneself for a spoke. @param {State} state @param {You} you */
function drawForm(state, you) {
  if (!document.getElementById("capture-form")) return;
  const select = need("#f-speaker", HTMLSelectElement);
  const everybody = Object.entries(state.people).filter(([, person]) => person.speaks);
  const people = you.lane === "hub" ? everybody : everybody.filter(([id]) => id === you.person);
  const chosen = select.value;
  const step = currentStep(state);
  redraw(select, people.map(([id, person]) => [id, person.name]), () =>
    people.map(([id, person]) => make("option", { value: id }, person.name)));
  const keep = people.some(([id]) => id === chosen) ? chosen : you.person;
  if (select.value !== keep) select.value = keep;
  // Whoever gets the floor is most likely the next one to be quoted; a choice by hand is kept.
  if (state.floor && state.floor !== select.dataset.floor && people.some(([id]) => id === state.floor)) select.value = state.floor;
  select.dataset.floor = state.floor ?? "";
  const open = caseNumber(state) > 0 && step?.kind !== "summary" && state.phase?.case_started_at !== undefined;
  need("#f-line", HTMLInputElement).disabled = !open;
  need('#capture-form button[type="submit"]', HTMLButtonElement).disabled = !open;
}

/** @param {Ask} ask @param {(error: unknown) => string} words */
export function wireCaptures(ask, words) {
  const form = document.getElementById("capture-form");
  if (!(form instanceof HTMLFormElement)) return;
  const field = need("#f-line", HTMLInputElement);
  const error = need("#line-error", HTMLElement);
  const held = need("#line-held", HTMLElement);
  let id = newId();
  let typed = "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    // The same words keep their id, so that sending them again after a lost answer is one line.
    if (text !== typed) id = newId();
    typed = text;
    error.hidden = held.hidden = true;
    try {
      await ask("line:capture", { line: id, speaker: need("#f-speaker", HTMLSelectElement).value, area: need("#f-area", HTMLSelectElement).value, text });
      if (field.value.trim() === text) field.value = "";
      typed = "";
    } catch (problem) {
      const findings = /** @type {{answer?: {findings?: Finding[]}}} */ (problem).answer?.findings;
      if (findings?.length) showHeld(held, field, text, findings);
      else {
        error.textContent = words(problem);
        error.hidden = false;
      }
    }
    field.focus();
  });
}

/**
 * Say what looks like an identifier, with one button that writes the suggestion instead.
 * @param {HTMLElement} box @param {HTMLInputElement} field @param {string} text @param {Finding[]} findings
 */
function showHeld(box, field, text, findings) {
  const letters = [...text]; // offsets count code points
  const rows = findings.map((finding) => {
    const found = letters.slice(finding.start, finding.end).join("");
    const row = make("p", {}, `${say("held", { text: found })} `);
    if (finding.suggestion === null) row.append(say("held_reword"));
    else {
      const better = finding.suggestion;
      const fix = make("button", { type: "button", class: "button button-small" }, say("held_fix", { text: better }));
      fix.addEventListener("click", () => {
        field.value = field.value.replace(found, better);
        row.remove();
        if (!box.querySelector("p")) box.hidden = true;
        field.focus();
      });
      row.append(fix);
    }
    return row;
  });
  box.replaceChildren(make("div", { class: "banner-body" }, ...rows));
  box.hidden = false;
}
