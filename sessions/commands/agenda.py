"""Change the agenda of a session that has not started: items, topics, cases in slots."""

from server.deid import staff
from server.kit.actor import Actor
from server.kit.errors import Conflict
from server.kit.ids import AgendaItemId, CaseId, PersonId, SessionId, new_id
from server.store.unit import Unit
from sessions.commands.loading import person_of, session_for
from sessions.rules import access
from sessions.rules import agenda as rules
from sessions.rules.models import AgendaItem, ItemKind, Session
from sessions.store import sessions


async def add_item(
    unit: Unit,
    actor: Actor,
    session_id: SessionId,
    *,
    kind: ItemKind,
    minutes: int,
    position: int,
) -> Session:
    """Insert an item at `position`; the minutes must fit into what is spare (`agenda.full`)."""
    before = await session_for(unit, actor, session_id, access.may_manage_schedule)
    item = AgendaItem(
        id=AgendaItemId(new_id(unit.now)), kind=kind, minutes=minutes, position=position
    )
    after = await sessions.save(unit, before, rules.place(before, item))
    _record(unit, actor, after, "agenda.item_added", kind=kind.value, minutes=minutes)
    return after


async def remove_item(
    unit: Unit, actor: Actor, session_id: SessionId, item_id: AgendaItemId
) -> Session:
    """Take an item out; its minutes become spare."""
    before = await session_for(unit, actor, session_id, access.may_manage_schedule)
    kind = rules.find(before, item_id).kind
    after = await sessions.save(unit, before, rules.remove(before, item_id))
    _record(unit, actor, after, "agenda.item_removed", kind=kind.value)
    return after


async def move_item(
    unit: Unit, actor: Actor, session_id: SessionId, item_id: AgendaItemId, position: int
) -> Session:
    """Move an item to `position`; the others keep their order."""
    before = await session_for(unit, actor, session_id, access.may_manage_schedule)
    after = await sessions.save(unit, before, rules.move(before, item_id, position))
    _record(unit, actor, after, "agenda.item_moved", position=position)
    return after


async def set_topic(
    unit: Unit,
    actor: Actor,
    session_id: SessionId,
    item_id: AgendaItemId,
    *,
    topic: str,
    presenter: PersonId | None = None,
) -> Session:
    """Say what a didactic is about and who gives it.

    Raises Invalid `text.identifiers` for a topic with somebody's contacts or numbers.
    """
    before = await session_for(unit, actor, session_id, access.may_manage_schedule)
    staff.check({"topic": topic}, unit.now.date())
    after = await sessions.save(unit, before, rules.describe(before, item_id, topic, presenter))
    _record(unit, actor, after, "agenda.topic_set")
    return after


async def add_case_to_slot(
    unit: Unit,
    actor: Actor,
    *,
    session_id: SessionId,
    case: CaseId,
    case_no: str,
    presenter: PersonId,
    item: AgendaItemId | None,
) -> AgendaItem:
    """Put a case into a free slot; see `sessions.api.add_case_to_slot`."""
    before = await session_for(unit, actor, session_id, access.may_fill_slots)
    if unit.now >= before.ends_at:
        raise Conflict("session.past")
    changed, filled = rules.fill_slot(before, case, case_no, presenter, item)
    after = await sessions.save(unit, before, changed)
    _record(unit, actor, after, "agenda.slot_filled", case=case, case_no=case_no)
    return filled


async def remove_case_from_slot(
    unit: Unit, actor: Actor | None, *, session_id: SessionId, case: CaseId
) -> None:
    """Free the slot of a case; see `sessions.api.remove_case_from_slot`."""
    before = await session_for(unit, actor, session_id, access.may_fill_slots)
    after = await sessions.save(unit, before, rules.free_slot(before, case))
    _record(unit, actor, after, "agenda.slot_freed", case=case)


def _record(
    unit: Unit, actor: Actor | None, session: Session, action: str, **facts: str | int | bool
) -> None:
    unit.record(
        action,
        actor=person_of(actor),
        subject=session.id,
        programme=session.programme,
        **facts,
    )
