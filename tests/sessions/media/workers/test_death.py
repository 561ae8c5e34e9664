"""Workers are killed and stopped while people talk: everybody is back, and nothing is left over."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sessions.media.local import MediaSettings
from sessions.media.plane import (
    DownOffer,
    Grants,
    Limits,
    PlaneLost,
    Published,
    RoomFull,
    RoomKey,
    Sdp,
    SeatKey,
    SeatLost,
    Source,
    UnknownSeat,
    Unpublished,
    Wanted,
)
from sessions.media.workers.plane import WorkersPlane
from sessions.media.workers.remote import CannotStart
from tests.contracts.plane_contract import filled
from tests.sessions.media.peers import Events, Publisher, Viewer
from tests.sessions.media.workers.crew import CLOCK, COMMAND, alive, ends, working

ROOM, OTHER = RoomKey("room"), RoomKey("other")
ANNA, BEN, CARL = SeatKey("anna"), SeatKey("ben"), SeatKey("carl")
BACK_S = 10.0
"""Seconds from a worker's death until everybody sees everybody again (issue 4, point 8)."""


class Person:
    """Both connections of a seat. What is lost is made anew, as a page does."""

    def __init__(self, plane: WorkersPlane, events: Events, seat: SeatKey) -> None:
        self.plane, self.events, self.seat = plane, events, seat
        self.used: list[Publisher | Viewer] = []
        self.up: Publisher
        self.down: Viewer

    async def publish(self) -> None:
        self.up = Publisher(self.seat)
        self.used.append(self.up)
        await self.up.join(self.plane, self.seat)

    async def watch(self, generation: int) -> None:
        offer = await self.events.first(
            lambda e: (
                isinstance(e, DownOffer) and (e.seat, e.generation) == (self.seat, generation)
            ),
            BACK_S,
        )
        self.down = Viewer()
        self.used.append(self.down)
        await self.down.join(self.plane, offer)

    async def sees(self, other: "Person") -> None:
        """Have the other send pictures until one has come."""

        def seen() -> bool:
            return any(
                text.startswith(f"{other.seat}:video:")
                for slot in self.down.slots.values()
                for text in slot.texts
            )

        async with asyncio.timeout(BACK_S):
            while not seen():
                other.up.send("video", key=True)
                with contextlib.suppress(TimeoutError):
                    await self.down.until(seen, 0.05)

    async def close(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self.used))


@contextlib.asynccontextmanager
async def talk(plane: WorkersPlane) -> AsyncIterator[tuple[Events, Person, Person]]:
    """Two people in a room who see each other."""
    events = Events(plane)
    anna, ben = Person(plane, events, ANNA), Person(plane, events, BEN)
    await plane.open_room(ROOM, Limits(seats=2))
    for person, other in ((anna, ben), (ben, anna)):
        await plane.open_seat(ROOM, person.seat, Grants())
        await plane.subscribe(person.seat, Wanted((Source(other.seat, "video"),)))
        await person.watch(1)
        await person.publish()
    await anna.sees(ben)
    await ben.sees(anna)
    try:
        yield events, anna, ben
    finally:
        await plane.close()
        await events.ended()
        await asyncio.gather(anna.close(), ben.close())


async def strike_and_come_back(
    plane: WorkersPlane, number: signal.Signals, events: Events, anna: Person, ben: Person
) -> float:
    """Strike the room's worker; return the seconds until both see each other again."""
    home = plane.home(ROOM)
    assert home is not None
    began = time.monotonic()
    os.kill(home.pid, number)

    async def again(person: Person) -> None:
        lost = SeatLost(person.seat, "up")
        count = events.seen.count(lost)
        await events.first(lambda _: events.seen.count(lost) > count, BACK_S)
        await asyncio.gather(person.publish(), person.watch(2))

    await asyncio.gather(again(anna), again(ben))
    await asyncio.gather(anna.sees(ben), ben.sees(anna))
    taken = time.monotonic() - began
    assert not alive(home.pid)
    assert plane.home(ROOM) not in (None, home)
    return taken


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=lambda n: n.name)
async def test_everybody_is_back_within_ten_seconds(number: signal.Signals, count: int):
    async with working(count) as plane, talk(plane) as (events, anna, ben):
        taken = await strike_and_come_back(plane, number, events, anna, ben)
        assert taken < BACK_S
        # The end of what was shown was told, once, and before the seats were said to be lost.
        ended = [e for e in events.seen if isinstance(e, (Unpublished, SeatLost))]
        assert [e for e in ended if isinstance(e, Unpublished)] == [
            Unpublished(ANNA, "video"),
            Unpublished(BEN, "video"),
        ]
        assert ended[-1] == SeatLost(BEN, "up")
        assert events.seen.count(filled(ANNA)) == events.seen.count(filled(BEN)) == 1
        assert events.of(PlaneLost) == []
        # Limits and seats are what they were; an answer to an offer of before is ignored.
        with pytest.raises(RoomFull):
            await plane.open_seat(ROOM, CARL, Grants())
        await plane.answer(ANNA, Sdp("to an offer of the dead"), 1)
        with pytest.raises(UnknownSeat):
            await plane.renew(CARL)


async def test_rooms_are_spread_and_a_death_is_felt_by_its_own_rooms_only():
    async with working(2) as plane, talk(plane) as (events, _anna, _ben):
        await plane.open_room(OTHER, Limits())
        await plane.open_seat(OTHER, CARL, Grants())
        first, second = plane.home(ROOM), plane.home(OTHER)
        assert first is not None and second is not None
        assert {first, second} == set(plane.workers)
        os.kill(second.pid, signal.SIGKILL)
        async with asyncio.timeout(BACK_S):
            while plane.home(OTHER) is not first or len(plane.workers) < 2:
                await asyncio.sleep(0.02)
        assert (plane.home(ROOM), events.of(SeatLost)) == (first, [])
        # The successor took the dead one's port: an operator opens so many and no more.
        assert {worker.settings for worker in plane.workers} == {MediaSettings()}
        # A new room goes where the fewest seats are: to the successor.
        await plane.open_room(RoomKey("third"), Limits())
        assert plane.home(RoomKey("third")) not in (first, None)


async def test_who_comes_and_goes_while_there_is_no_worker_is_not_forgotten():
    async with working(1) as plane:
        events = Events(plane)
        carl = Person(plane, events, CARL)
        await plane.open_room(ROOM, Limits(seats=2))
        await plane.open_seat(ROOM, ANNA, Grants())
        (worker,) = plane.workers
        os.kill(worker.pid, signal.SIGKILL)
        async with asyncio.timeout(BACK_S):
            while plane.workers:
                await asyncio.sleep(0.01)
        await plane.close_seat(ANNA)
        await plane.open_seat(ROOM, CARL, Grants())
        await plane.open_seat(ROOM, BEN, Grants())
        await plane.subscribe(CARL, Wanted())
        with pytest.raises(RoomFull):
            await plane.open_seat(ROOM, ANNA, Grants())
        # Publishing waits until there is somebody to publish to.
        await asyncio.gather(carl.publish(), carl.watch(1))
        await plane.close_room(ROOM)
        with pytest.raises(UnknownSeat):
            await plane.renew(CARL)
        await carl.close()
        await plane.close()
        await events.ended()


async def test_a_worker_that_dies_again_and_again_is_started_again():
    async with working(1) as plane:
        pids = set()
        for _ in range(3):
            (worker,) = plane.workers
            pids.add(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)
            async with asyncio.timeout(15):
                while plane.workers in ((worker,), ()):
                    await asyncio.sleep(0.02)
        assert len(pids) == 3


async def test_no_process_outlives_its_plane():
    plane = await WorkersPlane.start(2, MediaSettings(), COMMAND, CLOCK)
    pids = [worker.pid for worker in plane.workers]
    os.kill(pids[0], signal.SIGSTOP)
    began = time.monotonic()
    await plane.close()
    assert time.monotonic() - began < 2
    assert [alive(pid) for pid in pids] == [False, False]


async def test_ctrl_c_for_the_whole_group_leaves_the_end_to_the_server():
    async with working(1) as plane:
        (worker,) = plane.workers
        events = Events(plane)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(worker.pid, number)
        await plane.open_room(ROOM, Limits())
        await plane.open_seat(ROOM, ANNA, Grants())
        await plane.subscribe(ANNA, Wanted())
        await events.first(lambda e: isinstance(e, DownOffer), BACK_S)
        assert plane.workers == (worker,)
        await plane.close()
        await events.ended()


PARENT = """
import asyncio
from tests.sessions.media.workers.crew import crew
async def main():
    plane = await crew(2)
    print(*(worker.pid for worker in plane.workers), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_workers_end_with_the_process_that_started_them():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=Path(__file__).parents[4],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        line = await asyncio.to_thread(parent.stdout.readline)
        pids = [int(word) for word in line.split()]
        assert [alive(pid) for pid in pids] == [True, True]
        parent.kill()
        for pid in pids:
            assert await ends(pid, 5) < 5


async def test_a_port_in_use_is_said_in_a_sentence(plane):
    settings = MediaSettings(plane.port, ("127.0.0.1",))
    with pytest.raises(CannotStart, match=f"^UDP port {plane.port} is in use: stop the other"):
        await WorkersPlane.start(1, settings, COMMAND, CLOCK)


async def test_every_worker_has_a_port_of_its_own():
    base = 21_000 + os.getpid() % 10_000
    plane = await WorkersPlane.start(2, MediaSettings(base, ("127.0.0.1",)), COMMAND, CLOCK)
    try:
        assert sorted(worker.port for worker in plane.workers) == [base, base + 1]
    finally:
        await plane.close()


async def test_what_a_source_was_is_told_when_its_worker_dies():
    async with working(1) as plane, talk(plane) as (events, anna, ben):
        await strike_and_come_back(plane, signal.SIGKILL, events, anna, ben)
        assert events.seen.count(Published(ANNA, "video")) == 2
