"""Words that are tagged become whole names, places and employers; no model is asked here."""

import pytest

from server.deid import joined, load, tagger
from server.deid.reader import Reader


def found(text: str, tagged: str, kind: str) -> list[tuple[str, str]]:
    """Tag the words of `tagged` in `text` and return the spans with their kinds."""
    reader = Reader(text, load.lexicon())
    words = set(tagged.lower().split())
    kinds = [kind if token.low in words else "" for token in reader.tokens]
    return [(text[start:end], kind) for start, end, kind in joined.spans(reader, kinds)]


PLACES = [
    ("left Tamarack Bend State Hospital last week", "Bend", "Tamarack Bend State Hospital"),
    ("sleeps behind the Petro in Ogallala now", "Ogallala", "the Petro in Ogallala"),
    ("sent to St. Luke's for a valve", "Luke", "St. Luke's"),
    ("seen at la paz county jail again", "paz", "la paz county jail"),
    ("born in Pocahontas, Arkansas, a farmer", "Pocahontas", "Pocahontas, Arkansas"),
    ("in the camp Ifo 2.", "Ifo", "the camp Ifo 2"),
    ("lives at 77 Chestnut, apt 4, alone", "Chestnut", "77 Chestnut, apt 4"),
    ("space in the Vado park, space 14-B, no light", "Vado", "the Vado park, space 14-B"),
    ("nurse at Quitman Co. lockup says no", "Quitman", "Quitman Co. lockup"),
    ("vive en la colonia Las Milpas con su hijo", "Milpas", "la colonia Las Milpas"),
    ("weighed in Kigali 3 weeks ago", "Kigali", "Kigali"),
    ("slept rough near Toys Hill, Eastbourne, since", "Toys Hill", "Toys Hill, Eastbourne"),
]


@pytest.mark.parametrize(("text", "tagged", "whole"), PLACES)
def test_a_place_takes_what_belongs_to_it(text, tagged, whole):
    assert found(text, tagged, "place") == [(whole, "place")]


NAMES = [
    ("then Earl D. Whitfield came", "Whitfield", "Earl D. Whitfield"),
    ("see Castle, R. today", "Castle", "Castle, R."),
    ("her ex cody w. has them", "cody", "cody w."),
    ("asked Maria's sister", "Maria", "Maria"),
    ("CASE OF MCELHANEY, DORLAND: WORSE", "MCELHANEY", "MCELHANEY, DORLAND"),
]


@pytest.mark.parametrize(("text", "tagged", "whole"), NAMES)
def test_a_name_takes_its_other_parts(text, tagged, whole):
    assert found(text, tagged, "name") == [(whole, "name")]


def test_a_saint_is_a_place():
    assert found("L&D AT ST ELIGIUS SAYS NO MORE", "eligius", "name") == [("ST ELIGIUS", "place")]


def test_words_count_that_count_elsewhere_and_before_one_that_counts():
    reader = Reader("Zorvath came. Nobody knew Zorvath or Quibbe Marn.", load.lexicon())
    rows = {f"w{name}": (50, 0, 0, 0) for name in ("quibbe", "zorvath")}
    weights = rows | {"wmarn": (100, 0, 0, 0), "tname|Aa": (0, 0, 0, 0), "a.": (60, 0, 0, 0)}
    strict = tagger.Model(weights, 90, 0, (1, 0, 0), 0, 0)
    kind = dict(zip([t.text for t in reader.tokens], tagger.tag(reader, strict), strict=False))
    assert (kind["Marn"], kind["Quibbe"]) == ("name", "")
    spread = tagger.Model(weights, 90, 0, (1, 0, 0), 60, 60)
    kinds = tagger.tag(reader, spread)
    tagged = [t.text for t, kind in zip(reader.tokens, kinds, strict=True) if kind]
    assert tagged == ["Quibbe", "Marn"]
