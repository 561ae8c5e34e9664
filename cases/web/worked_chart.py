"""A small line chart as coordinates: what the template draws with SVG, without a style or a script.

Everything lies in a box of 320 × 162 units that the page scales; every point carries its number,
so that the picture can be read alone, and a table with the same numbers stands beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 162
LEFT: Final = 40
RIGHT: Final = 306
TOP: Final = 22
BOTTOM: Final = 122
LETTER: Final = 7.2
"""Units a digit is wide, at most; what would touch is left out."""
APART: Final = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A number on an axis or at a point: where, and what is written there (empty: nothing).

    `anchor` says which part of the text stands at `x`: start, middle or end.
    """

    x: float
    y: float
    text: str
    anchor: str = "middle"

    @property
    def ends(self) -> tuple[float, float]:
        """Where the text begins and ends."""
        width = LETTER * len(self.text)
        begins = self.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return begins, begins + width


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart. `line` are the points of a polyline; `cut_off` is a height, None without one."""

    line: str
    marks: tuple[Mark, ...]
    weeks: tuple[Mark, ...]
    heights: tuple[Mark, ...]
    cut_off: float | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A point to draw: the week, the height on the axis, and how the value is written."""

    week: int
    height: float
    text: str


def draw(
    spots: Sequence[Spot],
    *,
    low: float | None = None,
    high: float | None = None,
    cut_off: float | None = None,
    powers: bool = False,
) -> Drawing:
    """Return the chart of at least one spot, in order of weeks.

    `low`–`high` is the range of a scale; None: the axis is rounded around the values. `powers`:
    heights are powers of ten. Numbers that would touch are left out; the last one always stands.
    """
    heights = [spot.height for spot in spots]
    if powers:
        low, high = 0, max(1, math.ceil(max(heights)))
    ticks = _ticks(heights, low, high)
    first, last = ticks[0], ticks[-1]
    span = max(1, spots[-1].week - spots[0].week)

    def x(week: int) -> float:
        return round(LEFT + 8 + (RIGHT - LEFT - 16) * (week - spots[0].week) / span, 1)

    def y(height: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (height - first) / (last - first), 1)

    marks = [Mark(x(spot.week), y(spot.height), spot.text) for spot in spots]
    weeks = [Mark(x(spot.week), BOTTOM + 16, str(spot.week)) for spot in spots]
    return Drawing(
        line=" ".join(f"{mark.x:g},{mark.y:g}" for mark in marks),
        marks=_apart(marks),
        weeks=tuple(mark for mark in _apart(weeks) if mark.text),
        heights=tuple(Mark(LEFT - 6, y(tick), _written(tick, powers), "end") for tick in ticks),
        cut_off=None if cut_off is None else y(cut_off),
    )


_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _written(tick: float, powers: bool) -> str:
    return f"10{str(int(tick)).translate(_RAISED)}" if powers and tick else f"{tick:g}"


def _apart(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Keep texts in the box, and take away those that would touch one that stands.

    The last number stands always, the others from the first one on if there is room.
    """
    turned = [_inside(mark) for mark in marks]
    written: set[int] = set()
    for number in (len(turned) - 1, *range(len(turned) - 1)):
        begins, ends = turned[number].ends
        taken = [turned[other].ends for other in written]
        if all(ends + APART <= low or high + APART <= begins for low, high in taken):
            written.add(number)
    return tuple(
        mark if number in written else replace(mark, text="") for number, mark in enumerate(turned)
    )


def _inside(mark: Mark) -> Mark:
    if mark.ends[0] < LEFT:
        return replace(mark, anchor="start")
    return replace(mark, anchor="end") if mark.ends[1] > WIDTH else mark


def _ticks(heights: Sequence[float], low: float | None, high: float | None) -> tuple[float, ...]:
    """Return the lowest, some middle and the highest number of the axis."""
    if low is not None and high is not None:
        middle = (low + high) / 2
        return (low, middle, high) if middle.is_integer() else (low, high)
    least, most = min(heights), max(heights)
    step = _step((max(most - least, abs(most) * 0.05) or 1) / 2)
    start = math.floor(least / step) * step
    ticks = [start]
    while ticks[-1] < most or len(ticks) < 2:
        ticks.append(round(ticks[-1] + step, 9))
    return tuple(round(tick, 9) for tick in ticks)


def _step(rough: float) -> float:
    """Return the next of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in (1, 2, 5, 10) if nice * power >= rough * 0.999999)
