"""A case too soon for any slot: moved by the director, answered by those asked, signed as always."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text

from cases.commands import econsults, erasing, recommend, send_back, sign, triage
from cases.events import CaseConverted, EConsultAsked
from cases.queries import triage_queue
from cases.queries.advice import letters
from cases.queries.econsults import able, to_answer
from cases.rules.advice import Content, ProblemArea, Recommendation, suggested
from cases.rules.letter import Signed
from cases.rules.models import Case, CaseState
from cases.rules.turnaround import Pace
from cases.store import cases as case_store
from cases.store import recommendations as store
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.notices import Notices
from server.people import api as people_api
from server.people import store as people
from server.store.tables import MailRow
from server.store.unit import Units
from sessions import api as sessions
from tests.conftest import FakeClock
from tests.factories.advice import RAISE, Clinic, reloaded, revision_of, sign_draft
from tests.factories.cases import an_accepted_case, verdicts_of
from tests.factories.econsults import a_pressing_case, an_econsult, convert, without_slots
from tests.factories.people import actor_of, make_actor
from tests.factories.records import audit_actions, events_of

S = CaseState


async def ask_more(units: Units, actor: Actor, case: Case, *specialists: Actor) -> Case:
    async with units.write() as unit:
        return await econsults.ask_more(
            unit,
            actor,
            case.key,
            row_version=case.row_version,
            specialists=[one.person for one in specialists],
        )


def advice() -> Content:
    return suggested(RAISE, ProblemArea.DOSE)


async def write(units: Units, actor: Actor, case: Case) -> None:
    async with units.write() as unit:
        done = await recommend.add_item(
            unit, actor, case.key, advice(), speaker=actor.person, at_ms=None
        )
    assert not isinstance(done, recommend.NotYet), done


async def waiting(units: Units, actor: Actor) -> list[tuple[str, Pace]]:
    async with units.read() as unit:
        return [(item.case.key, item.due.pace) for item in await to_answer(unit, actor)]


@pytest.mark.both_databases
async def test_the_director_moves_what_cannot_wait_to_an_e_consult(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    soon = await an_accepted_case(
        units, clinic.presenter, clinic.coordinator, clinic.programme, urgency="soon"
    )
    async with units.read() as unit:
        slots = await sessions.free_slots(unit, clinic.programme.id)
    assert (slots[0].starts_at - clock.now()).days < 14
    with pytest.raises(Conflict, match=r"case\.not_convertible"):
        await convert(units, clinic.director, soon, clinic.specialist)
    await without_slots(units, clinic.programme.id)
    with pytest.raises(Forbidden, match=r"case\.not_yours_to_do"):
        await convert(units, clinic.coordinator, soon, clinic.specialist)
    for outsider in (clinic.facilitator, clinic.specialist, clinic.colleague, clinic.learner):
        with pytest.raises(NotFound):
            await convert(units, outsider, soon, clinic.specialist)
    with pytest.raises(Forbidden):
        await convert(units, clinic.presenter, soon, clinic.specialist)
    routine = await an_accepted_case(units, clinic.presenter, clinic.coordinator, clinic.programme)
    with pytest.raises(Conflict, match=r"case\.not_convertible"):
        await convert(units, clinic.director, routine, clinic.specialist)
    done = await convert(units, clinic.director, soon, clinic.specialist)
    assert (done.state, done.converted_at, done.lost_slot) == (S.CONVERTED, clock.now(), "")
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await convert(units, clinic.director, done, clinic.specialist)


async def test_one_to_three_specialists_of_the_hub_are_asked_each_once(
    units: Units, clinic: Clinic
) -> None:
    case = await a_pressing_case(units, clinic)
    more = [
        await make_actor(units, f"Specialist {n}", {clinic.programme.id: (Role.HUB_SPECIALIST,)})
        for n in range(4)
    ]
    for wrong in ((), (clinic.colleague,), (clinic.specialist, clinic.learner), tuple(more)):
        with pytest.raises(Invalid, match=r"case\.specialists"):
            await convert(units, clinic.director, case, *wrong)
    case = await convert(units, clinic.director, case, clinic.specialist, more[0])
    case = await ask_more(units, clinic.coordinator, case, more[0], more[1])
    for actor, refusal in (
        (clinic.facilitator, NotFound),
        (clinic.specialist, NotFound),
        (clinic.learner, NotFound),
        (clinic.presenter, Forbidden),
    ):
        with pytest.raises(refusal):
            await ask_more(units, actor, case, more[2])
    asked = [e.person_id for e in await events_of(units, EConsultAsked)]
    assert asked == [
        *sorted((clinic.specialist.person, more[0].person)),
        more[1].person,
    ]
    assert [e.author_id for e in await events_of(units, CaseConverted)] == [
        clinic.presenter.person
    ]
    assert [a for a in await audit_actions(units) if "convert" in a or "econsult" in a] == [
        "case.convert",
        "case.econsult_asked",
        "case.econsult_asked",
    ]


async def test_mails_hold_a_number_and_a_link(units: Units, clinic: Clinic) -> None:
    case = await an_econsult(units, clinic)
    news = Notices("https://clinic.test")
    for _ in range(2):
        async with units.write() as unit:
            for moved in await events_of(units, CaseConverted):
                await news.on_case_converted(unit, moved)
            for asked in await events_of(units, EConsultAsked):
                await news.on_econsult_asked(unit, asked)
            await unit.commit()
    async with units.read() as unit:
        rows = await unit.db.scalars(select(MailRow).order_by(MailRow.recipient))
        mails = [(row.recipient, row.subject, row.body.splitlines()[-1]) for row in rows]
    link = f"https://clinic.test/cases/{case.case_no}"
    assert mails == [
        ("presenter.of.bh@test.invalid", f"{case.case_no} is answered in writing", link),
        ("specialist.of.bh@test.invalid", f"{case.case_no} waits for your answer", link),
    ]


@pytest.mark.both_databases
async def test_those_asked_write_the_director_signs_and_the_presenter_gets_the_letter(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await an_econsult(units, clinic)
    other = await make_actor(units, "Not Asked", {clinic.programme.id: (Role.HUB_SPECIALIST,)})
    assert await waiting(units, clinic.specialist) == [(case.key, Pace.ON_TIME)]
    assert await waiting(units, other) == []
    with pytest.raises(NotFound):
        await write(units, other, case)
    clock.advance(hours=71)
    assert await waiting(units, clinic.specialist) == [(case.key, Pace.ON_TIME)]
    clock.advance(hours=1)
    assert await waiting(units, clinic.specialist) == [(case.key, Pace.LATE)]
    async with units.read() as unit:
        [queued] = await triage_queue(unit, clinic.coordinator)
        assert queued.due is not None
        assert (queued.case.key, queued.due.pace) == (case.key, Pace.LATE)
        for reader in (clinic.specialist, clinic.coordinator, clinic.director):
            [due] = (await letters(unit, reader)).due
            assert (due.case.key, due.pace) == (case.key, Pace.LATE)
        assert (await letters(unit, other)).due == ()
    await write(units, clinic.specialist, case)
    assert (await reloaded(units, case)).state is S.RECS_DRAFTED
    # Those who answer write; sending and signing stay the desk's and the director's.
    revision = await revision_of(units, case)
    async with units.write() as unit:
        with pytest.raises(Forbidden):
            await sign.send_to_director(unit, clinic.specialist, case.key, revision=revision)
    async with units.write() as unit:
        with pytest.raises(Forbidden):
            await sign.sign_recommendations(
                unit, clinic.specialist, case.key, revision=revision, attested=True
            )
    async with units.write() as unit:
        await sign.send_to_director(unit, clinic.coordinator, case.key, revision=revision)
    assert await waiting(units, clinic.specialist) == []
    revision = await revision_of(units, case)
    async with units.write() as unit:
        signed = await sign.sign_recommendations(
            unit, clinic.director, case.key, revision=revision, attested=True
        )
    assert isinstance(signed, Signed)
    assert signed.letter is not None
    assert signed.letter.session_at is None
    assert [line.text for line in signed.letter.lines] == [RAISE]
    assert signed.letter.hub_present == (clinic.specialist.name,)
    after = await reloaded(units, case)
    assert after.state is S.RECS_ISSUED
    async with units.read() as unit:
        [mine] = (await letters(unit, clinic.presenter)).issued
        assert mine.case.key == case.key
        assert await triage_queue(unit, clinic.coordinator) == ()
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await ask_more(units, clinic.coordinator, after, clinic.specialist)


async def test_who_leaves_the_hub_answers_no_more(units: Units, clinic: Clinic) -> None:
    case = await an_econsult(units, clinic)
    async with units.write() as unit:
        await people.revoke(
            unit, clinic.specialist.person, clinic.programme.id, Role.HUB_SPECIALIST
        )
        await people.grant(unit, clinic.specialist.person, clinic.programme.id, Role.LEARNER)
        await unit.commit()
    gone = await actor_of(units, clinic.specialist.person)
    assert await waiting(units, gone) == []
    with pytest.raises(NotFound):
        await write(units, gone, case)
    async with units.read() as unit:
        assert await store.load(unit, case.id) is None


@pytest.mark.both_databases
async def test_it_is_moved_only_with_what_a_slot_asks_for(units: Units, clinic: Clinic) -> None:
    case = await a_pressing_case(units, clinic)
    async with units.write() as unit:
        await unit.db.execute(text("UPDATE case_passes SET ruleset = 'older'"))
        await unit.commit()
    with pytest.raises(Conflict, match=r"case\.older_rules|case\.second_reader_missing"):
        await convert(units, clinic.director, case, clinic.specialist)
    verdicts = await verdicts_of(units, clinic.coordinator, case)
    async with units.write() as unit:
        case = await triage.pass_check(
            unit, clinic.coordinator, case.key, row_version=case.row_version, verdicts=verdicts
        )
    async with units.write() as unit:
        marked = replace(case, second_reasons=("doubt",))
        case = await case_store.save(unit, case, marked)
        await unit.commit()
    with pytest.raises(Conflict, match=r"case\.second_reader_missing"):
        await convert(units, clinic.director, case, clinic.specialist)
    async with units.write() as unit:
        case = await case_store.save(unit, case, replace(case, second_reasons=()))
        await case_store.purge(unit, case.id, clinic.director.person)
        await unit.commit()
    with pytest.raises(Conflict, match=r"case\.text_erased"):
        await convert(units, clinic.director, case, clinic.specialist)
    assert (await reloaded(units, case)).state is S.ACCEPTED
    assert await waiting(units, clinic.specialist) == []


@pytest.mark.both_databases
async def test_an_e_consult_without_its_text_asks_nobody_and_is_declined(
    units: Units, clinic: Clinic
) -> None:
    case = await an_econsult(units, clinic)
    async with units.write() as unit:
        case = await erasing.purge(
            unit, clinic.coordinator, case.key, row_version=case.row_version, reason="name"
        )
    assert await waiting(units, clinic.specialist) == []
    with pytest.raises(NotFound):
        await write(units, clinic.specialist, case)
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await ask_more(units, clinic.coordinator, case, clinic.director)
    async with units.read() as unit:
        assert (await letters(unit, clinic.specialist)).due == ()
        [queued] = await triage_queue(unit, clinic.coordinator)
        assert (queued.case.key, queued.due) == (case.key, None)
    async with units.write() as unit:
        with pytest.raises(Forbidden):
            await send_back.decline(
                unit,
                clinic.director,
                case.key,
                row_version=case.row_version,
                reason="Its text is gone.",
            )
    async with units.write() as unit:
        done = await send_back.decline(
            unit,
            clinic.coordinator,
            case.key,
            row_version=case.row_version,
            reason="Its text is gone.",
        )
    assert isinstance(done, Case)
    assert done.state is S.DECLINED
    async with units.read() as unit:
        assert await triage_queue(unit, clinic.coordinator) == ()


@pytest.mark.both_databases
async def test_who_answers_writes_what_they_say_themselves_and_no_more(
    units: Units, clinic: Clinic
) -> None:
    case = await a_pressing_case(units, clinic)
    second = await make_actor(units, "Second", {clinic.programme.id: (Role.HUB_SPECIALIST,)})
    case = await convert(units, clinic.director, case, clinic.specialist, second)
    for actor in (clinic.specialist, second):
        await write(units, actor, case)
    async with units.read() as unit:
        draft = await store.load(unit, case.id)
    assert draft is not None
    own, other = draft.items
    assert [s.person for item in (own, other) for s in item.said] == [
        clinic.specialist.person,
        second.person,
    ]
    with pytest.raises(Forbidden, match=r"rec\.not_yours_to_do"):
        async with units.write() as unit:
            await recommend.add_item(
                unit, clinic.specialist, case.key, advice(), speaker=second.person, at_ms=None
            )

    async def save(actor: Actor, item: Recommendation) -> None:
        async with units.write() as unit:
            done = await recommend.save_item(
                unit, actor, case.key, item.id, item.version, content=item.content
            )
        assert not isinstance(done, recommend.NotYet)

    async def note(actor: Actor) -> None:
        async with units.write() as unit:
            await recommend.save_notes(
                unit,
                actor,
                case.key,
                revision=await revision_of(units, case),
                summary="In short.",
                watch_for="",
            )

    with pytest.raises(Forbidden, match=r"rec\.not_yours_to_do"):
        await save(clinic.specialist, other)
    with pytest.raises(Forbidden, match=r"rec\.not_yours_to_do"):
        await note(clinic.specialist)
    with pytest.raises(Forbidden, match=r"rec\.not_yours_to_do"):
        async with units.write() as unit:
            await recommend.take_over(unit, clinic.specialist, case.key)
    await save(clinic.specialist, own)
    await save(clinic.coordinator, other)
    # Once it is answered, nothing: what is amended is the desk's and the director's.
    await sign_draft(units, clinic.director, case)
    async with units.write() as unit:
        await sign.amend(
            unit,
            clinic.director,
            case.key,
            revision=await revision_of(units, case),
            reason="A dose was wrong in it.",
        )
    with pytest.raises(NotFound):
        await write(units, clinic.specialist, case)
    with pytest.raises(NotFound):
        await note(clinic.specialist)


@pytest.mark.both_databases
async def test_closed_accounts_are_neither_offered_nor_asked(units: Units, clinic: Clinic) -> None:
    case = await a_pressing_case(units, clinic)
    async with units.write() as unit:
        await people.change(unit, clinic.specialist.person, disabled_at=unit.now)
        await people.change(unit, clinic.coordinator.person, disabled_at=unit.now)
        await unit.commit()
    async with units.read() as unit:
        assert [card.id for card in await able(unit, case)] == [clinic.director.person]
        assert await people_api.coordinators_of(unit, clinic.programme.id) == ()
        # Their roles are still listed where roles are given and taken.
        listed = await people_api.members_of(unit, clinic.programme.id, closed=True)
        assert {m.card.id for m in listed} >= {
            clinic.specialist.person,
            clinic.coordinator.person,
        }
    with pytest.raises(Invalid, match=r"case\.specialists"):
        await convert(units, clinic.director, case, clinic.specialist)
    assert await events_of(units, EConsultAsked) == []
