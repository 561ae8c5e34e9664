"""The same publishers and viewers for every server, and what they see."""

import asyncio
import gc
import time
from collections.abc import Coroutine
from dataclasses import dataclass

from pylibsrtp import Error as SrtpError

from tests.bench.media import machine
from tests.bench.media.counting import Counting, Stream, counting
from tests.bench.media.publisher import STAMP, Speaker
from tests.bench.media.server import Broken, Server
from tests.bench.media.viewer import Viewer

AT_ONCE = 10
"""Viewers that join side by side."""
SAMPLED = 10
"""One viewer in so many decrypts and measures delay."""
FIRST_PACKETS_S = 5.0
SETTLE_S = 0.5


@dataclass(frozen=True)
class Size:
    """How many send and how many watch."""

    publishers: int
    viewers: int

    def __str__(self) -> str:
        return f"{self.publishers}×{self.viewers}"


@dataclass(frozen=True)
class Measured:
    """One server under one load. Times are of the wall, `cpu` of all the server's threads."""

    took: float
    cpu: float
    packets: int
    loss: float
    """Of what was sent to viewers, 0 to 1."""
    delays_ms: tuple[float, ...]
    """Sorted; from the publisher's send to the arrival in the sampled viewer's socket."""
    memory_mb: float
    """What each viewer added to the server's resident memory."""
    load_cpu: float
    others_cpu: float
    """What neither the server nor the load used: above a tenth of a core it disturbs."""
    waited: float
    """What the server's threads waited for a processor: machine's, not server's, slowness."""
    dropped: machine.Drops

    @property
    def us_per_packet(self) -> float:
        return self.cpu / max(1, self.packets) * 1e6

    def delay_ms(self, share: float) -> float | None:
        """The delay that this share of the packets kept to."""
        if not self.delays_ms:
            return None
        return self.delays_ms[min(len(self.delays_ms) - 1, int(len(self.delays_ms) * share))]


async def _publish(server: Server, many: int) -> list[Speaker]:
    speakers = [Speaker(number) for number in range(many)]
    for speaker in speakers:
        await speaker.join(server)
    return speakers


class _Audience:
    """The viewers, and what keeps them in the room: answers to consent checks, and reports."""

    def __init__(self, counter: Counting) -> None:
        self.viewers: list[Viewer] = []
        self._counter = counter
        self._numbers: dict[int, Viewer] = {}
        self._tasks: list[asyncio.Task] = []

    async def enter(self, server: Server, many: int) -> None:
        """Let so many in; raises Broken when one stays outside."""
        self._begin(self._answer())
        self.viewers = [Viewer() for _ in range(many)]

        async def join(place: int) -> None:
            viewer = self.viewers[place]
            await viewer.join(server)
            self._numbers[viewer.count(self._counter, sampled=place % SAMPLED == 0)] = viewer

        for first in range(0, many, AT_ONCE):
            await asyncio.gather(*(join(n) for n in range(first, min(many, first + AT_ONCE))))

    async def see(self, streams: int, reports_per_s: float) -> None:
        """Wait until everybody gets so many streams; report on them from then on."""
        until = time.monotonic() + FIRST_PACKETS_S
        while blind := sum(len(viewer.streams) < streams for viewer in self.viewers):
            if time.monotonic() > until:
                message = (
                    f"{blind} of {len(self.viewers)} viewers do not get all {streams} streams"
                )
                raise Broken(message)
            await asyncio.sleep(0.1)
        if reports_per_s:
            self._begin(self._report(1 / reports_per_s / len(self.viewers)))

    def delays_ms(self) -> tuple[float, ...]:
        """Of the samples, sorted."""
        delays = []
        for sample in self._counter.samples():
            try:
                plain = self._numbers[sample.viewer].open(sample.data)
            except SrtpError:  # a duplicate
                continue
            (sent,) = STAMP.unpack(plain[-STAMP.size :])
            delays.append((sample.arrived - sent) / 1e6)
        return tuple(sorted(delays))

    async def close(self) -> None:
        """End everything; raises what went wrong meanwhile."""
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._counter.close()
        await asyncio.gather(*(viewer.close() for viewer in self.viewers))
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _begin(self, work: Coroutine) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _answer(self) -> None:
        while True:
            for number, data in self._counter.others():
                self._numbers[number].take(data)
            await asyncio.sleep(0.02)

    async def _report(self, pause: float) -> None:
        while True:
            for viewer in self.viewers:
                await asyncio.sleep(pause)
                viewer.report()


def _loss(streams: list[Stream], sent: int) -> float:
    """Gaps in the numbers; what never began or ended early shows against what was sent."""
    seen = sum(stream.seen for stream in streams)
    gaps = 1 - seen / max(1, sum(stream.expected for stream in streams))
    missing = 1 - seen / max(1, sent)
    # The window's edges cut through frames that are under way: up to one in a hundred.
    return max(0.0, gaps, missing if missing > 0.01 else 0.0)


async def measure(
    server: Server, size: Size, *, seconds: float, reports_per_s: float = 1
) -> Measured:
    """Load a fresh server for so long; it is stopped in the end. Raises Unavailable, Broken."""
    counter = counting()
    audience = _Audience(counter)
    speakers: list[Speaker] = []
    try:
        await server.start()
        speakers = await _publish(server, size.publishers)
        empty = machine.memory_mb(server.pid)
        await audience.enter(server, size.viewers)
        await audience.see(2 * size.publishers, reports_per_s)
        await asyncio.sleep(SETTLE_S)
        ports = set().union(*(peer.ports for peer in (*speakers, *audience.viewers)))
        gc.collect()
        gc.disable()
        dropped, sent = machine.drops(ports), sum(speaker.sent for speaker in speakers)
        cpu, load = machine.cpu_seconds(server.pid), time.process_time()
        busy, waited = machine.busy_seconds(), machine.waiting_seconds(server.pid)
        began = time.monotonic()
        counter.begin()
        await asyncio.sleep(seconds)
        counter.end()
        took, cpu = time.monotonic() - began, machine.cpu_seconds(server.pid) - cpu
        load, busy = time.process_time() - load, machine.busy_seconds() - busy
        waited = machine.waiting_seconds(server.pid) - waited
        sent = sum(speaker.sent for speaker in speakers) - sent
        after = machine.drops(ports)
        memory = (machine.memory_mb(server.pid) - empty) / size.viewers
        streams = [stream for viewer in audience.viewers for stream in viewer.streams]
        return Measured(
            took=took,
            cpu=cpu,
            packets=sum(stream.seen for stream in streams),
            loss=_loss(streams, sent * size.viewers),
            delays_ms=audience.delays_ms(),
            memory_mb=memory,
            load_cpu=load,
            others_cpu=max(0.0, busy - load - cpu),
            waited=waited,
            dropped=machine.Drops(after.load - dropped.load, after.server - dropped.server),
        )
    finally:
        gc.enable()
        await server.stop()
        await audience.close()
        await asyncio.gather(*(speaker.close() for speaker in speakers))


async def come_and_go(server: Server, times: int) -> list[float]:
    """Let so many viewers join and leave; return the server's memory in MB after each fiftieth."""
    speakers: list[Speaker] = []
    memory = []
    try:
        await server.start()
        speakers = await _publish(server, 1)
        for done in range(AT_ONCE, times + 1, AT_ONCE):
            viewers = [Viewer() for _ in range(AT_ONCE)]
            await asyncio.gather(*(viewer.join(server) for viewer in viewers))
            await asyncio.gather(*(viewer.leave(server) for viewer in viewers))
            if done % 50 == 0:
                await asyncio.sleep(1)  # what closes in its own time has closed
                memory.append(machine.memory_mb(server.pid))
        return memory
    finally:
        await server.stop()
        await asyncio.gather(*(speaker.close() for speaker in speakers))
