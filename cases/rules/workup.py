"""All that is worked out from a case and the presentations before it; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from cases.instruments.registry import Setting
from cases.rules import metabolic, progress, worked
from cases.rules.care_gaps import Checked
from cases.rules.fields import Form
from cases.rules.metabolic import Watch
from cases.rules.models import Answers
from cases.rules.progress import Chart
from cases.rules.trends import Presentation
from cases.rules.worked import Calculation


@dataclass(frozen=True, slots=True)
class Workup:
    """Formulas, monitoring (None: no antipsychotic), care gaps, and lines over time."""

    calculations: tuple[Calculation, ...] = ()
    watch: Watch | None = None
    gaps: tuple[Checked, ...] = ()
    charts: tuple[Chart, ...] = ()
    presentations: int = 1
    """How many presentations the lines are drawn from."""


def setting_of(form: Form, answers: Answers) -> Setting:
    """Return what decides cut-offs besides the answers themselves."""
    return Setting(answers.text("sex_for_formulas") or "not_stated", form.pc_ptsd5_cut_off)


def work_out(form: Form, shown: Sequence[Presentation]) -> Workup:
    """Return everything; `shown` are the presentations in order of time, this case last."""
    answers = Answers(shown[-1].values)
    return Workup(
        worked.calculations(form, answers),
        metabolic.watch(form, shown),
        metabolic.gaps(shown),
        progress.charts(shown, setting_of(form, answers)),
        len(shown),
    )
