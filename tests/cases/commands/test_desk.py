"""The desk on real databases: two readers, rules that grow old, comments at fields, the purge."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from cases.commands import send_back, submit, triage
from cases.commands.send_back import Message
from cases.commands.submit import Submitted, Target, Written
from cases.queries import case_sheet, kept_form, review, triage_queue
from cases.rules.form_setup import FormSetup
from cases.rules.models import Case, CaseState
from cases.rules.passes import Standing
from cases.store import cases as store
from cases.store import desk, forms
from cases.web import desk_words
from server.deid.models import Held
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, Forbidden, Invalid
from server.store.unit import Units
from sessions import api as sessions
from tests.cases.commands.conftest import Scene
from tests.conftest import FakeClock
from tests.factories.cases import a_case, a_form, an_accepted_case, verdicts_of
from tests.factories.records import audit_actions
from tests.factories.sessions import somebody

pytestmark = pytest.mark.both_databases


async def let_pass(
    units: Units, reader: Actor, case: Case, *second: str, then_accept: bool = False
) -> Case:
    async with units.write() as unit:
        return await triage.pass_check(
            unit,
            reader,
            case.key,
            row_version=case.row_version,
            verdicts={},
            second=second,
            then_accept=then_accept,
        )


async def take_in(units: Units, reader: Actor, case: Case) -> Case:
    async with units.write() as unit:
        return await triage.accept(unit, reader, case.key, row_version=case.row_version)


async def grow_old(units: Units, case: Case) -> None:
    """Pretend that the passes so far were given with the rules of last year."""
    async with units.write() as unit:
        await unit.db.execute(
            text("UPDATE case_passes SET ruleset = '2030.1' WHERE case_id = :case"),
            {"case": case.id},
        )
        await unit.commit()


# -- two readers ---------------------------------------------------------------------------------


async def test_a_marked_case_needs_two_people_before_it_is_accepted(
    units: Units, scene: Scene
) -> None:
    case = await a_case(units, scene.author, scene.programme)
    with pytest.raises(Conflict, match=r"case\.second_reader_missing"):
        await let_pass(units, scene.coordinator, case, "rare_disease", then_accept=True)
    passed = await let_pass(units, scene.coordinator, case, "rare_disease")
    assert (passed.state, passed.second_reasons) == (CaseState.SUBMITTED, ("rare_disease",))
    with pytest.raises(Conflict, match=r"case\.second_reader_missing"):
        await take_in(units, scene.coordinator, passed)
    with pytest.raises(Conflict, match=r"case\.passed_already"):
        await let_pass(units, scene.coordinator, passed)
    second = await let_pass(units, scene.director, passed)
    assert second.state is CaseState.SUBMITTED
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await let_pass(units, await somebody(units, scene.programme, Role.DIRECTOR), second)
    accepted = await take_in(units, scene.coordinator, second)
    assert accepted.state is CaseState.ACCEPTED
    async with units.read() as unit:
        found = await review(unit, scene.coordinator, case.key)
    readers = {p.by for p in found.standing.passed}
    assert readers == {scene.coordinator.person, scene.director.person}
    steps = [a for a in await audit_actions(units) if a.startswith("case.")]
    assert steps == [
        "case.submitted",
        "case.pass",
        "case.passed_again",
        "case.open",
        "case.accept",
    ]


async def test_the_second_reader_can_accept_in_one_press(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    passed = await let_pass(units, scene.director, case, "tiny_community")
    accepted = await let_pass(units, scene.coordinator, passed, then_accept=True)
    assert accepted.state is CaseState.ACCEPTED


async def test_an_author_at_the_desk_is_never_the_second_reader(
    units: Units, scene: Scene
) -> None:
    both = await somebody(units, scene.programme, Role.SPOKE_CLINICIAN, Role.COORDINATOR)
    case = await a_case(units, both, scene.programme)
    passed = await let_pass(units, scene.coordinator, case, "recognisable")
    with pytest.raises(Forbidden, match=r"case\.own_check"):
        await let_pass(units, both, passed)


async def test_a_mark_stays_when_the_case_comes_back(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    passed = await let_pass(units, scene.coordinator, case, "rare_disease")
    again = await send_back_and_return(units, scene, passed)
    async with units.read() as unit:
        found = await review(unit, scene.director, case.key)
    assert (again.second_reasons, again.content_version) == (("rare_disease",), 2)
    # The pass was for the first text: nobody has passed the second.
    assert (found.standing.passed, found.standing.older) == ((), ())


async def send_back_and_return(units: Units, scene: Scene, case: Case) -> Case:
    async with units.write() as unit:
        returned = await send_back.return_case(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            message=Message("Which dose did you reach?"),
        )
    assert isinstance(returned, Case)
    async with units.write() as unit:
        target = Target(key=case.key, row_version=returned.row_version)
        sent = await submit.submit_case(unit, scene.author, target, Written(a_form(age="35"), {}))
    assert isinstance(sent, Submitted)
    return sent.case


async def test_an_unknown_mark_changes_nothing(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    with pytest.raises(Invalid, match=r"case\.mark_unknown"):
        await let_pass(units, scene.coordinator, case, "because")
    async with units.read() as unit:
        assert (await store.load(unit, case.id)) == case


# -- rules that grow old -------------------------------------------------------------------------


async def test_newer_rules_void_a_pass_until_somebody_looks_again(
    units: Units, scene: Scene
) -> None:
    case = await a_case(units, scene.author, scene.programme)
    passed = await let_pass(units, scene.coordinator, case)
    await grow_old(units, case)
    with pytest.raises(Conflict, match=r"case\.older_rules"):
        await take_in(units, scene.coordinator, passed)
    async with units.read() as unit:
        found = await review(unit, scene.coordinator, case.key)
        (line,) = await triage_queue(unit, scene.coordinator)
    assert found.standing.older_rules and found.may_pass_again
    assert line.standing is not None and line.standing.older_rules
    again = await let_pass(units, scene.coordinator, passed, then_accept=True)
    assert again.state is CaseState.ACCEPTED


async def test_an_accepted_case_gets_no_slot_under_older_rules(units: Units, scene: Scene) -> None:
    case = await an_accepted_case(units, scene.author, scene.coordinator, scene.programme)
    await grow_old(units, case)
    async with units.read() as unit:
        slot = (await sessions.free_slots(unit, scene.programme.id))[0]

    async def place(row_version: int) -> Case:
        async with units.write() as unit:
            return await triage.give_slot(
                unit,
                scene.coordinator,
                case.key,
                row_version=row_version,
                session=slot.session,
                item=slot.item,
            )

    with pytest.raises(Conflict, match=r"case\.older_rules"):
        await place(case.row_version)
    again = await let_pass(units, scene.director, case)
    assert again.state is CaseState.ACCEPTED
    assert (await place(again.row_version)).state is CaseState.SCHEDULED


TURNS_NINETY = "His mother, born in 1942, lives with him and helps. Low mood most days."
"""Nothing in 2031; with the New Year of 2032 she is over 89 by the calendar."""


@pytest.fixture
def eve(clock: FakeClock) -> FakeClock:
    clock.set(datetime(2031, 12, 31, 23, 59, tzinfo=UTC))
    return clock


async def verdicts_and_standing(
    units: Units, reader: Actor, case: Case
) -> tuple[list[str], Standing]:
    async with units.read() as unit:
        found = await review(unit, reader, case.key)
        lines = [line.standing for line in await triage_queue(unit, reader)]
    assert lines == [found.standing]
    return [f.rule for f in found.flagged], found.standing


async def test_a_pass_knows_the_new_year(units: Units, scene: Scene, eve: FakeClock) -> None:
    case = await a_case(units, scene.author, scene.programme, presenting_problem=TURNS_NINETY)
    passed = await let_pass(units, scene.coordinator, case)
    before = await verdicts_and_standing(units, scene.coordinator, passed)
    assert (before[0], before[1].complete) == ([], True)

    eve.advance(minutes=1)
    rules, standing = await verdicts_and_standing(units, scene.coordinator, passed)
    assert (rules, standing.complete, standing.older_rules) == (["age.born"], False, True)
    with pytest.raises(Conflict, match=r"case\.older_rules"):
        await take_in(units, scene.coordinator, passed)
    with pytest.raises(Conflict, match=r"case\.warnings_unresolved"):
        await let_pass(units, scene.coordinator, passed)

    # The same person may look again with the same rules, and then it holds for good.
    async with units.write() as unit:
        await triage.pass_check(
            unit,
            scene.coordinator,
            case.key,
            row_version=passed.row_version,
            verdicts=await verdicts_of(units, scene.coordinator, passed),
        )
    eve.advance(days=3660)
    again = await verdicts_and_standing(units, scene.coordinator, passed)
    assert (again[0], again[1].complete) == (["age.born"], True)


async def test_a_text_without_such_years_stays_passed(
    units: Units, scene: Scene, eve: FakeClock
) -> None:
    case = await a_case(units, scene.author, scene.programme)
    passed = await let_pass(units, scene.coordinator, case)
    eve.advance(days=3660)
    rules, standing = await verdicts_and_standing(units, scene.coordinator, passed)
    assert (rules, standing.complete) == ([], True)


# -- comments at fields --------------------------------------------------------------------------


async def test_comments_stand_at_their_fields_until_the_next_submission(
    units: Units, scene: Scene
) -> None:
    case = await a_case(units, scene.author, scene.programme)
    passed = await let_pass(units, scene.coordinator, case)
    asked = {"presenting_problem": "Say how long ago it began.", "sleep": "Since when is that?"}
    async with units.write() as unit:
        returned = await send_back.return_case(
            unit,
            scene.coordinator,
            case.key,
            row_version=passed.row_version,
            message=Message(comments=asked | {"goal_own_words": "  "}),
        )
    assert isinstance(returned, Case)
    assert (returned.state, returned.message) == (CaseState.NEEDS_CHANGES, "")
    async with units.read() as unit:
        form = await kept_form(unit, scene.author, case.key)
    assert {c.path: c.text for c in form.comments} == asked
    assert {c.by for c in form.comments} == {scene.coordinator.person}
    async with units.write() as unit:
        target = Target(key=case.key, row_version=returned.row_version)
        sent = await submit.submit_case(unit, scene.author, target, Written(a_form(), {}))
    assert isinstance(sent, Submitted)
    async with units.read() as unit:
        assert await desk.load_comments(unit, case.id, 2) == ()


async def test_a_comment_is_checked_like_any_text(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)

    async def ask(**comments: str) -> Case | Held:
        async with units.write() as unit:
            return await send_back.reject(
                unit,
                scene.coordinator,
                case.key,
                row_version=case.row_version,
                message=Message(comments=comments),
            )

    held = await ask(presenting_problem="Call me on 505-555-0143 about this.")
    assert isinstance(held, Held) and set(held.findings) == {"presenting_problem"}
    with pytest.raises(Invalid, match=r"case\.comment_unknown"):
        await ask(surname="Who is this?")
    for too_little in ({}, {"sleep": "why"}):
        with pytest.raises(Invalid, match=r"case\.reason_needed"):
            await ask(**too_little)
    async with units.read() as unit:
        assert (await store.load(unit, case.id)) == case
        assert await desk.load_comments(unit, case.id, 1) == ()


async def test_a_second_reader_can_have_a_text_erased(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    passed = await let_pass(units, scene.director, case, "rare_disease")
    async with units.write() as unit:
        returned = await send_back.return_case(
            unit,
            scene.coordinator,
            case.key,
            row_version=passed.row_version,
            message=Message(comments={"presenting_problem": "It names a person."}),
            erase=frozenset({"presenting_problem"}),
        )
    assert isinstance(returned, Case) and returned.state is CaseState.NEEDS_CHANGES
    async with units.read() as unit:
        version = await store.load_version(unit, case.id, 1)
        form = await kept_form(unit, scene.author, case.key)
    assert (version.answers, version.purged_by) == (None, scene.coordinator.person)
    assert "presenting_problem" not in form.raw
    assert [c.text for c in form.comments] == ["It names a person."]


# -- refuse and purge ----------------------------------------------------------------------------


@pytest.mark.parametrize("checked", [False, True])
async def test_refuse_and_purge_leaves_a_tombstone(
    units: Units, scene: Scene, clock: FakeClock, checked: bool
) -> None:
    first = await a_case(units, scene.author, scene.programme)
    passed = await let_pass(units, scene.coordinator, first)
    case = await send_back_and_return(units, scene, passed)
    if checked:
        case = await let_pass(units, scene.coordinator, case)
    async with units.read() as unit:
        hashes = [(await store.load_version(unit, case.id, n)).content_hash for n in (1, 2)]
    async with units.write() as unit:
        declined = await send_back.decline(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            reason="It names a person in every line.",
            purge=True,
        )
    assert isinstance(declined, Case)
    assert (declined.state, declined.main_question) == (CaseState.DECLINED, "")
    async with units.read() as unit:
        versions = [await store.load_version(unit, case.id, n) for n in (1, 2)]
        sheet = await case_sheet(unit, scene.author, case.key)
        rows = await unit.db.execute(text("SELECT answers FROM case_versions"))
        assert [row[0] for row in rows] == [None, None]
        assert await store.load_draft(unit, case.id) is None
    assert [v.content_hash for v in versions] == hashes
    assert {(v.purged_by, v.purged_at) for v in versions} == {
        (scene.coordinator.person, clock.now())
    }
    assert (sheet.sections, sheet.case.message) == ((), "It names a person in every line.")
    assert (await audit_actions(units))[-2:] == ["case.decline", "case.purged"]


async def test_a_plain_refusal_keeps_the_text_for_its_author(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        await send_back.decline(
            unit,
            scene.coordinator,
            case.key,
            row_version=case.row_version,
            reason="This clinic is for adults only.",
        )
    async with units.read() as unit:
        assert (await store.load_version(unit, case.id, 1)).answers is not None


async def test_only_the_coordinator_refuses(units: Units, scene: Scene) -> None:
    case = await a_case(units, scene.author, scene.programme)
    async with units.write() as unit:
        with pytest.raises(Forbidden, match=r"case\.not_yours_to_do"):
            await send_back.decline(
                unit,
                scene.director,
                case.key,
                row_version=case.row_version,
                reason="It does not fit.",
                purge=True,
            )
    async with units.read() as unit:
        assert (await store.load_version(unit, case.id, 1)).answers is not None


# -- the clock -----------------------------------------------------------------------------------


async def test_the_queue_is_sorted_by_what_is_due_first(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    late = await a_case(units, scene.author, scene.programme)
    clock.advance(days=7)
    plain = await a_case(units, scene.author, scene.programme)
    clock.advance(minutes=5)
    soon = await a_case(units, scene.author, scene.programme, urgency="soon")
    waiting = await an_accepted_case(units, scene.author, scene.coordinator, scene.programme)
    late = await let_pass(units, scene.coordinator, late)
    async with units.read() as unit:
        queue = await triage_queue(unit, scene.coordinator)
    assert [item.case.id for item in queue] == [late.id, soon.id, plain.id, waiting.id]
    assert [item.due and item.due.pace.value for item in queue] == [
        "very_late",
        "on_time",
        "on_time",
        None,
    ]


# -- children ------------------------------------------------------------------------------------


async def test_a_child_is_read_by_two_and_the_desk_says_why(units: Units, scene: Scene) -> None:
    async with units.write() as unit:
        await forms.add_setup(
            unit,
            scene.programme.id,
            FormSetup(minors=True),
            after=0,
            by=scene.coordinator.person,
        )
        await unit.commit()
    case = await a_case(units, scene.author, scene.programme, age="15", pregnancy="no")
    assert case.second_reasons == ("child",)
    with pytest.raises(Conflict, match=r"case\.second_reader_missing"):
        await let_pass(units, scene.coordinator, case, then_accept=True)
    passed = await let_pass(units, scene.coordinator, case)
    async with units.read() as unit:
        found = await review(unit, scene.director, case.key)
        (line,) = await triage_queue(unit, scene.director)
    assert desk_words.second(found.sheet.case.second_reasons) == ("The person is under 18",)
    assert line.standing is not None and line.standing.second_missing
    second = await let_pass(units, scene.director, passed)
    assert (await take_in(units, scene.coordinator, second)).state is CaseState.ACCEPTED


async def test_an_age_that_was_wrong_frees_the_next_text_from_the_second_reader(
    units: Units, scene: Scene
) -> None:
    async with units.write() as unit:
        await forms.add_setup(
            unit,
            scene.programme.id,
            FormSetup(minors=True),
            after=0,
            by=scene.coordinator.person,
        )
        await unit.commit()
    case = await a_case(units, scene.author, scene.programme, age="5", pregnancy=None)
    again = await send_back_and_return(
        units, scene, await let_pass(units, scene.coordinator, case, "rare_disease")
    )
    # The mark that a reader set stays; only the age is the author's to correct.
    assert again.second_reasons == ("rare_disease",)
