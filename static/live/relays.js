/**
 * What the server gives this seat to use its relay: kept, and asked for again when it grows old.
 *
 * @typedef {{relays?: {servers: RTCIceServer[], seconds: number}}} Answer nothing in a house without a relay
 */

export class Relays {
  #ask;
  #now;
  /** @type {RTCIceServer[]} */
  #servers = [];
  #until = Infinity;

  /**
   * @param {(name: string) => Promise<Answer>} ask
   * @param {() => number} [now] by the wall: a computer that slept has grown older, too
   */
  constructor(ask, now = Date.now) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Take what an answer holds; it is renewed at half its life, for a connection needs it for a while. @param {Answer} answer */
  keep({ relays }) {
    this.#servers = relays?.servers ?? [];
    this.#until = relays ? this.#now() + relays.seconds * 500 : Infinity;
  }

  /** The relays a new connection may use; none in a house without. @returns {Promise<RTCIceServer[]>} */
  async servers() {
    if (this.#now() > this.#until) this.keep(await this.#ask("media:relays"));
    return this.#servers;
  }
}
