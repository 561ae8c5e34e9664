/**
 * Measured numbers and laboratory results while they are typed: what is kept, a second look outside
 * the usual range, the unit that was probably meant, the units and words of a test. Nothing is
 * converted without a tap. The same sums as cases/formulas/units.py (`Quantity`).
 *
 * @typedef {import("cases/quick-lab.js").Quantity} Quantity
 * @typedef {import("cases/quick-lab.js").Data} Data
 * @typedef {Record<"check" | "meant", string> & {results: Record<string, string>}} Words
 */
import { all, make } from "core/dom.js";

/** A typed decimal, with point or comma; NaN for anything else. @param {string} typed */
export const decimal = (typed) => (/^\d{1,10}(?:[.,]\d{1,4})?$/.test(typed.trim()) ? Number(typed.trim().replace(",", ".")) : NaN);

/** @param {Quantity} quantity @param {number} value @param {string} unit @returns {number} in the stored unit */
export function toStored({ units }, value, unit) {
  const [, factor, offset] = units.find(([name]) => name === unit) ?? units[0];
  return unit === units[0][0] ? value : rounded(value / factor + offset, 4);
}

/** Rounded to decimal places, halves to the even digit as Python's `round`. @param {number} value @param {number} digits */
export function rounded(value, digits) {
  // The whole decimal expansion: only a number that binary holds exactly lies halfway.
  const half = /^50*$/.test(Math.abs(value).toFixed(60).split(".")[1].slice(digits));
  const step = 10 ** digits;
  return half ? (2 * Math.round((value * step) / 2)) / step : Number(value.toFixed(digits));
}

/** @param {Quantity} quantity @param {number} value stored @param {string} unit @returns {number} as it is printed */
export function shownIn({ units }, value, unit) {
  const [, factor, offset, digits] = units.find(([name]) => name === unit) ?? units[0];
  return rounded((value - offset) * factor, digits);
}

/** @param {Quantity} quantity @param {number} value stored @returns {"usual" | "unusual" | "refused"} */
export function fit({ hard, usual }, value) {
  if (!(hard[0] <= value && value <= hard[1])) return "refused";
  return usual[0] <= value && value <= usual[1] ? "usual" : "unusual";
}

/** The unit in which a number would be usual, when there is just one other. @param {Quantity} quantity @param {number} value @param {string} unit @returns {string | null} */
export function meant(quantity, value, unit) {
  if (fit(quantity, toStored(quantity, value, unit)) === "usual") return null;
  const fitting = quantity.units.map(([name]) => name)
    .filter((name) => name !== unit && fit(quantity, toStored(quantity, value, name)) === "usual");
  return fitting.length === 1 ? fitting[0] : null;
}

/** Kilograms by square metres, as cases/formulas/bmi.py. @param {number} kilograms @param {number} centimetres */
export const bmi = (kilograms, centimetres) => (kilograms / (centimetres / 100) ** 2).toFixed(1);

/**
 * Say under a number what is kept of it, and ask about it outside the usual range.
 * @param {HTMLElement} place after which the words stand @param {Quantity | undefined} quantity
 * @param {string} typed @param {HTMLSelectElement | null} select its unit @param {Words} words
 * @param {string} [more] what else is known, such as the BMI
 */
function remark(place, quantity, typed, select, words, more = "") {
  const value = decimal(typed);
  /** @type {(Node | string)[]} */
  const said = [];
  if (quantity && !Number.isNaN(value)) {
    const stored = quantity.units[0][0];
    const unit = select?.value || stored;
    const kept = toStored(quantity, value, unit);
    if (unit !== stored) said.push(`= ${shownIn(quantity, kept, stored)} ${stored}. `);
    if (fit(quantity, kept) !== "usual") {
      said.push(`${words.check} `);
      const better = meant(quantity, value, unit);
      if (better && select) {
        const offer = make("button", { type: "button", class: "button button-plain" },
          make("span", { class: "button-label" }, words.meant.replace("{value}", `${typed.trim()} ${better}`)));
        offer.addEventListener("click", () => {
          select.value = better;
          select.dispatchEvent(new Event("change", { bubbles: true }));
          select.focus();
        });
        said.push(offer);
      }
    }
    if (more) said.push(more);
  }
  let note = place.parentElement?.querySelector(":scope > [data-measure-note]");
  if (said.length === 0) return note?.remove();
  if (!note) {
    note = make("p", { class: "measure-note", role: "status", "data-measure-note": true, "data-added": true });
    place.after(note);
  }
  note.toggleAttribute("data-ask", said.some((part) => part === `${words.check} `));
  const text = said.map((part) => (typeof part === "string" ? part : part.textContent)).join("");
  if (note.textContent !== text) note.replaceChildren(...said);
}

/** The body measures of a step; the BMI stands under the weight. @param {HTMLElement} section @param {Data} data @param {Words} words */
export function watchMeasures(section, data, words) {
  const inputs = all("input[data-quantity]", HTMLInputElement, section);
  /** @param {HTMLInputElement} input */
  const select = (input) => {
    const found = input.closest(".with-unit")?.querySelector("select");
    return found instanceof HTMLSelectElement ? found : null;
  };
  /** A measure of this step in its stored unit. @param {string} name */
  const stored = (name) => {
    const input = inputs.find((one) => one.name === name);
    const quantity = data.vitals[name];
    return input ? toStored(quantity, decimal(input.value), select(input)?.value || quantity.units[0][0]) : NaN;
  };
  const index = () => {
    const [weight, height] = [stored("weight"), stored("height")];
    const both = fit(data.vitals.weight, weight) !== "refused" && fit(data.vitals.height, height) === "usual";
    return both ? `BMI ${bmi(weight, height)} kg/m².` : "";
  };
  const look = () => {
    for (const input of inputs) {
      const place = /** @type {HTMLElement} */ (input.closest(".with-unit") ?? input);
      remark(place, data.vitals[input.dataset.quantity ?? ""], input.value, select(input), words, input.name === "weight" ? index() : "");
    }
  };
  if (inputs.length === 0) return;
  section.addEventListener("input", look);
  section.addEventListener("change", look);
  look();
}

/** A cell of a row of results. @param {HTMLElement} row @param {string} column */
const cell = (row, column) => /** @type {HTMLInputElement & HTMLSelectElement | null} */ (row.querySelector(`[name$=".${column}"]`));

/** The results of a step: each row has the units and the words of its test. @param {HTMLElement} grid @param {Data} data @param {Words} words */
export function watchResults(grid, data, words) {
  /** @param {HTMLElement} row */
  const narrow = (row) => {
    const [code, unit] = [cell(row, "code")?.value ?? "", cell(row, "unit")];
    if (!unit || row.dataset.test === code) return;
    row.dataset.test = code;
    const units = (data.labs[code]?.units ?? []).map(([name]) => name).filter(Boolean);
    const before = unit.value;
    unit.replaceChildren(...(units.length === 0 ? [make("option", { value: "" }, "–")] : units.map((name) => make("option", { value: name }, name))));
    unit.value = units.includes(before) ? before : (units[0] ?? "");
    unit.closest(".field")?.toggleAttribute("data-idle", units.length < 1);
    offerWords(row, code);
  };
  /** @param {HTMLElement} row @param {string} code */
  const offerWords = (row, code) => {
    const value = cell(row, "value");
    row.querySelector("[data-result-words]")?.remove();
    if (!value || !code) return;
    const listed = data.listed[code] ?? [...(data.labs[code]?.undetectable ? ["not_detected"] : []), "not_done"];
    const offered = listed.includes("not_done") || !(code in data.listed) ? listed : [...listed, "not_done"];
    const box = make("div", { class: "result-words", "data-result-words": true, "data-added": true });
    for (const result of offered) {
      const typed = result.replaceAll("_", " ");
      const choice = make("button", { type: "button", class: "button button-plain button-small", "aria-pressed": String(value.value === typed), "data-result": typed },
        make("span", { class: "button-label" }, words.results[result] ?? result));
      choice.addEventListener("click", () => {
        value.value = value.value === typed ? "" : typed;
        value.dispatchEvent(new Event("input", { bubbles: true }));
        value.dispatchEvent(new Event("change", { bubbles: true }));
      });
      box.append(choice);
    }
    row.querySelector(".grid-cells")?.append(box);
  };
  /** @param {HTMLElement} row */
  const look = (row) => {
    narrow(row);
    const [code, value, unit] = [cell(row, "code"), cell(row, "value"), cell(row, "unit")];
    if (!code || !value) return;
    for (const choice of all("[data-result]", HTMLElement, row)) choice.setAttribute("aria-pressed", String(choice.dataset.result === value.value));
    remark(/** @type {HTMLElement} */ (row.querySelector("[data-result-words]") ?? value), data.labs[code.value], value.value, unit, words);
  };
  const heard = (/** @type {Event} */ event) => {
    const row = event.target instanceof Element ? event.target.closest("[data-row]") : null;
    if (row instanceof HTMLElement) look(row);
  };
  grid.addEventListener("input", heard);
  grid.addEventListener("change", heard);
  for (const row of all("[data-row]", HTMLElement, grid)) look(row);
}
