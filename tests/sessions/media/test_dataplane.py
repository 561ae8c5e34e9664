"""The data plane that needs no compiler."""

import pytest

from sessions.media.dataplane.base import DataPlane
from sessions.media.dataplane.pure import PurePlane
from tests.sessions.media.dataplane_contract import DataPlaneContract


class TestPurePlane(DataPlaneContract):
    @pytest.fixture
    def data_plane(self) -> DataPlane:
        return PurePlane()
