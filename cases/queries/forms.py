"""Which case form applies: a programme's newest for writing, a case's own for reading."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cases.rules import access
from cases.rules.fields import Form
from cases.rules.form import assemble, setup_number
from cases.rules.form_setup import FormSetup
from cases.store import forms as store
from cases.store.forms import Change
from server.kit.actor import Actor
from server.kit.errors import NotFound
from server.kit.ids import PersonId, ProgrammeId
from server.people import api as people
from server.people.api import PersonCard
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import Programme


async def current_form(unit: Unit, programme: ProgrammeId) -> Form:
    """Return the form in which new text of a programme is written."""
    number, setup = await store.load_setup(unit, programme)
    return assemble(setup, number)


async def form_of(unit: Unit, programme: ProgrammeId, version: str) -> Form:
    """Return the form a text was written in, by the version kept with it."""
    number = setup_number(version)
    return assemble(await store.load_setup_number(unit, programme, number), number)


async def open_form(unit: Unit, programme: ProgrammeId, version: str) -> Form:
    """Return the form that a page still shows: its own version, else the programme's newest.

    Somebody who is writing while the programme changes its form sends what they were asked. Whom
    and what the programme takes is what it takes now, whatever version was sent.
    """
    newest = await current_form(unit, programme)
    if version in ("", newest.version):
        return newest
    try:
        shown = await form_of(unit, programme, version)
    except NotFound:
        return newest
    return replace(shown, minors=newest.minors, attachments=newest.attachments)


@dataclass(frozen=True, slots=True)
class SetupView:
    """A programme's form for those who change it."""

    programme: Programme
    number: int
    setup: FormSetup
    changes: tuple[Change, ...]
    people: Mapping[PersonId, PersonCard]


async def setup_view(unit: Unit, actor: Actor, programme_id: ProgrammeId) -> SetupView:
    """Return a programme's form for its page; NotFound or Forbidden as `access` says."""
    programme = await sessions.get_programme(unit, programme_id)
    access.ensure_may_set_up(actor, programme.id)
    number, setup = await store.load_setup(unit, programme.id)
    changes = await store.load_changes(unit, programme.id, most=10)
    cards = await people.cards(unit, {change.by for change in changes})
    return SetupView(programme, number, setup, changes, cards)
