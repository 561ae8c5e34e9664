"""Gaps in monitoring after three HEDIS measures, on presented cases (domain.md §5.2); pure.

For education only: not certified HEDIS, and a measure set changes every year, so each measure names
the years in which its rule was looked up.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_
from cases.rules.medicines import with_class
from server.kit.text import fold

DISCLAIMER: Final = N_("For education only, after HEDIS measures; not certified HEDIS.")
SOURCE: Final = "NCQA. HEDIS measurement years 2025 and 2026: SSD, SMD, SMC."

YOUNGEST: Final = 18
OLDEST: Final = 64
WINDOW_WEEKS: Final = 52


class Condition(StrEnum):
    """The diagnoses that bring a person into a measure."""

    SCHIZOPHRENIA = "schizophrenia"
    SCHIZOAFFECTIVE = "schizoaffective"
    BIPOLAR = "bipolar"


_PSYCHOSES: Final = frozenset({Condition.SCHIZOPHRENIA, Condition.SCHIZOAFFECTIVE})


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. Each group of `tests` needs one of its laboratory codes within 52 weeks."""

    key: str
    label: str
    conditions: frozenset[Condition]
    also: str
    """What must hold besides the diagnosis: a field of Facts."""
    tests: tuple[tuple[str, ...], ...]
    valid_years: tuple[int, ...]


MEASURES: Final = (
    Measure(
        "SSD",
        N_("Diabetes screening on an antipsychotic"),
        _PSYCHOSES | {Condition.BIPOLAR},
        "antipsychotic",
        (("glucose_f", "hba1c"),),
        (2025, 2026),
    ),
    Measure(
        "SMD",
        N_("Diabetes monitoring in schizophrenia"),
        _PSYCHOSES,
        "diabetes",
        (("hba1c",), ("ldl",)),
        (2025, 2026),
    ),
    Measure(
        "SMC",
        N_("Heart and vessel monitoring in schizophrenia"),
        _PSYCHOSES,
        "cvd",
        (("ldl",),),
        (2025, 2026),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a case says: exact years (None above 89 or unknown) and weeks ago by laboratory code."""

    age: int | None
    conditions: frozenset[Condition]
    antipsychotic: bool
    diabetes: bool
    cvd: bool
    weeks_ago: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Checked:
    """One measure that applies to the person. `missing` groups have no test in the last year;
    `current` says whether the rule was looked up for this year."""

    measure: Measure
    missing: tuple[tuple[str, ...], ...]
    current: bool

    @property
    def gap(self) -> bool:
        """Whether a test is missing."""
        return bool(self.missing)


def check(facts: Facts, year: int) -> tuple[Checked, ...]:
    """Return the measures that apply, in their order, with what is missing."""
    if facts.age is None or not YOUNGEST <= facts.age <= OLDEST:
        return ()
    holds = {
        "antipsychotic": facts.antipsychotic,
        "diabetes": facts.diabetes,
        "cvd": facts.cvd,
    }
    return tuple(
        Checked(
            measure,
            tuple(group for group in measure.tests if not _tested(facts, group)),
            year in measure.valid_years,
        )
        for measure in MEASURES
        if facts.conditions & measure.conditions and holds[measure.also]
    )


def _tested(facts: Facts, group: tuple[str, ...]) -> bool:
    return any(facts.weeks_ago.get(code, WINDOW_WEEKS + 1) <= WINDOW_WEEKS for code in group)


# -- reading the facts off a case, so that nothing is entered twice ------------------------------

_WORDS: Final = (
    ("schizoaffective", Condition.SCHIZOAFFECTIVE),
    ("schizophren", Condition.SCHIZOPHRENIA),
    ("bipolar", Condition.BIPOLAR),
)
_CODES: Final = (
    ("F25", Condition.SCHIZOAFFECTIVE),
    ("F20", Condition.SCHIZOPHRENIA),
    ("F31", Condition.BIPOLAR),
)

NOT_WATCHED: Final = frozenset({"pimavanserin"})
"""Antipsychotics whose metabolic effects are not watched."""

ANTIPSYCHOTICS: Final = (
    frozenset(name.partition("/")[0] for name in with_class("antipsychotic")) - NOT_WATCHED
) | {"flupenthixol"}
"""Generic names of the medicine table, of combinations the antipsychotic; and an older spelling."""

_LETTERS = re.compile(r"[a-z]+")


def conditions(diagnoses: Iterable[tuple[str, str]]) -> frozenset[Condition]:
    """Read the conditions off (label, ICD-10-CM code or "") of the diagnoses that are present."""
    found = set()
    for label, code in diagnoses:
        words = fold(label)
        found |= {condition for word, condition in _WORDS if word in words}
        found |= {condition for start, condition in _CODES if code.upper().startswith(start)}
    return frozenset(found)


def is_antipsychotic(name: str) -> bool:
    """Say whether a medicine is an antipsychotic, by the generic name in its label."""
    return not ANTIPSYCHOTICS.isdisjoint(_LETTERS.findall(fold(name)))
