"""The desk's commands and the reactions to sessions, on real databases."""

from datetime import timedelta

import pytest

from cases.commands import reactions, send_back, submit, triage
from cases.commands.send_back import Message
from cases.commands.submit import NotYet, Submitted, Target, Written
from cases.events import CaseAccepted, CasePresented, CaseReturned, CaseScheduled, CaseUnscheduled
from cases.queries import case_sheet, kept_form, review, triage_queue, visible_case
from cases.rules.models import Case, CaseState
from cases.store import cases as store
from server.deid.models import Held
from server.kit.actor import Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions import api as sessions
from sessions.commands import running, wrapping
from sessions.events import AgendaItemPresented, SessionCancelled, SessionEnded
from tests.cases.commands.conftest import Scene
from tests.conftest import FakeClock
from tests.factories.cases import (
    a_case,
    a_form,
    a_scheduled_case,
    an_accepted_case,
    put_in_state,
    submit_raw,
    verdicts_of,
)
from tests.factories.records import audit_actions, events_of
from tests.factories.sessions import a_programme, somebody

pytestmark = pytest.mark.both_databases

CLINIC = "Treated at Juniper Flat Clinic for years, without any benefit so far."


async def state_of(units: Units, case: Case) -> CaseState:
    async with units.read() as unit:
        return (await store.load(unit, case.id)).state


async def test_pass_and_accept_runs_the_real_steps(units: Units, scene: Scene) -> None:
    case = await an_accepted_case(units, scene.author, scene.coordinator, scene.programme)
    assert case.state is CaseState.ACCEPTED
    assert await events_of(units, CaseAccepted) == [
        CaseAccepted(case.id, scene.programme.id, case.case_no, scene.author.person)
    ]
    steps = [a for a in await audit_actions(units) if a.startswith("case.")]
    assert steps == ["case.submitted", "case.pass", "case.open", "case.accept"]
    async with units.read() as unit:
        version = await store.load_version(unit, case.id, 1)
    assert version.checked_by == scene.coordinator.person


async def test_every_finding_must_be_decided_and_clear(units: Units, scene: Scene) -> None:
    case = await a_case_with_a_clinic(units, scene)
    verdicts = await verdicts_of(units, scene.coordinator, case)
    assert len(verdicts) == 1
    for wrong in ({}, dict.fromkeys(verdicts, triage.IDENTIFIER)):
        async with units.write() as unit:
            with pytest.raises(Conflict, match=r"case\.warnings_unresolved"):
                await triage.pass_check(
                    unit,
                    scene.coordinator,
                    case.key,
                    row_version=case.row_version,
                    verdicts=wrong,
                )
    assert await state_of(units, case) is CaseState.PHI_CHECK
    async with units.write() as unit:
        passed = await triage.pass_check(
            unit, scene.director, case.key, row_version=case.row_version, verdicts=verdicts
        )
    assert passed.state is CaseState.SUBMITTED
    async with units.read() as unit:
        made = await store.load_decisions(unit, case.id, 1)
    assert sorted((d.verdict, d.by) for d in made) == sorted(
        [("clear", scene.director.person), ("not_identifier", scene.author.person)]
    )


async def a_case_with_a_clinic(units: Units, scene: Scene) -> Case:
    typed = a_form(presenting_problem=CLINIC)
    held = await submit_raw(units, scene.author, scene.programme, typed)
    assert isinstance(held, NotYet)
    decided = {f.key: "public_name" for f in held.flagged}
    async with units.write() as unit:
        outcome = await submit.submit_case(
            unit, scene.author, Target(programme=scene.programme.id), Written(typed, decided)
        )
    assert isinstance(outcome, Submitted)
    return outcome.case


async def test_a_flagged_case_is_not_accepted_before_the_statement(
    units: Units, scene: Scene
) -> None:
    case = await a_case(units, scene.author, scene.programme, phq9__9="2", safety_ack="yes")
    async with units.write() as unit:
        with pytest.raises(Conflict, match=r"case\.safety_statement_missing"):
            await triage.pass_check(
                unit,
                scene.coordinator,
                case.key,
                row_version=case.row_version,
                verdicts={},
                then_accept=True,
            )
    assert await state_of(units, case) is CaseState.PHI_CHECK
    async with units.write() as unit:
        stated = await submit.state_safety(
            unit,
            scene.author,
            case.key,
            {
                "safety_assessed": "earlier",
                "safety_plan": "yes",
                "safety_means": "no",
                "safety_referred": "no",
            },
        )
    assert isinstance(stated, Case)
    async with units.write() as unit:
        accepted = await triage.pass_check(
            unit,
            scene.coordinator,
            case.key,
            row_version=stated.row_version,
            verdicts={},
            then_accept=True,
        )
    assert accepted.state is CaseState.ACCEPTED


async def test_a_director_checks_but_does_not_accept(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        with pytest.raises(Forbidden, match=r"case\.not_yours_to_do"):
            await triage.pass_check(
                unit,
                scene.director,
                case.key,
                row_version=case.row_version,
                verdicts={},
                then_accept=True,
            )
    assert await state_of(units, case) is CaseState.PHI_CHECK


async def test_nobody_checks_their_own_case(units: Units, scene: Scene) -> None:
    both = await somebody(units, scene.programme, Role.SPOKE_CLINICIAN, Role.COORDINATOR)
    case = await a_case(units, both, scene.programme)
    async with units.write() as unit:
        with pytest.raises(Forbidden, match=r"case\.own_check"):
            await triage.pass_check(
                unit, both, case.key, row_version=case.row_version, verdicts={}
            )


async def test_returned_for_changes_it_goes_through_the_check_again(
    units: Units, scene: Scene
) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        passed = await triage.pass_check(
            unit, scene.coordinator, case.key, row_version=case.row_version, verdicts={}
        )
    async with units.write() as unit:
        returned = await send_back.return_case(
            unit,
            scene.coordinator,
            case.key,
            row_version=passed.row_version,
            message=Message("Which dose did you reach?"),
        )
    assert isinstance(returned, Case)
    assert (returned.state, returned.message) == (
        CaseState.NEEDS_CHANGES,
        "Which dose did you reach?",
    )
    assert (await events_of(units, CaseReturned))[-1].outcome == "needs_changes"
    async with units.read() as unit:
        form = await kept_form(unit, scene.author, case.key)
    assert form.raw["main_question"] == case.main_question
    async with units.write() as unit:
        target = Target(key=case.key, row_version=returned.row_version)
        again = await submit.submit_case(unit, scene.author, target, Written(a_form(age="35"), {}))
    assert isinstance(again, Submitted)
    assert (again.case.state, again.case.content_version, again.case.case_no) == (
        CaseState.PHI_CHECK,
        2,
        case.case_no,
    )
    async with units.read() as unit:
        first = await store.load_version(unit, case.id, 1)
    assert first.answers is not None and first.answers.get("age") == 34


async def test_words_for_the_author_are_checked_too(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        held = await send_back.decline(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            reason="Call me on 505-555-0143 about this.",
        )
    assert isinstance(held, Held)
    assert await state_of(units, case) is CaseState.PHI_CHECK
    async with units.write() as unit:
        with pytest.raises(Invalid, match=r"case\.reason_needed"):
            await send_back.decline(
                unit, scene.coordinator, case.key, row_version=case.row_version, reason="no"
            )


async def test_a_failed_check_purges_and_gives_the_rest_back(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        rejected = await send_back.reject(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            message=Message("The story names a person."),
            erase=frozenset({"presenting_problem"}),
        )
    assert isinstance(rejected, Case) and rejected.state is CaseState.DRAFT
    async with units.read() as unit:
        version = await store.load_version(unit, case.id, 1)
        form = await kept_form(unit, scene.author, case.key)
        with pytest.raises(NotFound):
            await visible_case(unit, scene.coordinator, case.key)
        with pytest.raises(NotFound):
            await review(unit, scene.coordinator, case.key)
    assert (version.answers, version.purged_by) == (None, scene.coordinator.person)
    assert "presenting_problem" not in form.raw
    assert form.raw["goal_own_words"] == "I want to enjoy my baby"


async def test_a_slot_makes_it_scheduled_and_visible_to_nobody_new(
    units: Units, scene: Scene
) -> None:
    colleague = await somebody(units, scene.programme, Role.SPOKE_CLINICIAN)
    specialist = await somebody(units, scene.programme, Role.HUB_SPECIALIST)
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    assert case.state is CaseState.SCHEDULED and case.session is not None
    assert await events_of(units, CaseScheduled) == [
        CaseScheduled(
            case.id,
            scene.programme.id,
            case.case_no,
            scene.author.person,
            case.session,
            case.row_version,
        )
    ]
    async with units.read() as unit:
        card = await sessions.session_card(unit, case.session)
        assert [i.label for i in card.session.agenda if i.ref == case.id] == [case.case_no]
        assert (await visible_case(unit, specialist, case.key)).id == case.id
        with pytest.raises(NotFound):
            await visible_case(unit, colleague, case.key)


async def test_a_taken_slot_is_refused_and_nothing_changes(units: Units, scene: Scene) -> None:
    first = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    second = await an_accepted_case(units, scene.author, scene.coordinator, scene.programme)
    assert first.session is not None
    async with units.write() as unit:
        with pytest.raises(Conflict, match=r"agenda\.slot_taken"):
            await triage.give_slot(
                unit,
                scene.coordinator,
                second.key,
                row_version=second.row_version,
                session=first.session,
                item=first.agenda_item,
            )
    assert await state_of(units, second) is CaseState.ACCEPTED


async def test_a_slot_can_be_taken_back(units: Units, scene: Scene) -> None:
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    async with units.write() as unit:
        free_before = len(await sessions.free_slots(unit, scene.programme.id))
        freed = await triage.take_slot_back(
            unit, scene.coordinator, case.key, row_version=case.row_version
        )
    assert (freed.state, freed.session) == (CaseState.ACCEPTED, None)
    async with units.read() as unit:
        assert len(await sessions.free_slots(unit, scene.programme.id)) == free_before + 1


async def go_live(units: Units, scene: Scene, case: Case, clock: FakeClock) -> None:
    assert case.session is not None
    async with units.read() as unit:
        clock.set((await sessions.session_card(unit, case.session)).session.starts_at)
    async with units.write() as unit:
        await running.open_session(unit, scene.coordinator, case.session)
        await running.start_session(unit, scene.coordinator, case.session)
        await unit.commit()


async def test_registered_colleagues_read_it_once_the_session_is_live(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    colleague = await somebody(units, scene.programme, Role.SPOKE_CLINICIAN)
    learner = await somebody(units, scene.programme, Role.LEARNER)
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    await go_live(units, scene, case, clock)
    async with units.read() as unit:
        assert (await case_sheet(unit, colleague, case.key)).case.id == case.id
        with pytest.raises(NotFound):
            await case_sheet(unit, learner, case.key)


async def test_presented_when_its_summary_ends_and_only_once(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    await go_live(units, scene, case, clock)
    assert case.session and case.agenda_item
    event = AgendaItemPresented(case.session, scene.programme.id, case.agenda_item, case.id)
    for _ in range(2):
        async with units.write() as unit:
            await reactions.on_item_presented(unit, event)
            await unit.commit()
    async with units.read() as unit:
        presented = await store.load(unit, case.id)
    assert (presented.state, presented.presented_at) == (CaseState.PRESENTED, clock.now())
    assert len(await events_of(units, CasePresented)) == 1
    async with units.write() as unit:
        await reactions.on_session_ended(unit, SessionEnded(case.session, scene.programme.id))
        await unit.commit()
    assert await state_of(units, case) is CaseState.PRESENTED


async def test_an_unreached_case_is_carried_over(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    await go_live(units, scene, case, clock)
    assert case.session is not None
    for _ in range(2):
        async with units.write() as unit:
            await reactions.on_session_ended(unit, SessionEnded(case.session, scene.programme.id))
            await unit.commit()
    async with units.read() as unit:
        back = await store.load(unit, case.id)
    assert (back.state, back.session) == (CaseState.ACCEPTED, None)
    assert [e.reason for e in await events_of(units, CaseUnscheduled)] == ["carried_over"]


async def test_a_late_delivery_does_not_carry_a_presented_case_over(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    await go_live(units, scene, case, clock)
    assert case.session and case.agenda_item
    async with units.write() as unit:
        await running.mark_presented(unit, scene.coordinator, case.session, case.agenda_item)
        await unit.commit()
    async with units.write() as unit:
        await reactions.on_session_ended(unit, SessionEnded(case.session, scene.programme.id))
        await unit.commit()
    assert await state_of(units, case) is CaseState.PRESENTED


async def test_a_cancelled_session_gives_its_cases_back(units: Units, scene: Scene) -> None:
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    assert case.session is not None
    async with units.write() as unit:
        await reactions.on_session_cancelled(
            unit, SessionCancelled(case.session, scene.programme.id)
        )
        await unit.commit()
    assert await state_of(units, case) is CaseState.ACCEPTED


async def test_a_session_nobody_held_carries_its_cases_over(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    assert case.session is not None
    async with units.read() as unit:
        missed = (await sessions.session_card(unit, case.session)).session
    clock.set(missed.ends_at + timedelta(hours=3))
    async with units.write() as unit:
        assert (await wrapping.settle_due(unit)).given_up == 1
        await unit.commit()
    (event,) = await events_of(units, SessionCancelled)
    for _ in range(2):
        async with units.write() as unit:
            await reactions.on_session_cancelled(unit, event)
            await unit.commit()
    async with units.read() as unit:
        back = await store.load(unit, case.id)
        (slot, *_) = await sessions.free_slots(unit, scene.programme.id)
    assert (back.state, back.session, back.agenda_item) == (CaseState.ACCEPTED, None, None)
    assert [e.reason for e in await events_of(units, CaseUnscheduled)] == ["not_held"]
    assert (await audit_actions(units)).count("case.carry_over") == 1
    # Nothing is lost: the coordinator gives it the next slot.
    async with units.write() as unit:
        again = await triage.give_slot(
            unit,
            scene.coordinator,
            case.key,
            row_version=back.row_version,
            session=slot.session,
            item=slot.item,
        )
    assert (again.state, again.session) == (CaseState.SCHEDULED, slot.session)


async def test_withdrawn_texts_are_erased_after_thirty_days(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    case = await a_scheduled_case(units, scene.author, scene.coordinator, scene.programme)
    async with units.write() as unit:
        await submit.withdraw_case(
            unit, scene.author, case.key, row_version=case.row_version, erase_now=False
        )
    for days, erased in ((29, 0), (2, 1), (1, 0)):
        clock.advance(days=days)
        async with units.write() as unit:
            assert await reactions.erase_withdrawn(unit) == erased
    async with units.read() as unit:
        assert (await store.load_version(unit, case.id, 1)).answers is None


async def test_the_queue_holds_the_desks_own_programmes_oldest_first(
    units: Units, scene: Scene, hub: OrganisationId, clock: FakeClock
) -> None:
    other = await a_programme(units, hub, code="SU")
    foreign = await somebody(units, other, Role.SPOKE_CLINICIAN)
    await a_case(units, foreign, other)
    first = await a_case(units, scene.author, scene.programme)
    clock.advance(hours=1)
    second = await a_case(units, scene.author, scene.programme)
    await put_in_state(units, second, CaseState.IN_REVIEW)
    async with units.read() as unit:
        queue = await triage_queue(unit, scene.coordinator)
    assert [item.case.id for item in queue] == [first.id, second.id]


async def test_a_stale_button_changes_nothing(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        await triage.pass_check(
            unit, scene.coordinator, case.key, row_version=case.row_version, verdicts={}
        )
    async with units.write() as unit:
        with pytest.raises(Conflict, match="stale"):
            await send_back.decline(
                unit,
                scene.coordinator,
                case.key,
                row_version=case.row_version,
                reason="Too late for this one",
            )
    assert await state_of(units, case) is CaseState.SUBMITTED
