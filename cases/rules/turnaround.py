"""How long a letter has been due, in working days (domain.md §6.2): target 2, amber 3, red 5."""

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

TARGET_DAYS = 2
AMBER_DAYS = 3
RED_DAYS = 5


class Pace(StrEnum):
    """How a letter stands against its target."""

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


def pace(days: int) -> Pace:
    """Return green, amber or red."""
    if days >= RED_DAYS:
        return Pace.VERY_LATE
    return Pace.LATE if days >= AMBER_DAYS else Pace.ON_TIME
