"""Profile, the roster of a programme, and the administrator's list of accounts."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from server.edge.forms import FieldErrors, Form, read_form
from server.edge.guard import current_actor, signed_in
from server.edge.i18n import gettext
from server.edge.keys import CLOCK, EDGE, UNITS
from server.edge.pages import done, render, see_other
from server.edge.times import describe
from server.kit.actor import Actor, Permission, Role
from server.kit.errors import Invalid, NotFound
from server.kit.ids import OrganisationId, PersonId, ProgrammeId
from server.people import api, commands, queries, rules
from server.people.web import pages, words
from server.people.web.keys import MAILER, PASSWORDS, PROGRAMME_NAME
from server.people.web.sign_in import send_link
from server.store.unit import Unit

ACCOUNTS_PER_PAGE = 200
_EMAIL = r"^[^@\s\p{C}]+@[^@\s\p{C}]+\.[^@\s\p{C}]+$"
"""Something at something with a dot; no control or direction characters that would hide a part."""


class ProfileForm(Form):
    """What people may change about themselves."""

    name: Annotated[str, Field(min_length=2, max_length=120)]
    credentials: Annotated[str, Field(max_length=40)] = ""
    discipline: Annotated[str, Field(max_length=40)]
    zone: Annotated[str, Field(max_length=64)]


class PasswordForm(Form):
    """A new password."""

    password: Annotated[str, Field(max_length=256)]


class InviteForm(Form):
    """Whom to invite."""

    name: Annotated[str, Field(min_length=2, max_length=120)]
    email: Annotated[str, Field(max_length=254, pattern=_EMAIL)]
    role: Role
    organisation: Annotated[str, Field(max_length=26)] = ""


class RevokeForm(Form):
    """Which role to take from whom."""

    person: Annotated[str, Field(max_length=26)]
    role: Role


class OrganisationForm(Form):
    """A new hub or spoke."""

    name: Annotated[str, Field(min_length=2, max_length=120)]
    kind: Literal["hub", "spoke"]


class CloseForm(Form):
    """Close or reopen an account."""

    person: Annotated[str, Field(max_length=26)]
    closed: Literal["yes", ""] = ""


async def _profile(
    request: web.Request, errors: dict[str, str], values: dict[str, str]
) -> pages.Profile:
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        person = await queries.by_id(unit, actor.person)
    if person is None:
        raise NotFound
    own = {
        "name": person.name,
        "credentials": person.credentials,
        "discipline": person.discipline,
        "zone": person.zone,
    }
    return pages.Profile(
        email=person.email,
        values=own | values,
        errors=errors,
        disciplines=words.disciplines(),
        zones=words.ZONES,
        has_password=person.password_hash is not None,
    )


async def profile_page(request: web.Request) -> web.StreamResponse:
    """Show a person's own profile."""
    return render(request, await _profile(request, {}, {}))


async def save_profile(request: web.Request) -> web.StreamResponse:
    """Save a person's own profile."""
    actor = current_actor(request)
    form = await read_form(request, ProfileForm)
    if isinstance(form, FieldErrors):
        errors = {name: gettext(key) for name, key in form.fields.items()}
        values = {k: v for k, v in form.values.items() if isinstance(v, str)}
        return render(request, await _profile(request, errors, values), status=422)
    wanted = commands.Profile(form.name, form.credentials, form.discipline, form.zone)
    try:
        async with request.app[UNITS].write() as unit:
            await commands.change_profile(unit, actor, wanted)
            await unit.commit()
    except Invalid as error:
        values = {k: str(v) for k, v in form.model_dump().items()}
        page = await _profile(request, words.field_words(error.fields), values)
        return render(request, page, status=422)
    return see_other("/profile", "people.saved")


async def save_password(request: web.Request) -> web.StreamResponse:
    """Set a new password; other devices are signed out."""
    actor = current_actor(request)
    found = signed_in(request)
    form = await read_form(request, PasswordForm)
    password = "" if isinstance(form, FieldErrors) else form.password
    try:
        await commands.change_password(
            request.app[UNITS],
            request.app[PASSWORDS],
            actor,
            password,
            keep=found.sign_in if found else "",
        )
    except Invalid as error:
        page = await _profile(request, words.field_words(error.fields), {})
        return render(request, page, status=422)
    return see_other("/profile", "people.password_saved")


def _programme(request: web.Request) -> ProgrammeId:
    return ProgrammeId(request.match_info["programme"])


async def _name(request: web.Request, unit: Unit, actor: Actor, programme: ProgrammeId) -> str:
    """Return the programme's name for somebody who may see its people; else NotFound."""
    name = await request.app[PROGRAMME_NAME](unit, programme)
    if name is None or not actor.can(Permission.PEOPLE_INVITE, programme):
        raise NotFound
    return name


async def _roster(
    request: web.Request, errors: dict[str, str], values: dict[str, str]
) -> pages.Roster:
    actor = current_actor(request)
    programme = _programme(request)
    allowed = rules.grantable(actor.roles_in(programme), platform_admin=actor.platform_admin)
    async with request.app[UNITS].read() as unit:
        name = await _name(request, unit, actor, programme)
        members = await api.members_of(unit, programme, closed=True)
        invitations = await queries.open_invitations(unit, programme)
        organisations = await queries.organisations(unit)
    now = request.app[CLOCK].now()
    lines = tuple(
        pages.RosterLine(
            person_id=member.card.id,
            name=member.card.label,
            lane=member.card.lane_hint.value,
            detail=member.card.organisation_name,
            roles=tuple(
                (
                    role.value,
                    gettext(words.ROLE_LABELS[role]),
                    role in allowed and member.card.id != actor.person,
                )
                for role in Role
                if role in member.roles
            ),
        )
        for member in members
    )
    return pages.Roster(
        programme_id=programme,
        programme=name,
        members=lines,
        invitations=tuple(
            pages.OpenInvitation(
                link.name,
                link.email,
                gettext(words.ROLE_LABELS[link.role]) if link.role else "",
                describe(link.expires_at, actor.zone, actor.zone, now),
            )
            for link in invitations
        ),
        roles=tuple(
            (role.value, gettext(words.ROLE_LABELS[role])) for role in Role if role in allowed
        ),
        organisations=tuple((o.id, o.name) for o in organisations),
        values={"name": "", "email": "", "role": "", "organisation": ""} | values,
        errors=errors,
        may_invite=bool(allowed),
    )


async def roster_page(request: web.Request) -> web.StreamResponse:
    """Show who belongs to a programme."""
    return render(request, await _roster(request, {}, {}))


async def invite(request: web.Request) -> web.StreamResponse:
    """Invite somebody; the link goes by mail, or is shown once when no mail server is set."""
    actor = current_actor(request)
    form = await read_form(request, InviteForm)
    if isinstance(form, FieldErrors):
        errors = {name: gettext(key) for name, key in form.fields.items()}
        values = {k: v for k, v in form.values.items() if isinstance(v, str)}
        return render(request, await _roster(request, errors, values), status=422)
    wanted = commands.Invite(
        form.name,
        form.email,
        _programme(request),
        form.role,
        OrganisationId(form.organisation) if form.organisation else None,
    )
    try:
        async with request.app[UNITS].write() as unit:
            name = await _name(request, unit, actor, wanted.programme)
            token = await commands.invite(unit, actor, wanted)
            await unit.commit()
    except Invalid as error:
        values = {k: str(v) for k, v in form.model_dump(mode="json").items()}
        again = await _roster(request, words.field_words(error.fields), values)
        return render(request, again, status=422)
    link = f"{request.app[EDGE].public_url}/invitations/{token}"
    sent = request.app[MAILER].configured
    if sent:
        send_link(
            request,
            to=form.email,
            subject=gettext("You are invited to %(programme)s") % {"programme": name},
            text=gettext(
                "%(who)s invites you to %(programme)s on Caseround. Open this link within 7 days"
                " to accept. It works once.\n\n%(link)s\n"
            )
            % {"who": actor.name, "programme": name, "link": link},
        )
    shown = "" if sent else link
    page = pages.InvitationMade(form.name, form.email, shown, wanted.programme, sent)
    return done(render(request, page))


async def revoke(request: web.Request) -> web.StreamResponse:
    """Take a role away."""
    actor = current_actor(request)
    programme = _programme(request)
    form = await read_form(request, RevokeForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    async with request.app[UNITS].write() as unit:
        await commands.revoke_role(unit, actor, PersonId(form.person), programme, form.role)
        await unit.commit()
    return see_other(f"/programmes/{programme}/people", "people.role_revoked")


async def _accounts(
    request: web.Request, errors: dict[str, str], values: dict[str, str]
) -> pages.Accounts:
    actor = current_actor(request)
    after = request.query.get("after", "")[:120]
    async with request.app[UNITS].read() as unit:
        found = await queries.cards(unit, after=after, limit=ACCOUNTS_PER_PAGE + 1)
        organisations = await queries.organisations(unit)
    shown = found[:ACCOUNTS_PER_PAGE]
    return pages.Accounts(
        accounts=tuple(
            pages.AccountLine(
                person.id,
                f"{person.name} {person.credentials}".strip(),
                person.email,
                organisation.name if organisation else "",
                organisation.kind if organisation else "",
                person.disabled,
                person.id == actor.person,
            )
            for person, organisation in shown
        ),
        organisations=tuple((o.kind, o.name) for o in organisations),
        errors=errors,
        values={"name": "", "kind": "spoke"} | values,
        next_after=shown[-1][0].name if len(found) > len(shown) else "",
    )


async def accounts_page(request: web.Request) -> web.StreamResponse:
    """Show every account and organisation."""
    return render(request, await _accounts(request, {}, {}))


async def add_organisation(request: web.Request) -> web.StreamResponse:
    """Add a hub or spoke."""
    actor = current_actor(request)
    form = await read_form(request, OrganisationForm)
    if isinstance(form, FieldErrors):
        errors = {name: gettext(key) for name, key in form.fields.items()}
        values = {k: v for k, v in form.values.items() if isinstance(v, str)}
        return render(request, await _accounts(request, errors, values), status=422)
    try:
        async with request.app[UNITS].write() as unit:
            await commands.add_organisation(unit, actor, name=form.name, kind=form.kind)
            await unit.commit()
    except Invalid as error:
        page = await _accounts(
            request, words.field_words(error.fields), {"name": form.name, "kind": form.kind}
        )
        return render(request, page, status=422)
    return see_other("/accounts", "people.organisation_added")


async def close_account(request: web.Request) -> web.StreamResponse:
    """Close or reopen an account."""
    actor = current_actor(request)
    form = await read_form(request, CloseForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    closed = form.closed == "yes"
    async with request.app[UNITS].write() as unit:
        await commands.set_disabled(unit, actor, PersonId(form.person), disabled=closed)
        await unit.commit()
    return see_other("/accounts", "people.account_closed" if closed else "people.account_opened")
