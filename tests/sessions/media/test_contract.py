"""LocalPlane and FakePlane keep the same promises."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from server.kit.clock import SystemClock
from sessions.media.local import LocalPlane, MediaSettings
from sessions.media.plane import DownOffer, Kind, MediaPlane, Published, Sdp, SeatKey, Which
from tests.contracts.plane_contract import PlaneContract, Rig
from tests.fakes.plane import FakePlane
from tests.sessions.media.peers import Events, Publisher, Viewer


class LocalRig(Rig):
    def __init__(self, plane: MediaPlane) -> None:
        self.plane = plane
        self.events = Events(plane)
        self.publishers: dict[SeatKey, Publisher] = {}
        self.viewers: dict[SeatKey, Viewer] = {}
        self.all: list[Publisher | Viewer] = []

    async def publish(self, seat: SeatKey) -> None:
        publisher = self.publishers[seat] = Publisher(seat)
        self.all.append(publisher)
        await publisher.join(self.plane, seat)

    async def answer(self, offer: DownOffer) -> None:
        viewer = self.viewers[offer.seat] = Viewer()
        self.all.append(viewer)
        await viewer.join(self.plane, offer)

    async def good_offer(self) -> Sdp:
        publisher = Publisher("somebody")
        self.all.append(publisher)
        return Sdp(await publisher.offer())

    async def flow(self, seat: SeatKey, kind: Kind) -> None:
        # The browser's handshake ends a moment before the plane's: early packets may be dropped.
        begun = Published(seat, kind)
        before = self.events.seen.count(begun)
        for _ in range(25):
            self.publishers[seat].send(kind, key=True)
            with contextlib.suppress(TimeoutError):
                await self.events.first(lambda _: self.events.seen.count(begun) > before, 0.02)
                return

    async def fail(self, seat: SeatKey, which: Which) -> None:
        peer = self.publishers[seat] if which == "up" else self.viewers[seat]
        await peer.close()

    async def close(self) -> None:
        await super().close()
        await asyncio.gather(*(peer.close() for peer in self.all))


class TestLocalPlane(PlaneContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        rig = LocalRig(await LocalPlane.start(MediaSettings(), SystemClock()))
        yield rig
        await rig.close()


class FakeRig(Rig):
    def __init__(self) -> None:
        self.fake = FakePlane()
        self.plane = self.fake
        self.events = Events(self.fake)

    async def publish(self, seat: SeatKey) -> None:
        await self.plane.publish(seat, await self.good_offer())

    async def answer(self, offer: DownOffer) -> None:
        await self.plane.answer(offer.seat, Sdp("v=0\r\ns=answer\r\n"), offer.generation)

    async def good_offer(self) -> Sdp:
        return Sdp("v=0\r\ns=offer\r\n")

    async def flow(self, seat: SeatKey, kind: Kind) -> None:
        self.fake.flow(seat, kind)

    async def fail(self, seat: SeatKey, which: Which) -> None:
        self.fake.lose(seat, which)


class TestFakePlane(PlaneContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        rig = FakeRig()
        yield rig
        await rig.close()
