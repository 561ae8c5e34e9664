/**
 * Which questions the answers so far bring into view: the conditions of cases/rules/fields.py,
 * written as JSON. Pure; hiding is comfort, the server decides again what counts.
 *
 * @typedef {["always"] | ["one_of", string, string[]] | ["between", string, number, number]
 *   | ["all", unknown[]] | ["any", unknown[]] | ["not", unknown]} Condition
 */

/**
 * @param {unknown} condition
 * @param {(key: string) => string[]} answers the values typed for an input, empty when none
 * @returns {boolean}
 */
export function holds(condition, answers) {
  const [kind, ...rest] = /** @type {[string, ...unknown[]]} */ (condition);
  switch (kind) {
    case "always":
      return true;
    case "one_of": {
      const [key, options] = /** @type {[string, string[]]} */ (rest);
      return answers(key).some((value) => options.includes(value));
    }
    case "between": {
      const [key, low, high] = /** @type {[string, number, number]} */ (rest);
      const [typed = ""] = answers(key);
      return /^\d+$/.test(typed) && Number(typed) >= low && Number(typed) <= high;
    }
    case "all":
      return /** @type {unknown[]} */ (rest[0]).every((part) => holds(part, answers));
    case "any":
      return /** @type {unknown[]} */ (rest[0]).some((part) => holds(part, answers));
    case "not":
      return !holds(rest[0], answers);
    default:
      throw new TypeError(`unknown condition ${kind}`);
  }
}
