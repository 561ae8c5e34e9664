"""Accounts, roles and sign-ins."""

from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId, PersonId, ProgrammeId, new_id
from server.people import api, commands, store
from server.store.unit import Unit, Units


async def add_person(
    unit: Unit,
    name: str,
    *,
    organisation: OrganisationId | None = None,
    zone: str = "America/Denver",
    credentials: str = "",
    discipline: str = "physician",
    platform_admin: bool = False,
    password_hash: str | None = None,
) -> PersonId:
    """Insert an account whose address is made of its name."""
    person = PersonId(new_id(unit.now))
    await store.add(
        unit,
        store.Person(
            id=person,
            email=f"{name.lower().replace(' ', '.')}@test.invalid",
            name=name,
            credentials=credentials,
            discipline=discipline,
            zone=zone,
            organisation=organisation,
            platform_admin=platform_admin,
            password_hash=password_hash,
            failures=0,
            wait_until=None,
            disabled=False,
        ),
    )
    return person


async def make_actor(
    units: Units,
    name: str,
    roles: dict[ProgrammeId, tuple[Role, ...]] | None = None,
    *,
    organisation: OrganisationId | None = None,
    zone: str = "America/Denver",
    platform_admin: bool = False,
) -> Actor:
    """Insert an account with roles and return its actor."""
    async with units.write() as unit:
        person = await add_person(
            unit, name, organisation=organisation, zone=zone, platform_admin=platform_admin
        )
        for programme, held in (roles or {}).items():
            for role in held:
                await store.grant(unit, person, programme, role)
        await unit.commit()
    return await actor_of(units, person)


async def actor_of(units: Units, person: PersonId) -> Actor:
    """Return a person's actor as it is now."""
    async with units.read() as unit:
        actor = await api.actor(unit, person)
    assert actor is not None
    return actor


async def open_sign_in(units: Units, person: PersonId) -> str:
    """Open a sign-in and return the cookie's token."""
    async with units.write() as unit:
        welcome = await commands.open_sign_in(unit, person, replaces=None)
        await unit.commit()
    return welcome.token
