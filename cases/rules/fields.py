"""What a case form is made of: sections of fields, and conditions on other answers. Data only.

One generic template draws it, one validator reads it (`rules.intake`), and the browser hides and
shows fields from the same conditions (`as_json`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """How an answer is given."""

    CHOICE = "choice"
    CHOICES = "choices"
    WHOLE = "whole"
    DECIMAL = "decimal"
    AGE = "age"
    """Whole years 0–89, or `90+` (45 CFR 164.514(b)(2)(i)(C))."""
    SPAN = "span"
    """A number and a unit of time: `{"amount": 3, "unit": "weeks"}`; never a date."""
    SCALE = "scale"
    LINE = "line"
    TEXT = "text"
    GRID = "grid"
    QUANTITY = "quantity"
    """A measured number with a choice of units: `height` and `height.unit`; kept in one unit."""
    LABS = "labs"
    """A table of laboratory results: test, value, unit, weeks ago (domain.md §4.3)."""
    INSTRUMENT = "instrument"
    CONFIRM = "confirm"


FREE_TEXT: Final = frozenset({Kind.LINE, Kind.TEXT})
"""The kinds that go through the identifier check."""

TABLES: Final = frozenset({Kind.GRID, Kind.LABS})
"""The kinds whose answer is a list of rows."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose: what is stored, and its words."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Base of conditions; `holds` reads the answers given so far."""

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Say whether the condition is met."""
        raise NotImplementedError

    def as_json(self) -> list[Any]:
        """Return the spelling that static/cases/form.js reads."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Always(Condition):
    """Met by every case."""

    def holds(self, values: Mapping[str, Any]) -> bool:
        del values
        return True

    def as_json(self) -> list[Any]:
        return ["always"]


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """The field's answer (or, for a set, any of its answers) is among `options`.

    `key` may name an instrument item: `phq9.9`, whose answer is its points as text.
    """

    key: str
    options: tuple[str, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        value = _look_up(values, self.key)
        if isinstance(value, list | tuple):
            return any(str(part) in self.options for part in value)
        if value is True:
            return "yes" in self.options
        return value is not None and str(value) in self.options

    def as_json(self) -> list[Any]:
        return ["one_of", self.key, list(self.options)]


@dataclass(frozen=True, slots=True)
class Between(Condition):
    """The field's number lies in the closed range."""

    key: str
    low: int
    high: int

    def holds(self, values: Mapping[str, Any]) -> bool:
        value = _look_up(values, self.key)
        return isinstance(value, int | float) and self.low <= value <= self.high

    def as_json(self) -> list[Any]:
        return ["between", self.key, self.low, self.high]


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    """Every part is met; of none: always."""

    parts: tuple[Condition, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return all(part.holds(values) for part in self.parts)

    def as_json(self) -> list[Any]:
        return ["all", [part.as_json() for part in self.parts]]


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """At least one part is met; of none: never."""

    parts: tuple[Condition, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(part.holds(values) for part in self.parts)

    def as_json(self) -> list[Any]:
        return ["any", [part.as_json() for part in self.parts]]


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The part is not met."""

    part: Condition

    def holds(self, values: Mapping[str, Any]) -> bool:
        return not self.part.holds(values)

    def as_json(self) -> list[Any]:
        return ["not", self.part.as_json()]


ALWAYS: Final = Always()
NEVER: Final = AnyOf(())


def _look_up(values: Mapping[str, Any], key: str) -> Any:
    """Return the answer at `key`, going into instruments for `phq9.9` and `phq9.total`.

    The total is the one that was typed alone, not the sum of items.
    """
    name, dot, part = key.partition(".")
    value = values.get(name)
    if not dot:
        return value
    if not isinstance(value, Mapping):
        return None
    items = value.get("items")
    if part == "total":
        return None if items else value.get("total")
    return items[int(part) - 1] if items else None


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `low`/`high` are hard limits; outside `usual` the browser asks to look again."""

    key: str
    kind: Kind
    label: str
    help: str = ""
    options: tuple[Option, ...] = ()
    low: float | None = None
    high: float | None = None
    usual: tuple[float, float] | None = None
    unit: str = ""
    shortest: int = 0
    longest: int = 0
    rows: int = 3
    """Text: lines to show. Grid: rows to show when there is no JavaScript."""
    most: int = 12
    """Grid: the largest number of rows."""
    columns: tuple["Field", ...] = ()
    required: Condition = NEVER
    shown: Condition = ALWAYS
    none_label: str = ""
    """Grid: the box that says "there is none", which answers the question. Line: the same words
    as a button beside the box."""
    asks: bool = False
    """The text must contain a question."""
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Set: headings over its options, as (heading, options); empty for one plain list."""
    default: str = ""
    """What stands chosen in an empty form; a row with nothing but defaults counts as empty."""
    fixed: str = ""
    """Grid: the column that stands ready in a row; a row with nothing else in it counts as empty."""
    preset: tuple[str, ...] = ()
    """Laboratory results: the tests whose rows stand ready in an empty form."""
    quick: str = ""
    """Grid: how one line becomes a row ("sert 50 qd"): `medicine` or `lab`; empty for no such line."""
    quiet: bool = False
    """Shown to the author and the director only (domain.md §5.4, "unsafe at home")."""


@dataclass(frozen=True, slots=True)
class Section:
    """One step of the form."""

    key: str
    title: str
    lead: str
    fields: tuple[Field, ...]
    shown: Condition = ALWAYS


class Module(StrEnum):
    """What a programme's cases are about; each adds questions to the core (domain.md §4.4)."""

    BH = "bh"
    SUD = "sud"
    HCV = "hcv"
    SMI = "smi"


ABOUT: Final = "about"
"""The question which of a programme's modules a case is about; asked when there are several."""


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form; `version` is stored with every text written into it.

    `labs` are the tests a new case of a module needs, of each group one (`("glucose_f",
    "hba1c")`); `scales` those of which a case of behavioural health needs one that is recent;
    `minors` allows ages below 18, `attachments` pictures and PDF files.
    """

    version: str
    sections: tuple[Section, ...]
    modules: frozenset[Module] = frozenset()
    scales: tuple[str, ...] = ()
    labs: tuple[tuple[Module, tuple[str, ...]], ...] = ()
    minors: bool = False
    attachments: bool = False
    pc_ptsd5_cut_off: int = 4
    monitoring: str = "A"

    def fields(self) -> Iterator[Field]:
        """Yield every field in the order of the page."""
        for section in self.sections:
            yield from section.fields

    def field(self, key: str) -> Field:
        """Return one field; KeyError when the form has none of that key."""
        for found in self.fields():
            if found.key == key:
                return found
        raise KeyError(key)

    def modules_of(self, values: Mapping[str, Any]) -> frozenset[Module]:
        """Return the modules these answers are about: those chosen, or the programme's only one."""
        if len(self.modules) < 2:
            return self.modules
        return self.modules & {module for module in Module if module in (values.get(ABOUT) or ())}

    def visible(self, values: Mapping[str, Any]) -> Iterator[Field]:
        """Yield the fields these answers bring into view."""
        for section in self.sections:
            if section.shown.holds(values):
                yield from (f for f in section.fields if f.shown.holds(values))
