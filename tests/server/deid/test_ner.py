"""What a recogniser adds to the check: review tier, never over what was found already."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.deid.detect import scan
from server.deid.models import Category, Note, Tier
from server.deid.ner import Hit, looks, merged

TODAY = date(2026, 11, 24)
TEXT = "Seen with the cousin, sertraline 50 mg. Mrs Quintana agreed; then zorvat went home."


def hit(words: str, label: str = "PERSON") -> Hit:
    start = TEXT.index(words)
    return Hit(start, start + len(words), label)


def test_what_nothing_else_found_is_for_review() -> None:
    result = merged(TEXT, scan(TEXT, "en", TODAY), [hit("zorvat")])
    added = [f for f in result.findings if f.rule == "ner"]
    assert [(TEXT[f.start : f.end], f.tier, f.category, f.suggestion) for f in added] == [
        ("zorvat", Tier.REVIEW, Category.NAME, "the person")
    ]
    assert list(result.findings) == sorted(result.findings, key=lambda f: f.start)


@pytest.mark.parametrize(
    "of_no_use",
    [
        hit("Quintana"),  # found by a rule
        hit("sertraline", "ORG"),  # medicine
        hit("cousin"),  # ordinary
        hit("50 mg", "PERSON"),
        hit("zorvat", "DATE"),
        Hit(5, 5, "PERSON"),
        Hit(70, 4000, "PERSON"),
        Hit(-3, 4, "PERSON"),
    ],
)
def test_hits_of_no_use_change_nothing(of_no_use: Hit) -> None:
    result = scan(TEXT, "en", TODAY)
    assert merged(TEXT, result, [of_no_use]) == result


def test_the_second_look_grows_in_order_and_without_doubles() -> None:
    result = scan(TEXT, "en", TODAY)
    place = hit("zorvat")
    named = Note(place.start, place.end, "look.place")
    other = Note(80, 82, "look.name")
    assert looks(TEXT, result, (), [hit("zorvat", "GPE"), hit("zorvat", "ORG")]) == (named,)
    assert looks(TEXT, result, (other,), [hit("zorvat", "GPE")]) == (named, other)
    assert looks(TEXT, result, (named,), [hit("zorvat", "PERSON")]) == (named,)


@given(
    st.lists(
        st.builds(
            Hit,
            st.integers(-5, 100),
            st.integers(-5, 100),
            st.sampled_from(["PERSON", "GPE", "ORG", "DATE"]),
        ),
        max_size=8,
    )
)
def test_findings_never_overlap_whatever_the_model_says(hits: list[Hit]) -> None:
    findings = merged(TEXT, scan(TEXT, "en", TODAY), hits).findings
    assert all(a.end <= b.start for a, b in pairwise(findings))
    assert all(0 <= f.start < f.end <= len(TEXT) for f in findings)
