"""The helps while writing answer alike in Python and in the browser (tests/vectors/writing)."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cases.rules import question_coach, rarity
from cases.rules.browser_words import browser_words, tables
from cases.rules.cues import cues
from cases.rules.person_first import replacements, suggestions
from tests.harness.node import TESTS, needs_node

VECTORS = TESTS / "vectors" / "writing"
CORPORA = TESTS / "corpora" / "deid"


def person_first(vector: dict[str, Any]) -> dict[str, Any]:
    text = vector["text"]
    found = [
        {
            "start": s.start,
            "end": s.end,
            "key": s.key,
            "ways": [[r.start, r.end, r.words] for r in replacements(text, s)],
        }
        for s in suggestions(text)
    ]
    return {"text": text, "found": found}


def danger(vector: dict[str, Any]) -> dict[str, Any]:
    text = vector["text"]
    return {"text": text, "found": [[c.start, c.end, c.kind] for c in cues(text)]}


def coach(vector: dict[str, Any]) -> dict[str, Any]:
    found = question_coach.advice(vector["question"], vector["about"])
    return {**vector, "advice": list(found)}


def asks(vector: dict[str, Any]) -> dict[str, Any]:
    found = question_coach.asks(vector["typed"], vector["modules"])
    return {**vector, "asked": [[ask.key, ask.field, ask.ticked] for ask in found]}


def rare(vector: dict[str, Any]) -> dict[str, Any]:
    found = rarity.signs(vector["texts"], vector["notes"], vector["typed"])
    return {**vector, "signs": list(found)}


ANSWERS = {
    "person_first": person_first,
    "cues": danger,
    "coach": coach,
    "asks": asks,
    "rarity": rare,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_python_answers_the_vectors(name: str) -> None:
    for vector in json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["cases"]:
        assert ANSWERS[name](vector) == vector


def browser_answers(folder: Path, vectors: dict[str, list[dict[str, Any]]] | None = None) -> None:
    """Let the browser's modules answer vectors under Node.js; fail with what differs."""
    words = folder / "words.json"
    words.write_text(browser_words(), "utf-8")
    extra = {}
    if vectors is not None:
        extra["CASEROUND_WRITING_VECTORS"] = str(folder)
        for name, cases in vectors.items():
            (folder / f"{name}.json").write_text(json.dumps({"cases": cases}), "utf-8")
    run = subprocess.run(
        [
            "node",
            "--import",
            str(TESTS / "tools" / "import_map.js"),
            "--test",
            str(TESTS / "js" / "writing.vectors.mjs"),
        ],
        env={**os.environ, "CASEROUND_WRITING_WORDS": str(words), **extra},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    failed = run.stdout.find("\nnot ok")
    assert run.returncode == 0, run.stdout[failed : failed + 4000] + run.stderr[:2000]


@needs_node
def test_the_browser_answers_the_vectors(tmp_path: Path) -> None:
    browser_answers(tmp_path)


@needs_node
def test_the_browser_reads_texts_of_every_style_alike(tmp_path: Path) -> None:
    texts = [
        text
        for file in sorted(CORPORA.glob("*.txt"))
        for text in file.read_text("utf-8").split("\n\n")[:40]
    ]
    assert len(texts) > 200
    browser_answers(
        tmp_path,
        {
            "person_first": [person_first({"text": text}) for text in texts],
            "cues": [danger({"text": text}) for text in texts],
            "coach": [coach({"question": text[:500], "about": []}) for text in texts],
            "rarity": [rare({"texts": [text], "notes": [], "typed": {}}) for text in texts],
        },
    )


def patterns(value: Any, *, exact: bool = False) -> Iterator[str]:
    """Yield every text of the tables that a browser may read as a pattern for lower-case text."""
    if isinstance(value, str):
        yield "" if exact else value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from patterns(inner, exact=exact or (key == "words" and "exact" in value))
    elif isinstance(value, list):
        for inner in value:
            yield from patterns(inner)


def test_patterns_are_lower_case() -> None:
    """The browser reads texts in lower case: a capital in a pattern would never be found."""
    told = {**tables(), "person_first": {**tables()["person_first"], "ways": []}}
    plain = [re.sub(r"\\.", "", text) for text in patterns(told)]
    assert [text for text in plain if text != text.lower()] == []


def test_the_tables_hold_no_words_for_the_reader() -> None:
    """Sentences travel apart, in the reader's language."""
    shown = [*question_coach.ADVICE.values(), rarity.WARNING, rarity.NOTE]
    assert [sentence for sentence in shown if sentence in browser_words()] == []
