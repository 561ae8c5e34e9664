"""Keeps the library in step with what was signed, published and withheld; called by events.

Every handler may run twice, late, or after a newer one: the result is the same.
"""

from collections.abc import Callable
from dataclasses import replace

from cases.events import EntryPublished, EntryRetracted, RecommendationsSigned
from cases.library.documents import (
    Face,
    LibraryDoc,
    build,
    build_published,
    from_json,
    index_terms,
)
from cases.library.index import Index
from cases.library.index_postgres import PostgresIndex
from cases.library.index_sqlite import SqliteIndex
from cases.queries.advice import SignedCase, signed_case
from cases.rules import publication
from cases.rules.publication import Act, Capacity, Entry, EntryState
from cases.store import library as store
from cases.store import recommendations as letters
from server.kit.ids import CaseId
from server.store.unit import Unit

_SYSTEM = frozenset({Capacity.SYSTEM})


def index_for(unit: Unit) -> Index:
    """Return the index of the unit's database."""
    return PostgresIndex() if unit.dialect == "postgresql" else SqliteIndex()


async def on_recommendations_signed(unit: Unit, event: RecommendationsSigned) -> None:
    """A letter version was signed: registered people of its programme find it from now on.

    An e-consult had no session in which they heard it: nobody finds it before it is published.
    """
    found = await signed_case(unit, CaseId(event.case_id), event.letter_version)
    if found.case.publication_veto:
        return
    entry = await _entry(unit, found)
    if entry.state is EntryState.RETRACTED or found.signed.letter is None:
        return
    if found.case.converted_at is None:
        await _put(unit, entry, build(found.signed.letter, found.answers, entry))


async def _entry(unit: Unit, found: SignedCase) -> Entry:
    """Return the case's entry as of this version: new, or back at the start of its reviews."""
    version = found.signed.version
    entry = await store.of_case(unit, found.case.id)
    if entry is None:
        return await store.create(unit, found.case.id, found.case.programme, version)
    if entry.version >= version:
        return entry
    state = publication.step(entry.state, Act.NEW_VERSION, _SYSTEM)
    after = replace(entry, state=state, version=version, rewritten=None, reviewed=None)
    return await store.save(unit, entry, after)


async def on_entry_published(unit: Unit, event: EntryPublished) -> None:
    """An entry was published: everybody with an account finds it from now on."""
    entry = await store.by_key(unit, event.entry_id)
    # An older delivery must not put older words over newer ones.
    if entry is None or entry.published_version != event.letter_version or not entry.published:
        return
    if entry.state is EntryState.RETRACTED:
        return
    found = await signed_case(unit, entry.case, event.letter_version)
    if found.signed.letter is None or found.case.publication_veto:
        return
    await _put(
        unit,
        entry,
        build_published(found.signed.letter, found.answers, entry, entry.published.at),
    )


async def on_entry_retracted(unit: Unit, event: EntryRetracted) -> None:
    """An entry was withheld or its case erased: nothing of it stays in the index.

    Queries hid it at once.
    """
    docs = await store.documents(unit, event.entry_id)
    await index_for(unit).erase(
        unit, [store.document_id(d.entry, d.face, d.version) for d in docs]
    )


async def _put(unit: Unit, entry: Entry, doc: LibraryDoc) -> None:
    current = await store.put_document(
        unit,
        entry,
        face=doc.face.value,
        version=doc.version,
        dated_at=doc.dated_at,
        body=doc.to_json(),
    )
    if not current:
        return
    index = index_for(unit)
    older = [
        store.document_id(d.entry, d.face, d.version)
        for d in await store.documents(unit, entry.id)
        if d.face == doc.face.value
    ]
    await index.remove(unit, older)
    await index.put(
        unit, store.document_id(entry.id, doc.face.value, doc.version), index_terms(doc)
    )


def _unwatched(_done: int, _total: int) -> None:
    """Stand in where nobody looks on."""


async def rebuild(unit: Unit, progress: Callable[[int, int], None] = _unwatched) -> int:
    """Make the whole index anew from letters and stored documents; return how many documents.

    Letters that were changed behind their signature are left out. `progress` is told before each
    letter, and at the end, how many are done of how many. The caller commits.
    """
    index = index_for(unit)
    await index.clear(unit)
    count = 0
    signed_ever = await letters.all_signed(unit)
    for done, (case, version) in enumerate(signed_ever):
        progress(done, len(signed_ever))
        signed = await letters.load_signed(unit, case, version)
        if signed is None or signed.letter is None:
            continue
        found = await signed_case(unit, case, version)
        entry = await store.of_case(unit, case)
        if found.case.publication_veto or (entry and entry.state is EntryState.RETRACTED):
            continue
        entry = await _entry(unit, found)
        if found.case.converted_at is None:
            await _put(unit, entry, build(signed.letter, found.answers, entry))
            count += 1
        for stored in await store.documents(unit, entry.id):
            if stored.face == Face.PUBLISHED.value and stored.version == version:
                await _put(unit, entry, from_json(stored.body))
                count += 1
    progress(len(signed_ever), len(signed_ever))
    return count
