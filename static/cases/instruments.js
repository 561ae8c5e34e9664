/**
 * Rating scales in the browser: the same sums and bands as cases/instruments
 * (shared vectors: tests/vectors/instruments). The rule comes from the server as data.
 *
 * @typedef {{low: number, high: number, label: string}} Band
 * @typedef {{key: string, items: number[], points: number[][], bands: Band[], highest: number,
 *   gate: string | null, alertItem: number | null}} Scale
 * @typedef {{total: number, band: Band}} Score
 * @typedef {{missing: number[]}} Missing
 */

/**
 * The band of a total. Throws RangeError when it cannot occur.
 * @param {Scale} scale @param {number} total @returns {Score}
 */
export function ofTotal(scale, total) {
  const band = scale.bands.find(({ low, high }) => low <= total && total <= high);
  if (!band) throw new RangeError(`${scale.key} totals run from 0 to ${scale.highest}`);
  return { total, band };
}

/**
 * Sum the points in item order; any missing item means no score and no band. Behind a gate that
 * was answered with no the total is 0; a gate without an answer counts as item 0.
 * @param {Scale} scale
 * @param {(number | null)[]} answers points by item, null where there is no answer
 * @param {boolean | null} [open] the answer to the question before the items
 * @returns {Score | Missing}
 */
export function score(scale, answers, open = null) {
  if (answers.length !== scale.items.length) throw new RangeError(`${scale.key} has ${scale.items.length} items`);
  const wrong = answers.findIndex((points, index) => points !== null && !scale.points[index].includes(points));
  if (wrong >= 0) throw new RangeError(`${scale.key} items take ${scale.points[wrong].join(", ")}`);
  if (scale.gate && open === false) return ofTotal(scale, 0);
  const missing = scale.items.filter((_, index) => answers[index] === null);
  if (scale.gate && open === null) missing.unshift(0);
  if (missing.length > 0) return { missing };
  return ofTotal(scale, answers.reduce((/** @type {number} */ sum, points) => sum + (points ?? 0), 0));
}

/**
 * Show score and band under a scale as its questions are answered, or its total is typed.
 * @param {HTMLElement} box the element with data-scale
 * @param {{missing: string}} words `missing` with {n} and {all}
 */
export function watch(box, words) {
  /** @type {Scale} */
  const scale = JSON.parse(box.dataset.scale ?? "{}");
  const output = box.querySelector("[data-score]");
  const band = box.querySelector("[data-band]");
  if (!output || !band) return;
  /** @param {string} part */
  const chosen = (part) => {
    const checked = box.querySelector(`input[name="${scale.key}.${part}"]:checked`);
    return checked instanceof HTMLInputElement ? checked.value : null;
  };
  const typed = () => {
    const total = box.querySelector(`input[name="${scale.key}.total"]`);
    return total instanceof HTMLInputElement && /^\d+$/.test(total.value) ? Number(total.value) : null;
  };
  /** @param {string} text @param {string} label */
  const say = (text, label) => {
    output.textContent = text;
    band.textContent = label;
  };
  const show = () => {
    const gate = scale.gate ? chosen(scale.gate) : null;
    const answers = scale.items.map((item) => chosen(String(item))).map((value) => (value === null ? null : Number(value)));
    const total = typed();
    if (answers.every((points) => points === null) && total !== null && gate !== "no") {
      if (total > scale.highest) say("–", "");
      else say(String(total), ofTotal(scale, total).band.label);
      return;
    }
    const result = score(scale, answers, gate === null ? null : gate === "yes");
    if (!("missing" in result)) say(String(result.total), result.band.label);
    else {
      const given = scale.items.filter((item) => !result.missing.includes(item)).length;
      say("–", words.missing.replace("{n}", String(given)).replace("{all}", String(scale.items.length)));
    }
  };
  box.addEventListener("change", show);
  box.addEventListener("input", show);
  show();
}
