"""Scores and numbers of one person across presentations: data for small charts; pure.

Presentations are dated, results are "weeks ago"; a point lies at the whole week after the first
point. A table stands beside every chart, so a point carries all that its row prints.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cases.instruments import phq9, registry
from cases.instruments.base import Band
from cases.instruments.registry import USUAL, Setting

NON_RESPONSE_WEEKS: Final = 8
NON_RESPONSE_TOTAL: Final = 10
"""Non-responder: 8 weeks after the first PHQ-9 still 10 or more and not fallen by half (§6.4)."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """One presentation of the person's case: its number, its day, its answers by field key."""

    case_no: str
    on: date
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """One number somebody gave: how many weeks before the presentation, and what it was."""

    case_no: str
    on: date
    weeks_ago: int
    value: float
    band: Band | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One mark of a chart: whole weeks after the first, the value, its band if it has one."""

    week: int
    value: float
    band: Band | None
    case_no: str


@dataclass(frozen=True, slots=True)
class Trend:
    """One line of one chart. `change` is latest minus first; None with a single point.

    `response`, `remission` and `non_responder` are those of the PHQ-9 and None elsewhere, or with
    a single point.
    """

    key: str
    points: tuple[Point, ...]
    change: float | None = None
    response: bool | None = None
    remission: bool | None = None
    non_responder: bool | None = None


def trend(key: str, measured: Iterable[Measured]) -> Trend:
    """Put numbers in order of time; one told again at a later presentation counts once."""
    taken = list(measured)
    if not taken:
        return Trend(key, ())
    first_day = min(m.on for m in taken)
    weeks = [(m.on - first_day).days // 7 - m.weeks_ago for m in taken]
    start = min(weeks)
    # Equal weeks keep the order of the presentations, so that the later word is the last.
    ordered = sorted(zip(weeks, taken, strict=True), key=lambda pair: (pair[0], pair[1].on))
    points: list[Point] = []
    for week, one in ordered:
        told = any((p.week, p.value) == (week - start, one.value) for p in points)
        if not told:
            points.append(Point(week - start, one.value, one.band, one.case_no))
    if len(points) < 2:
        return Trend(key, tuple(points))
    first, latest = points[0], points[-1]
    change = round(latest.value - first.value, 4)
    if key != phq9.PHQ9.key:
        return Trend(key, tuple(points), change)
    response = phq9.response(int(first.value), int(latest.value))
    return Trend(
        key,
        tuple(points),
        change,
        response=response,
        remission=phq9.remission(int(latest.value)),
        non_responder=not response
        and latest.value >= NON_RESPONSE_TOTAL
        and latest.week >= NON_RESPONSE_WEEKS,
    )


def scales(presentations: Sequence[Presentation], setting: Setting = USUAL) -> tuple[Trend, ...]:
    """Return a trend for every scale with a complete result, in the order of the registry."""
    by_key: dict[str, list[Measured]] = {}
    for shown in presentations:
        for key, score in registry.score_all(shown.values, setting).items():
            weeks = shown.values[key].get("weeks_ago") or 0
            by_key.setdefault(key, []).append(
                Measured(shown.case_no, shown.on, weeks, score.total, score.band)
            )
    return tuple(trend(key, by_key[key]) for key in registry.INSTRUMENTS if key in by_key)


def number(presentations: Sequence[Presentation], key: str) -> Trend:
    """Return the trend of a plain number among the answers: `how_do_you_feel`, `weight`, `sbp`."""
    return trend(
        key,
        (
            Measured(shown.case_no, shown.on, 0, value)
            for shown in presentations
            if isinstance(value := shown.values.get(key), int | float)
        ),
    )
