"""Metabolic monitoring and care gaps, read off a case and the presentations before it; pure.

The schedules are those of `monitoring`, the measures those of `care_gaps` (domain.md §5.2). Weeks
are counted back from the day the case was sent, so a case says the same whenever it is read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cases.formulas.labs import LABS
from cases.rules import care_gaps, monitoring
from cases.rules.care_gaps import ANTIPSYCHOTICS, Checked, Facts, is_antipsychotic
from cases.rules.fields import Form
from cases.rules.models import Answers
from cases.rules.monitoring import BASELINE_WINDOW, EARLY, Measure, Profile, Status, Worse
from cases.rules.trends import Presentation
from cases.rules.worked import has, present
from server.kit.text import fold


class Since(StrEnum):
    """How the weeks on the medicine are known."""

    ASKED = "asked"
    EARLIER = "earlier"
    """Counted on from an earlier presentation of the same medicine."""
    DOSE = "dose"
    """The weeks on the present dose: the least it can be."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One number somebody measured: how many weeks before the case was sent, in its stored unit."""

    code: str
    weeks_ago: int
    value: float


@dataclass(frozen=True, slots=True)
class Watch:
    """The monitoring widget. `weight` is the baseline and the newest weight in kg with the change
    in per cent; None while one of the two is not known. `worse` calls for a thought."""

    profile: Profile
    weeks_on: int
    since: Since
    lines: tuple[Status, ...]
    weight: tuple[float, float, float] | None
    worse: tuple[Worse, ...]


_BODY: Final = ("weight", "waist", "sbp")


def watch(form: Form, shown: Sequence[Presentation]) -> Watch | None:
    """Return where monitoring stands, by the programme's profile; None without an antipsychotic.

    `shown` are the presentations in order of time, this case last.
    """
    on = _weeks_on(shown)
    if on is None:
        return None
    weeks_on, since = on
    taken = (*_taken(shown), *_baseline_weight(shown, weeks_on))
    profile = monitoring.PROFILES[form.monitoring]
    known = {
        plan.measure: [one.weeks_ago for one in taken if one.code in plan.codes]
        for plan in profile.plans
    } | {Measure.HISTORY: list(_histories(shown))}
    baseline, latest = _compared(taken, weeks_on)
    weight = None
    if "weight" in baseline:
        before, now = baseline["weight"], latest["weight"]
        weight = (before, now, monitoring.gain_percent(before, now))
    return Watch(
        profile,
        weeks_on,
        since,
        monitoring.schedule(profile, weeks_on, known),
        weight,
        monitoring.worse(baseline, latest),
    )


def gaps(shown: Sequence[Presentation]) -> tuple[Checked, ...]:
    """Return the measures that apply to the person on the day the case was sent."""
    answers = Answers(shown[-1].values)
    age = answers.get("age")
    weeks_ago: dict[str, int] = {}
    for one in _taken(shown):
        weeks_ago[one.code] = min(one.weeks_ago, weeks_ago.get(one.code, one.weeks_ago))
    facts = Facts(
        age=age if isinstance(age, int) else None,
        conditions=care_gaps.conditions(present(answers)),
        antipsychotic=_on_antipsychotic(answers),
        diabetes=has(answers, "diabetes") is True,
        cvd=has(answers, "cvd") is True,
        weeks_ago=weeks_ago,
    )
    return care_gaps.check(facts, shown[-1].on.year)


def _medicines(answers: Answers) -> list[Mapping[str, Any]]:
    """Return the antipsychotics among the medicines."""
    rows = answers.get("medications") or ()
    return [row for row in rows if is_antipsychotic(row.get("name", ""))]


def _names(answers: Answers) -> frozenset[str]:
    """Return the generic names of the antipsychotics: "Quetiapine XR" is quetiapine."""
    typed = " ".join(row.get("name", "") for row in _medicines(answers))
    return ANTIPSYCHOTICS.intersection(re.findall("[a-z]+", fold(typed)))


def _on_antipsychotic(answers: Answers) -> bool:
    """Say whether one is taken; weeks alone say so too, of a medicine our list does not know."""
    if answers.get("no_antipsychotic"):
        return False
    return isinstance(answers.get("antipsychotic_weeks"), int) or bool(_medicines(answers))


def _weeks_on(shown: Sequence[Presentation]) -> tuple[int, Since] | None:
    now = shown[-1]
    answers = Answers(now.values)
    if not _on_antipsychotic(answers):
        return None
    weeks = answers.get("antipsychotic_weeks")
    if isinstance(weeks, int):
        return weeks, Since.ASKED
    for before in reversed(shown[:-1]):
        then = Answers(before.values)
        weeks = then.get("antipsychotic_weeks")
        if isinstance(weeks, int) and not _names(answers).isdisjoint(_names(then)):
            return weeks + _weeks_between(before, now), Since.EARLIER
    doses = [row["weeks"] for row in _medicines(answers) if isinstance(row.get("weeks"), int)]
    return (max(doses), Since.DOSE) if doses else None


def _weeks_between(before: Presentation, now: Presentation) -> int:
    return max(0, (now.on - before.on).days // 7)


def _taken(shown: Sequence[Presentation]) -> Iterator[Taken]:
    """Yield every measurement and laboratory number of every presentation."""
    for one in shown:
        passed = _weeks_between(one, shown[-1])
        vitals = one.values.get("vitals_weeks") or 0
        for key in _BODY:
            value = one.values.get(key)
            if isinstance(value, int | float):
                yield Taken(key, passed + vitals, value)
        for row in one.values.get("labs") or ():
            value, weeks = row.get("value"), row.get("weeks")
            known = row.get("code") in LABS and isinstance(weeks, int)
            if known and isinstance(value, int | float):
                yield Taken(row["code"], passed + weeks, value)


def _baseline_weight(shown: Sequence[Presentation], weeks_on: int) -> Iterator[Taken]:
    """Yield the weight before the medicine, as it was last told."""
    for one in reversed(shown):
        value = one.values.get("baseline_weight")
        if isinstance(value, int | float):
            yield Taken("weight", weeks_on, value)
            return


def _histories(shown: Sequence[Presentation]) -> Iterator[int]:
    """Yield when personal and family history were both asked."""
    for one in shown:
        if one.values.get("medical_history") and one.values.get("family_history"):
            yield _weeks_between(one, shown[-1])


def _compared(taken: Sequence[Taken], weeks_on: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the number nearest to the first dose and the newest one after it, by code."""
    baseline: dict[str, float] = {}
    latest: dict[str, float] = {}
    for code in {one.code for one in taken}:
        known = [one for one in taken if one.code == code]
        first = [one for one in known if -BASELINE_WINDOW <= weeks_on - one.weeks_ago <= EARLY]
        if not first:
            continue
        start = min(first, key=lambda one: abs(weeks_on - one.weeks_ago))
        newest = min(known, key=lambda one: one.weeks_ago)
        if newest.weeks_ago < start.weeks_ago:
            baseline[code], latest[code] = start.value, newest.value
    return baseline, latest
