"""Which data plane this process uses."""

import logging
from typing import Literal

from server.kit.clock import Clock
from sessions.media.dataplane.base import DataPlane
from sessions.media.dataplane.pure import PurePlane

log = logging.getLogger(__name__)

Backend = Literal["auto", "native", "pure"]
"""`auto` is `native` where it was compiled, else `pure`."""


class NotCompiled(RuntimeError):
    """`native` was asked for, but this installation has no compiled data plane."""


def make_plane(backend: Backend, clock: Clock) -> DataPlane:
    """Make the plane. Raises NotCompiled."""
    if backend == "pure":
        return PurePlane(clock.monotonic)
    try:
        # Only here: the module cannot be imported where it was not compiled.
        from sessions.media.dataplane.native import NativePlane  # noqa: PLC0415
    except ImportError as error:
        if backend == "native":
            raise NotCompiled(
                "the media plane was not compiled: install gcc and the Python headers, then "
                "reinstall Caseround, or set CASEROUND_MEDIA_BACKEND=auto"
            ) from error
        log.warning("media: not compiled, the slower plane in Python is used")
        return PurePlane(clock.monotonic)
    return NativePlane()
