"""Reads what somebody typed into the search line: words, "quotes", -word, field:value; pure.

`taper -benzo programme:bh "low dose"` means: documents of programme BH that speak of tapering and
hold the phrase, and not of benzodiazepines. Anything else typed is words; nothing is an error.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from cases.library import words
from server.kit.text import fold

LONGEST_QUERY = 400
MOST_CLAUSES = 16
EVERYTHING: Final = "0all0"
"""A term that every document holds: what "not this" is taken from."""

FIELDS: Final[dict[str, str]] = {
    "programme": "programme",
    "program": "programme",
    "area": "area",
    "role": "role",
    "step": "step",
    "evidence": "evidence",
    "strength": "strength",
    "type": "type",
    "year": "year",
}
"""What may stand before the colon → the facet it asks for."""

Alternative = tuple[str, ...]
"""Terms that must all be there."""

_PIECE = re.compile(
    r'(?P<minus>-)?(?:"(?P<quoted>[^"]*)"?|(?P<field>[A-Za-z]{2,12}):(?P<value>[\w.-]{1,40})'
    r"|(?P<word>[^\s\"]+))"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked for: any of `alternatives` fulfils it. `prefix`: the last term may go on."""

    alternatives: tuple[Alternative, ...]
    phrase: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What was typed and what is looked for in its place; `instead`: not looked for at all."""

    typed: str
    shown: str
    instead: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the index and the ranking. `loose`: any clause will do, not all."""

    text: str
    clauses: tuple[Clause, ...] = ()
    without: tuple[Clause, ...] = ()
    facets: tuple[str, ...] = ()
    facets_without: tuple[str, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    loose: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be looked for: the newest documents are shown."""
        return not (self.clauses or self.facets or self.without or self.facets_without)

    @property
    def terms(self) -> tuple[str, ...]:
        """Return every term that counts for the ranking, in order, once."""
        found = (t for clause in self.clauses for option in clause.alternatives for t in option)
        return tuple(dict.fromkeys(found))


def facet(name: str, value: str) -> str:
    """Return the index term of a facet; a leading zero keeps it apart from words' stems."""
    return f"0{name}0{fold(value).replace('_', '').encode().hex()}"


def parse(text: str, *, typing: bool = False) -> Query:
    """Return the query of a search line; `typing`: its last word may be unfinished."""
    line = text[:LONGEST_QUERY]
    plain: list[str] = []
    clauses: list[Clause] = []
    without: list[Clause] = []
    facets: list[str] = []
    facets_without: list[str] = []
    rewrites: list[Rewrite] = []

    def flush(*, last: bool = False) -> None:
        if plain:
            found, said = _plain(plain, typing=typing and last)
            clauses.extend(found)
            rewrites.extend(said)
            plain.clear()

    for piece in _PIECE.finditer(line):
        minus = bool(piece["minus"])
        if piece["quoted"] is not None:
            flush()
            terms = tuple(words.stems(piece["quoted"]))
            if terms:
                (without if minus else clauses).append(Clause((terms,), phrase=True))
        elif piece["field"] and piece["field"].lower() in FIELDS:
            flush()
            term = facet(FIELDS[piece["field"].lower()], piece["value"])
            (facets_without if minus else facets).append(term)
        else:
            typed = piece["word"] or f"{piece['field']} {piece['value']}"
            if minus:
                found, _ = _plain(words.words(typed), typing=False)
                without.extend(found)
            else:
                plain.extend(words.words(typed))
    flush(last=True)
    return Query(
        text=line,
        clauses=tuple(clauses[:MOST_CLAUSES]),
        without=tuple(without[:MOST_CLAUSES]),
        facets=tuple(dict.fromkeys(facets[:MOST_CLAUSES])),
        facets_without=tuple(dict.fromkeys(facets_without[:MOST_CLAUSES])),
        rewrites=tuple(dict.fromkeys(rewrites[:MOST_CLAUSES])),
    )


def _plain(typed: list[str], *, typing: bool) -> tuple[list[Clause], list[Rewrite]]:
    """Return the clauses of words without operators: synonyms first, longest match first."""
    clauses: list[Clause] = []
    said: list[Rewrite] = []
    at = 0
    while at < len(typed):
        size, rewrite = _known(typed, at)
        if rewrite is not None:
            said.append(rewrite)
            spoken = [tuple(words.stems(rewrite.shown))]
            if not rewrite.instead:
                spoken.insert(0, tuple(words.stem(w) for w in typed[at : at + size]))
            clauses.append(Clause(tuple(a for a in spoken if a)))
        elif typed[at] not in words.STOP or (typing and at == len(typed) - 1):
            prefix = typed[at] if typing and at == len(typed) - 1 else ""
            prefix = prefix[: words.TERM_MAX] if prefix.isascii() else ""
            clauses.append(Clause(((words.stem(typed[at]),),), prefix=prefix))
        at += size
    return [c for c in clauses if c.alternatives], said


def _known(typed: list[str], at: int) -> tuple[int, Rewrite | None]:
    """Return the longest known expression at a place: how many words, and what it means."""
    for size in range(min(words.LONGEST, len(typed) - at), 0, -1):
        key = " ".join(typed[at : at + size])
        if key in words.PREFERRED:
            return size, Rewrite(key, words.PREFERRED[key], instead=True)
        if key in words.SYNONYMS:
            return size, Rewrite(key, words.SYNONYMS[key], instead=False)
    return 1, None


def loosened(query: Query) -> Query | None:
    """Return the query that any of the words fulfils, phrases as words; None with one word only."""
    if len(query.clauses) < 2:
        return None
    clauses = tuple(replace(clause, phrase=False) for clause in query.clauses)
    return replace(query, clauses=clauses, loose=True)


def holds_phrase(clause: Clause, streams: Iterable[tuple[str, ...]]) -> bool:
    """Say whether one of the term streams holds a phrase's terms side by side."""
    wanted = clause.alternatives[0]
    size = len(wanted)
    return any(
        stream[i : i + size] == wanted for stream in streams for i in range(len(stream) - size + 1)
    )
