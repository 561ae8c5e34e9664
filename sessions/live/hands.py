"""The two-lane hand queue of domain.md §3. Pure.

Spokes and hub wait in lanes of their own; who has not spoken today goes ahead within the lane; the
hub lane is locked while the spokes have the floor; hands stay up but wait during presentations.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from server.kit.actor import Lane
from server.kit.ids import PersonId
from sessions.live.messages import Intent
from sessions.live.state import Hand, Room
from sessions.rules.models import PhaseKind

KEEP_PLACE = timedelta(minutes=2)
"""Whoever loses the connection finds the place in the queue again for so long (domain.md §3)."""

SPOKES_FIRST = frozenset({PhaseKind.CLARIFY_SPOKES, PhaseKind.RECOMMEND_SPOKES})
CLARIFY = frozenset({PhaseKind.CLARIFY_SPOKES, PhaseKind.CLARIFY_HUB})
HELD = frozenset(
    {PhaseKind.DIDACTIC, PhaseKind.PRESENTATION, PhaseKind.SUMMARY, PhaseKind.EVALUATION}
)
"""Somebody has the word by the plan; hands may go up and wait."""


def held(room: Room) -> bool:
    """Say whether hands wait in this phase."""
    return room.step is None or room.step.kind in HELD


def hub_locked(room: Room) -> bool:
    """Say whether the hub lane waits for the spokes (5b and 5d, unless let in early)."""
    return room.step is not None and room.step.kind in SPOKES_FIRST and not room.unlocked


def shown_intent(room: Room, hand: Hand) -> Intent:
    """Return the intent as it counts now: questions only while clarifying (5b, 5c)."""
    if room.step is not None and room.step.kind in CLARIFY and hand.intent is not Intent.TECH:
        return Intent.CLARIFY
    return hand.intent


def lane_of(room: Room, lane: Lane) -> tuple[PersonId, ...]:
    """Return the whole lane, with the places kept for people who are away."""
    return room.hub_lane if lane is Lane.HUB else room.spoke_lane


def _with_lane(room: Room, lane: Lane, order: tuple[PersonId, ...]) -> Room:
    if lane is Lane.HUB:
        return replace(room, hub_lane=order)
    return replace(room, spoke_lane=order)


def lower(room: Room, person: PersonId) -> Room:
    """Take the hand down, wherever it is; no hand, no change."""
    if person not in room.hands:
        return room
    return replace(
        room,
        hands={who: hand for who, hand in room.hands.items() if who != person},
        spoke_lane=tuple(who for who in room.spoke_lane if who != person),
        hub_lane=tuple(who for who in room.hub_lane if who != person),
        tech=tuple(who for who in room.tech if who != person),
    )


def raise_(room: Room, person: PersonId, intent: Intent, note: str, now: datetime) -> Room:
    """Put the hand up; a hand already up keeps its place unless it changes to or from `tech`."""
    before = room.hands.get(person)
    if before is not None and (before.intent is Intent.TECH) == (intent is Intent.TECH):
        return replace(
            room, hands={**room.hands, person: replace(before, intent=intent, note=note)}
        )
    room = lower(room, person)
    room = replace(room, hands={**room.hands, person: Hand(intent, note, now)})
    if intent is Intent.TECH:
        return replace(room, tech=(*room.tech, person))
    who = room.people[person]
    order = lane_of(room, who.card.lane)
    place = len(order)
    if not who.spoken:
        place = next((i for i, other in enumerate(order) if room.people[other].spoken), place)
    return _with_lane(room, who.card.lane, (*order[:place], person, *order[place:]))


def move(room: Room, person: PersonId, place: int) -> Room:
    """Put the hand at `place` among those who are here; a place past the end is the end."""
    lane = room.people[person].card.lane
    rest = [who for who in lane_of(room, lane) if who != person]
    # The facilitator counts the hands on the screen; kept places of absent people are not there.
    visible = [who for who in rest if room.people[who].seat is not None]
    index = rest.index(visible[place]) if place < len(visible) else len(rest)
    return _with_lane(room, lane, (*rest[:index], person, *rest[index:]))


def overdue(room: Room, now: datetime) -> tuple[PersonId, ...]:
    """Return whose kept place has run out."""
    return tuple(
        who
        for who in room.hands
        if (away := room.people[who].away_since) is not None and now - away >= KEEP_PLACE
    )


def visible(room: Room, order: tuple[PersonId, ...]) -> list[PersonId]:
    """Return the hands of `order` whose owners are here."""
    here: AbstractSet[PersonId] = room.present().keys()
    return [who for who in order if who in here]
