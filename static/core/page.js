/** What every page needs; what a page holds no use for is not started. */
import { startDialogs } from "core/dialog.js";
import { startFileDrops } from "core/file-drop.js";
import { toggle } from "core/theme.js";
import { startTimes } from "core/time.js";

/** Close open menus on Escape and on a click elsewhere. */
function menus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute("open");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    menu?.removeAttribute("open");
    menu?.querySelector("summary")?.focus();
  });
}

/** A form on its way says so, and its second click does nothing. */
function busyButtons() {
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || !(button instanceof HTMLButtonElement)) return;
    if (button.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    const label = button.querySelector(".button-label");
    if (!button.dataset.busyLabel || !label) return;
    const words = label.textContent;
    button.setAttribute("aria-busy", "true");
    label.textContent = button.dataset.busyLabel;
    // Coming back by the browser's Back button must find a live form.
    addEventListener("pageshow", () => {
      button.removeAttribute("aria-busy");
      label.textContent = words;
    }, { once: true });
  });
}

/** `/` or Ctrl/Cmd-K go to the search line, unless someone is typing. */
function searchKey() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    const command = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const field = document.querySelector('form[role="search"] input[type="search"]');
    if (!(slash || command) || !(field instanceof HTMLInputElement)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

menus();
busyButtons();
searchKey();
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-theme-toggle]")) {
    toggle();
  }
});
const summary = document.querySelector("[data-error-summary]");
if (summary instanceof HTMLElement) summary.focus();
if (document.querySelector("dialog")) startDialogs();
if (document.querySelector("time[data-relative]")) startTimes();
startFileDrops();
