"""Follow-up rounds of an issued letter: day 30 and day 90, three reminders each (domain.md §4.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cases.rules.lifecycle import Guard
from server.kit.ids import PersonId

ROUNDS: Final = (timedelta(days=30), timedelta(days=90))
"""After the first letter was issued."""

REMINDERS: Final = (timedelta(0), timedelta(days=7), timedelta(days=14))
"""After a round came due; the answer is waited for once more as long as between two of them."""

PATIENCE: Final = timedelta(days=7)

BY_HAND: Final = timedelta(days=1)
"""Nobody is asked by hand sooner than this after the last time: that would be asking twice."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round; `answered_at` None: not yet, or never."""

    due_at: datetime
    answered_at: datetime | None = None

    def reminders(self, now: datetime) -> int:
        """Return how many reminders should have gone out by now."""
        until = self.answered_at or now
        return sum(self.due_at + after <= min(now, until) for after in REMINDERS)

    def past(self, now: datetime) -> bool:
        """Say whether the time of its reminders is over: the platform asks no more by itself."""
        return now >= self.due_at + REMINDERS[-1] + PATIENCE


def rounds(issued_at: datetime, answers: Sequence[datetime]) -> tuple[Round, ...]:
    """Return both rounds of a letter; `answers` are the instants of the responses, in order.

    The first round is answered by what comes after the letter, early or late; the second only
    once it is due, for day 90 is asked whatever was said before. Who tells after 95 days how it
    went has answered both. What came before the letter knew nothing of it.
    """
    since = (issued_at, issued_at + ROUNDS[1])
    return tuple(
        Round(issued_at + after, next((at for at in answers if at >= start), None))
        for after, start in zip(ROUNDS, since, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The presenter was asked about a round (1 or 2) for the `number`-th time (1 to 3).

    `by` None: by the platform when the time had come; else by this coordinator.
    """

    round: int
    number: int
    at: datetime
    by: PersonId | None = None


def over(of: Sequence[Round], asked: Sequence[Asked], number: int, now: datetime) -> bool:
    """Say whether round `number` (1 or 2) is waited for no more.

    The time of its reminders is past, and the presenter had a week after the last one sent.
    """
    sent = [one.at for one in asked if one.round == number]
    return of[number - 1].past(now) and all(now - at >= PATIENCE for at in sent)


def facts(of: Sequence[Round], asked: Sequence[Asked], now: datetime) -> tuple[Guard, ...]:
    """Return the guards of the life cycle that the rounds decide.

    DUE: a round without an answer has come. ROUNDS_IN: no round will bring anything any more;
    so without rounds, when the letter was erased.
    """
    waiting = [n for n, one in enumerate(of, 1) if one.answered_at is None]
    held = []
    if any(of[n - 1].due_at <= now for n in waiting):
        held.append(Guard.DUE)
    if all(over(of, asked, n, now) for n in waiting):
        held.append(Guard.ROUNDS_IN)
    return tuple(held)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Which question is to be asked next."""

    round: int
    number: int


class Ending(StrEnum):
    """Why nothing more will come: the reason a case is closed with."""

    ANSWERED = "answered"
    LOST = "lost"
    """Three reminders stayed without an answer."""
    UNASKED = "unasked"
    """No answer, but fewer reminders went out: the server stood still, or nobody could answer."""
    ERASED = "erased"
    """The letter is gone, and with it what could be asked."""


def waiting(of: Sequence[Round], now: datetime) -> int | None:
    """Return the number of the round that is asked about: the newest that is due, or None.

    Once the second has come, one question is about both.
    """
    due = [n for n, one in enumerate(of, 1) if one.answered_at is None and one.due_at <= now]
    return due[-1] if due else None


def last(asked: Sequence[Asked], round_: int) -> int:
    """Return the number of the last reminder about a round; 0 when none was sent."""
    return max((one.number for one in asked if one.round == round_), default=0)


def to_send(of: Sequence[Round], asked: Sequence[Asked], now: datetime) -> Reminder | None:
    """Return the reminder that the platform owes the presenter now, or None.

    Reminders that were missed (a server that stood still) are made up for by one. Nobody is asked
    about a round whose three reminders are over: a person at the desk decides.
    """
    number = waiting(of, now)
    if number is None or of[number - 1].past(now):
        return None
    wanted = of[number - 1].reminders(now)
    return Reminder(number, wanted) if wanted > last(asked, number) else None


def by_hand(of: Sequence[Round], asked: Sequence[Asked], now: datetime) -> Reminder | None:
    """Return the reminder that the coordinator may send now, or None.

    It is one of the three: what was asked by hand the platform does not ask again.
    """
    number = waiting(of, now)
    if number is None or any(now - one.at < BY_HAND for one in asked):
        return None
    following = last(asked, number) + 1
    return Reminder(number, following) if following <= len(REMINDERS) else None


def ending(of: Sequence[Round], asked: Sequence[Asked], now: datetime) -> Ending | None:
    """Return the reason with which a case can be closed; None while an answer may still come.

    What was really asked decides: the questions of the last round are about both.
    """
    if not of:
        return Ending.ERASED
    if Guard.ROUNDS_IN not in facts(of, asked, now):
        return None
    if all(one.answered_at for one in of):
        return Ending.ANSWERED
    sent = sum(one.round == len(of) for one in asked)
    return Ending.LOST if sent == len(REMINDERS) else Ending.UNASKED
