"""What every rating scale has in common: items, allowed answers, a sum, bands.

A result is a screen, not a diagnosis; every screen that prints a band prints that too
(domain.md §5). If any item is missing there is no score and no band: we do not prorate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


def N_(message: str) -> str:  # noqa: N802 -- gettext's own name, which the extractor looks for
    """Mark a message for translation; the template translates it."""
    return message


SCREEN_NOTE: Final = N_("A score is a screen, not a diagnosis.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed answer of an item: its points and its words."""

    points: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question; `number` is its number in the published scale (from 1)."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """An inclusive range of totals and its name."""

    low: int
    high: int
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Score:
    """A complete result. `positive` is the published screening cut-off, not a diagnosis."""

    instrument: str
    total: int
    band: Band
    positive: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """No score: these item numbers have no answer."""

    instrument: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A summed rating scale; the scoring rule is immutable and versioned (invariant 4)."""

    key: str
    name: str
    version: str
    stem: str
    choices: tuple[Choice, ...]
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    positive_from: int
    source: str
    credit: str

    @property
    def highest(self) -> int:
        """The largest possible total."""
        return len(self.items) * max(choice.points for choice in self.choices)

    def band_of(self, total: int) -> Band:
        """Return the band of a total; ValueError when the total cannot occur."""
        for band in self.bands:
            if band.low <= total <= band.high:
                return band
        message = f"{self.key} totals run from 0 to {self.highest}"
        raise ValueError(message)

    def of_total(self, total: int) -> Score:
        """Return the result for a total that was summed elsewhere; ValueError out of range."""
        return Score(self.key, total, self.band_of(total), total >= self.positive_from)

    def score(self, answers: Sequence[int | None]) -> Score | Missing:
        """Sum the item points, in item order; `None` is an unanswered item.

        Raises ValueError when the count of answers or the points of an item cannot occur.
        """
        if len(answers) != len(self.items):
            message = f"{self.key} has {len(self.items)} items"
            raise ValueError(message)
        allowed = {choice.points for choice in self.choices}
        given = [points for points in answers if points is not None]
        if not set(given) <= allowed:
            message = f"{self.key} items take {sorted(allowed)}"
            raise ValueError(message)
        if len(given) < len(answers):
            missing = zip(self.items, answers, strict=True)
            return Missing(self.key, tuple(item.number for item, p in missing if p is None))
        return self.of_total(sum(given))
