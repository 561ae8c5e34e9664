/** Documents to keep: print the letter, copy the citation. */
import { announce } from "core/announce.js";
import { on } from "core/dom.js";

on("click", "[data-print]", () => window.print());

on("click", "[data-copy-cite]", (button) => {
  const text = document.querySelector("[data-cite]")?.textContent?.trim() ?? "";
  const label = button.querySelector(".button-label");
  void navigator.clipboard.writeText(text).then(() => {
    if (label) label.textContent = button.dataset.done ?? "";
    announce(button.dataset.done ?? "");
  }, () => {
    // No right to the clipboard: the text is selected, so that the keyboard can copy it.
    const cite = document.querySelector("[data-cite]");
    if (cite) getSelection()?.selectAllChildren(cite);
  });
});
