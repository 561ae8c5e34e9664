/** The words of the live room: translated on the server, carried by the page, filled in here. */
import { data } from "core/dom.js";

/**
 * @typedef {{session: string, person: string, name: string, startsAt: number, words: Record<string, string>}} Boot
 */

/** What the page carries for its scripts. */
export const boot = /** @type {Boot} */ (data("live-boot"));

/**
 * A sentence of the room; `{name}` is replaced by the value of that name.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(key, values = {}) {
  const words = boot.words[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
