"""The table of medicines: what it knows, and when it asks about a dose."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import medicines, options, sheet
from cases.rules.care_gaps import NOT_WATCHED, is_antipsychotic
from cases.rules.form import USUAL
from cases.rules.models import Answers
from cases.rules.readers import Problem

ROUTES = {option.value for option in options.ROUTES}
UNITS = {option.value for option in options.DOSE_UNITS}


def test_every_name_leads_to_one_medicine() -> None:
    names = Counter(
        medicines.folded(name)
        for m in medicines.MEDICINES.values()
        for name in (m.name, *m.also, *m.depot_also)
    )
    assert [name for name, times in names.items() if times > 1] == []
    for m in medicines.MEDICINES.values():
        for name in (m.name, *m.also, *m.depot_also):
            assert medicines.find(name.upper()) is m


def test_the_table_is_well_formed() -> None:
    assert len(medicines.MEDICINES) > 350
    assert medicines.VERSION != ""
    for m in medicines.MEDICINES.values():
        assert m.name == m.name.casefold() and len(m.name) <= 80, m
        assert m.route in ROUTES and m.unit in UNITS and m.depot in {"", *ROUTES}, m
        assert m.per in {"day", "week"} and (m.most is None or m.most > 0), m
        assert m.classes and (m.depot or not m.depot_also), m


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("sert", "sertraline"),
        ("Zoloft", "sertraline"),
        ("metoprolol succinate ER", "metoprolol"),
        ("Bup-Nx", "buprenorphine/naloxone"),
        ("aripiprazole LAI", "aripiprazole"),
        ("potassium chloride", "potassium chloride"),
        ("Tylenol  3", "codeine/acetaminophen"),
    ],
)
def test_names_are_found_however_they_are_written(typed: str, name: str) -> None:
    assert medicines.find(typed) == medicines.MEDICINES[name]


@pytest.mark.parametrize("typed", ["", "sertralin", "clon", "oxy", "pred", "hydrox", "tonic"])
def test_a_name_that_could_be_two_or_none_is_not_guessed(typed: str) -> None:
    assert medicines.find(typed) is None


def row(name: str, dose: float, unit: str = "mg", freq: str = "daily", route: str = "PO") -> Any:
    return {"name": name, "dose": dose, "unit": unit, "route": route, "freq": freq}


@pytest.mark.parametrize(
    ("typed", "most"),
    [
        (row("sertraline", 200), None),
        (row("sertraline", 200.5), "200"),
        (row("sertraline", 100, freq="BID"), None),
        (row("sertraline", 100, freq="TID"), "200"),
        (row("zoloft", 1, "g"), "200"),
        (row("sertraline", 300, freq="qod"), None),
        (row("metformin", 1, "g", "BID"), None),
        (row("metformin", 1, "g", "TID"), "2550"),
        (row("levothyroxine", 1, "mg"), "300"),
        (row("levothyroxine", 150, "mcg"), None),
        (row("methotrexate", 15, freq="weekly"), None),
        (row("methotrexate", 15), "30"),
        (row("semaglutide", 2.4, route="SC", freq="weekly"), None),
        (row("semaglutide", 2.4, route="SC"), "2.4"),
        (row("aripiprazole", 400, route="IM", freq="monthly"), None),
        (row("aripiprazole LAI", 400, freq="daily"), None),
        (row("buprenorphine", 24, route="SL"), None),
        (row("buprenorphine", 24, route="SL", freq="BID"), "32"),
        (row("acetaminophen", 1000, freq="QID"), None),
        (row("acetaminophen", 5000, freq="PRN"), "4000"),
        (row("sertraline", 300, "mL"), None),
        (row("methadone", 300), None),
        (row("an unknown tonic", 5000), None),
        ({"name": "sertraline"}, None),
    ],
)
def test_a_dose_above_the_labelled_maximum_is_asked_about(typed: Any, most: str | None) -> None:
    asked = medicines.maximum_warning(typed)
    assert (asked.numbers["most"] if asked else None) == most


@given(
    st.sampled_from([m for m in medicines.MEDICINES.values() if m.most]),
    st.floats(0.01, 50),
    st.sampled_from([option.value for option in options.FREQUENCIES]),
)
def test_less_of_the_same_never_asks_more(
    medicine: medicines.Medicine, part: float, freq: str
) -> None:
    dose = (medicine.most or 0) * part
    more = medicines.maximum_warning(row(medicine.name, dose, medicine.unit, freq, medicine.route))
    less = medicines.maximum_warning(
        row(medicine.name, dose / 2, medicine.unit, freq, medicine.route)
    )
    assert more is not None or less is None


def test_the_table_says_what_the_rules_of_monitoring_watch() -> None:
    found = medicines.with_class("antipsychotic")
    assert {name for name in found if not is_antipsychotic(name)} == NOT_WATCHED
    assert is_antipsychotic("Quetiapine XR") and not is_antipsychotic("trospium")
    assert medicines.in_class("Zyprexa", "antipsychotic")
    assert not medicines.in_class("sertraline", "antipsychotic")
    assert "atorvastatin" in medicines.with_class("statin")


def test_the_sheet_says_it_beside_the_table_of_medicines_only() -> None:
    rows = [row("sertraline", 300), row("lithium", 300, freq="TID")]
    tried = [{"name": "sertraline", "kind": "medicine", "top_dose": "300 mg"}]
    answers = Answers({"medications": rows, "past_treatments": tried})
    (section,) = sheet.sections(USUAL, answers, quiet=False)
    said = Problem(medicines.ABOVE_A_DAY, {"most": "200", "unit": "mg"})
    assert [grid.notes for grid in section.grids] == [(("sertraline", said),), ()]
