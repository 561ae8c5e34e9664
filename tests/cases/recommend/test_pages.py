"""Recommendations, letters and the library over HTTP, as browsers without JavaScript use them."""

import asyncio
import re
from itertools import pairwise
from urllib.parse import quote

import pytest
from sqlalchemy import update

from cases.library import search as library
from cases.rules.models import Case
from cases.store.advice_rows import LetterRow
from server.kit.actor import Actor
from server.store.unit import Units
from tests.contracts.test_library_index import odd_lines
from tests.factories.advice import (
    BIPOLAR,
    RAISE,
    Clinic,
    a_presented_case,
    revision_of,
)
from tests.factories.records import audit_actions
from tests.harness.browser_client import Browser, House
from tests.harness.long import LONG

CANARY = "Zanthoxylum"
"""A word that is nowhere else: where it is seen, the case has leaked."""


@pytest.fixture
async def case(units: Units, clinic: Clinic) -> Case:
    question = f"What is the next step for depression with {CANARY.lower()} extract?"
    return await a_presented_case(units, clinic, main_question=question)


async def sign_over_http(house: House, clinic: Clinic, case: Case) -> Browser:
    """Draft and sign as people do: take over, tick, sign; the events are delivered."""
    director = await house.browser(clinic.director.person)
    page = f"/cases/{case.case_no}/recommendations"
    assert (await director.post(f"{page}/start")).status == 303
    shown = await director.get(page)
    assert shown.status == 200
    revision = re.search(r'name="revision" value="(\d+)"', shown.text)
    assert revision
    signed = await director.post(f"{page}/sign", {"revision": revision[1], "attested": "yes"})
    assert (signed.status, signed.headers["Location"]) == (303, f"/cases/{case.case_no}/letter")
    await house.drain()
    return director


async def test_the_story_from_captured_line_to_found_answer(
    house: House, clinic: Clinic, case: Case
) -> None:
    desk = await house.browser(clinic.coordinator.person)
    waiting = await desk.get("/letters")
    assert f"/cases/{case.case_no}/recommendations" in waiting.text
    before = await desk.get(f"/cases/{case.case_no}/recommendations")
    assert RAISE in before.text
    assert "12:07" in before.text
    await sign_over_http(house, clinic, case)

    presenter = await house.browser(clinic.presenter.person)
    letter = await presenter.get(f"/cases/{case.case_no}/letter")
    assert letter.status == 200
    for part in (
        RAISE,
        BIPOLAR,
        case.patient_ref,
        case.case_no,
        clinic.specialist.name,
        "12:07",
        "do not replace the judgement of the treating clinician",
        "Verification code",
        "Integrated Behavioural Health Clinic",
    ):
        assert part in letter.text
    assert CANARY not in letter.text.split("</title>")[0]

    colleague = await house.browser(clinic.colleague.person)
    results = await colleague.get("/library?q=sertraline")
    assert "1 answer" in results.text
    assert "/library/KB-0001" in results.text
    assert clinic.specialist.name in results.text
    entry = await colleague.get("/library/KB-0001")
    for part in (RAISE, clinic.specialist.name, "12:07", "version 1", "4 March 2031"):
        assert part in entry.text
    assert case.patient_ref not in entry.text
    assert case.patient_ref not in results.text


async def crawl(browser: Browser, case: Case) -> str:
    """Return every page of this feature that somebody can ask for, as one text."""
    found = []
    for path in (
        "/",
        "/letters",
        "/library",
        "/library?q=" + CANARY,
        "/library?q=sertraline",
        "/library?q=depression+bipolar",
        "/library?q=programme:bh",
        "/library?q=-nothing",
        "/library/suggest?q=" + CANARY[:4],
        "/library/suggest?q=sertraline",
        "/library/KB-0001",
        "/library/KB-0001?v=1",
        f"/cases/{case.case_no}",
        f"/cases/{case.case_no}/brief",
        f"/cases/{case.case_no}/letter",
        f"/cases/{case.case_no}/letter?v=1",
        f"/cases/{case.case_no}/recommendations",
    ):
        answer = await browser.get(path)
        assert answer.status < 500, path
        found.append(answer.text)
    return "\n".join(found)


async def test_a_learner_sees_none_of_it_before_publication_and_only_the_rewriting_after(
    house: House, clinic: Clinic, case: Case
) -> None:
    director = await sign_over_http(house, clinic, case)
    learner = await house.browser(clinic.learner.person)
    before = await crawl(learner, case)
    for secret in (CANARY.lower(), RAISE, BIPOLAR, case.patient_ref, 'KB-0001"'):
        assert secret not in before
    assert f">{case.case_no}<" not in before

    await publish_over_http(house, clinic, director)
    after = await crawl(learner, case)
    assert RAISE in after
    assert "Depression after birth, next step" in after
    for secret in (CANARY.lower() + " extract", case.patient_ref, clinic.colleague.name):
        assert secret not in after
    # The learner may type the word; it finds nothing.
    assert "/library/KB-0001" not in (await learner.get(f"/library?q={CANARY}")).text


async def publish_over_http(house: House, clinic: Clinic, director: Browser) -> None:
    """Rewrite, review and publish the first entry with the buttons of its page."""
    coordinator = await house.browser(clinic.coordinator.person)
    specialist = await house.browser(clinic.specialist.person)

    async def press(browser: Browser, deed: str, **fields: str) -> None:
        page = await browser.get("/library/KB-0001")
        version = re.search(r'name="row_version" value="(\d+)"', page.text)
        assert version, deed
        data = {"row_version": version[1], **fields}
        answer = await browser.post(f"/library/KB-0001/{deed}", data)
        assert answer.status == 303, answer.text

    await press(
        coordinator,
        "rewrite",
        title="Depression after birth, next step",
        question="Which step comes next for depression in breastfeeding?",
        synopsis="",
        tags="depression",
    )
    await press(specialist, "review")
    await press(director, "publish")
    await house.drain()


async def test_the_session_is_wrapped_when_its_letter_is_signed(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    assert case.session is not None
    desk = await house.browser(clinic.coordinator.person)
    page = f"/sessions/{case.session}"
    before = await desk.get(page)
    assert "0 of 1 signed" in before.text
    assert "Its letters are being written." in before.text
    assert f'action="{page}/wrap"' not in before.text
    early = await desk.post(f"{page}/wrap")
    assert (early.status, "A letter is still to be signed" in early.text) == (409, True)
    await sign_over_http(house, clinic, case)
    ready = await desk.get(page)
    assert "1 of 1 signed" in ready.text
    assert f'action="{page}/wrap"' in ready.text
    colleague = await house.browser(clinic.colleague.person)
    assert f'action="{page}/wrap"' not in (await colleague.get(page)).text
    assert (await colleague.post(f"{page}/wrap")).status == 403
    assert (await desk.post(f"{page}/wrap")).status == 303
    after = await desk.get(page)
    assert "Wrapped up" in after.text
    assert "Its letters are issued and its attendance is final." in after.text
    assert f'action="{page}/wrap"' not in after.text
    # The letter, its lines and the library do not change with it.
    letter = await desk.get(f"/cases/{case.case_no}/letter")
    assert RAISE in letter.text
    assert "12:07" in letter.text
    assert RAISE in (await colleague.get("/library/KB-0001")).text
    assert (await audit_actions(units)).count("session.wrapped") == 1


async def test_a_double_click_signs_once(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    director = await house.browser(clinic.director.person)
    page = f"/cases/{case.case_no}/recommendations"
    await director.post(f"{page}/start")
    revision = await revision_of(units, case)
    fields = {"revision": str(revision), "attested": "yes", "idempotency": "the-same-form"}
    answers = await asyncio.gather(*(director.post(f"{page}/sign", fields) for _ in range(5)))
    assert [a.status for a in answers] == [303] * 5
    assert {a.headers["Location"] for a in answers} == {f"/cases/{case.case_no}/letter"}
    assert (await audit_actions(units)).count("recommendations.signed") == 1


async def test_two_directors_in_two_tabs(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    first = await house.browser(clinic.director.person)
    second = await house.browser(clinic.second_director.person)
    page = f"/cases/{case.case_no}/recommendations"
    await first.post(f"{page}/start")
    fields = {"revision": str(await revision_of(units, case)), "attested": "yes"}
    answers = await asyncio.gather(
        first.post(f"{page}/sign", fields), second.post(f"{page}/sign", fields)
    )
    assert sorted(a.status for a in answers) == [303, 409]
    assert (await audit_actions(units)).count("recommendations.signed") == 1


async def test_refusals_are_said_beside_the_button(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    director = await house.browser(clinic.director.person)
    page = f"/cases/{case.case_no}/recommendations"
    await director.post(f"{page}/start")
    unticked = await director.post(
        f"{page}/sign", {"revision": str(await revision_of(units, case))}
    )
    assert unticked.status == 409
    assert "The statement is not ticked" in unticked.text
    assert RAISE in unticked.text
    item = re.search(r'id="item-([0-9a-z]{26})"', unticked.text)
    assert item
    held = await director.post(
        f"{page}/{item[1]}/save",
        {
            f"{item[1]}-{name}": value
            for name, value in {
                "version": "1",
                "text": "Ring her brother Walter at 505-555-0142 today.",
                "problem_area": "medicine",
                "strength": "do",
                "evidence": "guideline",
                "role": "pcp",
                "time_frame": "7d",
                "step": "1",
            }.items()
        },
    )
    assert held.status == 422
    assert "This looks like a telephone number." in held.text
    assert "Name the source, or choose expert opinion." in held.text
    # What was typed is still there; it is nowhere else.
    assert "505-555-0142" in held.text
    assert "505-555-0142" not in (await director.get(page)).text


async def test_a_changed_letter_raises_the_alarm(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    await sign_over_http(house, clinic, case)
    async with units.write() as unit:
        row = await unit.db.get(LetterRow, (case.id, 1))
        assert row is not None
        body = row.body.replace("100 mg", "100 kg")
        await unit.db.execute(update(LetterRow).values(body=body))
        await unit.commit()
    presenter = await house.browser(clinic.presenter.person)
    page = await presenter.get(f"/cases/{case.case_no}/letter")
    assert page.status == 200
    assert "Integrity failed" in page.text
    assert "100 kg" not in page.text
    assert (await audit_actions(units)).count("letter.integrity_failed") == 1


async def test_nobody_else_gets_in(house: House, clinic: Clinic, case: Case) -> None:
    stranger = house.stranger()
    assert (await stranger.get("/library?q=x")).status in {303, 401}

    async def statuses(actor: Actor) -> list[int]:
        browser = await house.browser(actor.person)
        page = f"/cases/{case.case_no}/recommendations"
        return [
            (await browser.get(page)).status,
            (await browser.post(f"{page}/start")).status,
            (await browser.post(f"{page}/sign", {"revision": "1"})).status,
            (await browser.get(f"/cases/{case.case_no}/letter")).status,
        ]

    assert await statuses(clinic.learner) == [403, 403, 403, 404]
    assert await statuses(clinic.colleague) == [404, 404, 404, 404]
    assert await statuses(clinic.specialist) == [404, 404, 404, 404]
    assert await statuses(clinic.adviser) == [404, 404, 404, 404]


async def test_odd_questions(house: House, units: Units, clinic: Clinic, case: Case) -> None:
    await sign_over_http(house, clinic, case)
    colleague = await house.browser(clinic.colleague.person)
    lines = odd_lines(1000 if LONG else 150, seed=3)
    for number, line in enumerate(lines):
        async with units.read() as unit:
            await library.search(unit, clinic.colleague, line)
        if number % 5 == 0:
            path = "/library/suggest" if number % 2 else "/library"
            asked = quote(line[:400], safe="", errors="replace")
            status = (await colleague.get(f"{path}?q={asked}")).status
            assert status == (400 if "\0" in line[:400] else 200), number
    for path in ("/library?from=-1", "/library?from=9999999", "/library?from=x", "/library?q=%ff"):
        assert (await colleague.get(path)).status == 200
    for path in (
        "/library/KB-",
        "/library/KB-99999999999",
        "/library/KB-٣",
        "/library/'",
        "/library/x",
    ):
        assert (await colleague.get(path)).status == 404
    assert (await colleague.get("/library/KB-0001?v=x")).status == 400
    assert (await colleague.get("/library/KB-0001?v=9")).status == 404


async def test_markup_in_a_recommendation_stays_text(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    director = await house.browser(clinic.director.person)
    page = f"/cases/{case.case_no}/recommendations"
    attack = 'Give <img src=x onerror=alert(1)> "twice" & {{ 7*7 }} daily.'
    added = await director.post(
        f"{page}/add",
        {
            f"new-{name}": value
            for name, value in {
                "text": attack,
                "problem_area": "medicine",
                "strength": "do",
                "evidence": "expert",
                "role": "pcp",
                "time_frame": "today",
                "step": "1",
                "speaker": clinic.specialist.person,
                "said_at": "3:05",
            }.items()
        },
    )
    assert added.status == 303
    await sign_over_http(house, clinic, case)
    colleague = await house.browser(clinic.colleague.person)
    letter = f"/cases/{case.case_no}/letter"
    for path in (page, letter, "/library?q=onerror", "/library/KB-0001"):
        browser = director if path in (page, letter) else colleague
        text = (await browser.get(path)).text
        assert "onerror" in text
        assert "<img" not in text
        assert "49" not in re.findall(r"&amp; (\S+) daily", text)
    letter = (await director.get(letter)).text
    assert "3:05" in letter
    assert letter.index("onerror") < letter.index("sertraline")
    assert all(a < b for a, b in pairwise([letter.index("Today"), letter.index("Within 7 days")]))
