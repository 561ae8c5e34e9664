/** The queue in its two lanes, one's own hand, and the floor. */
import { announce } from "core/announce.js";
import { icon, make, need } from "core/dom.js";
import { chip, tabCount } from "live/people.js";
import { redraw } from "live/redraw.js";
import { place } from "live/room-state.js";
import { say } from "live/words.js";

/**
 * @typedef {import("live/room-state.js").State} State
 * @typedef {import("live/room-state.js").You} You
 * @typedef {(name: string, payload?: object) => Promise<any>} Ask
 */

/** @type {string | undefined} */
let floorBefore;

/** A small icon button with a spoken name. @param {string} symbol @param {string} label @param {string} key @param {() => unknown} deed */
function tool(symbol, label, key, deed) {
  const button = make("button", { type: "button", class: "button button-quiet button-icon", "aria-label": label, title: label, "data-key": key });
  button.append(icon(symbol));
  button.addEventListener("click", () => void deed());
  return button;
}

/**
 * @param {State} state @param {You} you @param {string} id @param {number} at place from 0
 * @param {boolean} mayGive @param {Ask} ask
 */
function entry(state, you, id, at, mayGive, ask) {
  const person = /** @type {import("live/room-state.js").Person} */ (state.people[id]);
  const card = state.hands.cards[id] ?? { intent: "clarify", at: 0 };
  const mine = id === you.person;
  const runs = you.duties.includes("run");
  const intent = say(card.intent) + (mine && at === 0 ? ` · ${say("you_are_next")}` : "");
  const item = make("li", { class: `queue-entry${mine ? " is-mine" : ""}`, "data-person": id },
    make("span", { class: "queue-place" }, String(at + 1)), chip(person.name, person.lane),
    make("span", { class: "queue-intent" }, intent));
  if (card.note) item.append(make("span", { class: "queue-note" }, card.note));
  const actions = make("span", { class: "queue-actions" });
  if (mayGive) {
    const give = make("button", { type: "button", class: "button button-primary button-small", "data-key": `give-${id}`, "aria-label": say("give_floor_to", { name: person.name }) }, say("give_floor"));
    give.addEventListener("click", () => void ask("floor:give", { person: id }));
    actions.append(give);
  }
  if (runs && at > 0) actions.append(tool("arrow-up", say("hand_first_of", { name: person.name }), `up-${id}`, () => ask("hand:move", { person: id, place: 0 })));
  if (mine || runs) {
    const label = mine ? say("hand_down") : say("hand_down_of", { name: person.name });
    actions.append(tool("x", label, `down-${id}`, () => ask("hand:lower", { person: id })));
  }
  item.append(actions);
  return item;
}

/** Who has the floor, first in the lane it belongs to. @param {State} state @param {You} you @param {Ask} ask */
function floorEntry(state, you, ask) {
  const id = /** @type {string} */ (state.floor);
  const person = /** @type {import("live/room-state.js").Person} */ (state.people[id]);
  const item = make("li", { class: "queue-entry has-floor", "data-person": id },
    make("span", { class: "queue-place" }, icon("mic", say("has_floor"))), chip(person.name, person.lane),
    make("span", { class: "queue-intent" }, say("has_floor")));
  if (id === you.person || you.duties.includes("run")) {
    const done = make("button", { type: "button", class: "button button-small", "data-key": "floor-done", "aria-label": say("take_floor_of", { name: person.name }) }, say("take_floor"));
    done.addEventListener("click", () => void ask("floor:take"));
    item.append(make("span", { class: "queue-actions" }, done));
  }
  return item;
}

/** @param {State} state @param {You} you @param {Ask} ask */
export function drawHands(state, you, ask) {
  const held = state.phase?.held ?? false;
  for (const lane of /** @type {("spoke" | "hub")[]} */ (["spoke", "hub"])) {
    const ids = state.hands[lane].filter((id) => state.people[id]);
    const locked = lane === "hub" && (state.phase?.hub_locked ?? false);
    const holder = state.floor && state.people[state.floor]?.lane === lane ? state.floor : null;
    const mayGive = you.duties.includes("run") && state.phase !== undefined && !held && !locked;
    const slice = [ids, state.hands.cards, holder, mayGive, ids.map((id) => state.people[id]?.name)];
    redraw(need(`#lane-${lane}-list`, HTMLOListElement), slice, () => {
      const rows = ids.map((id, at) => entry(state, you, id, at, mayGive, ask));
      if (holder) rows.unshift(floorEntry(state, you, ask));
      return rows.length ? rows : [make("li", { class: "queue-empty" }, say("nobody"))];
    });
    need(`#lane-${lane}`, HTMLElement).classList.toggle("is-locked", locked || held);
    const first = state.phase?.hub_locked === true && lane === "spoke";
    redraw(need(`#lane-${lane}-note`, HTMLElement), [locked, held, first], () => {
      if (held || locked) return [make("span", { class: "badge" }, icon("lock"), say(held ? "waits_phase" : "waits_spokes"))];
      return first ? [say("speak_first")] : [];
    });
  }
  tabCount("tab-queue", "queue_n", state.hands.spoke.length + state.hands.hub.length);
  const unlock = document.getElementById("hub-unlock");
  if (unlock) unlock.hidden = !state.phase?.hub_locked;
  drawOwn(state, you);
  drawFloor(state, you);
}

/** One's own hand, with the place in the queue. @param {State} state @param {You} you */
function drawOwn(state, you) {
  const button = document.getElementById("control-hand");
  if (!button) return;
  const at = place(state, you.person);
  const floor = state.floor === you.person;
  const tech = state.tech?.includes(you.person) ?? false;
  const up = at > 0 || floor || tech;
  button.setAttribute("aria-pressed", String(up));
  button.classList.toggle("control-raised", up);
  const words = floor ? say("hand_floor") : at ? say("hand_up", { place: ordinal(at) }) : tech ? say("hand_waits") : say("hand");
  const label = need("span", HTMLElement, button);
  if (label.textContent !== words) label.textContent = words;
}

/** 2 → "2nd" in English, "2" elsewhere. @param {number} n */
function ordinal(n) {
  const lang = document.documentElement.lang;
  if (!lang.startsWith("en")) return String(n);
  const suffix = { one: "st", two: "nd", few: "rd", other: "th" }[/** @type {"one"} */ (new Intl.PluralRules("en", { type: "ordinal" }).select(n))];
  return `${n}${suffix ?? "th"}`;
}

/** @param {State} state @param {You} you */
function drawFloor(state, you) {
  const name = state.floor ? state.people[state.floor]?.name ?? "" : "";
  const words = !state.floor ? "" : state.floor === you.person ? say("floor_yours") : say("floor_of", { name });
  const line = need("#floor-now", HTMLElement);
  if (line.textContent !== words) line.textContent = words;
  if (state.floor !== floorBefore && words) announce(words, state.floor === you.person ? "assertive" : "polite");
  floorBefore = state.floor;
}

/**
 * @param {Ask} ask rejects with the server's refusal
 * @param {() => State} state @param {You} you
 * @param {(error: unknown) => string} words
 * @returns {() => void} what the key `r` does
 */
export function wireHands(ask, state, you, words) {
  document.getElementById("hub-unlock")?.addEventListener("click", () => void ask("hub:unlock").catch(words));
  const button = document.getElementById("control-hand");
  if (!button) return () => {};
  const dialog = need("#hand-dialog", HTMLDialogElement);
  const form = need("#hand-form", HTMLFormElement);
  const error = need("#hand-error", HTMLElement);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    try {
      await ask("hand:raise", { intent: fields.get("intent"), note: fields.get("note") });
      dialog.close();
      need("#f-note", HTMLInputElement).value = "";
    } catch (problem) {
      error.textContent = words(problem);
      error.hidden = false;
    }
  });
  const toggle = () => {
    const now = state();
    error.hidden = true;
    if (now.floor === you.person) void ask("floor:take").catch(words);
    else if (place(now, you.person) || now.tech?.includes(you.person)) void ask("hand:lower", { person: you.person }).catch(words);
    else if (!dialog.open) dialog.showModal();
  };
  button.addEventListener("click", toggle);
  return toggle;
}
