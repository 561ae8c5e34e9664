"""What the main process keeps of rooms and seats, so that a worker's death loses none of it. Pure.

A room is kept with its limits, a seat with its grants and wishes: enough to open both again. What
they showed is kept, too, so that its end can be told when the worker can tell nothing any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from sessions.media.plane import (
    DownOffer,
    Grade,
    Grants,
    Kind,
    Limits,
    PlaneEvent,
    Published,
    Quality,
    RoomFull,
    RoomKey,
    SeatElsewhere,
    SeatKey,
    SeatLost,
    SlotFilling,
    SlotsChanged,
    Speaking,
    UnknownRoom,
    UnknownSeat,
    Unpublished,
    Wanted,
    Which,
)

Home = TypeVar("Home")
"""Whatever carries a room."""


@dataclass(eq=False)
class Seat(Generic[Home]):
    """One seat and what was asked for it."""

    key: SeatKey
    room: "Room[Home]"
    grants: Grants
    up: bool = False
    """It publishes, or is about to."""
    down: bool = False
    """It was offered a down connection, or is to be."""
    wanted: Wanted | None = None
    generation: int = 0
    """Of the latest offer, over all homes: browsers ignore what is older."""
    before: int = 0
    """Offers made by earlier homes; the present one counts from 1."""
    flowing: set[Kind] = field(default_factory=set)
    slots: tuple[SlotFilling, ...] = ()
    grades: dict[Which, Grade] = field(default_factory=dict)


@dataclass(eq=False)
class Room(Generic[Home]):
    """One room, and where it is now."""

    key: RoomKey
    limits: Limits
    seats: dict[SeatKey, Seat[Home]] = field(default_factory=dict)
    home: Home | None = None
    speaking: SeatKey | None = None


class Register(Generic[Home]):
    """All rooms and seats, wherever they are."""

    def __init__(self) -> None:
        self.rooms: dict[RoomKey, Room[Home]] = {}
        self.seats: dict[SeatKey, Seat[Home]] = {}

    def open_seat(self, room: RoomKey, key: SeatKey, grants: Grants) -> Seat[Home]:
        """Note the seat. Raises UnknownRoom, RoomFull, SeatElsewhere."""
        held = self.rooms.get(room)
        if held is None:
            raise UnknownRoom
        seat = self.seats.get(key)
        if seat is None:
            if len(held.seats) >= held.limits.seats:
                raise RoomFull
            seat = held.seats[key] = self.seats[key] = Seat(key, held, grants)
        elif seat.room is not held:
            raise SeatElsewhere
        seat.grants = grants
        return seat

    def seat(self, key: SeatKey) -> Seat[Home]:
        """Return the seat. Raises UnknownSeat."""
        found = self.seats.get(key)
        if found is None:
            raise UnknownSeat
        return found

    def close_seat(self, key: SeatKey) -> Seat[Home] | None:
        """Forget the seat and return it."""
        seat = self.seats.pop(key, None)
        if seat is not None:
            seat.room.seats.pop(key, None)
        return seat

    def close_room(self, key: RoomKey) -> Room[Home] | None:
        """Forget the room with its seats and return it."""
        room = self.rooms.pop(key, None)
        for seat in list(room.seats) if room is not None else ():
            self.seats.pop(seat, None)
        return room

    def of(self, home: Home) -> list[Room[Home]]:
        """Return the rooms this home carries."""
        return [room for room in self.rooms.values() if room.home is home]

    def load(self, home: Home) -> tuple[int, int]:
        """Return how many seats and rooms the home carries."""
        rooms = self.of(home)
        return sum(len(room.seats) for room in rooms), len(rooms)

    def note(self, event: PlaneEvent) -> PlaneEvent | None:
        """Remember what a home reports; return it as it is to be told, None when it is not."""
        if isinstance(event, Speaking):
            room = self.rooms.get(event.room)
            if room is not None:
                room.speaking = event.seat
            return event
        seat = self.seats.get(getattr(event, "seat", None) or SeatKey(""))
        match event:
            case DownOffer():
                if seat is None:
                    return None
                seat.generation = seat.before + event.generation
                return replace(event, generation=seat.generation)
            case Published() if seat is not None:
                seat.flowing.add(event.kind)
            case Unpublished() if seat is not None:
                seat.flowing.discard(event.kind)
            case SlotsChanged() if seat is not None:
                seat.slots = event.slots
            case Quality() if seat is not None:
                seat.grades[event.which] = event.grade
            case SeatLost(which="up") if seat is not None:
                seat.up = False
            case _:
                pass
        return event

    def bereave(self, room: Room[Home]) -> Iterator[PlaneEvent]:
        """The room's home is gone: yield the end of everything it showed."""
        room.home = None
        if room.speaking is not None:
            room.speaking = None
            yield Speaking(room.key, None)
        for seat in room.seats.values():
            for kind in sorted(seat.flowing):
                yield Unpublished(seat.key, kind)
            if seat.slots:
                yield SlotsChanged(seat.key, ())
            for which in sorted(w for w, grade in seat.grades.items() if grade != "good"):
                # The next home begins with "good" and says only what changes.
                yield Quality(seat.key, which, "good", 0, None)
            seat.flowing, seat.slots, seat.grades = set(), (), {}
