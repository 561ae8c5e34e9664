/** The strip under the top bar: lost connection, media, safety cards, calls for help. */
import { make, icon, need } from "core/dom.js";
import { redraw } from "live/redraw.js";
import { say } from "live/words.js";

/**
 * @typedef {import("live/room-state.js").State} State
 * @typedef {{key: string, tone: "info" | "waiting" | "danger" | "finding", title: string, text?: string, button?: {label: string, press: () => void}}} Notice
 */

const ICONS = { info: "info", waiting: "clock", danger: "alert", finding: "shield" };

export class Alerts {
  /** @type {Map<string, Notice>} */
  #notices = new Map();

  /** Show a notice, or take it away. @param {string} key @param {Omit<Notice, "key"> | null} notice */
  set(key, notice) {
    if (notice) this.#notices.set(key, { key, ...notice });
    else this.#notices.delete(key);
    this.#draw();
  }

  /**
   * The cards the server lets this person see.
   * @param {State} state @param {boolean} runs
   * @param {(name: string, payload?: object) => Promise<unknown>} ask
   */
  fromRoom(state, runs, ask) {
    for (const key of this.#notices.keys()) if (key.startsWith("room-")) this.#notices.delete(key);
    for (const [id, alert] of Object.entries(state.alerts ?? {})) {
      this.#notices.set(`room-${id}`, {
        key: `room-${id}`,
        tone: alert.what === "safety" ? "danger" : "finding",
        title: say(`alert_${alert.what}`),
        text: say(`alert_${alert.what}_do`),
        ...(runs ? { button: { label: say("alert_close"), press: () => void ask("alert:close", { alert: id }) } } : {}),
      });
    }
    for (const id of state.tech ?? []) {
      this.#notices.set(`room-tech-${id}`, {
        key: `room-tech-${id}`,
        tone: "waiting",
        title: `${state.people[id]?.name ?? ""} ${say("tech_calls")}`,
        text: state.tech_cards?.[id]?.note ?? "",
        button: { label: say("alert_close"), press: () => void ask("hand:lower", { person: id }) },
      });
    }
    this.#draw();
  }

  #draw() {
    const all = [...this.#notices.values()];
    redraw(need("#alerts", HTMLElement), all.map(({ key, tone, title, text, button }) => [key, tone, title, text, button?.label]), () =>
      all.map((notice) => {
        const body = make("div", { class: "banner-body" }, make("p", { class: "banner-title" }, notice.title));
        if (notice.text) body.append(make("p", {}, notice.text));
        const box = make("div", { class: `banner banner-${notice.tone}` }, icon(ICONS[notice.tone]), body);
        if (notice.button) {
          const button = make("button", { type: "button", class: "button button-small", "data-key": `alert-${notice.key}` }, notice.button.label);
          // The press belongs to the newest notice of this key, whatever was drawn.
          button.addEventListener("click", () => this.#notices.get(notice.key)?.button?.press());
          box.append(button);
        }
        return box;
      }));
  }
}
