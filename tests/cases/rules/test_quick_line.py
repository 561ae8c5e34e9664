"""Quick lines: the browser reads them with the server's words, and counts as the server counts."""

import itertools
import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import brotli
import pytest

from cases.formulas.labs import LABS, LISTED
from cases.formulas.vitals import VITALS
from cases.rules import measure_reader, medicines, options, readers
from cases.rules import quick_line as words
from cases.rules.form import USUAL
from tests.harness.node import TESTS, needs_node


def doses() -> list[dict[str, object]]:
    """Rows around the maximum of every tenth medicine, in units and at times, with the answer."""
    found: list[dict[str, object]] = []
    some = [m for m in medicines.MEDICINES.values() if m.most is not None][::10]
    for medicine, times, part in itertools.product(some, ("daily", "BID", "PRN", "qod"), (0.4, 3)):
        amount = round(medicine.most * part, 2)
        for row in (
            {"dose": amount, "unit": medicine.unit, "route": medicine.route},
            {"dose": amount / 1000, "unit": "g", "route": medicine.route},
            {"dose": amount, "unit": medicine.unit, "route": "IV"},
        ):
            typed = {"name": medicine.name.upper() + " XR", "freq": times, **row}
            said = medicines.maximum_warning(typed)
            found.append(
                {
                    "row": {**typed, "dose": f"{typed['dose']:.6g}"},
                    "above": dict(said.numbers) if said else None,
                }
            )
    return found


def units() -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for quantity in (*LABS.values(), *VITALS.values()):
        for unit, part in itertools.product(quantity.units, (0.003, 0.06, 0.13, 0.55, 1, 17)):
            value = round((quantity.usual[1] or 1) * part, 3)
            stored = quantity.to_stored(value, unit)
            found.append(
                {
                    "code": quantity.code,
                    "value": value,
                    "unit": unit,
                    "stored": stored,
                    "shown": quantity.shown_in(stored, unit),
                    "fits": quantity.fit(stored).value,
                    "means": quantity.meant_unit(value) if unit == quantity.unit else None,
                }
            )
    return found


@needs_node
def test_the_browser_reads_as_the_vectors_and_counts_as_the_server(tmp_path: Path) -> None:
    for name, text in words.browser_texts().items():
        (tmp_path / name.rpartition("/")[2]).write_text(text, "utf-8")
    (tmp_path / "doses.json").write_text(json.dumps(doses()), "utf-8")
    (tmp_path / "units.json").write_text(json.dumps(units()), "utf-8")
    run = subprocess.run(
        [
            "node",
            "--import",
            str(TESTS / "tools" / "import_map.js"),
            "--test",
            str(TESTS / "js" / "quick.vectors.mjs"),
        ],
        env={**os.environ, "CASEROUND_QUICK": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    failed = run.stdout.find("\nnot ok")
    assert run.returncode == 0, run.stdout[failed : failed + 4000]


ANSWERS = (
    (words.UNITS, options.DOSE_UNITS),
    (words.ROUTES, options.ROUTES),
    (words.FREQUENCIES, options.FREQUENCIES),
    (words.TAKEN, options.TAKEN),
    (words.EFFECT, options.EFFECT),
)


@pytest.mark.parametrize(("spelled", "listed"), ANSWERS)
def test_quick_words_lead_to_answers_of_the_form(
    spelled: words.Spelled, listed: tuple[options.Option, ...]
) -> None:
    allowed = {option.value for option in listed}
    assert set(spelled) - allowed == set()
    # "not known" is an answer nobody types.
    assert allowed - set(spelled) <= {"unknown"}


@pytest.mark.parametrize(
    "spelled", [words.UNITS, words.ROUTES, words.FREQUENCIES, words.TESTS, words.LAB_UNITS]
)
def test_a_word_means_one_thing(spelled: words.Spelled) -> None:
    counted = Counter(way for ways in spelled.values() for way in ways)
    assert [way for way, times in counted.items() if times > 1] == []
    assert [way for way in counted if way != way.lower() or way != " ".join(way.split())] == []


def test_every_test_of_the_catalogue_can_be_typed_and_only_those() -> None:
    assert list(words.TESTS) == [*LABS, *LISTED]
    known = {unit for lab in LABS.values() for unit in lab.units if unit}
    assert set(words.LAB_UNITS) == known
    assert set(words.MULTIPLES) <= set(LABS)


@pytest.mark.parametrize(
    ("name", "most"), [("cases/medicines.json", 12), ("cases/measures.json", 3)]
)
def test_what_a_step_fetches_stays_small(name: str, most: int) -> None:
    sent = brotli.compress(words.browser_texts()[name].encode(), quality=9)
    assert len(sent) <= most * 1024


def test_quick_rows_are_read_by_the_server() -> None:
    """Every complete row of the vectors is one the form accepts."""
    folder = TESTS / "vectors" / "quick"
    lines = json.loads((folder / "medicine.json").read_text("utf-8"))
    needed = {"name", "dose", "unit", "route", "freq"}
    rows = [row for line in lines for row in line["rows"] if needed <= row.keys()]
    assert len(rows) > 25
    raw = {
        f"medications.{n % 20}.{key}": value
        for n, row in enumerate(rows[:20])
        for key, value in row.items()
        if isinstance(value, str) and key != "read"
    }
    outcome = readers.grid(raw, USUAL.field("medications"), 2031)
    assert outcome.errors == {}
    assert len(outcome.value) == 20
    results = json.loads((folder / "lab.json").read_text("utf-8"))
    labs = [row for line in results for row in line["rows"] if {"value", "weeks"} <= row.keys()]
    seen = {(row["code"], row["weeks"]): row for row in labs}
    raw = {
        f"labs.{n}.{key}": value
        for n, row in enumerate(list(seen.values())[:24])
        for key, value in row.items()
        if isinstance(value, str)
    }
    outcome = measure_reader.labs(raw, USUAL.field("labs"))
    assert outcome.errors == {}
    assert len(outcome.value) > 15
