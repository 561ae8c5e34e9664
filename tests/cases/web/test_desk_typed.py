"""Nothing typed at the desk is lost, and a case can be called back, erased and copied by its pages."""

import re
from html import unescape

import pytest

from cases.rules.models import Case, CaseState
from cases.store import cases as store
from cases.store import desk as notes
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.factories.advice import a_clinic, a_signed_case
from tests.factories.cases import a_case, a_scheduled_case, an_accepted_case
from tests.factories.sessions import a_series, somebody
from tests.harness.browser_client import Answer, Browser, House

ASKED = "Say how long ago that was."
WHOLE = "Which dose did you reach in the end?"


@pytest.fixture
async def desk(house: House, coordinator: Actor) -> Browser:
    return await house.browser(coordinator.person)


def row_version(page: str) -> str:
    found = re.search(r'name="row_version" value="(\d+)"', page)
    assert found
    return found.group(1)


def kept(page: str) -> list[str]:
    """Return what stands in the boxes of a page."""
    return [
        unescape(text)
        for text in re.findall(r"<textarea[^>]*>\n?([^<]*)</textarea>", page)
        if text.strip()
    ]


async def now(units: Units, case: Case) -> Case:
    async with units.read() as unit:
        return await store.load(unit, case.id)


def typed(page: Answer, **more: str) -> list[tuple[str, str]]:
    return [
        ("row_version", row_version(page.text)),
        ("comment.presenting_problem", ASKED),
        ("words", WHOLE),
        *more.items(),
    ]


async def test_passing_with_comments_in_the_boxes_asks_first(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = await desk.get(f"{path}/review")
    sent = [*typed(page, then="accept"), ("second", "rare_disease")]
    asked = await desk.post(f"{path}/pass", sent)
    assert asked.status == 409
    assert "You wrote to the author, and that would not be sent" in asked.text
    assert kept(asked.text) == [ASKED, WHOLE]
    assert 'value="rare_disease" checked' in asked.text
    assert (await now(units, case)).state is CaseState.PHI_CHECK
    # Both answers are one press away: the buttons carry the page's one form.
    assert re.search(r'form="desk" formaction="[^"]+/reject"[^>]*id="send-it"', asked.text)
    without = re.search(
        r'name="without" value="(\w+)" form="desk" formaction="([^"]+)"', asked.text
    )
    assert without and without.groups() == ("accept", f"{path}/pass")
    back = await desk.post(f"{path}/reject", sent)
    assert back.status == 303
    async with units.read() as unit:
        comments = await notes.load_comments(unit, case.id, 1)
        case = await store.load(unit, case.id)
    assert ([c.text for c in comments], case.message) == ([ASKED], WHOLE)


async def test_passing_without_them_is_done_when_said(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = await desk.get(f"{path}/review")
    done = await desk.post(f"{path}/pass", typed(page, without="accept"))
    assert done.status == 303
    after = await now(units, case)
    assert (after.state, after.message) == (CaseState.ACCEPTED, "")
    # Blank boxes are no comments.
    other = await a_case(units, author, programme)
    page = await desk.get(f"/cases/{other.key}/review")
    blank = [("row_version", row_version(page.text)), ("words", "  \n"), ("refusal", " ")]
    assert (await desk.post(f"/cases/{other.key}/pass", blank)).status == 303


async def test_a_refusal_with_comments_asks_first_too(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = await desk.get(f"{path}/review")
    sent = typed(page, refusal="Another clinic is right for this.", purge="yes")
    asked = await desk.post(f"{path}/decline", sent)
    assert asked.status == 409 and "Refuse without it" in asked.text
    assert kept(asked.text) == [ASKED, WHOLE, "Another clinic is right for this."]
    assert re.search(r'name="purge" value="yes" checked', asked.text)
    done = await desk.post(f"{path}/decline", [*sent, ("without", "yes")])
    assert done.status == 303
    assert (await now(units, case)).state is CaseState.DECLINED


async def test_somebody_faster_costs_nothing_that_was_typed(
    units: Units, desk: Browser, house: House, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = await desk.get(f"{path}/review")
    colleague = await house.browser((await somebody(units, programme, Role.COORDINATOR)).person)
    other = await colleague.get(f"{path}/review")
    assert (
        await colleague.post(f"{path}/pass", [("row_version", row_version(other.text))])
    ).status == 303
    # Checked meanwhile: the same boxes are there, with what was typed and the version of now.
    late = await desk.post(f"{path}/reject", typed(page))
    assert late.status == 409 and "Somebody else was faster" in late.text
    assert kept(late.text) == [ASKED, WHOLE]
    assert (await desk.post(f"{path}/return", typed(late))).status == 303
    # Sent back meanwhile: what has no box any more stands there to be copied.
    third = await a_case(units, author, programme)
    path = f"/cases/{third.key}"
    page = await desk.get(f"{path}/review")
    other = await colleague.get(f"{path}/review")
    refused = [("row_version", row_version(other.text)), ("refusal", "It fits another clinic.")]
    assert (await colleague.post(f"{path}/decline", refused)).status == 303
    late = await desk.post(f"{path}/reject", typed(page))
    assert late.status == 409
    assert "there is no box for it any more" in late.text
    assert sorted(kept(late.text)) == sorted([ASKED, WHOLE])


async def test_enter_in_a_choice_decides_nothing(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    page = await desk.get(f"/cases/{case.key}/review")
    # What Enter presses is the form's first submit button, wherever the others stand.
    form = page.text[page.text.index('<form id="desk"') :].partition("</form>")[0]
    assert f'action="/cases/{case.key}/review"' in form and "data-decides-nothing" in form
    stayed = await desk.post(f"/cases/{case.key}/review", typed(page, purge="yes"))
    assert stayed.status == 200 and kept(stayed.text) == [ASKED, WHOLE]
    assert (await now(units, case)) == case


async def test_too_much_and_too_little_is_said_at_its_box(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = await desk.get(f"{path}/review")
    long = [("row_version", row_version(page.text)), ("words", "Please say more. " * 70)]
    answer = await desk.post(f"{path}/reject", long)
    assert answer.status == 422 and "at most 1,000 characters" in answer.text
    assert 'id="f-words-error"' in answer.text
    none = await desk.post(f"{path}/reject", [("row_version", row_version(page.text))])
    assert none.status == 422 and "Write at least a few words for the author." in none.text


async def test_a_case_is_called_back_from_its_session(
    units: Units, desk: Browser, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    await a_series(units, coordinator, programme)
    case = await a_scheduled_case(units, author, coordinator, programme)
    path = f"/cases/{case.key}"
    page = await desk.get(f"{path}/review")
    assert "An identifier was found…" in page.text and f"{path}/purge" not in page.text
    sent = [("row_version", row_version(page.text)), ("words", "It names the village.")]
    unmarked = await desk.post(f"{path}/recall", sent)
    assert unmarked.status == 422 and "Mark the texts that hold the identifier." in unmarked.text
    assert kept(unmarked.text) == ["It names the village."]
    done = await desk.post(f"{path}/recall", [*sent, ("erase", "presenting_problem")])
    assert done.status == 303
    queue = (await desk.get("/triage")).text
    assert re.search(rf"Sent back, with the author.*{case.case_no}", queue, re.DOTALL)
    assert "The text was erased" in (await desk.get(f"{path}/review")).text


async def test_a_lost_slot_is_shown_to_both(
    units: Units, house: House, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    desk = await house.browser(coordinator.person)
    await a_series(units, coordinator, programme)
    case = await a_scheduled_case(units, author, coordinator, programme)
    path = f"/cases/{case.key}"
    writing = await house.browser(author.person)
    assert "Lost its slot" not in (await writing.get("/cases")).text
    page = await desk.get(f"{path}/review")
    freed = await desk.post(f"{path}/unschedule", [("row_version", row_version(page.text))])
    assert freed.status == 303
    how = "The coordinator took it off the agenda of its session."
    assert how in (await desk.get(f"{path}/review")).text
    assert "Lost its slot" in (await desk.get("/triage")).text
    assert "Lost its slot" in (await writing.get("/cases")).text
    assert how in (await writing.get(path)).text
    page = await desk.get(f"{path}/review")
    slot = re.search(r'name="slot" value="([^"]+)" checked', page.text)
    assert slot
    again = [("row_version", row_version(page.text)), ("slot", slot.group(1))]
    assert (await desk.post(f"{path}/slot", again)).status == 303
    assert "Lost its slot" not in (await writing.get("/cases")).text


async def test_a_presented_case_is_erased_by_the_page_and_its_letter_says_so(
    units: Units, house: House, hub: OrganisationId, spoke: OrganisationId
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    case = await a_signed_case(units, clinic)
    path = f"/cases/{case.key}"
    desk = await house.browser(clinic.director.person)
    page = await desk.get(f"{path}/review")
    assert "Keep the recommendations and the letter" in page.text
    unsaid = [("row_version", row_version(page.text)), ("keep", "yes")]
    answer = await desk.post(f"{path}/purge", unsaid)
    assert answer.status == 422 and "Say what was found." in answer.text
    assert re.search(r'name="keep" value="yes" checked', answer.text)
    done = await desk.post(
        f"{path}/purge", [("row_version", row_version(page.text)), ("reason", "place")]
    )
    assert done.status == 303
    await house.drain()
    for reader in (clinic.presenter, clinic.director):
        browser = await house.browser(reader.person)
        letter = (await browser.get(f"{path}/letter")).text
        assert "The text of this letter was erased" in letter
        assert "Integrity failed" not in letter and "sertraline" not in letter
        sheet = (await browser.get(path)).text
        assert "The text was erased" in sheet and "breastfeeding" not in sheet
        assert "breastfeeding" not in (await browser.get("/letters")).text
    brief = (await desk.get(f"{path}/brief")).text
    assert "The text of this case was erased" in brief and "breastfeeding" not in brief
    assert f"{path}/purge" not in (await desk.get(f"{path}/review")).text


async def test_the_author_copies_a_declined_case(
    units: Units, house: House, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    page = await desk.get(f"/cases/{case.key}/review")
    reason = [("row_version", row_version(page.text)), ("refusal", "It fits another clinic.")]
    assert (await desk.post(f"/cases/{case.key}/decline", reason)).status == 303
    writing = await house.browser(author.person)
    assert "Copy to a new draft" in (await writing.get(f"/cases/{case.key}")).text
    made = await writing.post(f"/cases/{case.key}/copy", {})
    assert made.status == 303
    form = await writing.get(made.headers["Location"])
    assert form.status == 200 and "Low mood since the birth" in form.text


async def test_what_is_soon_has_a_day_until_which_it_needs_a_slot(
    units: Units, desk: Browser, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    case = await an_accepted_case(units, author, coordinator, programme, urgency="soon")
    assert "Due Tue 18 Mar" in (await desk.get("/triage")).text
    page = (await desk.get(f"/cases/{case.key}/review")).text
    assert "No slot within 14 days" in page
