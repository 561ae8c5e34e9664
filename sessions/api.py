"""The front door of sessions for other features: call these inside your own unit of work.

Nothing here commits; the caller's transaction carries state, events and audit together.
"""

from datetime import datetime

from server.kit.actor import Actor
from server.kit.ids import AgendaItemId, CaseId, PersonId, ProgrammeId, SessionId
from server.store.unit import Unit
from sessions import queries
from sessions.commands import agenda, wrapping
from sessions.queries import FreeSlot, SessionCard
from sessions.rules.models import (
    AgendaItem,
    CancelReason,
    Capture,
    ItemKind,
    ProblemArea,
    Programme,
    Session,
    SessionState,
)
from sessions.store import captures as store

__all__ = [
    "AgendaItem",
    "CancelReason",
    "Capture",
    "FreeSlot",
    "ItemKind",
    "ProblemArea",
    "Programme",
    "Session",
    "SessionCard",
    "SessionState",
    "add_case_to_slot",
    "captures",
    "erase_captures",
    "free_slots",
    "get_programme",
    "note_letter",
    "people_present",
    "programmes",
    "remove_case_from_slot",
    "session_card",
    "session_cards",
    "session_of_case",
]


async def get_programme(unit: Unit, programme: ProgrammeId) -> Programme:
    """Return a programme; raises NotFound. The caller checks what the actor may see."""
    return await queries.programme(unit, programme)


async def programmes(unit: Unit, ids: frozenset[ProgrammeId]) -> dict[ProgrammeId, Programme]:
    """Return those of the programmes that exist, in one statement."""
    return await queries.programmes(unit, ids)


async def session_card(unit: Unit, session: SessionId) -> SessionCard:
    """Return a session with its agenda and its programme; raises NotFound."""
    return await queries.session_card(unit, session)


async def session_cards(unit: Unit, ids: frozenset[SessionId]) -> dict[SessionId, SessionCard]:
    """Return those of the sessions that exist, in two statements however many there are."""
    return await queries.session_cards(unit, ids)


async def session_of_case(unit: Unit, case: CaseId) -> tuple[SessionCard, AgendaItem] | None:
    """Return the latest session whose agenda holds this case, with the item; None when none does.

    A case that was carried over leaves its old slot behind: the latest start wins.
    """
    return await queries.session_of_case(unit, case)


async def free_slots(unit: Unit, programme: ProgrammeId) -> tuple[FreeSlot, ...]:
    """Return the free case slots of the programme's planned sessions to come, earliest first."""
    return await queries.free_slots(unit, programme)


async def add_case_to_slot(
    unit: Unit,
    actor: Actor,
    *,
    session: SessionId,
    case: CaseId,
    case_no: str,
    presenter: PersonId,
    item: AgendaItemId | None = None,
) -> AgendaItem:
    """Put a case into slot `item`, or the session's first free slot; return the filled item.

    Only the case number is shown on the agenda. Raises NotFound (no such session, or not the
    actor's to see), Forbidden without CASE_SLOT, Conflict `agenda.closed`, `agenda.slot_taken`,
    `agenda.no_free_slot`, `agenda.case_twice`, `session.past`.
    """
    return await agenda.add_case_to_slot(
        unit, actor, session_id=session, case=case, case_no=case_no, presenter=presenter, item=item
    )


async def remove_case_from_slot(
    unit: Unit, actor: Actor | None, *, session: SessionId, case: CaseId
) -> None:
    """Free the slot that holds `case`; `actor` None means the house itself (a withdrawn case).

    Raises NotFound when the case is not on this agenda, Forbidden without CASE_SLOT, Conflict
    `agenda.presented` when it was already presented.
    """
    await agenda.remove_case_from_slot(unit, actor, session_id=session, case=case)


async def captures(unit: Unit, case: CaseId) -> tuple[Capture, ...]:
    """Return every line captured for a case, merged ones included, in order of the case clock.

    A line with `merged_into` set is an attribution of the line it names: domain.md §3 keeps all.
    """
    return await queries.captures_of_case(unit, case)


async def erase_captures(unit: Unit, case: CaseId) -> int:
    """Delete every line captured for a case that held an identifier; return how many.

    The caller decides who may, and records it.
    """
    return await store.erase_of_case(unit, case)


async def people_present(
    unit: Unit, session: SessionId, since: datetime | None = None
) -> tuple[PersonId, ...]:
    """Return who was connected at any time of the session (or after `since`), by first arrival."""
    return await queries.people_present(unit, session, since)


async def note_letter(unit: Unit, case: CaseId) -> None:
    """Note that the letter of a presented case is signed: its session waits for it to be wrapped.

    A second time, or for a case that was never presented, nothing changes.
    """
    await wrapping.note_letter(unit, case)
