/** Tabs made of buttons (role=tab) and panels: arrows move, one panel shows (WAI-ARIA tabs pattern). */
import { all } from "core/dom.js";

/**
 * @param {HTMLElement} list the role=tablist
 * @param {(tab: HTMLElement) => void} [changed]
 */
export function tabs(list, changed) {
  const tabList = all('[role="tab"]', HTMLElement, list);

  /** @param {HTMLElement} chosen @param {boolean} focus */
  const choose = (chosen, focus) => {
    for (const tab of tabList) {
      const current = tab === chosen;
      tab.setAttribute("aria-selected", String(current));
      tab.tabIndex = current ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !current;
    }
    if (focus) chosen.focus();
    changed?.(chosen);
  };

  list.addEventListener("click", (event) => {
    const tab = event.target instanceof Element ? event.target.closest('[role="tab"]') : null;
    if (tab instanceof HTMLElement) choose(tab, false);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabList.findIndex((tab) => tab === document.activeElement);
    const forward = getComputedStyle(list).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const next = { [forward]: at + 1, [back]: at - 1, Home: 0, End: tabList.length - 1 }[event.key];
    const tab = next === undefined || at < 0 ? undefined : tabList[(next + tabList.length) % tabList.length];
    if (!tab) return;
    event.preventDefault();
    choose(tab, true);
  });
}
