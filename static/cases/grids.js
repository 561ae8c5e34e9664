/**
 * Tables of the case form: one row is shown until more are asked for; a filled row folds into one
 * line; rows are added, taken out (with undo) and filled from a quick line. A ready row
 * (`data-fixed`) stays. "There is none" and rows exclude each other.
 *
 * @typedef {Record<"remove" | "edit" | "done" | "removed", string>} Words
 * @typedef {HTMLInputElement | HTMLSelectElement} Control
 * @typedef {{
 *   grid: HTMLElement,
 *   fill: (values: Record<string, string>, notes: string[]) => HTMLElement | null,
 *   remarks: (say: (row: Record<string, string>) => string) => void,
 * }} Table what the quick line does with a table (cases/quick.js): `fill` gives null when the table
 *   is full; `remarks` brings a sentence about a row, as about a dose above the usual maximum
 */
import { all, data, make } from "core/dom.js";
import { toast } from "core/toast.js";
import { inWords } from "cases/row-words.js";

/** @type {WeakMap<HTMLElement, Table>} */
export const tables = new WeakMap();

/** @param {HTMLElement} row @returns {Control[]} */
const controls = (row) => /** @type {Control[]} */ (
  all("input[name], select[name]", HTMLElement, row).filter((e) => !e.dataset.ready));

/** Which column a control is in. @param {Control} control */
const column = (control) => control.name.split(".").slice(2).join(".");

/** @param {HTMLElement} row @returns {Record<string, string>} */
function values(row) {
  return Object.fromEntries(controls(row).map((control) => [column(control), control.value.trim()]));
}

/** Whether a row says anything; the name and the unit of a test alone are no result. @param {HTMLElement} row */
function used(row) {
  const given = values(row);
  if ("code" in given) return given.value !== "" || given.weeks !== "";
  return Object.values(given).some((value) => value !== "");
}

/** Whether everything a row needs is there; the server has the last word. @param {HTMLElement} row */
function complete(row) {
  const given = values(row);
  if ("code" in given) {
    const ageless = given.value === "not done" || given.code === "ast_uln";
    return given.code !== "" && given.value !== "" && (given.weeks !== "" || ageless);
  }
  return used(row) && controls(row).every((control) =>
    control.value !== "" || control.closest(".field")?.querySelector(".field-optional"));
}

/** Whether something in a row asks to be looked at. @param {HTMLElement} row */
const marked = (row) => row.querySelector(".field-error, .finding-list:not([hidden]) .finding:not([hidden])") !== null;

/** Whether a row asks a question that "Done" answers: what was not understood, an unusual value. @param {HTMLElement} row */
const asks = (row) => row.querySelector("[data-row-note], [data-ask]") !== null;

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
  for (const left of row.querySelectorAll(".finding-list, .field-error, [data-row-note]")) left.remove();
  for (const bad of row.querySelectorAll(".field-bad")) bad.classList.remove("field-bad");
}

/** @param {HTMLElement} row */
const changed = (row) => {
  for (const control of controls(row)) control.dispatchEvent(new Event("input", { bubbles: true }));
  controls(row)[0]?.dispatchEvent(new Event("change", { bubbles: true }));
};

/** @param {string} label @param {string} kind @param {string} [about] what a listener hears with it */
const button = (label, kind, about = "") => make("button", { type: "button", class: `button ${kind}` },
  make("span", { class: "button-label" }, label, ...(about ? [make("span", { class: "visually-hidden" }, ` ${about}`)] : [])));

/**
 * @param {HTMLElement} grid the fieldset with data-grid
 * @returns {(count: number) => void} makes sure that so many rows are there
 */
export function tend(grid) {
  const { words } = /** @type {{words: Words}} */ (data("table-setup"));
  const name = grid.dataset.grid ?? "";
  const most = Number(grid.dataset.most);
  const add = /** @type {HTMLButtonElement | null} */ (grid.querySelector("[data-add-row]"));
  const none = /** @type {HTMLInputElement | null} */ (grid.querySelector(`input[name="${name}.none"]`));
  const rows = () => all("[data-row]", HTMLElement, grid);
  const shown = () => rows().filter((row) => !row.hidden);
  /** @type {(row: Record<string, string>) => string} */
  let remark = () => "";

  // ── One row: open to be filled in, or folded into a line ──

  /** @param {HTMLElement} row */
  const dress = (row) => {
    const isFixed = "fixed" in row.dataset;
    const line = make("div", { class: "grid-line", "data-added": true, hidden: true });
    const done = button(words.done, "button-plain");
    done.addEventListener("click", () => {
      for (const note of row.querySelectorAll("[data-row-note]")) note.remove();
      fold(row, true);
      line.querySelector("button")?.focus();
    });
    const end = make("div", { class: "grid-end", "data-added": true }, done);
    if (!isFixed) {
      const remove = button(words.remove, "button-quiet");
      remove.addEventListener("click", () => takeOut(row));
      end.append(remove);
    }
    row.append(line, end);
    row.addEventListener("input", () => {
      // Filled in from a draft while it is folded: its line no longer says what it holds.
      if (row.dataset.folded) open(row);
      look(row);
    });
    row.addEventListener("change", () => look(row));
    // Enter ends a row; without this it would press the form's first button.
    row.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
      event.preventDefault();
      if (complete(row)) done.click();
    });
    look(row);
  };

  /** Offer to fold, and say the remark. @param {HTMLElement} row */
  const look = (row) => {
    const done = row.querySelector(".grid-end > button");
    if (done instanceof HTMLElement) done.hidden = !complete(row);
    const said = used(row) ? remark(values(row)) : "";
    const old = row.querySelector("[data-remark]");
    if (said === (old?.textContent ?? "")) return;
    old?.remove();
    if (said) row.querySelector(".grid-end")?.before(make("p", { class: "grid-remark", role: "status", "data-remark": true, "data-added": true }, said));
  };

  /** @param {HTMLElement} row */
  const open = (row) => {
    delete row.dataset.folded;
    const line = row.querySelector(".grid-line");
    if (line instanceof HTMLElement) line.hidden = true;
  };

  /** Fold a row that is complete and asks for nothing. @param {HTMLElement} row @param {boolean} [answered] whatever it asks */
  const fold = (row, answered = false) => {
    const line = row.querySelector(".grid-line");
    if (row.hidden || row.dataset.folded || !complete(row) || marked(row) || !(line instanceof HTMLElement)) return;
    if (asks(row) && !answered) return;
    const [title, rest] = inWords(row, grid.dataset.quick ?? "");
    const edit = button(words.edit, "button-quiet", title);
    edit.addEventListener("click", () => {
      open(row);
      controls(row)[0]?.focus();
    });
    line.replaceChildren(make("p", {}, make("strong", {}, title), rest ? ` ${rest}` : ""), edit);
    if (!("fixed" in row.dataset)) {
      const remove = button(words.remove, "button-quiet", title);
      remove.addEventListener("click", () => takeOut(row));
      line.append(remove);
    }
    line.hidden = false;
    row.dataset.folded = "yes";
  };

  // ── Rows come and go ──

  /** @param {HTMLElement} row */
  const takeOut = (row) => {
    const kept = values(row);
    const was = used(row);
    const notes = all("[data-row-note]", HTMLElement, row).map((note) => note.textContent ?? "");
    const next = shown()[shown().indexOf(row) + 1];
    empty(row);
    open(row);
    row.hidden = true;
    settle();
    changed(row);
    const target = next ? next.querySelector(".grid-line:not([hidden]) > button, input, select") : add;
    if (target instanceof HTMLElement) target.focus();
    if (was) toast(words.removed, { undo: () => void fill(kept, notes) });
  };

  /** A row that is free: a waiting one at the end, or a new one. */
  const reveal = () => {
    const list = rows();
    const end = list.findLastIndex((row) => !row.hidden);
    const waiting = list.find((row, place) => row.hidden && place > end) ?? (list.length >= most ? list.find((row) => row.hidden) : undefined);
    if (waiting) {
      waiting.hidden = false;
      open(waiting);
      return waiting;
    }
    const last = list.at(-1);
    if (!last || list.length >= most) return null;
    const copy = /** @type {HTMLElement} */ (last.cloneNode(true));
    for (const made of copy.querySelectorAll("[data-added]")) made.remove();
    copy.hidden = false;
    delete copy.dataset.folded;
    delete copy.dataset.test;
    renumber(copy, name, list.length);
    empty(copy);
    last.after(copy);
    dress(copy);
    return copy;
  };

  /** @param {Record<string, string>} given @param {string[]} notes */
  const fill = (given, notes) => {
    const free = shown().filter((row) => !used(row));
    const row = free.find((r) => given.code && values(r).code === given.code)
      ?? free.find((r) => !given.code || values(r).code === "") ?? reveal();
    if (!row) return null;
    if (none) none.checked = false;
    // The test first: it brings its units into the list.
    const order = controls(row).sort((a, b) => Number(column(b) === "code") - Number(column(a) === "code"));
    for (const control of order) {
      const value = given[column(control)];
      if (value === undefined) continue;
      control.value = value;
      control.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const note of notes) row.querySelector(".grid-end")?.before(make("p", { class: "grid-note", "data-row-note": true, "data-added": true }, note));
    changed(row);
    fold(row);
    settle();
    return row;
  };

  const settle = () => {
    const any = rows().some((row) => !row.hidden && used(row));
    if (none) {
      // Both can only come back from the server; then both are shown, to choose.
      none.disabled = any && !none.checked;
      grid.classList.toggle("rows-none", none.checked && !any);
    }
    if (add) add.hidden = shown().length >= most;
  };

  const foldAll = () => {
    for (const row of shown()) fold(row);
  };

  rows().forEach((row, index) => {
    dress(row);
    const ready = row.querySelector("[data-ready]") !== null || values(row).code;
    // Where a line can be typed, no empty row stands in the way.
    const spare = index > 0 || "quick" in grid.dataset;
    row.hidden = spare && !ready && !used(row) && !row.querySelector(".field-error");
  });
  foldAll();
  add?.addEventListener("click", () => {
    foldAll();
    const row = shown().find((r) => !used(r) && !values(r).code) ?? reveal();
    settle();
    if (row) controls(row)[0]?.focus();
  });
  grid.addEventListener("input", settle);
  grid.addEventListener("change", settle);
  none?.addEventListener("change", () => {
    if (!none.checked && shown().length === 0 && !("quick" in grid.dataset)) reveal();
  });
  // Answers brought back from a draft come all at once, with one change of the form at the end.
  grid.closest("form")?.addEventListener("change", (event) => {
    if (event.target !== grid.closest("form")) return;
    // Cleared answers say nothing of themselves: every line is written anew.
    for (const row of shown()) open(row);
    settle();
    foldAll();
  });
  // A finding is never folded away.
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes, change.target]);
    for (const row of rows()) {
      if (row.dataset.folded && added.some((node) => row.contains(node)) && marked(row)) open(row);
    }
  }).observe(grid, { childList: true, subtree: true });
  settle();

  tables.set(grid, {
    grid,
    fill,
    remarks: (say) => {
      remark = say;
      rows().forEach(look);
    },
  });
  return (count) => {
    while (shown().length < count && reveal());
    settle();
  };
}

/** Fetch what the tables and measures of a step need, when it is first opened. @param {HTMLElement} section */
export async function equip(section) {
  if (section.dataset.equipped || !section.querySelector("[data-quick], [data-quantity]")) return;
  section.dataset.equipped = "yes";
  try {
    const { start } = await import("cases/quick.js");
    await start(section);
  } catch {
    // Without it the rows are filled in by hand, and the next visit of the step tries again.
    delete section.dataset.equipped;
  }
}
