"""What a search index does: recall. The order is `ranking`'s, the same on every database.

Visibility is part of the statement, before any limit and in every count: what the asker may not
see can neither crowd out results nor be measured by asking (security.md 20).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, and_, column, func, or_, select, table

from cases.library.documents import Face
from cases.library.query import EVERYTHING, Clause, Query
from cases.library.ranking import Collection
from cases.rules.publication import EntryState
from cases.store.advice_rows import LibraryDocumentRow, LibraryEntryRow
from cases.store.library import Stored, to_stored, written_cases
from server.kit.ids import ProgrammeId
from server.store.unit import Unit

FTS = table("library_fts", column("doc"), column("terms"))


@dataclass(frozen=True, slots=True)
class Visible:
    """What the asker may find: issued documents of these programmes, published ones of all others.

    Of an e-consult everybody finds the published one: it had no session, and no audience there.
    """

    issued: frozenset[ProgrammeId]

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on documents joined with their entries."""
        own = and_(
            LibraryDocumentRow.programme_id.in_(sorted(self.issued)),
            LibraryEntryRow.case_id.not_in(written_cases()),
        )
        return and_(
            LibraryDocumentRow.current,
            LibraryEntryRow.state != EntryState.RETRACTED.value,
            or_(
                and_(LibraryDocumentRow.face == Face.ISSUED.value, own),
                and_(LibraryDocumentRow.face == Face.PUBLISHED.value, ~own),
            ),
        )


class Index(Protocol):
    """The full-text part that each database does in its own way."""

    async def put(self, unit: Unit, doc: str, terms: Sequence[str]) -> None:
        """Replace the terms of a document."""
        ...

    async def remove(self, unit: Unit, docs: Sequence[str]) -> None:
        """Forget documents; unknown ones are no error."""
        ...

    async def erase(self, unit: Unit, docs: Sequence[str]) -> None:
        """Forget documents so that not even the index's own files hold their words."""
        ...

    async def clear(self, unit: Unit) -> None:
        """Forget everything, before a rebuild."""
        ...

    def matches(self, query: Query) -> ColumnElement[bool]:
        """Return the condition on `library_fts` for a query that is not empty."""
        ...


def expression(query: Query, syntax: "Syntax") -> str:
    """Return a query in an index's own language. Terms are ASCII letters and digits only."""
    asked = [syntax.any_of([_option(c, a, syntax) for a in c.alternatives]) for c in query.clauses]
    if query.loose and asked:
        asked = [syntax.any_of(asked)]
    asked += [syntax.term(facet) for facet in query.facets]
    refused = [
        syntax.any_of([syntax.all_of([syntax.term(t) for t in a]) for a in c.alternatives])
        for c in query.without
        if not c.phrase
    ] + [syntax.term(facet) for facet in query.facets_without]
    return syntax.without(syntax.all_of(asked or [syntax.term(EVERYTHING)]), refused)


def _option(clause: Clause, terms: Sequence[str], syntax: "Syntax") -> str:
    found = syntax.all_of([syntax.term(t) for t in terms])
    return syntax.any_of([found, syntax.prefix(clause.prefix)]) if clause.prefix else found


class Syntax(Protocol):
    """How an index writes its expressions."""

    def term(self, term: str) -> str:
        """Return one term, quoted."""
        ...

    def prefix(self, start: str) -> str:
        """Return every term that starts so."""
        ...

    def all_of(self, parts: Sequence[str]) -> str:
        """Return a conjunction."""
        ...

    def any_of(self, parts: Sequence[str]) -> str:
        """Return a disjunction."""
        ...

    def without(self, asked: str, refused: Sequence[str]) -> str:
        """Return `asked` and none of `refused`."""
        ...


async def candidates(
    unit: Unit, index: Index, query: Query, visible: Visible, limit: int
) -> tuple[Stored, ...]:
    """Return up to `limit` visible documents that fit the query, newest first."""
    wanted = (
        select(LibraryDocumentRow)
        .join(LibraryEntryRow, LibraryEntryRow.id == LibraryDocumentRow.entry_id)
        .where(visible.condition())
        .order_by(LibraryDocumentRow.dated_at.desc(), LibraryDocumentRow.id)
        .limit(limit)
    )
    if not query.is_empty:
        fitting = select(FTS.c.doc).where(index.matches(query))
        wanted = wanted.where(LibraryDocumentRow.id.in_(fitting))
    return tuple(to_stored(row) for row in await unit.db.scalars(wanted))


async def collection(unit: Unit, index: Index, query: Query, visible: Visible) -> Collection:
    """Return how many documents the asker may see, and how many hold each term; one statement."""
    terms = query.terms

    def count(term: str | None) -> ColumnElement[int]:
        found = (
            select(func.count())
            .select_from(LibraryDocumentRow)
            .join(LibraryEntryRow, LibraryEntryRow.id == LibraryDocumentRow.entry_id)
            .where(visible.condition())
        )
        if term is not None:
            one = Query("", clauses=(Clause(((term,),)),))
            found = found.where(
                LibraryDocumentRow.id.in_(select(FTS.c.doc).where(index.matches(one)))
            )
        return found.scalar_subquery()

    row = (await unit.db.execute(select(count(None), *(count(term) for term in terms)))).one()
    return Collection(row[0], dict(zip(terms, row[1:], strict=True)))
