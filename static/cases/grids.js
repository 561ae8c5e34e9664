/** Tables of the case form: one row is shown until more are asked for; rows can be added and emptied. */
import { all, make } from "core/dom.js";

/** @param {HTMLElement} row */
const controls = (row) => all("input, select", HTMLElement, row).map((e) => /** @type {HTMLInputElement | HTMLSelectElement} */ (e));

/** @param {HTMLElement} row */
const used = (row) => controls(row).some((control) => control.value !== "");

/** Give a copied row its own number in names, ids and what points at them. @param {HTMLElement} row @param {string} grid @param {number} number */
function renumber(row, grid, number) {
  const old = `${grid}.${row.dataset.row}.`;
  const fresh = `${grid}.${number}.`;
  for (const element of all("[name], [id], [for], [aria-describedby], [data-field]", HTMLElement, row)) {
    for (const attribute of ["name", "id", "for", "aria-describedby", "data-field"]) {
      const value = element.getAttribute(attribute);
      if (value?.includes(old)) element.setAttribute(attribute, value.replaceAll(old, fresh));
    }
  }
  row.dataset.row = String(number);
  const legend = row.querySelector("[data-row-legend]");
  if (legend instanceof HTMLElement) legend.textContent = `${legend.dataset.rowLegend}, ${number + 1}`;
}

/** @param {HTMLElement} row */
function empty(row) {
  for (const control of controls(row)) control.value = "";
  for (const left of row.querySelectorAll(".finding-list, .field-error")) left.remove();
}

/**
 * @param {HTMLElement} grid the fieldset with data-grid
 * @param {{remove: string}} words
 * @returns {(count: number) => void} makes sure that so many rows are there
 */
export function tend(grid, words) {
  const name = grid.dataset.grid ?? "";
  const most = Number(grid.dataset.most);
  const add = /** @type {HTMLButtonElement | null} */ (grid.querySelector("[data-add-row]"));
  const rows = () => all("[data-row]", HTMLElement, grid);

  /** @param {HTMLElement} row */
  const removable = (row) => {
    const button = make("button", { type: "button", class: "button button-quiet button-small" },
      make("span", { class: "button-label" }, words.remove));
    button.addEventListener("click", () => {
      empty(row);
      row.hidden = true;
      settle();
      grid.dispatchEvent(new Event("input", { bubbles: true }));
      add?.focus();
    });
    row.append(button);
  };

  const settle = () => {
    const shown = rows().filter((row) => !row.hidden).length;
    if (add) add.hidden = shown >= most;
  };

  const reveal = () => {
    const waiting = rows().find((row) => row.hidden);
    if (waiting) {
      waiting.hidden = false;
      return waiting;
    }
    const last = rows().at(-1);
    if (!last || rows().length >= most) return null;
    const copy = /** @type {HTMLElement} */ (last.cloneNode(true));
    copy.querySelector(":scope > button")?.remove();
    renumber(copy, name, rows().length);
    empty(copy);
    last.after(copy);
    removable(copy);
    return copy;
  };

  rows().forEach((row, index) => {
    row.hidden = index > 0 && !used(row) && !row.querySelector(".field-error");
    removable(row);
  });
  add?.addEventListener("click", () => {
    const row = reveal();
    settle();
    if (row) controls(row)[0]?.focus();
  });
  settle();
  return (count) => {
    while (rows().filter((row) => !row.hidden).length < count && reveal());
    settle();
  };
}
