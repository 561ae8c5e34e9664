"""Load and save people; rows stay here, values leave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId, PersonId, ProgrammeId
from server.people import rules
from server.people.rows import LinkRow, MembershipRow, OrganisationRow, PersonRow, SignInRow
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Organisation:
    """A hub or a spoke."""

    id: OrganisationId
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """An account as commands see it."""

    id: PersonId
    email: str
    name: str
    credentials: str
    discipline: str
    zone: str
    organisation: OrganisationId | None
    platform_admin: bool
    password_hash: str | None
    failures: int
    wait_until: datetime | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link: `sign_in`, `invite` or `admin`."""

    id: str
    token_hash: str
    kind: str
    email: str
    name: str
    programme: ProgrammeId | None
    role: Role | None
    organisation: OrganisationId | None
    expires_at: datetime
    used: bool


def _person(row: PersonRow) -> Person:
    return Person(
        id=PersonId(row.id),
        email=row.email,
        name=row.name,
        credentials=row.credentials,
        discipline=row.discipline,
        zone=row.zone,
        organisation=OrganisationId(row.organisation_id) if row.organisation_id else None,
        platform_admin=row.platform_admin,
        password_hash=row.password_hash,
        failures=row.failures,
        wait_until=row.wait_until,
        disabled=row.disabled_at is not None,
    )


async def by_email(unit: Unit, email: str) -> Person | None:
    """Return the account with this address."""
    row = await unit.db.scalar(
        select(PersonRow).where(PersonRow.email == rules.normalised_email(email))
    )
    return _person(row) if row else None


async def by_id(unit: Unit, person: PersonId) -> Person | None:
    """Return the account with this id."""
    row = await unit.db.get(PersonRow, person)
    return _person(row) if row else None


async def add(unit: Unit, person: Person) -> None:
    """Insert a new account."""
    unit.db.add(
        PersonRow(
            id=person.id,
            email=rules.normalised_email(person.email),
            name=person.name,
            credentials=person.credentials,
            discipline=person.discipline,
            zone=person.zone,
            organisation_id=person.organisation,
            platform_admin=person.platform_admin,
            password_hash=person.password_hash,
            failures=0,
            created_at=unit.now,
        )
    )
    await unit.db.flush()  # later rows of this unit refer to it


async def change(unit: Unit, person: PersonId, **values: object) -> None:
    """Set columns of one account."""
    await unit.db.execute(update(PersonRow).where(PersonRow.id == person).values(**values))


async def organisations(unit: Unit) -> tuple[Organisation, ...]:
    """Return all hubs and spokes by name."""
    rows = await unit.db.scalars(select(OrganisationRow).order_by(OrganisationRow.name))
    return tuple(Organisation(OrganisationId(r.id), r.kind, r.name) for r in rows)


async def add_organisation(unit: Unit, organisation: Organisation) -> None:
    """Insert a hub or spoke."""
    unit.db.add(
        OrganisationRow(id=organisation.id, kind=organisation.kind, name=organisation.name)
    )
    await unit.db.flush()  # people refer to it


async def roles_of(unit: Unit, person: PersonId) -> dict[ProgrammeId, frozenset[Role]]:
    """Return a person's roles by programme."""
    found: dict[ProgrammeId, set[Role]] = {}
    rows = await unit.db.execute(
        select(MembershipRow.programme_id, MembershipRow.role).where(
            MembershipRow.person_id == person
        )
    )
    for programme, role in rows:
        found.setdefault(ProgrammeId(programme), set()).add(Role(role))
    return {programme: frozenset(roles) for programme, roles in found.items()}


async def grant(unit: Unit, person: PersonId, programme: ProgrammeId, role: Role) -> bool:
    """Add a role; return whether it is new."""
    key = (person, programme, role.value)
    if await unit.db.get(MembershipRow, key) is not None:
        return False
    unit.db.add(
        MembershipRow(
            person_id=person, programme_id=programme, role=role.value, granted_at=unit.now
        )
    )
    await unit.db.flush()  # a second grant in this unit must see the first
    return True


async def revoke(unit: Unit, person: PersonId, programme: ProgrammeId, role: Role) -> bool:
    """Take a role away; return whether it was there."""
    row = await unit.db.get(MembershipRow, (person, programme, role.value))
    if row is None:
        return False
    await unit.db.delete(row)
    return True


def actor_of(person: Person, roles: dict[ProgrammeId, frozenset[Role]]) -> Actor:
    """Return the value that every decision about this person is made with."""
    return Actor(
        person=person.id,
        name=person.name,
        zone=person.zone,
        organisation=person.organisation,
        platform_admin=person.platform_admin,
        roles=roles,
        permissions={p: rules.permissions_of(held) for p, held in roles.items()},
        everywhere=rules.PLATFORM_ADMIN_PERMISSIONS if person.platform_admin else frozenset(),
    )


async def sign_in(unit: Unit, token_hash: str) -> tuple[Person, datetime, datetime] | None:
    """Return (person, created, last seen) of a sign-in."""
    row = (
        await unit.db.execute(
            select(PersonRow, SignInRow.created_at, SignInRow.last_seen_at)
            .join(SignInRow, SignInRow.person_id == PersonRow.id)
            .where(SignInRow.token_hash == token_hash)
        )
    ).first()
    return (_person(row[0]), row[1], row[2]) if row else None


async def add_sign_in(unit: Unit, person: PersonId, token_hash: str) -> None:
    """Insert a sign-in and drop this person's ended ones."""
    await unit.db.execute(
        delete(SignInRow).where(
            SignInRow.person_id == person,
            SignInRow.created_at < unit.now - rules.SIGN_IN_ABSOLUTE,
        )
    )
    unit.db.add(
        SignInRow(
            token_hash=token_hash,
            person_id=person,
            created_at=unit.now,
            last_seen_at=unit.now,
        )
    )


async def touch_sign_in(unit: Unit, token_hash: str) -> None:
    """Note that a sign-in was used now."""
    await unit.db.execute(
        update(SignInRow).where(SignInRow.token_hash == token_hash).values(last_seen_at=unit.now)
    )


async def end_sign_in(unit: Unit, token_hash: str) -> None:
    """Delete one sign-in."""
    await unit.db.execute(delete(SignInRow).where(SignInRow.token_hash == token_hash))


async def end_sign_ins(unit: Unit, person: PersonId, *, but: str = "") -> None:
    """Delete a person's sign-ins, keeping the one whose hash is `but`."""
    await unit.db.execute(
        delete(SignInRow).where(SignInRow.person_id == person, SignInRow.token_hash != but)
    )


async def add_link(unit: Unit, link: Link, *, invited_by: PersonId | None) -> None:
    """Insert a one-time link."""
    unit.db.add(
        LinkRow(
            token_hash=link.token_hash,
            id=link.id,
            kind=link.kind,
            email=rules.normalised_email(link.email),
            name=link.name,
            programme_id=link.programme,
            role=link.role.value if link.role else None,
            organisation_id=link.organisation,
            invited_by=invited_by,
            created_at=unit.now,
            expires_at=link.expires_at,
        )
    )


async def link(unit: Unit, token_hash: str) -> Link | None:
    """Return the link with this hash."""
    row = await unit.db.get(LinkRow, token_hash)
    return _link(row) if row else None


def _link(row: LinkRow) -> Link:
    return Link(
        id=row.id,
        token_hash=row.token_hash,
        kind=row.kind,
        email=row.email,
        name=row.name,
        programme=ProgrammeId(row.programme_id) if row.programme_id else None,
        role=Role(row.role) if row.role else None,
        organisation=OrganisationId(row.organisation_id) if row.organisation_id else None,
        expires_at=row.expires_at,
        used=row.used_at is not None,
    )


async def use_link(unit: Unit, token_hash: str) -> bool:
    """Mark a link as used; False when somebody was faster."""
    result = await unit.db.execute(
        update(LinkRow)
        .where(LinkRow.token_hash == token_hash, LinkRow.used_at.is_(None))
        .values(used_at=unit.now)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def open_invitations(unit: Unit, programme: ProgrammeId) -> tuple[Link, ...]:
    """Return invitations to a programme that were not accepted yet and have not expired."""
    rows = await unit.db.scalars(
        select(LinkRow)
        .where(
            LinkRow.programme_id == programme,
            LinkRow.kind == "invite",
            LinkRow.used_at.is_(None),
            LinkRow.expires_at > unit.now,
        )
        .order_by(LinkRow.created_at)
    )
    return tuple(_link(row) for row in rows)


async def cards(
    unit: Unit, *, ids: Iterable[PersonId] | None = None, after: str = "", limit: int = 500
) -> list[tuple[Person, Organisation | None]]:
    """Return people with their organisations by name; all, or those with `ids`."""
    statement = (
        select(PersonRow, OrganisationRow)
        .outerjoin(OrganisationRow, PersonRow.organisation_id == OrganisationRow.id)
        .order_by(PersonRow.name, PersonRow.id)
        .limit(limit)
    )
    if ids is not None:
        statement = statement.where(PersonRow.id.in_(list(ids)))
    if after:
        statement = statement.where(PersonRow.name > after)
    return [
        (
            _person(person),
            Organisation(OrganisationId(org.id), org.kind, org.name) if org else None,
        )
        for person, org in await unit.db.execute(statement)
    ]


async def memberships(unit: Unit, programme: ProgrammeId) -> dict[PersonId, frozenset[Role]]:
    """Return everybody's roles in a programme."""
    found: dict[PersonId, set[Role]] = {}
    rows = await unit.db.execute(
        select(MembershipRow.person_id, MembershipRow.role).where(
            MembershipRow.programme_id == programme
        )
    )
    for person, role in rows:
        found.setdefault(PersonId(person), set()).add(Role(role))
    return {person: frozenset(roles) for person, roles in found.items()}


async def count(unit: Unit) -> int:
    """Return how many accounts there are."""
    return int(await unit.db.scalar(select(func.count()).select_from(PersonRow)) or 0)


async def forget_ended(unit: Unit) -> None:
    """Delete sign-ins past a day and links past their use; the caller commits."""
    await unit.db.execute(
        delete(SignInRow).where(SignInRow.created_at < unit.now - rules.SIGN_IN_ABSOLUTE)
    )
    await unit.db.execute(
        delete(LinkRow).where(LinkRow.expires_at < unit.now - rules.INVITATION_LIFE)
    )
