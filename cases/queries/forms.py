"""Which case form applies: a programme's newest for writing, a case's own for reading."""

from cases.rules.fields import Form
from cases.rules.form import assemble, setup_number
from cases.rules.form_setup import FormSetup
from cases.store import forms as store
from server.kit.errors import NotFound
from server.kit.ids import ProgrammeId
from server.store.unit import Unit


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

    Somebody who is writing while the programme changes its form sends what they were asked.
    """
    if version:
        try:
            return await form_of(unit, programme, version)
        except NotFound:
            pass
    return await current_form(unit, programme)


async def setup_of(unit: Unit, programme: ProgrammeId) -> tuple[int, FormSetup]:
    """Return the programme's setup with its number, for the page that changes it."""
    return await store.load_setup(unit, programme)
