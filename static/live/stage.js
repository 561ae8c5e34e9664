/**
 * Pictures and voices: who is large, who is small, which slot belongs to whom.
 *
 * The server maps a fixed set of slots to people (`media:slots`); a tile takes its picture from the
 * slot its person is in, and shows initials otherwise. Without media everything else stays.
 */
import { icon, make, need } from "core/dom.js";
import { currentStep } from "live/room-state.js";
import { say } from "live/words.js";

/**
 * @typedef {import("live/room-state.js").State} State
 * @typedef {import("live/room-state.js").Person} Person
 * @typedef {{slot: string, track: MediaStreamTrack, stream: MediaStream}} SlotDetail
 * @typedef {{seat: string, kind: "audio" | "video" | "share"}} Filling
 * @typedef {{figure: HTMLElement, video: HTMLVideoElement, letters: HTMLElement, caption: HTMLElement, words: string}} Tile
 */

/** Small tiles beside the large one; more people stand in the list. */
const SMALL = 6;

export class Stage {
  /** @type {Map<string, MediaStream>} */
  #streams = new Map();
  /** @type {Record<string, Filling>} */
  #fillings = {};
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  /** @type {MediaStream | null} */
  #own = null;
  #pinned = "";
  #heard = "";
  #redraw;

  /** @param {() => void} redraw called when a picture came or went */
  constructor(redraw) {
    this.#redraw = redraw;
  }

  /** @param {MediaStreamTrack | null} track one's own camera */
  own(track) {
    this.#own = track ? new MediaStream([track]) : null;
    this.#redraw();
  }

  /** A slot of the down connection has its stream. @param {SlotDetail} detail */
  slot({ slot, track, stream }) {
    if (track.kind === "audio") this.#voice(slot, stream);
    else this.#streams.set(slot, stream);
    this.#redraw();
  }

  /** What each slot shows now. @param {Record<string, Filling>} fillings */
  fill(fillings) {
    this.#fillings = fillings;
    this.#redraw();
  }

  /** Forget all streams: the connections are made anew. */
  clear() {
    this.#streams.clear();
    this.#fillings = {};
    need("#voices", HTMLElement).replaceChildren();
    this.#redraw();
  }

  /** @param {string} slot @param {MediaStream} stream */
  #voice(slot, stream) {
    const box = need("#voices", HTMLElement);
    box.querySelector(`[data-slot="${CSS.escape(slot)}"]`)?.remove();
    const audio = make("audio", { "data-slot": slot });
    audio.autoplay = true;
    audio.srcObject = stream;
    box.append(audio);
    audio.play().catch(() => {
      // The browser wants a gesture first: the next click lets the voices in.
      document.addEventListener("click", () => void audio.play().catch(() => {}), { once: true });
    });
  }

  /** @param {string | undefined} seat @param {"video" | "share"} kind @returns {MediaStream | null} */
  #stream(seat, kind) {
    for (const [slot, filling] of Object.entries(this.#fillings)) {
      if (filling.seat === seat && filling.kind === kind) return this.#streams.get(slot) ?? null;
    }
    return null;
  }

  /** @param {State} state @param {string} me */
  draw(state, me) {
    const people = Object.entries(state.people);
    if (state.speaking && state.speaking !== me) this.#heard = state.speaking;
    const sharer = people.find(([id, person]) => id !== me && person.share)?.[0];
    const large = sharer ?? this.#large(state, me);
    const kind = sharer ? "share" : "video";
    need("#stage", HTMLElement).dataset.view = sharer ? "share" : "picture";
    const small = people.map(([id]) => id).filter((id) => id !== large || sharer);
    small.sort((a, b) => rank(state, a, me) - rank(state, b, me));
    const shown = small.slice(0, SMALL);
    this.#place(need("#stage", HTMLElement), large ? [this.#tile(state, large, kind, me, true)] : []);
    const strip = shown.map((id) => this.#tile(state, id, "video", me, false));
    if (small.length > SMALL) {
      strip.push(make("span", { class: "strip-more" }, say("everybody", { n: small.length - SMALL })));
    }
    this.#place(need("#strip", HTMLElement), strip);
    const keep = new Set([`${large}:${kind}`, ...shown.map((id) => `${id}:video`)]);
    for (const key of this.#tiles.keys()) if (!keep.has(key)) this.#tiles.delete(key);
  }

  /**
   * Move only what is not there yet: a video that is moved in the page stops for a moment.
   * @param {HTMLElement} box @param {HTMLElement[]} wanted
   */
  #place(box, wanted) {
    const now = [...box.children];
    if (now.length === wanted.length && now.every((child, n) => child === wanted[n])) return;
    box.replaceChildren(...wanted);
    for (const video of box.querySelectorAll("video")) if (video.srcObject) void video.play().catch(() => {});
  }

  /** @param {State} state @param {string} me @returns {string} */
  #large(state, me) {
    const here = /** @param {string | undefined} id */ (id) => id !== undefined && id in state.people;
    const others = Object.keys(state.people).filter((id) => id !== me);
    const candidates = [
      this.#pinned, state.floor, currentStep(state)?.presenter, this.#heard,
      others.find((id) => state.people[id]?.camera), others.find((id) => state.people[id]?.runs), others[0], me,
    ];
    return candidates.find((id) => id !== me && here(id)) ?? (here(me) ? me : "");
  }

  /**
   * @param {State} state @param {string} id @param {"video" | "share"} kind @param {string} me @param {boolean} main
   * @returns {HTMLElement}
   */
  #tile(state, id, kind, me, main) {
    const person = /** @type {Person} */ (state.people[id]);
    const key = `${id}:${kind}`;
    let tile = this.#tiles.get(key);
    if (!tile) {
      tile = build(person, id, kind);
      tile.figure.addEventListener("dblclick", () => {
        this.#pinned = this.#pinned === id ? "" : id;
        this.#redraw();
      });
      this.#tiles.set(key, tile);
    }
    const stream = id === me && kind === "video" ? this.#own : this.#stream(person.seat, kind);
    const seen = stream !== null && (kind === "share" || person.camera);
    if (tile.video.srcObject !== stream) tile.video.srcObject = stream;
    tile.video.hidden = !seen;
    tile.letters.hidden = seen;
    const speaking = state.speaking === id;
    tile.figure.className = `tile${main ? " tile-main" : ""}${id === me ? " tile-self" : ""}${speaking ? " is-speaking" : ""}`;
    label(tile, person, speaking);
    return tile.figure;
  }
}

/** @param {State} state @param {string} id @param {string} me */
function rank(state, id, me) {
  if (id === me) return 0;
  if (id === state.floor) return 1;
  if (id === currentStep(state)?.presenter) return 2;
  const person = state.people[id];
  return (person?.camera ? 3 : 5) + (person?.runs ? 0 : 1);
}

/** @param {Person} person @param {string} id @param {"video" | "share"} kind @returns {Tile} */
function build(person, id, kind) {
  const video = make("video", { autoplay: true, playsinline: true, hidden: true, "data-person": id, "data-kind": kind });
  video.muted = true;
  const initials = person.name.split(/\s+/).map((part) => part[0] ?? "").slice(0, 2).join("").toUpperCase();
  const letters = make("span", { class: "tile-initials", "aria-hidden": "true" }, initials);
  const caption = make("figcaption", { class: "tile-name" });
  const figure = make("figure", { class: "tile", "data-lane": person.lane, "data-person": id }, video, letters, caption);
  return { figure, video, letters, caption, words: "" };
}

/** Name and state, in icon and words. @param {Tile} tile @param {Person} person @param {boolean} speaking */
function label(tile, person, speaking) {
  const key = JSON.stringify([person.name, person.microphone, person.grade, speaking, person.speaks]);
  if (tile.words === key) return;
  tile.words = key;
  const parts = [icon(person.lane === "hub" ? "hexagon" : "circle", say(person.lane)), make("span", {}, person.name)];
  if (speaking) parts.push(make("span", { class: "tile-speaking" }, icon("volume"), say("speaking")));
  else if (person.speaks && !person.microphone) parts.push(make("span", { class: "tile-state" }, icon("mic-off", say("muted"))));
  if (person.grade === "poor") parts.push(make("span", { class: "tile-state" }, icon("signal", say("weak"))));
  tile.caption.replaceChildren(...parts);
}
