// The browser's identifier check against the vectors that server/deid answers too.
// Run by tests/server/deid/test_vectors.py, which writes server.deid.load.browser_rules() to the
// file CASEROUND_DEID_RULES; CASEROUND_DEID_VECTORS names another folder of vectors.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { brotliDecompressSync } from "node:zlib";

import { applied, compile, utf16 } from "cases/deid-check.js";

const elsewhere = process.env.CASEROUND_DEID_VECTORS;
const folder = elsewhere ? pathToFileURL(`${elsewhere}/`) : new URL("../vectors/deid/", import.meta.url);
// Without the word list only the rules answer: the vectors of the repository are about them.
const listed = process.env.CASEROUND_DEID_WORDS;
const checker = compile(
  JSON.parse(readFileSync(process.env.CASEROUND_DEID_RULES, "utf8")),
  listed ? brotliDecompressSync(readFileSync(listed)).toString() : "",
);

/** @param {string | null} iso */
function day(iso) {
  if (!iso) return null;
  const [year, month, date] = iso.split("-").map(Number);
  return { year, month, day: date };
}

for (const name of readdirSync(folder).sort()) {
  const file = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  test(name, async (t) => {
    for (const vector of file.cases) {
      await t.test(vector.text, () => {
        const today = day("today" in vector ? vector.today : file.today);
        const { findings, notes } = checker.scan(vector.text, vector.lang ?? "en", today);
        assert.deepEqual(findings, vector.findings);
        assert.deepEqual(notes, vector.notes ?? []);
      });
    }
  });
}

test("a fix replaces exactly the finding, whatever lies outside the basic plane", () => {
  const text = "😀 Mrs Quintana 😀 asked";
  const [finding] = checker.scan(text).findings;
  assert.equal(applied(text, finding), "😀 the patient 😀 asked");
  assert.equal(text.slice(utf16(text, finding.start), utf16(text, finding.end)), "Mrs Quintana");
});

test("fixing every finding leaves nothing that blocks", () => {
  const today = { year: 2026, month: 11, day: 24 };
  for (const name of readdirSync(folder)) {
    for (const { text } of JSON.parse(readFileSync(new URL(name, folder), "utf8")).cases) {
      let fixed = text;
      for (const finding of checker.scan(text, "en", today).findings.reverse()) {
        fixed = applied(fixed, finding);
      }
      const left = checker.scan(fixed, "en", today).findings.filter((f) => f.tier === "block");
      assert.deepEqual(left, [], text);
    }
  }
});
