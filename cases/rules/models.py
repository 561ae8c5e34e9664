"""The values everybody in this feature speaks with: a case, its versions, its checks; frozen."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from server.deid.models import ScreenedAnswers
from server.kit.ids import AgendaItemId, CaseId, OrganisationId, PersonId, ProgrammeId, SessionId


class CaseState(StrEnum):
    """Where a case stands (domain.md §4.6)."""

    DRAFT = "draft"
    PHI_CHECK = "phi_check"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    NEEDS_CHANGES = "needs_changes"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    CONVERTED = "converted"
    PRESENTED = "presented"
    RECS_DRAFTED = "recs_drafted"
    RECS_ISSUED = "recs_issued"
    FOLLOWUP_DUE = "followup_due"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CaseType(StrEnum):
    """First presentation, or an update on an earlier one."""

    NEW = "new"
    FOLLOWUP = "followup"


class Attestation(StrEnum):
    """The three statements an author signs with every submission (domain.md §4.2)."""

    DEID = "attest_deid"
    TREATING = "attest_treating"
    NO_RELATIONSHIP = "attest_no_relationship"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the author answered, by field key: strings, numbers, lists and row dictionaries.

    Only `rules.intake` makes one from what was typed; it holds known fields and allowed values.
    """

    values: Mapping[str, Any]

    def get(self, key: str) -> Any:
        """Return one answer, or None when the question was not answered."""
        return self.values.get(key)

    def text(self, key: str) -> str:
        """Return a text answer, or the empty string."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def canonical(self) -> str:
        """Return the one JSON spelling of these answers: what is hashed and stored."""
        return json.dumps(
            dict(self.values), ensure_ascii=False, separators=(",", ":"), sort_keys=True
        )

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON: an approval is bound to exactly this text."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ScreenedCase:
    """Answers whose every free text went through the identifier check.

    `structured` holds no free text; `screened` maps each text's path (`medications.0.name`) to
    what the check let through. The store takes free text from there only, and only
    `server.deid.verdict` can make it: forgetting the check does not type-check.
    """

    structured: Answers
    screened: ScreenedAnswers


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one identifier finding: counted, located, reasoned; never the words found.

    `start` and `end` are offsets into the text at `path` in this version. `by` decided it:
    the author before submission, or the coordinator at the check.
    """

    path: str
    start: int
    end: int
    category: str
    rule: str
    tier: str
    verdict: str
    reason: str
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class Pass:
    """One person let one text through: bound to its content hash and to the rules of that day.

    `until` is the year with whose New Year the same rules may find something else in it; None: never.
    """

    by: PersonId
    at: datetime
    content_hash: str
    ruleset: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class FieldComment:
    """What the desk asks of the author at one field; `path` is a field or one of its texts."""

    path: str
    text: str
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """One frozen text of a case. `answers` is None once purged: hash, who and when remain."""

    case: CaseId
    number: int
    answers: Answers | None
    content_hash: str
    ruleset: str
    form_version: str
    created_at: datetime
    checked_at: datetime | None = None
    checked_by: PersonId | None = None
    purged_at: datetime | None = None
    purged_by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Safety:
    """The suicide and harm flag of domain.md §10.2: why raised, acknowledged, what was done."""

    reasons: tuple[str, ...] = ()
    acknowledged_at: datetime | None = None
    statement: Mapping[str, str] = field(default_factory=dict)
    stated_at: datetime | None = None

    @property
    def raised(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.reasons)

    @property
    def answered(self) -> bool:
        """Whether nothing stands in the way of accepting the case."""
        return not self.reasons or self.stated_at is not None


@dataclass(frozen=True, slots=True)
class Case:
    """One presentation of a person's case. Never holds an identity (invariant 1).

    `row_version` counts saves (optimistic lock); `content_version` numbers the latest frozen
    text (0: never submitted). `case_no` is empty until the first submission.
    """

    id: CaseId
    programme: ProgrammeId
    programme_code: str
    patient_ref: str
    case_type: CaseType
    author: PersonId
    organisation: OrganisationId | None
    state: CaseState
    created_at: datetime
    state_at: datetime
    case_no: str = ""
    prior_case: CaseId | None = None
    urgency: str = ""
    main_question: str = ""
    content_version: int = 0
    submitted_at: datetime | None = None
    safety: Safety = field(default_factory=Safety)
    message: str = ""
    """What the coordinator wrote when returning or declining; shown to the author."""
    session: SessionId | None = None
    agenda_item: AgendaItemId | None = None
    presented_at: datetime | None = None
    converted_at: datetime | None = None
    """When it became an e-consult, which the hub answers in writing; None: it is none."""
    publication_veto: bool = False
    second_reasons: tuple[str, ...] = ()
    """Why two people have to pass it, as codes of `rules.passes`; empty: one is enough."""
    lost_slot: str = ""
    """Why it has no slot any more, as a code of `rules.placing`; empty once it has one again."""
    row_version: int = 1

    @property
    def key(self) -> str:
        """What stands in URLs: the case number, or the id before there is one."""
        return self.case_no or self.id
