"""Properties of the scan: planted identifiers are found, spans are sound, nothing escapes."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.deid.detect import scan, scan_fields
from server.deid.models import Category, Tier, fingerprint
from server.kit.text import clean_text

TODAY = date(2026, 11, 24)
MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]

clinical = st.sampled_from(
    [
        "",
        "PHQ-9 17/27, sertraline 50 mg.",
        "BP 138/86 and pain 7/10.",
        "She feels low, sleeps 4 hours.",
        "Child-Pugh B; HbA1c 9.4.",
        "El paciente duerme mal.",
        "😀 ñandú – “quoted”",
    ]
)
days = st.dates(date(1990, 1, 1), TODAY - timedelta(days=1))
digits = st.integers(2, 9).map(str)


@st.composite
def planted(draw):
    """An identifier that must block, with its category."""
    day = draw(days)
    number = "".join(draw(st.lists(st.integers(0, 9).map(str), min_size=4, max_size=4)))
    return draw(
        st.sampled_from(
            [
                (f"{day:%Y-%m-%d}", Category.DATE),
                (f"{day.month}/{day.day}/{day.year}", Category.DATE),
                (f"{MONTHS[day.month - 1]} {day.day}, {day.year}", Category.DATE),
                (f"{day.day} {MONTHS[day.month - 1]} {day.year}", Category.DATE),
                (f"{MONTHS[day.month - 1]} {day.day}", Category.DATE),
                (f"505-555-{number}", Category.PHONE),
                (f"(505) 555-{number}", Category.PHONE),
                (f"+250 788 12{number[0]} {number[1:]}", Category.PHONE),
                (f"123-45-{number}", Category.SSN),
                (f"MRN {number}7", Category.MRN),
                (f"rosa.{number}@example.org", Category.EMAIL),
                (f"https://example.org/{number}", Category.URL),
                (f"10.1.{day.month}.{day.day}", Category.IP),
                ("Mrs Quintana", Category.NAME),
                ("Dr. Abernathy", Category.NAME),
                ("93-year-old", Category.AGE_OVER_89),
                (f"{draw(st.integers(1, 9999))} Maple Street", Category.GEOGRAPHY),
            ]
        )
    )


@given(clinical, planted(), clinical)
def test_planted_identifiers_are_found_whole(before, plant, after):
    identifier, category = plant
    text = f"{before} Then {identifier}; {after}"
    start = len(before) + 6
    end = start + len(identifier)
    hits = [f for f in scan(text, today=TODAY).findings if f.start < end and start < f.end]
    assert [(f.category, f.tier) for f in hits] == [(category, Tier.BLOCK)]
    assert hits[0].start <= start
    assert hits[0].end >= end


@given(clinical, planted(), clinical)
def test_the_suggestion_unblocks_the_text(before, plant, after):
    text = f"{before} Then {plant[0]}; {after}"
    for finding in reversed(scan(text, today=TODAY).findings):
        text = text[: finding.start] + (finding.suggestion or "") + text[finding.end :]
    assert scan(text, today=TODAY).blocking == ()


@given(st.text(st.characters(), max_size=300), st.sampled_from(["en", "es", "fr"]))
def test_any_text_gives_ordered_findings_inside_it(text, lang):
    result = scan(text, lang, TODAY)
    edges = [edge for f in result.findings for edge in (f.start, f.end)]
    assert edges == sorted(edges)
    assert all(0 <= f.start < f.end <= len(text) for f in result.findings)
    assert all(0 <= n.start < n.end <= len(text) for n in result.notes)
    assert result.text_hash == fingerprint(text)


@given(st.text(alphabet="0123456789/-. (+#:marchfeb", max_size=60), st.none() | days)
def test_strange_numbers_never_break_the_scan(text, today):
    assert scan(text, today=today) == scan(text, today=today)


@given(clinical)
def test_clinical_text_does_not_block(text):
    assert scan(text, today=TODAY).blocking == ()


def test_invisible_characters_hide_nothing():
    plain = "call 505-555-0199"
    hidden = "call 50\u200b5-555\u00ad-0199"
    (seen,) = scan(hidden).findings
    assert hidden[seen.start : seen.end] == "50\u200b5-555\u00ad-0199"
    assert [f.rule for f in scan(plain).findings] == [seen.rule]


def test_decomposed_letters_count_as_code_points():
    text = "Mrs Jose\u0301 Mun\u0303oz came"
    (found,) = scan(text).findings
    assert text[found.start : found.end] == "Mrs Jose\u0301 Mun\u0303oz"


def test_cleaning_first_changes_no_answer():
    text = "Mrs Quintana\r\ncame on 3/14"
    cleaned = clean_text(text)
    assert [cleaned[f.start : f.end] for f in scan(cleaned).findings] == [
        "Mrs Quintana",
        "on 3/14",
    ]


def test_the_story_of_the_first_evening():
    text = "34 F. Mrs Quintana was seen on March 3, 2026; her daughter answers at (505) 555-0142."
    assert [
        (text[f.start : f.end], f.category, f.tier, f.suggestion)
        for f in scan(text, today=TODAY).findings
    ] == [
        ("Mrs Quintana", Category.NAME, Tier.BLOCK, "The patient"),
        ("on March 3, 2026", Category.DATE, Tier.BLOCK, "9 months ago"),
        ("(505) 555-0142", Category.PHONE, Tier.BLOCK, "[phone removed]"),
    ]


births = st.lists(st.integers(1930, 1960), max_size=4)


@given(births, st.integers(2019, 2060))
def test_until_is_the_first_year_that_finds_something_else(years, now):
    text = " ".join(f"One was born in {year}, well." for year in years)
    result = scan(text, today=date(now, 11, 24))

    def found(year):
        return [(f.start, f.rule) for f in scan(text, today=date(year, 1, 1)).findings]

    here = [(f.start, f.rule) for f in result.findings]
    later = [year for year in range(now, 2052) if found(year) != here]
    assert result.until == (later[0] if later else None)
    assert found(now) == here


def test_what_finds_the_same_on_every_day_says_so():
    assert scan("34 F, last seen in March, aged 93.", today=TODAY).until is None
    assert scan("Her mother was born in 1937.").until is None


def test_fields_are_scanned_each_by_itself():
    results = scan_fields({"a": "Mrs Quintana", "b": "sleeps badly"}, today=TODAY)
    assert {name: len(result.findings) for name, result in results.items()} == {"a": 1, "b": 0}
