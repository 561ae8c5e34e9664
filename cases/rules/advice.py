"""What a recommendation is made of (domain.md §6.1), and the working draft around it; frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from server.deid.models import ScreenedAnswers
from server.kit.actor import Lane
from server.kit.ids import CaptureId, CaseId, PersonId, ProgrammeId, RecommendationId


class ProblemArea(StrEnum):
    """What a recommendation is about."""

    DIAGNOSIS = "diagnosis"
    MEDICINE = "medicine"
    DOSE = "dose"
    MONITORING = "monitoring"
    THERAPY = "therapy"
    SUD = "sud"
    MEDICAL = "medical"
    SAFETY = "safety"
    SOCIAL = "social"
    COORDINATION = "coordination"
    SELF_MANAGEMENT = "self_management"
    FAMILY_PEER = "family_peer"
    SYSTEM = "system"


class Evidence(StrEnum):
    """What a recommendation rests on; everything but expert opinion needs a citation."""

    GUIDELINE = "guideline"
    REVIEW = "review"
    TRIAL = "trial"
    OBSERVATIONAL = "observational"
    EXPERT = "expert"


class Strength(StrEnum):
    """How firmly it is meant."""

    DO = "do"
    CONSIDER = "consider"
    INFORMATION = "information"


class DoneBy(StrEnum):
    """Whose task it is at the presenter's site (`responsible_role`)."""

    PCP = "pcp"
    NURSE = "nurse"
    CARE_MANAGER = "care_manager"
    BHC = "bhc"
    PHARMACIST = "pharmacist"
    CHW = "chw"
    PEER = "peer"
    SOCIAL_WORKER = "social_worker"
    SPECIALIST = "specialist"
    FAMILY = "family"


class TimeFrame(StrEnum):
    """By when; the members stand in the order of the letter."""

    TODAY = "today"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    ONGOING = "ongoing"


class Caution(StrEnum):
    """What to look out for before following it."""

    INTERACTION = "interaction"
    PREGNANCY = "pregnancy"
    RENAL = "renal"
    HEPATIC = "hepatic"


class ItemState(StrEnum):
    """Where one recommendation stands (domain.md §6.2)."""

    CAPTURED = "captured"
    DRAFTED = "drafted"
    MERGED = "merged"
    DROPPED = "dropped"
    HUB_REVIEW = "hub_review"
    ISSUED = "issued"
    AMENDED = "amended"
    WITHDRAWN_UNSAFE = "withdrawn_unsafe"
    ANSWERED = "answered"


LIVE: Final = frozenset(
    {
        ItemState.CAPTURED,
        ItemState.DRAFTED,
        ItemState.HUB_REVIEW,
        ItemState.ISSUED,
        ItemState.AMENDED,
    }
)
"""States in which an item is, or is going to be, part of the letter."""

TEXT_MIN = 20
TEXT_MAX = 600
RATIONALE_MAX = 500
CITATION_MAX = 200
NOTE_MAX = 1000
STEPS: Final = range(6)
"""Step level 0 community and self-care … 5 urgent or inpatient (domain.md §6.1)."""

TEXT_FIELDS: Final = ("text", "rationale", "citation_title")
"""The free texts of an item: what the identifier check reads."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who recommended it, from which side, and when on the case clock (None: written later)."""

    person: PersonId
    lane: Lane
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Everything about a recommendation that people edit.

    `citation_link` is a DOI or an https address; `step` is 0–5.
    """

    text: str
    problem_area: ProblemArea
    strength: Strength
    evidence: Evidence
    role: DoneBy
    time_frame: TimeFrame
    step: int
    rationale: str = ""
    citation_title: str = ""
    citation_year: int | None = None
    citation_link: str = ""
    cautions: tuple[Caution, ...] = ()

    def texts(self) -> dict[str, str]:
        """Return the free texts by field."""
        return {name: getattr(self, name) for name in TEXT_FIELDS}


@dataclass(frozen=True, slots=True)
class ScreenedContent:
    """Content whose free texts passed the identifier check; the store takes texts from here."""

    structured: Content
    screened: ScreenedAnswers

    def content(self) -> Content:
        """Return the content with exactly the texts that passed."""
        return replace(
            self.structured,
            text=self.screened["text"].text,
            rationale=self.screened["rationale"].text,
            citation_title=self.screened["citation_title"].text,
        )


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item of a case's draft. `captures` are the lines it came from; `version` counts saves."""

    id: RecommendationId
    case: CaseId
    position: int
    state: ItemState
    content: Content
    said: tuple[Said, ...]
    captures: tuple[CaptureId, ...] = ()
    drop_reason: str = ""
    merged_into: RecommendationId | None = None
    version: int = 1

    @property
    def is_live(self) -> bool:
        """Whether it is, or is going to be, in the letter."""
        return self.state in LIVE


class Stage(StrEnum):
    """Where the whole draft stands: being written, at the director, signed, being amended."""

    WRITING = "writing"
    REVIEW = "hub_review"
    SIGNED = "signed"
    AMENDING = "amending"


OPEN: Final = frozenset({Stage.WRITING, Stage.REVIEW, Stage.AMENDING})
"""Stages in which items can be edited (the director corrects what she reviews)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being prepared for one case's letter. `revision` moves with every change in it."""

    case: CaseId
    programme: ProgrammeId
    stage: Stage
    revision: int
    summary: str = ""
    watch_for: str = ""
    comment: str = ""
    """What the director wrote when sending it back."""
    amend_reason: str = ""
    updated_at: datetime | None = None
    updated_by: PersonId | None = None
    items: tuple[Recommendation, ...] = field(default=())

    def item(self, item: RecommendationId) -> Recommendation | None:
        """Return one item, if the draft has it."""
        return next((i for i in self.items if i.id == item), None)

    @property
    def live(self) -> tuple[Recommendation, ...]:
        """Return the items of the letter, in the letter's order: time frame, then step (§6.3)."""
        order = {frame: n for n, frame in enumerate(TimeFrame)}
        return tuple(
            sorted(
                (i for i in self.items if i.is_live),
                key=lambda i: (order[i.content.time_frame], i.content.step, i.position, i.id),
            )
        )


_ROLE_BY_AREA: Final[Mapping[ProblemArea, DoneBy]] = {
    ProblemArea.THERAPY: DoneBy.BHC,
    ProblemArea.SOCIAL: DoneBy.SOCIAL_WORKER,
    ProblemArea.COORDINATION: DoneBy.CARE_MANAGER,
    ProblemArea.FAMILY_PEER: DoneBy.PEER,
    ProblemArea.SELF_MANAGEMENT: DoneBy.FAMILY,
}
_FRAME_BY_AREA: Final[Mapping[ProblemArea, TimeFrame]] = {
    ProblemArea.SAFETY: TimeFrame.TODAY,
    ProblemArea.MEDICINE: TimeFrame.WEEK,
    ProblemArea.DOSE: TimeFrame.WEEK,
    ProblemArea.SELF_MANAGEMENT: TimeFrame.ONGOING,
    ProblemArea.SYSTEM: TimeFrame.ONGOING,
}
_STEP_BY_AREA: Final[Mapping[ProblemArea, int]] = {
    ProblemArea.SELF_MANAGEMENT: 0,
    ProblemArea.FAMILY_PEER: 2,
    ProblemArea.THERAPY: 2,
    ProblemArea.SOCIAL: 2,
    ProblemArea.COORDINATION: 2,
}


def suggested(text: str, area: ProblemArea) -> Content:
    """Return a captured line with what its problem area usually means; people correct it.

    Nothing here is clinical advice: it saves clicks on the fields that are asked for every item
    (domain.md §6.1 names the fields, the defaults are the product's).
    """
    return Content(
        text=text,
        problem_area=area,
        strength=Strength.CONSIDER,
        evidence=Evidence.EXPERT,
        role=_ROLE_BY_AREA.get(area, DoneBy.PCP),
        time_frame=_FRAME_BY_AREA.get(area, TimeFrame.MONTH),
        step=_STEP_BY_AREA.get(area, 1),
    )
