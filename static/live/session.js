/** The room itself: binds socket, state, stage, queue, lines and keys together. Loaded on joining. */
import { announce } from "core/announce.js";
import { all, need, on } from "core/dom.js";
import { wireKeys } from "core/keys.js";
import { tabs } from "core/tabs.js";
import { toast } from "core/toast.js";
import { Alerts } from "live/alerts.js";
import { drawLines, wireCaptures } from "live/captures.js";
import { drawHands, wireHands } from "live/hands.js";
import { Media } from "live/media.js";
import { drawPeople } from "live/people.js";
import { drawPhase, drawTimer, wirePhases } from "live/phases.js";
import { RoomState, currentStep } from "live/room-state.js";
import { drawSheet, redrawSheet } from "live/sheet.js";
import { Refused, Signal } from "live/signal.js";
import { Stage } from "live/stage.js";
import { boot, say } from "live/words.js";

/**
 * The part of the side panel a phase is about; nobody who works in the panel is moved.
 * @type {Record<string, string>}
 */
const PANEL = {
  presentation: "tab-case",
  clarify_spokes: "tab-queue",
  clarify_hub: "tab-queue",
  recommend_spokes: "tab-lines",
  recommend_hub: "tab-lines",
  summary: "tab-lines",
};

/** What to tell people when a deed was refused. @param {unknown} error @returns {string} */
function wordsOf(error) {
  if (!(error instanceof Refused)) return say("offline");
  const finding = error.answer.findings?.[0];
  if (error.code === "room.held" && finding) return `${say("held", { text: "…" })} ${say("held_reword")}`;
  return error.code === "offline" || !error.message ? say("offline") : error.message;
}

/**
 * Join; resolves when the room is on screen, rejects when the door stays shut.
 * @param {import("live/devices.js").Devices} devices
 * @param {import("live/devices.js").Choices} choices
 */
export async function enter(devices, choices) {
  const room = new RoomState();
  const signal = new Signal(boot.session);
  signal.addEventListener("snapshot", (event) => room.take(/** @type {CustomEvent} */ (event).detail, Date.now()));
  signal.addEventListener("patch", (event) => room.fold(/** @type {CustomEvent} */ (event).detail, Date.now()));
  await signal.join();
  // The snapshot is sent before the answer to the join; both came over the same socket.
  if (!room.state || !room.you) throw new Refused("offline", "", {});
  new LiveRoom(room, signal, devices, choices).begin();
}

class LiveRoom {
  #room;
  #signal;
  #alerts = new Alerts();
  #stage;
  #media;
  #phase = "";
  /** @type {Record<string, string> | null} */
  #here = null;
  #drawing = false;
  #over = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown;

  /**
   * @param {RoomState} room @param {Signal} signal
   * @param {import("live/devices.js").Devices} devices @param {import("live/devices.js").Choices} choices
   */
  constructor(room, signal, devices, choices) {
    this.#room = room;
    this.#signal = signal;
    this.#stage = new Stage(() => this.#soon());
    this.#media = new Media({
      devices,
      choices,
      ask: (name, payload) => signal.ask(name, payload),
      relays: () => signal.relays.servers(),
      stage: this.#stage,
      speaks: this.#you.duties.includes("speak"),
      tell: (how) => this.#mediaNotice(how),
    });
  }

  get #state() {
    return /** @type {import("live/room-state.js").State} */ (this.#room.state);
  }

  get #you() {
    return /** @type {import("live/room-state.js").You} */ (this.#room.you);
  }

  get #now() {
    return Date.now() + this.#room.offset;
  }

  /** Ask, and show a refusal where nothing nearer shows it. @param {string} name @param {object} [payload] */
  #do = async (name, payload = {}) => {
    try {
      return await this.#signal.ask(name, payload);
    } catch (error) {
      toast(wordsOf(error));
      return null;
    }
  };

  begin() {
    need("#prejoin", HTMLElement).hidden = true;
    need("#room", HTMLElement).hidden = false;
    const ask = /** @param {string} name @param {object} [payload] */ (name, payload) => this.#signal.ask(name, payload);
    tabs(need("#room-tabs", HTMLElement));
    wirePhases(this.#do, () => this.#state);
    wireCaptures(ask, wordsOf);
    const hand = wireHands(ask, () => this.#state, this.#you, (error) => {
      const words = wordsOf(error);
      if (!need("body", HTMLElement).querySelector("dialog[open]")) toast(words);
      return words;
    });
    wireKeys({
      m: () => void this.#media.toggleMicrophone(),
      v: () => void this.#media.toggleCamera(),
      r: hand,
      "?": () => need("#keys-dialog", HTMLDialogElement).showModal(),
    });
    this.#wireDialogs();
    need("#control-leave", HTMLElement).addEventListener("click", () => void this.#leave());
    this.#listen();
    setInterval(() => drawTimer(this.#state, this.#now), 1000);
    this.#draw();
    need("#main", HTMLElement).focus();
    void this.#media.start();
    if (!this.#state.people[this.#you.person]?.acknowledged) need("#rules-dialog", HTMLDialogElement).showModal();
  }

  #wireDialogs() {
    const rules = need("#rules-dialog", HTMLDialogElement);
    // The card is read, not dismissed: Escape does not accept it.
    rules.addEventListener("cancel", (event) => event.preventDefault());
    need("#rules-accept", HTMLElement).addEventListener("click", async () => {
      if (await this.#do("rules:accept")) rules.close();
    });
    on("click", "[data-alert]", async (button) => {
      button.closest("dialog")?.close();
      if (await this.#do("alert:raise", { what: button.dataset.alert })) toast(say("alert_sent"));
    });
    on("click", "[data-press]", (button) => document.getElementById(button.dataset.press ?? "")?.click());
    on("click", "[data-open-next]", (button) => {
      const dialog = document.getElementById(button.dataset.openNext ?? "");
      if (dialog instanceof HTMLDialogElement) dialog.showModal();
    });
  }

  #listen() {
    for (const type of ["snapshot", "patch"]) this.#signal.addEventListener(type, () => this.#soon());
    this.#signal.addEventListener("message", (event) => {
      const { name, data } = /** @type {CustomEvent} */ (event).detail;
      this.#media.message(name, data);
    });
    this.#signal.addEventListener("sheet", redrawSheet);
    this.#signal.addEventListener("lost", (event) => this.#lost(/** @type {CustomEvent} */ (event).detail.seconds));
    this.#signal.addEventListener("trying", () => this.#reconnecting(say("reconnect_now")));
    this.#signal.addEventListener("back", () => {
      clearInterval(this.#countdown);
      this.#alerts.set("connection", null);
      announce(say("back_again"));
      void this.#media.start();
    });
    this.#signal.addEventListener("over", (event) => {
      const { why, message } = /** @type {CustomEvent} */ (event).detail;
      this.#end(why, message);
    });
  }

  /** Draw once for all that changed in this turn of the loop. */
  #soon() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw() {
    const state = this.#state;
    const you = this.#you;
    drawTimer(state, this.#now);
    drawPhase(state);
    drawHands(state, you, this.#do);
    drawLines(state, you, this.#do);
    drawPeople(state, you.person, you.duties.includes("run"), this.#do);
    drawSheet(state);
    this.#stage.draw(state, you.person);
    this.#media.follow(state, you);
    this.#alerts.fromRoom(state, you.duties.includes("run"), this.#do);
    if (!state.media) this.#alerts.set("media", { tone: "waiting", title: say("media_down") });
    this.#panel(currentStep(state)?.kind ?? "");
    this.#comings(state);
    if (state.stage === "ended" && !this.#over) this.#end("room.ended", "");
  }

  /** Turn to the part the phase is about, unless the person works in the panel. @param {string} kind */
  #panel(kind) {
    const before = this.#phase;
    this.#phase = kind;
    const tab = PANEL[kind];
    if (kind === before || !tab) return;
    const side = need(".room-side", HTMLElement);
    if (!side.contains(document.activeElement)) need(`#${tab}`, HTMLElement).click();
  }

  /** Say who came and who left; a crowd at the start is counted, not read out. @param {import("live/room-state.js").State} state */
  #comings(state) {
    const now = Object.fromEntries(Object.entries(state.people).map(([id, person]) => [id, person.name]));
    const before = this.#here;
    this.#here = now;
    if (!before) return;
    const came = Object.keys(now).filter((id) => !(id in before));
    const went = Object.keys(before).filter((id) => !(id in now));
    if (came.length + went.length > 3) return;
    for (const id of came) announce(say("joined", { name: now[id] ?? "" }));
    for (const id of went) announce(say("left", { name: before[id] ?? "" }));
  }

  /** @param {"ok" | "coming" | "none"} how */
  #mediaNotice(how) {
    const words = { ok: "", coming: say("media_lost"), none: say("media_text_only") }[how];
    this.#alerts.set("media", words ? { tone: "info", title: words } : null);
  }

  /** Count down to the next try, with a button that does not wait. @param {number} seconds */
  #lost(seconds) {
    clearInterval(this.#countdown);
    let left = seconds;
    announce(say("reconnecting"), "assertive");
    const tick = () => {
      this.#reconnecting(say("reconnect_in", { n: Math.max(0, left) }));
      left -= 1;
    };
    tick();
    this.#countdown = setInterval(tick, 1000);
  }

  /** @param {string} text */
  #reconnecting(text) {
    this.#alerts.set("connection", {
      tone: "danger",
      title: say("reconnecting"),
      text,
      button: { label: say("retry"), press: () => this.#signal.retry() },
    });
  }

  /** @param {string} why @param {string} message */
  #end(why, message) {
    this.#over = true;
    clearInterval(this.#countdown);
    this.#media.stop();
    const words = ["moved", "removed", "signed_out"].includes(why) ? say(why) : why === "room.ended" ? say("ended") : message || say("offline");
    const button = why === "moved"
      ? { label: say("come_back"), press: () => location.reload() }
      : why === "signed_out"
        ? { label: say("sign_in"), press: () => location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`) }
        : undefined;
    this.#alerts.set("media", null);
    this.#alerts.set("connection", { tone: why === "room.ended" ? "info" : "waiting", title: words, ...(button ? { button } : {}) });
    announce(words, "assertive");
    for (const control of all(".room-controls .control", HTMLButtonElement)) {
      control.disabled = control.id !== "control-leave";
    }
  }

  async #leave() {
    this.#media.stop();
    await this.#signal.leave();
    location.assign(`/sessions/${boot.session}`);
  }
}
