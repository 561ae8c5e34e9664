"""Models and migrations agree, on both databases."""

import pytest

from server.store import migrate
from server.store.unit import Units
from tests.harness.house_parts import every_module

every_module()


@pytest.mark.both_databases
async def test_migrations_make_exactly_the_models(units: Units) -> None:
    assert await migrate.current(units.engines) == migrate.head()
    assert await migrate.differences(units.engines) == []


@pytest.mark.both_databases
async def test_upgrading_again_changes_nothing(units: Units) -> None:
    assert await migrate.upgrade(units.engines) == (migrate.head(), migrate.head())
