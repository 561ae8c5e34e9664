// The helps while writing against the vectors that cases/rules answers too.
// Run by tests/cases/rules/test_browser_words.py, which writes browser_words() to the file
// CASEROUND_WRITING_WORDS; CASEROUND_WRITING_VECTORS names another folder of vectors.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { hubAsks, questionCoach, rarity } from "cases/coach.js";
import { personFirst, safetyCues } from "cases/person-first.js";

const tables = JSON.parse(readFileSync(process.env.CASEROUND_WRITING_WORDS, "utf8"));
const elsewhere = process.env.CASEROUND_WRITING_VECTORS;
const folder = elsewhere ? pathToFileURL(`${elsewhere}/`) : new URL("../vectors/writing/", import.meta.url);

/** @param {Record<string, string | string[]>} typed */
const inputs = (typed) => new Map(Object.entries(typed).map(([name, value]) => [name, [value].flat()]));

const suggest = personFirst(tables.person_first, tables.near);
const cues = safetyCues(tables.cues, tables.near);
const advise = questionCoach(tables.coach);
const signs = rarity(tables.rarity);

/** @type {Record<string, (vector: any) => [unknown, unknown]>} */
const answers = {
  person_first: ({ text, found }) => [
    suggest(text).map(({ start, end, key, ways }) =>
      ({ start, end, key, ways: ways.map((way) => [way.start, way.end, way.words]) })),
    found,
  ],
  cues: ({ text, found }) => [cues(text).map(({ start, end, key }) => [start, end, key]), found],
  coach: ({ question, about, advice }) => [advise(question, about), advice],
  asks: ({ typed, modules, asked }) => [
    hubAsks(tables.coach, modules)(inputs(typed)).map(({ key, field, ticked }) => [key, field, ticked]),
    asked,
  ],
  rarity: ({ texts, notes, typed, signs: expected }) => [signs(texts, notes, inputs(typed)), expected],
};

for (const [name, answer] of Object.entries(answers)) {
  const file = new URL(`${name}.json`, folder);
  if (elsewhere && !existsSync(file)) continue;
  const { cases } = JSON.parse(readFileSync(file, "utf8"));
  test(name, () => {
    assert.ok(cases.length > 0);
    for (const vector of cases) {
      const [found, expected] = answer(vector);
      assert.deepEqual(found, expected, JSON.stringify(vector).slice(0, 300));
    }
  });
}
