"""What recommendations, letters and the library are called on screen."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from cases.rules import options
from cases.rules.advice import (
    Caution,
    DoneBy,
    Evidence,
    ItemState,
    ProblemArea,
    Stage,
    Strength,
    TimeFrame,
)
from cases.rules.publication import EntryState
from cases.rules.turnaround import Pace
from server.deid.words import WORDS
from server.edge import problems
from server.edge.i18n import N_, gettext
from server.edge.pages import register_notices

Choices = tuple[tuple[str, str], ...]

AREAS: Final[Mapping[StrEnum, str]] = {
    ProblemArea.DIAGNOSIS: N_("Diagnosis"),
    ProblemArea.MEDICINE: N_("Medicine"),
    ProblemArea.DOSE: N_("Dose"),
    ProblemArea.MONITORING: N_("Monitoring"),
    ProblemArea.THERAPY: N_("Therapy"),
    ProblemArea.SUD: N_("Substance use"),
    ProblemArea.MEDICAL: N_("Medical condition"),
    ProblemArea.SAFETY: N_("Safety"),
    ProblemArea.SOCIAL: N_("Social need"),
    ProblemArea.COORDINATION: N_("Coordination and hand-off"),
    ProblemArea.SELF_MANAGEMENT: N_("Self-management"),
    ProblemArea.FAMILY_PEER: N_("Family and peers"),
    ProblemArea.SYSTEM: N_("System"),
}
STRENGTHS: Final[Mapping[StrEnum, str]] = {
    Strength.DO: N_("Do"),
    Strength.CONSIDER: N_("Consider"),
    Strength.INFORMATION: N_("For information"),
}
EVIDENCE: Final[Mapping[StrEnum, str]] = {
    Evidence.GUIDELINE: N_("Guideline"),
    Evidence.REVIEW: N_("Systematic review"),
    Evidence.TRIAL: N_("Trial"),
    Evidence.OBSERVATIONAL: N_("Observational study"),
    Evidence.EXPERT: N_("Expert opinion"),
}
ROLES: Final[Mapping[StrEnum, str]] = {
    DoneBy.PCP: N_("Primary care clinician"),
    DoneBy.NURSE: N_("Nurse"),
    DoneBy.CARE_MANAGER: N_("Care manager"),
    DoneBy.BHC: N_("Behavioural health consultant"),
    DoneBy.PHARMACIST: N_("Pharmacist"),
    DoneBy.CHW: N_("Community health worker"),
    DoneBy.PEER: N_("Peer supporter"),
    DoneBy.SOCIAL_WORKER: N_("Social worker"),
    DoneBy.SPECIALIST: N_("Specialist"),
    DoneBy.FAMILY: N_("The person and family"),
}
FRAMES: Final[Mapping[StrEnum, str]] = {
    TimeFrame.TODAY: N_("Today"),
    TimeFrame.WEEK: N_("Within 7 days"),
    TimeFrame.MONTH: N_("Within 30 days"),
    TimeFrame.QUARTER: N_("Within 90 days"),
    TimeFrame.ONGOING: N_("Ongoing"),
}
STEPS: Final = (
    N_("Community and self-care"),
    N_("Primary care alone"),
    N_("Primary care with care manager, consultant or peer"),
    N_("Shared with specialist advice"),
    N_("Referral to a specialist"),
    N_("Urgent or inpatient"),
)
CAUTIONS: Final[Mapping[StrEnum, str]] = {
    Caution.INTERACTION: N_("Interactions"),
    Caution.PREGNANCY: N_("Pregnancy"),
    Caution.RENAL: N_("Kidney function"),
    Caution.HEPATIC: N_("Liver function"),
}
ITEM_STATES: Final = {
    ItemState.CAPTURED: (N_("To complete"), "waiting", "pencil"),
    ItemState.DRAFTED: (N_("Ready"), "done", "check"),
    ItemState.HUB_REVIEW: (N_("With the director"), "accent", "clock"),
    ItemState.ISSUED: (N_("Issued"), "done", "check"),
    ItemState.AMENDED: (N_("Issued, amended"), "done", "check"),
    ItemState.MERGED: (N_("Merged"), "neutral", "link"),
    ItemState.DROPPED: (N_("Left out"), "neutral", "x"),
    ItemState.WITHDRAWN_UNSAFE: (N_("Withdrawn as unsafe"), "danger", "alert"),
    ItemState.ANSWERED: (N_("Answered"), "done", "check"),
}
STAGES: Final = {
    Stage.WRITING: (N_("Being drafted"), "waiting", "pencil"),
    Stage.REVIEW: (N_("With the director"), "accent", "clock"),
    Stage.SIGNED: (N_("Signed"), "done", "check"),
    Stage.AMENDING: (N_("Being amended"), "waiting", "pencil"),
}
PACES: Final = {
    Pace.ON_TIME: ("done", "clock"),
    Pace.LATE: ("waiting", "clock"),
    Pace.VERY_LATE: ("danger", "alert"),
}
ENTRY_STATES: Final = {
    EntryState.CANDIDATE: (N_("Open to the programme only"), "neutral", "lock"),
    EntryState.DEID_REVIEW: (N_("Open to the programme only, being reviewed"), "waiting", "lock"),
    EntryState.CLINICAL_REVIEW: (
        N_("Open to the programme only, ready to publish"),
        "waiting",
        "lock",
    ),
    EntryState.PUBLISHED: (N_("Published"), "done", "book"),
    EntryState.RETRACTED: (N_("Withdrawn from the library"), "neutral", "x"),
}
QUESTION_TYPES: Final = {o.value: o.label for o in options.QUESTION_TYPES}
SIGNED_AS: Final = {
    "director": N_("programme director"),
    "delegate": N_("for the programme director"),
}


def choices(table: Mapping[StrEnum, str]) -> Choices:
    """Return (code, words) for a select."""
    return tuple((code.value, gettext(label)) for code, label in table.items())


def step_choices() -> Choices:
    """Return the steps of care, 0 to 5, with their numbers."""
    return tuple((str(n), f"{n} · {gettext(label)}") for n, label in enumerate(STEPS))


def _label(table: Mapping[StrEnum, str], code: str) -> str:
    return next((gettext(label) for key, label in table.items() if key.value == code), code)


def item_meta(strength: str, evidence: str, role: str, frame: str, step: int) -> tuple[str, ...]:
    """Return the line under a recommendation, part by part; no time frame when it stands above."""
    parts = (
        _label(STRENGTHS, strength),
        _label(ROLES, role),
        _label(FRAMES, frame) if frame else "",
        _label(EVIDENCE, evidence),
        gettext("step %(n)d") % {"n": step},
    )
    return tuple(part for part in parts if part)


def area(code: str) -> str:
    """Return what a problem area is called."""
    return _label(AREAS, code)


def frame(code: str) -> str:
    """Return what a time frame is called."""
    return _label(FRAMES, code)


def cautions(codes: Iterable[str]) -> tuple[str, ...]:
    """Return what to look out for, in words."""
    return tuple(_label(CAUTIONS, code) for code in codes)


def identifier(category: str) -> str:
    """Return the sentence for an identifier finding."""
    return gettext(WORDS[category])


register_notices(
    {
        "rec_taken_over": N_("The captured lines are in the draft. Look through them."),
        "rec_saved": N_("Saved."),
        "rec_added": N_("Added to the draft."),
        "rec_dropped": N_("Left out. The reason stays beside it."),
        "rec_restored": N_("Back in the draft."),
        "rec_merged": N_("Merged. Everybody who said it is named."),
        "rec_sent": N_("It is with the director now."),
        "rec_sent_back": N_("Sent back with your comment."),
        "rec_amending": N_("Change what needs changing, then sign the new version."),
        "rec_signed": N_("Signed. The presenter can read the letter now."),
        "delegate_named": N_("They can sign for you in this programme."),
        "delegate_removed": N_("They can no longer sign for you."),
        "library_rewritten": N_("Saved. A hub specialist who did not sign reviews it next."),
        "library_reviewed": N_("Reviewed. The director can publish it."),
        "library_published": N_("Published. Everybody with an account can find it in a moment."),
        "library_withheld": N_("It is out of the library. Your letter stays."),
    }
)

problems.register(
    {
        "rec.not_presented": (
            N_("This case has not been presented yet"),
            N_("Recommendations are drafted once its session has discussed it."),
        ),
        "rec.wrong_state": (
            N_("This step does not fit where the recommendation stands"),
            N_("It may have moved on meanwhile. Load the page again to see what is open now."),
        ),
        "rec.signed": (
            N_("These recommendations are signed"),
            N_("The director can amend them: that makes a new version of the letter."),
        ),
        "rec.not_yours_to_do": (
            N_("This step belongs to somebody else"),
            N_("The programme director signs, or a specialist she has named."),
        ),
        "rec.incomplete": (
            N_("Something is not complete"),
            N_("Every recommendation needs its text, who does it, by when, and who said it."),
        ),
        "rec.lines_left": (
            N_("Captured lines are left over"),
            N_("Take every line over first; leave out with a reason what should not be sent."),
        ),
        "rec.not_attested": (
            N_("The statement is not ticked"),
            N_("Read every recommendation, then tick the box above the button."),
        ),
        "rec.reason_needed": (
            N_("Say why"),
            N_("A few words, at least five characters."),
        ),
        "rec.speaker": (
            N_("That person is not in the programme"),
            N_("Choose somebody of the list."),
        ),
        "rec.delegate": (
            N_("Only a hub specialist of the programme can sign for the director"),
            N_("Choose somebody of the list."),
        ),
        "rec.merge": (
            N_("These two cannot become one"),
            N_("Load the page again; one of them may be merged or left out already."),
        ),
        "rec.too_many": (
            N_("There are sixty recommendations already"),
            N_("Leave some out or merge them: nobody can follow more."),
        ),
        "letter.broken": (
            N_("This letter is not the one that was signed"),
            N_("Its stored text was changed. Do not use it, and tell the operator."),
        ),
        "library.wrong_state": (
            N_("This step does not fit where the entry stands"),
            N_("It may have moved on meanwhile. Load the page again to see what is open now."),
        ),
        "library.not_yours_to_do": (
            N_("This step belongs to somebody else"),
            N_("The coordinator rewrites, a hub specialist reviews, the director publishes."),
        ),
        "library.vetoed": (
            N_("The presenter keeps this case out of the library"),
            N_("Nothing more can be done with it here."),
        ),
        "library.not_eligible": (
            N_("This case cannot be published"),
            N_("Cases of minors, or with an open safety question, stay in the programme."),
        ),
        "library.own_signature": (
            N_("You signed this letter"),
            N_("Somebody else has to check it before it is published."),
        ),
        "library.own_case": (
            N_("You presented this case"),
            N_("Somebody else has to check it before it is published."),
        ),
    }
)
