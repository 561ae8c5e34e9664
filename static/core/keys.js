/** Single keys, ignored while one types and switchable off (WCAG 2.1.4); one switch for every page. */
import { need } from "core/dom.js";

const KEY = "live-keys";
const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])";

function enabled() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

/** @param {Record<string, () => void>} deeds key → what it does */
export function wireKeys(deeds) {
  const box = need("#keys-enabled", HTMLInputElement);
  box.checked = enabled();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, box.checked ? "on" : "off");
    } catch {
      // Storage is closed: the choice holds for this page.
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target instanceof HTMLElement && target.closest(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    const deed = deeds[event.key.toLowerCase()];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}
