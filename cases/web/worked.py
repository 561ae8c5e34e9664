"""What is worked out from a case, in words: the part of the case sheet below the answers."""

import math
from dataclasses import replace
from typing import Final

from cases.formulas.base import Input, Refused, spelled
from cases.formulas.labs import LABS, NOT_DETECTED_LABEL
from cases.formulas.units import STORED_DIGITS
from cases.formulas.vitals import VITALS
from cases.rules import care_gaps, monitoring
from cases.rules.care_gaps import Checked
from cases.rules.metabolic import Since, Watch
from cases.rules.monitoring import State, Status, Worse
from cases.rules.progress import Chart
from cases.rules.trends import Point
from cases.rules.worked import Calculation
from cases.rules.workup import Workup
from cases.web.worked_chart import Spot, draw
from cases.web.worked_pages import (
    ChartView,
    FormulaView,
    GapView,
    StateView,
    WatchView,
    WorkedView,
)
from server.edge.i18n import N_, gettext, ngettext


def worked_view(found: Workup) -> WorkedView | None:
    """Return what is drawn; None when there is nothing to work out."""
    if not (found.calculations or found.watch or found.gaps or found.charts):
        return None
    return WorkedView(
        formulas=tuple(_formula(one) for one in found.calculations),
        watch=_watch(found.watch) if found.watch else None,
        gaps=tuple(_gap(one) for one in found.gaps),
        gaps_note=f"{gettext(care_gaps.DISCLAIMER)} {care_gaps.SOURCE}",
        charts=tuple(_chart(one) for one in found.charts if not one.steady),
        steady="; ".join(_unchanged(one) for one in found.charts if one.steady),
        presentations=ngettext(
            "From this presentation alone.",
            "From %(n)d presentations by the same author.",
            found.presentations,
        )
        % {"n": found.presentations},
    )


# -- formulas ------------------------------------------------------------------------------------


def _formula(one: Calculation) -> FormulaView:
    outcome = one.outcome
    formula = outcome.formula
    bare = FormulaView(
        key=formula.key,
        name=gettext(formula.name),
        value="",
        unit=gettext(formula.unit) if formula.unit else "",
        readings=(),
        notes=(),
        missing="",
        reasons=(),
        inputs=(),
        expression=gettext(formula.expression),
        source=formula.source,
    )
    if isinstance(outcome, Refused):
        return replace(
            bare,
            missing=_listed(tuple(map(gettext, outcome.missing))),
            reasons=tuple(map(gettext, outcome.reasons)),
        )
    return replace(
        bare,
        value=outcome.text,
        readings=tuple(gettext(reading.label) for reading in outcome.readings),
        notes=tuple(map(gettext, outcome.notes)),
        inputs=tuple(_input(given, one) for given in outcome.inputs),
    )


def _input(given: Input, one: Calculation) -> tuple[str, str]:
    value = gettext(given.value) if given.listed else given.value
    parts = [value, gettext(given.unit) if given.unit else ""]
    if given.label in one.ages:
        parts.append(f"({ago(one.ages[given.label])})")
    return gettext(given.label), " ".join(part for part in parts if part)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def ago(weeks: int) -> str:
    """Return how long ago, in weeks: the form asks for no dates."""
    if weeks == 0:
        return gettext("this week")
    return ngettext("one week ago", "%(num)d weeks ago", weeks) % {"num": weeks}


# -- monitoring ----------------------------------------------------------------------------------

_STATES: Final = {
    State.DONE: (N_("Done"), "done", "check"),
    State.LATER: (N_("Not due yet"), "neutral", "clock"),
    State.DUE: (N_("Due"), "waiting", "flag"),
    State.OVERDUE: (N_("Overdue"), "waiting", "alert"),
}

_SINCE: Final = {
    Since.ASKED: N_("on the medicine"),
    Since.EARLIER: N_("on the medicine, counted on from an earlier presentation"),
    Since.DOSE: N_("on the present dose, the whole time may be longer"),
}


def _watch(found: Watch) -> WatchView:
    weeks = ngettext("%(n)d week", "%(n)d weeks", found.weeks_on) % {"n": found.weeks_on}
    return WatchView(
        profile=gettext("Schedule %(key)s: %(name)s")
        % {"key": found.profile.key, "name": gettext(found.profile.name)},
        since=f"{weeks} {gettext(_SINCE[found.since])}",
        lines=tuple(_status(line) for line in found.lines),
        weight=_weight(found),
        flags=tuple(_worse(one) for one in found.worse),
        consider=gettext(monitoring.CONSIDER) if found.worse else "",
        note=gettext(found.profile.note),
        source=found.profile.source,
    )


def _status(line: Status) -> StateView:
    words, tone, icon = _STATES[line.state]
    if line.due_in > 0:
        due = ngettext("in one week", "in %(n)d weeks", line.due_in) % {"n": line.due_in}
    elif line.due_in == 0:
        due = gettext("now")
    else:
        due = ago(-line.due_in)
    return StateView(
        label=gettext(line.plan.label),
        when=gettext(line.plan.when),
        last=gettext("none given") if line.last is None else ago(line.last),
        state=gettext(words),
        tone=tone,
        icon=icon,
        next=due,
    )


def _weight(found: Watch) -> str:
    if found.weight is None:
        return ""
    before, now, percent = found.weight
    return gettext("Weight since before the medicine: %(before)s → %(now)s kg, %(change)s %%") % {
        "before": spelled(before),
        "now": spelled(now),
        "change": _signed(percent, 1),
    }


def _worse(one: Worse) -> str:
    quantity = VITALS[one.code] if one.code in VITALS else LABS[one.code]
    if one.code == "weight":
        return gettext("Weight gain of %(n)s %% or more") % {"n": monitoring.GAIN_PERCENT}
    return gettext("%(what)s: %(before)s → %(now)s %(unit)s") % {
        "what": gettext(quantity.label),
        "before": spelled(quantity.shown_in(one.baseline, quantity.unit)),
        "now": spelled(quantity.shown_in(one.latest, quantity.unit)),
        "unit": quantity.unit,
    }


def _gap(one: Checked) -> GapView:
    measure = one.measure
    groups = one.missing or measure.tests
    tests = [
        f" {gettext('or')} ".join(gettext(LABS[code].label) for code in group) for group in groups
    ]
    years = ", ".join(map(str, measure.valid_years))
    if not one.current:
        years = gettext("%(years)s: not looked up for the year of this case") % {"years": years}
    return GapView(
        key=measure.key,
        label=gettext(measure.label),
        state=gettext("Gap") if one.gap else gettext("Done"),
        tone="waiting" if one.gap else "done",
        icon="flag" if one.gap else "check",
        missing=_listed(tuple(tests)),
        years=years,
    )


# -- charts --------------------------------------------------------------------------------------


def _chart(found: Chart) -> ChartView:
    points = found.trend.points
    spots = [Spot(p.week, _height(found, p), _value(found, p)) for p in points]
    return ChartView(
        key=found.trend.key,
        title=gettext(found.label),
        unit=gettext(found.unit) if found.unit else "",
        sentence=_sentence(found),
        words=tuple(map(gettext, found.words)),
        drawing=draw(
            spots,
            low=found.low,
            high=found.high,
            cut_off=found.cut_off,
            powers=found.logarithmic,
        ),
        cut_off=""
        if found.cut_off is None
        else gettext("cut-off %(n)s") % {"n": spelled(found.cut_off)},
        bands=any(p.band for p in points),
        rows=tuple(
            (
                str(p.week),
                _value(found, p),
                gettext(p.band.label) if p.band else "",
                p.case_no,
            )
            for p in points
        ),
    )


def _unchanged(found: Chart) -> str:
    value = _value(found, found.trend.points[-1])
    return " ".join(part for part in (gettext(found.label), value, gettext(found.unit)) if part)


def _height(found: Chart, point: Point) -> float:
    if not found.logarithmic:
        return point.value
    return math.log10(max(1, point.value))


def _value(found: Chart, point: Point) -> str:
    if found.logarithmic and point.value == 0:
        return gettext(NOT_DETECTED_LABEL)
    if point.value >= 10_000:
        return f"{point.value:,.0f}".replace(",", "\u202f")
    return spelled(round(point.value, found.digits or None))


def _sentence(found: Chart) -> str:
    """Return the change from first to last in words: what the picture says."""
    first, last = found.trend.points[0], found.trend.points[-1]
    weeks = last.week - first.week
    said = gettext("%(first)s → %(last)s") % {
        "first": _value(found, first),
        "last": _value(found, last),
    }
    if found.unit:
        said = f"{said} {gettext(found.unit)}"
    if not found.logarithmic:
        change = _signed(round(last.value - first.value, STORED_DIGITS), found.digits)
        said = f"{said} ({change})"
    if weeks == 0:
        return said
    return f"{said} {ngettext('in one week', 'in %(n)d weeks', weeks) % {'n': weeks}}"


def _signed(value: float, digits: int) -> str:
    """Return a change with its sign: `+2`, `−1.5`, `0`."""
    rounded = round(value, digits)
    if rounded == 0:
        return "±0"
    return f"{'+' if rounded > 0 else '−'}{abs(rounded):.{digits}f}"
