/**
 * Says in other words what a rule has found: the same steps as server/deid/suggest.py. Pure.
 *
 * @typedef {import("cases/deid-dates.js").Say} Say
 * @typedef {import("cases/deid-dates.js").Day} Day
 * @typedef {import("cases/deid-dates.js").When} When
 * @typedef {import("cases/deid-dates.js").Groups} Groups
 */

import { OLDEST } from "cases/deid-dates.js";

/** Days ahead in which a date without a year is read as an appointment to come. */
const SOON = 60;
const DATE_GONE = "[date removed]";

/** @param {string} text @returns {string} lower case, ASCII letters only */
export const lower = (text) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());

/** @param {Day} day @returns {number} days since 1970 */
const dayNumber = (day) => Math.round(Date.UTC(day.year, day.month - 1, day.day) / 864e5);

/**
 * @param {When} when @param {Day} today @param {number} [ahead] days
 * @returns {number} day number of the last such day at most `ahead` days from now
 */
function past(when, today, ahead = 0) {
  const day = Math.min(when.day || 15, 28);
  let year = when.year || today.year + (when.month && ahead ? 1 : 0);
  let month = when.month || today.month;
  for (;;) {
    const found = dayNumber({ year, month, day });
    if (when.year || found - dayNumber(today) <= ahead) return found;
    if (when.month || month === 1) year -= 1;
    if (!when.month) month = month > 1 ? month - 1 : 12;
  }
}

/** @param {number} days */
function ago(days) {
  const far = Math.abs(days);
  if (far === 0) return "today";
  let amount = Math.floor((far * 100 + 1522) / 3044);
  let unit = "month";
  if (far < 14) [amount, unit] = [far, "day"];
  else if (far < 61) [amount, unit] = [Math.floor((far + 3) / 7), "week"];
  const words = amount === 1 ? `${amount} ${unit}` : `${amount} ${unit}s`;
  return days > 0 ? `${words} ago` : `in ${words}`;
}

/** @param {When} when @param {string} lead @param {Day | null} today */
function sayDate(when, lead, today) {
  const year = lead ? `in ${when.year}` : `${when.year}`;
  if (!today) return when.year ? year : DATE_GONE;
  if (when.year && today.year - when.year > OLDEST) return "more than 89 years ago";
  const days = dayNumber(today) - past(when, today, SOON);
  return when.year && Math.abs(days) >= 730 ? year : ago(days);
}

/** @param {When} when @param {string} lead @param {Day | null} today */
function sayMonth(when, lead, today) {
  if (!today) return DATE_GONE;
  let days = dayNumber(today) - past(when, today);
  if (lead.startsWith("next")) days -= 365;
  return /^(?:since|until|till|by|during)/.test(lead) ? `${lead}about ${ago(days)}` : ago(days);
}

/** @param {When} when @param {string} lead @param {Day | null} today */
function sayBirth(when, lead, today) {
  if (!when.year) return "[date of birth removed]";
  const age = today ? today.year - when.year : null;
  if (age !== null && age > OLDEST) return "aged 90+";
  if (/^(?:born|nacid|ne)/.test(lead) || age === null || age < 0) return `born in ${when.year}`;
  if (age < 20) return `age: ${age}`;
  const part = age % 10 < 4 ? "early" : age % 10 < 7 ? "mid" : "late";
  return `age: ${part} ${Math.floor(age / 10)}0s`;
}

/** @param {string} text */
function sayAge(text) {
  const digits = /^[0-9]+/.exec(text);
  const small = lower(text);
  const words = small.search(/years?|yrs?|anos|a\u00f1os|ans$|ans /);
  const rest = digits
    ? text.slice(digits[0].length).replace(/^[ -]+/, "")
    : words < 0 ? "" : text.slice(words);
  return rest ? `90+ ${rest}` : "90+";
}

/**
 * @param {string} template @param {string} raw @param {Groups} groups @param {Say} say
 * @param {string} kept @param {When | null} when @param {Day | null} today
 */
export function replacement(template, raw, groups, say, kept, when, today) {
  const lead = lower(groups.p || "");
  const found = when || {};
  switch (template) {
    case "{date}":
      return sayDate(found, lead, today);
    case "{month}":
      return sayMonth(found, lead, today);
    case "{birth}":
      return sayBirth(found, lead, today);
    case "{about}":
      return found.day && today ? ago(dayNumber(today) - past(found, today)) : DATE_GONE;
    case "{age}":
      return sayAge(raw);
    case "{address}":
      return lead ? "in a rural village" : "a rural village";
    case "{town}":
      return "a small town";
    default: {
      const title = say.titles[lower(groups.t || "")] ?? say.title;
      /** @type {Record<string, string>} */
      const parts = { title, t: kept, pos: groups.pos ? "'s" : "" };
      return template.replace(/\{(title|t|pos)\}/g, (_, name) => parts[name]);
    }
  }
}
