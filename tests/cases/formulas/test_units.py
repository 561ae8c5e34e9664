"""Units: every value typed comes back as typed, and the catalogue is that of domain.md §4.3."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.formulas.labs import LABS, LISTED
from cases.formulas.units import Fit, Quantity
from cases.formulas.vitals import VITALS, pressures_agree

ALL = {**LABS, **VITALS}
PAIRS = [(code, other.unit) for code, q in ALL.items() for other in q.others]


def test_the_catalogue_has_the_units_and_hard_ranges_of_the_table() -> None:
    assert {code: (q.unit, q.low, q.high) for code, q in LABS.items()} == {
        "glucose_f": ("mg/dL", 20, 1500), "hba1c": ("%", 3, 20), "chol": ("mg/dL", 50, 1000),
        "hdl": ("mg/dL", 5, 200), "ldl": ("mg/dL", 5, 700), "trig": ("mg/dL", 10, 10000),
        "creatinine": ("mg/dL", 0.1, 25), "egfr": ("mL/min/1.73 m²", 1, 200),
        "ast": ("U/L", 1, 15000), "alt": ("U/L", 1, 15000), "ast_uln": ("U/L", 10, 100),
        "hb": ("g/dL", 1, 25), "anc": ("10⁹/L", 0, 100), "qtc": ("ms", 250, 750),
        "platelets": ("10⁹/L", 1, 2000), "bilirubin_t": ("mg/dL", 0.1, 60),
        "albumin": ("g/dL", 0.5, 7), "inr": ("", 0.5, 20), "hcv_rna": ("IU/mL", 0, 1e9),
        "lithium": ("mmol/L", 0, 6), "valproate": ("µg/mL", 0, 300), "tsh": ("mIU/L", 0.001, 200),
    }  # fmt: skip
    assert [code for code, q in LABS.items() if q.undetectable] == ["hcv_rna"]
    assert {code: q.default for code, q in LABS.items() if q.default} == {"ast_uln": 40}
    assert list(LISTED) == ["hcv_genotype", "hbsag", "anti_hbc", "anti_hbs", "hiv"]


def test_the_body_measurements_have_the_ranges_of_the_table() -> None:
    assert {code: (q.unit, q.low, q.high) for code, q in VITALS.items()} == {
        "height": ("cm", 50, 250), "weight": ("kg", 1, 400), "waist": ("cm", 30, 250),
        "sbp": ("mmHg", 50, 300), "dbp": ("mmHg", 20, 200), "hr": ("per minute", 20, 250),
    }  # fmt: skip
    assert VITALS["weight"].usual == (30, 250) and VITALS["sbp"].usual == (80, 220)


@pytest.mark.parametrize(
    ("code", "unit", "stored", "shown"),
    [
        ("glucose_f", "mmol/L", 100, 5.6), ("hba1c", "mmol/mol", 6.5, 48),
        ("hba1c", "mmol/mol", 9.4, 79), ("chol", "mmol/L", 200, 5.17), ("hdl", "mmol/L", 40, 1.03),
        ("ldl", "mmol/L", 148, 3.83), ("trig", "mmol/L", 150, 1.69),
        ("creatinine", "µmol/L", 1, 88), ("hb", "g/L", 13.5, 135), ("platelets", "10³/µL", 132, 132),
        ("bilirubin_t", "µmol/L", 2, 34), ("albumin", "g/L", 3.5, 35), ("height", "in", 175, 68.9),
        ("weight", "lb", 96.4, 212.5), ("waist", "in", 102, 40.2),
    ],
)  # fmt: skip
def test_known_pairs(code: str, unit: str, stored: float, shown: float) -> None:
    assert ALL[code].shown_in(stored, unit) == shown


def test_every_quantity_with_two_units_stands_above() -> None:
    assert len(PAIRS) == 14


@given(st.sampled_from(PAIRS), st.data())
def test_a_typed_value_comes_back_as_it_was_typed(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    quantity = ALL[pair[0]]
    other = next(o for o in quantity.others if o.unit == pair[1])
    low, high = sorted(
        quantity.shown_in(limit, other.unit) for limit in (quantity.low, quantity.high)
    )
    steps = data.draw(st.integers(math.ceil(low * 10**other.digits), int(high * 10**other.digits)))
    typed = steps / 10**other.digits
    assert quantity.shown_in(quantity.to_stored(typed, other.unit), other.unit) == typed


@given(st.sampled_from(PAIRS), st.floats(0.5, 900), st.floats(0.01, 50))
def test_conversions_keep_the_order(pair: tuple[str, str], value: float, more: float) -> None:
    quantity, unit = ALL[pair[0]], pair[1]
    assert quantity.to_stored(value + more, unit) >= quantity.to_stored(value, unit)
    assert quantity.shown_in(value + more, unit) >= quantity.shown_in(value, unit)


@pytest.mark.parametrize("code", sorted(ALL))
def test_ranges_at_their_borders(code: str) -> None:
    q = ALL[code]
    assert q.low <= q.usual[0] < q.usual[1] <= q.high
    below, above = math.nextafter(q.low, -math.inf), math.nextafter(q.high, math.inf)
    assert [q.fit(v) for v in (below, above, math.nan)] == [Fit.REFUSED] * 3
    assert [q.fit(v) for v in q.usual] == [Fit.USUAL] * 2
    for edge in (q.low, q.high):
        assert q.fit(edge) is (Fit.USUAL if edge in q.usual else Fit.UNUSUAL)


@pytest.mark.parametrize(
    ("code", "value", "unit"),
    [
        ("glucose_f", 5.6, "mmol/L"), ("hba1c", 48, "mmol/mol"), ("chol", 5.2, "mmol/L"),
        ("creatinine", 80, "µmol/L"), ("hb", 135, "g/L"), ("albumin", 38, "g/L"),
        ("bilirubin_t", 34, "µmol/L"), ("glucose_f", 100, None), ("weight", 300, "lb"),
        ("height", 68, "in"), ("qtc", 900, None), ("hb", 9000, None),
    ],
)  # fmt: skip
def test_the_unit_that_was_meant_is_guessed(code: str, value: float, unit: str | None) -> None:
    assert ALL[code].meant_unit(value) == unit


def test_unknown_units_are_refused_and_the_own_one_changes_nothing() -> None:
    glucose: Quantity = LABS["glucose_f"]
    assert glucose.units == ("mg/dL", "mmol/L")
    assert glucose.to_stored(100.25, "mg/dL") == 100.25
    assert glucose.shown_in(100.25, "mg/dL") == 100
    for convert in (glucose.to_stored, glucose.shown_in):
        with pytest.raises(KeyError):
            convert(100, "g/L")


def test_the_lower_pressure_is_lower() -> None:
    pairs = [(120, 80), (80, 80), (80, 120), (None, 80), (120, None)]
    assert [pressures_agree(*pair) for pair in pairs] == [True, False, False, True, True]
