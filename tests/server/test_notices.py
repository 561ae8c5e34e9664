"""Who hears by mail that a case lost its slot or its text: once each, and never a word of the case."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from cases.commands import erasing, reactions, triage
from cases.events import CaseErased, CaseScheduled, CaseUnscheduled
from cases.rules.models import Case, CaseState
from cases.store import cases as store
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId, SessionId
from server.notices import Notices
from server.store.tables import MailRow
from server.store.unit import Unit, Units
from sessions.commands import running, wrapping
from sessions.events import SessionCancelled, SessionEnded
from sessions.rules.models import Programme
from tests.conftest import FakeClock
from tests.factories.cases import STORY, a_scheduled_case, put_in_state
from tests.factories.people import make_actor
from tests.factories.records import events_of
from tests.factories.sessions import a_programme, a_series, somebody

NEWS = Notices("https://clinic.test")


class Place:
    """A programme with an author and two coordinators."""

    def __init__(self, programme: Programme, author: Actor, coordinators: list[Actor]) -> None:
        self.programme = programme
        self.author = author
        self.coordinators = coordinators


@pytest.fixture
async def place(units: Units, hub: OrganisationId, spoke: OrganisationId) -> Place:
    programme = await a_programme(units, hub)
    author = await make_actor(
        units, "Marisol", {programme.id: (Role.SPOKE_CLINICIAN,)}, organisation=spoke
    )
    desk = [await somebody(units, programme, Role.COORDINATOR) for _ in range(2)]
    await a_series(units, desk[0], programme)
    return Place(programme, author, desk)


async def mails(units: Units) -> list[tuple[str, str, str]]:
    """Return what waits for the mail server: address, subject, text; in order."""
    async with units.read() as unit:
        rows = await unit.db.scalars(
            select(MailRow).order_by(MailRow.recipient, MailRow.message_id)
        )
        return [(row.recipient, row.subject, row.body) for row in rows]


async def deliver(units: Units) -> None:
    """Bring every event of the kinds in question to its handler, twice."""
    for event in [*await events_of(units, CaseUnscheduled)] * 2:
        async with units.write() as unit:
            await NEWS.on_case_unscheduled(unit, event)
            await unit.commit()
    for gone in [*await events_of(units, CaseErased)] * 2:
        async with units.write() as unit:
            await NEWS.on_case_erased(unit, gone)
            await unit.commit()
    for placed in [*await events_of(units, CaseScheduled)] * 2:
        async with units.write() as unit:
            await NEWS.on_case_scheduled(unit, placed)
            await unit.commit()


async def at(units: Units, case: Case) -> Case:
    async with units.read() as unit:
        return await store.load(unit, case.id)


async def taken_back(units: Units, place: Place, case: Case, _clock: FakeClock) -> None:
    async with units.write() as unit:
        await triage.take_slot_back(
            unit, place.coordinators[0], case.key, row_version=case.row_version
        )


async def cancelled(units: Units, place: Place, case: Case, _clock: FakeClock) -> None:
    assert case.session
    async with units.write() as unit:
        await running.cancel_session(unit, place.coordinators[0], case.session)
        await unit.commit()
    await told(units, SessionCancelled, reactions.on_session_cancelled)


async def ended(units: Units, place: Place, case: Case, _clock: FakeClock) -> None:
    assert case.session
    async with units.write() as unit:
        await running.open_session(unit, place.coordinators[0], case.session)
        await running.start_session(unit, place.coordinators[0], case.session)
        await running.end_session(unit, place.coordinators[0], case.session)
        await unit.commit()
    await told(units, SessionEnded, reactions.on_session_ended)


async def not_held(units: Units, _place: Place, case: Case, clock: FakeClock) -> None:
    clock.advance(days=30)
    async with units.write() as unit:
        await wrapping.settle_due(unit)
        await unit.commit()
    await told(units, SessionCancelled, reactions.on_session_cancelled)


async def told(
    units: Units,
    kind: type[SessionEnded] | type[SessionCancelled],
    react: Callable[[Unit, SessionEnded], Awaitable[None]]
    | Callable[[Unit, SessionCancelled], Awaitable[None]],
) -> None:
    for event in await events_of(units, kind):
        async with units.write() as unit:
            await react(unit, event)  # type: ignore[arg-type] -- the pair belongs together
            await unit.commit()


HOW = {
    taken_back: "The coordinator took it off the agenda of its session.",
    cancelled: "Its session was cancelled.",
    ended: "The session ended before its turn came.",
    not_held: "Its session did not take place.",
}


@pytest.mark.parametrize("lose", list(HOW), ids=lambda f: f.__name__)
async def test_a_lost_slot_is_told_to_presenter_and_coordinators(
    units: Units,
    place: Place,
    clock: FakeClock,
    lose: Callable[[Units, Place, Case, FakeClock], Awaitable[None]],
) -> None:
    case = await a_scheduled_case(units, place.author, place.coordinators[0], place.programme)
    await lose(units, place, case, clock)
    now = await at(units, case)
    assert (now.state, now.session) == (CaseState.ACCEPTED, None)
    await deliver(units)
    subject = f"{case.case_no} has no slot any more"
    lost = [(to, text) for to, found, text in await mails(units) if found == subject]
    people = [place.author, *place.coordinators]
    assert len(lost) == len(people)
    page = f"https://clinic.test/cases/{case.case_no}"
    bodies = sorted(text for _, text in lost)
    waits = f"{HOW[lose]}\nIt stays accepted and waits for another slot.\n\n{page}\n"
    place_it = f"{HOW[lose]}\nIt stays accepted: give it another slot.\n\n{page}/review\n"
    assert bodies == sorted([waits, place_it, place_it])
    everything = "\n".join(f"{found}\n{text}" for _, found, text in await mails(units))
    for words in (case.main_question, STORY[:20], "breastfeeding"):
        assert words not in everything


async def test_the_second_slot_and_the_second_loss_are_news_again(
    units: Units, place: Place, clock: FakeClock
) -> None:
    case = await a_scheduled_case(units, place.author, place.coordinators[0], place.programme)
    session, item = case.session, case.agenda_item
    for _ in range(2):
        await taken_back(units, place, case, clock)
        free = await at(units, case)
        async with units.write() as unit:
            case = await triage.give_slot(
                unit,
                place.coordinators[0],
                case.key,
                row_version=free.row_version,
                session=SessionId(str(session)),
                item=item,
            )
        assert case.lost_slot == ""
    await deliver(units)
    subjects = [subject for _, subject, _ in await mails(units)]
    assert subjects.count(f"{case.case_no} has no slot any more") == 2 * 3
    assert subjects.count(f"{case.case_no} has a slot") == 3


async def test_the_presenter_hears_that_the_text_is_gone(units: Units, place: Place) -> None:
    case = await a_scheduled_case(units, place.author, place.coordinators[0], place.programme)
    closed = await put_in_state(units, case, CaseState.CLOSED)
    async with units.write() as unit:
        await erasing.purge(
            unit, place.coordinators[0], case.key, row_version=closed.row_version, reason="name"
        )
    await deliver(units)
    gone = [m for m in await mails(units) if m[1] == f"The text of {case.case_no} was erased"]
    told_so = "Something in it could identify the person. A mark that it existed remains."
    page = f"https://clinic.test/cases/{case.case_no}"
    assert [text for _, _, text in gone] == [f"{told_so}\n\n{page}\n"]
