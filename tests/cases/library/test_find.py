"""Signed, found, published, withheld: who finds what, on both databases."""

from dataclasses import replace

import pytest

from cases.commands import publish, recommend, sign
from cases.commands.recommend import NotYet
from cases.events import EntryPublished, EntryRetracted
from cases.library import indexer
from cases.library import search as library
from cases.library.documents import Face
from cases.rules.advice import ProblemArea, suggested
from cases.rules.models import Case
from cases.rules.publication import Act, Entry, EntryState
from cases.store import library as library_store
from cases.store import recommendations as store
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import OrganisationId
from server.store.unit import Units
from tests.factories.advice import (
    RAISE,
    Clinic,
    a_clinic,
    a_presented_case,
    a_signed_case,
    index_newest,
    reloaded,
    sign_draft,
)
from tests.factories.econsults import an_econsult
from tests.factories.people import make_actor
from tests.factories.records import events_of

pytestmark = pytest.mark.both_databases

PUBLIC = {
    "title": "Depression after birth while breastfeeding",
    "question": "Which step comes next for depression in a breastfeeding woman?",
    "synopsis": "A woman in her thirties, some months after birth.",
    "tags": "depression, sertraline",
}


async def found(units: Units, actor: Actor, text: str) -> list[str]:
    async with units.read() as unit:
        results = await library.search(unit, actor, text)
    return [f"{hit.doc.number} v{hit.doc.version} {hit.doc.face}" for hit in results.hits]


async def entry_of(units: Units, case: Case) -> Entry:
    async with units.read() as unit:
        entry = await library_store.of_case(unit, case.id)
    assert entry is not None
    return entry


async def publish_case(units: Units, clinic: Clinic, case: Case) -> Entry:
    """Take an entry through both reviews to everybody."""
    entry = await entry_of(units, case)
    async with units.write() as unit:
        rewritten = await publish.rewrite(
            unit, clinic.coordinator, entry.key, row_version=entry.row_version, texts=PUBLIC
        )
    assert not isinstance(rewritten, NotYet)
    async with units.write() as unit:
        reviewed = await publish.review(
            unit, clinic.specialist, entry.key, row_version=rewritten.row_version
        )
    async with units.write() as unit:
        done = await publish.publish(
            unit, clinic.director, entry.key, row_version=reviewed.row_version
        )
    event = (await events_of(units, EntryPublished))[-1]
    async with units.write() as unit:
        await indexer.on_entry_published(unit, event)
        await unit.commit()
    return done


async def test_registered_people_find_it_and_a_learner_only_once_published(
    units: Units, clinic: Clinic, hub: OrganisationId, spoke: OrganisationId
) -> None:
    elsewhere = await a_clinic(units, hub, spoke, "SU")
    case = await a_signed_case(units, clinic)
    for reader in (clinic.colleague, clinic.presenter, clinic.director, clinic.specialist):
        assert await found(units, reader, "sertraline breastfeeding") == ["KB-0001 v1 issued"]
    outside = (clinic.learner, clinic.adviser, elsewhere.colleague, elsewhere.director)
    for reader in outside:
        assert await found(units, reader, "sertraline breastfeeding") == []
        async with units.read() as unit:
            with pytest.raises(NotFound):
                await library.open_entry(unit, reader, "KB-0001", None)
    await publish_case(units, clinic, case)
    for reader in outside:
        assert await found(units, reader, "sertraline breastfeeding") == ["KB-0001 v1 published"]
    # Words of the case that were not published cannot be probed for.
    assert await found(units, clinic.colleague, '"next step for depression"') != []
    assert await found(units, clinic.learner, '"next step for depression"') == []
    async with units.read() as unit:
        view = await library.open_entry(unit, clinic.learner, "KB-0001", None)
    assert view.doc is not None
    assert (view.doc.face, view.doc.question, view.case_no) == (
        Face.PUBLISHED,
        PUBLIC["question"],
        "",
    )
    shown = repr(view.doc)
    for hidden in (case.patient_ref, case.case_no, case.main_question, clinic.presenter.name):
        assert hidden not in shown
    # The specialist is named, the colleague at a spoke is not.
    assert [[name for name, _, _ in item.said] for item in view.doc.items] == [
        [clinic.specialist.name],
        [""],
    ]


async def test_people_without_a_role_do_not_search(units: Units, clinic: Clinic) -> None:
    await a_signed_case(units, clinic)
    nobody = await make_actor(units, "Nobody")
    async with units.read() as unit:
        with pytest.raises(Forbidden):
            await library.search(unit, nobody, "sertraline")


async def test_indexing_twice_or_late_changes_nothing(units: Units, clinic: Clinic) -> None:
    case = await a_signed_case(units, clinic)
    await index_newest(units, case)
    assert await found(units, clinic.colleague, "sertraline") == ["KB-0001 v1 issued"]
    async with units.read() as unit:
        draft = await store.load(unit, case.id)
    assert draft is not None
    async with units.write() as unit:
        await sign.amend(
            unit, clinic.director, case.key, revision=draft.revision, reason="Lower dose first."
        )
    item = draft.live[0]
    content = replace(item.content, text="Raise fluoxetine to 40 mg and review in four weeks.")
    async with units.write() as unit:
        await recommend.save_item(
            unit, clinic.director, case.key, item.id, item.version, content=content
        )
    await sign_draft(units, clinic.director, case)
    await index_newest(units, case)
    first = (await events_of(units, indexer.RecommendationsSigned))[0]
    async with units.write() as unit:
        await indexer.on_recommendations_signed(unit, first)
        await unit.commit()
    assert await found(units, clinic.colleague, "fluoxetine") == ["KB-0001 v2 issued"]
    assert await found(units, clinic.colleague, '"sertraline to 100"') == []
    async with units.read() as unit:
        old = await library.open_entry(unit, clinic.colleague, "KB-0001", 1)
    assert old.doc is not None
    assert (old.doc.items[0].text, old.newest, old.versions) == (RAISE, 2, (1, 2))


async def test_an_amendment_of_a_published_entry_waits_for_its_review(
    units: Units, clinic: Clinic
) -> None:
    case = await a_signed_case(units, clinic)
    await publish_case(units, clinic, case)
    async with units.read() as unit:
        draft = await store.load(unit, case.id)
    assert draft is not None
    async with units.write() as unit:
        await sign.amend(
            unit, clinic.director, case.key, revision=draft.revision, reason="Lower dose first."
        )
    item = draft.live[0]
    content = replace(item.content, text="Raise fluoxetine to 40 mg and review in four weeks.")
    async with units.write() as unit:
        await recommend.save_item(
            unit, clinic.director, case.key, item.id, item.version, content=content
        )
    await sign_draft(units, clinic.director, case)
    await index_newest(units, case)
    assert (await entry_of(units, case)).state is EntryState.CANDIDATE
    assert await found(units, clinic.learner, "fluoxetine") == []
    assert await found(units, clinic.learner, "sertraline") == ["KB-0001 v1 published"]
    async with units.read() as unit:
        view = await library.open_entry(unit, clinic.learner, "KB-0001", None)
        assert view.amended
        with pytest.raises(NotFound):
            await library.open_entry(unit, clinic.learner, "KB-0001", 2)


async def test_publication_needs_two_people_who_are_not_the_signer(
    units: Units, clinic: Clinic
) -> None:
    case = await a_signed_case(units, clinic)
    entry = await entry_of(units, case)

    async def try_to(actor: Actor, act: Act) -> str:
        now = await entry_of(units, case)
        try:
            async with units.write() as unit:
                if act is Act.REWRITE:
                    await publish.rewrite(
                        unit, actor, now.key, row_version=now.row_version, texts=PUBLIC
                    )
                elif act is Act.REVIEW:
                    await publish.review(unit, actor, now.key, row_version=now.row_version)
                else:
                    await publish.publish(unit, actor, now.key, row_version=now.row_version)
        except (Conflict, Forbidden, NotFound) as error:
            return error.code
        return "done"

    assert await try_to(clinic.director, Act.PUBLISH) == "library.wrong_state"
    assert await try_to(clinic.specialist, Act.REVIEW) == "library.wrong_state"
    assert await try_to(clinic.director, Act.REWRITE) == "library.not_yours_to_do"
    assert await try_to(clinic.learner, Act.REWRITE) == "not_found"
    assert await try_to(clinic.coordinator, Act.REWRITE) == "done"
    assert await try_to(clinic.director, Act.PUBLISH) == "library.wrong_state"
    # The director of this clinic is also a hub specialist, but she signed.
    assert await try_to(clinic.director, Act.REVIEW) == "library.own_signature"
    assert await try_to(clinic.specialist, Act.REVIEW) == "done"
    assert await try_to(clinic.specialist, Act.PUBLISH) == "library.not_yours_to_do"
    assert await try_to(clinic.director, Act.PUBLISH) == "done"
    after = await entry_of(units, case)
    assert after.published_version == 1
    assert (entry.published_version, entry.state) == (0, EntryState.CANDIDATE)


async def test_a_coordinator_who_also_signed_cannot_be_the_identifier_review(
    units: Units, clinic: Clinic, hub: OrganisationId
) -> None:
    both = await make_actor(
        units,
        "Both Hats",
        {clinic.programme.id: (Role.COORDINATOR, Role.DIRECTOR)},
        organisation=hub,
    )
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, both, case.key)
    await sign_draft(units, both, case)
    await index_newest(units, case)
    entry = await entry_of(units, case)
    with pytest.raises(Conflict, match=r"library\.own_signature"):
        async with units.write() as unit:
            await publish.rewrite(
                unit, both, entry.key, row_version=entry.row_version, texts=PUBLIC
            )


async def test_an_e_consult_is_found_by_nobody_until_it_is_published(
    units: Units, clinic: Clinic
) -> None:
    case = await an_econsult(units, clinic)
    async with units.write() as unit:
        await recommend.add_item(
            unit,
            clinic.specialist,
            case.key,
            suggested(RAISE, ProblemArea.DOSE),
            speaker=clinic.specialist.person,
            at_ms=None,
        )
    await sign_draft(units, clinic.director, case)
    await index_newest(units, case)
    everybody = (
        clinic.colleague,
        clinic.learner,
        clinic.presenter,
        clinic.specialist,
        clinic.director,
    )

    async def opened(reader: Actor) -> Face | None:
        async with units.read() as unit:
            try:
                view = await library.open_entry(unit, reader, "KB-0001", None)
            except NotFound:
                return None
        assert view.doc is not None
        return view.doc.face

    async def rebuilt() -> None:
        async with units.write() as unit:
            await indexer.rebuild(unit)
            await unit.commit()

    # It had no session: only its presenter and the hub, who prepare its publication, read it.
    inside = [None, None, Face.ISSUED, Face.ISSUED, Face.ISSUED]
    for _ in range(2):
        assert [await found(units, reader, "sertraline") for reader in everybody] == [[]] * 5
        assert [await opened(reader) for reader in everybody] == inside
        await rebuilt()
    async with units.read() as unit:
        assert await library_store.documents(unit, (await entry_of(units, case)).id) == ()
    await publish_case(units, clinic, case)
    for _ in range(2):
        for reader in everybody:
            assert await found(units, reader, "sertraline") == ["KB-0001 v1 published"]
        assert [await opened(reader) for reader in everybody] == [
            one or Face.PUBLISHED for one in inside
        ]
        await rebuilt()
    async with units.read() as unit:
        view = await library.open_entry(unit, clinic.colleague, "KB-0001", None)
    assert (view.registered, view.case_no, view.reads_letter) == (False, "", False)


@pytest.mark.parametrize("published", [False, True])
async def test_the_presenter_withholds_without_a_reason(
    units: Units, clinic: Clinic, published: bool
) -> None:
    case = await a_signed_case(units, clinic)
    if published:
        await publish_case(units, clinic, case)
    async with units.write() as unit:
        with pytest.raises(NotFound):
            await publish.withhold(unit, clinic.colleague, case.key)
    async with units.write() as unit:
        await publish.withhold(unit, clinic.presenter, case.key)
    # At once, before any event is delivered.
    for reader in (clinic.colleague, clinic.learner, clinic.director):
        assert await found(units, reader, "sertraline") == []
    event = (await events_of(units, EntryRetracted))[-1]
    async with units.write() as unit:
        await indexer.on_entry_retracted(unit, event)
        await unit.commit()
    async with units.read() as unit:
        view = await library.open_entry(unit, clinic.colleague, "KB-0001", None)
        assert view.doc is None
        if not published:
            with pytest.raises(NotFound):
                await library.open_entry(unit, clinic.learner, "KB-0001", None)
    # Nothing brings it back: neither a late delivery, nor a rebuild.
    await index_newest(units, case)
    async with units.write() as unit:
        assert await indexer.rebuild(unit) == 0
        await unit.commit()
    assert await found(units, clinic.colleague, "sertraline") == []
    assert (await reloaded(units, case)).publication_veto


async def test_a_rebuild_finds_the_same(units: Units, clinic: Clinic) -> None:
    case = await a_signed_case(units, clinic)
    await publish_case(units, clinic, case)
    before = [await found(units, a, "sertraline") for a in (clinic.colleague, clinic.learner)]
    async with units.write() as unit:
        assert await indexer.rebuild(unit) == 2
        await unit.commit()
    after = [await found(units, a, "sertraline") for a in (clinic.colleague, clinic.learner)]
    assert before == after == [["KB-0001 v1 issued"], ["KB-0001 v1 published"]]


async def test_identifiers_in_public_words_are_held(units: Units, clinic: Clinic) -> None:
    case = await a_signed_case(units, clinic)
    entry = await entry_of(units, case)
    texts = PUBLIC | {"synopsis": "Her number is 505-555-0142."}
    async with units.write() as unit:
        outcome = await publish.rewrite(
            unit, clinic.coordinator, entry.key, row_version=entry.row_version, texts=texts
        )
    assert isinstance(outcome, NotYet)
    assert outcome.held is not None
    assert set(outcome.held.findings) == {"synopsis"}
    assert (await entry_of(units, case)).synopsis == ""


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ("sertraline", True),
        ("Zoloft", True),
        ("sertraline -bipolar", False),
        ("sertraline -aripiprazole", True),
        ('"review sertraline"', False),
        ('"raise sertraline"', True),
        ("programme:bh sertraline", True),
        ("programme:su sertraline", False),
        ("-programme:bh sertraline", False),
        ("area:diagnosis", True),
        ("area:social", False),
        ("role:pcp step:1", True),
        ("type:dose_change", True),
        ("year:2031", True),
        ("year:2030", False),
        ("breast feeding", True),
        ("-bipolar", False),
    ],
)
async def test_operators(units: Units, clinic: Clinic, typed: str, hit: bool) -> None:
    await a_signed_case(units, clinic)
    assert (await found(units, clinic.colleague, typed) == ["KB-0001 v1 issued"]) is hit


async def test_some_words_are_better_than_none_and_said_so(units: Units, clinic: Clinic) -> None:
    await a_signed_case(units, clinic)
    async with units.read() as unit:
        results = await library.search(unit, clinic.colleague, "sertraline hepatology")
    assert results.loosened
    assert [hit.doc.number for hit in results.hits] == ["KB-0001"]


async def test_suggestions_while_typing(units: Units, clinic: Clinic) -> None:
    await a_signed_case(units, clinic)
    async with units.read() as unit:
        some = await library.suggest(unit, clinic.colleague, "sertral")
        none = await library.suggest(unit, clinic.learner, "sertral")
        empty = await library.suggest(unit, clinic.colleague, "  ")
    assert [s.key for s in some] == ["KB-0001"]
    assert none == empty == ()
