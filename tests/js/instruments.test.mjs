// The browser's scores against the vectors that cases/instruments answers too
// (tests/cases/instruments/test_scales.py), and the form's conditions.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { holds } from "../../static/cases/conditions.js";
import { score } from "../../static/cases/instruments.js";

const folder = new URL("../vectors/instruments/", import.meta.url);
const read = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

for (const name of readdirSync(folder).filter((file) => file !== "conditions.json").sort()) {
  const { scale, cases } = read(name);
  test(name, () => {
    for (const { answers, open = null, result } of cases) {
      const found = score(scale, answers, open);
      assert.deepEqual("missing" in found ? found : { total: found.total, band: found.band.label }, result);
    }
  });
  test(`${name}: what cannot occur is refused`, () => {
    assert.throws(() => score(scale, scale.items.slice(1).map(() => 0)), RangeError);
    assert.throws(() => score(scale, scale.items.map(() => 9)), RangeError);
  });
}

test("conditions", () => {
  for (const { condition, typed, holds: expected } of read("conditions.json")) {
    const answers = (/** @type {string} */ key) => [typed[key] ?? []].flat();
    assert.equal(holds(condition, answers), expected, JSON.stringify({ condition, typed }));
  }
});
