"""E-consults: how soon a case is answered in writing, and by how many (domain.md §9.2)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cases.rules.models import Case, CaseState
from cases.rules.turnaround import Due, Pace
from server.kit.ids import PersonId

ANSWER_WITHIN: Final = timedelta(hours=72)
"""Target for the first answer, counted in hours and not in working days."""

AT_ONCE: Final = 3
"""How many specialists are asked with one press; more can be asked later."""

A_DAY: Final = timedelta(hours=24)
"""Nobody is reminded sooner after having been asked: who was asked late had no 72 hours."""

OPEN_STATES: Final = frozenset({CaseState.CONVERTED, CaseState.RECS_DRAFTED})
"""An e-consult without a signed answer."""


def is_open(case: Case) -> bool:
    """Say whether the case is an e-consult that waits for its answer.

    Without its question (an identifier was found, and every text erased) nobody can give one.
    """
    there = bool(case.main_question)
    return there and case.converted_at is not None and case.state in OPEN_STATES


def due_at(converted_at: datetime) -> datetime:
    """Return when the answer should be there."""
    return converted_at + ANSWER_WITHIN


def due(converted_at: datetime, now: datetime, zone: str) -> Due:
    """Return how an unanswered e-consult stands: late from its 72nd hour, very late after as many.

    The day is one of `zone`.
    """
    end = due_at(converted_at)
    if now < end:
        pace = Pace.ON_TIME
    else:
        pace = Pace.LATE if now < end + ANSWER_WITHIN else Pace.VERY_LATE
    day = end.astimezone(ZoneInfo(zone)).date()
    return Due(day, pace, day == now.astimezone(ZoneInfo(zone)).date())


@dataclass(frozen=True, slots=True)
class Overdue:
    """Whom to tell that the 72 hours are over: who signs, and who has written nothing so far."""

    directors: frozenset[PersonId] = frozenset()
    specialists: frozenset[PersonId] = frozenset()


def overdue(
    converted_at: datetime,
    now: datetime,
    *,
    directors: Collection[PersonId],
    asked: Mapping[PersonId, datetime],
    wrote: Collection[PersonId],
    with_director: bool,
) -> Overdue:
    """Return whom to tell about an e-consult that is still open; nobody before its 72nd hour.

    `asked` are those who can answer, with when they were asked: those who have written nothing
    (`wrote`) are told, a day after they were asked at the earliest, and only while the draft does
    not lie `with_director`. Who signs is told as director, also when asked to answer.
    """
    if now < due_at(converted_at):
        return Overdue()
    signs = frozenset(directors)
    silent = frozenset(asked) - signs - frozenset(wrote)
    if with_director:
        silent = frozenset()
    return Overdue(signs, frozenset(one for one in silent if now >= asked[one] + A_DAY))
