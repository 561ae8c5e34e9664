"""Follow-up rounds of an issued letter: day 30 and day 90, three reminders each (domain.md §4.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cases.rules.lifecycle import Guard

ROUNDS: Final = (timedelta(days=30), timedelta(days=90))
"""After the first letter was issued."""

REMINDERS: Final = (timedelta(0), timedelta(days=7), timedelta(days=14))
"""After a round came due; the answer is waited for once more as long as between two of them."""

PATIENCE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Round:
    """One round; `answered_at` None: not yet, or never."""

    due_at: datetime
    answered_at: datetime | None = None

    def reminders(self, now: datetime) -> int:
        """Return how many reminders should have gone out by now."""
        until = self.answered_at or now
        return sum(self.due_at + after <= min(now, until) for after in REMINDERS)

    def lost(self, now: datetime) -> bool:
        """Say whether three reminders stayed without an answer."""
        return self.answered_at is None and now >= self.due_at + REMINDERS[-1] + PATIENCE


def rounds(issued_at: datetime, answers: Sequence[datetime]) -> tuple[Round, ...]:
    """Return both rounds of a letter; `answers` are the instants of the responses, in order."""
    found = [*answers[: len(ROUNDS)], *[None] * (len(ROUNDS) - len(answers))]
    return tuple(Round(issued_at + after, at) for after, at in zip(ROUNDS, found, strict=True))


def facts(of: Sequence[Round], now: datetime) -> tuple[Guard, ...]:
    """Return the guards of the life cycle that the rounds decide.

    DUE: a round without an answer has come. ROUNDS_IN: no round will bring anything any more,
    answered or lost.
    """
    waiting = [one for one in of if one.answered_at is None]
    held = []
    if any(one.due_at <= now for one in waiting):
        held.append(Guard.DUE)
    if all(one.lost(now) for one in waiting):
        held.append(Guard.ROUNDS_IN)
    return tuple(held)
