/**
 * The review desk by keyboard: j and k (or the arrows, once a place has the focus) go from place to
 * place, c and i decide, a asks for a change, s shows the second look. Counts what was looked at: a
 * finding when it is decided, a cue when one has been there. Without this the page is a plain form.
 */
import { announce } from "core/announce.js";
import { all, data, need } from "core/dom.js";
import { wireKeys } from "core/keys.js";

const words = /** @type {Record<string, string>} */ (data("desk-words") ?? {});
const places = all("[data-place]", HTMLElement)
  .sort((a, b) => Number(a.dataset.place) - Number(b.dataset.place));
/** @type {Set<HTMLElement>} */
const seen = new Set();

/** @param {HTMLElement} place */
const choices = (place) => all("input[type=radio]", HTMLInputElement, place);

/** @param {HTMLElement} place */
function looked(place) {
  const radios = choices(place);
  return radios.length > 0 ? radios.some((radio) => radio.checked) : seen.has(place);
}

/** @param {string} key @param {Record<string, number>} [values] */
function say(key, values = {}) {
  return (words[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

function progress() {
  const n = places.filter(looked).length;
  const sentence = say(n === places.length ? "done" : "progress", { n, all: places.length });
  const output = document.querySelector("[data-progress]");
  if (output && places.length > 0) output.textContent = say("progress", { n, all: places.length });
  return sentence;
}

/** @returns {HTMLElement | undefined} */
const current = () => places.find((place) => place.contains(document.activeElement));

/** @param {HTMLElement} place */
function go(place) {
  place.focus();
  place.scrollIntoView({ block: "nearest" });
}

/** @param {number} step */
function move(step) {
  const here = current();
  const at = here ? places.indexOf(here) + step : step > 0 ? 0 : places.length - 1;
  const place = places[at];
  if (place) go(place);
}

/**
 * Decide about the place that has the focus; "clear" goes on to the next, from a cue too.
 * @param {string} value
 */
function decide(value) {
  const place = current();
  if (!place) return;
  const radio = choices(place).find((one) => one.value === value);
  if (radio) {
    radio.checked = true;
    announce(`${say(value)} ${progress()}`);
  } else if (value !== "clear") return;
  const after = [...places.slice(places.indexOf(place) + 1), ...places];
  const next = value === "clear" && after.find((one) => !looked(one));
  if (next) go(next);
}

function ask() {
  const text = (current() ?? document.activeElement)?.closest("[data-text]");
  const box = (text ?? document).querySelector("[data-ask]");
  if (!(box instanceof HTMLDetailsElement)) return;
  box.open = true;
  need("textarea", HTMLTextAreaElement, box).focus();
}

function secondLook() {
  const lists = all("[data-look]", HTMLDetailsElement);
  const open = lists.some((list) => !list.open);
  for (const list of lists) list.open = open;
  if (lists.length > 0) announce(say(open ? "look_on" : "look_off"));
}

/** Leaving with something typed to the author asks first: only the page's own form carries it. */
function keepTyped() {
  const form = need("#desk", HTMLFormElement);
  const boxes = () => all("textarea[form=desk]", HTMLTextAreaElement);
  let going = false;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-decides-nothing")) event.preventDefault();
    else going = true;
  });
  addEventListener("pageshow", () => {
    going = false;
  });
  addEventListener("beforeunload", (event) => {
    const typed = boxes().some((box) => box.value.trim() !== "" && box.value !== box.defaultValue);
    if (typed && !going) event.preventDefault();
  });
}

function start() {
  document.addEventListener("focusin", () => {
    const place = current();
    if (!place || seen.has(place)) return;
    seen.add(place);
    progress();
  });
  document.addEventListener("change", progress);
  // The browser may bring back choices of an earlier visit after this has run.
  addEventListener("pageshow", progress);
  progress();
  // An arrow scrolls the page unless a place has the focus; in a group of choices it chooses.
  document.addEventListener("keydown", (event) => {
    if (!need("#keys-enabled", HTMLInputElement).checked || document.activeElement !== current()) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(step);
  });
  wireKeys({
    j: () => move(1),
    k: () => move(-1),
    c: () => decide("clear"),
    i: () => decide("identifier"),
    a: ask,
    s: secondLook,
    p: () => document.getElementById("pass-title")?.focus(),
    "?": () => need("#keys-dialog", HTMLDialogElement).showModal(),
  });
}

if (document.querySelector("[data-desk]")) start();
if (document.querySelector("#desk")) keepTyped();
