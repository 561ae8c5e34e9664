"""Room stories as JSON, folded again in JavaScript: `python -m tests.sessions.live.vectors` writes."""

import json
import pathlib
from datetime import timedelta

from server.kit.ids import CaptureId
from sessions.live import messages as m
from sessions.live.view import Audience, diff, view
from sessions.rules.models import ProblemArea
from tests.sessions.live import worlds as w

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "vectors" / "room"


def _opening() -> list[m.Command]:
    who = (w.FAY, w.HUGO, w.ANN, w.JOE, w.LEA)
    out: list[m.Command] = [w.PLAN]
    for card in who:
        out += [m.Join(card, w.seat(card)), m.Acknowledge(card.person)]
    return [*out, m.Start(w.FAY.person)]


def _nexts(start: int, count: int) -> list[m.Command]:
    return [m.Next(w.FAY.person, w.STEPS[n].key) for n in range(start, start + count)]


def _line(number: int, speaker: m.Card, words: str) -> m.Command:
    return m.CaptureLine(
        w.FAY.person,
        CaptureId(f"line-{number}"),
        speaker.person,
        ProblemArea.MEDICINE,
        w.text(words),
    )


def stories() -> dict[str, list[m.Command]]:
    """Return the stories by name."""
    fay, hugo, ann, joe = (c.person for c in (w.FAY, w.HUGO, w.ANN, w.JOE))
    case: list[m.Command] = [
        *_opening(),
        *_nexts(0, 1),
        m.RaiseHand(joe, m.Intent.RECOMMEND, w.text("tapering")),
        m.RaiseHand(hugo, m.Intent.EXPERIENCE),
        *_nexts(1, 1),
        m.GiveFloor(fay, joe),
        m.TakeFloor(joe),
        m.UnlockHub(fay),
        m.GiveFloor(fay, hugo),
        m.Extend(fay, w.STEPS[2].key, 2),
        *_nexts(2, 2),
        _line(1, w.JOE, "Taper slowly"),
        _line(2, w.HUGO, "taper slowly"),
        _line(3, w.HUGO, "Check levels"),
        *_nexts(4, 2),
        m.React(ann, CaptureId("line-1"), m.Reaction.USEFUL),
        m.Back(fay, w.STEPS[6].key),
        *_nexts(5, 2),
        m.End(fay),
    ]
    coming: list[m.Command] = [
        *_opening(),
        m.SetMedia(ann, w.seat(w.ANN), microphone=True, camera=True, share=True, pictures=True),
        m.Heard(w.seat(w.ANN)),
        m.Fares(w.seat(w.ANN), m.Grade.POOR),
        m.RaiseHand(joe, m.Intent.CLARIFY, w.text("dose")),
        m.Leave(joe, w.seat(w.JOE)),
        m.Join(w.ANN, w.seat(w.ANN, 2)),
        m.RaiseAlert(joe, "alert-0", m.AlertKind.SAFETY),
        m.RaiseAlert(ann, "alert-1", m.AlertKind.SAFETY),
        m.RaiseAlert(hugo, "alert-2", m.AlertKind.IDENTIFIER),
        m.CloseAlert(fay, "alert-1"),
        m.Join(w.JOE, w.seat(w.JOE, 2)),
        m.RaiseHand(hugo, m.Intent.TECH, w.text("no sound")),
        m.Remove(hugo),
        m.MediaDown(),
        m.Restart(),
    ]
    return {"case": case, "coming_and_going": coming}


def vector(commands: list[m.Command]) -> dict[str, object]:
    """Return first snapshot, patches and last snapshot of each audience, one command every 20 s."""
    room, now = w.EMPTY, w.T0
    first = {a.value: view(room, a) for a in Audience}
    patches: dict[str, list[object]] = {a.value: [] for a in Audience}
    for command in commands:
        now += timedelta(seconds=20)
        before = room
        room, _ = w.attempt(room, command, now)
        for audience in Audience:
            patches[audience.value].append(diff(view(before, audience), view(room, audience)))
    last = {a.value: view(room, a) for a in Audience}
    return {
        a.value: {"first": first[a.value], "patches": patches[a.value], "last": last[a.value]}
        for a in Audience
    }


def text_of(commands: list[m.Command]) -> str:
    """Return a vector as it stands in its file."""
    return json.dumps(vector(commands), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, commands in stories().items():
        (FOLDER / f"{name}.json").write_text(text_of(commands), "utf-8")
