/**
 * The socket of the room: joins, asks, and comes back after a loss with a fresh ticket.
 *
 * Events: `snapshot`, `patch` and `sheet` (detail: what the server sent), `message` (detail: {name, data}),
 * `lost` (detail: {seconds} until the next try), `trying`, `back`, `over` (detail: {why}).
 */
import { get } from "core/http.js";
import { Relays } from "live/relays.js";
import { io } from "vendor/socket.io.esm.min.js";

/** Seconds between tries; the last one repeats. */
const WAITS = [1, 2, 4, 8, 15];
/** Milliseconds an answer may take before the question counts as lost. */
const PATIENCE = 8000;

/** A refusal by the server: `code` for scripts, `message` for people. */
export class Refused extends Error {
  /** @param {string} code @param {string} message @param {Record<string, any>} answer */
  constructor(code, message, answer) {
    super(message);
    this.code = code;
    this.answer = answer;
  }
}

export class Signal extends EventTarget {
  relays = new Relays((name) => this.ask(name));
  #session;
  #socket;
  #ended = false;
  #joined = false;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} session */
  constructor(session) {
    super();
    this.#session = session;
    this.#socket = io("/live", { transports: ["websocket"], reconnection: false, autoConnect: false });
    const socket = this.#socket;
    socket.on("connect", () => void this.#sitDown());
    socket.on("connect_error", (/** @type {any} */ error) => this.#refusedAtTheDoor(error?.data?.code));
    socket.on("disconnect", () => this.#lost());
    socket.on("room:beat", () => void socket.emit("room:beat", {}));
    socket.on("room:snapshot", (/** @type {unknown} */ detail) => this.#tell("snapshot", detail));
    socket.on("room:patch", (/** @type {unknown} */ detail) => this.#tell("patch", detail));
    socket.on("room:sheet", () => this.#tell("sheet", {}));
    socket.on("room:dismissed", (/** @type {{why: string}} */ { why }) => this.#end(why));
    for (const name of ["media:offer", "media:slots", "media:lost"]) {
      socket.on(name, (/** @type {unknown} */ data) => this.#tell("message", { name, data }));
    }
    addEventListener("online", () => this.retry());
  }

  /** Come into the room; resolves when seated. Rejects with Refused when the door stays shut. */
  join() {
    return /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
      const done = new AbortController();
      const { signal } = done;
      this.addEventListener("back", () => { done.abort(); resolve(); }, { signal });
      this.addEventListener("over", (event) => {
        done.abort();
        const { why, message = "" } = /** @type {CustomEvent} */ (event).detail;
        reject(new Refused(why, message, {}));
      }, { signal });
      void this.#knock();
    }));
  }

  /**
   * Send an event; resolves with the server's answer, rejects with Refused.
   * @param {string} name
   * @param {object} [payload]
   * @returns {Promise<any>}
   */
  async ask(name, payload = {}) {
    /** @type {any} */
    let answer;
    try {
      answer = await this.#socket.timeout(PATIENCE).emitWithAck(name, payload);
    } catch {
      throw new Refused("offline", "", {});
    }
    if (answer?.ok) return answer;
    throw new Refused(answer?.error?.code ?? "server_error", answer?.error?.message ?? "", answer ?? {});
  }

  /** Try again now instead of waiting. */
  retry() {
    if (this.#ended || this.#socket.connected || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#knock();
  }

  /** Leave for good. */
  async leave() {
    this.#ended = true;
    clearTimeout(this.#timer);
    if (this.#socket.connected) await this.ask("room:leave").catch(() => {});
    this.#socket.disconnect();
  }

  async #knock() {
    this.#tell("trying", null);
    const answer = await get(`/sessions/${this.#session}/live/ticket`);
    if (this.#ended) return;
    if (answer.ok) {
      this.#socket.auth = { ticket: /** @type {{ticket: string}} */ (answer.value).ticket };
      this.#socket.connect();
    } else if (answer.problem.status === 0 || answer.problem.status >= 500) this.#lost();
    else this.#end(answer.problem.status === 401 ? "signed_out" : answer.problem.code, `${answer.problem.title}. ${answer.problem.detail}`);
  }

  async #sitDown() {
    try {
      this.relays.keep(await this.ask("room:join"));
    } catch (error) {
      if (error instanceof Refused && error.code !== "offline") this.#end(error.code, error.message);
      else this.#socket.disconnect();
      return;
    }
    this.#tries = 0;
    this.#joined = true;
    this.#tell("back", null);
  }

  /** @param {string | undefined} code */
  #refusedAtTheDoor(code) {
    if (code === "sign_in_needed") this.#end("signed_out");
    // An expired ticket or too many sockets (older ones still closing): a new ticket, a new try.
    else this.#lost();
  }

  #lost() {
    if (this.#ended || this.#timer !== undefined) return;
    const seconds = WAITS[Math.min(this.#tries++, WAITS.length - 1)] ?? 15;
    this.#tell("lost", { seconds, joined: this.#joined });
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#knock();
    }, seconds * 1000);
  }

  /** @param {string} why @param {string} [message] */
  #end(why, message) {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#tell("over", { why, message });
    this.#socket.disconnect();
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
