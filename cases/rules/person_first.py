"""The person-first language helper: what to say instead, as a suggestion; pure (domain.md §10.4).

It never blocks and never changes a word. The person's own words, in quotation marks, are theirs;
so are proper names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cases.instruments.base import N_
from cases.rules.person_first_words import PHRASES, PREFER, PROPER_NAMES
from cases.rules.phrases import Phrase, find

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


# A quotation stays within its paragraph. A mark after a digit is feet or inches (5'10"), one inside
# a word an apostrophe.
_LONGEST_QUOTE: Final = 600
_QUOTES: Final = re.compile(
    rf"“[^”\n]{{1,{_LONGEST_QUOTE}}}”"
    rf"|„[^“”\n]{{1,{_LONGEST_QUOTE}}}[“”]"
    rf"|«[^»\n]{{1,{_LONGEST_QUOTE}}}»"
    rf'|(?<!\w)"[^"\n]{{1,{_LONGEST_QUOTE}}}"'
    rf"|(?<!\w)['‘](?![\s'\d])[^\n]{{1,200}}?(?<!\s)['’](?!\w)"
)
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
