"""In which language a text is read: told by the text, in Python and in the browser alike."""

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from server.deid import languages, verdict
from server.deid.detect import scan, scan_fields, second_look
from server.deid.load import browser_rules, mode, read_files, ruleset
from server.deid.models import Clear, Held
from tests.harness.node import TESTS, needs_node
from tests.tools.deid import corpus

TODAY = date(2026, 11, 24)
VECTORS = TESTS / "vectors" / "deid_languages.json"
CASES = json.loads(VECTORS.read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[" / ".join(c["texts"])[:60] for c in CASES])
def test_python_answers_the_vectors(case: dict[str, list[str]]) -> None:
    fields = {str(n): text for n, text in enumerate(case["texts"])}
    assert list(languages.of_fields(fields).values()) == case["langs"]


@needs_node
def test_the_browser_answers_the_vectors(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(browser_rules(), "utf-8")
    run = subprocess.run(
        [
            "node",
            "--import",
            str(TESTS / "tools" / "import_map.js"),
            "--test",
            str(TESTS / "js" / "language.vectors.mjs"),
        ],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "CASEROUND_RULES": str(rules)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert f"# tests {len(CASES)}" in run.stdout


def test_no_word_tells_two_languages() -> None:
    words = [
        word
        for name, listed in read_files().sets.items()
        if name.startswith("told_")
        for word in listed.split()
    ]
    assert len(words) == len(set(words)) > 150
    assert {languages.told([f"{word} {word} {word}"]) for word in words} == {"en", "es", "fr"}


def test_texts_of_the_corpora_are_read_in_their_language() -> None:
    texts = [
        text
        for file in sorted(corpus.HERE.glob("*.txt"))
        if not file.stem.startswith("blind")
        for text in corpus.ours(file)
    ]
    read = {lang: [t for t in texts if t.lang == lang] for lang in ("en", "es", "fr")}
    for lang, mine in read.items():
        told = [languages.told([t.text]) for t in mine]
        # A few English documents are Spanish or French sentences that somebody said.
        assert sum(one not in (lang, None) for one in told) <= 0.004 * len(mine)
        if lang != "en":
            assert sum(one == lang for one in told) >= 0.9 * len(mine)


SPANISH = "Vive con su hermana Yuleisy desde hace tres meses, pero ya no toma la pastilla."


def test_a_form_is_read_in_the_language_of_its_texts() -> None:
    texts = {"question": "¿Seguir?", "story": SPANISH, "plan": "Visto el 3/4."}
    results = scan_fields(texts, today=TODAY)
    assert [result.lang for result in results.values()] == ["es", "es", "es"]
    # 3/4 in a Spanish form is the third of April; alone it would be the fourth of March.
    assert results["plan"] == scan("Visto el 3/4.", "es", TODAY)
    assert scan("Visto el 3/4.", None, TODAY).lang == "en"
    assert results["story"] == scan(SPANISH, "es", TODAY)
    assert second_look(SPANISH, results["story"]) == second_look(
        SPANISH, scan(SPANISH, "es", TODAY)
    )
    # Who names a language is not second-guessed.
    assert {r.lang for r in scan_fields(texts, "fr", TODAY).values()} == {"fr"}


def test_verdicts_read_the_language_too() -> None:
    titled = "La llevó don Anselmo a la consulta porque ella ya no puede andar sin ayuda."
    held = verdict.screen_line(titled, today=TODAY)
    assert isinstance(held, Held)
    assert [f.rule for f in held.findings["text"]] == ["name.titled_es"]
    assert isinstance(verdict.screen_line(titled, lang="en", today=TODAY), verdict.ScreenedText)
    outcome = verdict.screen_fields({"story": SPANISH}, today=TODAY)
    assert isinstance(outcome, Clear)
    assert outcome.screened["story"].ruleset == ruleset("es").version == ruleset().version


@pytest.mark.parametrize("lang", ["en", "es", "fr"])
def test_every_language_that_is_told_has_a_mode(lang: str) -> None:
    assert mode(lang) == ("" if lang == "en" else lang)
