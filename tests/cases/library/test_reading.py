"""The search line, the words, and the snippets: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.library import index, snippets, words
from cases.library.index_postgres import _Tsquery
from cases.library.index_sqlite import _Fts5
from cases.library.query import Clause, facet, parse
from cases.library.snippets import Part
from tests.factories.library import a_doc


def test_words_quotes_minus_and_fields() -> None:
    query = parse('taper -lithium programme:BH "low dose" foo:bar -area:social')
    assert query.clauses == (
        Clause((("taper",),)),
        Clause((("low", "dose"),), phrase=True),
        Clause((("foo",),)),
        Clause((("bar",),)),
    )
    assert query.without == (Clause((("lithium",),)),)
    assert query.facets == (facet("programme", "bh"),)
    assert query.facets_without == (facet("area", "social"),)


def test_synonyms_are_looked_for_too_and_said() -> None:
    query = parse("Abilify")
    assert query.clauses == (Clause((("abilifi",), ("aripiprazol",))),)
    assert [(r.typed, r.shown, r.instead) for r in query.rewrites] == [
        ("abilify", "aripiprazole", False)
    ]


def test_stigma_is_not_looked_for_at_all() -> None:
    query = parse("heroin addict")
    assert query.terms == ("opioid", "use", "disord")
    assert [(r.typed, r.shown, r.instead) for r in query.rewrites] == [
        ("heroin addict", "person with opioid use disorder", True)
    ]


@pytest.mark.parametrize("table", [words.SYNONYMS, words.PREFERRED])
def test_every_table_entry_can_be_typed_and_says_something(table: dict[str, str]) -> None:
    for typed, shown in table.items():
        assert words.words(typed) == typed.split(), typed
        assert words.stems(shown), shown
        query = parse(typed)
        assert [r.typed for r in query.rewrites] == [typed]


def test_no_word_has_two_meanings() -> None:
    assert set(words.SYNONYMS) & set(words.PREFERRED) == set()


@pytest.mark.parametrize("text", ["", "   ", '"', '""', "-", '-""', "the of and", "::", "a:"])
def test_nothing_asked_is_empty(text: str) -> None:
    assert parse(text).is_empty


@given(st.text(max_size=500))
def test_anything_typed_is_read_and_stays_inside_its_quotes(text: str) -> None:
    query = parse(text)
    assert len(query.clauses) <= 16
    for syntax in (_Fts5(), _Tsquery()):
        made = index.expression(query, syntax)
        quote = syntax.term("x")[0]
        # Between the quotes only ASCII letters and digits; outside only operators.
        parts = made.split(quote)
        assert all(p.isascii() and p.isalnum() for p in parts[1::2])
        assert set("".join(parts[::2])) <= set("()&|!:* ANDORT")


@given(st.text(max_size=300))
def test_stems_are_ascii_and_short(text: str) -> None:
    for term in words.stems(text):
        assert term.isascii()
        assert term.isalnum()
        assert 0 < len(term) <= 1 + words.TERM_MAX * 4


@given(st.text(max_size=400), st.sets(st.text(alphabet="abcdefgh", min_size=1, max_size=3)))
def test_marks_lose_no_character(text: str, terms: set[str]) -> None:
    parts = snippets.marked(text, {words.stem(t) for t in terms})
    assert "".join(p.text for p in parts) == text


def test_a_snippet_shows_the_recommendation_that_fits() -> None:
    doc = a_doc(items=("Check the thyroid.", "Taper the <b>benzodiazepine</b> slowly."))
    assert snippets.make(doc, parse("benzodiazepines")) == (
        Part("Taper the <b>"),
        Part("benzodiazepine", marked=True),
        Part("</b> slowly."),
    )


def test_a_long_text_is_cut_around_the_first_hit() -> None:
    text = "Nothing here. " * 40 + "Then lithium comes. " + "And nothing. " * 40
    found = snippets.make(a_doc(items=(text,)), parse("lithium"))
    shown = "".join(p.text for p in found)
    assert "lithium" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) <= snippets.WINDOW + 6
