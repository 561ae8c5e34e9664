"""E-consults: how soon a case is answered in writing, and by how many (domain.md §9.2)."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cases.rules.models import Case, CaseState
from cases.rules.turnaround import Due, Pace

ANSWER_WITHIN: Final = timedelta(hours=72)
"""Target for the first answer, counted in hours and not in working days."""

AT_ONCE: Final = 3
"""How many specialists are asked with one press; more can be asked later."""

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
