/**
 * A few answers under the search line while the question is being typed (WAI-ARIA combobox with a
 * listbox). Enter without a choice searches as without JavaScript.
 */
import { debounce, make, need } from "core/dom.js";
import { latest } from "core/http.js";

/** @typedef {{href: string, heading: string, meta: string}} Suggestion */

const PAUSE = 180;
const SHORTEST = 2;

const input = need("[data-library-search]", HTMLInputElement);
const list = need("#library-suggestions", HTMLUListElement);
const ask = latest();
let chosen = -1;

for (const [name, value] of Object.entries({
  role: "combobox",
  "aria-expanded": "false",
  "aria-controls": list.id,
  "aria-autocomplete": "list",
})) input.setAttribute(name, value);

/** @param {unknown} value @returns {value is Suggestion} */
const isSuggestion = (value) =>
  typeof value === "object" && value !== null && "href" in value && "heading" in value && "meta" in value;

function options() {
  return /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role="option"]')]);
}

/** @param {boolean} open */
function show(open) {
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) choose(-1);
}

/** @param {number} index */
function choose(index) {
  chosen = index;
  const all = options();
  all.forEach((option, n) => option.setAttribute("aria-selected", String(n === index)));
  const option = all[index];
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

const suggest = debounce(PAUSE, async () => {
  const text = input.value.trim();
  if (text.length < SHORTEST) return show(false);
  const answer = await ask(`/library/suggest?q=${encodeURIComponent(text)}`);
  if (!answer?.ok || document.activeElement !== input) return;
  const found = Array.isArray(answer.value) ? answer.value.filter(isSuggestion) : [];
  list.replaceChildren(...found.map((item, n) => make(
    "li",
    { role: "option", id: `library-suggestion-${n}`, "aria-selected": "false", "data-href": item.href },
    make("span", {}, item.heading),
    make("span", { class: "small soft" }, item.meta),
  )));
  choose(-1);
  show(found.length > 0);
});

input.addEventListener("input", suggest);
input.addEventListener("keydown", (event) => {
  const count = options().length;
  if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    show(false);
  } else if (!list.hidden && count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(chosen < 0 && step < 0 ? count - 1 : (chosen + step + count) % count);
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    go(options()[chosen]);
  }
});
input.addEventListener("blur", () => setTimeout(() => show(false), 150));
list.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  if (event.target instanceof Element) go(event.target.closest('[role="option"]'));
});

/** @param {Element | null | undefined} option */
function go(option) {
  if (option instanceof HTMLElement && option.dataset.href) location.assign(option.dataset.href);
}
