"""A programme sets up its case form; old cases keep the form they were asked."""

import re
from typing import Any

import pytest

from cases.queries.forms import current_form, form_of
from cases.rules.fields import Module
from cases.store import cases as store
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.cases.web.test_pages import fields
from tests.factories.cases import a_form
from tests.factories.records import audit_actions
from tests.factories.sessions import a_programme, somebody
from tests.harness.browser_client import Browser, House


@pytest.fixture
async def setting_up(house: House, coordinator: Actor) -> Browser:
    return await house.browser(coordinator.person)


def typed(page: str, **changes: Any) -> list[tuple[str, str]]:
    """Return what a browser sends from the page as it stands, `changes` put in."""
    asked = re.findall(r'name="asked" value="(\w+)" checked', page)
    modules = re.findall(r'name="modules" value="(\w+)" checked', page)
    after = re.search(r'name="after" value="(\d+)"', page)
    assert after
    sent: dict[str, Any] = {
        "after": after.group(1),
        "asked": asked,
        "modules": modules,
        "pc_ptsd5_cut_off": "4",
        "monitoring": "A",
        **changes,
    }
    return [
        (key, part)
        for key, value in sent.items()
        for part in (value if isinstance(value, list) else [value])
    ]


def question(label: str, kind: str = "line", options: str = "", key: str = "") -> dict[str, str]:
    return {
        "own_key": key,
        "own_label": label,
        "own_help": "",
        "own_kind": kind,
        "own_options": options,
    }


async def test_a_programme_changes_what_it_asks(
    setting_up: Browser, house: House, author: Actor, units: Units, programme: Programme
) -> None:
    address = f"/programmes/{programme.id}/case-form"
    page = await setting_up.get(address)
    assert "A usual new case needs 35 answers, 3 of them typed texts" in page.text
    asked = re.findall(r'name="asked" value="(\w+)" checked', page.text)
    assert "coverage" in asked
    saved = await setting_up.post(
        address,
        typed(
            page.text,
            modules=["bh", "sud"],
            asked=[key for key in asked if key != "coverage"],
            minors="yes",
            **question("Is a community health worker involved?", "choice", "Yes\nNo\nAsked for"),
            own_required="0",
        ),
    )
    assert (saved.status, saved.headers["Location"].partition("?")[0]) == (303, address)
    assert "case_form.changed" in await audit_actions(units)
    async with units.read() as unit:
        form = await current_form(unit, programme.id)
    keys = {asked.key for asked in form.fields()}
    assert (form.version, form.modules, form.minors) == (
        "2.1",
        frozenset({Module.BH, Module.SUD}),
        True,
    )
    assert {"own_1", "substances"} <= keys and "coverage" not in keys
    writing = await house.browser(author.person)
    empty = await writing.get(f"/programmes/{programme.id}/cases/new")
    assert "Is a community health worker involved?" in empty.text
    assert 'name="coverage"' not in empty.text
    preview = await setting_up.get(f"{address}/preview")
    assert "Is a community health worker involved?" in preview.text


async def test_an_old_case_shows_its_own_form(
    setting_up: Browser, house: House, author: Actor, units: Units, programme: Programme
) -> None:
    address = f"/programmes/{programme.id}/case-form"
    page = await setting_up.get(address)
    await setting_up.post(
        address,
        typed(page.text, **question("Is a health worker involved?", "choice", "Yes\nNo")),
    )
    writing = await house.browser(author.person)
    sent = await writing.post(
        f"/programmes/{programme.id}/cases",
        fields(a_form(own_1="2", coverage="medicaid"), action="submit"),
    )
    case = sent.headers["Location"]
    # The question goes, and what else it asked; the case was asked both.
    page = await setting_up.get(address)
    asked = re.findall(r'name="asked" value="(\w+)" checked', page.text)
    changed = await setting_up.post(
        address, typed(page.text, asked=[key for key in asked if key != "coverage"])
    )
    assert changed.status == 303
    sheet = await writing.get(case)
    assert "Is a health worker involved?" in sheet.text
    assert re.search(r"Is a health worker involved\?</dt><dd>\s*No", sheet.text)
    assert "Medicaid" in sheet.text
    async with units.read() as unit:
        version = await store.load_version(unit, (await store.load(unit, case[7:])).id, 1)
        assert version.form_version == "2.1"
        new, old = (
            {asked.key for asked in form.fields()}
            for form in (
                await current_form(unit, programme.id),
                await form_of(unit, programme.id, "2.1"),
            )
        )
    assert old - new == {"own_1", "coverage"}


async def test_who_writes_while_the_form_changes_sends_what_they_were_asked(
    setting_up: Browser, house: House, author: Actor, units: Units, programme: Programme
) -> None:
    writing = await house.browser(author.person)
    opened = await writing.get(f"/programmes/{programme.id}/cases/new")
    shown = re.search(r'name="form" value="([^"]+)"', opened.text)
    assert shown
    page = await setting_up.get(f"/programmes/{programme.id}/case-form")
    changed = typed(page.text, asked=[], modules=["hcv"])
    await setting_up.post(f"/programmes/{programme.id}/case-form", changed)
    sent = await writing.post(
        f"/programmes/{programme.id}/cases",
        fields(a_form(coverage="medicaid"), action="submit", form=shown.group(1)),
    )
    assert (sent.status, sent.headers["Location"]) == (303, "/cases/BH-2031-001")
    assert "Medicaid" in (await writing.get("/cases/BH-2031-001")).text


async def test_an_old_page_does_not_bring_back_what_the_programme_took(
    setting_up: Browser, house: House, author: Actor, programme: Programme
) -> None:
    address = f"/programmes/{programme.id}/case-form"
    page = await setting_up.get(address)
    await setting_up.post(address, typed(page.text, minors="yes"))
    writing = await house.browser(author.person)
    opened = await writing.get(f"/programmes/{programme.id}/cases/new")
    assert 'name="form" value="2.1"' in opened.text
    page = await setting_up.get(address)
    await setting_up.post(address, typed(page.text))
    sent = await writing.post(
        f"/programmes/{programme.id}/cases", fields(a_form(age="15"), action="submit", form="2.1")
    )
    assert sent.status == 422
    assert "This programme does not take cases of people under 18." in sent.text


@pytest.mark.parametrize(
    ("own", "says"),
    [
        (question("Hm"), "Write the question"),
        (question("Which one?", "choice", "Only one"), "at least two answers"),
        (question("Which one?", "choice", "x" * 90 + "\nb"), "At most 20 answers"),
        (question("What is the date of birth?"), "This asks for what identifies a person"),
        (question("Which one?", "grid"), "Choose one of the list"),
    ],
)
async def test_an_own_question_that_cannot_be_used_says_why(
    setting_up: Browser, units: Units, programme: Programme, own: dict[str, str], says: str
) -> None:
    address = f"/programmes/{programme.id}/case-form"
    page = await setting_up.get(address)
    answer = await setting_up.post(address, typed(page.text, **own))
    assert answer.status == 422
    assert says in answer.text
    assert f'value="{own["own_label"]}"' in answer.text
    async with units.read() as unit:
        assert (await current_form(unit, programme.id)).version == "2.0"


async def test_two_who_change_the_form_at_once(setting_up: Browser, programme: Programme) -> None:
    address = f"/programmes/{programme.id}/case-form"
    page = await setting_up.get(address)
    first = await setting_up.post(address, typed(page.text, minors="yes"))
    second = await setting_up.post(address, typed(page.text, attachments="yes"))
    assert (first.status, second.status) == (303, 409)


async def test_saving_without_a_change_makes_no_new_form(
    setting_up: Browser, units: Units, programme: Programme
) -> None:
    address = f"/programmes/{programme.id}/case-form"
    page = await setting_up.get(address)
    await setting_up.post(address, typed(page.text))
    async with units.read() as unit:
        assert (await current_form(unit, programme.id)).version == "2.0"


async def test_only_who_manages_the_programme_sets_up_its_form(
    house: House, author: Actor, programme: Programme, units: Units, hub: OrganisationId
) -> None:
    address = f"/programmes/{programme.id}/case-form"
    spoke = await house.browser(author.person)
    assert (await spoke.get(address)).status == 403
    other = await a_programme(units, hub, code="SU")
    stranger = await house.browser((await somebody(units, other, Role.COORDINATOR)).person)
    assert (await stranger.get(address)).status == 404
    assert (await stranger.post(address, [("after", "0")])).status == 404


async def test_a_second_case_knows_what_the_first_said_about_the_author(
    house: House, author: Actor, programme: Programme
) -> None:
    writing = await house.browser(author.person)
    await writing.post(f"/programmes/{programme.id}/cases", fields(a_form(), action="submit"))
    form = await writing.get(f"/programmes/{programme.id}/cases/new")
    assert 'value="rural_clinic" selected' in form.text
    assert re.search(r'name="area" value="rural" checked', form.text)
    assert "I want to enjoy my baby" not in form.text
