"""The front door to people: values only."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.kit.actor import Actor, Lane, Permission, Role
from server.kit.errors import Forbidden
from server.kit.ids import OrganisationId, PersonId, ProgrammeId
from server.people import rules, store
from server.people.events import RolesChanged
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class PersonCard:
    """How a person is shown to colleagues."""

    id: PersonId
    name: str
    credentials: str
    discipline: str
    organisation_id: OrganisationId | None
    organisation_name: str
    lane_hint: Lane
    email: str
    zone: str

    @property
    def label(self) -> str:
        """Return `Marisol Quintana NP`."""
        return f"{self.name} {self.credentials}".strip()


@dataclass(frozen=True, slots=True)
class Member:
    """A person with the roles held in one programme."""

    card: PersonCard
    roles: frozenset[Role]

    def can(self, permission: Permission) -> bool:
        """Say whether the member holds `permission` in that programme."""
        return permission in rules.permissions_of(self.roles)


def _card(person: store.Person, organisation: store.Organisation | None) -> PersonCard:
    return PersonCard(
        id=person.id,
        name=person.name,
        credentials=person.credentials,
        discipline=person.discipline,
        organisation_id=person.organisation,
        organisation_name=organisation.name if organisation else "",
        lane_hint=Lane.HUB if organisation and organisation.kind == "hub" else Lane.SPOKE,
        email=person.email,
        zone=person.zone,
    )


async def card(unit: Unit, person: PersonId) -> PersonCard | None:
    """Return one person's card."""
    return (await cards(unit, [person])).get(person)


async def cards(unit: Unit, ids: Iterable[PersonId]) -> dict[PersonId, PersonCard]:
    """Return cards by id in one query; unknown ids are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    found = await store.cards(unit, ids=wanted)
    return {person.id: _card(person, organisation) for person, organisation in found}


async def members_of(
    unit: Unit, programme: ProgrammeId, *, closed: bool = False
) -> tuple[Member, ...]:
    """Return everybody who holds a role in `programme`, by name; two queries.

    Closed accounts keep their roles and are left out, unless `closed` asks for them: for lists of
    roles, and for what was said before the account was closed.
    """
    roles = await store.memberships(unit, programme)
    if not roles:
        return ()
    found = await store.cards(unit, ids=roles)
    return tuple(
        Member(_card(person, org), roles[person.id])
        for person, org in found
        if closed or not person.disabled
    )


async def coordinators_of(unit: Unit, programme: ProgrammeId) -> tuple[PersonCard, ...]:
    """Return the coordinators of `programme`."""
    return tuple(
        member.card
        for member in await members_of(unit, programme)
        if Role.COORDINATOR in member.roles
    )


async def actor(unit: Unit, person: PersonId) -> Actor | None:
    """Return what decisions about `person` are made with now; None for closed accounts."""
    found = await store.by_id(unit, person)
    if found is None or found.disabled:
        return None
    return store.actor_of(found, await store.roles_of(unit, person))


async def organisations(unit: Unit) -> tuple[store.Organisation, ...]:
    """Return all hubs and spokes."""
    return await store.organisations(unit)


async def grant_role(
    unit: Unit, by: Actor, person: PersonId, programme: ProgrammeId, role: Role
) -> None:
    """Give `person` a role; `by` must be able to invite there, or has just created it.

    Raises Forbidden when the role is out of the granter's reach.
    """
    own_new_programme = (
        person == by.person
        and role is Role.COORDINATOR
        and by.can_somewhere(Permission.PROGRAMME_CREATE)
        and not await store.memberships(unit, programme)
    )
    allowed = rules.grantable(by.roles_in(programme), platform_admin=by.platform_admin)
    if not own_new_programme and role not in allowed:
        raise Forbidden
    if await store.grant(unit, person, programme, role):
        unit.record(
            "role.granted", actor=by.person, subject=person, programme=programme, role=role
        )
        unit.publish(RolesChanged(person_id=person))
