"""How much an entry of the library is like a case that is being written, and why; pure.

The weights follow domain.md §7 ("similar cases"). Entries hold conditions and medicines as tags,
kinds of question and words; they hold no comorbidity, band, population or need of the person, so
that those 0.35 go to the words of the question and of what was advised. What the case at hand does
not say counts neither for nor against: the weights of what it says are scaled up to one.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from cases.library import query as reading
from cases.library import words
from cases.library.documents import LibraryDoc, Standing

CONDITIONS: Final = 0.35
TYPES: Final = 0.15
MEDICINES: Final = 0.15
WORDS: Final = 0.35

LEAST: Final = 0.45
"""What is less like the case is not shown (§7)."""
MOST: Final = 5
MOST_WORDS: Final = 4

# Words of names of illnesses that many have in common, as stems.
_OFTEN: Final = """
    disorder disease syndrome episode illness condition use mild moderate severe major recurrent
    chronic acute current suspected active remission unspecified type stage first second history
    1 2 3 i ii iii
"""
_COMMON: Final = frozenset(map(words.stem, _OFTEN.split()))


class Kind(StrEnum):
    """What two cases share."""

    DIAGNOSIS = "diagnosis"
    MEDICINE = "medicine"
    QUESTION = "question"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Why:
    """One thing shared; `label` is the entry's own word, of a kind of question its code."""

    kind: Kind
    label: str


@dataclass(frozen=True)
class Facts:
    """What is known of the case at hand, as typed: no story, and nothing that was not screened."""

    question: str = ""
    diagnoses: Sequence[str] = ()
    medicines: Sequence[str] = ()
    types: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing can be looked for."""
        return not (self.question.strip() or any(self.diagnoses) or any(self.medicines))

    @cached_property
    def conditions(self) -> tuple[frozenset[str], ...]:
        """Return the terms of each diagnosis."""
        return tuple(filter(None, map(_terms, self.diagnoses)))

    @cached_property
    def treatments(self) -> tuple[frozenset[str], ...]:
        """Return the terms of each medicine."""
        return tuple(filter(None, map(_terms, self.medicines)))

    @cached_property
    def asked(self) -> frozenset[str]:
        """Return the terms of the question."""
        return frozenset(_read(self.question)) - _COMMON

    def line(self) -> str:
        """Return the line to look candidates up with: the most telling first."""
        parts = (*self.diagnoses, *self.medicines, self.question)
        return " ".join(" ".join(words.words(part)) for part in parts)


@dataclass(frozen=True, slots=True)
class Like:
    """An entry that is like the case: from 0 to 1, and why."""

    doc: LibraryDoc
    score: float
    why: tuple[Why, ...] = field(default=())


def _read(text: str) -> tuple[str, ...]:
    """Return the terms of a text with synonyms and person-first words as the library reads them."""
    return reading.parse(" ".join(words.words(text))).terms


def _terms(name: str) -> frozenset[str]:
    """Return what tells one name from others; all of its words when nothing else is left."""
    found = frozenset(_read(name))
    return found - _COMMON or found


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two names mean the same: they share at least half of the shorter one."""
    return 2 * len(one & other) >= min(len(one), len(other)) > 0


def rank(facts: Facts, docs: Iterable[LibraryDoc]) -> tuple[Like, ...]:
    """Return the entries that are like the case, most first; at most MOST, each with its reasons.

    A kind of question alone is no likeness: a diagnosis, a medicine or words must be shared, too.
    """
    found = tuple(docs)
    streams = [_streams(doc) for doc in found]
    spread = Counter(term for stream in streams for term in stream)
    likes = [
        _like(facts, doc, stream, spread, len(found))
        for doc, stream in zip(found, streams, strict=True)
    ]
    kept = [
        like
        for like in likes
        if like.score >= LEAST and any(why.kind is not Kind.QUESTION for why in like.why)
    ]
    kept.sort(
        key=lambda like: (
            like.doc.standing is not Standing.CURRENT,
            -like.score,
            -like.doc.dated_at.timestamp(),
            like.doc.number,
        )
    )
    return tuple(kept[:MOST])


def _streams(doc: LibraryDoc) -> dict[str, str]:
    """Return every term of an entry's texts with the word it first stands for."""
    found: dict[str, str] = {}
    for text in doc.fields().values():
        for word in words.words(text):
            if word not in words.STOP:
                found.setdefault(words.stem(word), word)
    return found


def _like(
    facts: Facts, doc: LibraryDoc, stream: Mapping[str, str], spread: Counter[str], total: int
) -> Like:
    tags = {tag: _terms(tag) for tag in doc.tags}
    shared = _shared(facts.conditions, tags)
    taken = _shared(facts.treatments, tags)
    kinds = tuple(kind for kind in dict.fromkeys(facts.types) if kind in doc.types)
    said = _heard(facts, stream, (*shared[1], *taken[1]))
    parts = (
        (CONDITIONS, bool(facts.conditions), shared[0]),
        (MEDICINES, bool(facts.treatments), taken[0]),
        (TYPES, bool(facts.types), len(kinds) / len({*facts.types, *doc.types} or {""})),
        (WORDS, bool(facts.asked), _weighed(facts.asked, stream, spread, total)),
    )
    whole = sum(weight for weight, known, _ in parts if known)
    score = sum(weight * part for weight, known, part in parts if known) / whole if whole else 0.0
    return Like(
        doc,
        # Rounded: two machines agree whatever their last bit of a logarithm is.
        round(score, 9),
        (
            *(Why(Kind.DIAGNOSIS, tag) for tag in shared[1]),
            *(Why(Kind.MEDICINE, tag) for tag in taken[1]),
            *(Why(Kind.QUESTION, kind) for kind in kinds),
            *(Why(Kind.WORDS, word) for word in said),
        ),
    )


def _shared(
    mine: Sequence[frozenset[str]], tags: Mapping[str, frozenset[str]]
) -> tuple[float, tuple[str, ...]]:
    """Return which part of the names at hand an entry's tags hold, and those tags."""
    found = [
        next((tag for tag, terms in tags.items() if _same(name, terms)), None) for name in mine
    ]
    part = sum(tag is not None for tag in found) / len(mine) if mine else 0.0
    return part, tuple(dict.fromkeys(tag for tag in found if tag is not None))


def _weighed(
    asked: frozenset[str], stream: Mapping[str, str], spread: Counter[str], total: int
) -> float:
    """Return which part of the question's words an entry holds, rare words counting more."""

    def tells(term: str) -> float:
        return math.log(1.0 + (total + 1.0) / (spread[term] + 0.5))

    whole = sum(tells(term) for term in asked)
    return sum(tells(term) for term in asked if term in stream) / whole if whole else 0.0


def _heard(facts: Facts, stream: Mapping[str, str], named: Iterable[str]) -> tuple[str, ...]:
    """Return words of the entry that the question holds, too, and that no shared tag says yet."""
    said = frozenset(term for tag in named for term in _read(tag))
    return tuple(
        stream[term]
        for term in _read(facts.question)
        if term in facts.asked and term in stream and term not in said
    )[:MOST_WORDS]
