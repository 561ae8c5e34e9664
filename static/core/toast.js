/** A short message at the foot of the page, with undo. Undo instead of "are you sure?". */
import { announce } from "core/announce.js";
import { icon, make } from "core/dom.js";

/**
 * @param {string} sentence
 * @param {{undo?: () => void, seconds?: number}} [options] with undo the toast stays 10 s, else 6 s;
 *   it waits while it is hovered or holds focus (WCAG 2.2.1)
 * @returns {() => void} closes it
 */
export function toast(sentence, { undo, seconds = undo ? 10 : 6 } = {}) {
  const region = document.getElementById("toasts");
  if (!region) return () => {};
  const box = make("div", { class: "toast" }, make("span", { class: "grow" }, sentence));
  const close = () => box.remove();
  if (undo) {
    const button = make("button", { type: "button", class: "button button-quiet button-undo" }, region.dataset.undoLabel ?? "");
    button.addEventListener("click", () => {
      close();
      undo();
    });
    box.append(button);
  }
  const end = make("button", { type: "button", class: "button button-quiet button-icon", "aria-label": region.dataset.closeLabel ?? "" });
  end.append(icon("x"));
  end.addEventListener("click", close);
  box.append(end);

  let timer = setTimeout(close, seconds * 1000);
  const wait = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(close, seconds * 1000);
  };
  for (const type of ["pointerenter", "focusin"]) box.addEventListener(type, wait);
  for (const type of ["pointerleave", "focusout"]) box.addEventListener(type, go);
  region.append(box);
  announce(sentence);
  return close;
}
