"""Quantities with their stored unit, other units to type them in, and ranges; pure.

Values are kept in one unit (domain.md §4.2: "store SI", §4.3: the stored unit) and may be typed
and shown in others. Outside the hard range a value is refused; outside the usual one the author is
asked to look again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STORED_DIGITS: Final = 4
"""Decimal places kept: enough for every typed value to come back as it was typed."""


class Fit(StrEnum):
    """How a value lies in the ranges of its quantity."""

    USUAL = "usual"
    UNUSUAL = "unusual"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Unit:
    """Another unit: shown = (stored − offset) × factor, with `digits` decimal places."""

    unit: str
    factor: float
    digits: int
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number. `low`–`high` is the hard range, `usual` the soft one, both inclusive.

    `default` is offered when nothing is known, and shown when it is used. `undetectable` allows
    the words "not detected" instead of a number.
    """

    code: str
    label: str
    unit: str
    low: float
    high: float
    usual: tuple[float, float]
    digits: int
    others: tuple[Unit, ...] = ()
    default: float | None = None
    undetectable: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit it may be typed in, the stored one first."""
        return (self.unit, *(other.unit for other in self.others))

    def _other(self, unit: str) -> Unit:
        for other in self.others:
            if other.unit == unit:
                return other
        raise KeyError(unit)

    def to_stored(self, value: float, unit: str) -> float:
        """Turn a value typed in `unit` into the stored unit; KeyError for an unknown unit."""
        if unit == self.unit:
            return value
        other = self._other(unit)
        return round(value / other.factor + other.offset, STORED_DIGITS)

    def shown_in(self, value: float, unit: str) -> float:
        """Turn a stored value into `unit`, rounded as it is printed; KeyError as above."""
        if unit == self.unit:
            return round(value, self.digits)
        other = self._other(unit)
        return round((value - other.offset) * other.factor, other.digits)

    def fit(self, value: float) -> Fit:
        """Say how a stored value lies in the two ranges; what is no number is refused."""
        if not self.low <= value <= self.high:
            return Fit.REFUSED
        low, high = self.usual
        return Fit.USUAL if low <= value <= high else Fit.UNUSUAL

    def meant_unit(self, value: float) -> str | None:
        """Return the unit a value was probably typed in, when it does not fit the stored one.

        Only one other unit may make it usual; a guess is offered, never applied.
        """
        if self.fit(value) is Fit.USUAL:
            return None
        fitting = [
            other.unit
            for other in self.others
            if self.fit(self.to_stored(value, other.unit)) is Fit.USUAL
        ]
        return fitting[0] if len(fitting) == 1 else None
