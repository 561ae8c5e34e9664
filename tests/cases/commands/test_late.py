"""An identifier found late: recalled to its author, or erased where it stands; copies; no slot."""

import pytest
from sqlalchemy import text

from cases.commands import copying, drafts, erasing, send_back, submit, triage
from cases.commands.send_back import Message
from cases.commands.submit import Submitted, Target, Written
from cases.events import CaseErased, CaseReturned, EntryRetracted, RecommendationsSigned
from cases.library import indexer
from cases.queries import advice, case_sheet, kept_form, review, triage_queue
from cases.rules.models import Case, CaseState, CaseType
from cases.rules.publication import EntryState
from cases.store import cases as store
from cases.store import library
from cases.store import recommendations as letters
from server.deid.models import Held
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions import api as sessions
from sessions.commands import running
from tests.cases.commands.conftest import Scene
from tests.conftest import FakeClock
from tests.factories.advice import a_clinic, a_presented_case, a_signed_case, reloaded
from tests.factories.cases import (
    a_case,
    a_form,
    a_scheduled_case,
    an_accepted_case,
    put_in_state,
)
from tests.factories.records import audit_text, events_of
from tests.factories.sessions import somebody

pytestmark = pytest.mark.both_databases

STORY = "Low mood since the birth. Everybody at the quadrille club knows the person by the hat."
CANARY = "quadrille"


async def call_back(
    units: Units, actor: Actor, case: Case, *erase: str, **comments: str
) -> Case | Held:
    async with units.write() as unit:
        return await send_back.recall(
            unit,
            actor,
            case.key,
            row_version=case.row_version,
            message=Message("What you wrote there singles the person out.", comments),
            erase=frozenset(erase),
        )


async def erase(
    units: Units, actor: Actor, case: Case, *, reason: str = "name", keep_advice: bool = False
) -> Case:
    async with units.write() as unit:
        return await erasing.purge(
            unit,
            actor,
            case.key,
            row_version=case.row_version,
            reason=reason,
            keep_advice=keep_advice,
        )


# -- while the author can still write ------------------------------------------------------------


@pytest.mark.parametrize("by", ["coordinator", "director"])
async def test_a_scheduled_case_is_called_back_and_its_slot_is_free(
    units: Units, scene: Scene, by: str
) -> None:
    async with units.read() as unit:
        free = len(await sessions.free_slots(unit, scene.programme.id))
    case = await a_scheduled_case(
        units, scene.author, scene.coordinator, scene.programme, presenting_problem=STORY
    )
    actor: Actor = getattr(scene, by)
    with pytest.raises(Invalid, match=r"case\.nothing_erased"):
        await call_back(units, actor, case)
    called = await call_back(units, actor, case, "presenting_problem")
    assert isinstance(called, Case)
    assert (called.state, called.session) == (CaseState.NEEDS_CHANGES, None)
    assert (await events_of(units, CaseReturned))[-1].outcome == "recalled"
    async with units.read() as unit:
        assert len(await sessions.free_slots(unit, scene.programme.id)) == free
        version = await store.load_version(unit, case.id, 1)
        form = await kept_form(unit, scene.author, case.key)
    assert (version.answers, version.purged_by) == (None, actor.person)
    assert "presenting_problem" not in form.raw
    assert form.raw["main_question"] == case.main_question
    async with units.write() as unit:
        target = Target(key=case.key, row_version=called.row_version)
        sent = await submit.submit_case(unit, scene.author, target, Written(a_form(), {}))
    assert isinstance(sent, Submitted) and sent.case.state is CaseState.PHI_CHECK


async def test_what_was_sent_back_can_still_be_erased_also_from_the_authors_draft(
    units: Units, scene: Scene
) -> None:
    case = await an_accepted_case(
        units, scene.author, scene.coordinator, scene.programme, presenting_problem=STORY
    )
    first = await call_back(units, scene.coordinator, case, "goal_own_words")
    assert isinstance(first, Case)
    async with units.write() as unit:
        target = Target(key=case.key, row_version=first.row_version)
        changed = a_form(presenting_problem=STORY, age="35")
        sent = await submit.submit_case(unit, scene.author, target, Written(changed, {}))
    assert isinstance(sent, Submitted)
    passed = await pass_on(units, scene.coordinator, sent.case)
    async with units.write() as unit:
        returned = await send_back.return_case(
            unit,
            scene.director,
            case.key,
            row_version=passed.row_version,
            message=Message("Which dose did you reach?"),
        )
    assert isinstance(returned, Case)
    async with units.write() as unit:
        target = Target(key=case.key, row_version=returned.row_version)
        kept = await drafts.save_draft(unit, scene.author, target, Written(changed, {}))
    assert isinstance(kept, drafts.Kept)
    called = await call_back(units, scene.coordinator, kept.case, "presenting_problem")
    assert isinstance(called, Case)
    async with units.read() as unit:
        draft = await store.load_draft(unit, case.id)
    assert draft is not None
    assert "presenting_problem" not in draft[0].values and draft[0].get("age") == 35
    assert CANARY not in await everything(units)


async def pass_on(units: Units, actor: Actor, case: Case) -> Case:
    async with units.write() as unit:
        return await triage.pass_check(
            unit, actor, case.key, row_version=case.row_version, verdicts={}
        )


async def test_a_director_returns_what_she_reads_as_the_second_person(
    units: Units, scene: Scene
) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        passed = await triage.pass_check(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            verdicts={},
            second=["rare_disease"],
        )
    async with units.write() as unit:
        returned = await send_back.return_case(
            unit,
            scene.director,
            case.key,
            row_version=passed.row_version,
            message=Message(
                comments={"presenting_problem": "The disease alone names the person."}
            ),
        )
    assert isinstance(returned, Case) and returned.state is CaseState.NEEDS_CHANGES
    async with units.read() as unit:
        (line,) = await triage_queue(unit, scene.coordinator)
    assert (line.case.id, line.due, line.standing) == (case.id, None, None)


async def test_calling_back_follows_the_desks_rules(units: Units, scene: Scene) -> None:
    case = await an_accepted_case(units, scene.author, scene.coordinator, scene.programme)
    specialist = await somebody(units, scene.programme, Role.HUB_SPECIALIST)
    for outsider, refusal in ((specialist, NotFound), (scene.author, Forbidden)):
        with pytest.raises(refusal):
            await call_back(units, outsider, case, "presenting_problem")
    held = await call_back(
        units, scene.coordinator, case, "presenting_problem", sleep="Call me on 505-555-0143."
    )
    assert isinstance(held, Held)
    for state in (CaseState.PHI_CHECK, CaseState.SUBMITTED, CaseState.PRESENTED):
        now = await put_in_state(units, await reloaded(units, case), state)
        with pytest.raises(Conflict, match=r"case\.wrong_state"):
            await call_back(units, scene.coordinator, now, "presenting_problem")


# -- when no author writes any more --------------------------------------------------------------


async def everything(units: Units) -> str:
    """Return every value of every table as one text."""
    async with units.read() as unit:
        if unit.dialect == "postgresql":
            names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        else:
            names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [row[0] for row in await unit.db.execute(text(names))]
        found = []
        for table in tables:
            # Names from the database's own catalogue.
            rows = await unit.db.execute(text(f'SELECT * FROM "{table}"'))
            found += [str(tuple(row)) for row in rows]
    return "\n".join(found)


async def deliver(units: Units, case: Case) -> None:
    """Bring the retraction to the library."""
    for event in await events_of(units, EntryRetracted):
        if event.case_id == case.id:
            async with units.write() as unit:
                await indexer.on_entry_retracted(unit, event)
                await unit.commit()


async def test_a_letter_and_everything_around_it_goes_and_leaves_tombstones(
    units: Units, hub: OrganisationId, spoke: OrganisationId, clock: FakeClock
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    case = await a_signed_case(
        units,
        clinic,
        presenting_problem=STORY,
        main_question="What helps somebody whom the whole quadrille club knows?",
    )
    async with units.read() as unit:
        signed = await letters.load_signed(unit, case.id, 1)
        hashed = (await store.load_version(unit, case.id, 1)).content_hash
    assert signed is not None and CANARY in signed.body
    assert CANARY in await everything(units)
    clock.advance(days=2)
    erased = await erase(units, clinic.director, case)
    await deliver(units, case)
    assert (erased.state, erased.state_at) == (case.state, case.state_at)
    assert CANARY not in await everything(units)
    async with units.read() as unit:
        tomb = await letters.load_signed(unit, case.id, 1)
        version = await store.load_version(unit, case.id, 1)
        entry = await library.of_case(unit, case.id)
        view = await advice.letter(unit, clinic.presenter, case.key, None)
        sheet = await case_sheet(unit, clinic.colleague, case.key)
        desk = await review(unit, clinic.coordinator, case.key)
        assert await sessions.captures(unit, case.id) == ()
    assert tomb is not None
    assert (tomb.body, tomb.body_hash, tomb.signed_by, tomb.signed_at) == (
        "",
        signed.body_hash,
        signed.signed_by,
        signed.signed_at,
    )
    assert (tomb.purged_by, tomb.purged_at) == (clinic.director.person, clock.now())
    assert (version.content_hash, version.purged_by) == (hashed, clinic.director.person)
    assert entry is not None and entry.state is EntryState.RETRACTED
    assert (view.signed.letter, view.signed.code) == (None, signed.code)
    assert (sheet.sections, sheet.case.main_question, sheet.entry) == ((), "", "")
    assert not desk.holds_advice
    (told,) = await events_of(units, CaseErased)
    assert (told.case_id, told.author_id, told.session_id) == (
        case.id,
        clinic.presenter.person,
        "",
    )
    audit = await audit_text(units)
    assert "case.purge" in audit and "library.retracted" in audit and CANARY not in audit


async def test_the_letter_can_stay_when_it_does_not_hold_it(
    units: Units, hub: OrganisationId, spoke: OrganisationId
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    case = await a_signed_case(units, clinic, presenting_problem=STORY)
    async with units.read() as unit:
        before = await letters.load_signed(unit, case.id, 1)
        lines = await sessions.captures(unit, case.id)
    kept = await erase(units, clinic.coordinator, case, keep_advice=True)
    await deliver(units, case)
    async with units.read() as unit:
        assert await letters.load_signed(unit, case.id, 1) == before
        assert await sessions.captures(unit, case.id) == lines != ()
        assert (await review(unit, clinic.coordinator, case.key)).holds_advice
    assert CANARY not in await everything(units)
    # Found there as well, later: the second press takes the rest.
    await erase(units, clinic.coordinator, kept)
    async with units.read() as unit:
        letter = await letters.load_signed(unit, case.id, 1)
        assert letter is not None and letter.body == ""
        assert await sessions.captures(unit, case.id) == ()


async def test_nothing_comes_back_by_a_late_event_or_a_rebuild(
    units: Units, hub: OrganisationId, spoke: OrganisationId
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    case = await a_signed_case(units, clinic, index=False, presenting_problem=STORY)
    await erase(units, clinic.coordinator, case)
    (signed,) = await events_of(units, RecommendationsSigned)
    async with units.write() as unit:
        await indexer.on_recommendations_signed(unit, signed)
        assert await indexer.rebuild(unit) == 0
        await unit.commit()
    async with units.read() as unit:
        assert await library.of_case(unit, case.id) is None


async def test_before_the_letter_the_hub_writes_it_without_the_erased_question(
    units: Units, hub: OrganisationId, spoke: OrganisationId
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    case = await a_presented_case(units, clinic, presenting_problem=STORY)
    erased = await erase(units, clinic.coordinator, case, reason="story")
    assert (erased.state, erased.main_question) == (CaseState.PRESENTED, "")
    async with units.read() as unit:
        bench = await advice.workbench(unit, clinic.coordinator, case.key)
    assert (bench.draft, bench.left) == (None, ())


async def go_live(units: Units, scene: Scene, case: Case) -> None:
    assert case.session is not None
    async with units.write() as unit:
        await running.open_session(unit, scene.coordinator, case.session)
        await running.start_session(unit, scene.coordinator, case.session)
        await unit.commit()


async def test_while_it_is_presented_the_text_goes_and_the_session_goes_on(
    units: Units, scene: Scene
) -> None:
    case = await a_scheduled_case(
        units, scene.author, scene.coordinator, scene.programme, presenting_problem=STORY
    )
    with pytest.raises(Conflict, match=r"case\.session_not_live"):
        await erase(units, scene.coordinator, case)
    await go_live(units, scene, case)
    with pytest.raises(Conflict, match=r"case\.session_running"):
        await call_back(units, scene.coordinator, case, "presenting_problem")
    erased = await erase(units, scene.coordinator, case)
    assert (erased.state, erased.session) == (CaseState.SCHEDULED, case.session)
    assert (await events_of(units, CaseErased))[-1].session_id == case.session
    assert CANARY not in await everything(units)
    # Its turn did not come: without a text it gets no slot, only back to its author.
    waiting = await put_in_state(units, erased, CaseState.ACCEPTED)
    async with units.read() as unit:
        slot = (await sessions.free_slots(unit, scene.programme.id))[-1]
    with pytest.raises(Conflict, match=r"case\.text_erased"):
        async with units.write() as unit:
            await triage.give_slot(
                unit,
                scene.coordinator,
                case.key,
                row_version=waiting.row_version,
                session=slot.session,
                item=slot.item,
            )


async def test_erasing_asks_who_why_and_where(units: Units, scene: Scene) -> None:
    case = await an_accepted_case(units, scene.author, scene.coordinator, scene.programme)
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await erase(units, scene.coordinator, case)
    closed = await put_in_state(units, case, CaseState.CLOSED)
    specialist = await somebody(units, scene.programme, Role.HUB_SPECIALIST)
    with pytest.raises(NotFound):
        await erase(units, specialist, closed)
    with pytest.raises(Forbidden):
        await erase(units, scene.author, closed)
    with pytest.raises(Invalid, match=r"case\.erase_reason"):
        await erase(units, scene.coordinator, closed, reason="Mr. Chance")
    with pytest.raises(Conflict, match="stale"):
        await erase(units, scene.coordinator, case)
    async with units.read() as unit:
        assert (await store.load_version(unit, case.id, 1)).answers is not None


# -- once more, and on ---------------------------------------------------------------------------


async def test_a_declined_case_is_tried_again_as_a_new_draft(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        await send_back.decline(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            reason="Another clinic is right for this.",
        )
    async with units.write() as unit:
        made = await copying.copy_case(unit, scene.author, case.key)
    copy = made.case
    assert (copy.state, copy.case_type, copy.case_no) == (CaseState.DRAFT, CaseType.NEW, "")
    assert copy.patient_ref != case.patient_ref and made.left_out == 0
    async with units.read() as unit:
        first = await store.load_version(unit, case.id, 1)
        draft = await store.load_draft(unit, copy.id)
    assert first.answers is not None and draft is not None
    assert draft[0] == first.answers
    async with units.write() as unit:
        with pytest.raises(NotFound):
            await copying.copy_case(unit, scene.coordinator, case.key)


async def test_only_a_declined_case_is_copied(units: Units, scene: Scene) -> None:
    case = await an_accepted_case(units, scene.author, scene.coordinator, scene.programme)
    for state in (CaseState.ACCEPTED, CaseState.CLOSED, CaseState.WITHDRAWN):
        await put_in_state(units, case, state)
        with pytest.raises(Conflict, match=r"case\.wrong_state"):
            async with units.write() as unit:
                await copying.copy_case(unit, scene.author, case.key)


async def test_an_erased_case_has_nothing_to_copy(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        await send_back.decline(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            reason="It names a person in every line.",
            purge=True,
        )
    async with units.write() as unit:
        with pytest.raises(Conflict, match=r"case\.text_erased"):
            await copying.copy_case(unit, scene.author, case.key)
