"""Captured recommendations and the presenter's word on them. Pure."""

from dataclasses import replace
from datetime import datetime

from server.kit.actor import Lane
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.text import fold
from sessions.live import rights, timing
from sessions.live.effects import SaveLine
from sessions.live.messages import CaptureLine, Duty, React, Step
from sessions.live.state import Line, Result, Room, Voice
from sessions.rules.models import PhaseKind


def _case_step(room: Room, command: CaptureLine) -> Step:
    """Return a step of the case the line belongs to; its presentation must have begun."""
    current = rights.live_step(room)
    item = command.item or (current.item if current.item in room.case_clock else None)
    step = next((s for s in room.steps if s.item == item), None)
    if step is None or step.item not in room.case_clock:
        raise Conflict("room.no_case_yet")
    if current.kind is PhaseKind.SUMMARY and current.item == step.item:
        raise Conflict("room.lines_closed")
    return step


def capture(room: Room, command: CaptureLine, now: datetime) -> Result:
    """Take down one line with speaker and time on the case clock; duplicates merge."""
    author = rights.able(room, command.by, Duty.CAPTURE)
    step = _case_step(room, command)
    speaker = room.people.get(command.speaker)
    if speaker is None:
        raise NotFound("room.no_speaker")
    if command.speaker != command.by and author.card.lane is not Lane.HUB:
        raise Forbidden("room.own_lines_only")  # a spoke writes as the speaker (domain.md §2)
    text = command.text.text
    if not text.strip():
        raise Invalid("room.empty_line")
    if any(line.id == command.line for line in room.lines):
        return room, ()
    at_ms = timing.on_case_clock(room, step, now)
    voice = Voice(command.speaker, speaker.card.lane, at_ms)
    twin = next(
        (line for line in room.lines if line.item == step.item and fold(line.text) == fold(text)),
        None,
    )
    if twin is not None and any(v.person == command.speaker for v in twin.voices):
        return room, ()  # the same words of the same person: a second Enter, not a second line
    save = SaveLine(
        line=command.line,
        item=step.item,
        author=command.by,
        speaker=command.speaker,
        lane=speaker.card.lane,
        area=command.area,
        text=command.text,
        at_ms=at_ms,
        merged_into=None if twin is None else twin.id,
    )
    if twin is None:
        lines = (*room.lines, Line(command.line, step.item, command.area, text, (voice,)))
    else:
        merged = replace(twin, voices=(*twin.voices, voice))
        lines = tuple(merged if line.id == twin.id else line for line in room.lines)
    return replace(room, lines=lines), (save,)


def react(room: Room, command: React) -> Result:
    """Note the presenter's word on a line, in the summary of its own case."""
    rights.here(room, command.by)
    line = next((line for line in room.lines if line.id == command.line), None)
    if line is None:
        raise NotFound("room.no_line")
    step = rights.live_step(room)
    if step.kind is not PhaseKind.SUMMARY or step.item != line.item:
        raise Conflict("room.not_summary")
    if step.presenter != command.by:
        raise Forbidden("room.presenter_only")
    if line.reaction is command.reaction:
        return room, ()
    said = replace(line, reaction=command.reaction)
    return replace(room, lines=tuple(said if x.id == line.id else x for x in room.lines)), ()
