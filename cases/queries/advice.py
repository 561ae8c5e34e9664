"""Reads of recommendations and letters, as frozen values."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from cases.queries.captured import left_over
from cases.rules import advice_access, econsult, turnaround
from cases.rules.advice import Draft
from cases.rules.letter import Signed
from cases.rules.models import Answers, Case, CaseState
from cases.rules.publication import Entry
from cases.rules.recommendations import Hand
from cases.rules.turnaround import Pace
from cases.store import cases as case_store
from cases.store import econsults
from cases.store import library as library_store
from cases.store import recommendations as store
from cases.store.advice_rows import LetterRow
from cases.store.cases import to_case
from cases.store.rows import CaseRow
from server.deid import detect
from server.kit.actor import HUB_ROLES, Actor, Permission, Role
from server.kit.errors import Conflict, NotFound
from server.kit.ids import CaseId, PersonId
from server.people import api as people
from server.people.api import Member, PersonCard
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import Capture, Programme

LIST_LIMIT = 60

_TO_WRITE = (CaseState.PRESENTED, CaseState.CONVERTED, CaseState.RECS_DRAFTED)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place in an item that may identify somebody: its class and the words, for the drafters."""

    category: str
    found: str


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything the drafting page shows. `draft` None: nobody has begun."""

    case: Case
    programme: Programme
    draft: Draft | None
    left: tuple[Capture, ...]
    who: frozenset[Hand]
    cards: Mapping[PersonId, PersonCard]
    speakers: tuple[Member, ...]
    """Who can be named as the speaker of an item added by hand, by name."""
    doubts: Mapping[str, tuple[Doubt, ...]]
    last_version: int
    delegates: tuple[PersonCard, ...]
    specialists: tuple[PersonCard, ...]
    answers: PersonId | None
    """The reader, when asked to answer this case in writing: then nobody else is speaking."""

    @property
    def presented(self) -> bool:
        """Whether recommendations can be drafted yet."""
        return advice_access.is_presented(self.case)


async def workbench(unit: Unit, actor: Actor, key: str) -> Workbench:
    """Return a case's recommendations in preparation; NotFound unless the actor drafts there."""
    case = await case_store.load(unit, key)
    named = await store.delegates(unit, case.programme)
    asked = await econsults.answerers(unit, case)
    who = advice_access.hands(actor, case.programme, named, asked)
    advice_access.ensure_drafter(who, case)
    draft = await store.load(unit, case.id)
    captures = await sessions.captures(unit, case.id)
    members = await people.members_of(unit, case.programme)
    said = {s.person for item in draft.items for s in item.said} if draft else set()
    cards = await people.cards(unit, {*said, *(c.speaker for c in captures), case.author, *named})
    return Workbench(
        case=case,
        programme=await sessions.get_programme(unit, case.programme),
        draft=draft,
        left=left_over(captures, draft),
        who=who,
        cards=cards,
        speakers=tuple(m for m in members if m.roles - {Role.LEARNER}),
        doubts=await _doubts(draft, unit.now),
        last_version=await store.last_version(unit, case.id),
        delegates=tuple(cards[p] for p in sorted(named) if p in cards),
        specialists=tuple(
            m.card for m in members if Role.HUB_SPECIALIST in m.roles and m.card.id not in named
        ),
        answers=actor.person if actor.person in asked else None,
    )


async def _doubts(draft: Draft | None, now: datetime) -> dict[str, tuple[Doubt, ...]]:
    """Scan what is going to be signed once more: what does not hold, a human still looks at."""
    if draft is None:
        return {}
    texts = {
        f"{item.id}.{name}": text
        for item in draft.live
        for name, text in item.content.texts().items()
        if text
    }
    results = await asyncio.to_thread(detect.scan_fields, texts, today=now.date())
    found: dict[str, tuple[Doubt, ...]] = {}
    for path, result in results.items():
        doubts = tuple(
            Doubt(f.category.value, texts[path][f.start : f.end]) for f in result.findings
        )
        if doubts:
            item = path.partition(".")[0]
            found[item] = found.get(item, ()) + doubts
    return found


@dataclass(frozen=True, slots=True)
class LetterView:
    """One signed version for one reader."""

    case: Case
    signed: Signed
    zone: str
    last_version: int
    versions: tuple[int, ...]
    entry: Entry | None
    is_presenter: bool
    can_amend: bool


async def letter(unit: Unit, actor: Actor, key: str, version: int | None) -> LetterView:
    """Return a letter, the newest unless `version` says otherwise.

    NotFound when there is none or the actor may not read it, as for no case at all.
    """
    case = await case_store.load(unit, key)
    named = await store.delegates(unit, case.programme)
    if not advice_access.may_read_letter(actor, case):
        raise NotFound
    last = await store.last_version(unit, case.id)
    signed = await store.load_signed(unit, case.id, last if version is None else version)
    if signed is None:
        raise NotFound
    who = advice_access.hands(actor, case.programme, named)
    entry = await library_store.of_case(unit, case.id)
    may_open = entry and actor.can(Permission.LIBRARY_READ_ISSUED, case.programme)
    return LetterView(
        case=case,
        signed=signed,
        zone=(await sessions.get_programme(unit, case.programme)).zone,
        last_version=last,
        versions=tuple(number for number, _ in await store.versions(unit, case.id)),
        entry=entry if may_open else None,
        is_presenter=actor.person == case.author,
        can_amend=bool(who & {Hand.DIRECTOR, Hand.DELEGATE}),
    )


@dataclass(frozen=True, slots=True)
class DueItem:
    """A letter to write. `days` are working days since the session, or since it moved to writing."""

    case: Case
    programme: Programme
    days: int
    pace: Pace


@dataclass(frozen=True, slots=True)
class LetterItem:
    """A letter to read."""

    case: Case
    programme: Programme
    version: int
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Letters:
    """What waits to be written (for those who draft), and the newest letters to read."""

    due: tuple[DueItem, ...]
    issued: tuple[LetterItem, ...]


async def letters(unit: Unit, actor: Actor) -> Letters:
    """Return the letters of the actor: to write, longest waiting first; to read, newest first."""
    delegated = {
        p
        for p in await store.delegated_programmes(unit, actor.person)
        if Role.HUB_SPECIALIST in actor.roles_in(p)
    }
    drafts = actor.programmes_with(Permission.RECOMMENDATION_EDIT) | delegated
    specialist_in = {p for p, held in actor.roles.items() if Role.HUB_SPECIALIST in held}
    answers = CaseRow.id.in_(await econsults.of_person(unit, actor.person))
    waiting = await unit.db.scalars(
        select(CaseRow)
        .where(
            or_(
                CaseRow.programme_id.in_(drafts),
                and_(
                    CaseRow.programme_id.in_(specialist_in), answers, CaseRow.main_question != ""
                ),
            ),
            CaseRow.state.in_([state.value for state in _TO_WRITE]),
        )
        .order_by(func.coalesce(CaseRow.presented_at, CaseRow.converted_at), CaseRow.id)
        .limit(LIST_LIMIT)
    )
    reads = actor.programmes_with(Permission.CASE_READ_CLEARED)
    issued = await unit.db.execute(
        select(CaseRow, LetterRow.version, LetterRow.signed_at)
        .join(LetterRow, LetterRow.case_id == CaseRow.id)
        .where(
            or_(CaseRow.author_id == actor.person, CaseRow.programme_id.in_(reads)),
            CaseRow.state.in_([state.value for state in advice_access.ISSUED_STATES]),
        )
        .order_by(LetterRow.signed_at.desc(), CaseRow.id, LetterRow.version.desc())
        .limit(LIST_LIMIT)
    )
    due = [to_case(row) for row in waiting]
    read = [(to_case(row), version, at) for row, version, at in issued]
    ids = frozenset(c.programme for c in due) | frozenset(c.programme for c, _, _ in read)
    known = await sessions.programmes(unit, ids)
    newest: dict[CaseId, LetterItem] = {}
    for case, version, at in read:
        if case.id not in newest or newest[case.id].version < version:
            newest[case.id] = LetterItem(case, known[case.programme], version, at)
    return Letters(
        due=tuple(_due(case, known[case.programme], unit.now) for case in due),
        issued=tuple(newest.values()),
    )


def _due(case: Case, programme: Programme, now: datetime) -> DueItem:
    if case.converted_at is not None:
        days = turnaround.working_days(case.converted_at, now, programme.zone)
        pace = econsult.due(case.converted_at, now, programme.zone).pace
        return DueItem(case, programme, days, pace)
    days = turnaround.working_days(case.presented_at or case.state_at, now, programme.zone)
    return DueItem(case, programme, days, turnaround.pace(days))


@dataclass(frozen=True, slots=True)
class SignedCase:
    """What the library builds a document of."""

    case: Case
    signed: Signed
    answers: Answers | None


async def signed_case(unit: Unit, case_id: CaseId, version: int) -> SignedCase:
    """Return one signed version with the case it answers.

    Its letter is None once it was purged. Raises NotFound, and Conflict `letter.broken` when bytes and hash no longer fit: a letter that
    was changed behind its signature does not get into the library.
    """
    case = await case_store.load(unit, case_id)
    signed = await store.load_signed(unit, case.id, version)
    if signed is None:
        raise NotFound
    if signed.letter is None and signed.purged_at is None:
        raise Conflict("letter.broken")
    frozen = await case_store.load_version(unit, case.id, case.content_version)
    return SignedCase(case, signed, frozen.answers)


def is_hub(member: Member) -> bool:
    """Say whether a member speaks from the hub."""
    return bool(member.roles & HUB_ROLES)
