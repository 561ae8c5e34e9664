"""E-consults on the screen: moved at triage, answered by those asked, read by the presenter."""

import re
from html import unescape

import pytest

from cases.rules.models import CaseState
from server.kit.actor import Actor, Role
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.advice import RAISE, Clinic, reloaded
from tests.factories.econsults import a_pressing_case, an_econsult
from tests.factories.people import make_actor
from tests.harness.browser_client import Browser, House


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


async def page(house: House, actor: Actor, path: str) -> str:
    """Return a page as somebody sees it; 200 expected."""
    answer = await (await house.browser(actor.person)).get(path)
    assert answer.status == 200, (path, answer.status)
    return answer.text


def version_of(text: str) -> str:
    found = re.search(r'name="row_version" value="(\d+)"', text)
    assert found
    return found[1]


def revision_of(text: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', text)
    assert found
    return found[1]


async def test_the_director_moves_it_and_says_who_answers_until_when(
    house: House, units: Units, clinic: Clinic
) -> None:
    case = await a_pressing_case(units, clinic)
    review = f"/cases/{case.case_no}/review"
    told = words(await page(house, clinic.coordinator, review))
    assert "No slot within 14 days" in told
    assert "The director may move it to an e-consult" in told
    assert "Move to e-consult" not in told
    director = await house.browser(clinic.director.person)
    shown = (await director.get(review)).text
    assert "Their answer is due 72 hours from now: Friday 7 March, in 3 days 12:00 MST" in words(
        shown
    )
    offered = re.findall(r'name="specialists" value="([0-9a-z]{26})"', shown)
    # The director is a hub specialist, too.
    assert set(offered) == {clinic.specialist.person, clinic.director.person}
    sent = {"row_version": version_of(shown)}
    nobody = await director.post(f"/cases/{case.case_no}/convert", sent)
    assert nobody.status == 422
    assert "Choose one to three specialists of the hub." in nobody.text
    late = await director.post(
        f"/cases/{case.case_no}/convert", {"row_version": "1", "specialists": offered[0]}
    )
    assert late.status == 409
    assert f'name="specialists" value="{offered[0]}" checked' in late.text
    done = await director.post(
        f"/cases/{case.case_no}/convert", sent | {"specialists": clinic.specialist.person}
    )
    assert (done.status, done.headers["Location"]) == (303, review)
    assert (await reloaded(units, case)).state is CaseState.CONVERTED
    after = words(await page(house, clinic.coordinator, review))
    assert "Answer due Friday 7 March, in 3 days 12:00 MST Due Fri 7 Mar" in after
    assert f"Asked to answer {clinic.specialist.name} Tuesday 4 March, 12:00 MST" in after
    desk = words(await page(house, clinic.coordinator, "/triage"))
    assert f"E-consults, waiting for a written answer 1 {case.case_no}" in desk


async def test_a_specialist_answers_and_the_presenter_gets_the_letter(
    house: House, units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await an_econsult(units, clinic)
    sheet, bench = f"/cases/{case.case_no}", f"/cases/{case.case_no}/recommendations"
    home = words(await page(house, clinic.specialist, "/"))
    assert f"Needs you Answer in writing: {case.case_no}" in home
    assert case.main_question not in home
    mine = words(await page(house, clinic.presenter, sheet))
    assert "The hub answers this case in writing: no session had room for it in time." in mine
    assert "Answer due Friday 7 March, in 3 days 12:00 MST" in mine
    specialist = await house.browser(clinic.specialist.person)
    assert f'href="{bench}"' in (await specialist.get(sheet)).text
    shown = (await specialist.get(bench)).text
    assert "Write a recommendation" in shown
    assert "Minutes and seconds on the case clock" not in shown
    assert f'value="{clinic.specialist.person}" selected' in shown
    fields = {
        "new-version": "0",
        "new-text": RAISE,
        "new-speaker": clinic.specialist.person,
        "new-problem_area": "dose",
        "new-strength": "do",
        "new-evidence": "expert",
        "new-role": "pcp",
        "new-time_frame": "7d",
        "new-step": "1",
    }
    options = dict(
        re.findall(r'name="new-(\w+)".*?<option value="([^"]*)" selected', shown, re.DOTALL)
    )
    fields |= {
        f"new-{name}": value
        for name, value in options.items()
        if name in {"problem_area", "strength", "evidence", "role", "time_frame", "step"}
    }
    added = await specialist.post(f"{bench}/add", fields)
    assert added.status == 303, words(added.text)[:2000]
    assert (await reloaded(units, case)).state is CaseState.RECS_DRAFTED
    written = (await specialist.get(bench)).text
    assert RAISE in written
    assert "Sign and issue" not in written
    # Their own words can be changed; the rest of the letter and who else speaks are not theirs.
    assert re.findall(r'action="[^"]*/([0-9a-z]{26})/save"', written)
    assert f'action="{bench}/notes"' not in written
    speakers = re.findall(r'<select[^>]*name="new-speaker".*?</select>', written, re.DOTALL)
    assert re.findall(r'value="([0-9a-z]{26})"', speakers[0]) == [clinic.specialist.person]
    by_desk = (await (await house.browser(clinic.director.person)).get(bench)).text
    assert f'action="{bench}/notes"' in by_desk
    assert "colleagues find it once the library has published it" in words(by_desk)
    # Late: the clock shows at the desk, in the letters to write, and on the specialist's page.
    clock.advance(hours=73)
    for actor, path in (
        (clinic.specialist, "/"),
        (clinic.specialist, sheet),
        (clinic.presenter, sheet),
        (clinic.director, f"{sheet}/review"),
    ):
        assert "Late: was due Fri 7 Mar" in words(await page(house, actor, path)), path
    letters = words(await page(house, clinic.director, "/letters"))
    assert f"{case.case_no} · {clinic.programme.name} · E-consult 3 working days" in letters
    director = await house.browser(clinic.director.person)
    revision = revision_of((await director.get(bench)).text)
    signed = await director.post(f"{bench}/sign", {"revision": revision, "attested": "yes"})
    assert signed.headers["Location"] == f"{sheet}/letter"
    letter = words(await page(house, clinic.presenter, f"{sheet}/letter"))
    assert RAISE in letter
    assert f"Answered in writing by {clinic.specialist.name}" in letter
    assert "Presented " not in letter
    assert "Needs you" not in await page(house, clinic.specialist, "/")
    done = words(await page(house, clinic.presenter, sheet))
    assert "Letter issued" in done
    assert "Answer due" not in done
    assert "After 30 days Asked for on Sun 6 Apr" in done


@pytest.mark.parametrize("role", list(Role))
async def test_who_reads_and_who_writes(
    house: House, units: Units, clinic: Clinic, role: Role
) -> None:
    case = await an_econsult(units, clinic)
    person = await make_actor(units, f"Reader {role}", {clinic.programme.id: (role,)})
    browser: Browser = await house.browser(person.person)
    await browser.get("/profile")
    hub = role in (Role.COORDINATOR, Role.DIRECTOR, Role.FACILITATOR, Role.HUB_SPECIALIST)
    sheet = await browser.get(f"/cases/{case.case_no}")
    assert sheet.status == (200 if hub else 404)
    # A specialist who was not asked reads it and leaves the answer to those who were.
    writes = hub and role is not Role.HUB_SPECIALIST
    bench = await browser.get(f"/cases/{case.case_no}/recommendations")
    assert (bench.status == 200) == writes
    assert bench.status in (200, 403, 404)
    desk = role in (Role.COORDINATOR, Role.DIRECTOR)
    again = {"row_version": str(case.row_version), "specialists": clinic.director.person}
    asked = await browser.post(f"/cases/{case.case_no}/specialists", again)
    assert asked.status == (303 if desk else 403 if asked.status == 403 else 404)
    assert (await browser.post(f"/cases/{case.case_no}/convert", again)).status in (403, 404, 409)


async def test_colleagues_do_not_read_it_once_it_is_answered_either(
    house: House, units: Units, clinic: Clinic
) -> None:
    from tests.factories.cases import put_in_state

    case = await an_econsult(units, clinic)
    colleague = await house.browser(clinic.colleague.person)
    for state in (CaseState.RECS_DRAFTED, CaseState.RECS_ISSUED, CaseState.CLOSED):
        await put_in_state(units, case, state)
        assert (await colleague.get(f"/cases/{case.case_no}")).status == 404
    mine = words(await page(house, clinic.presenter, f"/cases/{case.case_no}"))
    assert "Visible to: you and the hub team" in mine
    assert "registered colleagues" not in mine


@pytest.mark.parametrize("ticked", [None, 7, {"a": 1}, True, [None, 3], "renal"])
async def test_what_no_page_sends_as_ticks_is_refused_on_the_page(
    house: House, units: Units, clinic: Clinic, ticked: object
) -> None:
    case = await an_econsult(units, clinic)
    specialist = await house.browser(clinic.specialist.person)
    await specialist.get("/profile")
    bench = f"/cases/{case.case_no}/recommendations"
    sent = {"new-text": RAISE, "new-version": 0, "new-cautions": ticked}
    answer = await specialist.post_json(f"{bench}/add", sent, headers={"Accept": "text/html"})
    assert answer.status == 422
    assert RAISE in answer.text
