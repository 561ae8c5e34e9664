"""Where matches can begin: read off the pattern, never narrower than the pattern itself."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.deid.begin import LONGEST, LOWER, UPPER, Index, begin
from server.deid.load import LANGUAGES, browser_rules, expand, read_files

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
    ("pattern", "case", "beginnings"),
    [
        (r"\bmrn ?[0-9]", False, {"mrn"}),
        (r"\bid ?[0-9]", False, {"id ", "idº"}),
        (r"\bof\b", False, {"of"}),
        (r"\b(?:fax|tel)\b[ :]", False, {"fax", "tel"}),
        (r"(?<![0-9])[0-3]x", False, {"0x", "1x", "2x", "3x"}),
        (r"(?<![0-9])[0-9]x", False, {"ºx"}),
        (r"\+?(?<![0-9])[12]", False, {"+1", "+2", "1", "2"}),
        (r"\b[A-Z][a-z]{1,9}", True, {"Àà"}),
        (r"\b[A-Z]{1,2}(?:-[0-9]){2}", True, {"À-º", "ÀÀ-"}),
        (r"\b[a-z]{2}(?:'s)?(?: [a-z]|$)", False, {"àà"}),
        (r"\b(?:[Dd]r|[Mm]s)\.", True, {"Dr.", "dr.", "Ms.", "ms."}),
        (r"(?<pre>\b(?:or|pa) )[0-9]", False, {"or ", "pa "}),
        (r"\b(?=a)(?!ab)ac[.,:;!]", False, {"ac¡"}),
        (r"\ba[^a-z]", False, {"aÀ", "aº", "a¡", "a ", "a\n"}),
        (r"\bextraordinary ", False, {"ext"}),
    ],
)
def test_the_beginnings_of_a_pattern(pattern, case, beginnings):
    assert begin(pattern, case=case) == beginnings


@pytest.mark.parametrize("pattern", ["abc", "[0-9]x", " x", "(?:x)?", "[^a]b", "(?<![0-9])a"])
def test_patterns_that_may_begin_inside_a_word_begin_anywhere(pattern):
    assert begin(pattern, case=False) is None


@pytest.mark.parametrize("mode", ["", *LANGUAGES])
def test_a_holiday_begins_with_a_word_that_is_named(mode):
    files = read_files(mode)
    holidays = [rule for rule in files.rules if rule.id.startswith("date.holiday")]
    assert len(holidays) == 2
    for rule in holidays:
        found = begin(expand(rule.re, files.macros), case=rule.case)
        assert found is not None
        assert [piece for piece in found if piece[0] in (LOWER, UPPER)] == []


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


@pytest.mark.parametrize("mode", ["", *LANGUAGES])
def test_browsers_are_told_the_same(mode):
    files = read_files(mode)
    every = [*files.rules, *files.allow, *files.notes]
    told = json.loads(browser_rules(mode))["at"]
    read = [
        None
        if parts is None
        else {
            part[: LONGEST - 1] + tail
            for part in parts.split("\t")
            for tail in part[LONGEST - 1 :] or [""]
        }
        for parts in told
    ]
    assert read == [begin(expand(rule.re, files.macros), case=rule.case) for rule in every]
