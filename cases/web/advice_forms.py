"""What people send about recommendations, letters and library entries."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field as Limits

from cases.commands.recommend import NotYet
from cases.rules.advice import (
    Caution,
    Content,
    DoneBy,
    Evidence,
    ProblemArea,
    Strength,
    TimeFrame,
)
from cases.web.advice_words import identifier
from server.edge.forms import LARGEST_INT, Form
from server.edge.i18n import gettext

_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")
LINE = 2000
"""Longest text a field takes in, in characters; meaning is checked by the rules."""


class ItemForm(Form):
    """One recommendation; `version` is 0 for a new one."""

    version: Annotated[int, Limits(ge=0, le=LARGEST_INT)] = 0
    text: Annotated[str, Limits(max_length=LINE)]
    problem_area: ProblemArea
    strength: Strength
    evidence: Evidence
    role: DoneBy
    time_frame: TimeFrame
    step: Annotated[int, Limits(ge=0, le=5)]
    rationale: Annotated[str, Limits(max_length=LINE)] = ""
    citation_title: Annotated[str, Limits(max_length=LINE)] = ""
    citation_year: Annotated[int | None, Limits(ge=-LARGEST_INT, le=LARGEST_INT)] = None
    citation_link: Annotated[str, Limits(max_length=250)] = ""
    cautions: list[Caution] = Limits(default_factory=list, max_length=len(Caution))
    speaker: Annotated[str, Limits(max_length=26)] = ""
    said_at: Annotated[str, Limits(max_length=7)] = ""

    def content(self) -> Content:
        """Return the fields as the rules know them."""
        return Content(
            text=self.text,
            problem_area=self.problem_area,
            strength=self.strength,
            evidence=self.evidence,
            role=self.role,
            time_frame=self.time_frame,
            step=self.step,
            rationale=self.rationale,
            citation_title=self.citation_title,
            citation_year=self.citation_year,
            citation_link=self.citation_link,
            cautions=tuple(dict.fromkeys(self.cautions)),
        )


def at_ms(clock: str) -> int | None:
    """Return `12:07` as milliseconds; None for anything else."""
    m = _CLOCK.fullmatch(clock.strip())
    return (int(m[1]) * 60 + int(m[2])) * 1000 if m else None


class VersionedForm(Form):
    """A button on one item."""

    version: Annotated[int, Limits(ge=1, le=LARGEST_INT)]


class DropForm(VersionedForm):
    """Why an item is left out."""

    reason: Annotated[str, Limits(max_length=LINE)] = ""


class MergeForm(VersionedForm):
    """Into which item this one goes."""

    into: Annotated[str, Limits(max_length=26, pattern=r"^[0-9a-z]{26}$")]


class RevisionForm(Form):
    """A button on the whole draft, and what of it the person was looking at."""

    revision: Annotated[int, Limits(ge=1, le=LARGEST_INT)]


class NotesForm(RevisionForm):
    """The letter's own texts."""

    summary: Annotated[str, Limits(max_length=LINE)] = ""
    watch_for: Annotated[str, Limits(max_length=LINE)] = ""


class SignForm(RevisionForm):
    """The signature; `attested` says that everything was read."""

    attested: Literal["yes", ""] = ""


class ReasonForm(RevisionForm):
    """Why it is sent back, or amended."""

    reason: Annotated[str, Limits(max_length=LINE)] = ""


class NobodyForm(Form):
    """A button without fields."""


class DelegateForm(Form):
    """Somebody who may sign in the director's place."""

    person: Annotated[str, Limits(max_length=26, pattern=r"^[0-9a-z]{26}$")]
    back: Annotated[str, Limits(max_length=26)] = ""


class EntryForm(Form):
    """A button on a library entry."""

    row_version: Annotated[int, Limits(ge=1, le=LARGEST_INT)]


class RewriteForm(EntryForm):
    """The public wording of an entry."""

    title: Annotated[str, Limits(max_length=LINE)] = ""
    question: Annotated[str, Limits(max_length=LINE)] = ""
    synopsis: Annotated[str, Limits(max_length=2 * LINE)] = ""
    tags: Annotated[str, Limits(max_length=LINE)] = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and cannot be kept, to be shown again: by which form, values, sentences."""

    form: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def sentences(problem: NotYet) -> dict[str, str]:
    """Return field → sentence; an identifier speaks louder than a missing word."""
    shown = {name: gettext(key) for name, key in problem.errors.items()}
    if problem.held is not None:
        for name, findings in problem.held.findings.items():
            shown[name] = " ".join(dict.fromkeys(identifier(f.category.value) for f in findings))
    return shown
