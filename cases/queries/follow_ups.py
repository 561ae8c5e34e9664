"""Reads of what follows a letter: for its presenter, for the desk, and for one case."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.rules import access, rounds
from cases.rules.models import Case, CaseState
from cases.rules.rounds import Asked, Ending, Reminder, Round
from cases.store import follow_ups as store
from cases.store.follow_ups import FollowUp
from server.kit.actor import Actor, Permission
from server.kit.ids import CaseId, PersonId, ProgrammeId
from server.people import api as people
from server.people.api import PersonCard
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import Programme


@dataclass(frozen=True, slots=True)
class FollowUpItem:
    """What became of a letter so far; nothing of the case's text.

    `waiting` is the round (1 or 2) that is asked about now, None when none is due. `reminder` is
    what the coordinator may ask now, `ending` the reason with which the case may be closed;
    `answerable`: the presenter may still answer. No `rounds`: the letter was erased.
    """

    case: Case
    programme: Programme
    rounds: tuple[Round, ...]
    asked: tuple[Asked, ...]
    waiting: int | None
    reminder: Reminder | None
    ending: Ending | None
    answerable: bool
    people: Mapping[PersonId, PersonCard]
    """The presenter, and who asked by hand."""

    @property
    def due_at(self) -> datetime:
        """Return since when an answer is due; when the next will be; or when the last one was."""
        if self.waiting is not None:
            return self.rounds[self.waiting - 1].due_at
        if not self.rounds:
            return self.case.state_at
        ahead = [one.due_at for one in self.rounds if one.answered_at is None]
        return ahead[0] if ahead else self.rounds[-1].due_at


async def of_case(unit: Unit, actor: Actor, case: Case) -> FollowUpItem | None:
    """Return the follow-up of a case that the actor may read: its presenter, and the hub.

    None for everybody else, and while there is no letter.
    """
    reads = actor.can(Permission.CASE_READ_CLEARED, case.programme)
    if case.state not in access.PRESENTED_STATES or not (reads or actor.person == case.author):
        return None
    found = await store.of_case(unit, case.id)
    return (await _items(unit, [found]))[0] if found else None


async def mine(unit: Unit, actor: Actor) -> tuple[FollowUpItem, ...]:
    """Return the follow-ups that the actor can answer, of own cases; longest due first.

    Who may write no cases in a programme any more answers none there either.
    """
    found = await store.of_author(unit, actor.person)
    writes = actor.programmes_with(Permission.CASE_WRITE)
    items = await _items(unit, [one for one in found if one.case.programme in writes])
    return tuple(sorted(items, key=lambda item: (item.waiting is None, item.due_at)))


async def begun(unit: Unit, actor: Actor) -> Mapping[CaseId, str]:
    """Return the actor's follow-ups that wait to be sent: the case they continue → their key."""
    return await store.begun(unit, actor.person)


async def at_desk(unit: Unit, actor: Actor) -> tuple[FollowUpItem, ...]:
    """Return, for the programmes the actor checks, what is due or can be closed.

    Longest due first. Six statements, and two for each programme, however many there are.
    """
    found = await store.of_programmes(unit, actor.programmes_with(Permission.CASE_CHECK))
    items = [
        item
        for item in await _items(unit, found)
        if item.waiting is not None or item.ending is not None
    ]
    return tuple(sorted(items, key=lambda item: (item.due_at, item.case.id)))


async def answering(
    unit: Unit, programmes: Collection[ProgrammeId]
) -> frozenset[tuple[ProgrammeId, PersonId]]:
    """Return who may answer where: with an open account, and the right to present cases there."""
    found = {one: await people.members_of(unit, one) for one in programmes}
    return frozenset(
        (programme, member.card.id)
        for programme, members in found.items()
        for member in members
        if member.can(Permission.CASE_WRITE)
    )


async def _items(unit: Unit, found: Sequence[FollowUp]) -> list[FollowUpItem]:
    if not found:
        return []
    programmes = await sessions.programmes(unit, frozenset(f.case.programme for f in found))
    wanted = {f.case.author for f in found} | {a.by for f in found for a in f.asked if a.by}
    cards = await people.cards(unit, wanted)
    able = await answering(unit, programmes)
    return [
        _item(
            unit,
            one,
            programmes[one.case.programme],
            cards,
            answerable=(one.case.programme, one.case.author) in able,
        )
        for one in found
    ]


def _item(
    unit: Unit,
    one: FollowUp,
    programme: Programme,
    cards: Mapping[PersonId, PersonCard],
    *,
    answerable: bool,
) -> FollowUpItem:
    state = one.case.state
    closed = state is CaseState.CLOSED
    asks = state is CaseState.FOLLOWUP_DUE and answerable
    return FollowUpItem(
        case=one.case,
        programme=programme,
        rounds=one.rounds,
        asked=one.asked,
        waiting=None if closed else rounds.waiting(one.rounds, unit.now),
        reminder=rounds.by_hand(one.rounds, one.asked, unit.now) if asks else None,
        ending=None if closed else rounds.ending(one.rounds, one.asked, unit.now),
        answerable=answerable,
        people=cards,
    )
