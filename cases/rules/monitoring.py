"""Metabolic monitoring on antipsychotics: what is done, due or overdue (domain.md §5.2); pure.

Time is counted in weeks on the medicine; a test `weeks ago` lies at `weeks on − weeks ago`, below
zero before the first dose. The windows around a due week are a product decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_


class Measure(StrEnum):
    """What is watched."""

    HISTORY = "history"
    WEIGHT = "weight"
    WAIST = "waist"
    BLOOD_PRESSURE = "blood_pressure"
    GLUCOSE = "glucose"
    LIPIDS = "lipids"


class State(StrEnum):
    """Where one measure stands now."""

    DONE = "done"
    LATER = "later"
    """Never measured, and its first week has not come."""
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Plan:
    """When one measure is due: at these weeks on the medicine, then every so many weeks.

    `codes` are the fields or laboratory codes that count as having measured it.
    """

    measure: Measure
    label: str
    when: str
    at: tuple[int, ...]
    every: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One published schedule; `note` says how it differs and is printed with it."""

    key: str
    name: str
    plans: tuple[Plan, ...]
    source: str
    note: str


QUARTER: Final = 13
YEAR: Final = 52
GRACE: Final = 4
"""Weeks after the due week before a measure counts as overdue."""
EARLY: Final = 2
"""A measurement this many weeks before a due week still serves it."""
BASELINE_WINDOW: Final = 12
"""A measurement up to this many weeks before the first dose serves as the baseline."""
GAIN_PERCENT: Final = 5

_BODY: Final = ("weight",)
_PRESSURE: Final = ("sbp",)
_GLUCOSE: Final = ("glucose_f", "hba1c")
_LIPIDS: Final = ("ldl", "chol", "trig", "hdl")

PROFILE_A: Final = Profile(
    "A",
    N_("ADA/APA 2004"),
    (
        Plan(
            Measure.HISTORY,
            N_("Personal and family history"),
            N_("baseline, then yearly"),
            (0,),
            YEAR,
            (),
        ),
        Plan(
            Measure.WEIGHT,
            N_("Weight and body-mass index"),
            N_("baseline, 4, 8 and 12 weeks, then quarterly"),
            (0, 4, 8, 12),
            QUARTER,
            _BODY,
        ),
        Plan(Measure.WAIST, N_("Waist"), N_("baseline, then yearly"), (0,), YEAR, ("waist",)),
        Plan(
            Measure.BLOOD_PRESSURE,
            N_("Blood pressure"),
            N_("baseline, 12 weeks, then yearly"),
            (0, 12),
            YEAR,
            _PRESSURE,
        ),
        Plan(
            Measure.GLUCOSE,
            N_("Fasting glucose"),
            N_("baseline, 12 weeks, then yearly"),
            (0, 12),
            YEAR,
            ("glucose_f",),
        ),
        Plan(
            Measure.LIPIDS,
            N_("Fasting lipids"),
            N_("baseline, 12 weeks, then every 5 years"),
            (0, 12),
            5 * YEAR,
            _LIPIDS,
        ),
    ),
    "American Diabetes Association, American Psychiatric Association et al. "
    "Diabetes Care 2004;27:596–601.",
    N_("Lipids by this schedule: every 5 years. APA 2020 asks for them every year."),
)

PROFILE_B: Final = Profile(
    "B",
    N_("APA 2020"),
    (
        Plan(
            Measure.WEIGHT,
            N_("Weight and body-mass index"),
            N_("each visit for 6 months, then quarterly"),
            # A visit a month: what "each visit" comes to when visits are not known.
            tuple(range(0, 26, 4)),
            QUARTER,
            _BODY,
        ),
        Plan(
            Measure.GLUCOSE,
            N_("Fasting glucose or HbA1c"),
            N_("at 4 months, then yearly"),
            (17,),
            YEAR,
            _GLUCOSE,
        ),
        Plan(Measure.LIPIDS, N_("Lipids"), N_("at 4 months, then yearly"), (17,), YEAR, _LIPIDS),
    ),
    "American Psychiatric Association. Practice guideline for the treatment of patients with "
    "schizophrenia, 3rd edition, 2020.",
    N_("Lipids by this schedule: every year. ADA/APA 2004 asks for them every 5 years."),
)

PROFILES: Final[Mapping[str, Profile]] = {p.key: p for p in (PROFILE_A, PROFILE_B)}
"""A programme chooses one; the two disagree on lipids, so the one in use is named on screen."""


@dataclass(frozen=True, slots=True)
class Status:
    """One line of the widget. `due_in` counts weeks from now, below zero when it has passed;
    `last` is weeks ago, None when never measured."""

    plan: Plan
    state: State
    last: int | None
    due_in: int


def due_week(plan: Plan, last_at: int | None) -> int:
    """Return the week on the medicine in which a measure is due next, after one at `last_at`."""
    if last_at is None or (plan.at[0] == 0 and last_at < -BASELINE_WINDOW):
        return plan.at[0]
    # The early weeks are fixed, later ones count from the last measurement. Week 0 has its own,
    # longer window, so what was measured before the first dose cannot fall due again at 0.
    served = max(last_at + EARLY, 0 if plan.at[0] == 0 else last_at)
    return next((week for week in plan.at if week > served), last_at + plan.every)


def schedule(
    profile: Profile, weeks_on: int, taken: Mapping[Measure, Sequence[int]]
) -> tuple[Status, ...]:
    """Return the state of every measure of a profile, in its order.

    `weeks_on` are whole weeks on the medicine (0: starts now), `taken` the weeks ago of every
    measurement known, in any order. Raises ValueError for negative numbers.
    """
    if weeks_on < 0 or any(weeks < 0 for known in taken.values() for weeks in known):
        message = "weeks are counted from 0"
        raise ValueError(message)
    return tuple(_status(plan, weeks_on, taken.get(plan.measure, ())) for plan in profile.plans)


def _status(plan: Plan, weeks_on: int, known: Sequence[int]) -> Status:
    last = min(known, default=None)
    due_in = due_week(plan, None if last is None else weeks_on - last) - weeks_on
    if due_in > 0:
        state = State.LATER if last is None else State.DONE
    else:
        state = State.DUE if due_in > -GRACE else State.OVERDUE
    return Status(plan, state, last, due_in)


CONSIDER: Final = N_("Consider a change of medicine.")


@dataclass(frozen=True, slots=True)
class Worse:
    """A value that got worse on the medicine, in its stored unit."""

    code: str
    baseline: float
    latest: float


def gain_percent(baseline_kg: float, now_kg: float) -> float:
    """Return the change of weight since the baseline in per cent, one decimal place."""
    return round((now_kg - baseline_kg) / baseline_kg * 100, 1)


def gained(baseline_kg: float, now_kg: float) -> bool:
    """Say whether weight rose by 5 % or more since the baseline."""
    # Rounded far below a gram, so that 105.0 of 100.0 is not lost to binary fractions.
    return round((now_kg - baseline_kg) / baseline_kg * 100, 9) >= GAIN_PERCENT


_WORSE_WHEN_HIGHER: Final = ("glucose_f", "hba1c", "chol", "ldl", "trig")
_WORSE_WHEN_LOWER: Final = ("hdl",)


def worse(baseline: Mapping[str, float], latest: Mapping[str, float]) -> tuple[Worse, ...]:
    """Return what calls for a thought about the medicine: weight up by 5 %, worse glucose, lipids.

    Both mappings are by code (`weight` in kg, laboratory codes in stored units); only what both
    hold is compared. ADA/APA 2004 gives no threshold for glucose and lipids, so neither do we:
    both values are shown and the clinician judges.
    """
    both = [code for code in baseline if code in latest]
    found = [
        Worse(code, baseline[code], latest[code])
        for code in both
        if (code == "weight" and gained(baseline[code], latest[code]))
        or (code in _WORSE_WHEN_HIGHER and latest[code] > baseline[code])
        or (code in _WORSE_WHEN_LOWER and latest[code] < baseline[code])
    ]
    order = ("weight", *_WORSE_WHEN_HIGHER, *_WORSE_WHEN_LOWER)
    return tuple(sorted(found, key=lambda one: order.index(one.code)))
