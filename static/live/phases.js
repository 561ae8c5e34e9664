/** The top bar: which phase, how long, what was borrowed; and the buttons of who runs the session. */
import { announce } from "core/announce.js";
import { need } from "core/dom.js";
import { clock, timerState } from "core/time.js";
import { caseNumber, currentStep, used } from "live/room-state.js";
import { say } from "live/words.js";

/** @typedef {import("live/room-state.js").State} State */

let phaseBefore = "";

/** Set a text only when it differs: live regions and selections stay quiet. @param {HTMLElement} element @param {string} words */
function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** The phase in words. @param {State} state */
export function phaseName(state) {
  if (state.stage === "ended") return say("ended");
  const step = currentStep(state);
  return step ? say(`phase.${step.kind}`) : say("green_room");
}

/** @param {State} state @param {number} now server time, ms */
export function drawTimer(state, now) {
  const timer = need("#timer", HTMLElement);
  const face = need("#phase-clock", HTMLElement);
  const bar = need("#phase-bar", HTMLProgressElement);
  const note = need("#phase-note", HTMLElement);
  write(need("#phase-name", HTMLElement), phaseName(state));
  const { phase } = state;
  if (!phase) {
    const left = (state.starts_at - now) / 1000;
    timer.dataset.state = "calm";
    bar.value = 0;
    write(face, "");
    write(note, state.stage === "ended" ? "" : left > 0 ? say("starts_in", { clock: clock(left) }) : say("start_due"));
    return;
  }
  const spent = used(state, now);
  const left = phase.allowed - spent;
  timer.dataset.state = timerState(spent, phase.allowed);
  bar.value = phase.allowed > 0 ? Math.min(100, (100 * spent) / phase.allowed) : 100;
  write(face, left >= 0 ? say("time_left", { clock: clock(left) }) : say("time_over", { clock: clock(-left) }));
  const notes = [];
  if (phase.extra) notes.push(say("extended", { n: phase.extra / 60 }));
  if (phase.borrowed) notes.push(say("borrowed", { clock: clock(phase.borrowed) }));
  write(note, notes.join(" · "));
}

/** @param {State} state */
export function drawPhase(state) {
  const step = currentStep(state);
  const number = caseNumber(state);
  const parts = number ? [say("case_n", { n: number }), step?.label ?? ""] : [step?.label ?? ""];
  write(need("#room-case", HTMLElement), parts.filter(Boolean).join(" · "));
  const key = state.phase?.key ?? state.stage;
  if (phaseBefore && key !== phaseBefore) announce(say("phase_now", { phase: phaseName(state) }));
  phaseBefore = key;
  if (!document.getElementById("run-controls")) return;
  const live = state.stage === "live";
  const last = state.phase ? state.phase.index + 1 >= state.order.length : false;
  const show = /** @param {string} id @param {boolean} on */ (id, on) => {
    need(`#${id}`, HTMLButtonElement).hidden = !on;
  };
  show("phase-start", state.stage === "green");
  show("phase-back", live && (state.phase?.index ?? 0) > 0);
  for (const id of ["phase-plus-1", "phase-plus-2"]) show(id, live);
  show("phase-next", live && !last);
  show("session-end", live);
  const following = state.phase ? state.steps[state.order[state.phase.index + 1] ?? ""] : undefined;
  const label = need(".button-label", HTMLElement, need("#phase-next", HTMLElement));
  write(label, following ? say("next", { phase: say(`phase.${following.kind}`) }) : say("last"));
}

/**
 * @param {(name: string, payload?: object) => Promise<unknown>} ask
 * @param {() => State} state
 */
export function wirePhases(ask, state) {
  if (!document.getElementById("run-controls")) return;
  const seen = () => state().phase?.key ?? "";
  const press = /** @param {string} id @param {() => unknown} deed */ (id, deed) => {
    need(`#${id}`, HTMLButtonElement).addEventListener("click", () => void deed());
  };
  press("phase-start", () => ask("phase:start"));
  press("phase-next", () => ask("phase:next", { seen: seen() }));
  press("phase-back", () => ask("phase:back", { seen: seen() }));
  press("phase-plus-1", () => ask("phase:extend", { seen: seen(), minutes: 1 }));
  press("phase-plus-2", () => ask("phase:extend", { seen: seen(), minutes: 2 }));
  press("session-end", () => need("#end-dialog", HTMLDialogElement).showModal());
  press("session-end-confirm", () => ask("session:end"));
}
