/**
 * The room as the server tells it: a snapshot, then patches. No rules of its own.
 *
 * Patches are JSON merge patches (RFC 7396): null takes away, objects merge, all else replaces.
 * Folding them over the snapshot gives exactly what a fresh snapshot would say.
 *
 * @typedef {"hub" | "spoke"} Lane
 * @typedef {{kind: string, item: string, seconds: number, label?: string, case?: string, presenter?: string}} Step
 * @typedef {{key: string, index: number, started_at?: number, allowed: number, borrowed: number, extra: number,
 *   held: boolean, hub_locked: boolean, case_started_at?: number}} Phase
 * @typedef {{name: string, site: string, lane: Lane, seat?: string, acknowledged: boolean, spoken: boolean,
 *   microphone: boolean, camera: boolean, share: boolean, grade: "good" | "fair" | "poor", speaks: boolean, runs: boolean}} Person
 * @typedef {{intent: string, at: number, note?: string}} Card
 * @typedef {{person: string, name: string, lane: Lane, at_ms: number}} Voice
 * @typedef {{item: string, area: string, text: string, voices: Voice[], reaction?: string}} Line
 * @typedef {{what: "identifier" | "safety", at: number}} Alert
 * @typedef {{stage: "green" | "live" | "ended", starts_at: number, ends_at: number, order: string[],
 *   steps: Record<string, Step>, phase?: Phase, people: Record<string, Person>,
 *   hands: {spoke: string[], hub: string[], cards: Record<string, Card>}, lines: Record<string, Line>,
 *   media: boolean, overrides: number, floor?: string, speaking?: string, voices?: string[],
 *   tech?: string[], tech_cards?: Record<string, Card>, alerts?: Record<string, Alert>}} State
 * @typedef {{person: string, seat: string, lane: Lane, duties: string[]}} You
 * @typedef {{v: number, now: number, you: You, state: State}} Snapshot
 * @typedef {{v: number, now: number, patch: Record<string, unknown>}} Patch
 */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Apply a merge patch; the target stays as it was.
 * @param {Record<string, unknown>} target
 * @param {Record<string, unknown>} patch
 * @returns {Record<string, unknown>}
 */
export function merge(target, patch) {
  const out = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const before = out[key];
    if (value === null) delete out[key];
    else if (isObject(value)) out[key] = merge(isObject(before) ? before : {}, value);
    else out[key] = value;
  }
  return out;
}

export class RoomState {
  /** @type {State | null} */
  state = null;
  /** @type {You | null} */
  you = null;
  /** Milliseconds the server's clock is ahead of this one. */
  offset = 0;
  #version = -1;

  /** @param {Snapshot} snapshot @param {number} here this computer's clock, ms */
  take(snapshot, here) {
    this.state = snapshot.state;
    this.you = snapshot.you;
    this.#version = snapshot.v;
    this.offset = snapshot.now - here;
  }

  /**
   * @param {Patch} patch
   * @param {number} here this computer's clock, ms
   * @returns {boolean} false when it is older than what is known, or nothing is known yet
   */
  fold(patch, here) {
    if (!this.state || patch.v <= this.#version) return false;
    this.state = /** @type {State} */ (/** @type {unknown} */ (merge(/** @type {any} */ (this.state), patch.patch)));
    this.#version = patch.v;
    // A patch that was long on its way makes the server look slow; the smallest delay is the truth.
    this.offset = Math.max(this.offset, patch.now - here);
    return true;
  }
}

/** The step that is on, if the session is live. @param {State} state @returns {Step | null} */
export function currentStep(state) {
  return state.phase ? (state.steps[state.phase.key] ?? null) : null;
}

/** Seconds the phase has used at server time `now` (ms). @param {State} state @param {number} now */
export function used(state, now) {
  const started = state.phase?.started_at;
  return started === undefined ? 0 : Math.max(0, (now - started) / 1000);
}

/** The number of the case on screen, from 1; 0 outside cases. @param {State} state @returns {number} */
export function caseNumber(state) {
  const step = currentStep(state);
  if (!step || !isCase(step.kind)) return 0;
  const items = [...new Set(state.order.map((key) => state.steps[key]).filter((s) => s && isCase(s.kind)).map((s) => s.item))];
  return items.indexOf(step.item) + 1;
}

const CASE_KINDS = new Set(["presentation", "clarify_spokes", "clarify_hub", "recommend_spokes", "recommend_hub", "summary"]);

/** @param {string} kind */
export function isCase(kind) {
  return CASE_KINDS.has(kind);
}

/** One's place in one's lane, from 1; 0 when no hand is up. @param {State} state @param {string} person */
export function place(state, person) {
  for (const lane of [state.hands.spoke, state.hands.hub]) {
    const at = lane.indexOf(person);
    if (at >= 0) return at + 1;
  }
  return 0;
}

/** Lines in the order in which they were first said. @param {State} state @returns {[string, Line][]} */
export function linesInOrder(state) {
  const items = state.order.map((key) => state.steps[key]?.item);
  return Object.entries(state.lines).sort(([a, x], [b, y]) =>
    items.indexOf(x.item) - items.indexOf(y.item) ||
    (x.voices[0]?.at_ms ?? 0) - (y.voices[0]?.at_ms ?? 0) ||
    (a < b ? -1 : 1));
}
