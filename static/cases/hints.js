/** Shows person-first suggestions under the text fields, and a card when words may mean danger. */
import { utf16 } from "cases/deid-check.js";
import { overwrite } from "cases/deid-field.js";
import { personFirst, safetyCues } from "cases/person-first.js";
import { make } from "core/dom.js";

/**
 * @typedef {import("cases/writing.js").Desk} Desk
 * @typedef {import("cases/writing.js").TextField} TextField
 * @typedef {import("cases/person-first.js").Suggestion} Suggestion
 */

/** More at once is not read. */
const MOST = 3;

/** @param {string} label @param {() => void} act @param {string} [tone] */
function press(label, act, tone = "plain") {
  const button = make("button", { type: "button", class: `button button-${tone} button-small` },
    make("span", { class: "button-label" }, label));
  button.addEventListener("click", act);
  return button;
}

/** @param {TextField} field @param {HTMLElement} added */
const under = (field, added) => (field.closest(".field") ?? field).append(added);

/** @param {Desk} desk @returns {import("cases/writing.js").Part} */
function suggesting(desk) {
  const words = desk.words.hints;
  const own = new Set(desk.tables.person_first.own_words);
  const suggest = personFirst(desk.tables.person_first, desk.tables.near);
  /** @type {WeakMap<TextField, HTMLElement>} */
  const lists = new WeakMap();
  /** What the author has decided to leave, in lower case. @type {Set<string>} */
  const left = new Set();

  /** @param {TextField} field @param {string} text @param {Suggestion} one */
  const item = (field, text, one) => {
    const found = text.slice(utf16(text, one.start), utf16(text, one.end));
    const buttons = one.ways.map((way) => press(words.replace.replace("{words}", () => way.words), () => {
      // Typed since the last look: the places have moved; look again instead of hitting beside.
      if (field.value === text) overwrite(field, way, way.words);
      show(field);
    }));
    buttons.push(press(words.leave, () => {
      left.add(found.toLowerCase());
      show(field);
      field.focus();
    }, "quiet"));
    const said = make("p", {}, make("q", {}, found));
    if (one.ways.length === 0) said.append(" ", words.better.replace("{words}", () => words.prefer[one.key]));
    return make("li", { class: "hint" }, said, make("div", { class: "hint-actions" }, ...buttons));
  };

  /** @param {TextField} field */
  const show = (field) => {
    const text = field.value;
    const found = suggest(text).filter((one) => !left.has(text.slice(utf16(text, one.start), utf16(text, one.end)).toLowerCase()));
    let box = lists.get(field);
    if (!box) {
      if (found.length === 0) return;
      box = make("section", { class: "hints", role: "group", "aria-label": words.title });
      lists.set(field, box);
      under(field, box);
    }
    box.hidden = found.length === 0;
    const more = found.length > MOST ? [make("p", { class: "small soft" }, words.more.replace("{n}", String(found.length - MOST)))] : [];
    box.replaceChildren(make("p", { class: "hints-title" }, words.title),
      make("ul", {}, ...found.slice(0, MOST).map((one) => item(field, text, one))), ...more,
      make("p", { class: "small soft" }, words.note));
  };
  return (changed) => {
    for (const field of changed) if (!own.has(field.name) && field.isConnected) show(field);
  };
}

/** @param {Desk} desk @returns {import("cases/writing.js").Part} */
function watchingOver(desk) {
  const words = desk.words.cues;
  const find = safetyCues(desk.tables.cues, desk.tables.near);
  /** @type {Map<TextField, string[]>} */
  const found = new Map();
  /** Words the author has read the card for, in lower case. @type {Set<string>} */
  const read = new Set();
  const said = make("p", { class: "small" });
  const card = make("section", { class: "banner banner-danger cue-card", role: "alert", hidden: true },
    make("div", { class: "banner-body" }, make("p", { class: "banner-title" }, words.title),
      make("p", {}, words.card), said, make("p", {}, words.warning),
      make("div", { class: "hint-actions" },
        make("a", { href: "#f-suicide_history" }, words.answer),
        press(words.read, () => {
          for (const one of [...found.values()].flat()) read.add(one.toLowerCase());
          card.hidden = true;
        }))));

  return (changed) => {
    for (const field of changed) {
      const { value } = field;
      found.set(field, find(value).map(({ start, end }) => value.slice(utf16(value, start), utf16(value, end))));
    }
    const all = [...found].filter(([field]) => field.isConnected).flatMap(([, cues]) => cues);
    const unread = all.filter((one) => !read.has(one.toLowerCase()));
    if (unread.length === 0) {
      card.hidden = true;
      return;
    }
    const where = [...changed].find((field) => (found.get(field) ?? []).some((one) => unread.includes(one)));
    if (card.hidden && where) under(where, card);
    said.textContent = words.found.replace("{words}", () => [...new Set(unread)].map((one) => `“${one}”`).join(", "));
    card.hidden = false;
  };
}

/** @param {Desk} desk @returns {import("cases/writing.js").Part} */
export function watchHints(desk) {
  const parts = [watchingOver(desk), suggesting(desk)];
  return (changed) => {
    for (const part of parts) part(changed);
  };
}
