/**
 * Dialogs and drawers: native <dialog>, which traps focus, closes on Escape and gives focus back.
 * Markup: <button data-dialog-open="id">, inside the dialog <button data-dialog-close>.
 */
import { on } from "core/dom.js";

/** @param {HTMLDialogElement} dialog */
export function open(dialog) {
  if (!dialog.open) dialog.showModal();
}

/** A click on the veil closes; a drag that ends there (selecting text) does not. */
function closeOnVeil() {
  /** @type {EventTarget | null} */
  let pressed = null;
  document.addEventListener("pointerdown", (event) => {
    pressed = event.target;
  });
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement) || pressed !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right &&
      event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
}

/** Wire every opener and closer of the page, present and future. */
export function startDialogs() {
  on("click", "[data-dialog-open]", (opener) => {
    const dialog = document.getElementById(opener.dataset.dialogOpen ?? "");
    if (dialog instanceof HTMLDialogElement) open(dialog);
  });
  on("click", "[data-dialog-close]", (closer) => closer.closest("dialog")?.close());
  closeOnVeil();
}
