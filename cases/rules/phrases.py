"""Words to look for in a text, with what may or may not stand around them; pure.

The person-first helper and the safety cues are tables of `Phrase`. Patterns are regular
expressions that Python and browsers read alike (no inline flags, no named groups; lower case, but
for `exact` ones), so that one table serves both (`browser_words`, static/cases/phrases.js); a blank
in a pattern means any white space.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

NEAR: Final = 48
"""Characters on either side of a phrase that its conditions may look at."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is looked for, as patterns of whole words in any letter case.

    `before` and `after` must stand next to it, `not_before` and `not_after` must not; `exact`
    keeps the letter case of `words`.
    """

    key: str
    words: str
    before: str = ""
    after: str = ""
    not_before: str = ""
    not_after: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found at code points `start` to `end`."""

    start: int
    end: int
    phrase: Phrase


# A word does not begin or end inside letters, digits, or a compound such as "non-alcoholic".
_EDGE_BEFORE: Final = r"(?<![\w\-])"
_EDGE_AFTER: Final = r"(?!\w)"

_PLAIN: Final = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-"})


def plain(text: str) -> str:
    """Return a text with typographic signs made plain, one for one, so that offsets stay."""
    return text.translate(_PLAIN)


@lru_cache(maxsize=1024)
def _pattern(before: str, words: str, after: str, *, exact: bool = False) -> re.Pattern[str]:
    spaced = words.replace(" ", r"\s+")
    return re.compile(f"{before}(?:{spaced}){after}", 0 if exact else re.IGNORECASE)


def at_end(words: str, left: str) -> bool:
    """Say whether a text ends with the words and what separates them from the next."""
    return _pattern(r"(?<!\w)", words, r"[\s\-]+$").search(left[-NEAR:]) is not None


def at_start(words: str, right: str) -> bool:
    """Say whether a text begins with the words, after what separates them."""
    return _pattern(r"[\s\-]*", words, _EDGE_AFTER).match(right[:NEAR]) is not None


def whole(words: str, text: str) -> re.Match[str] | None:
    """Return the match of a pattern with all of a text."""
    return _pattern("", words, "").fullmatch(text)


def _fits(phrase: Phrase, text: str, start: int, end: int) -> bool:
    left, right = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    return (
        (not phrase.before or at_end(phrase.before, left))
        and (not phrase.after or at_start(phrase.after, right))
        and not (phrase.not_before and at_end(phrase.not_before, left))
        and not (phrase.not_after and at_start(phrase.not_after, right))
    )


def find(
    text: str, phrases: Iterable[Phrase], skip: Iterable[tuple[int, int]] = ()
) -> tuple[Hit, ...]:
    """Return what is found, in the order of the text; of overlapping hits the longest stays.

    Nothing that touches a span of `skip` is found. Offsets are code points.
    """
    readable = plain(text)
    taken = bytearray(len(text))
    for start, end in skip:
        taken[start:end] = b"\x01" * (end - start)
    kept: list[Hit] = []
    for hit in sorted(_all(readable, phrases), key=lambda hit: (hit.start - hit.end, hit.start)):
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
            kept.append(hit)
    return tuple(sorted(kept, key=lambda hit: hit.start))


def _all(text: str, phrases: Iterable[Phrase]) -> Iterator[Hit]:
    for phrase in phrases:
        pattern = _pattern(_EDGE_BEFORE, phrase.words, _EDGE_AFTER, exact=phrase.exact)
        for match in pattern.finditer(text):
            if _fits(phrase, text, match.start(), match.end()):
                yield Hit(match.start(), match.end(), phrase)
