"""The check on our own development texts: what it must at least find, the same in both languages.

These are floors against going backwards, not a claim: the word models were trained on all files but
blind_*.txt, whose floors are therefore the honest ones. Figures: docs/deidentification.md.
"""

from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from server.deid.detect import scan
from server.deid.models import Finding, ScanResult
from tests.harness.long import LONG
from tests.harness.node import answer_vectors, needs_node
from tests.tools.deid import corpus

TESTS = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 24)
FILES = sorted(corpus.HERE.glob("*.txt"))


def step(file: Path) -> int:
    """The long form takes every text, otherwise of those trained on every third: all have many authors."""
    return 1 if LONG or file.stem.startswith("blind") else 3


@pytest.fixture(scope="module")
def scanned() -> dict[str, list[tuple[corpus.Text, ScanResult]]]:
    return {
        file.stem: [
            (text, scan(text.text, text.lang, TODAY)) for text in corpus.ours(file)[:: step(file)]
        ]
        for file in FILES
    }


def touched(span: corpus.Span, findings: tuple[Finding, ...]) -> bool:
    return any(f.start < span.end and span.start < f.end for f in findings)


def test_there_are_enough_texts() -> None:
    assert len(FILES) >= 30
    assert sum(len(corpus.ours(file)) for file in FILES) > 4500


@pytest.mark.parametrize(("blind", "floor"), [(True, 0.95), (False, 0.95)])
def test_planted_identifiers_are_touched(scanned, blind: bool, floor: float) -> None:
    hits = [
        touched(span, result.findings)
        for name, texts in scanned.items()
        if name.startswith("blind") is blind
        for text, result in texts
        for span in text.spans
    ]
    assert sum(hits) / len(hits) >= floor


def test_numbers_are_touched(scanned) -> None:
    hits = [
        touched(span, result.findings)
        for texts in scanned.values()
        for text, result in texts
        for span in text.spans
        if span.category in corpus.NUMBERS
    ]
    assert sum(hits) / len(hits) >= 0.97


def test_clean_texts_raise_few_alarms_and_hardly_a_block(scanned) -> None:
    clean = [result for texts in scanned.values() for text, result in texts if not text.spans]
    assert sum(len(result.findings) for result in clean) / len(clean) <= 0.55
    assert sum(bool(result.blocking) for result in clean) / len(clean) <= 0.04


@needs_node
def test_the_browser_gives_the_same_answers(scanned, tmp_path: Path) -> None:
    cases = [
        {
            "text": text.text,
            "lang": text.lang,
            "findings": [asdict(f) for f in result.findings],
            "notes": [asdict(n) for n in result.notes],
        }
        for texts in scanned.values()
        for text, result in texts
    ]
    said = answer_vectors(tmp_path, {"today": TODAY.isoformat(), "cases": cases}, fix=False)
    assert f"# pass {len(cases) + 1}" in said  # and the file itself
