"""A case that cannot wait for a session: move it, ask who answers in writing, remind them."""

from collections.abc import Collection
from dataclasses import replace

from cases.commands.desk import Desk, move, open_desk, ready_facts, record
from cases.events import CaseConverted, EConsultAsked, EConsultLate
from cases.rules import econsult, placing
from cases.rules.advice import Stage
from cases.rules.econsult import Overdue
from cases.rules.lifecycle import Deed
from cases.rules.models import Case
from cases.store import cases as store
from cases.store import econsults
from cases.store import recommendations as advice
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, Invalid
from server.kit.ids import PersonId, ProgrammeId
from server.people import api as people
from server.people.api import Member
from server.store.unit import Unit
from sessions import api as sessions


async def convert(
    unit: Unit, actor: Actor, key: str, *, row_version: int, specialists: Collection[PersonId]
) -> Case:
    """Move an accepted case that cannot wait to an e-consult (domain.md §4.6, §9.2). Commits.

    `specialists` are asked to answer within 72 hours. Raises Forbidden unless a director, Conflict
    `case.not_convertible` unless it is called soon and no slot is free within 14 days,
    `case.wrong_state` when it is not accepted, `case.text_erased`, `case.second_reader_missing`
    and `case.older_rules` as `triage.give_slot` does, Invalid `case.specialists` unless one to three of
    the programme's hub specialists are named.
    """
    desk = await open_desk(unit, actor, key, row_version)
    case = desk.case
    slots = await sessions.free_slots(unit, case.programme)
    facts = placing.without_slot(case.urgency, (slot.starts_at for slot in slots), unit.now)
    after = move(unit, desk, case, Deed.CONVERT, *facts, *await ready_facts(unit, case))
    saved = await store.save(unit, case, replace(after, lost_slot="", converted_at=unit.now))
    unit.publish(CaseConverted(case.id, case.programme, case.case_no, case.author))
    await _ask(unit, desk, specialists)
    await unit.commit()
    return saved


async def ask_more(
    unit: Unit, actor: Actor, key: str, *, row_version: int, specialists: Collection[PersonId]
) -> Case:
    """Ask further hub specialists to answer an e-consult; who was asked before is not told again.

    Commits. For the desk: coordinator and director. Raises Conflict `case.wrong_state` unless it
    waits for its answer, and Invalid `case.specialists` as `convert` does.
    """
    desk = await open_desk(unit, actor, key, row_version)
    if not econsult.is_open(desk.case):
        raise Conflict("case.wrong_state")
    await _ask(unit, desk, specialists)
    # Saved as it is: whoever has an older page of it in front of them is told so.
    saved = await store.save(unit, desk.case, desk.case)
    await unit.commit()
    return saved


async def _ask(unit: Unit, desk: Desk, specialists: Collection[PersonId]) -> None:
    case = desk.case
    members = await people.members_of(unit, case.programme)
    able = {m.card.id for m in members if Role.HUB_SPECIALIST in m.roles} - {case.author}
    chosen = frozenset(specialists)
    if not chosen <= able or not 1 <= len(chosen) <= econsult.AT_ONCE:
        raise Invalid("case.specialists", {"specialists": "case.specialists"})
    new = await econsults.ask(unit, case.id, chosen, desk.actor.person)
    record(unit, desk, case, "econsult_asked", {"people": len(new)})
    for person in sorted(new):
        unit.publish(EConsultAsked(case.id, case.programme, case.case_no, person))


async def remind_late(unit: Unit) -> int:
    """Tell who can mend it that e-consults are not answered after 72 hours; return how many.

    Periodic; commits. Told are the programme's directors, and the specialists asked who have
    written nothing so far; each person once for each case, however often and wherever it runs.
    Closed accounts and former specialists are not told.
    """
    told = 0
    teams: dict[ProgrammeId, tuple[Member, ...]] = {}
    for case in await econsults.overdue(unit):
        if case.programme not in teams:
            teams[case.programme] = await people.members_of(unit, case.programme)
        whom = await _overdue(unit, case, teams[case.programme])
        new = await econsults.note_reminded(unit, case.id, whom.directors | whom.specialists)
        for person in sorted(new):
            signs = int(person in whom.directors)
            unit.publish(EConsultLate(case.id, case.programme, case.case_no, person, signs))
        if new:
            unit.record(
                "case.econsult_late",
                actor=None,
                subject=case.id,
                programme=case.programme,
                people=len(new),
            )
        told += len(new)
    await unit.commit()
    return told


async def _overdue(unit: Unit, case: Case, team: Collection[Member]) -> Overdue:
    assert case.converted_at is not None  # it is an e-consult
    able = {m.card.id for m in team if Role.HUB_SPECIALIST in m.roles}
    draft = await advice.load(unit, case.id)
    return econsult.overdue(
        case.converted_at,
        unit.now,
        directors={m.card.id for m in team if Role.DIRECTOR in m.roles},
        asked={
            one.person: one.at
            for one in await econsults.asked(unit, case.id)
            if one.person in able
        },
        wrote={said.person for item in draft.items for said in item.said} if draft else (),
        with_director=draft is not None and draft.stage is Stage.REVIEW,
    )
