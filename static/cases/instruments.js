/**
 * Rating scales in the browser: the same sums and bands as cases/instruments
 * (shared vectors: tests/vectors/instruments). The rule comes from the server as data.
 *
 * @typedef {{low: number, high: number, label: string}} Band
 * @typedef {{key: string, items: number[], points: number[], bands: Band[], highest: number,
 *   alertItem: number | null}} Scale
 * @typedef {{total: number, band: Band}} Score
 * @typedef {{missing: number[]}} Missing
 */

/**
 * Sum the points in item order; any missing item means no score and no band.
 * @param {Scale} scale
 * @param {(number | null)[]} answers points by item, null where there is no answer
 * @returns {Score | Missing}
 */
export function score(scale, answers) {
  if (answers.length !== scale.items.length) throw new RangeError(`${scale.key} has ${scale.items.length} items`);
  if (answers.some((points) => points !== null && !scale.points.includes(points))) {
    throw new RangeError(`${scale.key} items take ${scale.points.join(", ")}`);
  }
  const missing = scale.items.filter((_, index) => answers[index] === null);
  if (missing.length > 0) return { missing };
  const total = answers.reduce((/** @type {number} */ sum, points) => sum + (points ?? 0), 0);
  const band = scale.bands.find(({ low, high }) => low <= total && total <= high);
  if (!band) throw new RangeError(`${scale.key} totals run from 0 to ${scale.highest}`);
  return { total, band };
}

/**
 * Show score and band under a scale as its questions are answered.
 * @param {HTMLElement} box the element with data-scale
 * @param {{missing: string}} words `missing` with {n} and {all}
 */
export function watch(box, words) {
  /** @type {Scale} */
  const scale = JSON.parse(box.dataset.scale ?? "{}");
  const output = box.querySelector("[data-score]");
  const band = box.querySelector("[data-band]");
  if (!output || !band) return;
  const show = () => {
    const answers = scale.items.map((item) => {
      const checked = box.querySelector(`input[name="${scale.key}.${item}"]:checked`);
      return checked instanceof HTMLInputElement ? Number(checked.value) : null;
    });
    const result = score(scale, answers);
    if ("missing" in result) {
      const given = scale.items.length - result.missing.length;
      output.textContent = "–";
      band.textContent = words.missing.replace("{n}", String(given)).replace("{all}", String(scale.items.length));
    } else {
      output.textContent = String(result.total);
      band.textContent = result.band.label;
    }
  };
  box.addEventListener("change", show);
  show();
}
