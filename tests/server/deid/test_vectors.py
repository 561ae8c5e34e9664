"""One set of vectors for both languages: Python here, the browser's check through Node."""

import json
import random
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from server.deid import detect
from server.deid.detect import scan
from tests.harness.node import answer_vectors, needs_node

TESTS = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 24)
VECTORS = sorted((TESTS / "vectors" / "deid").glob("*.json"))


def _read():
    for path in VECTORS:
        file = json.loads(path.read_text("utf-8"))
        for case in file["cases"]:
            today = case.get("today", file["today"])
            yield pytest.param(
                case, date.fromisoformat(today) if today else None, id=case["text"][:60]
            )


CASES = list(_read())
WORDS = json.loads((TESTS / "vectors" / "deid_words.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize(("case", "today"), CASES)
def test_python_answers_the_vectors(case, today, monkeypatch):
    # the vectors are about the rules written by hand, not about a training
    monkeypatch.setattr(detect, "_worded", lambda *_: [])
    monkeypatch.setattr(detect, "_counted", lambda *_: [])
    result = scan(case["text"], case.get("lang", "en"), today)
    assert [asdict(f) for f in result.findings] == case["findings"]
    assert [asdict(n) for n in result.notes] == case.get("notes", [])


@pytest.mark.parametrize("case", WORDS, ids=[case["text"][:60] for case in WORDS])
def test_the_word_model_finds_plain_names_and_places(case):
    start = case["text"].index(case["find"])
    letters = {start + i for i, c in enumerate(case["find"]) if c.isalnum()}
    findings = scan(case["text"], case["lang"], TODAY).findings
    covered = {i for f in findings for i in range(f.start, f.end)}
    assert letters - covered == set()


def test_there_are_vectors_of_every_kind():
    assert [p.stem for p in VECTORS] == [
        "clean",
        "contacts",
        "dates",
        "es",
        "fr",
        "mixed",
        "names",
        "numbers",
        "places",
        "scripts",
    ]
    assert len(CASES) > 300


@needs_node
def test_the_browser_answers_the_vectors(tmp_path):
    answer_vectors(tmp_path)


@needs_node
def test_the_browser_answers_shuffled_text_as_python_does(tmp_path):
    # pieces of the vectors in any order, letters swapped for strange ones: where the two readers
    # differ in any class, boundary, fold or tie, some of these texts tell
    shuffle = random.Random(2026)
    pieces = [word for case in CASES for word in case.values[0]["text"].split(" ")]
    strange = "\u00e9\u0130\u017f\u212a\u0301\u200b\u00a0\u2019\u2013\uff11\u0663\U0001f600\u0416\u4e2d`_\t\r\x85\u00df"
    strange += "\u0430\u0435\u03bf\u03b1\u0e2a\u0645\U0001e900\U0001d5d4\u0e53\u2067\u1d49\uff21\u0589\x1a"
    cases = []
    for _ in range(400):
        words = shuffle.choices(pieces, k=shuffle.randint(1, 25))
        text = shuffle.choice([" ", " ", "\n", ", "]).join(words)
        for _ in range(shuffle.randint(0, 6)):
            at = shuffle.randrange(len(text) + 1)
            text = text[:at] + shuffle.choice(strange) + text[at + shuffle.randint(0, 1) :]
        text = shuffle.choice([text, text, text.upper(), text.lower()])
        lang = shuffle.choice(["en", "es", "fr-CA", "pt"])
        result = scan(text, lang, TODAY)
        cases.append(
            {
                "text": text,
                "lang": lang,
                "findings": [asdict(f) for f in result.findings],
                "notes": [asdict(n) for n in result.notes],
            }
        )
    answer_vectors(tmp_path, {"today": TODAY.isoformat(), "cases": cases}, fix=False)
