"""What the rows promise: serials, optimistic saves, texts that cannot be changed unseen."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from cases.rules.models import Case
from cases.store import cases as store
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, NotFound
from server.kit.ids import OrganisationId, ProgrammeId
from server.store.unit import Units
from tests.factories.cases import a_case
from tests.factories.sessions import a_programme, somebody

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def author_and_case(units: Units, hub: OrganisationId) -> tuple[Actor, Case]:
    programme = await a_programme(units, hub)
    author = await somebody(units, programme, Role.SPOKE_CLINICIAN)
    return author, await a_case(units, author, programme)


async def test_concurrent_serials_are_all_different(units: Units) -> None:
    async def one() -> int:
        async with units.write() as unit:
            number = await store.next_number(unit, ProgrammeId("p" * 26), 2031)
            await unit.commit()
            return number

    assert sorted(await asyncio.gather(*(one() for _ in range(8)))) == list(range(1, 9))
    async with units.write() as unit:
        assert await store.next_number(unit, ProgrammeId("p" * 26), 2032) == 1


async def test_a_case_is_found_by_number_and_by_id(
    units: Units, author_and_case: tuple[Actor, Case]
) -> None:
    _, case = author_and_case
    async with units.read() as unit:
        assert await store.load(unit, case.case_no) == await store.load(unit, case.id) == case
        for unknown in ("BH-2031-999", "0" * 26, "", "' OR 1=1"):
            with pytest.raises(NotFound):
                await store.load(unit, unknown)


async def test_the_second_save_of_the_same_version_is_stale(
    units: Units, author_and_case: tuple[Actor, Case]
) -> None:
    _, case = author_and_case
    async with units.write() as unit:
        saved = await store.save(unit, case, replace(case, urgency="soon"))
        assert saved == replace(case, urgency="soon", row_version=case.row_version + 1)
        with pytest.raises(Conflict, match="stale"):
            await store.save(unit, case, replace(case, urgency="routine"))


async def test_a_text_changed_behind_the_checks_back_is_not_shown(
    units: Units, author_and_case: tuple[Actor, Case]
) -> None:
    _, case = author_and_case
    async with units.write() as unit:
        await unit.db.execute(
            text("UPDATE case_versions SET answers = REPLACE(answers, 'sertraline', 'paroxetine')")
        )
        with pytest.raises(Conflict, match=r"case\.text_changed"):
            await store.load_version(unit, case.id, 1)


async def test_a_purge_leaves_the_tombstone(
    units: Units, author_and_case: tuple[Actor, Case]
) -> None:
    author, case = author_and_case
    async with units.write() as unit:
        before = await store.load_version(unit, case.id, 1)
        assert await store.purge(unit, case.id, author.person) == 1
        assert await store.purge(unit, case.id, author.person) == 0
        after = await store.load_version(unit, case.id, 1)
        assert after == replace(before, answers=None, purged_at=unit.now, purged_by=author.person)
