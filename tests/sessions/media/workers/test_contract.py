"""A plane on worker processes keeps the promises of every media plane."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.plane_contract import PlaneContract, Rig
from tests.sessions.media.test_contract import LocalRig
from tests.sessions.media.workers.crew import crew


class TestWorkersPlane(PlaneContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        rig = LocalRig(await crew())
        yield rig
        await rig.close()
