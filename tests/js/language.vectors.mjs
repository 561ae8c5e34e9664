// In which language texts are read, against the vectors that server/deid/languages.py answers too.
// Run by tests/server/deid/test_languages.py; CASEROUND_RULES is the file of rules that a browser fetches.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { languages } from "cases/deid-language.js";

const rules = JSON.parse(readFileSync(process.env.CASEROUND_RULES, "utf8"));
const vectors = JSON.parse(readFileSync(new URL("../vectors/deid_languages.json", import.meta.url), "utf8"));
const language = languages(rules);

for (const { texts, langs } of vectors.cases) {
  test(JSON.stringify(texts), () => {
    assert.deepEqual(texts.map((text) => language(text, texts)), langs);
  });
}
