"""The review desk's pages: marks, decisions, comments at fields, the clock, who has passed."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from cases.commands import submit
from cases.commands.submit import NotYet, Submitted, Target, Written
from cases.rules.models import Case
from server.kit.actor import Actor, Role
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.conftest import FakeClock
from tests.factories.cases import a_case, a_form, submit_raw
from tests.factories.sessions import somebody
from tests.harness.browser_client import Browser, House

STORY = (
    "Ms. Chance is how everybody greets her. Treated at Juniper Flat Clinic for years. "
    "Her twin works at the mill."
)


@pytest.fixture
async def desk(house: House, units: Units, programme: Programme) -> Browser:
    return await house.browser((await somebody(units, programme, Role.COORDINATOR)).person)


@pytest.fixture
async def second(house: House, units: Units, programme: Programme) -> Browser:
    return await house.browser((await somebody(units, programme, Role.DIRECTOR)).person)


def row_version(page: str) -> str:
    found = re.search(r'name="row_version" value="(\d+)"', page)
    assert found
    return found.group(1)


def verdicts(page: str) -> list[str]:
    return sorted(set(re.findall(r'name="(verdict\.[0-9a-f]{16})"', page)))


async def a_marked_case(units: Units, author: Actor, programme: Programme) -> Case:
    typed = a_form(presenting_problem=STORY)
    held = await submit_raw(units, author, programme, typed)
    assert isinstance(held, NotYet)
    decided = {f.key: "public_name" for f in held.flagged}
    async with units.write() as unit:
        outcome = await submit.submit_case(
            unit, author, Target(programme=programme.id), Written(typed, decided)
        )
    assert isinstance(outcome, Submitted)
    return outcome.case


async def test_every_layer_has_its_own_mark_beside_the_decision(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_marked_case(units, author, programme)
    page = (await desk.get(f"/cases/{case.key}/review")).text
    marked = re.findall(r'<mark class="finding-mark finding-mark--(\w+)"[^>]*>([^<]+)<', page)
    assert ("disputed", "Ms. Chance") in marked
    assert ("unique", "twin") in marked
    assert [kind for kind, _ in marked if kind == "review"]
    assert "Blocked, disputed by the author" in page
    assert "The author says: A public service or programme" in page
    assert "Twins and triplets are few." in page
    # Every place in the text leads to its line, and back.
    places = set(re.findall(r'id="place-(\d+)"', page))
    assert places == set(re.findall(r'href="#place-(\d+)"', page))
    assert places == set(re.findall(r'id="mark-(\d+)"', page))
    assert f"{len(places)} places to look at" in page


async def test_undecided_comes_back_with_what_was_decided(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_marked_case(units, author, programme)
    page = (await desk.get(f"/cases/{case.key}/review")).text
    first, *rest = verdicts(page)
    assert rest
    sent = [("row_version", row_version(page)), (first, "clear"), ("second", "rare_disease")]
    refused = await desk.post(f"/cases/{case.key}/pass", [*sent, ("then", "")])
    assert refused.status == 409
    assert "Some findings are not decided" in refused.text
    # What is still open is named, and one press away.
    still = refused.text.partition("Still open:")[2].partition("</p>")[0]
    lines = re.findall(r'<li[^>]* id="place-(\d+)".*?</li>', refused.text, re.DOTALL)
    open_lines = [
        number
        for number in lines
        if re.search(
            rf'id="v-{number}-1" form="desk" name="(?!{re.escape(first)})verdict', refused.text
        )
    ]
    assert re.findall(r'href="#place-(\d+)"', still) == open_lines != []
    assert re.search(rf'name="{re.escape(first)}" value="clear" checked', refused.text)
    assert re.search(r'name="second" value="rare_disease" checked', refused.text)
    for smuggled in (("then", "publish"), ("extra", "1")):
        assert (await desk.post(f"/cases/{case.key}/pass", [*sent, smuggled])).status in (400, 422)


async def test_the_screen_says_who_has_passed_and_who_is_missing(
    units: Units, desk: Browser, second: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = (await desk.get(f"{path}/review")).text
    assert "Pass and accept" in page
    await desk.post(
        f"{path}/pass", [("row_version", row_version(page)), ("second", "rare_disease")]
    )
    waits = (await desk.get(f"{path}/review")).text
    assert "Two people have to pass this case, neither of them its author:" in waits
    assert "A very rare disease" in waits
    assert 'action="/cases/BH-2031-001/accept"' not in waits
    assert 'action="/cases/BH-2031-001/pass"' not in waits
    assert "1 of 2 people have passed it" in (await desk.get("/triage")).text
    other = (await second.get(f"{path}/review")).text
    passed = await second.post(f"{path}/pass", [("row_version", row_version(other))])
    assert passed.status == 303
    done = (await desk.get(f"{path}/review")).text
    assert 'action="/cases/BH-2031-001/accept"' in done
    assert "of 2 people" not in (await desk.get("/triage")).text


async def test_older_rules_ask_for_another_look(
    units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_marked_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = (await desk.get(f"{path}/review")).text
    clear = [(name, "clear") for name in verdicts(page)]
    await desk.post(f"{path}/pass", [("row_version", row_version(page)), *clear])
    async with units.write() as unit:
        await unit.db.execute(text("UPDATE case_passes SET ruleset = '2030.1'"))
        await unit.commit()
    assert "Checked with older rules: look again" in (await desk.get("/triage")).text
    page = (await desk.get(f"{path}/review")).text
    assert "The rules have changed since, or a year of birth" in page
    # What this reader has cleared in this text stays cleared; the press is theirs.
    assert len(re.findall(r'name="verdict[^>]+value="clear" checked', page)) == len(clear)
    accepted = await desk.post(
        f"{path}/pass", [("row_version", row_version(page)), *clear, ("then", "accept")]
    )
    assert accepted.status == 303
    assert "look again" not in (await desk.get(f"{path}/review")).text


async def test_the_author_finds_each_comment_at_its_answer(
    house: House, units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = (await desk.get(f"{path}/review")).text
    version = ("row_version", row_version(page))
    typed = [
        version,
        ("words", ""),
        ("comment.presenting_problem", "Ring 505-555-0143 and say when."),
        ("comment.goal_own_words", ""),
        ("other_field", "sleep"),
        ("other_comment", "Since when is that?"),
    ]
    held = await desk.post(f"{path}/reject", typed)
    assert held.status == 422
    assert "This looks like a telephone number. Take it out." in held.text
    assert 'href="#f-comment.presenting_problem"' in held.text
    assert "Since when is that?" in held.text
    typed[2] = ("comment.presenting_problem", "Say how long ago that was.")
    for wrong, sentence in (
        ({"other_field": ""}, "Choose the answer you mean."),
        ({"other_comment": "why"}, "Write at least a few words for the author."),
    ):
        answer = await desk.post(f"{path}/reject", [*(dict(typed) | wrong).items()])
        assert answer.status == 422 and sentence in answer.text
        assert "Say how long ago that was." in answer.text
    assert (await desk.post(f"{path}/reject", typed)).status == 303
    writing = await house.browser(author.person)
    form = (await writing.get(f"{path}/edit")).text
    assert "2 answers to change" in form
    asked = re.findall(r"asks about “([^”]+)”</p><p class=\"pre-line\">([^<]+)<", form)
    assert asked == [
        ("Presenting problem", "Say how long ago that was."),
        ("Sleep", "Since when is that?"),
    ]


async def test_refuse_and_purge_shows_a_tombstone(
    house: House, units: Units, desk: Browser, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    path = f"/cases/{case.key}"
    page = (await desk.get(f"{path}/review")).text
    refused = await desk.post(
        f"{path}/decline",
        [
            ("row_version", row_version(page)),
            ("refusal", "It names a person in every line."),
            ("purge", "yes"),
        ],
    )
    assert refused.status == 303
    tomb = (await desk.get(f"{path}/review")).text
    assert "tearful" not in tomb
    assert re.search(r"Erased by [^<]+\. What remains is its hash\.", tomb)
    assert re.search(r"<code>[0-9a-f]{64}</code>", tomb)
    seen = (await (await house.browser(author.person)).get(path)).text
    assert "It names a person in every line." in seen and "tearful" not in seen


async def test_the_desk_counts_two_working_days(
    house: House, units: Units, author: Actor, programme: Programme, clock: FakeClock
) -> None:
    coordinator = await somebody(units, programme, Role.COORDINATOR)
    clock.set(datetime(2031, 3, 4, 19, tzinfo=UTC))  # a Tuesday, noon in Denver
    await a_case(units, author, programme)
    heard = []
    for _ in range(9):
        desk = await house.browser(coordinator.person)
        page = (await desk.get("/triage")).text
        heard += re.findall(r"(?:Due|Late:|Very late:)[^<]*", page)
        clock.advance(days=1)
    assert heard == [
        *["Due Thu 6 Mar"] * 2,
        "Due today",
        *["Late: was due Thu 6 Mar"] * 4,
        *["Very late: was due Thu 6 Mar"] * 2,
    ]
