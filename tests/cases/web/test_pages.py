"""The pages of story 2 and 3 through the whole application: form, check, review, slot."""

import re

import pytest

from cases.rules.models import Case, CaseState
from cases.store import cases as store
from server.kit.actor import Actor, Role
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.factories.cases import a_case, a_form, a_scheduled_case, an_accepted_case
from tests.factories.records import audit_actions
from tests.factories.sessions import a_series, somebody
from tests.harness.browser_client import Browser, House

NARRATIVE = (
    "Ms. Evangeline Hartwright-Moss first came on 03/14/2030 with low mood that has not lifted. "
    "Her sister can be reached at 505-555-0143 in the evening."
)


def fields(typed: dict[str, object], **extra: str) -> list[tuple[str, str]]:
    """Return a form as a browser sends it: repeated keys for sets of boxes."""
    sent: list[tuple[str, str]] = []
    for key, value in typed.items():
        values = value if isinstance(value, list) else [value]
        sent += [(key, str(part)) for part in values]
    return [*sent, ("case_type", "new"), *extra.items()]


def row_version(page: str) -> str:
    found = re.search(r'name="row_version" value="(\d+)"', page)
    assert found
    return found.group(1)


@pytest.fixture
async def writing(house: House, author: Actor) -> Browser:
    return await house.browser(author.person)


async def test_from_form_to_slot(
    house: House, units: Units, writing: Browser, coordinator: Actor, programme: Programme
) -> None:
    await a_series(units, coordinator, programme)
    form = await writing.get(f"/programmes/{programme.id}/cases/new")
    assert form.status == 200
    assert 'value="physician" selected' in form.text  # from the profile
    assert 'name="interval_update"' not in form.text  # a question of follow-ups
    sent = await writing.post(
        f"/programmes/{programme.id}/cases", fields(a_form(), action="submit")
    )
    assert (sent.status, sent.headers["Location"]) == (303, "/cases/BH-2031-001")
    sheet = await writing.get("/cases/BH-2031-001")
    assert sheet.status == 200
    assert "What is the next step for depression while breastfeeding?" in sheet.text
    assert "Visible to: you, the coordinator and the programme director" in sheet.text
    assert "moderately severe" in sheet.text

    desk = await house.browser(coordinator.person)
    queue = await desk.get("/triage")
    assert "/cases/BH-2031-001/review" in queue.text
    page = await desk.get("/cases/BH-2031-001/review")
    assert page.status == 200
    passed = await desk.post(
        "/cases/BH-2031-001/pass",
        [("row_version", row_version(page.text)), ("then", "accept")],
    )
    assert (passed.status, passed.headers["Location"]) == (303, "/cases/BH-2031-001/review")
    page = await desk.get("/cases/BH-2031-001/review")
    slot = re.search(r'name="slot" value="([0-9a-z.]+)"', page.text)
    assert slot
    given = await desk.post(
        "/cases/BH-2031-001/slot",
        [("row_version", row_version(page.text)), ("slot", slot.group(1))],
    )
    assert given.status == 303
    async with units.read() as unit:
        assert (await store.load(unit, "BH-2031-001")).state is CaseState.SCHEDULED
    assert "Take the slot back" in (await desk.get("/cases/BH-2031-001/review")).text


async def test_an_identifier_comes_back_with_everything_typed_and_a_fix(
    writing: Browser, units: Units, programme: Programme
) -> None:
    typed = a_form(presenting_problem=NARRATIVE)
    held = await writing.post(f"/programmes/{programme.id}/cases", fields(typed, action="submit"))
    assert held.status == 422
    assert "Nothing was sent and nothing was stored" in held.text
    assert "I want to enjoy my baby" in held.text
    assert 'href="#f-presenting_problem"' in held.text
    assert "This looks like a telephone number. Take it out." in held.text
    actions = [a for a in await audit_actions(units) if a.startswith("case.")]
    assert actions == ["case.identifiers_held"]
    # One click each, without JavaScript: the button sends the form, the page comes back fixed.
    for _ in range(5):
        fix = re.search(r'name="fix" value="([0-9a-f]{16})"', held.text)
        if fix is None:
            break
        story = re.search(r'name="presenting_problem"[^>]*>\n([^<]*)</textarea>', held.text)
        assert story
        typed["presenting_problem"] = story.group(1).replace("&#39;", "'")
        held = await writing.post(
            f"/programmes/{programme.id}/cases", fields(typed, fix=fix.group(1))
        )
        assert held.status == 200
    assert "Hartwright" not in held.text
    assert "03/14/2030" not in held.text
    assert "505-555-0143" not in held.text


async def test_a_draft_survives_and_only_its_author_sees_it(
    house: House, writing: Browser, coordinator: Actor, programme: Programme
) -> None:
    await writing.get(f"/programmes/{programme.id}/cases/new")
    saved = await writing.post(
        f"/programmes/{programme.id}/cases",
        fields({"main_question": "Which medicine should we try next?"}, action="draft"),
    )
    assert saved.status == 303
    where = saved.headers["Location"]
    again = await writing.get(where)
    assert "Which medicine should we try next?" in again.text
    desk = await house.browser(coordinator.person)
    assert (await desk.get(where)).status == 404
    assert (await desk.get(where.removesuffix("/edit"))).status == 404
    mine = await writing.get("/cases")
    assert where in mine.text


@pytest.mark.parametrize("role", list(Role))
async def test_nobody_but_author_and_desk_reads_an_unchecked_case(
    house: House, units: Units, author: Actor, programme: Programme, role: Role
) -> None:
    case = await a_case(units, author, programme)
    other = await house.browser((await somebody(units, programme, role)).person)
    expected = 200 if role in (Role.COORDINATOR, Role.DIRECTOR) else 404
    for path in ("", "/brief"):
        answer = await other.get(f"/cases/{case.case_no}{path}")
        assert answer.status == expected
        assert ("tearful" in answer.text) == (expected == 200)
    nothing = await other.get("/cases/BH-2031-999")
    assert nothing.status == 404


async def test_unknown_fields_and_shapes_are_refused(
    writing: Browser, programme: Programme
) -> None:
    path = f"/programmes/{programme.id}/cases"
    smuggled = await writing.post(path, fields(a_form(), action="submit", signed_at="now"))
    assert smuggled.status == 422
    assert "This field is not known here." in smuggled.text
    for bad in ({"action": "publish"}, {"row_version": "x"}):
        assert (await writing.post(path, fields(a_form(), **bad))).status == 400
    nested = await writing.post_json(path, {"main_question": {"$ne": 1}})
    assert nested.status == 400


async def test_the_form_token_says_when_the_sign_in_has_ended(
    house: House, writing: Browser
) -> None:
    fresh = await writing.get("/cases/form-token", headers={"Accept": "application/json"})
    assert fresh.status == 200 and '"csrf"' in fresh.text
    stranger = house.stranger()
    ended = await stranger.get("/cases/form-token", headers={"Accept": "application/json"})
    assert ended.status == 401


async def test_small_forms_keep_what_was_typed(
    house: House, units: Units, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    desk = await house.browser(coordinator.person)
    page = await desk.get(f"/cases/{case.case_no}/review")
    held = await desk.post(
        f"/cases/{case.case_no}/decline",
        [("row_version", row_version(page.text)), ("refusal", "Ring 505-555-0143 today")],
    )
    assert held.status == 422
    assert "Ring 505-555-0143 today" in held.text
    assert "This looks like a telephone number. Take it out." in held.text


async def test_the_safety_statement_opens_the_way(
    house: House, units: Units, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    writing = await house.browser(author.person)
    case = await a_case(units, author, programme, phq9__9="1", safety_ack="yes")
    desk = await house.browser(coordinator.person)
    page = await desk.get(f"/cases/{case.case_no}/review")
    version = row_version(page.text)
    refused = await desk.post(
        f"/cases/{case.case_no}/pass", [("row_version", version), ("then", "accept")]
    )
    assert refused.status == 409
    assert "The safety statement is missing" in refused.text
    sheet = await writing.get(f"/cases/{case.case_no}")
    assert "988 Suicide &amp; Crisis Lifeline" in sheet.text
    half = await writing.post(
        f"/cases/{case.case_no}/safety", [("safety_assessed", "today"), ("safety_plan", "yes")]
    )
    assert half.status == 422
    assert half.text.count("Choose an answer.") >= 2
    whole = await writing.post(
        f"/cases/{case.case_no}/safety",
        [
            ("safety_assessed", "today"),
            ("safety_plan", "yes"),
            ("safety_means", "yes"),
            ("safety_referred", "no"),
        ],
    )
    assert whole.status == 303
    page = await desk.get(f"/cases/{case.case_no}/review")
    assert "Access to means discussed?" in page.text
    passed = await desk.post(
        f"/cases/{case.case_no}/pass",
        [("row_version", row_version(page.text)), ("then", "accept")],
    )
    assert passed.status == 303


async def test_views_by_others_are_audited(
    house: House, units: Units, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    writing = await house.browser(author.person)
    case: Case = await an_accepted_case(units, author, coordinator, programme)
    specialist = await house.browser(
        (await somebody(units, programme, Role.HUB_SPECIALIST)).person
    )
    before = (await audit_actions(units)).count("case.viewed")
    await writing.get(f"/cases/{case.case_no}")
    await specialist.get(f"/cases/{case.case_no}")
    await specialist.get(f"/cases/{case.case_no}/brief")
    assert (await audit_actions(units)).count("case.viewed") == before + 2


async def test_the_brief_is_a_bare_fragment(
    house: House, units: Units, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    await a_series(units, coordinator, programme)
    case = await a_scheduled_case(units, author, coordinator, programme)
    desk = await house.browser(coordinator.person)
    brief = await desk.get(f"/cases/{case.case_no}/brief")
    assert brief.status == 200
    assert "<html" not in brief.text
    assert case.main_question in brief.text


async def test_unsafe_at_home_is_for_author_and_director(
    house: House, units: Units, author: Actor, coordinator: Actor, programme: Programme
) -> None:
    writing = await house.browser(author.person)
    case = await a_case(units, author, programme, sdoh_unsafe="unsafe")
    director = await house.browser((await somebody(units, programme, Role.DIRECTOR)).person)
    desk = await house.browser(coordinator.person)
    path = f"/cases/{case.case_no}"
    assert "Unsafe at home" in (await writing.get(path)).text
    assert "Unsafe at home" in (await director.get(path)).text
    assert "Unsafe at home" not in (await desk.get(path)).text
    assert "Unsafe at home" not in (await desk.get(f"{path}/review")).text
