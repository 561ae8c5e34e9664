"""The order of search results: BM25F and the factors of domain.md §7; pure, the same everywhere.

Score: BM25F over weighted fields (Robertson, Zaragoza & Taylor 2004; b = 0.75) × recency
(half-life 36 months since the last review) × 1.15 if something was done and helped × 0.2 if
outdated × 0.3 if superseded. Ties: the newest review first, then the number.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cases.library import words
from cases.library.documents import LibraryDoc, Standing
from cases.library.query import Clause, Query, holds_phrase

B: Final = 0.75
WEIGHTS: Final[Mapping[str, float]] = {
    "title": 4.0,
    "question": 4.0,
    "recommendations": 3.0,
    "tags": 3.0,
    "synopsis": 1.0,
}
"""§7; didactic links (×1) join when entries have some."""

TYPICAL: Final[Mapping[str, float]] = {
    "title": 5.0,
    "question": 7.0,
    "recommendations": 45.0,
    "tags": 5.0,
    "synopsis": 30.0,
}
"""Usual length of each field in terms. Fixed, so that a new document moves no other one."""

K1: Final = 1.2 * sum(WEIGHTS[f] * TYPICAL[f] for f in TYPICAL) / sum(TYPICAL.values())
"""1.2 scaled by what the weights do to frequencies (Robertson, Zaragoza & Taylor 2004, §4.3).

Unscaled, one hit in any field would nearly saturate and the weights would hardly count.
"""

HALF_LIFE_MONTHS: Final = 36.0
DAYS_A_MONTH: Final = 30.4375
STANDING: Final[Mapping[Standing, float]] = {
    Standing.CURRENT: 1.0,
    Standing.SUPERSEDED: 0.3,
    Standing.OUTDATED: 0.2,
}
HELPED: Final = 1.15


@dataclass(frozen=True, slots=True)
class Collection:
    """What the asker may see: how many documents, and in how many of them each term stands."""

    documents: int
    frequency: Mapping[str, int]

    def idf(self, term: str) -> float:
        """Return how much a term tells: rare terms more, terms in every document little."""
        n = self.frequency.get(term, 0)
        return math.log(1.0 + (self.documents - n + 0.5) / (n + 0.5))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document and its score."""

    doc: LibraryDoc
    score: float


def rank(
    candidates: Iterable[LibraryDoc], query: Query, collection: Collection, now: datetime
) -> tuple[Ranked, ...]:
    """Return the candidates that hold the query's phrases, best first; every order is total."""
    found = []
    for doc in candidates:
        streams = {name: tuple(words.stems(text)) for name, text in doc.fields().items()}
        if not _phrases_fit(query, streams):
            continue
        found.append(Ranked(doc, score(doc, streams, query, collection, now)))
    found.sort(key=lambda r: (-r.score, -r.doc.dated_at.timestamp(), r.doc.number, r.doc.face))
    return tuple(found)


def _phrases_fit(query: Query, streams: Mapping[str, tuple[str, ...]]) -> bool:
    wanted = all(
        holds_phrase(clause, streams.values()) for clause in query.clauses if clause.phrase
    )
    return wanted and not any(
        holds_phrase(clause, streams.values()) for clause in query.without if clause.phrase
    )


def score(
    doc: LibraryDoc,
    streams: Mapping[str, tuple[str, ...]],
    query: Query,
    collection: Collection,
    now: datetime,
) -> float:
    """Return the score of one document; with no word asked for, only age and standing count."""
    if not query.clauses:
        return round(age(doc, now) * STANDING[doc.standing], 9)
    counts = {name: Counter(stream) for name, stream in streams.items()}
    lengths = {name: len(stream) for name, stream in streams.items()}
    base = sum(_clause(clause, counts, lengths, collection) for clause in query.clauses)
    # Rounded: two machines agree on the order whatever their last bit of a logarithm is.
    return round(base * factor(doc, now), 9)


def _clause(
    clause: Clause,
    counts: Mapping[str, Counter[str]],
    lengths: Mapping[str, int],
    collection: Collection,
) -> float:
    """Return the best alternative's mean: a synonym of four words must not outweigh one word."""
    best = 0.0
    for terms in clause.alternatives:
        total = sum(_term(term, counts, lengths, collection) for term in terms)
        best = max(best, total / len(terms))
    return best


def _term(
    term: str,
    counts: Mapping[str, Counter[str]],
    lengths: Mapping[str, int],
    collection: Collection,
) -> float:
    weighted = 0.0
    for name, weight in WEIGHTS.items():
        times = counts[name][term]
        if times:
            norm = 1.0 - B + B * lengths[name] / TYPICAL[name]
            weighted += weight * times / norm
    return collection.idf(term) * weighted / (K1 + weighted) if weighted else 0.0


def factor(doc: LibraryDoc, now: datetime) -> float:
    """Return what age, outcome and standing make of a score."""
    helped = HELPED if doc.done_and_improved else 1.0
    return age(doc, now) * helped * STANDING[doc.standing]


def age(doc: LibraryDoc, now: datetime) -> float:
    """Return 1 for a document reviewed now, half of it every 36 months."""
    months = max((now - doc.dated_at).days, 0) / DAYS_A_MONTH
    return float(0.5 ** (months / HALF_LIFE_MONTHS))
