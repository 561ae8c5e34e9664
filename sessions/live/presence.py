"""Coming and going: seats, the rules card, what browsers and media plane report. Pure."""

from dataclasses import replace
from datetime import datetime

from server.kit.errors import Conflict
from server.kit.ids import PersonId
from sessions.live import hands, rights
from sessions.live.effects import Admit, Dismiss, Effect, NoteArrival, NoteDeparture, Release
from sessions.live.messages import (
    Acknowledge,
    Duty,
    Fares,
    Grade,
    Heard,
    Join,
    Leave,
    MediaDown,
    Plan,
    Remove,
    SetMedia,
)
from sessions.live.state import Participant, Result, Room, Stage

CAPACITY = 200
"""People in one room; the media plane has its own, lower limit."""


def plan(room: Room, command: Plan) -> Result:
    """Take the agenda; once live it is frozen."""
    if room.stage is not Stage.GREEN:
        return room, ()
    planned = replace(
        room,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        steps=command.steps,
        learner_sees_case=command.learner_sees_case,
    )
    return (room, ()) if planned == room else (planned, ())


def join(room: Room, command: Join, now: datetime) -> Result:
    """Give the person a seat; the same person's older seat is given up (two tabs, a reload)."""
    if room.stage is Stage.ENDED:
        raise Conflict("room.ended")
    who = command.card.person
    before = room.people.get(who)
    effects: list[Effect] = []
    if before is None or before.seat is None:
        if len(room.present()) >= CAPACITY:
            raise Conflict("room.full")
    elif before.seat == command.seat:
        return room, ()
    else:
        effects += [
            Dismiss(before.seat, "moved"),
            Release(before.seat),
            NoteDeparture(who, before.seat),
        ]
    arrived = Participant(
        card=command.card,
        seat=command.seat,
        joined_at=now,
        acknowledged=before is not None and before.acknowledged,
        spoken=before is not None and before.spoken,
    )
    effects += [
        Admit(
            command.seat,
            sends=arrived.may(Duty.SPEAK),
            shares=arrived.may(Duty.RUN) or any(step.presenter == who for step in room.steps),
        ),
        NoteArrival(who, command.seat),
    ]
    joined = replace(room, people={**room.people, who: arrived}, empty_since=None)
    if before is not None and before.card.lane is not command.card.lane:
        # A role changed between two visits: a hand in the other lane would stand in no lane.
        joined = hands.lower(joined, who)
    return joined, tuple(effects)


def _away(room: Room, who: PersonId, person: Participant, now: datetime) -> Room:
    gone = replace(
        person,
        seat=None,
        away_since=now,
        microphone=False,
        camera=False,
        share=False,
        pictures=True,
        grade=Grade.GOOD,
    )
    people = {**room.people, who: gone}
    nobody = all(p.seat is None for p in people.values())
    return replace(
        room,
        people=people,
        floor=None if room.floor == who else room.floor,
        speaking=None if room.speaking == who else room.speaking,
        empty_since=now if nobody else None,
    )


def leave(room: Room, command: Leave, now: datetime) -> Result:
    """Empty the seat; floor and open devices go, the place in the queue is kept."""
    person = room.people.get(command.person)
    if person is None or person.seat != command.seat:
        return room, ()  # an older seat of somebody who is back already
    return _away(room, command.person, person, now), (
        Release(command.seat),
        NoteDeparture(command.person, command.seat),
    )


def remove(room: Room, command: Remove, now: datetime) -> Result:
    """Cut the person out at once; nothing is kept."""
    person = room.people.get(command.person)
    if person is None or person.seat is None:
        return room, ()
    effects: tuple[Effect, ...] = (
        Dismiss(person.seat, "removed"),
        Release(person.seat),
        NoteDeparture(command.person, person.seat),
    )
    gone = _away(room, command.person, person, now)
    return hands.lower(gone, command.person), effects


def restart(room: Room, now: datetime) -> Result:
    """Forget who was here: sockets did not survive, everything else did."""
    effects: list[Effect] = []
    for who, person in room.present().items():
        if person.seat is not None:
            effects.append(NoteDeparture(who, person.seat))
            room = _away(room, who, person, now)
    empty = room.empty_since if room.empty_since is not None else now
    return replace(room, empty_since=empty, media=True, speaking=None), tuple(effects)


def acknowledge(room: Room, command: Acknowledge) -> Result:
    """Note that the rules card was accepted."""
    person = rights.here(room, command.person)
    if person.acknowledged:
        return room, ()
    people = {**room.people, command.person: replace(person, acknowledged=True)}
    return replace(room, people=people), ()


def set_media(room: Room, command: SetMedia) -> Result:
    """Note what the browser says it sends and wants; listeners send nothing."""
    person = rights.here(room, command.person)
    if person.seat != command.seat:
        return room, ()
    sends = person.may(Duty.SPEAK)
    told = replace(
        person,
        microphone=command.microphone and sends,
        camera=command.camera and sends,
        share=command.share and sends,
        pictures=command.pictures,
    )
    if told == person:
        return room, ()
    return replace(room, people={**room.people, command.person: told}), ()


def media_says(room: Room, command: Heard | Fares | MediaDown) -> Room:
    """Note what the media plane says of speakers, connections and itself."""
    match command:
        case Heard():
            who = room.holder(command.seat) if command.seat is not None else None
            return room if who == room.speaking else replace(room, speaking=who)
        case Fares():
            who = room.holder(command.seat)
            if who is None or room.people[who].grade is command.grade:
                return room
            told = replace(room.people[who], grade=command.grade)
            return replace(room, people={**room.people, who: told})
        case MediaDown():
            return replace(room, media=False) if room.media else room
