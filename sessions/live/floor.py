"""Hands up, hands down, who has the word. Pure."""

from dataclasses import replace
from datetime import datetime

from server.kit.actor import Lane
from server.kit.errors import Conflict, Invalid, NotFound
from sessions.live import hands, rights
from sessions.live.effects import Note
from sessions.live.messages import (
    Duty,
    GiveFloor,
    Intent,
    LowerHand,
    MoveHand,
    RaiseHand,
    TakeFloor,
    UnlockHub,
)
from sessions.live.state import Result, Room, Stage


def raise_hand(room: Room, command: RaiseHand, now: datetime) -> Result:
    """Put a hand into its lane; technical calls go to the desk at any time."""
    rights.able(room, command.person, Duty.SPEAK)
    if room.stage is Stage.ENDED or (
        room.stage is Stage.GREEN and command.intent is not Intent.TECH
    ):
        raise Conflict("room.not_live")
    if room.floor == command.person and command.intent is not Intent.TECH:
        raise Conflict("room.has_floor")
    note = command.note.text if command.note is not None else ""
    raised = hands.raise_(room, command.person, command.intent, note, now)
    return (room, ()) if raised == room else (raised, ())


def lower_hand(room: Room, command: LowerHand) -> Result:
    """Take a hand down; another's only by who runs the room."""
    if command.by is not None and command.by != command.of:
        rights.able(room, command.by, Duty.RUN)
    return hands.lower(room, command.of), ()


def move_hand(room: Room, command: MoveHand) -> Result:
    """Let the facilitator reorder a lane."""
    rights.able(room, command.by, Duty.RUN)
    if command.of not in (*room.spoke_lane, *room.hub_lane):
        raise NotFound("room.no_hand")
    if command.place < 0:
        raise Invalid("room.bad_place")
    moved = hands.move(room, command.of, command.place)
    return (room, ()) if moved == room else (moved, ())


def give_floor(room: Room, command: GiveFloor) -> Result:
    """Let a person speak, if the phase allows it; whoever had the floor loses it."""
    rights.able(room, command.by, Duty.RUN)
    rights.live_step(room)
    person = rights.here(room, command.to)
    if not person.may(Duty.SPEAK):
        raise Conflict("room.listener")
    if hands.held(room):
        raise Conflict("room.hands_held")
    if person.card.lane is Lane.HUB and hands.hub_locked(room):
        raise Conflict("room.hub_locked")
    if room.floor == command.to:
        return room, ()
    hand = room.hands.get(command.to)
    if hand is not None and hand.intent is not Intent.TECH:
        room = hands.lower(room, command.to)
    people = {**room.people, command.to: replace(person, spoken=True)}
    return replace(room, people=people, floor=command.to), ()


def take_floor(room: Room, command: TakeFloor) -> Result:
    """End a turn."""
    if room.floor is None:
        return room, ()
    if room.floor != command.by:
        rights.able(room, command.by, Duty.RUN)
    return replace(room, floor=None), ()


def unlock_hub(room: Room, command: UnlockHub) -> Result:
    """Let the hub in while the spokes have the floor; counted and audited."""
    rights.able(room, command.by, Duty.RUN)
    step = rights.live_step(room)
    if not hands.hub_locked(room):
        return room, ()
    return replace(room, unlocked=True, overrides=room.overrides + 1), (
        Note("session.hub_unlocked", command.by, {"phase": step.kind.value}),
    )
