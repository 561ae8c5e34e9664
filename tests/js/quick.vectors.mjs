// The quick lines of the case form's tables, and its sums with units.
// Run by tests/cases/rules/test_quick_line.py, which writes what the server sends to the browser into
// the folder CASEROUND_QUICK, beside answers of its own: doses.json and units.json.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { labReader } from "cases/quick-lab.js";
import { medicineReader } from "cases/quick-medicine.js";
import { bmi, decimal, fit, meant, shownIn, toStored } from "cases/units.js";

const made = (/** @type {string} */ name) => JSON.parse(readFileSync(`${process.env.CASEROUND_QUICK}/${name}`, "utf8"));
const vectors = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`../vectors/quick/${name}`, import.meta.url), "utf8"));

const words = made("medicines.json");
const measures = made("measures.json");
const medicine = medicineReader(words);
const lab = labReader(measures);

/** What a row says, without what it leaves empty. */
const said = ({ tokens: _, ...row }) => Object.fromEntries(Object.entries(row).filter(([, value]) =>
  value !== "" && value !== false && !(Array.isArray(value) && value.length === 0)));

for (const [name, reader] of /** @type {const} */ ([["medicine.json", medicine], ["lab.json", lab]])) {
  test(name, async (t) => {
    for (const { text, rows, rest = [] } of vectors(name)) {
      await t.test(text, () => {
        const found = reader.read(text);
        assert.deepEqual(found.rows.map(said), rows);
        assert.deepEqual(found.rest, rest);
      });
    }
  });
}

/** Numbers that come the same every time. */
function dice(seed) {
  let state = seed;
  return (/** @type {number} */ sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** What people and records write, in any order. */
const PIECES = [
  "sert", "sertraline", "bup", "Suboxone", "foobarine", "insulin glargine", "metoprolol succinate ER", "50", "8-2", "2.5mg",
  "1,000", "0,5", ".5", "1e999", "20 units", "mcg/hr", "q72h", "bid", "PRN", "q 3 months", "by mouth", "SL", "12w", "for 6 weeks",
  "partly", "no effect", "se:", "dry mouth", "take 1 tablet", "disp 30", "(ZOLOFT)", "#30", "—", "😀", "\u202e", "\u0000", "constructor",
  "__proto__", "a1c", "hcv rna", "1.2m", "6.1 log", "neg", "nd", "mmol/L", "%", "<15", "genotype", "3", "+", "-", "=", ":", "/", "//",
];
const JOINTS = [" ", " ", " ", ", ", "; ", "\n", ",", "\t", "  "];

/** The words of a text, without the signs between and around them. */
const bareWords = (/** @type {string} */ text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const sorted = (/** @type {string[]} */ list) => [...list].sort();

for (const [name, reader] of /** @type {const} */ ([["medicines", medicine], ["results", lab]])) {
  test(`${name}: no line is refused, and every word of it ends up somewhere`, () => {
    const roll = dice(7);
    for (let round = 0; round < 2500; round += 1) {
      let text = "";
      for (let n = roll(14); n >= 0; n -= 1) text += PIECES[roll(PIECES.length)] + JOINTS[roll(JOINTS.length)];
      const { rows, rest } = reader.read(text);
      const kept = [...rows.flatMap((row) => row.tokens.map((token) => token.text)), ...rest].join(" ");
      // A list mark ("3) …", "- …") is no word of the line.
      const listed = text.split(/[\n\r;]+/).map((line) => line.replace(/^\s*(?:\d{1,2}[.)]\s+)/, "")).join("\n");
      assert.deepEqual(sorted(bareWords(kept)), sorted(bareWords(listed)), JSON.stringify(text));
      for (const row of rows) {
        const left = row.tokens.filter((token) => token.as === "left").map((token) => token.text).join(" ");
        assert.deepEqual(
          sorted(bareWords(left)).filter((word) => !bareWords(row.left.join(" ")).includes(word)), [], JSON.stringify(text));
      }
    }
  });
  test(`${name}: any characters at all`, () => {
    const roll = dice(11);
    for (let round = 0; round < 2000; round += 1) {
      const text = String.fromCharCode(...Array.from({ length: roll(60) }, () => (roll(4) ? 32 + roll(96) : roll(65536))));
      assert.ok(Array.isArray(reader.read(text).rows), JSON.stringify(text));
    }
    const long = reader.read("sert 50 qd a1c 8\n".repeat(5000));
    assert.ok(long.rest.join("").length > 60000, "what is too long stays in the line");
  });
}

test("answers are ones the form has", () => {
  const roll = dice(3);
  const values = { unit: words.units, route: words.routes, freq: words.freqs, taken: words.taken, effect: words.effect };
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: 1 + roll(8) }, () => PIECES[roll(PIECES.length)]).join(" ");
    for (const row of medicine.read(text).rows) {
      for (const [key, list] of Object.entries(values)) assert.ok(row[key] === "" || row[key] in list, text);
      assert.match(row.dose, /^(|\d{1,6}(\.\d{1,4})?)$/, text);
      assert.match(row.weeks, /^\d{0,4}$/, text);
      assert.ok(row.name.length <= 80 && row.side_effects.length <= 120, text);
    }
  }
});

test("names are offered by their beginning, a brand, an abbreviation", () => {
  const names = (/** @type {string} */ typed) => medicine.suggest(typed).map(({ name }) => name);
  assert.deepEqual(names("zol").slice(0, 1), ["zolpidem"]);
  assert.deepEqual(names("zoloft"), ["sertraline"]);
  assert.deepEqual(names("bup").slice(0, 1), ["buprenorphine"]);
  assert.deepEqual(names("insulin gl"), ["insulin glargine", "insulin glulisine"]);
  assert.deepEqual(names("vel").slice(0, 1), ["sofosbuvir/velpatasvir"]);
  assert.deepEqual(names("b"), []);
  assert.equal(medicine.suggest("a m").length, 0);
  assert.ok(medicine.suggest("me").length === 6);
});

test("doses above the labelled maximum, as the server says", () => {
  const cases = made("doses.json");
  assert.ok(cases.filter(({ above }) => above).length > 40 && cases.filter(({ above }) => !above).length > 40);
  for (const { row, above } of cases) {
    const found = medicine.above(row);
    assert.deepEqual(found && { most: found.most, unit: found.unit }, above, JSON.stringify(row));
  }
});

test("units: kept, shown, usual, meant, as the server says", () => {
  const cases = made("units.json");
  assert.ok(cases.length > 200);
  for (const { code, value, unit, stored, shown, fits, means } of cases) {
    const quantity = measures.labs[code] ?? measures.vitals[code];
    const about = `${code} ${value} ${unit}`;
    assert.equal(toStored(quantity, value, unit), stored, about);
    assert.equal(shownIn(quantity, stored, unit), shown, about);
    assert.equal(fit(quantity, stored), fits, about);
    if (unit === quantity.units[0][0]) assert.equal(meant(quantity, value, unit), means, about);
  }
});

test("a unit is offered back as well", () => {
  assert.equal(meant(measures.labs.glucose_f, 180, "mmol/L"), "mg/dL");
  assert.equal(meant(measures.labs.glucose_f, 7.2, "mg/dL"), "mmol/L");
  assert.equal(meant(measures.labs.glucose_f, 100, "mg/dL"), null);
  assert.equal(meant(measures.vitals.height, 68, "cm"), "in");
});

test("BMI and typed decimals", () => {
  assert.equal(bmi(84.3682, 172.72), "28.3");
  assert.equal(decimal("84,4"), 84.4);
  assert.ok(Number.isNaN(decimal("8 4")) && Number.isNaN(decimal("1e3")) && Number.isNaN(decimal("")));
});
