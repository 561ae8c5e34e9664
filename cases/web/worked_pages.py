"""What the part “Measured and worked out” of a page holds: words and coordinates, all ready."""

from dataclasses import dataclass

from cases.web.worked_chart import Drawing


@dataclass(frozen=True, slots=True)
class FormulaView:
    """One formula. `value` is empty when it could not be worked out: then `missing` says why."""

    key: str
    name: str
    value: str
    unit: str
    readings: tuple[str, ...]
    notes: tuple[str, ...]
    missing: str
    reasons: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    """(label, value with its unit and age)."""
    expression: str
    source: str


@dataclass(frozen=True, slots=True)
class StateView:
    """One measure of the widget: its state in a word; tone and icon only repeat it."""

    label: str
    when: str
    last: str
    state: str
    tone: str
    icon: str
    next: str


@dataclass(frozen=True, slots=True)
class WatchView:
    """The monitoring widget."""

    profile: str
    since: str
    lines: tuple[StateView, ...]
    weight: str
    flags: tuple[str, ...]
    consider: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class GapView:
    """One measure after HEDIS. `missing` is empty when nothing is."""

    key: str
    label: str
    state: str
    tone: str
    icon: str
    missing: str
    years: str


@dataclass(frozen=True, slots=True)
class ChartView:
    """One line over time, its sentence, and the rows of the table beside it."""

    key: str
    title: str
    unit: str
    sentence: str
    words: tuple[str, ...]
    drawing: Drawing
    cut_off: str
    bands: bool
    rows: tuple[tuple[str, str, str, str], ...]
    """(week, value, band, case number)."""


@dataclass(frozen=True, slots=True)
class WorkedView:
    """The whole part; every piece may be empty."""

    formulas: tuple[FormulaView, ...]
    watch: WatchView | None
    gaps: tuple[GapView, ...]
    gaps_note: str
    charts: tuple[ChartView, ...]
    steady: str
    """The numbers that did not change: a line would say no more."""
    presentations: str
