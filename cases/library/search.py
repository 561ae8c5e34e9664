"""The library as one reader finds it: search, suggestions, one entry."""

from dataclasses import dataclass

from cases.library import index as recall
from cases.library import query as reading
from cases.library import ranking, snippets
from cases.library.documents import Face, LibraryDoc, build, from_json
from cases.library.index import Visible
from cases.library.indexer import index_for
from cases.library.query import Query
from cases.library.snippets import Part
from cases.rules import advice_access, publication
from cases.rules.letter import Letter
from cases.rules.models import Case
from cases.rules.publication import Act, Entry, EntryState
from cases.store import cases as case_store
from cases.store import library as store
from cases.store import recommendations as letters
from server.kit.actor import Actor
from server.kit.errors import Forbidden, NotFound
from server.store.unit import Unit

LIMIT = 200
"""How many candidates are ranked; beyond that the newest are."""

PAGE = 20
SUGGESTIONS = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: the document this reader may read, and why it was found."""

    doc: LibraryDoc
    heading: tuple[Part, ...]
    snippet: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results. `loosened`: nothing held every word, these hold some of them."""

    query: Query
    hits: tuple[Hit, ...]
    total: int
    capped: bool
    loosened: bool
    first: int
    next_cursor: str | None
    previous_cursor: str | None


def visible_to(actor: Actor) -> Visible:
    """Return what an actor may find; raises Forbidden when the library is not open to them."""
    if not advice_access.may_search(actor):
        raise Forbidden
    return Visible(advice_access.registered_in(actor))


async def search(unit: Unit, actor: Actor, text: str, cursor: str | None = None) -> Results:
    """Return a page of what the actor may find, best first; with nothing asked, the newest.

    `cursor` is the number of the first result; anything that is none starts at the beginning.
    """
    visible = visible_to(actor)
    query = reading.parse(text)
    ranked, loosened = await _ranked(unit, query, visible)
    first = _first(cursor, len(ranked))
    shown = ranked[first : first + PAGE]
    terms = frozenset(query.terms)
    return Results(
        query=query,
        hits=tuple(
            Hit(r.doc, snippets.marked(r.doc.heading, terms), snippets.make(r.doc, query))
            for r in shown
        ),
        total=len(ranked),
        capped=len(ranked) == LIMIT,
        loosened=loosened,
        first=first,
        next_cursor=str(first + PAGE) if first + PAGE < len(ranked) else None,
        previous_cursor=str(max(first - PAGE, 0)) if first else None,
    )


def _first(cursor: str | None, total: int) -> int:
    if cursor is None or not (cursor.isascii() and cursor.isdigit()) or len(cursor) > 6:
        return 0
    found = int(cursor) // PAGE * PAGE
    return found if found < total else 0


async def _ranked(
    unit: Unit, query: Query, visible: Visible
) -> tuple[tuple[ranking.Ranked, ...], bool]:
    index = index_for(unit)
    counted = await recall.collection(unit, index, query, visible)

    async def attempt(asked: Query) -> tuple[ranking.Ranked, ...]:
        stored = await recall.candidates(unit, index, asked, visible, LIMIT)
        docs = [from_json(s.body) for s in stored]
        return ranking.rank(docs, asked, counted, unit.now)

    found = await attempt(query)
    wider = None if found else reading.loosened(query)
    # Nobody is helped by an empty page.
    return (await attempt(wider), True) if wider else (found, False)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line under the search box."""

    key: str
    heading: str
    programme: str


async def suggest(unit: Unit, actor: Actor, text: str) -> tuple[Suggestion, ...]:
    """Return a few documents for an unfinished question; nothing for an empty one."""
    visible = visible_to(actor)
    query = reading.parse(text, typing=True)
    if not query.clauses:
        return ()
    index = index_for(unit)
    counted = await recall.collection(unit, index, query, visible)
    stored = await recall.candidates(unit, index, query, visible, LIMIT)
    ranked = ranking.rank([from_json(s.body) for s in stored], query, counted, unit.now)
    return tuple(
        Suggestion(r.doc.number, r.doc.heading, r.doc.programme_name) for r in ranked[:SUGGESTIONS]
    )


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry for one reader. `doc` None: it was withdrawn, only its place remains.

    `registered`: the reader sees it as signed; of an e-consult, only who reads its letter does.

    `newest` is the newest version of the reader's face; `amended`: a newer letter exists whose
    words are not published yet. `case_no` is empty for readers who are not registered there.
    """

    entry: Entry
    doc: LibraryDoc | None
    newest: int
    versions: tuple[int, ...]
    amended: bool
    registered: bool
    written: bool
    """An e-consult: no session, and no colleagues who heard it there."""
    case_no: str
    reads_letter: bool
    is_presenter: bool
    acts: frozenset[Act]
    letter: Letter | None
    """The signed letter, for those who prepare the publication."""


async def open_entry(unit: Unit, actor: Actor, key: str, version: int | None) -> EntryView:
    """Return an entry, the newest version unless told otherwise; NotFound when not the actor's."""
    visible = visible_to(actor)
    entry = await store.by_key(unit, key)
    if entry is None:
        raise NotFound
    case = await case_store.load(unit, entry.case)
    reads_letter = advice_access.may_read_letter(actor, case)
    written = case.converted_at is not None
    registered = entry.programme in visible.issued and (reads_letter or not written)
    if registered and written:
        docs = await _of_letters(unit, case, entry)
    else:
        face = Face.ISSUED if registered else Face.PUBLISHED
        stored = await store.documents(unit, entry.id)
        docs = {d.version: from_json(d.body) if d.body else None for d in stored if d.face == face}
    newest = max(docs, default=0)
    wanted = newest if version is None else version
    if wanted not in docs:
        raise NotFound
    retracted = entry.state is EntryState.RETRACTED or case.publication_veto
    acts = publication.possible(entry.state, advice_access.capacities(actor, entry, case.author))
    return EntryView(
        entry=entry,
        doc=None if retracted else docs[wanted],
        newest=newest,
        versions=tuple(docs),
        amended=entry.version > newest,
        registered=registered,
        written=written,
        case_no=case.case_no if registered else "",
        reads_letter=registered and reads_letter,
        is_presenter=actor.person == case.author,
        acts=acts if registered and not retracted else frozenset(),
        letter=await _letter(unit, case, entry) if acts and registered else None,
    )


async def _of_letters(unit: Unit, case: Case, entry: Entry) -> dict[int, LibraryDoc | None]:
    """Return what the letters of an e-consult say, for those who prepare its publication."""
    frozen = await case_store.load_version(unit, case.id, case.content_version)
    return {
        number: build(signed.letter, frozen.answers, entry) if signed.letter else None
        for number, signed in await letters.versions(unit, case.id)
    }


async def _letter(unit: Unit, case: Case, entry: Entry) -> Letter | None:
    signed = await letters.load_signed(unit, case.id, entry.version)
    return signed.letter if signed else None
