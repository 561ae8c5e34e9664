"""After the letter: asked when due, once; answered by a follow-up; closed when nothing more comes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from cases.commands import erasing, follow_ups, recommend, sign, submit, triage
from cases.events import FollowUpAsked
from cases.queries.follow_ups import at_desk
from cases.queries.intake import advised
from cases.rules.models import Case, CaseState
from cases.rules.rounds import Asked, Ending, Reminder
from cases.store import cases as case_store
from cases.store import follow_ups as follow_up_store
from cases.store import recommendations as advice_store
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.notices import Notices
from server.people import store as people
from server.store.tables import MailRow
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.advice import (
    BIPOLAR,
    RAISE,
    Clinic,
    a_presented_case,
    a_signed_case,
    reloaded,
    revision_of,
    sign_draft,
)
from tests.factories.cases import a_case, put_in_state, verdicts_of
from tests.factories.follow_ups import send_answer
from tests.factories.records import audit_actions, events_of

S = CaseState


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
    # An answer to the one just sent may still come.
    clock.advance(days=6, hours=23)
    with pytest.raises(Conflict, match=r"case\.rounds_open"):
        await close(units, clinic.coordinator, case)
    clock.advance(hours=1)
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


@pytest.mark.both_databases
async def test_a_case_whose_letter_was_erased_can_be_closed(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    asked = await a_signed_case(units, clinic, index=False)
    clock.advance(days=31)
    await look(units)
    for one, state in ((case, S.RECS_ISSUED), (asked, S.FOLLOWUP_DUE)):
        await put_in_state(units, one, state)
        now = await reloaded(units, one)
        async with units.write() as unit:
            await erasing.purge(
                unit, clinic.coordinator, one.key, row_version=now.row_version, reason="name"
            )
        async with units.read() as unit:
            listed = {i.case.id: i.ending for i in await at_desk(unit, clinic.coordinator)}
        assert listed[one.id] is Ending.ERASED
        assert (await close(units, clinic.coordinator, one)).state is S.CLOSED


@pytest.mark.both_databases
async def test_the_rounds_count_from_the_first_letter_that_is_left(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=31)
    await look(units)
    await send_answer(units, clinic.presenter, case)
    clock.advance(days=9)
    second = clock.now()
    async with units.write() as unit:
        await sign.amend(
            unit,
            clinic.director,
            case.key,
            revision=await revision_of(units, case),
            reason="A dose was wrong in it.",
        )
    await sign_draft(units, clinic.director, case)
    async with units.write() as unit:
        await unit.db.execute(
            text("UPDATE letters SET purged_at = signed_at WHERE case_id = :case AND version = 1"),
            {"case": case.id},
        )
        await unit.commit()
    async with units.read() as unit:
        found = await follow_up_store.of_case(unit, case.id)
    assert found is not None
    # The answer from before it knew nothing of this letter.
    assert [(one.due_at - second, one.answered_at) for one in found.rounds] == [
        (timedelta(days=30), None),
        (timedelta(days=90), None),
    ]


async def test_what_is_asked_about_is_what_was_signed(
    units: Units, clinic: Clinic, case: Case
) -> None:
    async def asked() -> list[str]:
        async with units.read() as unit:
            return [option.label for option in await advised(unit, case.id)]

    signed = await asked()
    assert sorted(signed) == sorted([BIPOLAR, RAISE])
    async with units.write() as unit:
        await sign.amend(
            unit,
            clinic.director,
            case.key,
            revision=await revision_of(units, case),
            reason="A dose was wrong in it.",
        )
    async with units.read() as unit:
        draft = await advice_store.load(unit, case.id)
    assert draft is not None
    [item] = [one for one in draft.items if one.content.text == RAISE]
    changed = replace(item.content, text="Raise sertraline to 75 mg, and look in four weeks.")
    async with units.write() as unit:
        done = await recommend.save_item(
            unit, clinic.director, case.key, item.id, item.version, content=changed
        )
    assert not isinstance(done, recommend.NotYet)
    assert await asked() == signed
    answer = await send_answer(units, clinic.presenter, case)
    await sign_draft(units, clinic.director, case)
    assert sorted(await asked()) == sorted([BIPOLAR, changed.text])
    # A follow-up sent before the letter went is complete all the same, and says what it is about.
    async with units.write() as unit:
        await advice_store.purge(unit, case.id, clinic.director.person)
        await unit.commit()
    assert await asked() == []
    verdicts = await verdicts_of(units, clinic.coordinator, answer)
    async with units.write() as unit:
        accepted = await triage.pass_check(
            unit,
            clinic.coordinator,
            answer.key,
            row_version=answer.row_version,
            verdicts=verdicts,
            then_accept=True,
        )
    assert accepted.state is S.ACCEPTED


@pytest.mark.parametrize("state", [S.PRESENTED, S.RECS_DRAFTED])
async def test_no_follow_up_before_the_letter(
    units: Units, clinic: Clinic, state: CaseState
) -> None:
    case = await a_presented_case(units, clinic)
    if state is S.RECS_DRAFTED:
        async with units.write() as unit:
            await recommend.take_over(unit, clinic.coordinator, case.key)
    assert (await reloaded(units, case)).state is state
    with pytest.raises(Invalid, match=r"case\.prior_needed"):
        await send_answer(units, clinic.presenter, case)
    async with units.read() as unit:
        assert await advised(unit, case.id) == ()


@pytest.mark.parametrize("closed", [True, False])
async def test_who_cannot_answer_any_more_is_not_asked(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case, closed: bool
) -> None:
    async with units.write() as unit:
        if closed:
            await people.change(unit, clinic.presenter.person, disabled_at=unit.now)
        else:
            await people.revoke(
                unit, clinic.presenter.person, clinic.programme.id, Role.SPOKE_CLINICIAN
            )
        await unit.commit()
    clock.advance(days=91)
    assert await look(units) == 0
    assert (await reloaded(units, case)).state is S.FOLLOWUP_DUE
    with pytest.raises(Conflict, match=r"case\.nobody_to_ask"):
        await ask(units, clinic.coordinator, case, Reminder(2, 1))
    clock.advance(days=20)
    assert (await close(units, clinic.coordinator, case)).state is S.CLOSED
    assert await questions(units) == []


@pytest.mark.both_databases
async def test_an_answer_that_meets_the_job_goes_through(
    units: Units, clinic: Clinic, clock: FakeClock, case: Case
) -> None:
    clock.advance(days=31)
    await look(units)
    async with units.write() as job:
        now = await case_store.load(job, case.id)
        await case_store.save(job, now, now)
        sending = asyncio.create_task(send_answer(units, clinic.presenter, case))
        async with asyncio.timeout(20):
            # On SQLite the answer waits before it begins; on PostgreSQL until it saves the case.
            while job.dialect == "postgresql" and not await _waits_for_a_row(units):
                assert not sending.done()
        await job.commit()
    await sending
    after = await reloaded(units, case)
    assert (after.state, after.row_version) == (S.FOLLOWED_UP, now.row_version + 2)


async def _waits_for_a_row(units: Units) -> bool:
    async with units.read() as unit:
        return bool(await unit.db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
