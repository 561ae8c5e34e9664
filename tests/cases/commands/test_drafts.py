"""A draft that several pages save: nothing twice, nothing lost, nothing that identifies."""

import asyncio
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cases.commands import drafts, submit
from cases.commands.drafts import Clash, Kept
from cases.commands.submit import Submitted, Target, Written
from cases.queries import drafts as queries
from cases.queries import kept_form
from cases.rules.drafts import MOST, Origin
from cases.rules.models import Case, CaseState
from cases.store import drafts as states
from cases.store.rows import CaseRow
from server.deid.models import Clear
from server.kit.errors import Conflict, NotFound
from server.store.unit import Units
from tests.cases.commands.conftest import Scene
from tests.conftest import FakeClock
from tests.factories.cases import STORY, a_form
from tests.factories.records import audit_actions

pytestmark = pytest.mark.both_databases

PHONE = "505-555-0143"
ONE, TWO = "page-one-0000000000", "page-two-0000000000"


async def autosave(units: Units, scene: Scene, target: Target, **changes: object) -> Kept | Clash:
    """Save as a page does on its own."""
    async with units.read() as unit:
        checked = await drafts.screen(unit, scene.author, target, Written(a_form(**changes), {}))
    assert isinstance(checked.outcome, Clear)
    async with units.write() as unit:
        return await drafts.autosave(unit, scene.author, target, checked)


def new(scene: Scene, sequence: int, writer: str = ONE) -> Target:
    return Target(programme=scene.programme.id, writer=writer, sequence=sequence)


def known(case: Case, sequence: int, writer: str = ONE) -> Target:
    return Target(key=case.id, row_version=case.row_version, writer=writer, sequence=sequence)


async def stored_age(units: Units, scene: Scene, case: Case) -> object:
    async with units.read() as unit:
        return (await kept_form(unit, scene.author, case.id)).raw.get("age")


async def how_many_cases(units: Units) -> int:
    async with units.read() as unit:
        return await unit.db.scalar(select(func.count()).select_from(CaseRow)) or 0


async def ages(units: Units, case: Case) -> list[tuple[str, object]]:
    """Return (origin, age) of the kept states, newest first."""
    async with units.read() as unit:
        return [
            (s.origin.value, s.answers.get("age")) for s in await states.load_all(unit, case.id)
        ]


async def test_a_page_begins_one_case_however_often_it_asks(units: Units, scene: Scene) -> None:
    first = await autosave(units, scene, new(scene, 1))
    # The answer got lost, and more was typed before the next try.
    again = await autosave(units, scene, new(scene, 2), age="40")
    assert isinstance(first, Kept) and isinstance(again, Kept)
    assert again.case.id == first.case.id
    assert again.case.state is CaseState.DRAFT
    assert await how_many_cases(units) == 1
    assert await stored_age(units, scene, first.case) == "40"
    other = await autosave(units, scene, new(scene, 1, TWO))
    assert other.case.id != first.case.id


async def test_a_first_save_twice_at_once_makes_one_case(units: Units, scene: Scene) -> None:
    done = await asyncio.gather(
        *(autosave(units, scene, new(scene, 1)) for _ in range(5)), return_exceptions=True
    )
    kept = [d for d in done if isinstance(d, Kept)]
    late = [d for d in done if not isinstance(d, Kept)]
    assert kept and all(isinstance(d, Conflict) and d.code == "stale" for d in late)
    assert {d.case.id for d in kept} == {kept[0].case.id}
    assert await how_many_cases(units) == 1


async def test_what_a_page_began_goes_on_under_the_buttons(units: Units, scene: Scene) -> None:
    begun = await autosave(units, scene, new(scene, 1))
    async with units.write() as unit:
        kept = await drafts.save_draft(
            unit,
            scene.author,
            Target(programme=scene.programme.id, writer=ONE),
            Written(a_form(age="50"), {}),
        )
    assert isinstance(kept, Kept) and kept.case.id == begun.case.id
    async with units.write() as unit:
        sent = await submit.submit_case(
            unit,
            scene.author,
            Target(programme=scene.programme.id, writer=ONE),
            Written(a_form(), {}),
        )
    assert isinstance(sent, Submitted) and sent.case.id == begun.case.id
    assert await how_many_cases(units) == 1


async def test_a_save_that_comes_twice_or_too_late_changes_nothing(
    units: Units, scene: Scene
) -> None:
    first = await autosave(units, scene, new(scene, 4), age="41")
    late = await autosave(units, scene, known(first.case, 3), age="40")
    twice = await autosave(units, scene, known(first.case, 4), age="42")
    for answer in (late, twice):
        assert isinstance(answer, Kept)
        assert answer.case.row_version == first.case.row_version
    assert await stored_age(units, scene, first.case) == "41"


async def test_a_lost_answer_is_no_clash_but_another_page_is(units: Units, scene: Scene) -> None:
    first = await autosave(units, scene, new(scene, 1))
    assert isinstance(await autosave(units, scene, known(first.case, 2), age="41"), Kept)
    # Page one never heard of that save.
    heard_of = known(first.case, 3)
    third = await autosave(units, scene, heard_of, age="42")
    assert isinstance(third, Kept)
    other = await autosave(units, scene, known(third.case, 1, TWO), age="50")
    assert isinstance(other, Kept)
    late = await autosave(units, scene, known(third.case, 4), age="43")
    assert isinstance(late, Clash)
    assert await stored_age(units, scene, first.case) == "50"
    # Nothing is lost on either side, and the same text is put aside once.
    assert await ages(units, first.case) == [("aside", 43), ("auto", 50), ("auto", 42)]
    assert isinstance(await autosave(units, scene, known(third.case, 5), age="43"), Clash)
    assert len(await ages(units, first.case)) == 3


async def test_an_identifier_stays_on_the_device_and_is_no_line_of_the_audit(
    units: Units, scene: Scene
) -> None:
    written = Written(a_form(presenting_problem=f"{STORY} Call {PHONE} at night."), {})
    async with units.read() as unit:
        checked = await drafts.screen(unit, scene.author, new(scene, 1), written)
    assert not isinstance(checked.outcome, Clear)
    assert [f.path for f in checked.flagged] == ["presenting_problem"]
    assert await how_many_cases(units) == 0
    assert [a for a in await audit_actions(units) if a.startswith("case.")] == []


async def test_one_line_of_audit_for_a_state_not_for_every_save(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    saved = await autosave(units, scene, new(scene, 1))
    for sequence in range(2, 8):
        clock.advance(seconds=3)
        saved = await autosave(units, scene, known(saved.case, sequence), age=str(30 + sequence))
    lines = [a for a in await audit_actions(units) if a == "case.draft_saved"]
    assert len(lines) == 1
    assert await ages(units, saved.case) == [("auto", 37)]
    clock.advance(minutes=10)
    await autosave(units, scene, known(saved.case, 8), age="60")
    assert await ages(units, saved.case) == [("auto", 60), ("auto", 37)]
    lines = [a for a in await audit_actions(units) if a == "case.draft_saved"]
    assert len(lines) == 2


async def test_the_last_twenty_states_are_kept(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    saved = await autosave(units, scene, new(scene, 1), age="20")
    for sequence in range(2, MOST + 6):
        clock.advance(minutes=11)
        saved = await autosave(units, scene, known(saved.case, sequence), age=str(20 + sequence))
    assert [age for _, age in await ages(units, saved.case)] == list(
        range(20 + MOST + 5, 20 + 5, -1)
    )


async def test_the_history_says_what_changed_and_gives_a_text_back(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    first = await autosave(units, scene, new(scene, 1))
    clock.advance(minutes=11)
    await autosave(units, scene, known(first.case, 2), age="40", area="urban")
    async with units.read() as unit:
        found = await queries.history(unit, scene.author, first.case.id, "d1")
        form = await kept_form(unit, scene.author, first.case.id)
        past = await queries.past_text(unit, form, "d1")
        for wrong in ("d3", "v1", "d0", "x", "d1'", "d99999999999"):
            with pytest.raises(NotFound):
                await queries.past_text(unit, form, wrong)
    assert [(p.name, p.origin, p.changed is None) for p in found.past] == [
        ("d2", Origin.AUTO, False),
        ("d1", Origin.AUTO, True),
    ]
    assert len(found.past[0].changed or ()) == 2
    assert found.question == "What is the next step for depression while breastfeeding?"
    assert past.raw["age"] == "34"
    # Looking changes nothing.
    assert await stored_age(units, scene, first.case) == "40"
    for stranger in (scene.coordinator, scene.director):
        async with units.read() as unit:
            with pytest.raises(NotFound):
                await queries.history(unit, stranger, first.case.id)


@pytest.mark.parametrize("end", ["sent", "withdrawn"])
async def test_states_go_with_the_draft(units: Units, scene: Scene, end: str) -> None:
    saved = await autosave(units, scene, new(scene, 1))
    if end == "sent":
        async with units.write() as unit:
            sent = await submit.submit_case(
                unit, scene.author, known(saved.case, 0), Written(a_form(), {})
            )
        assert isinstance(sent, Submitted)
        async with units.read() as unit:
            found = await queries.history(unit, scene.author, sent.case.key, "v1")
        assert [p.name for p in found.past] == ["v1"]
        assert found.sections
    else:
        async with units.write() as unit:
            await submit.withdraw_case(
                unit,
                scene.author,
                saved.case.id,
                row_version=saved.case.row_version,
                erase_now=False,
            )
    assert await ages(units, saved.case) == []
    with pytest.raises(Conflict, match=r"case\.wrong_state"):
        await autosave(units, scene, known(saved.case, 9))


_RUNS = itertools.count()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=10))
async def test_two_pages_in_any_order_lose_nothing(
    units: Units, scene: Scene, turns: list[tuple[bool, bool]]
) -> None:
    """The newest text of each page is the draft or a kept state, whoever heard which answer.

    A turn: whether the second page saves, and whether its answer gets lost.
    """
    run = next(_RUNS)
    pages = (f"page-one-{run:011}", f"page-two-{run:011}")
    numbers = itertools.count(30)
    begun = await autosave(units, scene, new(scene, 1, pages[0]), age="29")
    seen = [begun.case, begun.case]
    sequence = [1, 0]
    newest: dict[bool, int] = {False: 29}
    for second, lost in turns:
        newest[second] = age = next(numbers)
        sequence[second] += 1
        target = known(seen[second], sequence[second], pages[second])
        done = await autosave(units, scene, target, age=str(age))
        if isinstance(done, Clash) or not lost:
            # After a clash the author chooses what is here: the next save knows of the other's.
            seen[second] = done.case
    kept = {age for _, age in await ages(units, begun.case)}
    assert set(newest.values()) <= kept
    assert int(str(await stored_age(units, scene, begun.case))) in newest.values()
