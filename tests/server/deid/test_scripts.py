"""Text in other scripts: every run of it is one finding, and a sign of medicine is none."""

import unicodedata
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.deid import detect, languages
from server.deid.detect import scan
from server.deid.load import LANGUAGES, read_files, ruleset
from server.deid.models import Category, Tier

TODAY = date(2026, 11, 24)
RULES = ruleset()
SCRIPTS = read_files().scripts
LATIN = {"LATIN", "FULLWIDTH", "MODIFIER", "SUPERSCRIPT", "FEMININE", "MASCULINE", "MICRO"}
"""How names of Latin letters begin, and of signs made of them."""
SIGNS = {
    "DOUBLE-STRUCK", "EULER", "SCRIPT", "BLACK-LETTER", "PLANCK", "OHM", "KELVIN", "ANGSTROM", "TURNED", "ALEF",
    "BET", "GIMEL", "DALET", "INFORMATION", "ROMAN", "VERTICAL", "MATHEMATICAL",
}  # fmt: skip
"""Letterlike symbols, and mathematicians' letters: a Greek one among them is a sign."""
LIVING = range(0x370, 0x1E960)
"""Where scripts in use and their letters stand, Chinese supplements apart."""

one = (
    st.sampled_from([code for ranges in SCRIPTS.values() for pair in ranges for code in pair])
    | st.integers(0x370, 0x323AF)
).map(chr)
one = one.filter(
    lambda c: RULES.scripts.strange.match(c) and not {ord(c)} & {*RULES.fold, *RULES.drop}
)
names = st.sampled_from(
    [
        "สมชาย", "ສົມພອນ", "သီတာ", "김민수", "王小明", "さくら", "سارة", "כהן", "አበበ", "राम", "রফিক", "Иванов",
        "Νίκος", "ნინო", "Արմեն", "ᏣᎳᎩ", "ᐃᓄᒃ", "𞤀𞤥𞤭",
    ]
)  # fmt: skip
signs = st.sampled_from(
    [
        "α",
        "β-blocker",
        "TNF-α",
        "5 μg",
        "γδ",
        "κ/λ",
        "Δ",
        "38 ℃",
        "Ω",
        "→",
        "😀",
        "m²",
        "１７",
        "И",
        "é",
    ]
)


def found(text, lang="en"):
    hits = scan(text, lang, TODAY).findings
    return [text[f.start : f.end] for f in hits if f.rule == "script.other"]


def test_every_letter_is_read_or_seen():
    # with the Unicode of this Python; a newer one may have letters that the ranges do not name,
    # yet no letter that two sides read differently
    unseen = {
        name.split()[0]
        for code in LIVING
        if unicodedata.category(chr(code)) in ("Lu", "Ll", "Lt", "Lo")
        and (name := unicodedata.name(chr(code), ""))
        and code not in RULES.fold
        and not RULES.scripts.strange.match(chr(code))
    }
    assert unseen - LATIN - SIGNS - {"GREEK"} == set()
    assert all(RULES.scripts.strange.match(chr(code)) for code in range(0x3B1, 0x3CA))


def test_every_digit_is_read_as_its_value():
    wrong = [
        code
        for code in range(0x30, 0x11A60)
        if unicodedata.category(chr(code)) == "Nd"
        and RULES.fold.get(code, chr(code)) != str(unicodedata.digit(chr(code)))
    ]
    assert wrong == []


def test_ranges_are_in_order_and_hold_nothing_that_is_read_otherwise():
    for ranges in SCRIPTS.values():
        edges = [edge for pair in ranges for edge in pair]
        assert edges == sorted(edges)
    every = sorted(pair for ranges in SCRIPTS.values() for pair in ranges)
    assert all(last < first for (_, last), (first, _) in pairwise(every))
    assert all(last < 0x80 or first >= 0x370 for first, last in every)


@pytest.mark.parametrize("lang", ["en", *LANGUAGES])
def test_a_name_in_another_script_asks_the_author(lang):
    text = "PHQ-9 17/27. สมชาย ใจดี, 34."
    (only,) = scan(text, lang, TODAY).findings
    assert (only.category, only.tier, only.rule, only.suggestion) == (
        Category.NAME,
        Tier.REVIEW,
        "script.other",
        "the person",
    )
    assert text[only.start : only.end] == "สมชาย ใจดี"


@given(names, names, st.sampled_from([" ", ", ", "-", ". ", " (", " 12, "]))
def test_one_run_is_one_finding(first, second, between):
    name = f"{first}{between}{second}"
    assert found(f"Seen with {name} at home.") == [name]
    assert found(f"Seen with {first}\n{second} at home.") == [first, second]


@given(st.lists(signs, max_size=6), st.sampled_from([" and ", ", ", " ", "\n"]))
def test_signs_of_medicine_are_no_findings(parts, between):
    assert found(between.join(parts)) == []


@given(one, st.sampled_from([0, 1, 2]))
def test_so_many_letters_of_a_script_in_a_row_tell(letter, more):
    least = next(
        int(n) for n, pairs in SCRIPTS.items() if any(a <= ord(letter) <= b for a, b in pairs)
    )
    # a letter that looks Latin stands alone here: nothing Latin is beside it
    assert found(f"5 {letter * (least - 1)}, 6") == []
    assert found(f"5 {letter * (least + more)}, 6") == [letter * (least + more)]


def test_a_contact_within_a_run_is_taken_out_of_it():
    text = "محمد ٠٥٠١٢٣٤٥٦٧ عبد"
    assert [(text[f.start : f.end], f.rule) for f in scan(text, "en", TODAY).findings] == [
        ("محمد", "script.other"),
        ("٠٥٠١٢٣٤٥٦٧", "other.run"),
        ("عبد", "script.other"),
    ]


@pytest.mark.parametrize("plain", ["Mrs Quintana", "Mrs Ortega", "her brother John Smith"])
@pytest.mark.parametrize(
    "mask", [{"a": "\u0430"}, {"O": "\u039f", "n": "\u0578"}, {"o": "\u043e"}]
)
def test_look_alikes_hide_no_name_and_make_no_second_finding(plain, mask):
    def spans(text):
        return [(f.start, f.end, f.rule) for f in scan(text, "en", TODAY).findings]

    masked = "".join(mask.get(char, char) for char in plain)
    assert spans(f"{masked} came") == spans(f"{plain} came")


def test_look_alikes_tell_the_language_as_the_letters_do():
    text = "el paciente duerme pero no come desde hace dias"
    masked = text.replace("e", "\u0435")
    assert languages.of_text(masked) == languages.of_text(text) == "es"


def test_the_second_look_does_not_repeat_it():
    text = "She is สมชาย ใจดี."
    assert detect.second_look(text, scan(text, today=TODAY)) == ()
