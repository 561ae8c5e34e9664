"""What to write instead: the one-click replacement for each finding; same steps as the browser's."""

import re
from collections.abc import Mapping
from datetime import date

from server.deid.dates import When
from server.deid.load import Say

_DATE_GONE = "[date removed]"
_OLDEST = 89


_SOON = 60
"""Days ahead in which a date without a year is read as an appointment to come."""


def _past(when: When, today: date, ahead: int = 0) -> date:
    """Return the last such day at most `ahead` days from now; a missing day is the 15th."""
    day = when.day or 15
    year = when.year or today.year + bool(when.month and ahead)
    month = when.month or today.month
    while True:
        # a day that a month lacks (31 April) reads as its 28th: only weeks matter here
        found = date(year, month, min(day, 28))
        if when.year or (found - today).days <= ahead:
            return found
        if when.month:
            year -= 1
        else:
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def _ago(days: int) -> str:
    """Say how long ago in words coarse enough for a case; negative days lie ahead."""
    far = abs(days)
    if far == 0:
        return "today"
    if far < 14:
        amount, unit = far, "day"
    elif far < 61:
        amount, unit = (far + 3) // 7, "week"
    else:
        amount, unit = (far * 100 + 1522) // 3044, "month"
    words = f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
    return f"{words} ago" if days > 0 else f"in {words}"


def _date(when: When, lead: str, today: date | None) -> str:
    """Replace a date: within two years how long ago, before that its year."""
    if today is None:
        if when.year is None:
            return _DATE_GONE
        return f"in {when.year}" if lead else str(when.year)
    if when.year and today.year - when.year > _OLDEST:
        return "more than 89 years ago"
    days = (today - _past(when, today, _SOON)).days
    if when.year and abs(days) >= 730:
        return f"in {when.year}" if lead else str(when.year)
    return _ago(days)


def _month(when: When, lead: str, today: date | None) -> str:
    """Replace "since March": keep the word that gives the direction."""
    if today is None:
        return _DATE_GONE
    days = (today - _past(when, today)).days
    if lead.startswith("next"):
        days -= 365
    kept = lead if lead.startswith(("since", "until", "till", "by", "during")) else ""
    return f"{kept}about {_ago(days)}" if kept else _ago(days)


def _birth(when: When, lead: str, today: date | None) -> str:
    """Replace a date of birth: "born in 1961", or after a label the decade of age."""
    if when.year is None:
        return "[date of birth removed]"
    age = today.year - when.year if today else None
    if age is not None and age > _OLDEST:
        return "aged 90+"
    if lead.startswith(("born", "nacid", "ne")):
        return f"born in {when.year}"
    if age is None or age < 0:
        return f"born in {when.year}"
    if age < 20:
        return f"age: {age}"
    part = "early" if age % 10 < 4 else "mid" if age % 10 < 7 else "late"
    return f"age: {part} {age // 10}0s"


def _lower(text: str) -> str:
    """Put ASCII letters into lower case, as the browser does: no letter changes its length."""
    return re.sub("[A-Z]+", lambda m: m[0].lower(), text)


def _age(text: str) -> str:
    """Replace the number of "93-year-old" by the top code 90+."""
    digits = re.match(r"[0-9]+", text)
    if digits:
        rest = text[digits.end() :].lstrip(" -")
    else:
        words = re.search("years?|yrs?|anos|a\u00f1os|ans$|ans ", _lower(text))
        rest = text[words.start() :] if words else ""
    return f"90+ {rest}" if rest else "90+"


def replacement(  # noqa: PLR0911 -- one return for each kind of template
    template: str,
    raw: str,
    groups: Mapping[str, str | None],
    say: Say,
    *,
    kept: str,
    when: When | None,
    today: date | None,
) -> str:
    """Fill a rule's template for the span `raw`; `kept` is the part of it that group t covers."""
    lead = (groups.get("p") or "").lower()
    found = when or When()
    match template:
        case "{date}":
            return _date(found, lead, today)
        case "{month}":
            return _month(found, lead, today)
        case "{birth}":
            return _birth(found, lead, today)
        case "{about}":
            if found.day and today:
                return _ago((today - _past(found, today)).days)
            return _DATE_GONE
        case "{age}":
            return _age(raw)
        case "{address}":
            return "in a rural village" if lead else "a rural village"
        case "{town}":
            return "a small town"
        case _:
            owner = "'s" if groups.get("pos") else ""
            title = say.titles.get((groups.get("t") or "").lower(), say.title)
            return template.replace("{title}", title).replace("{t}", kept).replace("{pos}", owner)
