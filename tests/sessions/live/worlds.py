"""A room for tests: one session with two cases, a cast, and a strategy of commands."""

from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import strategies as st

from server.deid.models import ScreenedText
from server.deid.verdict import screen_line
from server.kit.actor import Lane
from server.kit.errors import DomainError
from server.kit.ids import (
    AgendaItemId,
    CaptureId,
    CaseId,
    PersonId,
    ProgrammeId,
    SeatId,
    SessionId,
)
from sessions.live import messages as m
from sessions.live.room import apply
from sessions.live.state import Room
from sessions.rules.models import PhaseKind, ProblemArea

T0 = datetime(2031, 3, 4, 18, 45, tzinfo=UTC)
START = T0 + timedelta(minutes=15)

ALL = frozenset({m.Duty.RUN, m.Duty.SPEAK, m.Duty.CAPTURE})
TALKS = frozenset({m.Duty.SPEAK, m.Duty.CAPTURE})
FAY = m.Card(PersonId("fay"), "Fay", "Hub", Lane.HUB, ALL)
HUGO = m.Card(PersonId("hugo"), "Hugo", "Hub", Lane.HUB, TALKS)
ANN = m.Card(PersonId("ann"), "Ann", "Juniper Flat", Lane.SPOKE, TALKS)
JOE = m.Card(PersonId("joe"), "Joe", "Cedar Gap", Lane.SPOKE, TALKS)
LEA = m.Card(PersonId("lea"), "Lea", "Cedar Gap", Lane.SPOKE, frozenset({m.Duty.LEARN}))
CAST = {card.person: card for card in (FAY, HUGO, ANN, JOE, LEA)}


def _case(number: int, presenter: PersonId) -> tuple[m.Step, ...]:
    item = AgendaItemId(f"item-{number}")
    split = (
        (PhaseKind.PRESENTATION, 4),
        (PhaseKind.CLARIFY_SPOKES, 3),
        (PhaseKind.CLARIFY_HUB, 2),
        (PhaseKind.RECOMMEND_SPOKES, 3),
        (PhaseKind.RECOMMEND_HUB, 4),
        (PhaseKind.SUMMARY, 1),
    )
    return tuple(
        m.Step(
            key=f"{item}.{kind}",
            kind=kind,
            item=item,
            seconds=minutes * 60,
            label=f"BH-2031-00{number}",
            case=CaseId(f"case-{number}"),
            presenter=presenter,
        )
        for kind, minutes in split
    )


STEPS = (
    m.Step("i-w.welcome", PhaseKind.WELCOME, AgendaItemId("i-w"), 120),
    *_case(1, ANN.person),
    *_case(2, JOE.person),
    m.Step("i-c.closing", PhaseKind.CLOSING, AgendaItemId("i-c"), 240),
)
PLAN = m.Plan(START, START + timedelta(minutes=60), STEPS)
EMPTY = Room(SessionId("s"), ProgrammeId("p"), START, START + timedelta(minutes=60))


def text(words: str) -> ScreenedText:
    """Return `words` as screened text; the tests' words hold no identifier."""
    found = screen_line(words)
    assert isinstance(found, ScreenedText)
    return found


def run(room: Room, *commands: m.Command, now: datetime = T0) -> Room:
    """Apply commands that must all be accepted, at one instant."""
    return reduce(lambda state, command: apply(state, command, now)[0], commands, room)


def attempt(room: Room, command: m.Command, now: datetime) -> tuple[Room, bool]:
    """Apply a command that may be refused; say whether it was accepted and changed something."""
    try:
        after, effects = apply(room, command, now)
    except DomainError:
        return room, False
    return after, after is not room or bool(effects)


def seat(card: m.Card, number: int = 1) -> SeatId:
    """Return the n-th seat of a person."""
    return SeatId(f"seat-{card.person}-{number}")


def joined(*cards: m.Card, room: Room = EMPTY) -> Room:
    """Return the room with the plan and these people, who have all read the rules."""
    room = run(room, PLAN)
    for card in cards:
        room = run(room, m.Join(card, seat(card)), m.Acknowledge(card.person))
    return room


def live(*cards: m.Card, phase: PhaseKind = PhaseKind.WELCOME, now: datetime = START) -> Room:
    """Return the room in the first step of `phase`, everybody of `cards` in it."""
    room = run(joined(FAY, *(c for c in cards if c is not FAY)), m.Start(FAY.person), now=now)
    while room.step is not None and room.step.kind is not phase:
        room = run(room, m.Next(FAY.person, room.step.key), now=now)
    return room


people = st.sampled_from(sorted(CAST))
seats = st.builds(lambda who, n: seat(CAST[who], n), people, st.integers(1, 2))
keys = st.sampled_from([step.key for step in STEPS])
line_ids = st.sampled_from([CaptureId(f"line-{n}") for n in range(6)])
alert_ids = st.sampled_from(["alert-1", "alert-2"])
words = st.sampled_from(["Taper slowly", "taper  slowly", "Ask about sleep", "", "Check levels"])


@st.composite
def joins(draw: st.DrawFn) -> m.Join:
    who = draw(people)
    return m.Join(CAST[who], seat(CAST[who], draw(st.integers(1, 2))))


raises = st.builds(
    m.RaiseHand, people, st.sampled_from(m.Intent), st.none() | st.builds(text, words)
)
gives = st.builds(m.GiveFloor, st.just(FAY.person), people)
unlocks = st.builds(m.UnlockHub, st.just(FAY.person) | people)
captures = st.builds(
    m.CaptureLine,
    people,
    line_ids,
    people,
    st.sampled_from(ProblemArea),
    st.builds(text, words),
    st.none() | st.sampled_from([AgendaItemId("item-1"), AgendaItemId("item-2")]),
)
reacts = st.builds(
    m.React, st.sampled_from([ANN.person, JOE.person]), line_ids, st.sampled_from(m.Reaction)
)
devices = st.builds(
    lambda who, n, mic, cam, share, pics: m.SetMedia(
        who, seat(CAST[who], n), mic, cam, share, pics
    ),
    people,
    st.integers(1, 2),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
lively = st.one_of(raises, raises, gives, unlocks, captures, captures, reacts, devices)
"""What a clinic is made of."""

commands: st.SearchStrategy[m.Command] = st.one_of(
    st.just(PLAN),
    joins(),
    st.builds(m.Acknowledge, people),
    st.builds(lambda who, n: m.Leave(who, seat(CAST[who], n)), people, st.integers(1, 2)),
    st.builds(m.Remove, people),
    st.just(m.Restart()),
    st.builds(m.Start, st.just(FAY.person) | people),
    st.builds(m.Next, people, keys),
    st.builds(m.Back, st.just(FAY.person), keys),
    st.builds(m.Extend, people, keys, st.sampled_from([1, 2])),
    st.builds(m.End, st.none() | people),
    st.just(m.Close()),
    st.builds(m.LowerHand, st.none() | people, people),
    st.builds(m.MoveHand, people, people, st.integers(-1, 4)),
    st.builds(m.TakeFloor, people),
    st.builds(m.RaiseAlert, people, alert_ids, st.sampled_from(m.AlertKind)),
    st.builds(m.CloseAlert, people, alert_ids),
    st.builds(m.Heard, st.none() | seats),
    st.builds(m.Fares, seats, st.sampled_from(m.Grade)),
    st.just(m.MediaDown()),
)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[m.Command, datetime]]:
    """Return commands with instants, from an empty room, a full one, or anywhere in a session.

    Some moves go to the phase that really comes next or before, so that stories get somewhere.
    """
    usually = st.sampled_from([True, True, True, False])
    opening: list[m.Command] = [PLAN]
    cast = list(CAST.values()) if draw(usually) else [FAY]
    for card in cast:
        opening += [m.Join(card, seat(card)), m.Acknowledge(card.person)]
    if draw(usually):
        opening.append(m.Start(FAY.person))
        opening += [m.Next(FAY.person, step.key) for step in STEPS[: draw(st.integers(0, 13))]]
    moves = draw(
        st.lists(
            st.tuples(st.integers(0, 9), lively, commands, st.integers(0, 90)),
            min_size=20,
            max_size=40,
        )
    )
    room, now, out = EMPTY, T0, []
    for dice, likely, any_, seconds in [*((0, c, c, 30) for c in opening), *moves]:
        command = likely if dice < 6 else any_
        if room.step is not None and dice in (8, 9):
            kind = m.Next if dice == 8 else m.Back
            command = kind(FAY.person, room.step.key)
        now += timedelta(seconds=seconds)
        out.append((command, now))
        room, _ = attempt(room, command, now)
    return out
