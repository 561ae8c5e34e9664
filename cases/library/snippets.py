"""The piece of a document that shows why it was found: text parts, marked or not; pure.

Parts are plain text: the template escapes them and puts the marks around, so that nothing in a
document can become markup.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from cases.library import words
from cases.library.documents import LibraryDoc
from cases.library.query import Query

WINDOW = 190
"""About how many characters a snippet shows."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; `marked` when it is a word that was asked for."""

    text: str
    marked: bool = False


def marked(text: str, terms: Collection[str], prefixes: Collection[str] = ()) -> tuple[Part, ...]:
    """Return `text` cut into parts; words whose stem was asked for are marked."""
    parts: list[Part] = []
    at = 0
    for start, end in _hits(text, terms, prefixes):
        if start > at:
            parts.append(Part(text[at:start]))
        parts.append(Part(text[start:end], marked=True))
        at = end
    if at < len(text):
        parts.append(Part(text[at:]))
    return tuple(parts)


def _hits(text: str, terms: Collection[str], prefixes: Collection[str]) -> list[tuple[int, int]]:
    found = []
    for m in _WORD.finditer(text):
        folded = words.words(m.group())
        if any(
            words.stem(w) in terms or (prefixes and w.startswith(tuple(prefixes))) for w in folded
        ):
            found.append((m.start(), m.end()))
    return found


def make(doc: LibraryDoc, query: Query) -> tuple[Part, ...]:
    """Return the best window of a document: the recommendation with the most asked-for words.

    With no hit in a recommendation the first one is shown: what was advised matters most.
    """
    terms = frozenset(query.terms)
    prefixes = tuple(c.prefix for c in query.clauses if c.prefix)
    texts = [item.text for item in doc.items] + ([doc.synopsis] if doc.synopsis else [])
    if not texts:
        return ()

    def hits_in(text: str) -> int:
        return len({text[a:b].casefold() for a, b in _hits(text, terms, prefixes)})

    best = max(range(len(texts)), key=lambda i: (hits_in(texts[i]), -i))
    return marked(window(texts[best], _hits(texts[best], terms, prefixes)), terms, prefixes)


def window(text: str, hits: list[tuple[int, int]]) -> str:
    """Return a stretch of at most about WINDOW characters around the first hit, cut at blanks."""
    if len(text) <= WINDOW:
        return text
    first = hits[0][0] if hits else 0
    start = max(first - WINDOW // 3, 0)
    if start:
        start = text.find(" ", start) + 1 or start
    end = min(start + WINDOW, len(text))
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + 1)
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")
