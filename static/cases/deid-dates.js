/**
 * Checks what looks like a date, and reads when it was: the same steps as server/deid/dates.py. Pure.
 *
 * @typedef {{titles: Record<string, string>, title: string, months: Record<string, number>,
 *   unsure: string[]}} Say
 * @typedef {{year: number, month: number, day: number}} Day  a calendar day, month from 1
 * @typedef {{year?: number, month?: number, day?: number}} When  as far as it was written
 * @typedef {Record<string, string | undefined>} Groups
 */

const SCORE_BASES = new Set([21, 24, 27, 30]);
/** 14/7 and 14/12 are also 14 days and 14 months in British notes. */
const SPANS = new Set([7, 12]);
/** Years; who is older is told by the age alone. */
export const OLDEST = 89;

/** @param {number} a @param {number} b @param {boolean} dayFirst @returns {[number, number] | null} */
function monthDay(a, b, dayFirst) {
  const pairs = dayFirst ? [[b, a], [a, b]] : [[a, b], [b, a]];
  for (const [month, day] of pairs) {
    if (month >= 1 && month <= 12 && day >= 1 && day <= 31) return [month, day];
  }
  return null;
}

/** @param {string} digits two or four */
function fullYear(digits) {
  const value = Number(digits);
  return digits.length === 4 ? value : value + (value < 40 ? 2000 : 1900);
}

/** @param {string} word @param {Say} say */
const monthNumber = (word, say) => say.months[word.slice(0, 4)] ?? say.months[word.slice(0, 3)];

/** @param {Groups} groups @param {Say} say @param {boolean} capital @returns {When | null} */
function written(groups, say, capital) {
  const year = groups.y || groups.yy;
  const word = groups.mon;
  let month = Number(groups.m || 0);
  if (word) {
    const sure = capital || year || groups.o;
    if (say.unsure.includes(word.replace(/\.+$/, "")) && !sure) return null;
    month = monthNumber(word, say) || 0;
  }
  const day = Number(groups.d || 0);
  if (month < 1 || month > 12 || (groups.d && (day < 1 || day > 31))) return null;
  return { year: year ? fullYear(year) : undefined, month, day: groups.d ? day : undefined };
}

/** @param {string} check @param {string} text @param {boolean} dayFirst @returns {When | null} */
function pair(check, text, dayFirst) {
  const [first = "", second = ""] = text.match(/[0-9]+/g) || [];
  const [a, b] = [Number(first), Number(second)];
  const read = monthDay(a, b, dayFirst);
  if (!read) return null;
  const certain = (a > 12 && !SPANS.has(b)) || (b > 12 && !SCORE_BASES.has(b));
  const nought = first[0] === "0" || second[0] === "0";
  // a score does not exceed its base and has no leading nought
  const maybe = !certain && (a > b || b === 11 || b > 12 || nought);
  if ((check === "partial" && !certain) || (check === "maybe" && !maybe)) return null;
  if (check === "event" && b === 10 && !nought && a <= b && text.includes("/")) return null;
  return { month: read[0], day: read[1] };
}

/** @param {string} text @returns {When} */
function birthYear(text) {
  const numbers = text.match(/[0-9]+/g) || [];
  const likely = (/** @type {string} */ digits) => Number(digits) >= 1880 && Number(digits) <= 2100;
  for (const number of numbers) {
    if (number.length === 4 && likely(number)) return { year: Number(number) };
    if (number.length === 8) {
      const head = number.slice(0, 4);
      return { year: Number(likely(head) ? head : number.slice(4)) };
    }
  }
  return numbers.length === 3 ? { year: fullYear(numbers[2]) } : {};
}

/**
 * @param {string} check @param {Groups} groups @param {string} text @param {Say} say
 * @param {boolean} capital @param {string} lang @param {Day | null} today
 * @returns {When | null} null: no date after all
 */
export function readDate(check, groups, text, say, capital, lang, today) {
  const dayFirst = !lang.startsWith("en");
  const word = groups.mon;
  switch (check) {
    case "code":
      // "Folder KSG 5512/19": letters before the digits belong to the number when capital
      return capital || !groups.x ? {} : null;
    case "birth":
      return birthYear(text);
    case "old": {
      const year = Number(groups.y || 0);
      return today && today.year - year > OLDEST ? { year } : null;
    }
    case "date":
      return written(groups, say, capital);
    case "numeric": {
      const [a, b, year] = text.match(/[0-9]+/g) || [];
      const read = monthDay(Number(a), Number(b), dayFirst);
      return read ? { year: fullYear(year), month: read[0], day: read[1] } : null;
    }
    case "words":
    case "month":
      // "march third" is a date in any dress, "may first" and "in march" need a capital
      if (word && !capital && (check === "words" ? word === "may" : say.unsure.includes(word))) return null;
      return word ? { month: monthNumber(word, say) } : {};
    case "nth":
      return { day: Number(groups.d || 0) };
    default:
      return pair(check, text, dayFirst);
  }
}
