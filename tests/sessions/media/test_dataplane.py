"""Both data planes keep the same promises."""

import shutil
import sys
from importlib import util

import pytest

from server.kit.clock import SystemClock
from sessions.media.dataplane import choice
from sessions.media.dataplane.base import DataPlane
from sessions.media.dataplane.pure import PurePlane
from tests.sessions.media.dataplane_contract import DataPlaneContract

COMPILED = util.find_spec("sessions.media.dataplane._native") is not None
needs_c = pytest.mark.skipif(not COMPILED, reason="no compiler here when Caseround was installed")


class TestPurePlane(DataPlaneContract):
    @pytest.fixture
    def data_plane(self) -> DataPlane:
        return PurePlane()


@needs_c
class TestNativePlane(DataPlaneContract):
    @pytest.fixture(params=[0, 300], ids=["at once", "gathering"])
    def data_plane(self, request) -> DataPlane:
        from sessions.media.dataplane.native import NativePlane

        return NativePlane(gather_us=request.param)


def test_it_is_compiled_where_there_is_a_compiler():
    assert (shutil.which("gcc") is not None) == COMPILED


@needs_c
def test_what_is_chosen():
    names = [choice.make_plane(b, SystemClock()).name for b in ("auto", "native", "pure")]
    assert names == ["native", "native", "pure"]


def test_without_a_compiler_the_plane_is_pure_and_the_log_says_so_once(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "sessions.media.dataplane.native", None)
    assert choice.make_plane("auto", SystemClock()).name == "pure"
    assert [record.getMessage() for record in caplog.records] == [
        "media: not compiled, the slower plane in Python is used"
    ]
    with pytest.raises(choice.NotCompiled, match=r"install gcc .* CASEROUND_MEDIA_BACKEND=auto"):
        choice.make_plane("native", SystemClock())
