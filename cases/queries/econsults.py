"""Reads of e-consults: who was asked, who could be, what waits for one specialist, what is late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from cases.rules import econsult
from cases.rules.advice import Stage
from cases.rules.models import Case
from cases.rules.turnaround import Due
from cases.store import econsults as store
from cases.store.advice_rows import AdviceDraftRow
from cases.store.cases import to_case
from cases.store.econsults import AskedToAnswer
from cases.store.follow_up_rows import EConsultAskRow
from cases.store.rows import CaseRow
from server.kit.actor import Actor, Permission, Role
from server.kit.ids import PersonId
from server.people import api as people
from server.people.api import PersonCard
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import Programme


@dataclass(frozen=True, slots=True)
class EConsult:
    """Who answers a case in writing. `due` None: no answer is waited for. `able`: who else can be asked."""

    asked: tuple[AskedToAnswer, ...]
    able: tuple[PersonCard, ...]
    due: Due | None
    people: Mapping[PersonId, PersonCard]

    def is_asked(self, person: PersonId) -> bool:
        """Say whether somebody was asked to answer."""
        return any(one.person == person for one in self.asked)


async def able(unit: Unit, case: Case) -> tuple[PersonCard, ...]:
    """Return the hub specialists who could answer a case, by name."""
    members = await people.members_of(unit, case.programme)
    return tuple(
        m.card for m in members if Role.HUB_SPECIALIST in m.roles and m.card.id != case.author
    )


async def of_case(unit: Unit, actor: Actor, case: Case, zone: str) -> EConsult | None:
    """Return the e-consult of a case that the actor may read: its presenter, and the hub."""
    reads = actor.can(Permission.CASE_READ_CLEARED, case.programme)
    if case.converted_at is None or not (reads or actor.person == case.author):
        return None
    asked = await store.asked(unit, case.id)
    named = {one.person for one in asked}
    return EConsult(
        asked=asked,
        able=tuple(card for card in await able(unit, case) if card.id not in named),
        due=econsult.due(case.converted_at, unit.now, zone) if econsult.is_open(case) else None,
        people=await people.cards(unit, named),
    )


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """An e-consult that waits for a specialist; nothing of its text."""

    case: Case
    programme: Programme
    due: Due


async def to_answer(unit: Unit, actor: Actor) -> tuple[ToAnswer, ...]:
    """Return the e-consults that the actor was asked to answer, longest waiting first.

    They leave the list once the draft lies with the director, or the letter is signed.
    """
    rows = await unit.db.scalars(
        select(CaseRow)
        .join(EConsultAskRow, EConsultAskRow.case_id == CaseRow.id)
        .outerjoin(AdviceDraftRow, AdviceDraftRow.case_id == CaseRow.id)
        .where(
            EConsultAskRow.person_id == actor.person,
            CaseRow.converted_at.is_not(None),
            CaseRow.state.in_([state.value for state in econsult.OPEN_STATES]),
            AdviceDraftRow.stage.is_distinct_from(Stage.REVIEW.value),
        )
        .order_by(CaseRow.converted_at, CaseRow.id)
    )
    found = [
        case
        for case in map(to_case, rows)
        if econsult.is_open(case) and Role.HUB_SPECIALIST in actor.roles_in(case.programme)
    ]
    return await _waiting(unit, found)


async def late(unit: Unit, actor: Actor) -> tuple[ToAnswer, ...]:
    """Return the e-consults whose 72 hours are over, of programmes the actor directs."""
    directed = [p for p, roles in actor.roles.items() if Role.DIRECTOR in roles]
    return await _waiting(unit, await store.overdue(unit, directed)) if directed else ()


async def _waiting(unit: Unit, found: Sequence[Case]) -> tuple[ToAnswer, ...]:
    if not found:
        return ()
    programmes = await sessions.programmes(unit, frozenset(c.programme for c in found))
    return tuple(
        ToAnswer(
            case,
            programmes[case.programme],
            econsult.due(
                case.converted_at or case.state_at, unit.now, programmes[case.programme].zone
            ),
        )
        for case in found
    )
