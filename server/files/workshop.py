"""Has files opened: one process a job, with a limit of memory and of time, killed when it is over.

A process a job instead of a pool: a file that kills its process kills nothing else, and the 900 MB
that reading a page takes are given back. The event loop only waits.
"""

import asyncio
import json
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from server.files.sniff import MOST_PIXELS, Kind, Refused

MOST_PAGES = 10
"""Pages of one file."""

_MB = 1024 * 1024
_WORKER = Path(__file__).with_name("worker.py")
_PACKAGES = ("PIL", "pypdfium2", "rapidocr_onnxruntime")


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one job: address space in bytes, seconds of processor time, seconds on the clock."""

    memory: int
    processor: int
    clock: float


OPENING = Limits(1500 * _MB, 30, 45.0)
READING = Limits(4096 * _MB, 120, 240.0)
"""The reader maps 1.7 GB and uses 0.9; a page takes 3 to 10 seconds."""


class WorkerFailed(Exception):
    """The process ended without an answer: killed, out of memory, or too slow."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a plain JPEG; sizes in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """Text that was read on a page, and where: x, y, width, height in pixels."""

    text: str
    box: tuple[int, int, int, int]


def missing() -> tuple[str, ...]:
    """Return the packages without which no file can be opened."""
    return tuple(name for name in _PACKAGES if find_spec(name) is None)


class Workshop:
    """Opens, reads and blackens pages; a few at a time."""

    def __init__(self, opening: Limits = OPENING, reading: Limits = READING) -> None:
        self._opening = opening
        self._reading = reading
        # Two openings, one reading: the room and the pages need the machine as well.
        self._benches = {"prepare": asyncio.Semaphore(2), "read": asyncio.Semaphore(1)}

    async def prepare(self, kind: Kind, data: bytes) -> tuple[Picture, ...]:
        """Return the pages of a file; raises Refused (`file.*`).

        Of a killed process too: `file.too_heavy`.
        """
        head = {"kind": kind.value, "pixels": MOST_PIXELS, "pages": MOST_PAGES}
        try:
            async with self._benches["prepare"]:
                answer, blobs = await self._run("prepare", head, data, self._opening)
        except WorkerFailed as error:
            raise Refused("file.too_heavy") from error
        return tuple(
            Picture(blob, *size) for blob, size in zip(blobs, answer["sizes"], strict=True)
        )

    async def blacken(self, picture: bytes, boxes: Sequence[tuple[int, int, int, int]]) -> Picture:
        """Return a page of ours with boxes black for good; raises Refused, `file.too_heavy` too."""
        try:
            async with self._benches["prepare"]:
                answer, blobs = await self._run(
                    "blacken", {"boxes": [list(box) for box in boxes]}, picture, self._opening
                )
        except WorkerFailed as error:
            raise Refused("file.too_heavy") from error
        return Picture(blobs[0], *answer["sizes"][0])

    async def read(self, picture: bytes) -> tuple[Line, ...]:
        """Return what stands on a page of ours; raises WorkerFailed, or Refused."""
        async with self._benches["read"]:
            answer, _ = await self._run("read", {"threads": 1}, picture, self._reading)
        return tuple(Line(line["text"], tuple(line["box"])) for line in answer["lines"])

    async def _run(
        self, job: str, head: dict[str, Any], data: bytes, limits: Limits
    ) -> tuple[dict[str, Any], list[bytes]]:
        head = {**head, "job": job, "memory": limits.memory, "seconds": limits.processor}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_WORKER),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # What a library complains about may quote the file.
            stderr=asyncio.subprocess.DEVNULL,
            # Nothing of our settings: the worker opens strangers' files.
            env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        )
        try:
            async with asyncio.timeout(limits.clock):
                out, _ = await process.communicate(json.dumps(head).encode() + b"\n" + data)
        except TimeoutError as error:
            raise WorkerFailed("time") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise WorkerFailed("killed")
        return _answer(out)


def _answer(out: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return a worker's answer and the pictures behind it; raises Refused, or WorkerFailed."""
    line, _, rest = out.partition(b"\n")
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise WorkerFailed("silent") from error
    if "refused" in answer:
        raise Refused(answer["refused"])
    blobs = []
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        blobs.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    return answer, blobs
