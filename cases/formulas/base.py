"""What every formula has in common: named inputs, a value or a refusal, readings, its source.

Whether a calculator counts as decision support differs by country, so inputs, formula and source
are shown with every value and the clinician can check them (domain.md §5.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from server.kit.text import N_

OVER_89: Final = "90+"

Age = int | Literal["90+"] | None
"""Years; exact ages over 89 are never kept."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One published formula. `digits` are the decimal places of its value as printed."""

    key: str
    name: str
    unit: str
    digits: int
    expression: str
    source: str


@dataclass(frozen=True, slots=True)
class Input:
    """One number or answer that went into a formula.

    `value` is spelled as it is printed; `listed` values are message keys.
    """

    label: str
    value: str
    unit: str = ""
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a value means: `key` for facets and tests, `label` as a message key."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Worked:
    """A value, rounded as printed, with all that is needed to check it. Readings are those of the
    rounded value, so that the page never contradicts itself."""

    formula: Formula
    value: float
    inputs: tuple[Input, ...]
    readings: tuple[Reading, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The value with its decimal places, without the unit."""
        return f"{self.value:.{self.formula.digits}f}"


@dataclass(frozen=True, slots=True)
class Refused:
    """No value: labels of the inputs that are missing, and sentences for other reasons."""

    formula: Formula
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


Outcome = Worked | Refused

AGE: Final = N_("Age")
YEARS: Final = N_("years")
EXACT_AGE: Final = N_("The formula needs an exact age, and ages over 89 are not kept.")


def absent(inputs: Mapping[str, float | str | bool | None]) -> tuple[str, ...]:
    """Return the labels of inputs without a usable value: none, or a number that is not above 0.

    Every quantity in these formulas is positive; a 0 is an empty box, and would divide by zero.
    """
    return tuple(
        label
        for label, value in inputs.items()
        if value is None
        or (isinstance(value, int | float) and not isinstance(value, bool) and not value > 0)
    )


def spelled(value: float) -> str:
    """Return a number without needless decimals: `118`, `1.1`."""
    return f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"


def yes_no(value: bool | None) -> str:
    """Return the message key of an answer."""
    return N_("yes") if value else N_("no")
