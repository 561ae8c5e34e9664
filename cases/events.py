"""What other rooms may hear about cases: ids and codes only, never content."""

from dataclasses import dataclass
from typing import ClassVar

from server.kit.events import Event


@dataclass(frozen=True, slots=True)
class CaseSubmitted(Event):
    """A case waits for the coordinator's identifier check; `flagged` is 1 with a safety flag."""

    name: ClassVar[str] = "case.submitted"

    case_id: str
    programme_id: str
    case_no: str
    content_version: int
    flagged: int = 0


@dataclass(frozen=True, slots=True)
class CaseReturned(Event):
    """A case went back to its author: after a failed check, for changes, or declined."""

    name: ClassVar[str] = "case.returned"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str
    outcome: str
    content_version: int = 0


@dataclass(frozen=True, slots=True)
class CaseAccepted(Event):
    """A case passed the check and the review; the hub may pre-read it."""

    name: ClassVar[str] = "case.accepted"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str


@dataclass(frozen=True, slots=True)
class CaseScheduled(Event):
    """A case has a slot in a session; `row_version` tells two slots of one case apart."""

    name: ClassVar[str] = "case.scheduled"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str
    session_id: str
    row_version: int = 0


@dataclass(frozen=True, slots=True)
class CaseUnscheduled(Event):
    """A case lost its slot; `reason` is a code of `rules.placing`.

    `row_version` tells two losses of one case apart.
    """

    name: ClassVar[str] = "case.unscheduled"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str
    reason: str
    row_version: int = 0


@dataclass(frozen=True, slots=True)
class CaseConverted(Event):
    """A case that cannot wait for a session became an e-consult."""

    name: ClassVar[str] = "case.converted"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str


@dataclass(frozen=True, slots=True)
class EConsultAsked(Event):
    """A hub specialist is asked to answer a case in writing."""

    name: ClassVar[str] = "econsult.asked"

    case_id: str
    programme_id: str
    case_no: str
    person_id: str


@dataclass(frozen=True, slots=True)
class EConsultLate(Event):
    """An e-consult is not answered after 72 hours: `person_id` is told, `signs` 1 the director."""

    name: ClassVar[str] = "econsult.late"

    case_id: str
    programme_id: str
    case_no: str
    person_id: str
    signs: int


@dataclass(frozen=True, slots=True)
class CasePresented(Event):
    """The case was presented and discussed; recommendations can be drafted."""

    name: ClassVar[str] = "case.presented"

    case_id: str
    programme_id: str
    case_no: str
    session_id: str


@dataclass(frozen=True, slots=True)
class CaseErased(Event):
    """An identifier was found late: every text of the case is erased, and must go everywhere.

    `session_id` names the session that presents it right now, or is empty.
    """

    name: ClassVar[str] = "case.erased"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str
    session_id: str = ""
    row_version: int = 0


@dataclass(frozen=True, slots=True)
class CaseWithdrawn(Event):
    """The author took the case back before it was presented."""

    name: ClassVar[str] = "case.withdrawn"

    case_id: str
    programme_id: str
    case_no: str


@dataclass(frozen=True, slots=True)
class RecommendationsSigned(Event):
    """A version of the letter was signed: the presenter can read it, the library indexes it."""

    name: ClassVar[str] = "recommendations.signed"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str
    letter_version: int


@dataclass(frozen=True, slots=True)
class FollowUpAsked(Event):
    """The presenter is asked what became of a letter: round 1 or 2, for the `number`-th time."""

    name: ClassVar[str] = "follow_up.asked"

    case_id: str
    programme_id: str
    case_no: str
    author_id: str
    round: int
    number: int


@dataclass(frozen=True, slots=True)
class EntryPublished(Event):
    """A library entry was opened to everybody with an account, in one version."""

    name: ClassVar[str] = "library.published"

    entry_id: str
    case_id: str
    letter_version: int


@dataclass(frozen=True, slots=True)
class EntryRetracted(Event):
    """An entry left the library: the presenter withheld it."""

    name: ClassVar[str] = "library.retracted"

    entry_id: str
    case_id: str


@dataclass(frozen=True, slots=True)
class FileErased(Event):
    """No row needs a file any more: it may be deleted. `file_id` is a random name in the vault."""

    name: ClassVar[str] = "file.erased"

    file_id: str
