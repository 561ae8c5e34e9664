"""After the letter: ask how it went, take the answer, close (domain.md §4.6, decision 0022)."""

from dataclasses import replace

from cases.events import FollowUpAsked
from cases.queries.follow_ups import answering
from cases.rules import access, lifecycle, rounds
from cases.rules.access import Subject
from cases.rules.lifecycle import Deed, Guard, Party
from cases.rules.models import Case, CaseState, CaseType
from cases.rules.rounds import Reminder
from cases.store import cases as store
from cases.store import follow_ups
from cases.store.follow_ups import FollowUp
from server.kit.actor import Actor, Permission
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import CaseId, PersonId
from server.store.unit import Unit

_SYSTEM = frozenset({Party.SYSTEM})
_AUTHOR = frozenset({Party.AUTHOR})


async def ask_due(unit: Unit) -> int:
    """Let rounds come due and ask their presenters; return how many were asked.

    Periodic; commits. A second run asks nobody again: every question is noted once. Who may not
    answer any more is not asked: the desk decides.
    """
    asked = 0
    waiting = await follow_ups.issued_before(unit, unit.now - rounds.ROUNDS[0])
    able = await answering(unit, {found.case.programme for found in waiting})
    for found in waiting:
        case = await _come_due(unit, found)
        if case.state is not CaseState.FOLLOWUP_DUE or (case.programme, case.author) not in able:
            continue
        reminder = rounds.to_send(found.rounds, found.asked, unit.now)
        if reminder is not None:
            await _ask(unit, case, reminder, None)
            asked += 1
    await unit.commit()
    return asked


async def _come_due(unit: Unit, found: FollowUp) -> Case:
    case = found.case
    facts = rounds.facts(found.rounds, found.asked, unit.now)
    if case.state is CaseState.FOLLOWUP_DUE or Guard.DUE not in facts:
        return case
    state = lifecycle.step(case.state, Deed.FOLLOWUP_TIMER, _SYSTEM, facts)
    saved = await store.save(unit, case, replace(case, state=state, state_at=unit.now))
    unit.record("case.followup_timer", actor=None, subject=case.id, programme=case.programme)
    return saved


async def _ask(unit: Unit, case: Case, reminder: Reminder, by: PersonId | None) -> None:
    await follow_ups.note_asked(unit, case.id, reminder, by)
    unit.record(
        "case.follow_up_asked",
        actor=by,
        subject=case.id,
        programme=case.programme,
        round=reminder.round,
        number=reminder.number,
    )
    unit.publish(
        FollowUpAsked(
            case.id, case.programme, case.case_no, case.author, reminder.round, reminder.number
        )
    )


async def _at_desk(unit: Unit, actor: Actor, key: str) -> FollowUp:
    """Load a follow-up for its coordinator; NotFound unless the actor sits at that desk."""
    case = await store.load(unit, key)
    if not access.may_see(actor, Subject(case)):
        raise NotFound
    if not actor.can(Permission.CASE_CHECK, case.programme):
        raise Forbidden
    if Party.COORDINATOR not in access.parties(actor, case):
        raise Forbidden("case.not_yours_to_do")
    found = await follow_ups.of_case(unit, case.id)
    if found is None:
        raise Conflict("case.wrong_state")
    return found


async def ask_again(unit: Unit, actor: Actor, key: str, reminder: Reminder) -> None:
    """Ask the presenter once more: one of the three reminders, before its time. Commits.

    `reminder` is the one that the page offered: a second press on it changes nothing and raises
    Conflict `case.asked_already`, as does one after another coordinator's. Raises NotFound for
    outsiders, Forbidden unless a coordinator, Conflict `case.wrong_state` when nothing is due,
    `case.nobody_to_ask` when the presenter may not answer any more.
    """
    found = await _at_desk(unit, actor, key)
    case = found.case
    if case.state is not CaseState.FOLLOWUP_DUE:
        raise Conflict("case.wrong_state")
    if (case.programme, case.author) not in await answering(unit, {case.programme}):
        raise Conflict("case.nobody_to_ask")
    if rounds.by_hand(found.rounds, found.asked, unit.now) != reminder:
        raise Conflict("case.asked_already")
    await _ask(unit, case, reminder, actor.person)
    await unit.commit()


async def close(unit: Unit, actor: Actor, key: str, *, row_version: int) -> Case:
    """Close a case to which nothing more will come (`rounds.Ending` says why). Commits.

    The reason follows from the rounds and goes into the audit. Raises NotFound for outsiders,
    Forbidden unless a coordinator, Conflict `case.rounds_open` while an answer may still come,
    `case.wrong_state`, `stale`.
    """
    found = await _at_desk(unit, actor, key)
    case = found.case
    if case.row_version != row_version:
        raise Conflict("stale")
    facts = rounds.facts(found.rounds, found.asked, unit.now)
    state = lifecycle.step(case.state, Deed.CLOSE, access.parties(actor, case), facts)
    saved = await store.save(unit, case, replace(case, state=state, state_at=unit.now))
    ending = rounds.ending(found.rounds, found.asked, unit.now)
    assert ending is not None  # the step has just asked for ROUNDS_IN
    unit.record(
        "case.close",
        actor=actor.person,
        subject=case.id,
        programme=case.programme,
        ending=ending.value,
    )
    await unit.commit()
    return saved


async def respond(unit: Unit, follow_up: Case) -> None:
    """A follow-up was sent: it answers the rounds of the case before. The caller commits.

    The form has asked for the status of every recommendation (`intake.validate`).
    """
    if follow_up.case_type is not CaseType.FOLLOWUP or follow_up.prior_case is None:
        return
    try:
        await _answer(unit, follow_up.prior_case)
    except Conflict as error:
        if error.code != "stale":
            raise
        # The job or the desk has just moved the case before; what was typed is not behind.
        await _answer(unit, follow_up.prior_case)


async def _answer(unit: Unit, prior: CaseId) -> None:
    found = await follow_ups.of_case(unit, prior)
    if found is None or Guard.DUE in rounds.facts(found.rounds, found.asked, unit.now):
        return
    case = found.case
    if case.state not in (CaseState.RECS_ISSUED, CaseState.FOLLOWUP_DUE):
        return
    state = lifecycle.step(case.state, Deed.RESPOND, _AUTHOR, (Guard.ALL_ANSWERED,))
    await store.save(unit, case, replace(case, state=state, state_at=unit.now))
    unit.record("case.respond", actor=case.author, subject=case.id, programme=case.programme)
