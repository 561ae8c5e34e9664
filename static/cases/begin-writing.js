/**
 * What only somebody who writes needs is fetched when writing begins, not with the page: the
 * identifier check with its rules and words, most of a megabyte. A page that brings a text, a draft
 * that is opened again, is read without being asked once it is there and has nothing else to do;
 * not where the line is slow or every byte is paid for.
 */
import { data } from "core/dom.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

const FIELDS = "textarea[data-deid], input[data-deid]";
/** Milliseconds, where a browser cannot say when it is idle. */
const LATER = 1500;

/** Whether more than is needed may be fetched. Browsers that do not tell are taken for fast ones. */
function plenty() {
  const { connection } = /** @type {Navigator & {connection?: {saveData?: boolean, effectiveType?: string}}} */ (navigator);
  return connection?.saveData !== true && (connection?.effectiveType ?? "4g") === "4g";
}

/** @param {() => void} run */
function whenIdle(run) {
  const soon = () => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => run());
    else setTimeout(run, LATER);
  };
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
}

/**
 * Do something once, when somebody comes to a field of `place` that `selector` names; what fails,
 * without a line, is tried again at the next field.
 * @param {Document | HTMLElement} place @param {string} selector @param {() => Promise<void>} begin
 */
export function whenWriting(place, selector, begin) {
  let begun = false;
  const go = async () => {
    if (begun) return;
    begun = true;
    try {
      await begin();
      for (const kind of ["focusin", "input"]) place.removeEventListener(kind, note);
    } catch {
      begun = false;
    }
  };
  /** @param {Event} event */
  const note = ({ target }) => {
    if (target instanceof Element && target.matches(selector)) void go();
  };
  // A text that is brought back from the device comes as input alone.
  for (const kind of ["focusin", "input"]) place.addEventListener(kind, note);
  const there = /** @type {Field[]} */ ([...place.querySelectorAll(FIELDS)]);
  // Somebody was quicker than this script.
  if (there.some((field) => field.value !== field.defaultValue) || document.activeElement?.matches(selector)) void go();
  else if (there.some((field) => field.value !== "") && plenty()) whenIdle(go);
}

if (data("deid-setup")) {
  whenWriting(document, FIELDS, async () => {
    const { watch } = await import("cases/deid-field.js");
    await watch();
  });
}
