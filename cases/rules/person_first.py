"""The person-first language helper: what to say instead, as a suggestion; pure (domain.md §10.4).

It never blocks and never changes a word. The person's own words, in quotation marks, are theirs;
so are proper names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cases.instruments.base import N_
from cases.rules.person_first_replace import WAYS, Way
from cases.rules.person_first_words import PHRASES, PREFER, PROPER_NAMES
from cases.rules.phrases import Phrase, at_end, at_start, find, plain, whole

SOURCE: Final = "NIDA. Words Matter: Preferred Language for Talking About Addiction."
NOTE: Final = N_("A suggestion. Words that the person said stay as they are: put them in quotes.")

OWN_WORDS: Final = frozenset({"goal_own_words", "how_do_you_feel_words"})
"""Fields that hold nothing but the person's own words: they are not looked at."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Code points `start` to `end` of the text, and ways to say it (message keys)."""

    start: int
    end: int
    key: str
    prefer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """What one click does: code points `start` to `end` of the text become `words`."""

    start: int
    end: int
    words: str


# A quotation stays within its paragraph. A mark after a digit is feet or inches (5'10"), one inside
# a word an apostrophe.
_LONGEST_QUOTE: Final = 600
QUOTES: Final = (
    rf"“[^”\n]{{1,{_LONGEST_QUOTE}}}”"
    rf"|„[^“”\n]{{1,{_LONGEST_QUOTE}}}[“”]"
    rf"|«[^»\n]{{1,{_LONGEST_QUOTE}}}»"
    rf'|(?<!\w)"[^"\n]{{1,{_LONGEST_QUOTE}}}"'
    rf"|(?<!\w)['‘](?![\s'\d])[^\n]{{1,200}}?(?<!\s)['’](?!\w)"
)
_QUOTES: Final = re.compile(QUOTES)
_NAMES: Final = tuple(Phrase("name", name) for name in PROPER_NAMES)


def quotations(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of what stands in quotation marks, marks included."""
    for match in _QUOTES.finditer(text):
        yield match.span()


def suggestions(text: str) -> tuple[Suggestion, ...]:
    """Return where the text could put the person first, in its order, without overlaps."""
    names = ((hit.start, hit.end) for hit in find(text, _NAMES))
    hits = find(text, PHRASES, (*quotations(text), *names))
    return tuple(Suggestion(h.start, h.end, h.phrase.key, PREFER[h.phrase.key]) for h in hits)


ARTICLE: Final = r"(?<!\w)an?\s+$"
VOWEL: Final = r"^(?:[aeio]|u(?!se|ri|ni))"
_ARTICLE: Final = re.compile(ARTICLE, re.IGNORECASE)
_VOWEL: Final = re.compile(VOWEL, re.IGNORECASE)


def replacements(text: str, found: Suggestion) -> tuple[Replacement, ...]:
    """Return the ways to say it that can be put in as they are; none when only advice helps.

    The article before it changes along ("an addict": "a person with …"), and a capital at its
    beginning stays one.
    """
    readable = plain(text)
    left, words = readable[: found.start], readable[found.start : found.end]
    fitting = [
        way.words.replace("$1", match.group(1) if match.groups() else "")
        for way in WAYS
        if way.key == found.key and _fits(way, left, readable[found.end :])
        if (match := whole(way.found, words))
    ]
    return tuple(_replacement(left, words, found, way) for way in dict.fromkeys(fitting))


def _fits(way: Way, left: str, right: str) -> bool:
    return (not way.before or at_end(way.before, left)) and not (
        way.not_after and at_start(way.not_after, right)
    )


def _replacement(left: str, words: str, found: Suggestion, way: str) -> Replacement:
    # "Alcoholic" opens a sentence; "MAT" is an abbreviation.
    if words[:1].isupper() and words[1:2].islower():
        way = way[:1].upper() + way[1:]
    article = _ARTICLE.search(left)
    if article is None:
        return Replacement(found.start, found.end, way)
    right = "an" if _VOWEL.match(way) else "a"
    kept = article[0]
    if kept.strip().lower() == right:
        return Replacement(found.start, found.end, way)
    blank = kept[len(kept.rstrip()) :]
    return Replacement(article.start(), found.end, kept[0] + right[1:] + blank + way)
