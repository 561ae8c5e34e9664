"""Submitting, keeping and withdrawing a case on real databases."""

import pytest
from sqlalchemy import text

from cases.commands import drafts, submit
from cases.commands.drafts import Clash, Kept
from cases.commands.submit import NotYet, Submitted, Target, Written
from cases.events import CaseSubmitted, CaseWithdrawn
from cases.queries import kept_form
from cases.rules.models import Case, CaseState, CaseType
from cases.store import cases as store
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.factories.cases import a_case, a_form, put_in_state, submit_raw
from tests.factories.records import audit_actions, audit_text, events_of
from tests.factories.sessions import a_programme, somebody

pytestmark = pytest.mark.both_databases

CANARY = "Evangeline Hartwright-Moss"
PHONE = "505-555-0143"
NARRATIVE = (
    f"Ms. {CANARY} first came on 03/14/2030 with low mood that has not lifted. "
    f"Her sister can be reached at {PHONE} in the evening."
)


async def everything_stored(units: Units) -> str:
    """Return every value of every case table, the outbox and the audit as one text."""
    tables = (
        "cases", "case_versions", "attestations", "finding_decisions", "outbox", "audit",
    )  # fmt: skip
    out = []
    async with units.read() as unit:
        for table in tables:
            rows = await unit.db.execute(text(f"SELECT * FROM {table}"))
            out += [str(tuple(row)) for row in rows]
    return "\n".join(out)


async def test_a_complete_case_waits_for_its_check(
    units: Units, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    assert (case.state, case.case_no, case.content_version) == (
        CaseState.PHI_CHECK,
        "BH-2031-001",
        1,
    )
    assert case.patient_ref.startswith("BH-") and len(case.patient_ref) == 8
    assert await events_of(units, CaseSubmitted) == [
        CaseSubmitted(case.id, programme.id, "BH-2031-001", 1, 0)
    ]
    async with units.read() as unit:
        version = await store.load_version(unit, case.id, 1)
        signed = await unit.db.execute(
            text("SELECT kind, wording FROM attestations ORDER BY kind")
        )
        assert [tuple(row) for row in signed] == [
            ("attest_deid", "deid-1"),
            ("attest_no_relationship", "no-relationship-1"),
            ("attest_treating", "treating-1"),
        ]
    assert version.answers is not None
    assert version.answers.get("phq9") == {
        "items": [2] * 8 + [0], "total": 16, "weeks_ago": 1,
        "instrument_version": "1", "scoring_version": "1",
    }  # fmt: skip
    assert "attest_deid" not in version.answers.values


async def test_numbers_run_per_programme(
    units: Units, author: Actor, programme: Programme, hub: OrganisationId
) -> None:
    other = await a_programme(units, hub, code="SU")
    second = await somebody(units, other, Role.SPOKE_TEAM)
    numbers = [
        (await a_case(units, author, programme)).case_no,
        (await a_case(units, second, other)).case_no,
        (await a_case(units, author, programme)).case_no,
    ]
    assert numbers == ["BH-2031-001", "SU-2031-001", "BH-2031-002"]


async def test_a_name_a_date_and_a_number_hold_the_case_and_leave_no_trace(
    units: Units, author: Actor, programme: Programme
) -> None:
    outcome = await submit_raw(units, author, programme, a_form(presenting_problem=NARRATIVE))
    assert isinstance(outcome, NotYet)
    assert outcome.held
    blocked = {f.category for f in outcome.flagged if f.blocking}
    assert blocked >= {"name", "date", "phone"}
    stored = await everything_stored(units)
    for trace in (CANARY, "Hartwright", "03/14/2030", PHONE, "low mood"):
        assert trace not in stored
    assert await audit_actions(units) == ["case.identifiers_held"]
    assert "'phone': 1" in await audit_text(units)
    assert await events_of(units, CaseSubmitted) == []


async def test_a_draft_with_an_identifier_is_not_kept_either(
    units: Units, author: Actor, programme: Programme
) -> None:
    async with units.write() as unit:
        outcome = await drafts.save_draft(
            unit,
            author,
            Target(programme=programme.id),
            Written({"presenting_problem": NARRATIVE}, {}),
        )
    assert isinstance(outcome, NotYet) and outcome.held
    assert CANARY not in await everything_stored(units)


async def test_one_click_fixes_make_it_pass(
    units: Units, author: Actor, programme: Programme
) -> None:
    written = Written({**a_form(presenting_problem=NARRATIVE), "case_type": "new"}, {})
    async with units.read() as unit:
        for _ in range(12):
            checked = await submit.look(unit, written, programme.id)
            fixable = [f for f in checked.flagged if f.suggestion is not None]
            if not fixable:
                break
            written = submit.apply_fix(written, checked, fixable[0].key)
    assert [f for f in checked.flagged if f.blocking] == []
    story = str(written.raw["presenting_problem"])
    assert not any(trace in story for trace in (CANARY, "03/14/2030", PHONE))
    assert "with low mood that has not lifted" in story


async def test_a_review_finding_is_decided_before_it_travels(
    units: Units, author: Actor, programme: Programme
) -> None:
    typed = a_form(
        presenting_problem="Treated at Juniper Flat Clinic for years, without any benefit so far."
    )
    held = await submit_raw(units, author, programme, typed)
    assert isinstance(held, NotYet) and not held.held
    assert [f.blocking for f in held.flagged] == [False]
    decided = {f.key: "public_name" for f in held.flagged}
    async with units.write() as unit:
        outcome = await submit.submit_case(
            unit, author, Target(programme=programme.id), Written(typed, decided)
        )
    assert isinstance(outcome, Submitted)
    async with units.read() as unit:
        kept = await store.load_decisions(unit, outcome.case.id, 1)
    assert [(d.path, d.verdict, d.reason, d.by) for d in kept] == [
        ("presenting_problem", "not_identifier", "public_name", author.person)
    ]


async def test_a_phone_number_cannot_be_disputed(
    units: Units, author: Actor, programme: Programme
) -> None:
    typed = a_form(
        presenting_problem=f"Low mood for years now. Call {PHONE} about the therapy dates."
    )
    held = await submit_raw(units, author, programme, typed)
    assert isinstance(held, NotYet)
    decided = {f.key: "other" for f in held.flagged}
    async with units.write() as unit:
        again = await submit.submit_case(
            unit, author, Target(programme=programme.id), Written(typed, decided)
        )
    assert isinstance(again, NotYet) and again.held


async def test_a_disputed_name_becomes_something_to_review(
    units: Units, author: Actor, programme: Programme
) -> None:
    typed = a_form(
        presenting_problem="Mr. Parkinsonovich is how the person names the tremor that started long ago."
    )
    held = await submit_raw(units, author, programme, typed)
    assert isinstance(held, NotYet) and held.held
    decided = {f.key: "other" for f in held.flagged}
    async with units.write() as unit:
        outcome = await submit.submit_case(
            unit, author, Target(programme=programme.id), Written(typed, decided)
        )
    assert isinstance(outcome, Submitted)


async def test_wrong_fields_store_nothing(
    units: Units, author: Actor, programme: Programme
) -> None:
    outcome = await submit_raw(units, author, programme, a_form(age="17", urgency="today"))
    assert isinstance(outcome, NotYet) and not outcome.held
    assert list(outcome.errors.errors) == ["urgency", "age"]
    assert await everything_stored(units) == ""


async def test_a_draft_is_kept_reopened_and_submitted(
    units: Units, author: Actor, programme: Programme
) -> None:
    part = {k: v for k, v in a_form().items() if not k.startswith(("phq9", "attest"))}
    async with units.write() as unit:
        kept = await drafts.save_draft(
            unit, author, Target(programme=programme.id), Written(part, {})
        )
    assert isinstance(kept, Kept)
    assert (kept.case.state, kept.case.case_no) == (CaseState.DRAFT, "")
    async with units.read() as unit:
        form = await kept_form(unit, author, kept.case.id)
    assert form.raw == {**part, "case_type": "new"}
    async with units.write() as unit:
        target = Target(key=kept.case.id, row_version=kept.case.row_version)
        outcome = await submit.submit_case(unit, author, target, Written(a_form(), {}))
    assert isinstance(outcome, Submitted) and outcome.case.id == kept.case.id
    async with units.read() as unit:
        assert await store.load_draft(unit, kept.case.id) is None
        with pytest.raises(Conflict):
            await kept_form(unit, author, kept.case.id)


async def test_two_tabs_do_not_overwrite_each_other(
    units: Units, author: Actor, programme: Programme
) -> None:
    async with units.write() as unit:
        kept = await drafts.save_draft(
            unit, author, Target(programme=programme.id), Written(a_form(), {})
        )
    assert isinstance(kept, Kept)
    target = Target(key=kept.case.id, row_version=kept.case.row_version)
    async with units.write() as unit:
        await drafts.save_draft(unit, author, target, Written(a_form(age="40"), {}))
    async with units.write() as unit:
        late = await drafts.save_draft(unit, author, target, Written(a_form(age="50"), {}))
    assert isinstance(late, Clash)
    async with units.read() as unit:
        assert (await kept_form(unit, author, kept.case.id)).raw["age"] == "40"
    async with units.write() as unit:
        with pytest.raises(Conflict, match="stale"):
            await submit.submit_case(unit, author, target, Written(a_form(age="50"), {}))


async def test_only_spokes_of_the_programme_may_present(
    units: Units, programme: Programme, hub: OrganisationId
) -> None:
    outsider = await somebody(
        units, await a_programme(units, hub, code="SU"), Role.SPOKE_CLINICIAN
    )
    learner = await somebody(units, programme, Role.LEARNER)
    for who, refusal in ((outsider, NotFound), (learner, Forbidden)):
        with pytest.raises(refusal):
            await submit_raw(units, who, programme, a_form())


async def test_nobody_else_opens_a_draft(
    units: Units, author: Actor, programme: Programme
) -> None:
    async with units.write() as unit:
        kept = await drafts.save_draft(
            unit, author, Target(programme=programme.id), Written(a_form(), {})
        )
    assert isinstance(kept, Kept)
    for role in Role:
        other = await somebody(units, programme, role)
        async with units.read() as unit:
            with pytest.raises(NotFound):
                await kept_form(unit, other, kept.case.id)


async def test_a_follow_up_continues_an_own_presented_case(
    units: Units, author: Actor, programme: Programme
) -> None:
    first = await a_case(units, author, programme)
    follow = {
        "main_question": "She sleeps now but stays flat: what could we add next?",
        "how_do_you_feel": "5",
        "feel_change": "better",
        "satisfied": "partly",
        "interval_update": "Sertraline was raised to 100 mg; sleep is better, mood is still flat.",
        "suicide_history": "none_known",
        "medications.none": "yes",
        "attest_deid": "yes",
        "attest_treating": "yes",
        "attest_no_relationship": "yes",
    }
    target = Target(programme=programme.id, case_type=CaseType.FOLLOWUP, prior=first.key)
    async with units.write() as unit:
        with pytest.raises(Invalid, match=r"case\.prior_needed"):
            await submit.submit_case(unit, author, target, Written(follow, {}))
    await put_in_state(units, first, CaseState.RECS_ISSUED)
    async with units.write() as unit:
        outcome = await submit.submit_case(unit, author, target, Written(follow, {}))
    assert isinstance(outcome, Submitted), outcome
    assert (outcome.case.patient_ref, outcome.case.prior_case, outcome.case.case_type) == (
        first.patient_ref,
        first.id,
        CaseType.FOLLOWUP,
    )


async def test_item_nine_raises_the_flag_and_asks_for_the_card(
    units: Units, author: Actor, programme: Programme
) -> None:
    outcome = await submit_raw(units, author, programme, a_form(phq9__9="1"))
    assert isinstance(outcome, NotYet)
    assert list(outcome.errors.errors) == ["safety_ack"]
    case = await a_case(units, author, programme, phq9__9="1", safety_ack="yes")
    assert case.safety.reasons == ("phq9_item9",)
    assert not case.safety.answered
    async with units.write() as unit:
        stated = await submit.state_safety(
            unit,
            author,
            case.key,
            {
                "safety_assessed": "today",
                "safety_plan": "yes",
                "safety_means": "yes",
                "safety_referred": "no",
            },
        )
    assert isinstance(stated, Case) and stated.safety.answered


async def test_withdrawing_hides_and_can_erase_at_once(
    units: Units, author: Actor, programme: Programme
) -> None:
    case = await a_case(units, author, programme)
    async with units.write() as unit:
        gone = await submit.withdraw_case(
            unit, author, case.key, row_version=case.row_version, erase_now=True
        )
    assert gone.state is CaseState.WITHDRAWN
    assert "tearful" not in await everything_stored(units)
    async with units.read() as unit:
        version = await store.load_version(unit, case.id, 1)
    assert (version.answers, version.purged_by) == (None, author.person)
    assert len(version.content_hash) == 64
    assert await events_of(units, CaseWithdrawn) == [
        CaseWithdrawn(case.id, programme.id, case.case_no)
    ]
