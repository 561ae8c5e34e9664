"""Where matches can begin: read off the pattern, never narrower than the pattern itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.deid.begin import Index, begin
from server.deid.load import expand, read_files

WHOLE = read_files()
RULES = [*WHOLE.rules, *WHOLE.allow, *WHOLE.notes]
READY = [
    (
        rule.case,
        re.compile(re.sub(r"\(\?<([a-z])", r"(?P<\1", expand(rule.re, WHOLE.macros)), re.ASCII),
    )
    for rule in RULES
]
INDEX = Index([(r.case, begin(expand(r.re, WHOLE.macros), case=r.case)) for r in RULES])


@pytest.mark.parametrize(
    ("pattern", "case", "whole", "longer"),
    [
        (r"\bmrn ?[0-9]", False, {"mrn"}, set()),
        (r"\bcall(?:ed)?\b", False, set(), {"call"}),
        (r"\b(?:fax|tel)\b[ :]", False, {"fax", "tel"}, set()),
        (r"(?<![0-9])[0-3]x", False, {"0", "1", "2", "3"}, set()),
        (r"\+?(?<![0-9])[12]", False, {"+", "1", "2"}, set()),
        (r"\b[A-Z][a-z]{1,9}", True, set(), set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
        (r"\b(?:[Dd]r|[Mm]s)\.", True, {"Dr", "dr", "Ms", "ms"}, set()),
        (r"(?<pre>\b(?:cell|phone) )[0-9]", False, {"cell", "phone"}, set()),
        (r"\b(?=a)(?!ab)ac-", False, {"ac"}, set()),
        (r"\bextraordinary ", False, set(), {"extraor"}),
    ],
)
def test_the_beginnings_of_a_pattern(pattern, case, whole, longer):
    found = begin(pattern, case=case)
    assert found is not None
    assert (found.whole, found.open) == (whole, longer)


@pytest.mark.parametrize("pattern", ["abc", "[0-9]x", " x", "(?:x)?", "[^a]b", "(?<![0-9])a"])
def test_patterns_that_may_begin_inside_a_word_begin_anywhere(pattern):
    assert begin(pattern, case=False) is None


def test_nearly_every_rule_says_where_it_begins():
    anywhere = [r.id for r in RULES if begin(expand(r.re, WHOLE.macros), case=r.case) is None]
    assert len(anywhere) < 12, anywhere


words = st.sampled_from(
    [
        "MRN",
        "Dr",
        "call",
        "on",
        "March",
        "3",
        "505",
        "555",
        "0142",
        "3/14",
        "@",
        ".",
        ",",
        "(",
        ")",
        "#",
        "+",
        "\n",
        "'s",
        "a1c",
        "17/27",
        "5mg",
        "Eid",
        "w/c",
        "he's",
        "Folder",
        "KSG",
        "5512/19",
        "rose@x.org",
        "12",
        "Elm",
        "Street",
        "turned",
        "94",
        "photo",
        "of",
        "her",
        "face",
        "lot",
        "2",
        "0",
        "é",
        "_",
        "x9",
        "9x",
    ]
)


@given(st.lists(st.tuples(words, st.sampled_from(["", " ", "-"])), max_size=25))
def test_no_match_begins_where_the_index_does_not_look(parts):
    text = "".join(word + gap for word, gap in parts)
    low = re.sub("[A-Z]", lambda m: m[0].lower(), text)
    for (case, pattern), starts in zip(READY, INDEX.starts(text), strict=True):
        if starts is not None:
            source = text if case else low
            assert {m.start() for m in pattern.finditer(source)} <= set(starts)
