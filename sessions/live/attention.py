"""Whose picture a viewer gets, most important first. Pure."""

from server.kit.ids import PersonId
from sessions.live.messages import Duty
from sessions.live.state import Participant, Room
from sessions.media.plane import Kind, SeatKey, Source, Wanted


def wanted(room: Room, viewer: PersonId, slots: int) -> Wanted:
    """Return what `viewer` should see: shared screens, floor, presenter, who runs it, the others.

    Only when there are more cameras than `slots` does the active speaker move up: otherwise every
    word somebody says would shuffle everybody's list for nothing. Without pictures (audio-only,
    domain.md §3, low bandwidth) the list is empty; voices always come.
    """
    me = room.people[viewer]
    if not me.pictures:
        return Wanted()
    here = {who: p for who, p in room.present().items() if who != viewer}
    shares = [_source(p, "share") for p in here.values() if p.share]
    cameras = [who for who, p in here.items() if p.camera]
    crowded = len(cameras) > slots
    presenter = room.step.presenter if room.step is not None else None

    def rank(who: PersonId) -> tuple[bool, ...]:
        return (
            who != room.floor,
            who != presenter,
            not (crowded and who == room.speaking),
            not here[who].may(Duty.RUN),
        )

    ordered = sorted(cameras, key=rank)
    return Wanted((*shares, *(_source(here[who], "video") for who in ordered)))


def _source(person: Participant, kind: Kind) -> Source:
    assert person.seat is not None  # only people who are here are asked about
    return Source(SeatKey(person.seat), kind)
