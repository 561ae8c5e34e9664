"""The helps while writing: what is sent, what comes back, and what is never kept."""

import json
import re

import pytest

from cases.rules.question_coach_asks import ASKS
from server.deid.models import fingerprint
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.advice import Clinic, a_signed_case
from tests.factories.cases import a_case, a_form
from tests.factories.records import audit_actions, audit_text
from tests.harness.browser_client import Browser, House

API = "/api/cases/similar"
LIKE = {
    "question": "What is the next step for depression while breastfeeding?",
    "diagnoses": ["Depression after birth"],
    "medicines": ["sertraline"],
    "types": ["dose_change"],
}
CANARY = "Evangeline Hartwright-Moss"


@pytest.fixture
async def writing(house: House, clinic: Clinic) -> Browser:
    return await house.browser(clinic.colleague.person)


def sent(typed: dict[str, object]) -> list[tuple[str, str]]:
    """Return a form as a browser sends it."""
    return [
        (key, str(part))
        for key, value in typed.items()
        for part in (value if isinstance(value, list) else [value])
    ]


async def test_similar_cases_and_why(units: Units, clinic: Clinic, writing: Browser) -> None:
    await a_signed_case(units, clinic)
    answer = await writing.post_json(API, LIKE)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert json.loads(answer.text) == {
        "held": False,
        "similar": [
            {
                "href": "/library/KB-0001",
                "heading": "What is the next step for depression while breastfeeding?",
                "meta": "KB-0001 · Integrated Behavioural Health Clinic · 2 recommendations",
                "why": [
                    ["diagnosis", "Depression after birth"],
                    ["medicine", "sertraline"],
                    ["question", "Changing a dose"],
                    ["words", "next"],
                    ["words", "step"],
                    ["words", "breastfeeding"],
                ],
            }
        ],
    }
    assert (await writing.get("/library/KB-0001")).status == 200


async def test_the_audit_learns_that_somebody_looked_and_nothing_of_the_text(
    units: Units, writing: Browser
) -> None:
    await writing.post_json(API, LIKE)
    held = await writing.post_json(API, LIKE | {"question": f"Should Mrs {CANARY} stop it now?"})
    assert json.loads(held.text) == {"held": True, "similar": []}
    looked = [action for action in await audit_actions(units) if action.startswith("library.")]
    assert looked == ["library.similar_looked"] * 2
    kept = await audit_text(units)
    for word in ("breastfeeding", "sertraline", "Evangeline", fingerprint(LIKE["question"])):
        assert word not in kept


@pytest.mark.parametrize(
    "bad",
    [
        {"question": "x" * 501},
        {"diagnoses": ["x"] * 21},
        {"diagnoses": ["x" * 121]},
        {"story": "She is low."},
        {"question": {"$ne": 1}},
    ],
)
async def test_what_cannot_be_looked_up_is_refused(writing: Browser, bad: object) -> None:
    assert (await writing.post_json(API, bad)).status == 422


async def test_only_those_who_may_present_ask_and_only_from_our_pages(
    house: House, clinic: Clinic, writing: Browser
) -> None:
    assert (await house.stranger().post_json(API, LIKE)).status == 401
    learner = await house.browser(clinic.learner.person)
    assert (await learner.post_json(API, LIKE)).status == 403
    for headers in (
        {"X-CSRF-Token": "made up"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ):
        assert (await writing.post_json(API, LIKE, headers=headers)).status == 403
    assert (await writing.get(f"{API}?question=low")).status in (404, 405)


async def test_a_program_is_slowed_down(clock: FakeClock, writing: Browser) -> None:
    answers = [(await writing.post_json(API, LIKE)).status for _ in range(16)]
    assert answers == [200] * 15 + [429]
    clock.advance(seconds=2)
    assert (await writing.post_json(API, LIKE)).status == 200


async def test_the_words_come_with_modules_and_free_places(
    clinic: Clinic, writing: Browser
) -> None:
    answer = await writing.get(
        f"/programmes/{clinic.programme.id}/cases/writing", headers={"Accept": "application/json"}
    )
    said = json.loads(answer.text)
    assert said["modules"] == ["bh"]
    assert said["words"]["asks"]["labels"].keys() == {ask.key for ask in ASKS}
    assert [slot["places"] for slot in said["slots"]] == ["2 free places"] * len(said["slots"])
    assert 0 < len(said["slots"]) <= 3
    assert said["slots"][0]["when"]["day"] == "Tuesday 11 March"


async def test_the_form_points_to_the_helps(clinic: Clinic, writing: Browser) -> None:
    page = await writing.get(f"/programmes/{clinic.programme.id}/cases/new")
    where = f"/programmes/{clinic.programme.id}/cases"
    assert f'data-words="{where}/writing"' in page.text
    assert f'formaction="{where}/helps"' in page.text
    rules = re.search(r'data-rules="([^"]+)"', page.text)
    assert rules is not None
    tables = json.loads((await writing.get(rules[1])).text)
    assert sorted(tables) == ["coach", "cues", "near", "person_first", "rarity"]


async def test_without_javascript_the_same_stands_on_one_page(
    units: Units, clinic: Clinic, writing: Browser
) -> None:
    await a_signed_case(units, clinic)
    before = await audit_actions(units)
    typed = a_form(
        presenting_problem="An alcoholic, the only sheriff in the county, who feels suicidal. "
        "He says “I am a drunk”.",
        diagnoses__0__label="Depression",
        medications__0__taken="yes",
    )
    page = await writing.post(
        f"/programmes/{clinic.programme.id}/cases/helps", sent(typed | {"action": "draft"})
    )
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    for said in (
        "Is the person safe now?",
        "988 Suicide &amp; Crisis Lifeline",
        "Your text says: “suicidal”",
        "One question that can be answered.",
        'href="/library/KB-0001"',
        "Presenting problem: “alcoholic”.",
        "Taken together, this may point at one person.",
        "an office that one person holds",
        "Present on Tuesday",
    ):
        assert said in page.text, said
    assert "“drunk”" not in page.text
    assert page.text.count("ask-there") >= 4 and "ask-missing" in page.text
    # Nothing of it is kept: no draft, no case, one line that somebody looked.
    assert 'href="/cases/' not in (await writing.get("/cases")).text
    assert (await audit_actions(units))[len(before) :] == ["library.similar_looked"]


async def test_an_identifier_is_not_looked_up_without_javascript_either(
    clinic: Clinic, writing: Browser
) -> None:
    typed = a_form(main_question=f"Should Mrs {CANARY} stop sertraline?")
    page = await writing.post(f"/programmes/{clinic.programme.id}/cases/helps", sent(typed))
    assert page.status == 200
    assert "Similar cases are looked for once the marked places" in page.text


async def test_unknown_fields_are_refused(clinic: Clinic, writing: Browser) -> None:
    where = f"/programmes/{clinic.programme.id}/cases/helps"
    assert (await writing.post(where, [("signed_at", "now")])).status == 400


async def test_after_submission_the_author_sees_the_next_free_places(
    house: House, units: Units, clinic: Clinic, writing: Browser
) -> None:
    case = await a_case(units, clinic.colleague, clinic.programme)
    mine = await writing.get(f"/cases/{case.key}")
    assert "Present on Tuesday 11 March?" in mine.text
    desk = await house.browser(clinic.coordinator.person)
    assert "Present on" not in (await desk.get(f"/cases/{case.key}")).text
