"""What a case does when its session tells something; idempotent, for the relay calls again."""

from dataclasses import replace
from datetime import timedelta

from cases.commands.submit import erase
from cases.events import CasePresented, CaseUnscheduled, RecommendationsSigned
from cases.rules import lifecycle
from cases.rules.lifecycle import Deed, Guard, Party
from cases.rules.models import Case, CaseState
from cases.rules.placing import Lost
from cases.store import cases as store
from server.kit.errors import NotFound
from server.kit.ids import CaseId, SessionId
from server.store.unit import Unit
from sessions import api as sessions
from sessions.events import AgendaItemPresented, SessionCancelled, SessionEnded

_SYSTEM = frozenset({Party.SYSTEM})

ERASE_AFTER = timedelta(days=30)
"""How long a withdrawn case keeps its text (domain.md §4.6)."""


async def on_item_presented(unit: Unit, event: AgendaItemPresented) -> None:
    """The summary phase of the case is over: it counts as presented (domain.md §3, 5f)."""
    try:
        case = await store.load(unit, event.case_id)
    except NotFound:
        return
    if case.state is CaseState.SCHEDULED and case.session == event.session_id:
        await _present(unit, case, event.session_id)


async def _present(unit: Unit, case: Case, session: SessionId) -> None:
    state = lifecycle.step(case.state, Deed.PRESENT, _SYSTEM, (Guard.SESSION_LIVE,))
    after = replace(case, state=state, state_at=unit.now, presented_at=unit.now)
    await store.save(unit, case, after)
    unit.record("case.present", actor=None, subject=case.id, programme=case.programme)
    unit.publish(CasePresented(case.id, case.programme, case.case_no, session))


async def on_session_ended(unit: Unit, event: SessionEnded) -> None:
    """Cases the session did not reach wait for another slot; the others count as presented."""
    waiting = await store.load_scheduled(unit, event.session_id)
    if not waiting:
        return
    agenda = (await sessions.session_card(unit, event.session_id)).session.agenda
    # A delivery put back after an error may arrive late: the agenda knows what was presented.
    presented = {item.ref for item in agenda if item.ref and item.presented_at}
    for case in waiting:
        if case.id in presented:
            await _present(unit, case, event.session_id)
        else:
            await _release(unit, case, Deed.CARRY_OVER, Lost.CARRIED_OVER)


async def on_session_cancelled(unit: Unit, event: SessionCancelled) -> None:
    """The session will not or did not take place: its cases wait for another slot."""
    waiting = await store.load_scheduled(unit, event.session_id)
    if not waiting:
        return
    session = (await sessions.session_card(unit, event.session_id)).session
    not_held = session.cancelled_for is sessions.CancelReason.NOT_HELD
    for case in waiting:
        if not_held:
            await _release(unit, case, Deed.CARRY_OVER, Lost.NOT_HELD)
        else:
            await _release(unit, case, Deed.UNSCHEDULE, Lost.SESSION_CANCELLED)


async def on_recommendations_signed(unit: Unit, event: RecommendationsSigned) -> None:
    """The letter is out: the session of the case no longer waits for it (domain.md §3)."""
    await sessions.note_letter(unit, CaseId(event.case_id))


async def _release(unit: Unit, case: Case, deed: Deed, reason: Lost) -> None:
    state = lifecycle.step(case.state, deed, _SYSTEM)
    after = replace(
        case,
        state=state,
        state_at=unit.now,
        session=None,
        agenda_item=None,
        lost_slot=reason.value,
    )
    saved = await store.save(unit, case, after)
    unit.record(f"case.{deed.value}", actor=None, subject=case.id, programme=case.programme)
    unit.publish(
        CaseUnscheduled(
            case.id, case.programme, case.case_no, case.author, reason.value, saved.row_version
        )
    )


async def erase_withdrawn(unit: Unit) -> int:
    """Erase the texts of cases withdrawn 30 days ago; return how many (periodic; commits)."""
    found = await store.load_withdrawn(unit, unit.now - ERASE_AFTER)
    for case in found:
        await erase(unit, case)
        unit.record("case.erased", actor=None, subject=case.id, programme=case.programme)
    await unit.commit()
    return len(found)
