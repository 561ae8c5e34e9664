"""What every rating scale has in common: items, allowed answers, a sum, bands.

A result is a screen, not a diagnosis; every screen that prints a band prints that too
(domain.md §5). If any item is missing there is no score and no band: we do not prorate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


def N_(message: str) -> str:  # noqa: N802 -- gettext's own name, which the extractor looks for
    """Mark a message for translation; the template translates it."""
    return message


SCREEN_NOTE: Final = N_("A score is a screen, not a diagnosis.")


class Licence(StrEnum):
    """What may be printed and kept of an instrument (domain.md §5.1, last column)."""

    FREE = "free"
    PUBLIC_DOMAIN = "public_domain"
    OWN_LABELS = "own_labels"
    """The rule is free; the words are ours."""
    SCORE_ONLY = "score_only"
    """No word of the questions is shown; total and band are kept, no item scores."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed answer of an item: its points and its words."""

    points: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question; `number` is its number in the published scale (from 1).

    `choices` replaces the choices of the whole scale; `text` is empty when only the score may be
    shown.
    """

    number: int
    text: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """An inclusive range of totals and its name."""

    low: int
    high: int
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Score:
    """A complete result.

    `positive` is the published screening cut-off, not a diagnosis; None when the scale has none.
    `cut_off` is the one that was used. `notes` are message keys that belong beside the band.
    """

    instrument: str
    total: int
    band: Band
    positive: bool | None
    cut_off: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """No score: these item numbers have no answer; 0 is the question before the items."""

    instrument: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A summed rating scale; text and scoring rule are immutable and versioned (invariant 4).

    `version` counts changes of the text, `scoring_version` those of the rule. `hint` helps to sum
    up elsewhere; `cut_off_note` says which cut-off is used and why. Raises ValueError when the
    bands do not cover every total exactly once.
    """

    key: str
    name: str
    version: str
    stem: str
    choices: tuple[Choice, ...]
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    positive_from: int | None
    source: str
    credit: str
    scoring_version: str = "1"
    licence: Licence = Licence.FREE
    hint: str = ""
    cut_off_note: str = ""

    def __post_init__(self) -> None:
        edges = [-1, *(band.high for band in self.bands)]
        if [band.low for band in self.bands] != [edge + 1 for edge in edges[:-1]]:
            message = f"{self.key}: every band begins where the one before ends"
            raise ValueError(message)
        if edges[-1] != self.highest:
            message = f"{self.key}: the bands end at the highest total"
            raise ValueError(message)

    @property
    def highest(self) -> int:
        """The largest possible total."""
        return sum(max(self.points_of(item)) for item in self.items)

    @property
    def keeps_items(self) -> bool:
        """Whether questions may be printed and item scores kept; if not: total and band only."""
        return self.licence is not Licence.SCORE_ONLY

    @property
    def versions(self) -> dict[str, str]:
        """Both versions, as they are kept with every result."""
        return {"instrument_version": self.version, "scoring_version": self.scoring_version}

    def choices_of(self, item: Item) -> tuple[Choice, ...]:
        """Return the allowed answers of one item."""
        return item.choices or self.choices

    def points_of(self, item: Item) -> tuple[int, ...]:
        """Return the points one item may give."""
        return tuple(choice.points for choice in self.choices_of(item))

    def band_of(self, total: int) -> Band:
        """Return the band of a total; ValueError when the total cannot occur."""
        for band in self.bands:
            if band.low <= total <= band.high:
                return band
        message = f"{self.key} totals run from 0 to {self.highest}"
        raise ValueError(message)

    def of_total(self, total: int) -> Score:
        """Return the result for a total that was summed elsewhere; ValueError out of range."""
        positive = None if self.positive_from is None else total >= self.positive_from
        return Score(self.key, total, self.band_of(total), positive, self.positive_from)

    def score(self, answers: Sequence[int | None]) -> Score | Missing:
        """Sum the item points, in item order; `None` is an unanswered item.

        Raises ValueError when the count of answers or the points of an item cannot occur.
        """
        if len(answers) != len(self.items):
            message = f"{self.key} has {len(self.items)} items"
            raise ValueError(message)
        total = 0
        missing = []
        for item, points in zip(self.items, answers, strict=True):
            allowed = self.points_of(item)
            if points is None:
                missing.append(item.number)
            elif points not in allowed:
                message = f"{self.key} items take {sorted(allowed)} (item {item.number})"
                raise ValueError(message)
            else:
                total += points
        return Missing(self.key, tuple(missing)) if missing else self.of_total(total)


def two_bands(cut_off: int, highest: int) -> tuple[Band, Band]:
    """Return the bands of a scale that has a cut-off and no grades."""
    return (
        Band(0, cut_off - 1, "negative", N_("below the cut-off")),
        Band(cut_off, highest, "positive", N_("at or above the cut-off")),
    )


def numbered(count: int) -> tuple[Item, ...]:
    """Return items without words, for scales of which only the score may be shown."""
    return tuple(Item(number) for number in range(1, count + 1))


def plain(*points: int) -> tuple[Choice, ...]:
    """Return choices that are spelled by their points alone."""
    return tuple(Choice(value, str(value)) for value in points)


FORM_ELSEWHERE: Final = N_(
    "Ask the questions from your own copy and type the total. They are not shown here because "
    "their owners have not licensed them to this platform."
)
"""Said beside every scale of which only the score is kept."""
