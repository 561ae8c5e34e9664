"""A wrapped session forgets what people typed, and nothing else."""

from dataclasses import fields
from datetime import timedelta
from typing import get_args, get_type_hints

from server.deid import verdict
from server.deid.models import ScreenedText
from server.kit.actor import Lane
from server.kit.ids import AgendaItemId, CaptureId, PersonId, ProgrammeId, SeatId, SessionId
from sessions.live import codec
from sessions.live.messages import (
    Acknowledge,
    CaptureLine,
    Card,
    Command,
    Duty,
    Intent,
    Join,
    Next,
    Plan,
    RaiseHand,
    Screened,
    Start,
    Step,
    UnlockHub,
)
from sessions.live.room import apply
from sessions.live.state import Room
from sessions.rules.forgetting import forget_typed
from sessions.rules.models import PhaseKind, ProblemArea
from tests.factories.sessions import TUESDAY_NOON, an_id, person

WHO, ITEM = person("imani"), AgendaItemId(an_id("slot"))


def typed(text: str) -> ScreenedText:
    found = verdict.screen_line(text)
    assert isinstance(found, ScreenedText)
    return found


def line(name: str, text: str) -> CaptureLine:
    return CaptureLine(WHO, CaptureId(an_id(name)), WHO, ProblemArea.DOSE, typed(text))


LOG: tuple[Command, ...] = (
    Plan(
        TUESDAY_NOON,
        TUESDAY_NOON + timedelta(hours=1),
        (Step("one", PhaseKind.PRESENTATION, ITEM, 240, label="BH-2031-001"),),
    ),
    Join(
        Card(WHO, "Imani", "Hub", Lane.HUB, frozenset({Duty.RUN, Duty.SPEAK, Duty.CAPTURE})),
        SeatId(an_id("seat")),
    ),
    Acknowledge(WHO),
    Start(WHO),
    RaiseHand(WHO, Intent.RECOMMEND, typed("mockernut about sleep")),
    line("a", "Raise the mockernut dose."),
    line("b", "Look at the mockernut again in four weeks."),
)


def fold(commands: list[Command]) -> Room:
    room = Room(
        SessionId(an_id("s")),
        ProgrammeId(an_id("p")),
        TUESDAY_NOON,
        TUESDAY_NOON + timedelta(hours=1),
    )
    for command in commands:
        room, _ = apply(room, command, TUESDAY_NOON)
    return room


def test_the_words_go_and_the_deeds_stay() -> None:
    stored = [codec.encode(command) for command in LOG]
    kept = [forget_typed(command, seq) for seq, command in enumerate(stored, start=1)]
    assert "mockernut" in str(stored)
    assert "mockernut" not in str(kept)
    assert kept[:4] == stored[:4]
    assert [forget_typed(command, seq) for seq, command in enumerate(kept, start=1)] == kept
    before, after = fold(list(LOG)), fold([codec.decode(command) for command in kept])
    assert [hand.note for hand in after.hands.values()] == ["erased 5"]
    assert [(x.id, x.item, x.area, x.voices) for x in after.lines] == [
        (x.id, x.item, x.area, x.voices) for x in before.lines
    ]
    assert len(after.lines) == 2


def test_every_command_with_typed_text_is_covered() -> None:
    """Whatever command carries typed text, its form in the log is the one that is looked for."""
    carry = {
        kind.__name__
        for kind in get_args(Command)
        for found in fields(kind)
        if Screened
        in (hint := get_type_hints(kind, include_extras=True)[found.name], *get_args(hint))
    }
    assert carry >= {"CaptureLine", "RaiseHand"}
    assert {type(c).__name__ for c in LOG} >= carry, "add the new command to LOG"


def test_commands_without_typed_text_stay_as_they_are() -> None:
    for command in (Next(PersonId(WHO), "one"), UnlockHub(WHO)):
        stored = codec.encode(command)
        assert forget_typed(stored, 9) == stored
