"""Weekly rules in wall-clock time: "Tuesdays 12:00 America/Denver" means noon, summer and winter.

A local time that does not exist (clocks jump forward) is shifted forward by the length of the
gap: 02:30 becomes 03:30. A local time that exists twice (clocks go back) means the first of the
two. RFC 5545 §3.3.5 reads DTSTART the same way, so every calendar agrees with ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from server.kit.errors import Invalid
from sessions.rules.models import WeeklyRule

MOST_WEEKS_APART = 12
MOST_SESSIONS = 520
"""Ten years of weekly sessions; more is a slip of the finger."""

_NOT_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")
_EARLIEST, _LATEST = date(2000, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The `number`-th (from 1) time of a rule: its local date and its instant in UTC."""

    number: int
    local_date: date
    starts_at: datetime


@cache
def _zones() -> frozenset[str]:
    """Return every zone name; asked once, because the library walks a directory for it."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Say whether `name` is a zone of the IANA database."""
    return name in _zones()


def zone_names() -> tuple[str, ...]:
    """Return the zones worth offering: places, without aliases such as `EST5EDT` and `Etc/…`."""
    return tuple(sorted(n for n in _zones() if "/" in n and not n.startswith(_NOT_PLACES)))


def zone_named(typed: str) -> str:
    """Return the zone a person means: `america/new york` → `America/New_York`; else as typed."""
    wanted = typed.strip().replace(" ", "_").casefold()
    return next((n for n in _zones() if n.casefold() == wanted), typed)


def check(rule: WeeklyRule) -> WeeklyRule:
    """Return the rule or raise Invalid with one message key per wrong field."""
    wrong: dict[str, str] = {}
    if not is_zone(rule.zone):
        wrong["zone"] = "series.zone"
    if not 0 <= rule.weekday <= 6:
        wrong["weekday"] = "series.weekday"
    if not 1 <= rule.every_weeks <= MOST_WEEKS_APART:
        wrong["every_weeks"] = "series.every_weeks"
    if not _EARLIEST <= rule.first < _LATEST:
        wrong["first"] = "series.first"
    if rule.count is not None and rule.until is not None:
        wrong["until"] = "series.count_or_until"
    elif rule.count is not None and not 1 <= rule.count <= MOST_SESSIONS:
        wrong["count"] = "series.count"
    elif rule.until is not None and "weekday" not in wrong and rule.until < _first_date(rule):
        wrong["until"] = "series.until_before_first"
    if wrong:
        raise Invalid("invalid", wrong)
    return rule


def to_utc(zone: str, wall: datetime) -> datetime:
    """Return the instant of a naive wall-clock time; gaps and overlaps as the module says.

    `fold=0` makes `zoneinfo` use the offset before the change, which is exactly both rules.
    """
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def all_occurrences(rule: WeeklyRule) -> Iterator[Occurrence]:
    """Yield the occurrences of a rule in order; endless when it has neither count nor until."""
    day = _first_date(rule)
    number = 1
    while rule.count is None or number <= rule.count:
        if day >= _LATEST or (rule.until is not None and day > rule.until):
            return
        yield Occurrence(number, day, to_utc(rule.zone, datetime.combine(day, rule.at)))
        day += timedelta(weeks=rule.every_weeks)
        number += 1


def occurrences(rule: WeeklyRule, after: datetime, limit: int) -> tuple[Occurrence, ...]:
    """Return the first `limit` occurrences that start strictly after the instant `after`."""
    found: list[Occurrence] = []
    for occurrence in all_occurrences(rule):
        if len(found) >= limit:
            break
        if occurrence.starts_at > after:
            found.append(occurrence)
    return tuple(found)


def between(rule: WeeklyRule, after: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Return the occurrences that start after `after` and not later than `until`."""
    found: list[Occurrence] = []
    for occurrence in all_occurrences(rule):
        if occurrence.starts_at > until:
            break
        if occurrence.starts_at > after:
            found.append(occurrence)
    return tuple(found)


def _first_date(rule: WeeklyRule) -> date:
    return rule.first + timedelta(days=(rule.weekday - rule.first.weekday()) % 7)
