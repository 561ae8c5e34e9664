/**
 * The quick line above a table: "sert 50 qd" and Enter is a row; a pasted list is many. Fetched when
 * a step that has one opens, with the words it reads (cases/rules/quick_line.py). What is typed here
 * is never sent; what was not understood stays in the line or stands beside its row.
 */
import { tables } from "cases/grids.js";
import { medicineReader } from "cases/quick-medicine.js";
import { labReader } from "cases/quick-lab.js";
import { watchMeasures, watchResults } from "cases/units.js";
import { announce } from "core/announce.js";
import { all, data, make } from "core/dom.js";

/** @typedef {import("cases/grids.js").Table} Table */
/** @typedef {{name: string, also: string}} Suggestion */
/** @typedef {{values: Record<string, string>, notes: string[]}} Found */
/** @typedef {{read: (text: string) => {rows: Found[], rest: string[]}, suggest?: (typed: string) => Suggestion[]}} Reader */
/**
 * @typedef {Record<"check" | "meant" | "medicine" | "lab" | "medicineExample" | "labExample" | "add"
 *   | "added" | "rest" | "full" | "notRead" | "readAs" | "unknownName" | "aboveDay" | "aboveWeek" | "names", string>
 *   & {results: Record<string, string>}} Words
 */
/** @typedef {{medicines: string, measures: string, words: Words}} Setup */

/** @type {Map<string, Promise<any>>} */
const fetched = new Map();

/** @param {string} url */
async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
  return answer.json();
}

/** A data file, fetched once; a failure is not kept. @param {string} url */
function load(url) {
  const found = fetched.get(url) ?? read(url);
  fetched.set(url, found);
  found.catch(() => fetched.delete(url));
  return found;
}

/** Bring the tables and measures of one step to life. @param {HTMLElement} section */
export async function start(section) {
  const setup = /** @type {Setup} */ (data("table-setup"));
  const { words } = setup;
  const quick = all("[data-quick]", HTMLElement, section);
  const medicine = quick.find((grid) => grid.dataset.quick === "medicine");
  const result = quick.find((grid) => grid.dataset.quick === "lab");
  if (medicine) {
    const reader = medicineReader(await load(setup.medicines));
    const table = /** @type {Table} */ (tables.get(medicine));
    table.remarks((row) => {
      const above = reader.above(row);
      return above ? (above.per === "week" ? words.aboveWeek : words.aboveDay).replace("{most}", above.most).replace("{unit}", above.unit) : "";
    });
    line(table, words.medicine, words.medicineExample, words, {
      suggest: reader.suggest,
      read: (text) => {
        const { rows, rest } = reader.read(text);
        return {
          rest,
          rows: rows.map(({ left, read: begun, known, tokens: _, ...values }) => ({
            values,
            notes: [
              ...(left.length ? [words.notRead.replace("{words}", left.join("; "))] : []),
              ...(begun ? [words.readAs.replace("{typed}", begun).replace("{name}", values.name)] : []),
              ...(known ? [] : [words.unknownName]),
            ],
          })),
        };
      },
    });
  }
  if (!result && !section.querySelector("[data-quantity]")) return;
  const measures = await load(setup.measures);
  watchMeasures(section, measures, words);
  if (!result) return;
  watchResults(result, measures, words);
  const reader = labReader(measures);
  line(/** @type {Table} */ (tables.get(result)), words.lab, words.labExample, words, {
    read: (text) => {
      const { rows, rest } = reader.read(text);
      return {
        rest,
        rows: rows.map(({ left, tokens: _, ...values }) => ({
          values,
          notes: left.length ? [words.notRead.replace("{words}", left.join("; "))] : [],
        })),
      };
    },
  });
}

/**
 * Draw the line of one table.
 * @param {Table} table @param {string} label @param {string} example @param {Words} words @param {Reader} reader
 */
function line(table, label, example, words, reader) {
  const id = `quick-${table.grid.dataset.grid}`;
  const input = make("input", {
    class: "input", id, type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    enterkeyhint: "done", "aria-describedby": `${id}-help`, "data-quick-input": true,
  });
  const add = make("button", { type: "button", class: "button button-plain" }, make("span", { class: "button-label" }, words.add));
  const note = make("p", { class: "quick-note", role: "status" });
  const box = make("div", { class: "combobox" }, input);
  const said = make("div", { class: "field quick", "data-added": true, "data-quick-line": true },
    make("label", { for: id }, label),
    make("p", { class: "field-help", id: `${id}-help` }, example),
    make("div", { class: "quick-line" }, box, add),
    note);
  const first = table.grid.querySelector("[data-row]");
  if (first) first.before(said);
  else table.grid.append(said);

  const take = () => {
    const text = input.value;
    if (!text.trim()) return;
    const { rows, rest } = reader.read(text);
    const kept = [...rest];
    let filled = 0;
    for (const { values, notes } of rows) {
      if (table.fill(values, notes)) filled += 1;
      else kept.push(Object.values(values).filter(Boolean).join(" "));
    }
    input.value = kept.join("; ");
    const full = filled < rows.length;
    const sentences = [
      ...(filled ? [words.added.replace("{n}", String(filled))] : []),
      ...(full ? [words.full] : rest.length ? [words.rest] : []),
    ];
    note.textContent = full || rest.length ? sentences.join(" ") : "";
    announce(sentences.join(" "));
  };

  add.addEventListener("click", () => {
    take();
    input.focus();
  });
  const suggesting = reader.suggest ? combobox(input, box, words.names, reader.suggest) : null;
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    suggesting?.close();
    take();
  });
  // A list keeps its lines, which an input would join.
  input.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\n\r]/.test(pasted)) return;
    event.preventDefault();
    const joined = pasted.split(/[\n\r]+/).map((part) => part.trim()).filter(Boolean).join("; ");
    input.setRangeText(joined, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  // Nothing waits here unseen: going on takes it into the table.
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-step-next], [data-step-back], .steps a, button[name=action]")) take();
  }, true);
}

/**
 * Names under the line while one is typed (WAI-ARIA combobox with a listbox).
 * @param {HTMLInputElement} input @param {HTMLElement} box @param {string} label
 * @param {(typed: string) => Suggestion[]} suggest
 */
function combobox(input, box, label, suggest) {
  const list = make("ul", { class: "combobox-list", id: `${input.id}-names`, role: "listbox", "aria-label": label, hidden: true });
  box.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
  })) input.setAttribute(name, value);
  let chosen = -1;
  const options = () => all('[role="option"]', HTMLElement, list);

  /** The name being typed, and where it begins. */
  const typing = () => {
    const before = input.value.slice(0, input.selectionStart ?? 0);
    const start = Math.max(before.lastIndexOf(","), before.lastIndexOf(";")) + 1;
    const begin = start + (before.slice(start).length - before.slice(start).trimStart().length);
    return { begin, typed: before.slice(begin) };
  };
  /** @param {number} index */
  const choose = (index) => {
    chosen = index;
    options().forEach((option, n) => option.setAttribute("aria-selected", String(n === index)));
    const option = options()[index];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const show = () => {
    const { typed } = typing();
    const found = /\s$/.test(typed) || input.selectionStart !== input.selectionEnd ? [] : suggest(typed);
    if (found.length === 0 || (found.length === 1 && found[0].name === typed.toLowerCase())) return close();
    list.replaceChildren(...found.map(({ name, also }, n) => make("li",
      { role: "option", id: `${list.id}-${n}`, "aria-selected": "false", "data-name": name },
      make("span", {}, name), make("span", { class: "small soft" }, also))));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(-1);
  };
  /** @param {string} name */
  const put = (name) => {
    const { begin } = typing();
    input.setRangeText(`${name} `, begin, input.selectionStart ?? 0, "end");
    close();
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  input.addEventListener("input", show);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (list.hidden || event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 && step < 0 ? count - 1 : (chosen + step + count) % count);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
      event.preventDefault();
      put(options()[chosen].dataset.name ?? "");
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
    if (option instanceof HTMLElement) put(option.dataset.name ?? "");
  });
  return { close };
}
