"""The promises of the live room that hold for every story (architecture.md §5)."""

import json
from datetime import datetime

from hypothesis import given, settings

from server.kit.actor import Lane
from sessions.live import codec, hands, timing
from sessions.live import messages as m
from sessions.live.room import apply
from sessions.live.state import Room, Stage
from sessions.live.view import Audience, diff, merge, view
from tests.sessions.live.worlds import CAST, EMPTY, attempt, stories

Story = list[tuple[m.Command, datetime]]


@given(stories())
@settings(deadline=None)
def test_replay_equals_refetch(story: Story) -> None:
    """Folding the patches over the first snapshot equals a fresh snapshot, for every audience."""
    room = EMPTY
    screens = {audience: view(room, audience) for audience in Audience}
    for command, now in story:
        before = room
        room, _ = attempt(room, command, now)
        for audience in Audience:
            patch = diff(view(before, audience), view(room, audience))
            wired = json.loads(json.dumps(patch))
            screens[audience] = merge(screens[audience], wired)
    assert screens == {audience: view(room, audience) for audience in Audience}


@given(stories())
@settings(deadline=None)
def test_log_equals_memory(story: Story) -> None:
    """Folding the log over an empty room rebuilds everything but presence and devices."""
    room, log = EMPTY, []
    for command, now in story:
        room, accepted = attempt(room, command, now)
        if accepted and command.logged:
            log.append((json.loads(json.dumps(codec.encode(command))), now))
    end = story[-1][1]
    rebuilt = EMPTY
    for line, now in log:
        rebuilt, _ = apply(rebuilt, codec.decode(line), now)
    assert apply(rebuilt, m.Restart(), end)[0] == apply(room, m.Restart(), end)[0]


@given(stories())
@settings(deadline=None)
def test_order_of_the_conversation(story: Story) -> None:
    """Whatever happens: lanes and hands agree, and nobody of the hub speaks while it is locked."""
    room = EMPTY
    for command, now in story:
        before = room
        room, _ = attempt(room, command, now)
        lanes = (*room.spoke_lane, *room.hub_lane, *room.tech)
        assert sorted(lanes) == sorted(room.hands)
        assert all(CAST[who].lane is Lane.SPOKE for who in room.spoke_lane)
        assert all(CAST[who].lane is Lane.HUB for who in room.hub_lane)
        assert all(room.hands[who].intent is m.Intent.TECH for who in room.tech)
        if room.floor is not None:
            assert room.people[room.floor].seat is not None
            assert room.people[room.floor].may(m.Duty.SPEAK)
            assert not hands.held(room)
            if hands.hub_locked(room):
                assert room.people[room.floor].card.lane is Lane.SPOKE
        moved = before.step != room.step
        assert not (moved and not isinstance(command, (m.Start, m.Next, m.Back, m.End, m.Close)))
        assert not (moved and room.floor is not None)


@given(stories())
@settings(deadline=None)
def test_fresh_voices_go_first(story: Story) -> None:
    """Without reordering, who has not spoken today stands before who has, first come first."""
    room = EMPTY
    for command, now in story:
        if isinstance(command, m.MoveHand):
            continue
        room, _ = attempt(room, command, now)
        for lane in (room.spoke_lane, room.hub_lane):
            expected = sorted(
                lane, key=lambda who: (room.people[who].spoken, room.hands[who].raised_at)
            )
            spoken = [room.people[who].spoken for who in lane]
            assert spoken == [room.people[who].spoken for who in expected]


@given(stories())
@settings(deadline=None)
def test_learners_see_no_case(story: Story) -> None:
    """A learner's screen never holds a captured line, a note, a case or an alert."""
    room = EMPTY
    for command, now in story:
        room, _ = attempt(room, command, now)
        screen = view(room, Audience.LEARNERS)
        assert screen["lines"] == {}
        shown = json.dumps(screen)
        assert not any(secret in shown for secret in ("BH-2031", "case-1", "case-2", "note"))
        assert "alerts" not in screen
        assert "tech" not in screen
        room_screen = json.dumps(view(room, Audience.ROOM))
        assert "alert" not in room_screen


@given(stories())
@settings(deadline=None)
def test_time_is_borrowed_not_made(story: Story) -> None:
    """What a phase may use never exceeds its plan and the minutes granted, nor falls below zero."""
    room = EMPTY
    for command, now in story:
        room, _ = attempt(room, command, now)
        for step in room.steps:
            granted = room.extra.get(step.key, 0)
            assert 0 <= timing.allowed(room, step) <= step.seconds + granted
        if room.stage is Stage.ENDED:
            assert _quiet(room)


def _quiet(room: Room) -> bool:
    return not room.hands and room.floor is None and room.step is None
