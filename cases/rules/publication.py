"""From an issued letter to a published library entry: the states of domain.md §6.5.

The states a screen exists for are in the table; review dates and supersession come later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cases.rules.readers import OVER_89
from server.deid.models import ScreenedAnswers
from server.kit.errors import Conflict, Forbidden
from server.kit.ids import CaseId, PersonId, ProgrammeId

ADULT: Final = 18
TITLE_MIN, TITLE_MAX = 10, 120
QUESTION_MIN, QUESTION_MAX = 20, 500
SYNOPSIS_MAX = 1500
TAGS_MAX = 300
PUBLIC_TEXTS: Final = ("title", "question", "synopsis", "tags")


class EntryState(StrEnum):
    """Where an entry stands on its way to everybody with an account."""

    CANDIDATE = "candidate"
    DEID_REVIEW = "deid_review"
    CLINICAL_REVIEW = "clinical_review"
    PUBLISHED = "published"
    RETRACTED = "retracted"


class Act(StrEnum):
    """What moves an entry."""

    REWRITE = "rewrite"
    REVIEW = "review"
    PUBLISH = "publish"
    RETRACT = "retract"
    NEW_VERSION = "new_version"


class Capacity(StrEnum):
    """In what capacity somebody acts on an entry."""

    COORDINATOR = "coordinator"
    SPECIALIST = "specialist"
    DIRECTOR = "director"
    PRESENTER = "presenter"
    SYSTEM = "system"


class Bar(StrEnum):
    """A fact that must hold; its value is the code of the refusal."""

    NOT_VETOED = "library.vetoed"
    ELIGIBLE = "library.not_eligible"
    NOT_SIGNER = "library.own_signature"
    NOT_PRESENTER = "library.own_case"


@dataclass(frozen=True, slots=True)
class Review:
    """Who did one of the two reviews, and when."""

    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One case in the library, whatever its version; `number` is spelled `KB-0123`.

    `version` is the letter's newest version, `published_version` what everybody may read
    (0: nothing). The public texts are those of the review in progress or last published.
    """

    id: str
    number: int
    case: CaseId
    programme: ProgrammeId
    state: EntryState
    version: int
    published_version: int = 0
    title: str = ""
    question: str = ""
    synopsis: str = ""
    tags: str = ""
    rewritten: Review | None = None
    reviewed: Review | None = None
    published: Review | None = None
    row_version: int = 1

    @property
    def key(self) -> str:
        """What stands in addresses and citations."""
        return f"KB-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class PublicTexts:
    """The coordinator's rewriting; its texts passed the identifier check."""

    screened: ScreenedAnswers


_C = Capacity
_S = EntryState
_READY = (Bar.NOT_VETOED, Bar.ELIGIBLE)
_CHECK = (*_READY, Bar.NOT_SIGNER, Bar.NOT_PRESENTER)

_ROWS: Final = (
    # The person who signs may not be the only one who checks that nothing identifies (§2).
    (_S.CANDIDATE, Act.REWRITE, _S.DEID_REVIEW, {_C.COORDINATOR}, _CHECK),
    (_S.DEID_REVIEW, Act.REWRITE, _S.DEID_REVIEW, {_C.COORDINATOR}, _CHECK),
    (_S.CLINICAL_REVIEW, Act.REWRITE, _S.DEID_REVIEW, {_C.COORDINATOR}, _CHECK),
    (_S.DEID_REVIEW, Act.REVIEW, _S.CLINICAL_REVIEW, {_C.SPECIALIST}, _CHECK),
    (_S.CLINICAL_REVIEW, Act.PUBLISH, _S.PUBLISHED, {_C.DIRECTOR}, _READY),
    # The house itself takes out an entry whose case held an identifier (decision 0020).
    *((s, Act.RETRACT, _S.RETRACTED, {_C.PRESENTER, _C.DIRECTOR, _C.SYSTEM}, ()) for s in _S),
    *((s, Act.NEW_VERSION, _S.CANDIDATE, {_C.SYSTEM}, ()) for s in _S if s != _S.RETRACTED),
    (_S.RETRACTED, Act.NEW_VERSION, _S.RETRACTED, {_C.SYSTEM}, ()),
)

TABLE: Final[
    Mapping[tuple[EntryState, Act], tuple[EntryState, frozenset[Capacity], tuple[Bar, ...]]]
] = {(source, act): (target, frozenset(who), bars) for source, act, target, who, bars in _ROWS}


def step(
    state: EntryState, act: Act, who: frozenset[Capacity], facts: Iterable[Bar] = ()
) -> EntryState:
    """Return the state after `act`.

    Raises Conflict `library.wrong_state`, Forbidden `library.not_yours_to_do`, or Conflict with
    the code of the first bar.
    """
    row = TABLE.get((state, act))
    if row is None:
        raise Conflict("library.wrong_state")
    target, allowed, bars = row
    if not allowed & who:
        raise Forbidden("library.not_yours_to_do")
    held = frozenset(facts)
    for bar in bars:
        if bar not in held:
            raise Conflict(bar.value)
    return target


def possible(state: EntryState, who: frozenset[Capacity]) -> frozenset[Act]:
    """Return what somebody acting as `who` may try: the buttons worth showing."""
    return frozenset(
        act for (source, act), row in TABLE.items() if source == state and row[1] & who
    )


def is_adult(age: object) -> bool:
    """Say whether an age is stated and not a minor's: minors are not eligible (§6.5)."""
    text = str(age or "")
    return text == OVER_89 or (text.isascii() and text.isdigit() and int(text) >= ADULT)
