"""The index on PostgreSQL: a tsvector of stems under a GIN index."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, cast, column, delete, func, literal
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, insert
from sqlalchemy.types import Text

from cases.library.index import FTS, expression
from cases.library.query import Query
from server.store.unit import Unit


class PostgresIndex:
    """`array_to_tsvector`: no text search configuration, stems are made in `library.words`."""

    async def put(self, unit: Unit, doc: str, terms: Sequence[str]) -> None:
        """Replace the terms of a document."""
        vector = func.array_to_tsvector(cast(list(terms), ARRAY(Text)))
        await unit.db.execute(
            insert(FTS)
            .values(doc=doc, terms=vector)
            .on_conflict_do_update(index_elements=[column("doc")], set_={"terms": vector})
        )

    async def remove(self, unit: Unit, docs: Sequence[str]) -> None:
        """Forget documents."""
        await unit.db.execute(delete(FTS).where(FTS.c.doc.in_(docs)))

    async def erase(self, unit: Unit, docs: Sequence[str]) -> None:
        """Forget documents; PostgreSQL's vacuum takes the words out of its files."""
        await self.remove(unit, docs)

    async def clear(self, unit: Unit) -> None:
        """Forget everything."""
        await unit.db.execute(delete(FTS))

    def matches(self, query: Query) -> ColumnElement[bool]:
        """Return `terms @@ '…'::tsquery` with the expression as a bound parameter."""
        return FTS.c.terms.bool_op("@@")(cast(literal(expression(query, _Tsquery())), TSQUERY))


class _Tsquery:
    """The tsquery language; every term is quoted, so no word is ever an operator."""

    def term(self, term: str) -> str:
        return f"'{term}'"

    def prefix(self, start: str) -> str:
        return f"'{start}':*"

    def all_of(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({' & '.join(parts)})"

    def any_of(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({' | '.join(parts)})"

    def without(self, asked: str, refused: Sequence[str]) -> str:
        return f"{asked} & !{self.any_of(refused)}" if refused else asked
