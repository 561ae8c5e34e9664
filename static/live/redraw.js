/** Draw a part of the room again only when what it shows has changed, and keep the focus in it. */

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * @param {HTMLElement} box
 * @param {unknown} slice what the part depends on
 * @param {() => (Node | string)[]} build
 * @returns {boolean} whether it was drawn
 */
export function redraw(box, slice, build) {
  const key = JSON.stringify(slice);
  if (shown.get(box) === key) return false;
  shown.set(box, key);
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const mark = focused instanceof HTMLElement ? focused.dataset.key : undefined;
  box.replaceChildren(...build());
  if (mark) {
    const again = box.querySelector(`[data-key="${CSS.escape(mark)}"]`);
    // The button one pressed may be gone (the hand went down): stay in the part, not at the top.
    const target = again instanceof HTMLElement ? again : box.closest('[role="tabpanel"]');
    if (target instanceof HTMLElement) target.focus();
  }
  return true;
}
