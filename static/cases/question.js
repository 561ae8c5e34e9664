/** Shows the question coach, what the hub will ask, and the rarity warning in the case form. */
import { hubAsks, questionCoach, rarity } from "cases/coach.js";
import { icon, make } from "core/dom.js";

/** @typedef {import("cases/writing.js").Desk} Desk */

/** More advice at once is not read. */
const MOST_ADVICE = 2;

/** @param {Desk} desk */
function coachLine(desk) {
  const words = desk.words.coach;
  const field = desk.form.querySelector('[name="main_question"]');
  const english = document.documentElement.lang.startsWith("en");
  const line = desk.form.querySelector("[data-coach]");
  if (!(field instanceof HTMLTextAreaElement) || !(line instanceof HTMLElement) || !english) return () => {};
  const advise = questionCoach(desk.tables.coach);
  let before = "";
  return (/** @type {import("cases/coach.js").Typed} */ typed) => {
    const about = [...typed].filter(([name]) => /^(diagnoses|medications)\.\d+\.(label|name)$/.test(name)).flatMap(([, values]) => values);
    const empty = field.value.trim() === "";
    const codes = advise(field.value, about).slice(0, MOST_ADVICE);
    const now = empty ? "" : codes.join() || "good";
    if (now === before) return;
    before = now;
    line.classList.toggle("coach-good", codes.length === 0);
    line.replaceChildren(...(empty ? [] : codes.length === 0 ? ["good"] : codes).map((code) =>
      make("p", {}, icon(code === "good" ? "check" : "info"), make("span", {}, words[code]))));
  };
}

/** @param {Desk} desk */
function asksList(desk) {
  const words = desk.words.asks;
  const read = hubAsks(desk.tables.coach, desk.modules);
  const count = make("span", { class: "soft" });
  const list = make("ul", { class: "asks-list" });
  const box = make("details", { class: "asks", hidden: true },
    make("summary", {}, icon("list-checks"), make("span", {}, words.title, " ", count)), list,
    make("p", { class: "small soft" }, words.lead));
  desk.box.append(box);
  let before = "";
  return (/** @type {import("cases/coach.js").Typed} */ typed) => {
    const asks = read(typed);
    const now = JSON.stringify(asks);
    if (now === before) return;
    before = now;
    box.hidden = asks.length === 0;
    const there = asks.filter((ask) => ask.ticked).length;
    count.textContent = words.count.replace("{n}", String(there)).replace("{all}", String(asks.length));
    list.replaceChildren(...asks.map((ask) => {
      const label = words.labels[ask.key];
      const field = ask.field && document.getElementById(`f-${ask.field}`);
      const text = field && !ask.ticked ? make("a", { href: `#f-${ask.field}` }, label) : make("span", {}, label);
      text.append(make("span", { class: "visually-hidden" }, `: ${ask.ticked ? words.there : words.missing}`));
      return make("li", { class: ask.ticked ? "ask-there" : "ask-missing" }, icon(ask.ticked ? "check" : "circle"), text);
    }));
  };
}

/** @param {Desk} desk */
function rarityNote(desk) {
  const words = desk.words.rarity;
  const read = rarity(desk.tables.rarity);
  const list = make("ul", { class: "coach-list" });
  const leave = make("button", { type: "button", class: "button button-quiet button-small" },
    make("span", { class: "button-label" }, words.leave));
  const box = make("section", { class: "finding finding--unique rarity", role: "status", hidden: true },
    make("div", { class: "finding-text" }, make("p", { class: "finding-kind" }, words.title), list,
      make("p", { class: "small" }, words.note)),
    make("div", { class: "finding-actions" }, leave));
  desk.box.prepend(box);
  let before = "";
  leave.addEventListener("click", () => {
    box.hidden = true;
  });
  return (/** @type {import("cases/coach.js").Typed} */ typed) => {
    const texts = desk.texts().map((field) => field.value).filter((text) => text.trim() !== "");
    const notes = texts.flatMap((text) => desk.notes(text) ?? []);
    const signs = read(texts, notes, typed);
    const now = signs.join();
    if (now === before) return;
    before = now;
    box.hidden = signs.length === 0;
    list.replaceChildren(...signs.map((sign) => {
      const [seen, instead] = words.signs[sign];
      return make("li", {}, `${seen}: ${instead}`);
    }));
  };
}

/** @param {Desk} desk @returns {import("cases/writing.js").Part} */
export function watchQuestion(desk) {
  const parts = [coachLine(desk), rarityNote(desk), asksList(desk)];
  return () => {
    const typed = desk.typed();
    for (const part of parts) part(typed);
  };
}
