/** Two devices wrote on one draft: a calm dialog in which the author chooses, field by field. */
import { open } from "core/dialog.js";
import { make, need } from "core/dom.js";

/**
 * One field as the server compares it: lines in words, and what would be typed for what is there.
 * @typedef {{key: string, label: string, here: string[], there: string[], values: Record<string, string | string[]>}} Difference
 * @typedef {"here" | "there"} Side
 */

/** @param {Difference} difference @param {Side} preferred @param {string} nothing */
function drawn(difference, preferred, nothing) {
  const template = need("#clash-field", HTMLTemplateElement);
  const part = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  need("legend", HTMLLegendElement, part).textContent = difference.label;
  for (const side of /** @type {Side[]} */ (["here", "there"])) {
    const radio = need(`input[value="${side}"]`, HTMLInputElement, part);
    radio.name = `clash.${difference.key}`;
    // As an attribute: the choice survives `form.reset()` and is what the page began with.
    radio.toggleAttribute("checked", side === preferred);
    const text = need(`[data-text="${side}"]`, HTMLElement, part);
    const lines = difference[side];
    text.replaceChildren(lines.length > 0 ? lines.join("\n") : make("span", { class: "soft" }, nothing));
  }
  return part;
}

/**
 * Ask which side to go on with.
 * @param {Difference[]} differences
 * @param {(difference: Difference) => Side} preferred what stands chosen at first
 * @param {string} nothing how an empty answer is called
 * @returns {Promise<Map<string, Side> | null>} null: the author closed the dialog without choosing
 */
export function choose(differences, preferred, nothing) {
  const dialog = need("#draft-clash", HTMLDialogElement);
  const inside = need("[data-clash]", HTMLFormElement, dialog);
  const list = need("[data-clash-list]", HTMLElement, dialog);
  list.replaceChildren(...differences.map((d) => drawn(d, preferred(d), nothing)));
  dialog.returnValue = "";
  open(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const how = dialog.returnValue;
      const given = new FormData(inside);
      const side = (/** @type {Difference} */ { key }) =>
        /** @type {Side} */ (how === "chosen" ? given.get(`clash.${key}`) : how);
      resolve(how === "" ? null : new Map(differences.map((d) => [d.key, side(d)])));
    }, { once: true });
  });
}
