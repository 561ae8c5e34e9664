"""The fields of the case form as they are drawn: every text in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.rules.fields import Kind, Option
from cases.rules.findings import REASONS, Flagged
from cases.rules.intake import Raw
from cases.rules.readers import Problem
from server.deid.words import WORDS
from server.edge.i18n import gettext

Choices = tuple[tuple[str, str, str], ...]
"""Value, label, and a hint or nothing."""


def said(message: str) -> str:
    """Return a message in the reader's language; nothing for nothing."""
    return gettext(message) if message else ""


def sentence(problem: Problem) -> str:
    """Return a problem in the reader's language, its numbers filled in."""
    words = ", ".join(said(word) for word in problem.words)
    return gettext(problem.message) % {**problem.numbers, "words": words}


def choices_of(options: Sequence[Option]) -> Choices:
    """Return options ready to be drawn."""
    return tuple((option.value, said(option.label), said(option.hint)) for option in options)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form, and what is wrong with it."""

    raw: Raw
    errors: Mapping[str, Problem]

    def one(self, name: str) -> str:
        """Return the value of an input, empty when there is none or several."""
        value = self.raw.get(name, "")
        return value if isinstance(value, str) else ""

    def error(self, name: str) -> str:
        """Return what is wrong with an input, in words."""
        problem = self.errors.get(name)
        return sentence(problem) if problem else ""


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding under its field: what it is, where, and what can be done about it."""

    key: str
    path: str
    words: str
    before: str
    found: str
    after: str
    blocking: bool
    disputable: bool
    suggestion: str | None
    decided: str
    reasons: Choices


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field ready to be drawn; every text is in the reader's language."""

    name: str
    kind: Kind
    label: str
    help: str = ""
    choices: Choices = ()
    value: str = ""
    values: tuple[str, ...] = ()
    error: str = ""
    usual: str = ""
    """`low,high` of what is usual: outside, the browser asks to look again."""
    optional: bool = False
    when: str = ""
    unit: str = ""
    rows: int = 3
    longest: int = 0
    low: float | None = None
    high: float | None = None
    none_label: str = ""
    findings: tuple[FindingView, ...] = ()
    grid: tuple[tuple["FieldView", ...], ...] = ()
    most: int = 0
    units: tuple[str, ...] = ()
    """Measured number: the units it may be typed in, the kept one first."""
    groups: tuple[tuple[str, Choices], ...] = ()
    """Set: its choices under headings."""
    ready: str = ""
    """Cell: what stands ready in it and cannot be changed, in words."""
    quick: str = ""
    """Grid: what one typed line becomes, `medicine` or `lab`."""
    quantity: str = ""
    """Measured number: which one, as cases/formulas/vitals.py names it."""
    result: bool = False
    """Cell: a laboratory result, a number or one of a few words; no free text."""
    scale: "ScaleView | None" = None


@dataclass(frozen=True, slots=True)
class ScaleView:
    """One instrument in the form; without `items` only its total is asked for."""

    key: str
    name: str
    stem: str
    items: tuple[tuple[str, str, Choices], ...]
    """Name, question, and answers of its own, of every item."""
    choices: Choices
    gate: FieldView | None
    gate_examples: tuple[str, ...]
    hint: str
    first_only: FieldView | None
    cut_off: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    total: FieldView
    weeks: FieldView
    mode: FieldView
    difficulty: FieldView | None
    source: str
    credit: str
    data: str
    """The scoring rule as JSON, for the live score in the browser."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """One step of the form. `state`: done, attention, todo."""

    key: str
    title: str
    lead: str
    fields: tuple[FieldView, ...]
    when: str = ""
    state: str = "todo"


def finding_view(found: Flagged) -> FindingView:
    """Return one finding ready to be drawn."""
    return FindingView(
        key=found.key,
        path=found.path,
        words=said(WORDS[found.category]),
        before=found.before,
        found=found.found,
        after=found.after,
        blocking=found.blocking,
        disputable=found.disputable,
        suggestion=found.suggestion,
        decided=found.decided,
        reasons=choices_of(REASONS),
    )
