/** "Present on Tuesday?": the next sessions with a free place, at the end of the form. */
import { make } from "core/dom.js";

/**
 * @typedef {{day: string, relative: string, clinic: string, viewer: string, iso: string}} When
 * @typedef {{href: string, when: When, topic: string, places: string}} Slot
 */

/** @param {When} when */
const time = (when) => make("time", { class: "when", datetime: when.iso },
  make("span", { class: "when-relative" }, `${when.day}, ${when.relative}`),
  make("span", { class: "when-clinic" }, when.clinic),
  ...(when.viewer ? [make("span", { class: "when-viewer" }, when.viewer)] : []));

/** @param {HTMLFormElement} form @param {Slot[]} slots @param {{title: string, note: string}} words */
export function showSlots(form, slots, words) {
  const last = [...form.querySelectorAll("[data-section]")].at(-1);
  if (!last || slots.length === 0) return;
  last.append(make("section", { class: "card slots", "aria-labelledby": "free-places" },
    make("h3", { class: "card-title", id: "free-places" }, words.title.replace("{day}", slots[0].when.day)),
    make("ul", { class: "rows" }, ...slots.map((slot) => make("li", { class: "row-item" },
      make("div", { class: "row-text" },
        make("a", { class: "row-title", href: slot.href, target: "_blank", rel: "noopener" }, time(slot.when)),
        make("p", { class: "row-meta" }, [slot.places, slot.topic].filter(Boolean).join(" · ")))))),
    make("p", { class: "small soft" }, words.note)));
}
