"""What every media plane promises: one suite, run against LocalPlane and FakePlane.

A concrete test class inherits `PlaneContract` and provides the fixture `rig`.
"""

import abc
import asyncio

import pytest

from sessions.media.plane import (
    BadSdp,
    DownOffer,
    Grants,
    Kind,
    Limits,
    MediaPlane,
    NothingOffered,
    PlaneLost,
    Published,
    RoomFull,
    RoomKey,
    Sdp,
    SeatElsewhere,
    SeatKey,
    SeatLost,
    Slot,
    SlotFilling,
    SlotsChanged,
    Source,
    UnknownRoom,
    UnknownSeat,
    Unpublished,
    Wanted,
    Which,
)
from tests.sessions.media.peers import Events

ROOM = RoomKey("room")
ANNA, BEN, CARL = SeatKey("anna"), SeatKey("ben"), SeatKey("carl")
ALL = Grants(share=True)


class Rig(abc.ABC):
    """A plane and the browsers' part, played somehow."""

    plane: MediaPlane
    events: Events

    @abc.abstractmethod
    async def publish(self, seat: SeatKey) -> None:
        """Connect the seat's up side."""

    @abc.abstractmethod
    async def answer(self, offer: DownOffer) -> None:
        """Answer and connect the seat's down side."""

    @abc.abstractmethod
    async def good_offer(self) -> Sdp:
        """Return an offer the plane can answer."""

    @abc.abstractmethod
    async def flow(self, seat: SeatKey, kind: Kind) -> None:
        """Send packets of this kind."""

    @abc.abstractmethod
    async def fail(self, seat: SeatKey, which: Which) -> None:
        """Break the connection."""

    async def close(self) -> None:
        await self.plane.close()
        await self.events.ended()


def filled(seat: SeatKey, *pairs: tuple[str, SeatKey, Kind]) -> SlotsChanged:
    return SlotsChanged(
        seat, tuple(SlotFilling(Slot(slot), Source(who, kind)) for slot, who, kind in pairs)
    )


class PlaneContract:
    async def seats(self, rig: Rig, *names: SeatKey, limits: Limits | None = None) -> None:
        await rig.plane.open_room(ROOM, limits or Limits())
        for name in names:
            await rig.plane.open_seat(ROOM, name, ALL)

    async def watching(self, rig: Rig, seat: SeatKey, *wanted: Source) -> None:
        """Subscribe and connect the seat's down side."""
        await rig.plane.subscribe(seat, Wanted(wanted))
        offer = await rig.events.first(lambda e: isinstance(e, DownOffer) and e.seat == seat)
        await rig.answer(offer)

    # rooms and seats

    async def test_a_seat_needs_a_room(self, rig: Rig):
        with pytest.raises(UnknownRoom):
            await rig.plane.open_seat(ROOM, ANNA, ALL)

    async def test_a_room_has_so_many_seats(self, rig: Rig):
        await self.seats(rig, ANNA, BEN, limits=Limits(seats=2))
        with pytest.raises(RoomFull):
            await rig.plane.open_seat(ROOM, CARL, ALL)
        await rig.plane.open_seat(ROOM, BEN, ALL)
        await rig.plane.close_seat(ANNA)
        await rig.plane.open_seat(ROOM, CARL, ALL)

    async def test_a_seat_is_in_one_room(self, rig: Rig):
        await self.seats(rig, ANNA)
        await rig.plane.open_room(RoomKey("other"), Limits())
        with pytest.raises(SeatElsewhere):
            await rig.plane.open_seat(RoomKey("other"), ANNA, ALL)

    async def test_opening_a_room_twice_changes_nothing(self, rig: Rig):
        await self.seats(rig, ANNA, limits=Limits(seats=1))
        await rig.plane.open_room(ROOM, Limits(seats=50))
        with pytest.raises(RoomFull):
            await rig.plane.open_seat(ROOM, BEN, ALL)

    async def test_nothing_is_known_of_a_closed_seat(self, rig: Rig):
        await self.seats(rig, ANNA)
        await rig.plane.close_seat(ANNA)
        await rig.plane.close_seat(ANNA)
        for call in (
            rig.plane.publish(ANNA, await rig.good_offer()),
            rig.plane.subscribe(ANNA, Wanted()),
            rig.plane.renew(ANNA),
            rig.plane.answer(ANNA, Sdp("v=0\r\n")),
        ):
            with pytest.raises(UnknownSeat):
                await call

    async def test_closing_a_room_closes_its_seats(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await rig.plane.close_room(ROOM)
        await rig.plane.close_room(ROOM)
        with pytest.raises(UnknownSeat):
            await rig.plane.subscribe(ANNA, Wanted())
        with pytest.raises(UnknownRoom):
            await rig.plane.open_seat(ROOM, ANNA, ALL)

    # offers and answers

    async def test_a_bad_offer_is_refused_and_the_seat_stays(self, rig: Rig):
        await self.seats(rig, ANNA)
        with pytest.raises(BadSdp):
            await rig.plane.publish(ANNA, Sdp("hello"))
        await rig.publish(ANNA)

    async def test_one_offer_however_often_one_subscribes(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN)
        await rig.plane.subscribe(BEN, Wanted((Source(ANNA, "video"),)))
        await rig.plane.subscribe(BEN, Wanted((Source(ANNA, "video"),)))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "video")
        await rig.events.first(lambda e: e == filled(BEN, ("picture-0", ANNA, "video")))
        assert [offer.generation for offer in rig.events.of(DownOffer)] == [1]

    async def test_renewing_makes_a_new_offer_and_old_answers_are_ignored(self, rig: Rig):
        await self.seats(rig, ANNA)
        await rig.plane.subscribe(ANNA, Wanted())
        await rig.plane.renew(ANNA)
        offer = await rig.events.first(lambda e: isinstance(e, DownOffer) and e.generation == 2)
        await rig.plane.answer(ANNA, Sdp("to the first offer"), 1)
        await rig.answer(offer)
        await rig.plane.answer(ANNA, Sdp("a repeated one"), 2)

    async def test_an_answer_to_nothing(self, rig: Rig):
        await self.seats(rig, ANNA)
        with pytest.raises(NothingOffered):
            await rig.plane.answer(ANNA, Sdp("v=0\r\n"))

    async def test_a_bad_answer_is_refused(self, rig: Rig):
        await self.seats(rig, ANNA)
        await rig.plane.subscribe(ANNA, Wanted())
        with pytest.raises(BadSdp):
            await rig.plane.answer(ANNA, Sdp("hello"))

    # sources and slots

    async def test_sources_fill_slots_in_the_order_wanted(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN, Source(ANNA, "video"), Source(ANNA, "share"))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "audio")
        await rig.flow(ANNA, "video")
        await rig.flow(ANNA, "share")
        await rig.events.first(
            lambda e: (
                e
                == filled(
                    BEN,
                    ("voice-0", ANNA, "audio"),
                    ("picture-0", ANNA, "video"),
                    ("share-0", ANNA, "share"),
                )
            )
        )
        assert rig.events.of(Published) == [
            Published(ANNA, "audio"),
            Published(ANNA, "video"),
            Published(ANNA, "share"),
        ]

    async def test_a_source_keeps_its_slot(self, rig: Rig):
        await self.seats(rig, ANNA, BEN, CARL)
        await self.watching(rig, CARL, Source(ANNA, "video"), Source(BEN, "video"))
        for seat in (ANNA, BEN):
            await rig.publish(seat)
            await rig.flow(seat, "video")
        both = (("picture-0", ANNA, "video"), ("picture-1", BEN, "video"))
        await rig.events.first(lambda e: e == filled(CARL, *both))
        await rig.plane.subscribe(CARL, Wanted((Source(BEN, "video"),)))
        await rig.events.first(lambda e: e == filled(CARL, both[1]))
        await rig.plane.subscribe(CARL, Wanted((Source(BEN, "video"), Source(ANNA, "video"))))
        await rig.events.first(lambda e: e == filled(CARL, *both))

    async def test_the_more_important_source_gets_the_slot(self, rig: Rig):
        await self.seats(rig, ANNA, BEN, CARL, limits=Limits(pictures=1))
        await self.watching(rig, CARL, Source(ANNA, "video"), Source(BEN, "video"))
        for seat in (BEN, ANNA):
            await rig.publish(seat)
            await rig.flow(seat, "video")
        await rig.events.first(lambda e: e == filled(CARL, ("picture-0", ANNA, "video")))
        assert rig.events.of(SlotsChanged) == [
            filled(CARL, ("picture-0", BEN, "video")),
            filled(CARL, ("picture-0", ANNA, "video")),
        ]
        await rig.plane.close_seat(ANNA)
        await rig.events.first(
            lambda e: (
                e == filled(CARL, ("picture-0", BEN, "video"))
                and rig.events.of(SlotsChanged).count(e) == 2
            )
        )

    async def test_two_wishes_at_once_make_one_offer(self, rig: Rig):
        await self.seats(rig, ANNA)
        await asyncio.gather(*(rig.plane.subscribe(ANNA, Wanted()) for _ in range(3)))
        assert [offer.generation for offer in rig.events.of(DownOffer)] == [1]

    async def test_a_renewed_connection_says_again_what_its_slots_show(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN, Source(ANNA, "video"))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "video")
        shown = filled(BEN, ("picture-0", ANNA, "video"))
        await rig.events.first(lambda e: e == shown)
        await rig.plane.renew(BEN)
        await rig.events.first(
            lambda e: e == shown and rig.events.of(SlotsChanged).count(shown) == 2
        )

    async def test_nobody_hears_or_sees_themself(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, ANNA, Source(ANNA, "video"))
        await self.watching(rig, BEN)
        await rig.publish(ANNA)
        await rig.flow(ANNA, "video")
        await rig.flow(ANNA, "audio")
        await rig.events.first(lambda e: e == filled(BEN, ("voice-0", ANNA, "audio")))
        assert [e for e in rig.events.of(SlotsChanged) if e.seat == ANNA] == []

    async def test_voices_can_be_declined(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await rig.plane.subscribe(BEN, Wanted((Source(ANNA, "video"),), voices=False))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "audio")
        await rig.flow(ANNA, "video")
        await rig.events.first(lambda e: e == filled(BEN, ("picture-0", ANNA, "video")))

    async def test_without_a_grant_nothing_is_published(self, rig: Rig):
        await self.seats(rig, BEN)
        await rig.plane.open_seat(ROOM, ANNA, Grants(publish_audio=False, share=False))
        await self.watching(rig, BEN, Source(ANNA, "video"), Source(ANNA, "share"))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "audio")
        await rig.flow(ANNA, "share")
        await rig.flow(ANNA, "video")
        await rig.events.first(lambda e: e == Published(ANNA, "video"))
        assert rig.events.of(Published) == [Published(ANNA, "video")]

    async def test_taking_a_grant_away_unpublishes(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN)
        await rig.publish(ANNA)
        await rig.flow(ANNA, "audio")
        await rig.events.first(lambda e: e == filled(BEN, ("voice-0", ANNA, "audio")))
        await rig.plane.open_seat(ROOM, ANNA, Grants(publish_audio=False))
        await rig.events.first(lambda e: e == filled(BEN))
        assert rig.events.of(Unpublished) == [Unpublished(ANNA, "audio")]

    async def test_leaving_empties_the_slots(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN, Source(ANNA, "video"))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "video")
        await rig.events.first(lambda e: e == filled(BEN, ("picture-0", ANNA, "video")))
        await rig.plane.close_seat(ANNA)
        await rig.events.first(lambda e: e == filled(BEN))
        assert rig.events.of(Unpublished) == [Unpublished(ANNA, "video")]

    async def test_publishing_again_replaces_the_connection(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN, Source(ANNA, "video"))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "video")
        await rig.events.first(lambda e: e == filled(BEN, ("picture-0", ANNA, "video")))
        await rig.publish(ANNA)
        await rig.events.first(lambda e: e == Unpublished(ANNA, "video"))
        await rig.flow(ANNA, "video")
        await asyncio.wait_for(self._twice(rig, Published(ANNA, "video")), 5)

    async def _twice(self, rig: Rig, event: Published) -> None:
        while rig.events.of(Published).count(event) < 2:
            await asyncio.sleep(0.01)

    async def test_a_lost_connection_is_told(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN, Source(ANNA, "video"))
        await rig.publish(ANNA)
        await rig.flow(ANNA, "video")
        await rig.events.first(lambda e: e == filled(BEN, ("picture-0", ANNA, "video")))
        await rig.fail(ANNA, "up")
        await rig.events.first(lambda e: e == SeatLost(ANNA, "up"))
        await rig.events.first(lambda e: e == filled(BEN))
        await rig.fail(BEN, "down")
        await rig.events.first(lambda e: e == SeatLost(BEN, "down"))
        await rig.plane.subscribe(BEN, Wanted((Source(ANNA, "video"),)))
        offer = await rig.events.first(lambda e: isinstance(e, DownOffer) and e.generation == 2)
        await rig.answer(offer)

    async def test_closing_ends_everything_and_the_events(self, rig: Rig):
        await self.seats(rig, ANNA, BEN)
        await self.watching(rig, BEN)
        await rig.publish(ANNA)
        async with asyncio.timeout(1):
            await rig.plane.close()
        await rig.plane.close()
        await rig.events.ended()
        assert rig.events.seen[-1] == PlaneLost("closed")
