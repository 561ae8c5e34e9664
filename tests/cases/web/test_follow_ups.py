"""Follow-ups on the screen: the presenter answers, the desk sees who was asked, asks, closes."""

import re
from html import unescape

import pytest

from cases.commands import erasing, follow_ups, recommend
from cases.rules.models import Case, CaseState
from server.kit.actor import Actor, Role
from server.people import store as people
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.advice import (
    RAISE,
    Clinic,
    a_presented_case,
    a_signed_case,
    reloaded,
)
from tests.factories.follow_ups import an_answer, send_answer
from tests.factories.people import make_actor
from tests.harness.browser_client import House

LIST = "/triage/follow-ups"


@pytest.fixture
async def case(units: Units, clinic: Clinic) -> Case:
    return await a_signed_case(units, clinic, index=False)


async def look(units: Units) -> None:
    async with units.write() as unit:
        await follow_ups.ask_due(unit)


async def page(house: House, actor: Actor, path: str) -> str:
    """Return a page as somebody sees it; 200 expected."""
    answer = await (await house.browser(actor.person)).get(path)
    assert answer.status == 200, (path, answer.status)
    return answer.text


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def form_of(case: Case) -> str:
    return f"/programmes/{case.programme}/cases/new?follow={case.case_no}"


async def test_the_presenter_sees_what_is_due_and_answers_with_one_click(
    house: House, units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    sheet = f"/cases/{case.case_no}"
    early = await page(house, clinic.presenter, sheet)
    assert "After 30 days Asked for on Thu 3 Apr After 90 days Asked for on Mon 2 Jun" in words(
        early
    )
    assert "How did it go?" not in early
    assert "follow-up on Thu 3 Apr" in words(await page(house, clinic.presenter, "/cases"))
    assert "Needs you" not in await page(house, clinic.presenter, "/")
    letter = await page(house, clinic.presenter, f"{sheet}/letter")
    assert f'href="{form_of(case)}"' in unescape(letter)
    clock.advance(days=30)
    await look(units)
    for path in ("/", "/cases", sheet):
        shown = await page(house, clinic.presenter, path)
        assert f'href="{form_of(case)}"' in unescape(shown), path
    due = words(await page(house, clinic.presenter, sheet))
    assert "After 30 days Due since Thu 3 Apr" in due
    assert "Asked Thursday 3 April, 13:00 MDT by the platform" in due
    home = words(await page(house, clinic.presenter, "/"))
    assert f"Needs you How did it go? {case.case_no}" in home
    assert case.main_question not in home
    # The click opens the form with every recommendation in it; sent, nothing is due any more.
    presenter = await house.browser(clinic.presenter.person)
    form = await presenter.get(form_of(case))
    async with units.read() as unit:
        typed = await an_answer(unit, case)
    asked = [value for key, value in typed.items() if key.endswith(".recommendation")]
    assert len(asked) == 2
    assert all(f'value="{value}"' in form.text for value in asked)
    sent = await presenter.post(
        f"/programmes/{case.programme}/cases",
        typed | {"action": "submit", "case_type": "followup", "prior": case.key},
    )
    assert sent.status == 303, words(sent.text)[:2000]
    assert (await reloaded(units, case)).state is CaseState.FOLLOWED_UP
    after = words(await page(house, clinic.presenter, sheet))
    assert "After 30 days Answered Thu 3 Apr After 90 days Asked for on Mon 2 Jun" in after
    assert "Needs you" not in await page(house, clinic.presenter, "/")


async def test_an_answer_that_is_begun_is_gone_on_with(
    house: House, units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=31)
    presenter = await house.browser(clinic.presenter.person)
    kept = await presenter.post(
        f"/programmes/{case.programme}/cases",
        {"action": "draft", "case_type": "followup", "prior": case.key, "allergies": "none"},
    )
    assert kept.status == 303
    draft = kept.headers["Location"]
    sheet = f"/cases/{case.case_no}"
    for path in ("/", "/cases", f"{sheet}/letter", sheet):
        shown = await page(house, clinic.presenter, path)
        assert f'href="{draft}"' in shown, path
        assert form_of(case) not in unescape(shown), path
    assert "Go on with your answer" in shown


async def test_a_follow_up_that_is_begun_early_is_gone_on_with(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    sheet = f"/cases/{case.case_no}"
    shown = unescape(await page(house, clinic.presenter, sheet))
    assert f'href="{form_of(case)}"' in shown
    assert "Present a follow-up" in shown
    presenter = await house.browser(clinic.presenter.person)
    kept = await presenter.post(
        f"/programmes/{case.programme}/cases",
        {"action": "draft", "case_type": "followup", "prior": case.key, "allergies": "none"},
    )
    shown = unescape(await page(house, clinic.presenter, sheet))
    assert f'href="{kept.headers["Location"]}"' in shown
    assert "Go on with your follow-up" in shown
    assert form_of(case) not in shown


async def test_before_the_letter_the_presenter_is_offered_and_told_nothing(
    house: House, units: Units, clinic: Clinic
) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    drafted = await reloaded(units, case)
    assert drafted.state is CaseState.RECS_DRAFTED
    presenter = await house.browser(clinic.presenter.person)
    sheet = await presenter.get(f"/cases/{case.case_no}")
    assert sheet.status == 200
    assert "follow-up" not in sheet.text.lower()
    form = await presenter.get(form_of(case))
    assert form.status == 404
    assert RAISE not in form.text
    sent = await presenter.post(
        f"/programmes/{case.programme}/cases",
        {"action": "draft", "case_type": "followup", "prior": case.key, "allergies": "none"},
    )
    assert sent.status == 404


async def test_the_desk_is_told_why_nobody_is_asked(
    house: House, units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=45)
    await look(units)  # the server stood still: the third is the only one
    clock.advance(days=1)
    assert "The last of its 3 reminders is sent." in words(
        await page(house, clinic.coordinator, LIST)
    )
    async with units.write() as unit:
        await people.change(unit, clinic.presenter.person, disabled_at=unit.now)
        await unit.commit()
    clock.advance(days=45)
    await look(units)
    shown = await page(house, clinic.coordinator, LIST)
    assert "The presenter can no longer answer: nobody is asked." in words(shown)
    assert "follow-up/ask" not in shown
    desk = await house.browser(clinic.coordinator.person)
    asked = await desk.post(f"/cases/{case.case_no}/follow-up/ask", {"round": "2", "number": "1"})
    assert asked.status == 409
    assert "The presenter can no longer answer" in asked.text
    clock.advance(days=21)
    assert "Close: no answer, asked fewer than three times" in words(
        await page(house, clinic.coordinator, LIST)
    )


async def test_the_desk_sees_who_was_asked_when_and_asks_again_once(
    house: House, units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    empty = words(await page(house, clinic.coordinator, LIST))
    assert "No follow-up is due" in empty
    clock.advance(days=30)
    await look(units)
    clock.advance(days=2)
    shown = await page(house, clinic.coordinator, LIST)
    said = words(shown)
    assert f"Waiting for an answer 1 {case.case_no}" in said
    assert "Presenter of BH" in said
    assert "Asked Thursday 3 April, 13:00 MDT by the platform" in said
    assert case.main_question not in said
    assert "1 waits for its answer" in words(await page(house, clinic.coordinator, "/"))
    desk = await house.browser(clinic.coordinator.person)
    ask = f"/cases/{case.case_no}/follow-up/ask"
    assert f'action="{ask}"' in shown
    fields = dict(re.findall(r'name="(round|number)" value="(\d)"', shown))
    assert fields == {"round": "1", "number": "2"}
    assert (await desk.post(ask, fields)).headers["Location"] == LIST
    again = await desk.post(ask, fields)
    assert again.status == 409
    assert "The presenter has just been asked" in again.text
    now = await page(house, clinic.coordinator, LIST)
    assert f'action="{ask}"' not in now
    assert "Asked within the last day." in words(now)
    assert f"Asked Saturday 5 April, 13:00 MDT by {clinic.coordinator.name}" in words(now)


async def test_what_is_over_is_closed_with_its_reason(
    house: House, units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    other = await a_signed_case(units, clinic, index=False)
    clock.advance(days=7)
    unasked = await a_signed_case(units, clinic, index=False)
    clock.advance(days=83)
    await look(units)
    clock.advance(days=7)
    await send_answer(units, clinic.presenter, other)
    await look(units)
    clock.advance(days=7)
    await look(units)
    clock.advance(days=14)
    shown = await page(house, clinic.coordinator, LIST)
    assert "Nothing more to come 3" in words(shown)
    lines = [words(line) for line in shown.split('<li class="row-item">')[1:]]
    for one, why in (
        (case, "Close: no answer after three reminders"),
        (other, "Close: both rounds answered"),
        (unasked, "Close: no answer, asked fewer than three times"),
    ):
        [line] = [line for line in lines if line.startswith(one.case_no)]
        assert why in line
    assert "3 to close" in words(await page(house, clinic.coordinator, "/"))
    desk = await house.browser(clinic.coordinator.person)
    close = f"/cases/{case.case_no}/follow-up/close"
    assert (await desk.post(close, {"row_version": "1"})).status == 409
    version = {"row_version": str((await reloaded(units, case)).row_version)}
    assert (await desk.post(close, version)).headers["Location"] == LIST
    assert (await reloaded(units, case)).state is CaseState.CLOSED
    assert case.case_no not in await page(house, clinic.coordinator, LIST)
    sheet = words(await page(house, clinic.coordinator, f"/cases/{case.case_no}"))
    assert "After 30 days No answer since Thu 3 Apr" in sheet
    early = {"row_version": "1", "extra": "1"}
    assert (await desk.post(close, early)).status in (400, 422)


async def test_a_letter_that_was_erased_is_listed_to_close(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    async with units.write() as unit:
        await erasing.purge(
            unit, clinic.coordinator, case.key, row_version=case.row_version, reason="name"
        )
    shown = words(await page(house, clinic.coordinator, LIST))
    assert f"Nothing more to come 1 {case.case_no}" in shown
    gone = "The letter was erased: nobody is asked about it."
    assert f"{gone} Close: the letter was erased" in shown
    for reader in (clinic.presenter, clinic.coordinator):
        assert gone in words(await page(house, reader, f"/cases/{case.case_no}"))
    desk = await house.browser(clinic.coordinator.person)
    version = {"row_version": str((await reloaded(units, case)).row_version)}
    done = await desk.post(f"/cases/{case.case_no}/follow-up/close", version)
    assert done.headers["Location"] == LIST
    assert (await reloaded(units, case)).state is CaseState.CLOSED


@pytest.mark.parametrize("role", list(Role))
async def test_who_sees_and_acts(  # noqa: PLR0917 -- the fixtures, and the role
    house: House, units: Units, clinic: Clinic, clock: FakeClock, case: Case, role: Role
) -> None:
    clock.advance(days=31)
    await look(units)
    clock.advance(days=1)
    person = await make_actor(units, f"Reader {role}", {clinic.programme.id: (role,)})
    browser = await house.browser(person.person)
    await browser.get("/profile")
    listed = await browser.get(LIST)
    desk = role in (Role.COORDINATOR, Role.DIRECTOR)
    assert listed.status == (200 if desk else 403)
    coordinates = role is Role.COORDINATOR
    assert ("follow-up/ask" in listed.text) == coordinates
    home = await browser.get("/")
    assert ("/triage/follow-ups" in home.text) == desk
    asked = await browser.post(
        f"/cases/{case.case_no}/follow-up/ask", {"round": "1", "number": "2"}
    )
    assert asked.status == (303 if coordinates else 403)
    sheet = await browser.get(f"/cases/{case.case_no}")
    # Colleagues read the case; what became of it is its presenter's and the hub's.
    hub = role in (Role.COORDINATOR, Role.DIRECTOR, Role.FACILITATOR, Role.HUB_SPECIALIST)
    assert ("After 30 days" in sheet.text) == hub
    assert "Answer the follow-up" not in sheet.text


async def test_the_list_asks_the_database_the_same_however_long_it_is(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    from sqlalchemy import event

    from cases.queries import follow_ups as queries

    async def counted() -> tuple[int, int]:
        asked: list[str] = []
        async with units.read() as unit:
            engine = (await unit.db.connection()).sync_connection
            assert engine is not None

            def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
                asked.append(statement)

            event.listen(engine, "before_cursor_execute", note)
            found = await queries.at_desk(unit, clinic.coordinator)
            event.remove(engine, "before_cursor_execute", note)
        return len(found), len(asked)

    clock.advance(days=7)
    for _ in range(2):
        await a_signed_case(units, clinic, index=False)
    clock.advance(days=24)
    await look(units)
    one = await counted()
    clock.advance(days=7)
    await look(units)
    three = await counted()
    assert (one[0], three[0]) == (1, 3)
    assert one[1] == three[1] <= 8


async def test_who_may_write_no_cases_any_more_is_offered_no_answer(
    house: House, units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=31)
    await look(units)
    async with units.write() as unit:
        await people.revoke(
            unit, clinic.presenter.person, clinic.programme.id, Role.SPOKE_CLINICIAN
        )
        await unit.commit()
    sheet = f"/cases/{case.case_no}"
    for path in (f"{sheet}/letter", "/", "/cases", sheet):
        shown = await page(house, clinic.presenter, path)
        assert form_of(case) not in unescape(shown), path
        assert "Answer the follow-up" not in shown, path
        assert "Needs you" not in shown, path
    assert "Due since Thu 3 Apr" in words(shown)  # it is still said how it stands
