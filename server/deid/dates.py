"""Is it a date, and which: the arithmetic that patterns cannot do; same steps as the browser's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from server.deid.load import Say

_NUMBER = re.compile(r"[0-9]+")
_SCORE_BASES = frozenset({21, 24, 27, 30})
"""Denominators of GAD-7, PHQ-9, MMSE and their like: 3/27 may be a score or 27 March."""
_SPANS = frozenset({7, 12})
"""14/7 and 14/12 are also 14 days and 14 months in British notes."""
_OLDEST = 89
"""Years of age above which even the year is an identifier: 45 CFR 164.514(b)(2)(i)(C)."""


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it was written; unknown parts are None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


def _month_day(a: int, b: int, *, day_first: bool) -> tuple[int, int] | None:
    """Read a/b as (month, day): in the language's order, else the other way round."""
    pairs = ((b, a), (a, b)) if day_first else ((a, b), (b, a))
    for month, day in pairs:
        if 1 <= month <= 12 and 1 <= day <= 31:
            return month, day
    return None


def _year(digits: str) -> int:
    """Read two or four digits; 00 to 39 are this century."""
    value = int(digits)
    if len(digits) == 4:
        return value
    return value + (2000 if value < 40 else 1900)


def _month(word: str, say: Say) -> int | None:
    return say.months.get(word[:4], say.months.get(word[:3]))


def _written(groups: Mapping[str, str | None], say: Say, *, capital: bool) -> When | None:
    """Read groups y or yy, m or mon, d; "may 5" and "march 5" need a capital or more."""
    year = groups.get("y") or groups.get("yy")
    word = groups.get("mon")
    if word:
        sure = capital or year or groups.get("o")
        if word.rstrip(".") in say.unsure and not sure:
            return None
        month = _month(word, say)
    else:
        month = int(groups.get("m") or 0)
    day = groups.get("d")
    if not month or not 1 <= month <= 12 or (day and not 1 <= int(day) <= 31):
        return None
    return When(_year(year) if year else None, month, int(day) if day else None)


def _pair(check: str, text: str, *, day_first: bool) -> When | None:
    """Read 3/14: after a cue any valid day, alone only what cannot be a score or a fraction."""
    first, second = _NUMBER.findall(text)[:2]
    a, b = int(first), int(second)
    read = _month_day(a, b, day_first=day_first)
    if read is None:
        return None
    certain = (a > 12 and b not in _SPANS) or (b > 12 and b not in _SCORE_BASES)
    # a score does not exceed its base and has no leading nought
    maybe = not certain and (a > b or b == 11 or b > 12 or "0" in (first[0], second[0]))
    if (check == "partial" and not certain) or (check == "maybe" and not maybe):
        return None
    if (
        check == "event"
        and b == 10
        and "0" not in (first[0], second[0])
        and a <= b
        and "/" in text
    ):
        return None
    return When(None, *read)


def _birth_year(text: str) -> When:
    """Find the year in whatever form a birth date took."""
    numbers = _NUMBER.findall(text)
    for number in numbers:
        if len(number) == 4 and 1880 <= int(number) <= 2100:
            return When(int(number))
        if len(number) == 8:
            head = int(number[:4])
            return When(head if 1880 <= head <= 2100 else int(number[4:]))
    return When(_year(numbers[-1])) if len(numbers) == 3 else When()


def grown_old(groups: Mapping[str, str | None]) -> int:
    """Return the year with whose New Year the check "old" begins to hold for a year of birth."""
    return int(groups.get("y") or 0) + _OLDEST + 1


def read(  # noqa: PLR0911 -- one return for each kind of check
    check: str,
    groups: Mapping[str, str | None],
    text: str,
    say: Say,
    *,
    capital: bool,
    lang: str,
    today: date | None,
) -> When | None:
    """Return the date that the matched `text` (lower case) means, or None when it is no date.

    `capital` says whether the month word, if any, or the letters of a number began with a
    capital letter.
    """
    day_first = not lang.startswith("en")
    word = groups.get("mon")
    match check:
        case "code":
            # "Folder KSG 5512/19": letters before the digits belong to the number when capital
            return When() if capital or not groups.get("x") else None
        case "birth":
            return _birth_year(text)
        case "old":
            year = int(groups.get("y") or 0)
            return When(year) if today and today.year - year > _OLDEST else None
        case "date":
            return _written(groups, say, capital=capital)
        case "numeric":
            a, b, year = _NUMBER.findall(text)[:3]
            read_ = _month_day(int(a), int(b), day_first=day_first)
            return When(_year(year), *read_) if read_ else None
        case "words" | "month":
            # "march third" is a date in any dress, "may first" and "in march" need a capital
            unsure = word == "may" if check == "words" else word in say.unsure
            if unsure and not capital:
                return None
            return When(None, _month(word, say)) if word else When()
        case "nth":
            return When(None, None, int(groups.get("d") or 0))
        case _:
            return _pair(check, text, day_first=day_first)
