"""After the letter: asked when due, once; answered by a follow-up; closed when nothing more comes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.commands import follow_ups, sign, submit
from cases.events import FollowUpAsked
from cases.rules.models import Case, CaseState
from cases.rules.rounds import Asked, Reminder
from cases.store import follow_ups as follow_up_store
from cases.store import recommendations as advice_store
from server.kit.actor import Actor
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import OrganisationId
from server.notices import Notices
from server.store.tables import MailRow
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.advice import (
    Clinic,
    a_clinic,
    a_signed_case,
    reloaded,
    revision_of,
    sign_draft,
)
from tests.factories.cases import a_case
from tests.factories.follow_ups import send_answer
from tests.factories.records import audit_actions, events_of

S = CaseState


@pytest.fixture
async def clinic(units: Units, hub: OrganisationId, spoke: OrganisationId) -> Clinic:
    return await a_clinic(units, hub, spoke)


@pytest.fixture
async def case(units: Units, clinic: Clinic) -> Case:
    return await a_signed_case(units, clinic, index=False)


async def look(units: Units) -> int:
    """Let the platform look once: how many it asked."""
    async with units.write() as unit:
        return await follow_ups.ask_due(unit)


async def questions(units: Units) -> list[tuple[int, int]]:
    return [(e.round, e.number) for e in await events_of(units, FollowUpAsked)]


async def ask(units: Units, actor: Actor, case: Case, reminder: Reminder) -> None:
    async with units.write() as unit:
        await follow_ups.ask_again(unit, actor, case.key, reminder)


async def close(units: Units, actor: Actor, case: Case) -> Case:
    now = await reloaded(units, case)
    async with units.write() as unit:
        return await follow_ups.close(unit, actor, case.key, row_version=now.row_version)


@pytest.mark.both_databases
async def test_a_presenter_is_asked_when_a_round_is_due_and_never_twice(
    units: Units, clock: FakeClock, case: Case
) -> None:
    assert case.state is S.RECS_ISSUED
    clock.advance(days=29, hours=23)
    assert await look(units) == 0
    assert (await reloaded(units, case)).state is S.RECS_ISSUED
    clock.advance(hours=1)
    assert [await look(units) for _ in range(3)] == [1, 0, 0]
    assert (await reloaded(units, case)).state is S.FOLLOWUP_DUE
    for _ in range(100):
        clock.advance(days=1)
        await look(units)
    assert await questions(units) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]


@pytest.mark.both_databases
async def test_two_platforms_cannot_both_note_a_question(
    units: Units, clinic: Clinic, case: Case
) -> None:
    async with units.write() as unit:
        await follow_up_store.note_asked(unit, case.id, Reminder(1, 1), None)
        await unit.commit()
    async with units.write() as unit:
        with pytest.raises(Conflict, match=r"case\.asked_already"):
            await follow_up_store.note_asked(unit, case.id, Reminder(1, 1), None)
    async with units.read() as unit:
        found = await follow_up_store.of_case(unit, case.id)
        assert found is not None
        assert found.asked == (Asked(1, 1, unit.now, None),)


async def test_the_mail_holds_a_number_and_a_link(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=30)
    await look(units)
    for event in await events_of(units, FollowUpAsked) * 2:
        async with units.write() as unit:
            await Notices("https://clinic.test").on_follow_up_asked(unit, event)
            await unit.commit()
    async with units.read() as unit:
        mails = [
            (row.recipient, row.subject, row.body)
            for row in await unit.db.scalars(select(MailRow))
        ]
    [(to, subject, body)] = mails
    assert to == "presenter.of.bh@test.invalid"
    assert subject == f"How did it go? {case.case_no}"
    assert body == (
        "Some time has passed since the letter. Say of each recommendation what became of it:"
        " the hub learns from what worked and what did not.\n\n"
        f"https://clinic.test/cases/{case.case_no}\n"
    )


async def test_an_answer_stops_the_questions_until_the_next_round(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=31)
    await look(units)
    await send_answer(units, clinic.presenter, case)
    assert (await reloaded(units, case)).state is S.FOLLOWED_UP
    clock.advance(days=58)
    assert await look(units) == 0
    clock.advance(days=1)
    assert await look(units) == 1
    assert (await reloaded(units, case)).state is S.FOLLOWUP_DUE
    with pytest.raises(Conflict, match=r"case\.rounds_open"):
        await close(units, clinic.coordinator, case)
    await send_answer(units, clinic.presenter, case)
    assert (await reloaded(units, case)).state is S.FOLLOWED_UP
    assert (await close(units, clinic.coordinator, case)).state is S.CLOSED
    clock.advance(days=300)
    assert await look(units) == 0
    assert await questions(units) == [(1, 1), (2, 1)]
    actions = await audit_actions(units)
    assert [a for a in actions if a in {"case.followup_timer", "case.respond", "case.close"}] == [
        "case.followup_timer",
        "case.respond",
        "case.followup_timer",
        "case.respond",
        "case.close",
    ]


async def test_an_early_answer_is_one_and_a_late_one_settles_both_rounds(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    second = await a_signed_case(units, clinic, index=False)
    clock.advance(days=10)
    await send_answer(units, clinic.presenter, case)
    assert (await reloaded(units, case)).state is S.FOLLOWED_UP
    clock.advance(days=85)
    await look(units)
    asked = {(e.case_id, e.round, e.number) for e in await events_of(units, FollowUpAsked)}
    assert asked == {(case.id, 2, 1), (second.id, 2, 1)}
    await send_answer(units, clinic.presenter, second)
    assert (await close(units, clinic.coordinator, second)).state is S.CLOSED


async def test_what_is_taken_back_was_no_answer(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=31)
    await look(units)
    answer = await send_answer(units, clinic.presenter, case)
    async with units.write() as unit:
        await submit.withdraw_case(
            unit,
            clinic.presenter,
            answer.key,
            row_version=answer.row_version,
            erase_now=False,
        )
    clock.advance(days=7)
    assert await look(units) == 1
    assert (await reloaded(units, case)).state is S.FOLLOWUP_DUE
    assert await questions(units) == [(1, 1), (1, 2)]


async def test_only_the_coordinator_asks_and_closes(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=111)
    await look(units)  # the three of the second round are over: nobody is asked on its own
    assert await questions(units) == []
    first = Reminder(2, 1)
    for actor, refusal in (
        (clinic.director, Forbidden),
        (clinic.facilitator, Forbidden),
        (clinic.specialist, Forbidden),
        (clinic.presenter, Forbidden),
        (clinic.colleague, Forbidden),
        (clinic.learner, NotFound),
    ):
        with pytest.raises(refusal):
            await ask(units, actor, case, first)
        with pytest.raises(refusal):
            await close(units, actor, case)
    await ask(units, clinic.coordinator, case, first)
    for again in (first, Reminder(2, 2), Reminder(1, 1)):
        with pytest.raises(Conflict, match=r"case\.asked_already"):
            await ask(units, clinic.coordinator, case, again)
    clock.advance(days=1)
    await ask(units, clinic.coordinator, case, Reminder(2, 2))
    assert await questions(units) == [(2, 1), (2, 2)]
    async with units.write() as unit:
        with pytest.raises(Conflict, match="stale"):
            await follow_ups.close(unit, clinic.coordinator, case.key, row_version=1)
    assert (await close(units, clinic.coordinator, case)).state is S.CLOSED
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await ask(units, clinic.coordinator, case, Reminder(2, 3))


async def test_a_case_without_a_letter_has_no_follow_up(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    waiting = await a_case(units, clinic.presenter, clinic.programme)
    clock.advance(days=100)
    assert await look(units) == 0
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await ask(units, clinic.coordinator, waiting, Reminder(1, 1))
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await close(units, clinic.coordinator, waiting)


async def test_the_first_letter_counts_whatever_is_amended(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    first = clock.now()
    clock.advance(days=5)
    async with units.write() as unit:
        await sign.amend(
            unit,
            clinic.director,
            case.key,
            revision=await revision_of(units, case),
            reason="A dose was wrong in it.",
        )
    await sign_draft(units, clinic.director, case)
    async with units.read() as unit:
        assert await advice_store.last_version(unit, case.id) == 2
        found = await follow_up_store.of_case(unit, case.id)
    assert found is not None
    assert [one.due_at - first for one in found.rounds] == [timedelta(days=30), timedelta(days=90)]


async def test_nobody_is_asked_about_a_letter_that_was_erased(
    units: Units, clock: FakeClock, clinic: Clinic, case: Case
) -> None:
    async with units.write() as unit:
        await advice_store.purge(unit, case.id, clinic.director.person)
        await unit.commit()
    clock.advance(days=31)
    assert await look(units) == 0
