"""The index on SQLite: an FTS5 table of stems."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, insert, literal_column, text

from cases.library.index import FTS, expression
from cases.library.query import Query
from server.store.unit import Unit


class SqliteIndex:
    """FTS5 with the plain ASCII tokenizer: stems are made in `library.words`."""

    async def put(self, unit: Unit, doc: str, terms: Sequence[str]) -> None:
        """Replace the terms of a document."""
        await self.remove(unit, [doc])
        await unit.db.execute(insert(FTS).values(doc=doc, terms=" ".join(terms)))

    async def remove(self, unit: Unit, docs: Sequence[str]) -> None:
        """Forget documents."""
        await unit.db.execute(delete(FTS).where(FTS.c.doc.in_(docs)))

    async def erase(self, unit: Unit, docs: Sequence[str]) -> None:
        """Forget documents; deleted words stay in the segments of FTS5 until they are merged."""
        await self.remove(unit, docs)
        await unit.db.execute(text("INSERT INTO library_fts (library_fts) VALUES ('optimize')"))

    async def clear(self, unit: Unit) -> None:
        """Forget everything."""
        await unit.db.execute(delete(FTS))

    def matches(self, query: Query) -> ColumnElement[bool]:
        """Return `library_fts MATCH '…'` with the expression as a bound parameter."""
        return literal_column("library_fts").bool_op("MATCH")(expression(query, _Fts5()))


class _Fts5:
    """FTS5's query language; every term is quoted, so no word is ever an operator."""

    def term(self, term: str) -> str:
        return f'"{term}"'

    def prefix(self, start: str) -> str:
        return f'"{start}"*'

    def all_of(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

    def any_of(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def without(self, asked: str, refused: Sequence[str]) -> str:
        return f"{asked} NOT {self.any_of(refused)}" if refused else asked
