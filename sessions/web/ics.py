"""Calendar files (RFC 5545): what a session looks like in somebody's own calendar.

Only the schedule goes out: programme, topic, times, address. Never a case number, never a case.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vText

from server.kit.text import clean_line

PRODUCT = "-//Caseround//Sessions//EN"
UID_HOST = "sessions.caseround"
"""Right side of every UID; stable, whatever address the house is served from."""

_FAR = timedelta(days=366)
"""How far around the sessions a VTIMEZONE tells the clock changes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One session as a calendar entry. Instants are aware; `sequence` grows with every change."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    description: str
    url: str
    sequence: int = 0
    cancelled: bool = False


def uid_of(session_id: str) -> str:
    """Return the UID of a session: the same in every file, so that calendars update, not add."""
    return f"{session_id}@{UID_HOST}"


def write(entries: Sequence[Entry], *, name: str, stamp: datetime) -> bytes:
    """Return a VCALENDAR with one VEVENT per entry and a VTIMEZONE per zone used.

    `stamp` is when the file was made (UTC). Texts are escaped and folded by the library.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar["x-wr-calname"] = vText(clean_line(name))
    for zone in sorted({e.zone for e in entries if _is_local(e)}):
        inside = [e for e in entries if e.zone == zone]
        first = min(e.starts_at for e in inside) - _FAR
        last = max(e.ends_at for e in inside) + _FAR
        calendar.add_component(_timezone(zone, first, last))
    for entry in entries:
        calendar.add_component(_event(entry, stamp))
    return bytes(calendar.to_ical())


def _event(entry: Entry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("sequence", entry.sequence)
    _add_when(event, "dtstart", entry, entry.starts_at)
    _add_when(event, "dtend", entry, entry.ends_at)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    return event


def _is_local(entry: Entry) -> bool:
    """Say whether wall-clock time tells both instants apart.

    A calendar reads a repeated hour as its first pass (RFC 5545 §3.3.5); an entry that touches
    the second pass is written in UTC, where every hour happens once.
    """
    zone = ZoneInfo(entry.zone)
    return not any(i.astimezone(zone).fold for i in (entry.starts_at, entry.ends_at))


def _add_when(event: Event, name: str, entry: Entry, instant: datetime) -> None:
    if not _is_local(entry):
        event.add(name, instant.astimezone(UTC))
        return
    # The zone is named by hand: the library would write a zone at +00:00 as UTC.
    wall = instant.astimezone(ZoneInfo(entry.zone)).replace(tzinfo=None)
    event.add(name, wall, parameters={"TZID": entry.zone})


def _timezone(zone: str, first: datetime, last: datetime) -> Timezone:
    """Return the VTIMEZONE of a zone, with every change of its clocks from `first` to `last`.

    Written here because the library's own (icalendar 7.3) dates the spring change by the clock
    after it; RFC 5545 §3.6.5 wants the clock before it.
    """
    component = Timezone()
    component.add("tzid", zone)
    component.add_component(_observance(zone, first, first))
    for before, after in _changes(ZoneInfo(zone), first, last):
        component.add_component(_observance(zone, before, after))
    return component


def _observance(
    zone: str, before: datetime, after: datetime
) -> TimezoneDaylight | TimezoneStandard:
    """Describe the clock as it is from `after` on; `before` is the last second of the old one."""
    old, new = before.astimezone(ZoneInfo(zone)), after.astimezone(ZoneInfo(zone))
    observance = TimezoneDaylight() if new.dst() else TimezoneStandard()
    offset_before = old.utcoffset() or timedelta()
    observance.add("dtstart", (after + offset_before).replace(tzinfo=None))
    observance.add("tzoffsetfrom", offset_before)
    observance.add("tzoffsetto", new.utcoffset() or timedelta())
    observance.add("tzname", new.tzname() or zone)
    return observance


def _changes(
    zone: ZoneInfo, first: datetime, last: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield (last second of the old clock, first second of the new one) of every change."""
    day, second = timedelta(days=1), timedelta(seconds=1)
    at = first.replace(microsecond=0)
    while at < last:
        low, high = at, at + day
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > second:
                middle = low + (high - low) // 2 // second * second
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield low, high
        at += day


def google_link(entry: Entry) -> str:
    """Return the address that offers the entry to Google Calendar."""
    query = {
        "action": "TEMPLATE",
        "text": entry.summary,
        "dates": f"{_compact(entry.starts_at)}/{_compact(entry.ends_at)}",
        "details": f"{entry.description}\n{entry.url}",
        "ctz": entry.zone,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(query)}"


def outlook_link(entry: Entry) -> str:
    """Return the address that offers the entry to Outlook on the web."""
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.summary,
        "startdt": entry.starts_at.astimezone(UTC).isoformat(),
        "enddt": entry.ends_at.astimezone(UTC).isoformat(),
        "body": f"{entry.description}\n{entry.url}",
    }
    return f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(query)}"


def _compact(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
