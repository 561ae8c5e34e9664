"""Library documents for tests: the invented collection of `tests/vectors/ranking`, and one."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cases.library import ranking
from cases.library.documents import Face, Item, LibraryDoc, Standing, index_terms
from cases.library.query import Query, loosened, parse
from cases.library.ranking import Collection, Ranked

VECTORS = Path(__file__).parents[1] / "vectors" / "ranking" / "library.json"
NOW = datetime(2031, 3, 4, 19, 0, tzinfo=UTC)


def a_doc(
    key: str = "KB-0001",
    *,
    title: str = "",
    question: str = "",
    items: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    synopsis: str = "",
    age: timedelta = timedelta(0),
    standing: Standing = Standing.CURRENT,
    helped: bool = False,
    face: Face = Face.PUBLISHED,
    programme: str = "p" * 26,
) -> LibraryDoc:
    """Return a document with these texts, dated `age` before NOW."""
    dated = NOW - age
    return LibraryDoc(
        entry=key.lower().ljust(26, "0"),
        number=key,
        face=face,
        version=1,
        programme=programme,
        programme_code="BH",
        programme_name="Behavioural Health",
        zone="America/Denver",
        title=title,
        question=question,
        synopsis=synopsis,
        tags=tags,
        types=("dose_change",),
        items=tuple(
            Item(
                text=text,
                problem_area="medicine",
                strength="do",
                evidence="expert",
                role="pcp",
                time_frame="7d",
                step=1,
                rationale="",
                citation_title="",
                citation_year=None,
                citation_link="",
                cautions=(),
                said=(("Dr Hub", "hub", "12:07"),),
            )
            for text in items
        ),
        signer_label="Dr Director",
        signed_at=dated,
        dated_at=dated,
        standing=standing,
        done_and_improved=helped,
    )


@dataclass(frozen=True)
class Golden:
    """The judged collection."""

    docs: tuple[LibraryDoc, ...]
    queries: tuple[dict[str, Any], ...]


def golden() -> Golden:
    """Return the documents and judged queries of the vectors."""
    data = json.loads(VECTORS.read_text("utf-8"))
    docs = tuple(
        a_doc(
            d["key"],
            title=d["title"],
            question=d["question"],
            items=tuple(d["items"]),
            tags=tuple(d["tags"]),
            synopsis=d["synopsis"],
            age=timedelta(days=round(d["months"] * 30.4375)),
            standing=Standing(d.get("standing", "current")),
            helped=d.get("helped", False),
        )
        for d in data["docs"]
    )
    return Golden(docs, tuple(data["queries"]))


def holds(terms: frozenset[str], query: Query) -> bool:
    """Recall as the indexes do it, in Python."""
    asked = [
        any(set(option) <= terms for option in clause.alternatives) for clause in query.clauses
    ]
    fits = (any(asked) if query.loose else all(asked)) if asked else True
    refused = any(
        set(option) <= terms for c in query.without if not c.phrase for option in c.alternatives
    )
    return (
        fits
        and not refused
        and all(f in terms for f in query.facets)
        and not any(f in terms for f in query.facets_without)
    )


def find(docs: tuple[LibraryDoc, ...], text: str) -> tuple[Ranked, ...]:
    """Search a collection in memory."""
    terms = {doc.number: frozenset(index_terms(doc)) for doc in docs}
    query = parse(text)
    collection = Collection(
        len(docs), {t: sum(t in held for held in terms.values()) for t in query.terms}
    )

    def attempt(asked: Query) -> tuple[Ranked, ...]:
        candidates = [doc for doc in docs if holds(terms[doc.number], asked)]
        return ranking.rank(candidates, asked, collection, NOW)

    wider = loosened(query)
    return attempt(query) or (attempt(wider) if wider else ())
