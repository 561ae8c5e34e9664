"""Changing an agenda, and cases in slots through the front door."""

import pytest

from server.kit.actor import Role
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import OrganisationId, new_id
from server.store.unit import Units
from sessions import api
from sessions.commands import agenda, running
from sessions.rules.models import ItemKind
from sessions.store import sessions as store
from tests.conftest import FakeClock
from tests.factories.records import audit_actions
from tests.factories.sessions import (
    CASE,
    OTHER_CASE,
    a_programme,
    a_series,
    reload,
    slots_of,
    somebody,
)

pytestmark = pytest.mark.both_databases


async def test_items_come_go_and_move(units: Units, hub: OrganisationId) -> None:
    found = await a_programme(units, hub)
    facilitator = await somebody(units, found, Role.FACILITATOR)
    _, made = await a_series(units, await somebody(units, found, Role.COORDINATOR), found)
    session = made[0]
    second = slots_of(session)[1]
    async with units.write() as unit:
        await agenda.remove_item(unit, facilitator, session.id, second.id)
        after = await agenda.add_item(
            unit, facilitator, session.id, kind=ItemKind.DIDACTIC, minutes=10, position=0
        )
        after = await agenda.move_item(unit, facilitator, session.id, after.agenda[0].id, 99)
        after = await agenda.set_topic(
            unit, facilitator, session.id, after.agenda[-1].id, topic="Tobacco in SMI"
        )
        await unit.commit()
    kept = [i.id for i in session.agenda if i.id != second.id]
    assert [i.id for i in after.agenda[:-1]] == kept
    assert (after.agenda[-1].kind, after.agenda[-1].minutes) == (ItemKind.DIDACTIC, 10)
    assert after.topic == "Tobacco in SMI"
    assert after.version == session.version + 4
    assert await reload(units, session.id) == after
    assert (await audit_actions(units))[-4:] == [
        "agenda.item_removed",
        "agenda.item_added",
        "agenda.item_moved",
        "agenda.topic_set",
    ]


async def test_a_case_takes_a_slot_and_leaves_it(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    presenter = await somebody(units, found, Role.SPOKE_CLINICIAN)
    _, made = await a_series(units, coordinator, found)
    async with units.read() as unit:
        free = await api.free_slots(unit, found.id)
    assert [(f.session, f.item, f.minutes) for f in free] == [
        (s.id, slot.id, 17) for s in made for slot in slots_of(s)
    ]
    async with units.write() as unit:
        filled = await api.add_case_to_slot(
            unit,
            coordinator,
            session=made[1].id,
            case=CASE,
            case_no="BH-2031-001",
            presenter=presenter.person,
        )
        await unit.commit()
    assert (filled.id, filled.label, filled.presenter) == (
        slots_of(made[1])[0].id,
        "BH-2031-001",
        presenter.person,
    )
    async with units.read() as unit:
        assert len(await api.free_slots(unit, found.id)) == len(free) - 1
        where = await api.session_of_case(unit, CASE)
        assert await api.session_of_case(unit, OTHER_CASE) is None
    assert where is not None
    assert (where[0].session.id, where[1], where[0].programme) == (made[1].id, filled, found)
    async with units.write() as unit:
        await api.remove_case_from_slot(unit, None, session=made[1].id, case=CASE)
        await unit.commit()
    async with units.read() as unit:
        assert await api.free_slots(unit, found.id) == free
        assert await api.session_of_case(unit, CASE) is None
    assert slots_of(await reload(units, made[1].id)) == slots_of(made[1])


async def test_past_sessions_offer_no_slots(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    _, made = await a_series(units, coordinator, found)
    clock.set(made[0].ends_at)
    async with units.write() as unit:
        assert {f.session for f in await api.free_slots(unit, found.id)} == {
            s.id for s in made[1:]
        }
        with pytest.raises(Conflict) as caught:
            await api.add_case_to_slot(
                unit,
                coordinator,
                session=made[0].id,
                case=CASE,
                case_no="BH-2031-001",
                presenter=coordinator.person,
            )
    assert caught.value.code == "session.past"


@pytest.mark.parametrize(
    ("role", "error"),
    [
        (Role.DIRECTOR, Forbidden),
        (Role.FACILITATOR, Forbidden),
        (Role.SPOKE_CLINICIAN, Forbidden),
        (Role.LEARNER, Forbidden),
        (None, NotFound),
    ],
)
async def test_slots_are_the_coordinators(
    units: Units, hub: OrganisationId, role: Role | None, error: type[Exception]
) -> None:
    found = await a_programme(units, hub)
    _, made = await a_series(units, await somebody(units, found, Role.COORDINATOR), found)
    other = await somebody(units, found, *([role] if role else []))
    async with units.write() as unit:
        with pytest.raises(error):
            await api.add_case_to_slot(
                unit,
                other,
                session=made[0].id,
                case=CASE,
                case_no="BH-2031-001",
                presenter=other.person,
            )
        with pytest.raises(error):
            await api.remove_case_from_slot(unit, other, session=made[0].id, case=CASE)


async def test_an_unknown_session_is_not_found(units: Units, hub: OrganisationId) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    unknown = new_id(units.clock.now())
    async with units.write() as unit:
        with pytest.raises(NotFound):
            await running.open_session(unit, coordinator, unknown)  # type: ignore[arg-type]


async def test_who_saves_second_is_told(units: Units, hub: OrganisationId) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    _, made = await a_series(units, coordinator, found)
    async with units.write() as unit:
        await agenda.move_item(unit, coordinator, made[0].id, made[0].agenda[0].id, 3)
        await unit.commit()
    async with units.write() as unit:
        with pytest.raises(Conflict) as caught:
            await store.save(unit, made[0], made[0])
    assert caught.value.code == "stale"
