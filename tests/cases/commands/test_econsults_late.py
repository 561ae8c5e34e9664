"""Seventy-two hours without an answer: who is told, once, by mail and on the home page."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from cases.commands import econsults, erasing, recommend, sign
from cases.events import EConsultLate
from cases.queries.econsults import late
from cases.rules.advice import ProblemArea, suggested
from cases.rules.models import Case
from cases.rules.turnaround import Pace
from cases.store import econsults as store
from cases.web import todo
from server.jobs.mail import SmtpMailer
from server.jobs.post import Post
from server.jobs.relay import Relay
from server.kit.actor import Actor, Role
from server.people import store as people
from server.store.unit import Units
from server.wiring import subscribers
from tests.conftest import FakeClock
from tests.factories.advice import RAISE, Clinic, reloaded, revision_of
from tests.factories.cases import STORY
from tests.factories.econsults import a_pressing_case, an_econsult, convert
from tests.factories.people import actor_of, make_actor
from tests.factories.records import audit_actions, events_of
from tests.harness.inbox import Inbox, open_inbox

ORIGIN = "https://clinic.test"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as box:
        yield box


async def look(units: Units) -> int:
    """Let the platform look once: how many it told."""
    async with units.write() as unit:
        return await econsults.remind_late(unit)


async def told(units: Units) -> dict[str, int]:
    """Return who was told so far, and whether as somebody who signs."""
    found = await events_of(units, EConsultLate)
    assert len({(one.case_id, one.person_id) for one in found}) == len(found)
    return {one.person_id: one.signs for one in found}


async def write(units: Units, actor: Actor, case: Case) -> None:
    async with units.write() as unit:
        done = await recommend.add_item(
            unit,
            actor,
            case.key,
            suggested(RAISE, ProblemArea.DOSE),
            speaker=actor.person,
            at_ms=None,
        )
    assert not isinstance(done, recommend.NotYet), done


def directors(clinic: Clinic) -> dict[str, int]:
    return {clinic.director.person: 1, clinic.second_director.person: 1}


async def send(units: Units, inbox: Inbox) -> None:
    """Bring every event to its handlers and every letter to the mail server."""
    await Relay(units, subscribers(origin=ORIGIN)).drain()
    post = Post(units, SmtpMailer(inbox.url, "hub@test.invalid"))
    while await post.pass_once():
        pass


@pytest.mark.both_databases
async def test_at_the_72nd_hour_directors_and_silent_specialists_get_one_mail_each(
    units: Units, clinic: Clinic, clock: FakeClock, inbox: Inbox
) -> None:
    second = await make_actor(units, "Second", {clinic.programme.id: (Role.HUB_SPECIALIST,)})
    case = await a_pressing_case(units, clinic)
    case = await convert(units, clinic.director, case, clinic.specialist, second)
    await write(units, second, case)
    await send(units, inbox)
    inbox.messages.clear()
    clock.advance(hours=71, minutes=59)
    assert await look(units) == 0
    clock.advance(minutes=1)
    # The job runs again and again, the server starts anew, each event arrives twice.
    assert [await look(units) for _ in range(3)] == [3, 0, 0]
    await send(units, inbox)
    async with units.write() as unit:
        await unit.db.execute(text("UPDATE outbox SET done_at = NULL"))
        await unit.commit()
    for _ in range(5):
        clock.advance(days=40)
        await look(units)
        await send(units, inbox)
    page = f"{ORIGIN}/cases/{case.case_no}"
    for_director = (
        "Specialists were asked to answer this case in writing; its presenter has no letter yet."
        " See what is written and who was asked; you can ask others, too."
    )
    for_specialist = (
        "You were asked to answer this case in writing, and the 72 hours are over. Write what you"
        " recommend; the director signs the letter."
    )
    late_mails = sorted(
        (m["To"], m["Subject"], m.get_payload(decode=True).decode().replace("\r\n", "\n"))
        for m in inbox.messages
        if "72 hours" in m["Subject"] or "still waits" in m["Subject"]
    )
    no_answer = f"{case.case_no} has no answer after 72 hours"
    assert late_mails == [
        ("director.of.bh@test.invalid", no_answer, f"{for_director}\n\n{page}\n"),
        ("second.director.of.bh@test.invalid", no_answer, f"{for_director}\n\n{page}\n"),
        (
            "specialist.of.bh@test.invalid",
            f"{case.case_no} still waits for your answer",
            f"{for_specialist}\n\n{page}\n",
        ),
    ]
    everything = "\n".join(str(message) for message in inbox.messages)
    for words in (case.main_question, STORY[:20], RAISE[:20]):
        assert words not in everything
    assert (await audit_actions(units)).count("case.econsult_late") == 1


@pytest.mark.both_databases
async def test_two_workers_tell_everybody_once(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await an_econsult(units, clinic)
    clock.advance(hours=72)
    whom = {clinic.director.person, clinic.specialist.person}
    async with units.write() as first:
        assert await store.note_reminded(first, case.id, whom) == whom
        other = asyncio.create_task(look(units))
        async with asyncio.timeout(20):
            # On SQLite the other waits before it begins; on PostgreSQL at the rows of the first.
            while first.dialect == "postgresql" and not await _waits_for_a_row(units):
                assert not other.done()
        await first.commit()
    assert await other == 1
    assert await told(units) == {clinic.second_director.person: 1}


async def _waits_for_a_row(units: Units) -> bool:
    async with units.read() as unit:
        return bool(await unit.db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.both_databases
async def test_a_worker_that_died_before_its_commit_told_nobody(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await an_econsult(units, clinic)
    clock.advance(hours=80)
    async with units.write() as unit:
        await store.note_reminded(unit, case.id, [clinic.specialist.person])
    assert await look(units) == 3
    assert await told(units) == directors(clinic) | {clinic.specialist.person: 0}


async def test_who_was_asked_late_is_told_a_day_later(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    second = await make_actor(units, "Second", {clinic.programme.id: (Role.HUB_SPECIALIST,)})
    case = await an_econsult(units, clinic)
    clock.advance(hours=71)
    async with units.write() as unit:
        await econsults.ask_more(
            unit,
            clinic.coordinator,
            case.key,
            row_version=case.row_version,
            specialists=[second.person],
        )
    clock.advance(hours=1)
    first = directors(clinic) | {clinic.specialist.person: 0}
    assert (await look(units), await told(units)) == (3, first)
    clock.advance(hours=22, minutes=59)
    assert await look(units) == 0
    clock.advance(minutes=1)
    assert (await look(units), await told(units)) == (1, first | {second.person: 0})


async def test_with_the_director_only_the_directors_are_told(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await a_pressing_case(units, clinic)
    second = await make_actor(units, "Second", {clinic.programme.id: (Role.HUB_SPECIALIST,)})
    case = await convert(units, clinic.director, case, clinic.specialist, second)
    await write(units, second, case)
    revision = await revision_of(units, case)
    async with units.write() as unit:
        await sign.send_to_director(unit, clinic.coordinator, case.key, revision=revision)
    clock.advance(hours=72)
    assert await look(units) == 2
    assert await told(units) == directors(clinic)


async def test_a_director_who_was_asked_to_answer_gets_one_mail(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await a_pressing_case(units, clinic)
    await convert(units, clinic.director, case, clinic.director)
    clock.advance(hours=72)
    assert await look(units) == 2
    assert await told(units) == directors(clinic)


async def test_an_answered_or_erased_case_is_late_for_nobody(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    answered = await an_econsult(units, clinic)
    await write(units, clinic.specialist, answered)
    async with units.write() as unit:
        await sign.sign_recommendations(
            unit,
            clinic.director,
            answered.key,
            revision=await revision_of(units, answered),
            attested=True,
        )
    erased = await an_econsult(units, clinic)
    async with units.write() as unit:
        await erasing.purge(
            unit,
            clinic.coordinator,
            erased.key,
            row_version=(await reloaded(units, erased)).row_version,
            reason="name",
        )
    clock.advance(hours=100)
    assert await look(units) == 0
    async with units.read() as unit:
        assert await late(unit, clinic.director) == ()


@pytest.mark.both_databases
async def test_closed_accounts_and_former_specialists_are_not_told(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await a_pressing_case(units, clinic)
    former = await make_actor(units, "Former", {clinic.programme.id: (Role.HUB_SPECIALIST,)})
    await convert(units, clinic.director, case, clinic.specialist, former)
    async with units.write() as unit:
        await people.change(unit, clinic.specialist.person, disabled_at=unit.now)
        await people.change(unit, clinic.second_director.person, disabled_at=unit.now)
        await people.revoke(unit, former.person, clinic.programme.id, Role.HUB_SPECIALIST)
        await unit.commit()
    clock.advance(hours=72)
    assert await look(units) == 1
    assert await told(units) == {clinic.director.person: 1}


async def test_the_directors_home_page_names_what_is_late(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    asked = await an_econsult(units, clinic)
    clock.advance(minutes=1)  # the list begins with what waits longest
    case = await a_pressing_case(units, clinic)
    case = await convert(units, clinic.director, case, clinic.director, clinic.specialist)

    async def lines(actor: Actor) -> list[tuple[str, str, str]]:
        fresh = await actor_of(units, actor.person)
        async with units.read() as unit:
            return [(line.title, line.href, line.badge) for line in await todo.lines(unit, fresh)]

    def line(title: str, of: Case, badge: str) -> tuple[str, str, str]:
        return (f"{title}: {of.case_no}", f"/cases/{of.case_no}", badge)

    due = "Due Fri 7 Mar"
    assert await lines(clinic.second_director) == []
    assert await lines(clinic.director) == [line("Answer in writing", case, due)]
    clock.advance(hours=72)
    over = "Late: was due Fri 7 Mar"
    # Who was asked to answer it reads of it once.
    assert await lines(clinic.director) == [
        line("Answer in writing", case, over),
        line("No answer yet", asked, over),
    ]
    assert await lines(clinic.second_director) == [
        line("No answer yet", asked, over),
        line("No answer yet", case, over),
    ]
    assert await lines(clinic.specialist) == [
        line("Answer in writing", asked, over),
        line("Answer in writing", case, over),
    ]
    for other in (clinic.presenter, clinic.colleague, clinic.learner, clinic.facilitator):
        assert await lines(other) == []
    clock.advance(hours=72)
    async with units.read() as unit:
        assert [item.due.pace for item in await late(unit, clinic.director)] == [
            Pace.VERY_LATE,
            Pace.VERY_LATE,
        ]
