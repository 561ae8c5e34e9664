"""Every change about people: sign in and out, invite, accept, grant, close an account."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from server.deid import staff
from server.kit.actor import Actor, Permission, Role
from server.kit.disciplines import DISCIPLINES
from server.kit.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from server.kit.ids import OrganisationId, PersonId, ProgrammeId, new_id, new_token, token_hash
from server.kit.text import clean_line
from server.people import rules, store
from server.people.events import PersonInvited, RolesChanged
from server.people.passwords import BANNED, Passwords
from server.store import mails
from server.store.unit import Unit, Units

NOBODY = PersonId("")
"""An id that no account has."""

SHORTEST_NAME = 2
"""Visible characters of a name; control and direction characters are none (UTS #55)."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Somebody is signed in: the cookie's token, and who it is."""

    token: str
    person: PersonId


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """Address and password do not fit, in one answer for every reason."""


async def sign_in(
    units: Units, passwords: Passwords, *, email: str, password: str, replaces: str | None
) -> Welcome | WrongPassword:
    """Check a password and open a sign-in; the browser's old sign-in ends.

    An account that has to wait answers like a wrong password: nobody learns that it exists. The
    hash is computed outside any transaction, and also when there is no account (security.md 7).
    """
    async with units.read() as unit:
        person = await store.by_email(unit, email)
    waiting = person is not None and (
        person.failures >= rules.MAX_FAILURES
        or (person.wait_until is not None and person.wait_until > units.clock.now())
    )
    fits = await passwords.fits(person.password_hash if person else None, password)
    async with units.write() as unit:
        if person is None or waiting or not fits or person.disabled:
            counts = person is not None and not waiting
            whose = person.id if person is not None and counts else NOBODY
            # Counted in the database, not from what was read before the slow hash. Where there is
            # nothing to count, the same statements meet no row: their time tells nobody who exists.
            fresh = await store.by_id(unit, whose)
            failures = (fresh.failures if fresh else 0) + 1
            await store.change(
                unit,
                whose,
                failures=failures,
                wait_until=unit.now + rules.wait_after(failures),
            )
            if counts:
                unit.record("sign_in.failed", actor=None, subject=whose, failures=failures)
            else:
                unit.record("sign_in.failed", actor=None, waiting=waiting)
            await unit.commit()
            return WrongPassword()
        await store.change(unit, person.id, failures=0, wait_until=None)
        welcome = await open_sign_in(unit, person.id, replaces=replaces)
        await unit.commit()
        return welcome


async def open_sign_in(unit: Unit, person: PersonId, *, replaces: str | None) -> Welcome:
    """Open a sign-in for a person who has proved who they are; the caller commits."""
    if replaces:
        await store.end_sign_in(unit, token_hash(replaces))
    token = new_token()
    await store.add_sign_in(unit, person, token_hash(token))
    unit.record("sign_in.opened", actor=person, subject=person)
    return Welcome(token, person)


async def sign_out(unit: Unit, actor: Actor, sign_in_hash: str, *, everywhere: bool) -> None:
    """End this sign-in, or all of this person's; the caller commits."""
    if everywhere:
        await store.end_sign_ins(unit, actor.person)
    else:
        await store.end_sign_in(unit, sign_in_hash)
    unit.record("sign_in.closed", actor=actor.person, everywhere=everywhere)
    unit.publish(RolesChanged(person_id=actor.person))


async def request_link(unit: Unit, email: str) -> tuple[str, store.Person] | None:
    """Make a sign-in link for an open account; None when there is none (say the same)."""
    person = await store.by_email(unit, email)
    if person is None or person.disabled:
        unit.record("sign_in.link_refused", actor=None)
        return None
    token = new_token()
    await store.add_link(
        unit,
        store.Link(
            id=new_id(unit.now),
            token_hash=token_hash(token),
            kind="sign_in",
            email=person.email,
            name="",
            programme=None,
            role=None,
            organisation=None,
            expires_at=unit.now + rules.MAGIC_LINK_LIFE,
            used=False,
        ),
        invited_by=None,
    )
    unit.record("sign_in.link_made", actor=None, subject=person.id)
    return token, person


async def open_link(unit: Unit, token: str) -> store.Link:
    """Return a link that can still be used; raises Gone. Looking does not use it up."""
    link = await store.link(unit, token_hash(token))
    if link is None or link.used or link.expires_at <= unit.now:
        raise Gone
    return link


async def use_sign_in_link(unit: Unit, token: str, *, replaces: str | None) -> Welcome:
    """Sign in with a link; raises Gone when it was used, has expired or is of another kind."""
    link = await open_link(unit, token)
    person = await store.by_email(unit, link.email)
    if link.kind != "sign_in" or person is None or person.disabled:
        raise Gone
    if not await store.use_link(unit, link.token_hash):
        raise Gone
    # The link proves who it is: earlier wrong passwords no longer count.
    await store.change(unit, person.id, failures=0, wait_until=None)
    return await open_sign_in(unit, person.id, replaces=replaces)


@dataclass(frozen=True, slots=True)
class Invite:
    """Whom to invite, to what."""

    name: str
    email: str
    programme: ProgrammeId
    role: Role
    organisation: OrganisationId | None


async def invite(unit: Unit, actor: Actor, wanted: Invite) -> str:
    """Make an invitation; return its token, which is nowhere stored in the clear."""
    if not actor.can(Permission.PEOPLE_INVITE, wanted.programme):
        raise NotFound
    allowed = rules.grantable(
        actor.roles_in(wanted.programme), platform_admin=actor.platform_admin
    )
    if wanted.role not in allowed:
        raise Forbidden
    known = {o.id for o in await store.organisations(unit)}
    if wanted.organisation is not None and wanted.organisation not in known:
        raise Invalid(fields={"organisation": "Choose one of the list."})
    name = clean_line(wanted.name)
    if len(name) < SHORTEST_NAME:
        raise Invalid(fields={"name": "name_needed"})
    token = new_token()
    link = store.Link(
        id=new_id(unit.now),
        token_hash=token_hash(token),
        kind="invite",
        email=wanted.email,
        name=name,
        programme=wanted.programme,
        role=wanted.role,
        organisation=wanted.organisation,
        expires_at=unit.now + rules.INVITATION_LIFE,
        used=False,
    )
    await store.add_link(unit, link, invited_by=actor.person)
    unit.record(
        "person.invited",
        actor=actor.person,
        subject=link.id,
        programme=wanted.programme,
        role=wanted.role,
    )
    unit.publish(PersonInvited(invitation_id=link.id, programme_id=wanted.programme))
    return token


async def invite_admin(unit: Unit, *, name: str, email: str) -> str:
    """Make the link with which a platform administrator's account is opened (command line)."""
    if await store.by_email(unit, email) is not None:
        raise Conflict("people.email_taken")
    token = new_token()
    await store.add_link(
        unit,
        store.Link(
            id=new_id(unit.now),
            token_hash=token_hash(token),
            kind="admin",
            email=email,
            name=clean_line(name),
            programme=None,
            role=None,
            organisation=None,
            expires_at=unit.now + timedelta(hours=1),
            used=False,
        ),
        invited_by=None,
    )
    unit.record("admin.invited", actor=None)
    return token


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an invited person fills in."""

    name: str
    credentials: str
    discipline: str
    zone: str
    password: str


def check_account(wanted: NewAccount, email: str) -> dict[str, str]:
    """Return what cannot be used, by field."""
    fields: dict[str, str] = {}
    if len(clean_line(wanted.name)) < SHORTEST_NAME:
        fields["name"] = "name_needed"
    if wanted.zone not in available_timezones():
        fields["zone"] = "zone_unknown"
    if wanted.discipline not in DISCIPLINES:
        fields["discipline"] = "discipline_unknown"
    if wanted.password:
        about = (*wanted.name.split(), *email.replace("@", " ").replace(".", " ").split())
        problem = rules.password_problem(wanted.password, banned=BANNED, about=about)
        if problem:
            fields["password"] = problem
    return fields


async def accept(
    units: Units,
    passwords: Passwords,
    token: str,
    wanted: NewAccount,
    *,
    replaces: str | None,
) -> Welcome:
    """Open the account an invitation is for, with its role, and sign in.

    Raises Gone for a used or expired link, Conflict when the address has an account already
    (that person signs in and accepts with `accept_signed_in`), Invalid with `fields`.
    """
    async with units.read() as unit:
        link = await open_link(unit, token)
    fields = check_account(wanted, link.email)
    if link.kind == "admin" and not wanted.password:
        fields.setdefault("password", "password_needed")
    if fields:
        raise Invalid(fields=fields)
    hashed = await passwords.hash(wanted.password) if wanted.password else None
    async with units.write() as unit:
        link = await open_link(unit, token)
        if link.kind not in ("invite", "admin"):
            raise Gone
        if await store.by_email(unit, link.email) is not None:
            raise Conflict("people.sign_in_to_accept")
        if not await store.use_link(unit, link.token_hash):
            raise Gone
        person = store.Person(
            id=PersonId(new_id(unit.now)),
            email=link.email,
            name=clean_line(wanted.name),
            credentials=clean_line(wanted.credentials),
            discipline=wanted.discipline,
            zone=wanted.zone,
            organisation=link.organisation,
            platform_admin=link.kind == "admin",
            password_hash=hashed,
            failures=0,
            wait_until=None,
            disabled=False,
        )
        await store.add(unit, person)
        if link.programme is not None and link.role is not None:
            await store.grant(unit, person.id, link.programme, link.role)
        unit.record(
            "invitation.accepted", actor=person.id, subject=link.id, programme=link.programme
        )
        welcome = await open_sign_in(unit, person.id, replaces=replaces)
        await unit.commit()
        return welcome


async def accept_signed_in(unit: Unit, actor: Actor, token: str) -> ProgrammeId | None:
    """Add an invitation's role to the account that is signed in, if it is that person's."""
    link = await open_link(unit, token)
    person = await store.by_id(unit, actor.person)
    if link.kind != "invite" or person is None or person.email != link.email:
        raise NotFound
    if (
        link.programme is None
        or link.role is None
        or not await store.use_link(unit, link.token_hash)
    ):
        raise Gone
    await store.grant(unit, person.id, link.programme, link.role)
    unit.record("invitation.accepted", actor=person.id, subject=link.id, programme=link.programme)
    unit.publish(RolesChanged(person_id=person.id))
    return link.programme


@dataclass(frozen=True, slots=True)
class Profile:
    """What people may change about themselves."""

    name: str
    credentials: str
    discipline: str
    zone: str


async def change_profile(unit: Unit, actor: Actor, wanted: Profile) -> None:
    """Save a person's own profile; raises Invalid with `fields`."""
    fields = check_account(
        NewAccount(wanted.name, wanted.credentials, wanted.discipline, wanted.zone, ""), ""
    )
    if fields:
        raise Invalid(fields=fields)
    await store.change(
        unit,
        actor.person,
        name=clean_line(wanted.name),
        credentials=clean_line(wanted.credentials),
        discipline=wanted.discipline,
        zone=wanted.zone,
    )
    unit.record("profile.changed", actor=actor.person)


async def change_password(
    units: Units, passwords: Passwords, actor: Actor, password: str, *, keep: str
) -> None:
    """Set a new password and end every other sign-in; raises Invalid with `fields`."""
    async with units.read() as unit:
        person = await store.by_id(unit, actor.person)
    if person is None:
        raise NotFound
    fields = check_account(
        NewAccount(person.name, "", person.discipline, person.zone, password), person.email
    )
    if fields or not password:
        raise Invalid(fields=fields or {"password": "password_needed"})
    hashed = await passwords.hash(password)
    async with units.write() as unit:
        await store.change(unit, actor.person, password_hash=hashed, failures=0, wait_until=None)
        await store.end_sign_ins(unit, actor.person, but=keep)
        unit.record("password.changed", actor=actor.person)
        unit.publish(RolesChanged(person_id=actor.person))
        await unit.commit()


async def revoke_role(
    unit: Unit, actor: Actor, person: PersonId, programme: ProgrammeId, role: Role
) -> None:
    """Take a role away; sockets and seats of that person re-check within seconds."""
    if not actor.can(Permission.PEOPLE_INVITE, programme):
        raise NotFound
    if role not in rules.grantable(actor.roles_in(programme), platform_admin=actor.platform_admin):
        raise Forbidden
    if not await store.revoke(unit, person, programme, role):
        raise NotFound
    unit.record("role.revoked", actor=actor.person, subject=person, programme=programme, role=role)
    unit.publish(RolesChanged(person_id=person))


async def set_disabled(unit: Unit, actor: Actor, person: PersonId, *, disabled: bool) -> None:
    """Close or reopen an account; closing ends its sign-ins at once, and no waiting mail goes out."""
    if not actor.can(Permission.PEOPLE_MANAGE, None):
        raise NotFound
    if person == actor.person:
        raise Conflict("people.not_yourself")
    found = await store.by_id(unit, person)
    if found is None:
        raise NotFound
    if disabled:
        await mails.drop(unit, found.email)
    await store.change(
        unit,
        person,
        disabled_at=unit.now if disabled else None,
        failures=0,
        wait_until=None,
    )
    await store.end_sign_ins(unit, person)
    unit.record(
        "person.disabled" if disabled else "person.enabled", actor=actor.person, subject=person
    )
    unit.publish(RolesChanged(person_id=person))


async def add_organisation(unit: Unit, actor: Actor, *, name: str, kind: str) -> OrganisationId:
    """Add a hub or a spoke.

    Raises Invalid with `fields`; `text.identifiers` for a name that holds a contact or a number.
    """
    if not actor.can(Permission.PEOPLE_MANAGE, None):
        raise Forbidden
    if kind not in ("hub", "spoke"):
        raise Invalid(fields={"kind": "Choose one of the list."})
    name = clean_line(name)
    if len(name) < SHORTEST_NAME:
        raise Invalid(fields={"name": "name_needed"})
    staff.check({"name": name}, unit.now.date())
    if any(o.name.casefold() == name.casefold() for o in await store.organisations(unit)):
        raise Invalid(fields={"name": "organisation_exists"})
    organisation = store.Organisation(OrganisationId(new_id(unit.now)), kind, name)
    await store.add_organisation(unit, organisation)
    unit.record("organisation.added", actor=actor.person, subject=organisation.id, kind=kind)
    return organisation.id
