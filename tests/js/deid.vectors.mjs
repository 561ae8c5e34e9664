// The browser's identifier check against the vectors that server/deid answers too.
// Run by tests/server/deid/test_vectors.py, which writes server.deid.load.rule_files() into the
// folder CASEROUND_DEID_RULES; CASEROUND_DEID_VECTORS names another folder of vectors.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { brotliDecompressSync } from "node:zlib";

import { applied, compile, utf16 } from "cases/deid-check.js";

const elsewhere = process.env.CASEROUND_DEID_VECTORS;
const folder = elsewhere ? pathToFileURL(`${elsewhere}/`) : new URL("../vectors/deid/", import.meta.url);
// Without the word lists only the rules answer: the vectors of the repository are about them.
const lists = (process.env.CASEROUND_DEID_WORDS ?? "").split(":").filter(Boolean);
const unpacked = (path) => brotliDecompressSync(readFileSync(path)).toString();

/** @type {Map<string, import("cases/deid-check.js").Checker>} */
const checkers = new Map();

/** @param {string} lang the checker that a page in this language has */
function checkerOf(lang) {
  const mode = /^(?:es|fr)(?![a-z])/.exec(lang)?.[0] ?? "";
  if (!checkers.has(mode)) {
    const tail = mode && `-${mode}`;
    const rules = readFileSync(`${process.env.CASEROUND_DEID_RULES}/cases/deid-rules${tail}.json`, "utf8");
    const read = lists.filter((path, number) => number === 0 || path.endsWith(`/${mode}.txt.br`));
    checkers.set(mode, compile(JSON.parse(rules), read.map(unpacked).join("")));
  }
  return checkers.get(mode);
}

const checker = checkerOf("en");

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
        const lang = vector.lang ?? "en";
        const { findings, notes } = checkerOf(lang).scan(vector.text, lang, today);
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
    for (const { text, lang = "en" } of JSON.parse(readFileSync(new URL(name, folder), "utf8")).cases) {
      let fixed = text;
      for (const finding of checkerOf(lang).scan(text, lang, today).findings.reverse()) {
        fixed = applied(fixed, finding);
      }
      const left = checkerOf(lang).scan(fixed, lang, today).findings.filter((f) => f.tier === "block");
      assert.deepEqual(left, [], text);
    }
  }
});
