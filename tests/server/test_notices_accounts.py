"""Mail goes to open accounts only: every kind of news, and what waits when an account is closed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from cases.events import (
    CaseConverted,
    CaseErased,
    CaseReturned,
    CaseScheduled,
    CaseSubmitted,
    CaseUnscheduled,
    EConsultAsked,
    EConsultLate,
    FollowUpAsked,
    RecommendationsSigned,
)
from cases.rules.placing import Lost
from server.jobs.mail import SmtpMailer
from server.jobs.post import Post
from server.jobs.relay import Relay
from server.kit.actor import Actor, Role
from server.kit.events import Event
from server.kit.ids import OrganisationId
from server.people import commands, store
from server.store.tables import MailRow
from server.store.unit import Units
from server.wiring import subscribers
from sessions.rules.models import Programme
from tests.factories.people import make_actor
from tests.factories.sessions import CASE, a_programme, somebody
from tests.harness.inbox import Inbox, open_inbox

NO = "BH-2031-001"
AUTHOR, DESK = "author", "desk"


@dataclass
class Place:
    """A programme with an author, a coordinator, and who may close accounts."""

    programme: Programme
    author: Actor
    coordinator: Actor
    admin: Actor

    @property
    def case(self) -> tuple[str, str, str]:
        """Return what every event of a case begins with."""
        return CASE, self.programme.id, NO


@pytest.fixture
async def place(units: Units, hub: OrganisationId, spoke: OrganisationId) -> Place:
    programme = await a_programme(units, hub)
    roles = {programme.id: (Role.SPOKE_CLINICIAN,)}
    return Place(
        programme,
        await make_actor(units, "Author", roles, organisation=spoke),
        await somebody(units, programme, Role.COORDINATOR),
        await make_actor(units, "Admin", platform_admin=True),
    )


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as box:
        yield box


NEWS: dict[type[Event], tuple[Callable[[Place], Event], set[str]]] = {
    CaseSubmitted: (lambda p: CaseSubmitted(*p.case, 1), {DESK}),
    CaseReturned: (lambda p: CaseReturned(*p.case, p.author.person, "returned", 1), {AUTHOR}),
    CaseScheduled: (lambda p: CaseScheduled(*p.case, p.author.person, "s", 2), {AUTHOR}),
    CaseUnscheduled: (
        lambda p: CaseUnscheduled(*p.case, p.author.person, Lost.NOT_HELD.value, 3),
        {AUTHOR, DESK},
    ),
    CaseConverted: (lambda p: CaseConverted(*p.case, p.author.person), {AUTHOR}),
    CaseErased: (lambda p: CaseErased(*p.case, p.author.person), {AUTHOR}),
    EConsultAsked: (lambda p: EConsultAsked(*p.case, p.author.person), {AUTHOR}),
    EConsultLate: (lambda p: EConsultLate(*p.case, p.author.person, 0), {AUTHOR}),
    RecommendationsSigned: (
        lambda p: RecommendationsSigned(*p.case, p.author.person, 1),
        {AUTHOR},
    ),
    FollowUpAsked: (lambda p: FollowUpAsked(*p.case, p.author.person, 1, 1), {AUTHOR}),
}
"""Each event that is told by mail, and to whom; the author stands for whoever is addressed."""


def test_every_kind_of_news_is_here() -> None:
    told, untold = subscribers(origin="https://clinic.test"), subscribers()
    assert set(NEWS) == {kind for kind in told if len(told[kind]) > len(untold.get(kind, ()))}


async def tell(units: Units, event: Event) -> None:
    """Bring an event to the handlers that mail."""
    told, untold = subscribers(origin="https://clinic.test"), subscribers()
    for handler in told[type(event)][len(untold[type(event)]) :]:
        async with units.write() as unit:
            await handler(unit, event)
            await unit.commit()


async def close(units: Units, place: Place, *people: Actor) -> None:
    for person in people:
        async with units.write() as unit:
            await commands.set_disabled(unit, place.admin, person.person, disabled=True)
            await unit.commit()


async def recipients(units: Units) -> list[str]:
    async with units.read() as unit:
        return sorted(await unit.db.scalars(select(MailRow.recipient)))


async def address(units: Units, actor: Actor) -> str:
    async with units.read() as unit:
        found = await store.by_id(unit, actor.person)
    assert found is not None
    return found.email


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", NEWS, ids=lambda kind: kind.name)
async def test_closed_accounts_get_no_mail(units: Units, place: Place, kind: type[Event]) -> None:
    make, whom = NEWS[kind]
    await close(units, place, place.author, place.coordinator)
    await tell(units, make(place))
    assert await recipients(units) == []
    # The same news once the accounts are open again: it was the account that kept it back.
    people = {AUTHOR: place.author, DESK: place.coordinator}
    for actor in people.values():
        async with units.write() as unit:
            await commands.set_disabled(unit, place.admin, actor.person, disabled=False)
            await unit.commit()
    await tell(units, make(place))
    assert await recipients(units) == sorted([await address(units, people[one]) for one in whom])


async def test_a_coordinator_is_told_although_the_author_has_left(
    units: Units, place: Place
) -> None:
    await close(units, place, place.author)
    await tell(units, NEWS[CaseUnscheduled][0](place))
    assert await recipients(units) == [await address(units, place.coordinator)]


@pytest.mark.both_databases
async def test_mail_that_waits_is_not_sent_once_the_account_is_closed(
    units: Units, place: Place, inbox: Inbox
) -> None:
    relay = Relay(units, subscribers(origin="https://clinic.test"))
    async with units.write() as unit:
        unit.publish(NEWS[CaseUnscheduled][0](place))
        await unit.commit()
    await relay.drain()
    author = await address(units, place.author)
    coordinator = await address(units, place.coordinator)
    assert await recipients(units) == sorted([author, coordinator])
    await close(units, place, place.author)
    post = Post(units, SmtpMailer(inbox.url, "hub@test.invalid"))
    while await post.pass_once():
        pass
    assert [message["To"] for message in inbox.messages] == [coordinator]
    # What was sent stays in the list of what was sent.
    await close(units, place, place.coordinator)
    assert await recipients(units) == [coordinator]
