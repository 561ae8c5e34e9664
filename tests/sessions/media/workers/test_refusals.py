"""What a worker is not asked for, is not told, and does not take."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from sessions.media.plane import BadSdp, Grants, Limits, RoomKey, Sdp, SeatKey
from sessions.media.workers.remote import CallFailed, WorkerGone
from tests.sessions.media.workers.crew import ends, working

ROOM, ANNA = RoomKey("room"), SeatKey("anna")


async def test_unknown_calls_are_refused_and_the_worker_goes_on():
    async with working() as plane:
        (worker,) = plane.workers
        for call, arguments in (
            ("close", []),
            ("events", []),
            ("__class__", []),
            ("start", [{"port": 0, "addresses": [], "backend": "auto"}]),
            ("renew", [7]),
            (["renew"], ["anna"]),
        ):
            with pytest.raises(CallFailed, match="refused"):
                await worker._ask(call, arguments)
        await plane.open_room(ROOM, Limits())
        await plane.open_seat(ROOM, ANNA, Grants())
        assert plane.workers == (worker,)


@pytest.mark.parametrize("noise", [b"\xff" * 64, b"\x00\x00\x00\x0f" + b'{"hello":"you"}'])
async def test_noise_ends_the_worker(noise: bytes):
    async with working() as plane:
        (worker,) = plane.workers
        worker._wire._transport.write(noise)
        await ends(worker.pid, 5)
        with pytest.raises(WorkerGone):
            await worker.ask("close_room", ROOM)


async def test_a_description_too_long_for_the_wire_is_refused_as_any_other():
    async with working() as plane:
        await plane.open_room(ROOM, Limits())
        await plane.open_seat(ROOM, ANNA, Grants())
        for length in (70_000, 3_000_000):
            with pytest.raises(BadSdp) as caught:
                await plane.publish(ANNA, Sdp("v=0\r\n" + "ü" * length))
            assert caught.value.code == "media.sdp_too_long"


async def test_a_worker_gets_no_secret(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CASEROUND_TURN_SECRET", "hunter2" * 5)
    monkeypatch.setenv("POSTGRES_PASSWORD", "hunter2")
    async with working() as plane:
        (worker,) = plane.workers
        process = Path(f"/proc/{worker.pid}")
        environment = (process / "environ").read_bytes().split(b"\0")
        names = {line.partition(b"=")[0].decode() for line in environment if line}
        assert names <= {"PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "LC_CTYPE"}
        words = (process / "cmdline").read_bytes()
        assert b"hunter2" not in words + b"".join(environment)


async def test_by_hand_it_says_who_starts_it():
    def by_hand() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "server", "media-worker"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    done = await asyncio.to_thread(by_hand)
    said = (
        "caseround: a media worker is started by `caseround serve`:"
        " set CASEROUND_MEDIA_WORKERS to how many you want.\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
