"""Social needs by domain, with the codes of the day (domain.md §5.4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import social_needs
from cases.rules.options import SDOH_DOMAINS, SDOH_NEEDS

TODAY = date(2026, 11, 22)
EVERY = [option.value for option in SDOH_NEEDS]


def test_the_codes_of_the_handbook() -> None:
    assert {need: social_needs.codes_of(need, TODAY) for need in EVERY} == {
        "work": ("Z56.0", "Z56.2"),
        "income": ("Z59.6",),
        "food": ("Z59.41",),
        "money": ("Z59.86", "Z59.87"),
        "utilities": ("Z59.12",),
        "benefits": ("Z59.72",),
        "schooling": ("Z55.0", "Z55.5"),
        "health_information": ("Z55.6",),
        "insurance": ("Z59.71",),
        "transport": ("Z59.82",),
        "no_provider": ("Z75.3",),
        "no_housing": ("Z59.01", "Z59.02"),
        "unstable_housing": ("Z59.811",),
        "poor_housing": ("Z59.10", "Z59.11", "Z59.19"),
        "no_services": ("Z58.81", "Z58.6"),
        "lonely": ("Z60.2",),
        "exclusion": ("Z60.4", "Z60.5"),
        "family_strain": ("Z63.0", "Z63.8"),
        "caregiving": ("Z63.6",),
        "legal": ("Z65.1", "Z65.2", "Z65.3"),
        "disaster": ("Z65.4", "Z65.5"),
        "childcare": (),
    }


@pytest.mark.parametrize(
    ("need", "last_day", "before", "after"),
    [
        ("insurance", date(2024, 9, 30), ("Z59.7",), ("Z59.71",)),
        ("benefits", date(2024, 9, 30), ("Z59.7",), ("Z59.72",)),
        ("poor_housing", date(2023, 3, 31), ("Z59.1",), ("Z59.10", "Z59.11", "Z59.19")),
        ("health_information", date(2023, 3, 31), (), ("Z55.6",)),
        ("transport", date(2022, 9, 30), (), ("Z59.82",)),
        ("no_housing", date(2021, 9, 30), ("Z59.0",), ("Z59.01", "Z59.02")),
    ],
)
def test_a_code_changes_on_its_day(
    need: str, last_day: date, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    assert social_needs.codes_of(need, last_day) == before
    assert social_needs.codes_of(need, last_day + timedelta(days=1)) == after


def test_domains_keep_their_order_and_only_those_with_a_need_stand_there() -> None:
    found = social_needs.by_domain(["childcare", "transport", "food", "work", "gone"], TODAY)
    assert [(d.label, [n.key for n in d.needs]) for d in found] == [
        ("Economic stability", ["work", "food"]),
        ("Health care access", ["transport"]),
        ("Social and community context", ["childcare"]),
    ]
    assert social_needs.by_domain([], TODAY) == ()


@given(st.sets(st.sampled_from(EVERY)), st.dates(date(2015, 10, 1)))
def test_every_need_stands_in_one_domain_and_codes_are_never_of_another_day(
    needs: set[str], on: date
) -> None:
    found = social_needs.by_domain(needs, on)
    shown = [need.key for domain in found for need in domain.needs]
    assert sorted(shown) == sorted(needs)
    for key in shown:
        for code in social_needs.CODES[key]:
            assert (code.code in social_needs.codes_of(key, on)) is code.holds(on)


def test_the_form_asks_what_has_codes_and_nothing_else() -> None:
    assert set(social_needs.CODES) == set(EVERY)
    assert sorted(key for _, keys in SDOH_DOMAINS for key in keys) == sorted(EVERY)
