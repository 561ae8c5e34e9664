"""Draft, sign, amend: on real databases, with the real session and capture before it."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from cases.commands import recommend, sign
from cases.commands.recommend import NotYet
from cases.events import RecommendationsSigned
from cases.queries import advice as queries
from cases.rules import letter as letter_rules
from cases.rules.advice import (
    DoneBy,
    Evidence,
    ItemState,
    ProblemArea,
    Stage,
    TimeFrame,
    suggested,
)
from cases.rules.letter import Signed
from cases.rules.models import CaseState
from cases.store import recommendations as store
from cases.store.advice_rows import LetterRow
from server.deid.models import Held
from server.kit.actor import Actor, Lane
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.commands import capture
from tests.conftest import FakeClock
from tests.factories.advice import (
    BIPOLAR,
    RAISE,
    THYROID,
    Clinic,
    a_clinic,
    a_live_case,
    a_presented_case,
    a_signed_case,
    capture_line,
    present,
    reloaded,
    revision_of,
    sign_draft,
)
from tests.factories.people import actor_of
from tests.factories.records import audit_actions, audit_text, events_of

pytestmark = pytest.mark.both_databases


async def draft_of(units: Units, case: object) -> store.Draft:
    async with units.read() as unit:
        draft = await store.load(unit, case.id)  # type: ignore[attr-defined]
    assert draft is not None
    return draft


async def test_captured_lines_become_items_with_their_speakers(
    units: Units, clinic: Clinic
) -> None:
    case = await a_live_case(units, clinic)
    first = await capture_line(units, clinic, case, RAISE, clinic.specialist, 727_000)
    twin = await capture_line(
        units, clinic, case, "Go up with the sertraline.", clinic.colleague, 731_000
    )
    await capture_line(
        units, clinic, case, THYROID, clinic.director, 800_000, ProblemArea.MONITORING
    )
    async with units.write() as unit:
        await capture.merge_lines(unit, clinic.coordinator, first.id, twin.id)
        await unit.commit()
    case = await present(units, clinic, case)
    async with units.write() as unit:
        assert await recommend.take_over(unit, clinic.facilitator, case.key) == 2
    draft = await draft_of(units, case)
    assert [(i.content.text, i.state) for i in draft.items] == [
        (RAISE, ItemState.DRAFTED),
        (THYROID, ItemState.CAPTURED),
    ]
    assert [(s.person, s.lane, s.at_ms) for s in draft.items[0].said] == [
        (clinic.specialist.person, Lane.HUB, 727_000),
        (clinic.colleague.person, Lane.SPOKE, 731_000),
    ]
    assert (await reloaded(units, case)).state is CaseState.RECS_DRAFTED
    async with units.write() as unit:
        assert await recommend.take_over(unit, clinic.coordinator, case.key) == 0


async def test_signing_moves_the_case_and_writes_an_immutable_letter(
    units: Units, clinic: Clinic
) -> None:
    case = await a_signed_case(units, clinic)
    assert case.state is CaseState.RECS_ISSUED
    async with units.read() as unit:
        view = await queries.letter(unit, clinic.presenter, case.key, None)
    letter = view.signed.letter
    assert letter is not None
    assert letter.question == case.main_question
    # Medicine within 7 days stands before diagnosis within 30.
    assert [line.text for line in letter.lines] == [RAISE, BIPOLAR]
    assert [(v.label, v.lane, v.at) for v in letter.lines[0].said] == [
        (clinic.specialist.name, Lane.HUB, "12:07")
    ]
    assert (letter.version, letter.signer_label, letter.signed_as) == (
        1,
        clinic.director.name,
        "director",
    )
    assert letter.hub_present == (clinic.specialist.name,)
    assert await events_of(units, RecommendationsSigned) == [
        RecommendationsSigned(
            case.id, clinic.programme.id, case.case_no, clinic.presenter.person, 1
        )
    ]
    actions = await audit_actions(units)
    assert actions.count("recommendations.signed") == 1
    heard = await audit_text(units)
    assert "sertraline" not in heard
    assert "bipolar" not in heard


async def test_who_reads_the_letter(
    units: Units, clinic: Clinic, hub: OrganisationId, spoke: OrganisationId
) -> None:
    elsewhere = await a_clinic(units, hub, spoke, "SU")
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)

    async def can(actor: Actor) -> bool:
        try:
            async with units.read() as unit:
                await queries.letter(unit, actor, case.key, None)
        except NotFound:
            return False
        return True

    everybody = [
        clinic.presenter,
        clinic.colleague,
        clinic.director,
        clinic.specialist,
        clinic.coordinator,
        clinic.adviser,
        clinic.learner,
        elsewhere.colleague,
        elsewhere.director,
    ]
    assert [await can(a) for a in everybody] == [False] * 9
    await sign_draft(units, clinic.director, case)
    assert [await can(a) for a in everybody] == [
        True,
        False,
        *[True] * 3,
        *[False] * 4,
    ]


async def test_only_the_director_or_a_delegate_signs(units: Units, clinic: Clinic) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    revision = await revision_of(units, case)

    async def refusal(actor: Actor) -> str:
        try:
            async with units.write() as unit:
                await sign.sign_recommendations(
                    unit, actor, case.key, revision=revision, attested=True
                )
        except (Forbidden, NotFound) as error:
            return error.code
        return "signed"

    others = [
        clinic.coordinator,
        clinic.facilitator,
        clinic.specialist,
        clinic.presenter,
        clinic.learner,
    ]
    assert [await refusal(a) for a in others] == [
        "rec.not_yours_to_do",
        "rec.not_yours_to_do",
        "not_found",
        "not_found",
        "not_found",
    ]
    async with units.write() as unit:
        await sign.name_delegate(
            unit, clinic.director, clinic.programme.id, clinic.specialist.person
        )
    assert await refusal(clinic.specialist) == "signed"
    async with units.read() as unit:
        view = await queries.letter(unit, clinic.presenter, case.key, None)
    assert view.signed.letter is not None
    assert view.signed.letter.signed_as == "delegate"


async def test_naming_delegates_is_the_directors_and_for_specialists(
    units: Units, clinic: Clinic
) -> None:
    async with units.write() as unit:
        with pytest.raises(Forbidden):
            await sign.name_delegate(
                unit, clinic.coordinator, clinic.programme.id, clinic.specialist.person
            )
    async with units.write() as unit:
        with pytest.raises(Invalid, match=r"rec\.delegate"):
            await sign.name_delegate(
                unit, clinic.director, clinic.programme.id, clinic.presenter.person
            )
    async with units.write() as unit:
        await sign.name_delegate(
            unit, clinic.director, clinic.programme.id, clinic.specialist.person
        )
    async with units.write() as unit:
        await sign.remove_delegate(
            unit, clinic.director, clinic.programme.id, clinic.specialist.person
        )
    async with units.read() as unit:
        assert await store.delegates(unit, clinic.programme.id) == frozenset()


async def test_two_directors_at_once_make_one_letter(units: Units, clinic: Clinic) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    revision = await revision_of(units, case)

    async def press(actor: Actor) -> str:
        try:
            async with units.write() as unit:
                await sign.sign_recommendations(
                    unit, actor, case.key, revision=revision, attested=True
                )
        except Conflict as error:
            return error.code
        return "signed"

    outcomes = await asyncio.gather(press(clinic.director), press(clinic.second_director))
    assert sorted(outcomes) == ["signed", "stale"]
    async with units.read() as unit:
        assert await store.last_version(unit, case.id) == 1
    assert len(await events_of(units, RecommendationsSigned)) == 1


async def test_the_same_press_twice_is_one_signature(units: Units, clinic: Clinic) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    revision = await revision_of(units, case)

    async def press() -> Signed | Held:
        async with units.write() as unit:
            return await sign.sign_recommendations(
                unit, clinic.director, case.key, revision=revision, attested=True
            )

    assert await press() == await press()
    assert len(await events_of(units, RecommendationsSigned)) == 1


async def test_nothing_is_signed_while_something_is_missing(units: Units, clinic: Clinic) -> None:
    case = await a_live_case(units, clinic)
    await capture_line(units, clinic, case, RAISE, clinic.specialist, 1000)
    await capture_line(units, clinic, case, THYROID, clinic.director, 2000)
    case = await present(units, clinic, case)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)

    async def refusal(*, attested: bool = True) -> str:
        revision = await revision_of(units, case)
        with pytest.raises(Conflict) as caught:
            async with units.write() as unit:
                await sign.sign_recommendations(
                    unit, clinic.director, case.key, revision=revision, attested=attested
                )
        return caught.value.code

    assert await refusal() == "rec.incomplete"
    short = (await draft_of(units, case)).items[1]
    async with units.write() as unit:
        await recommend.drop_item(
            unit, clinic.coordinator, case.key, short.id, short.version, reason="Done last month."
        )
    assert await refusal(attested=False) == "rec.not_attested"
    await capture_line(units, clinic, case, BIPOLAR, clinic.colleague, 3000)
    assert await refusal() == "rec.lines_left"
    assert (await reloaded(units, case)).state is CaseState.RECS_DRAFTED


async def test_an_amendment_is_a_new_version_and_the_old_one_stays(
    units: Units, clinic: Clinic, clock: FakeClock
) -> None:
    case = await a_signed_case(units, clinic)
    first = await draft_of(units, case)
    assert first.stage is Stage.SIGNED
    item = first.items[0]
    with pytest.raises(Conflict, match=r"rec\.signed"):
        async with units.write() as unit:
            await recommend.save_item(
                unit, clinic.director, case.key, item.id, item.version, content=item.content
            )
    with pytest.raises(Forbidden):
        async with units.write() as unit:
            await sign.amend(
                unit, clinic.coordinator, case.key, revision=first.revision, reason="A better dose"
            )
    clock.advance(days=1)
    async with units.write() as unit:
        await sign.amend(
            unit, clinic.director, case.key, revision=first.revision, reason="Dose was too high."
        )
    item = first.live[0]
    content = replace(item.content, text="Raise sertraline to 75 mg and review in four weeks.")
    async with units.write() as unit:
        await recommend.save_item(
            unit, clinic.coordinator, case.key, item.id, item.version, content=content
        )
    signed = await sign_draft(units, clinic.second_director, case)
    assert signed.version == 2
    async with units.read() as unit:
        old = await queries.letter(unit, clinic.presenter, case.key, 1)
        new = await queries.letter(unit, clinic.presenter, case.key, None)
    assert old.signed.letter is not None
    assert new.signed.letter is not None
    assert old.signed.letter.lines[0].text == RAISE
    assert new.signed.letter.lines[0].text == content.text
    assert new.signed.letter.reason == "Dose was too high."
    assert (old.last_version, new.versions) == (2, (1, 2))
    assert old.signed.code != new.signed.code
    after = await draft_of(units, case)
    assert {i.state for i in after.live} == {ItemState.AMENDED}
    assert (await reloaded(units, case)).state is CaseState.RECS_ISSUED


@pytest.mark.parametrize("what", ["body", "signed_by", "hash_too"])
async def test_a_changed_letter_is_seen_and_not_shown(
    units: Units, clinic: Clinic, what: str
) -> None:
    case = await a_signed_case(units, clinic)
    async with units.write() as unit:
        row = await unit.db.get(LetterRow, (case.id, 1))
        assert row is not None
        other = row.body.replace("100 mg", "200 mg")
        values = {
            "body": {"body": other},
            "signed_by": {"signed_by": clinic.second_director.person},
            # Somebody clever who forgets that the signer and time are inside.
            "hash_too": {
                "body_hash": letter_rules.digest(row.body.replace('"version":1', '"version":3')),
                "body": row.body.replace('"version":1', '"version":3'),
            },
        }[what]
        await unit.db.execute(
            update(LetterRow).where(LetterRow.case_id == case.id).values(**values)
        )
        await unit.commit()
    async with units.read() as unit:
        view = await queries.letter(unit, clinic.presenter, case.key, None)
        assert view.signed.letter is None
        with pytest.raises(Conflict, match=r"letter\.broken"):
            await queries.signed_case(unit, case.id, 1)


async def test_identifiers_never_get_into_a_draft(units: Units, clinic: Clinic) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    item = (await draft_of(units, case)).items[0]
    content = replace(item.content, text="Ring her on 505-555-0142 on 3 March about the dose.")
    async with units.write() as unit:
        outcome = await recommend.save_item(
            unit, clinic.coordinator, case.key, item.id, item.version, content=content
        )
    assert isinstance(outcome, NotYet)
    assert outcome.held is not None
    assert set(outcome.held.counts()) == {"date", "phone"}
    async with units.write() as unit:
        held = await recommend.drop_item(
            unit,
            clinic.coordinator,
            case.key,
            item.id,
            item.version,
            reason="Call 505-555-0142 instead",
        )
    assert isinstance(held, Held)
    assert (await draft_of(units, case)).items[0] == item
    assert "0142" not in await audit_text(units)


async def test_an_item_by_hand_needs_a_speaker_of_the_programme(
    units: Units, clinic: Clinic, hub: OrganisationId, spoke: OrganisationId
) -> None:
    elsewhere = await a_clinic(units, hub, spoke, "SU")
    case = await a_presented_case(units, clinic)
    content = replace(
        suggested("Offer weekly behavioural activation with the consultant.", ProblemArea.THERAPY),
        evidence=Evidence.GUIDELINE,
        citation_title="Treatment of perinatal depression",
        citation_year=2023,
        citation_link="10.1000/182",
    )
    assert (content.role, content.time_frame) == (DoneBy.BHC, TimeFrame.MONTH)
    with pytest.raises(Invalid, match=r"rec\.speaker"):
        async with units.write() as unit:
            await recommend.add_item(
                unit,
                clinic.coordinator,
                case.key,
                content,
                speaker=elsewhere.colleague.person,
                at_ms=None,
            )
    async with units.write() as unit:
        added = await recommend.add_item(
            unit, clinic.coordinator, case.key, content, speaker=clinic.adviser.person, at_ms=None
        )
    assert not isinstance(added, NotYet)
    draft = await draft_of(units, case)
    assert [(s.person, s.lane, s.at_ms) for s in draft.items[0].said] == [
        (clinic.adviser.person, Lane.SPOKE, None)
    ]


async def test_merge_keeps_everybody_who_said_it(units: Units, clinic: Clinic) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    one, two = (await draft_of(units, case)).items
    async with units.write() as unit:
        await recommend.merge_items(
            unit,
            clinic.coordinator,
            case.key,
            duplicate=two.id,
            version=two.version,
            into=one.id,
        )
    draft = await draft_of(units, case)
    assert [i.state for i in draft.items] == [ItemState.DRAFTED, ItemState.MERGED]
    assert draft.live[0].said == (*one.said, *two.said)
    signed = await sign_draft(units, clinic.director, case)
    assert signed.letter is not None
    assert [len(line.said) for line in signed.letter.lines] == [2]


async def test_the_desk_sends_and_the_director_sends_back(units: Units, clinic: Clinic) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    revision = await revision_of(units, case)
    async with units.write() as unit:
        await sign.send_to_director(unit, clinic.coordinator, case.key, revision=revision)
    draft = await draft_of(units, case)
    assert (draft.stage, {i.state for i in draft.items}) == (Stage.REVIEW, {ItemState.HUB_REVIEW})
    with pytest.raises(Forbidden):
        async with units.write() as unit:
            await sign.send_back(
                unit, clinic.coordinator, case.key, revision=draft.revision, comment="Too long."
            )
    async with units.write() as unit:
        await sign.send_back(
            unit, clinic.director, case.key, revision=draft.revision, comment="Name the dose."
        )
    draft = await draft_of(units, case)
    assert (draft.stage, draft.comment) == (Stage.WRITING, "Name the dose.")
    assert {i.state for i in draft.items} == {ItemState.DRAFTED}


async def test_two_editors_of_one_item_do_not_lose_words(units: Units, clinic: Clinic) -> None:
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    item = (await draft_of(units, case)).items[0]

    async def edit(actor: Actor, text: str) -> str:
        try:
            async with units.write() as unit:
                await recommend.save_item(
                    unit,
                    actor,
                    case.key,
                    item.id,
                    item.version,
                    content=replace(item.content, text=text),
                )
        except Conflict as error:
            return error.code
        return text

    texts = ["Raise sertraline to 75 mg this week.", "Raise sertraline to 150 mg this week."]
    outcomes = await asyncio.gather(
        edit(clinic.coordinator, texts[0]), edit(clinic.facilitator, texts[1])
    )
    assert outcomes.count("stale") == 1
    kept = next(o for o in outcomes if o != "stale")
    assert (await draft_of(units, case)).items[0].content.text == kept


async def test_drafting_waits_for_the_presentation(units: Units, clinic: Clinic) -> None:
    case = await a_live_case(units, clinic)
    with pytest.raises(Conflict, match=r"rec\.not_presented"):
        async with units.write() as unit:
            await recommend.take_over(unit, clinic.coordinator, case.key)
    for stranger in (clinic.presenter, clinic.specialist, clinic.learner):
        async with units.read() as unit:
            with pytest.raises(NotFound):
                await queries.workbench(unit, stranger, case.key)


async def test_a_delegate_who_leaves_the_hub_no_longer_signs(units: Units, clinic: Clinic) -> None:
    async with units.write() as unit:
        await sign.name_delegate(
            unit, clinic.director, clinic.programme.id, clinic.specialist.person
        )
    gone = replace(
        await actor_of(units, clinic.specialist.person),
        roles={clinic.programme.id: frozenset()},
        permissions={clinic.programme.id: frozenset()},
    )
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        with pytest.raises(NotFound):
            await sign.sign_recommendations(unit, gone, case.key, revision=1, attested=True)
