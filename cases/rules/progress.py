"""What changed from one presentation of a person to the next: charts and differences; pure.

Points and flags are those of `trends`; here is which numbers get a line, in which unit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cases.formulas.labs import LABS, NOT_DETECTED
from cases.formulas.vitals import VITALS
from cases.instruments import cssrs, feel, phq9, registry
from cases.instruments.base import N_
from cases.instruments.registry import Setting
from cases.rules import trends
from cases.rules.trends import Measured, Presentation, Trend

BODY: Final = ("weight", "waist", "sbp", "dbp")
NO_LINE: Final = frozenset({"ast_uln"})
"""Laboratory codes that are no result."""

LOGARITHMIC: Final = frozenset({"hcv_rna"})
"""What falls by powers of ten when treatment works; "not detected" is kept as 0 here."""

REMISSION: Final = N_("Remission: the PHQ-9 is below 5.")
RESPONSE: Final = N_("Response: the PHQ-9 has fallen by half or more since the first.")
NON_RESPONSE: Final = N_(
    "No response: at least 8 weeks after the first PHQ-9 it is still 10 or more and has not "
    "fallen by half."
)


@dataclass(frozen=True, slots=True)
class Chart:
    """One line with its axis. `label` is a message key or a name, `unit` may be empty.

    `low`–`high` is the whole range of a scale; None: the axis follows the numbers. `cut_off` is
    drawn across; `words` say what the line means, as message keys.
    """

    trend: Trend
    label: str
    unit: str
    digits: int
    low: float | None = None
    high: float | None = None
    cut_off: int | None = None
    logarithmic: bool = False
    words: tuple[str, ...] = ()

    @property
    def steady(self) -> bool:
        """Whether a number stayed what it was. A scale is asked anew each time: never steady."""
        return self.low is None and len({point.value for point in self.trend.points}) == 1


@dataclass(frozen=True, slots=True)
class Change:
    """How a total differs from the one before: `points` is now minus before, `weeks` between."""

    points: int
    before: int
    weeks: int
    case_no: str
    words: tuple[str, ...] = ()


def charts(shown: Sequence[Presentation], setting: Setting) -> tuple[Chart, ...]:
    """Return a chart for everything that was measured at two points in time or more."""
    return tuple(chart for chart in _charts(shown, setting) if len(chart.trend.points) > 1)


def _charts(shown: Sequence[Presentation], setting: Setting) -> Iterator[Chart]:
    for trend in trends.scales(shown, setting):
        scale = registry.by_key(trend.key, setting)
        yield Chart(
            trend,
            scale.name,
            N_("points"),
            0,
            low=0,
            high=scale.highest,
            cut_off=scale.positive_from,
            words=meaning(trend),
        )
    felt = trends.number(shown, feel.KEY)
    yield Chart(felt, N_("“How do you feel?”"), "", 0, low=feel.LOWEST, high=feel.HIGHEST)
    for key in BODY:
        quantity = VITALS[key]
        trend = trends.trend(key, _vitals(shown, key))
        yield Chart(trend, quantity.label, quantity.unit, quantity.digits)
    for code, lab in LABS.items():
        if code not in NO_LINE:
            trend = trends.trend(code, _results(shown, code))
            logarithmic = code in LOGARITHMIC
            yield Chart(trend, lab.label, lab.unit, lab.digits, logarithmic=logarithmic)


def _vitals(shown: Sequence[Presentation], key: str) -> Iterator[Measured]:
    for one in shown:
        value = one.values.get(key)
        if isinstance(value, int | float):
            yield Measured(one.case_no, one.on, one.values.get("vitals_weeks") or 0, value)


def _results(shown: Sequence[Presentation], code: str) -> Iterator[Measured]:
    for one in shown:
        for row in one.values.get("labs") or ():
            value = 0 if row.get("value") == NOT_DETECTED else row.get("value")
            weeks = row.get("weeks")
            mine = row.get("code") == code and isinstance(weeks, int)
            if mine and isinstance(value, int | float):
                yield Measured(one.case_no, one.on, weeks, value)


def meaning(trend: Trend) -> tuple[str, ...]:
    """Return what the flags of a PHQ-9 line say; nothing elsewhere.

    Remission is said of somebody who had something to recover from, so not below 5 at first.
    """
    if not trend.points:
        return ()
    recovered = trend.remission and not phq9.remission(int(trend.points[0].value))
    said = (
        (recovered, REMISSION),
        (trend.response, RESPONSE),
        (trend.non_responder, NON_RESPONSE),
    )
    return tuple(words for holds, words in said if holds)


def changes(shown: Sequence[Presentation], setting: Setting) -> Mapping[str, Change]:
    """Return how the newest presentation's totals differ from those before, by instrument.

    A total told again, of the same week, is no change. The results of the C-SSRS count as steps,
    0 for the lowest.
    """
    found = {}
    lines = {trend.key: trend for trend in trends.scales(shown, setting)}
    for key, score in registry.score_all(shown[-1].values, setting).items():
        for before in reversed(shown[:-1]):
            earlier = registry.score_all(before.values, setting).get(key)
            if earlier is None:
                continue
            weeks = _weeks_between(before, shown[-1], key)
            if weeks > 0 or earlier.total != score.total:
                found[key] = Change(
                    score.total - earlier.total,
                    earlier.total,
                    max(0, weeks),
                    before.case_no,
                    meaning(lines[key]),
                )
            break
    screened = _screened(shown)
    return found if screened is None else found | {cssrs.KEY: screened}


def _screened(shown: Sequence[Presentation]) -> Change | None:
    """Return how the result of the C-SSRS differs from the one before."""
    steps = list(cssrs.Result)
    now = cssrs.read(shown[-1].values.get(cssrs.KEY))
    for before in reversed(shown[:-1]):
        earlier = cssrs.read(before.values.get(cssrs.KEY))
        if now is not None and earlier is not None:
            step = steps.index(earlier)
            weeks = (shown[-1].on - before.on).days // 7
            return Change(steps.index(now) - step, step, weeks, before.case_no)
    return None


def _weeks_between(before: Presentation, now: Presentation, key: str) -> int:
    """Return the whole weeks from one taking of a scale to the next."""
    ago = [int(one.values[key].get("weeks_ago") or 0) for one in (before, now)]
    return (now.on - before.on).days // 7 + ago[0] - ago[1]
