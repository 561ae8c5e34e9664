"""Time as people say it: relative, in the clinic's zone, and where the reader is."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name

from server.edge.i18n import PSEUDO, gettext, language, ngettext


@dataclass(frozen=True, slots=True)
class TimeText:
    """One instant in words; `viewer` is empty when the reader's clock shows the same."""

    day: str
    """`Tuesday 24 November` in the clinic's zone."""
    relative: str
    """`in 2 days`, `in 15 minutes`, `3 hours ago`."""
    clinic: str
    """`12:00 MST`: wall clock and zone of the clinic."""
    viewer: str
    """`20:00 where you are`, with the weekday if it is another day there; may be empty."""
    iso: str
    """ISO 8601 in UTC, for `<time datetime>`."""


def _locale() -> str:
    return "en_GB" if language() in ("en", PSEUDO) else language()


def relative(instant: datetime, now: datetime) -> str:
    """Say how far `instant` is from `now`, to the coarsest unit that helps."""
    seconds = (instant - now).total_seconds()
    minutes = round(abs(seconds) / 60)
    if minutes < 1:
        return gettext("now")
    if minutes < 90:
        span = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    elif minutes < 36 * 60:
        hours = round(minutes / 60)
        span = ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    elif minutes < 60 * 24 * 14:
        days = round(minutes / (60 * 24))
        span = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    elif minutes < 60 * 24 * 75:
        weeks = round(minutes / (60 * 24 * 7))
        span = ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}
    else:
        months = round(minutes / (60 * 24 * 30.4))
        span = ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    text = gettext("in %(span)s") if seconds > 0 else gettext("%(span)s ago")
    return text % {"span": span}


def zone_abbreviation(instant: datetime, zone: str) -> str:
    """Return the short name a person there would use: `MST`, `GMT+3`."""
    local = instant.astimezone(ZoneInfo(zone))
    short = local.strftime("%Z")
    if short and short.isalpha():
        return short
    return str(get_timezone_name(local, width="short", locale=_locale()))


def clock(instant: datetime, zone: str) -> str:
    """Return `12:00` in `zone`."""
    local = instant.astimezone(ZoneInfo(zone))
    return str(format_time(local, "HH:mm", locale=_locale(), tzinfo=ZoneInfo(zone)))


def day(instant: datetime, zone: str) -> str:
    """Return `Tuesday 24 November` in `zone`."""
    local = instant.astimezone(ZoneInfo(zone)).date()
    return str(format_date(local, "EEEE d MMMM", locale=_locale()))


def short_day(when: date) -> str:
    """Return `Tue 24 Nov`: a day in a badge or a dense list."""
    return str(format_date(when, "EEE d MMM", locale=_locale()))


def describe(instant: datetime, clinic_zone: str, viewer_zone: str, now: datetime) -> TimeText:
    """Put `instant` in words for a reader in `viewer_zone` about a clinic in `clinic_zone`."""
    there = instant.astimezone(ZoneInfo(clinic_zone))
    here = instant.astimezone(ZoneInfo(viewer_zone))
    viewer = ""
    if here.utcoffset() != there.utcoffset():
        text = (
            gettext("%(time)s where you are")
            if here.date() == there.date()
            else gettext("%(day)s %(time)s where you are")
        )
        weekday = format_date(here.date(), "EEEE", locale=_locale())
        viewer = text % {"time": clock(instant, viewer_zone), "day": weekday}
    return TimeText(
        day=day(instant, clinic_zone),
        relative=relative(instant, now),
        clinic=f"{clock(instant, clinic_zone)} {zone_abbreviation(instant, clinic_zone)}",
        viewer=viewer,
        iso=instant.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
