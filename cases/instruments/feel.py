"""“How do you feel?”: the person's own answer, 0–10. No bands; what is shown is the change.

Source: our own question, after the Crimson Care Collaborative (domain.md §4.2 and §5.1, [S0]).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_

KEY: Final = "how_do_you_feel"
VERSION: Final = "1"
LOWEST: Final = 0
HIGHEST: Final = 10
SOURCE: Final = N_("Our own question: 0 is the worst the person can imagine, 10 the best.")


class Direction(StrEnum):
    """Which way the answer went."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two answers: `points` is latest minus first."""

    points: int
    direction: Direction


def change(first: int | None, latest: int | None) -> Change | None:
    """Compare two answers; None while one is missing, ValueError outside 0–10."""
    if first is None or latest is None:
        return None
    if not (LOWEST <= first <= HIGHEST and LOWEST <= latest <= HIGHEST):
        message = f"{KEY} answers run from {LOWEST} to {HIGHEST}"
        raise ValueError(message)
    points = latest - first
    if points == 0:
        return Change(0, Direction.SAME)
    return Change(points, Direction.BETTER if points > 0 else Direction.WORSE)
