/** How a person is shown: chip, tile words, the list of who is here. */
import { icon, make, need } from "core/dom.js";
import { redraw } from "live/redraw.js";
import { currentStep } from "live/room-state.js";
import { say } from "live/words.js";

/**
 * @typedef {import("live/room-state.js").State} State
 * @typedef {import("live/room-state.js").Lane} Lane
 */

const BARS = { good: 4, fair: 2, poor: 1 };

/** A person as colleagues see them: shape and tint say hub or spoke. @param {string} name @param {Lane} lane @param {string} [detail] */
export function chip(name, lane, detail = "") {
  const text = make("span", {}, make("span", { class: "person-name" }, name));
  if (detail) text.append(" ", make("span", { class: "person-detail" }, detail));
  return make("span", { class: `person person-${lane}` }, icon(lane === "hub" ? "hexagon" : "circle", say(lane)), text);
}

/** @param {"good" | "fair" | "poor"} grade */
function bars(grade) {
  const box = make("span", { class: "signal", "data-bars": BARS[grade], role: "img", "aria-label": say(`signal_${grade}`) });
  box.append(make("i"), make("i"), make("i"), make("i"));
  return box;
}

/** What a person is in this room, in words. @param {State} state @param {string} id @param {string} me @returns {string[]} */
function functions(state, id, me) {
  const person = state.people[id];
  const words = [];
  if (id === me) words.push(say("you"));
  if (person?.runs) words.push(say("runs"));
  if (currentStep(state)?.presenter === id) words.push(say("presents"));
  if (state.floor === id) words.push(say("has_floor"));
  return words;
}

/**
 * The list of people; whoever runs the session can give the floor from it.
 * @param {State} state @param {string} me @param {boolean} runs
 * @param {(name: string, payload?: object) => Promise<unknown>} ask
 */
export function drawPeople(state, me, runs, ask) {
  const ids = Object.keys(state.people).sort((a, b) => {
    const [x, y] = [state.people[a], state.people[b]];
    return Number(y?.runs) - Number(x?.runs) || (x?.lane ?? "").localeCompare(y?.lane ?? "") || (x?.name ?? "").localeCompare(y?.name ?? "");
  });
  const floorOpen = runs && state.phase !== undefined && !state.phase.held;
  redraw(need("#people", HTMLUListElement), [state.people, state.floor, state.phase?.key, floorOpen, state.phase?.hub_locked], () =>
    ids.map((id) => {
      const person = /** @type {import("live/room-state.js").Person} */ (state.people[id]);
      const states = functions(state, id, me);
      if (person.speaks && !person.microphone) states.push(say("muted"));
      if (person.speaks && !person.spoken && runs && id !== me) states.push(say("not_spoken"));
      const row = make("li", { "data-person": id }, chip(person.name, person.lane, person.site));
      const end = make("span", { class: "row" }, make("span", { class: "tile-state small" }, states.join(" · ")), bars(person.grade));
      const locked = person.lane === "hub" && state.phase?.hub_locked;
      if (floorOpen && person.speaks && state.floor !== id && !locked) {
        const button = make("button", { type: "button", class: "button button-quiet button-small", "data-key": `floor-${id}`, "aria-label": say("give_floor_to", { name: person.name }) }, say("give_floor"));
        button.addEventListener("click", () => void ask("floor:give", { person: id }));
        end.append(button);
      }
      row.append(end);
      return row;
    }));
  tabCount("tab-people", "people_n", ids.length);
}

/** @param {string} id @param {string} words @param {number} n */
export function tabCount(id, words, n) {
  const tab = need(`#${id}`, HTMLElement);
  const text = say(words, { n });
  if (tab.textContent !== text) tab.textContent = text;
}
