"""The rarity warning: which facts together point at one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.rarity import ALONE, NOTES, RARE, SIGNS, signs
from server.deid.load import ruleset


def test_every_uniqueness_cue_of_the_check_has_a_sign() -> None:
    assert {rule.id for rule in ruleset().notes} == set(NOTES)
    assert set(NOTES.values()) | ALONE | RARE <= set(SIGNS)
    assert ALONE.isdisjoint(RARE)


@pytest.mark.parametrize(
    ("text", "notes", "typed", "found"),
    [
        ("Huntington's disease", [], {}, ()),
        ("Huntington’s disease", [], {"area": "rural"}, ("disease", "place")),
        ("a pilot on a small island", [], {}, ("work", "place")),
        ("a teacher in a village", [], {"area": "frontier"}, ()),
        ("low mood", [], {"area": "frontier", "language": "other"}, ()),
        ("low mood", ["unique.multiple"], {}, ()),
        ("low mood", ["unique.multiple"], {"area": "small_town"}, ("multiple", "place")),
        ("low mood", ["unique.news"], {}, ("news",)),
        ("low mood", ["look.anything"], {"area": "rural"}, ()),
        ("low mood", [], {"age": "90+", "area": "rural"}, ("age", "place")),
    ],
)
def test_signs(text: str, notes: list[str], typed: dict[str, str], found: tuple[str, ...]) -> None:
    assert signs([text], notes, typed) == found


@given(
    st.lists(st.sampled_from(["low mood", "a priest", "Rett syndrome", "hamlet"]), max_size=3),
    st.lists(st.sampled_from(sorted(NOTES)), max_size=3),
    st.fixed_dictionaries(
        {},
        optional={
            "area": st.sampled_from(["urban", "rural"]),
            "age": st.sampled_from(["40", "90+"]),
            "language": st.sampled_from(["en", "other"]),
        },
    ),
)
def test_more_facts_never_make_the_warning_go_away(texts, notes, typed) -> None:
    few = signs(texts[:1], notes[:1], {})
    many = signs(texts, notes, typed)
    assert set(few) <= set(many)
