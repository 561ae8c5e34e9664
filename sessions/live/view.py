"""What each audience may see of the room, as JSON, and the patch from one view to the next. Pure.

A view holds no null: a thing that is not there is left out. That makes the JSON merge patch of
RFC 7396 exact, in which null means "take away": folding the patches over the first snapshot gives
the fresh snapshot (architecture.md §5, replay = refetch). Times are milliseconds since 1970.
"""

from datetime import datetime
from enum import StrEnum
from typing import cast

from server.kit.ids import PersonId
from sessions.live import hands, timing
from sessions.live.messages import Duty, Step
from sessions.live.state import Line, Participant, Room, Stage
from sessions.rules.models import PhaseKind

Json = str | int | bool | list["Json"] | dict[str, "Json"]
Patch = dict[str, "Json | None"]

CASE_PHASES = frozenset(
    {
        PhaseKind.PRESENTATION,
        PhaseKind.CLARIFY_SPOKES,
        PhaseKind.CLARIFY_HUB,
        PhaseKind.RECOMMEND_SPOKES,
        PhaseKind.RECOMMEND_HUB,
        PhaseKind.SUMMARY,
    }
)
OPEN_FLOOR = frozenset({PhaseKind.INTRO, PhaseKind.CLOSING})
"""Roll call and good-byes: nobody is asked to stay silent."""


class Audience(StrEnum):
    """Who looks. Everybody belongs to exactly one; sockets sit in the room of theirs."""

    LEARNERS = "learners"
    """No case, no captured line, no note, unless the programme lets learners see cases."""
    ROOM = "room"
    PRESENTERS = "presenters"
    """Also the safety concerns (domain.md §3: facilitator and presenter only)."""
    DESK = "desk"
    """Whoever runs the room: also all alerts and calls for technical help."""


def audience_of(room: Room, person: Participant) -> Audience:
    """Return the audience the person belongs to now; it can change with the plan."""
    if person.may(Duty.RUN):
        return Audience.DESK
    if any(step.presenter == person.card.person for step in room.steps):
        return Audience.PRESENTERS
    if person.may(Duty.LEARN):
        return Audience.LEARNERS
    return Audience.ROOM


def view(room: Room, audience: Audience) -> dict[str, Json]:
    """Return the room as `audience` may see it."""
    sees_case = audience is not Audience.LEARNERS or room.learner_sees_case
    out: dict[str, Json] = {
        "stage": room.stage.value,
        "starts_at": _ms(room.starts_at),
        "ends_at": _ms(room.ends_at),
        "order": [step.key for step in room.steps],
        "steps": {step.key: _step(step, sees_case) for step in room.steps},
        "people": {who: _person(person) for who, person in room.present().items()},
        "hands": {
            "spoke": list[Json](hands.visible(room, room.spoke_lane)),
            "hub": list[Json](hands.visible(room, room.hub_lane)),
            "cards": _cards(room, (*room.spoke_lane, *room.hub_lane), notes=sees_case),
        },
        "lines": {line.id: _line(room, line) for line in room.lines} if sees_case else {},
        "media": room.media,
        "overrides": room.overrides,
    }
    if room.stage is Stage.LIVE:
        out["phase"] = _phase(room)
    if room.floor is not None:
        out["floor"] = room.floor
    if room.speaking is not None:
        out["speaking"] = room.speaking
    voices = _voices(room)
    if voices is not None:
        out["voices"] = list[Json](voices)
    if audience is Audience.DESK:
        out["tech"] = list[Json](hands.visible(room, room.tech))
        out["tech_cards"] = _cards(room, room.tech, notes=True)
    if audience in (Audience.DESK, Audience.PRESENTERS):
        out["alerts"] = {
            alert.id: {"what": alert.what.value, "at": _ms(alert.at)}
            for alert in room.alerts
            if audience is Audience.DESK or alert.what.value == "safety"
        }
    return out


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _step(step: Step, sees_case: bool) -> dict[str, Json]:
    out: dict[str, Json] = {"kind": step.kind.value, "item": step.item, "seconds": step.seconds}
    in_case = step.kind in CASE_PHASES
    if step.label and (sees_case or not in_case):
        out["label"] = step.label
    if step.case is not None and sees_case:
        out["case"] = step.case
    if step.presenter is not None:
        out["presenter"] = step.presenter
    return out


def _phase(room: Room) -> dict[str, Json]:
    step = room.steps[room.index]
    out: dict[str, Json] = {
        "key": step.key,
        "index": room.index,
        "allowed": round(timing.allowed(room, step)),
        "borrowed": round(room.debt.get(step.key, 0.0)),
        "extra": room.extra.get(step.key, 0),
        "held": hands.held(room),
        "hub_locked": hands.hub_locked(room),
    }
    if room.phase_started_at is not None:
        out["started_at"] = _ms(room.phase_started_at)
    if step.item in room.case_clock:
        out["case_started_at"] = _ms(room.case_clock[step.item])
    return out


def _person(person: Participant) -> dict[str, Json]:
    out: dict[str, Json] = {
        "name": person.card.name,
        "site": person.card.site,
        "lane": person.card.lane.value,
        "acknowledged": person.acknowledged,
        "spoken": person.spoken,
        "microphone": person.microphone,
        "camera": person.camera,
        "share": person.share,
        "grade": person.grade.value,
        "speaks": person.may(Duty.SPEAK),
        "runs": person.may(Duty.RUN),
    }
    if person.seat is not None:
        out["seat"] = person.seat
    return out


def _cards(room: Room, order: tuple[PersonId, ...], *, notes: bool) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for who in hands.visible(room, order):
        hand = room.hands[who]
        card: dict[str, Json] = {
            "intent": hands.shown_intent(room, hand).value,
            "at": _ms(hand.raised_at),
        }
        if notes and hand.note:
            card["note"] = hand.note
        out[who] = card
    return out


def _line(room: Room, line: Line) -> dict[str, Json]:
    out: dict[str, Json] = {
        "item": line.item,
        "area": line.area.value,
        "text": line.text,
        "voices": [
            {
                "person": voice.person,
                "name": room.people[voice.person].card.name,
                "lane": voice.lane.value,
                "at_ms": voice.at_ms,
            }
            for voice in line.voices
        ],
    }
    if line.reaction is not None:
        out["reaction"] = line.reaction.value
    return out


def _voices(room: Room) -> list[PersonId] | None:
    """Return who is asked to be heard now; None: everybody (soft mute, domain.md §3)."""
    step = room.step
    if step is None or step.kind in OPEN_FLOOR:
        return None
    here = room.present()
    wanted = {who for who, person in here.items() if person.may(Duty.RUN)}
    wanted |= {who for who in (room.floor, step.presenter) if who in here and who is not None}
    return sorted(wanted)


def diff(before: dict[str, Json], after: dict[str, Json]) -> Patch:
    """Return the RFC 7396 merge patch that turns `before` into `after`."""
    patch: Patch = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if key not in before or old != value or type(old) is not type(value):
            if isinstance(old, dict) and isinstance(value, dict):
                patch[key] = cast("Json", diff(old, value))
            else:
                patch[key] = value
    return patch


def merge(target: dict[str, Json], patch: Patch) -> dict[str, Json]:
    """Apply an RFC 7396 merge patch: what the browser does with what `diff` makes."""
    out = dict(target)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict):
            old = out.get(key)
            inner = cast("Patch", value)
            out[key] = merge(old if isinstance(old, dict) else {}, inner)
        else:
            out[key] = value
    return out
