/**
 * The features of the word model and their weights, which server/deid/reader.py looks up as texts. Pure.
 *
 * @typedef {[number, number, number, number]} Weights  for being named at all, a name, a place, an employer
 * @typedef {{weights: Weights | undefined, next: Map<string, Branch>}} Branch  of the features
 */

/** Features whose first part may be empty ("t|Aa"). */
const MAYBE = "to";
/** Features that are read at once. */
const SLICE = 500;

/** @returns {Branch} */
const branch = () => ({ weights: undefined, next: new Map() });

/**
 * The weights as a tree of the parts of features: "bdr|Aa" is b, dr, Aa. So a feature need not be written
 * to be looked up, and what no feature begins with is done with at once. A part has a sign, and none
 * but its first may be the bar between parts: cut so, each feature has one reading.
 * @param {Record<string, Weights>} weights @returns {Generator<undefined, Map<string, Branch>, undefined>}
 */
function* growing(weights) {
  const root = branch();
  let step = 0;
  for (const [feature, own] of Object.entries(weights)) {
    step += 1;
    if (step % SLICE === 0) yield;
    let at = under(root, feature[0]);
    let from = 1;
    while (from <= feature.length) {
      const bar = feature.indexOf("|", from === 1 && MAYBE.includes(feature[0]) ? 1 : from + 1);
      const end = bar < 0 ? feature.length : bar;
      at = under(at, feature.slice(from, end));
      from = end + 1;
    }
    at.weights = own;
  }
  return root.next;
}

/** @param {Branch} at @param {string} part @returns {Branch} */
function under(at, part) {
  let found = at.next.get(part);
  if (!found) at.next.set(part, found = branch());
  return found;
}

/** @param {Branch | undefined} at @param {string} part */
export const get = (at, part) => at?.next.get(part);

/**
 * Add the weights of the feature that is a part longer, and go there.
 * @param {Int32Array} sum @param {Branch | undefined} at @param {string} part
 */
export function plus(sum, at, part) {
  const next = at?.next.get(part);
  const weights = next?.weights;
  if (weights) {
    sum[0] += weights[0];
    sum[1] += weights[1];
    sum[2] += weights[2];
    sum[3] += weights[3];
  }
  return next;
}

/** The tree of the features, in some steps. */
export const treeOf = growing;
