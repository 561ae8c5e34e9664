"""How long a letter or a check has been due, in working days: target 2, amber 3, red 5.

domain.md §6.2 for the letter; §4.6 gives the desk the same 2 working days.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

TARGET_DAYS = 2
AMBER_DAYS = 3
RED_DAYS = 5


class Pace(StrEnum):
    """How a letter or a check stands against its target."""

    ON_TIME = "on_time"
    LATE = "late"
    VERY_LATE = "very_late"


def working_days(since: datetime, now: datetime, zone: str) -> int:
    """Return how many Mondays to Fridays have begun in `zone` after the day of `since`."""
    day = since.astimezone(ZoneInfo(zone)).date()
    end = now.astimezone(ZoneInfo(zone)).date()
    whole_weeks = max((end - day).days // 7, 0)
    count = whole_weeks * 5
    day += timedelta(days=whole_weeks * 7)
    while day < end:
        day += timedelta(days=1)
        count += day.weekday() < 5
    return count


def due_day(since: datetime, zone: str, days: int = TARGET_DAYS) -> date:
    """Return the day in `zone` on which the target ends: `days` Mondays to Fridays later."""
    day = since.astimezone(ZoneInfo(zone)).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def pace(days: int) -> Pace:
    """Return green, amber or red."""
    if days >= RED_DAYS:
        return Pace.VERY_LATE
    return Pace.LATE if days >= AMBER_DAYS else Pace.ON_TIME


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, how it stands against that, and whether that is today."""

    day: date
    pace: Pace
    today: bool


def due(since: datetime, now: datetime, zone: str) -> Due:
    """Return how what waits since an instant stands against its target, in days of `zone`."""
    day = due_day(since, zone)
    today = now.astimezone(ZoneInfo(zone)).date()
    return Due(day, pace(working_days(since, now, zone)), day == today)


def due_by(instant: datetime, now: datetime, zone: str) -> Due:
    """Return how something with a set day stands: late after it, very late a week after it."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    today = now.astimezone(ZoneInfo(zone)).date()
    late = Pace.VERY_LATE if today - day >= timedelta(days=7) else Pace.LATE
    return Due(day, late if today > day else Pace.ON_TIME, day == today)
