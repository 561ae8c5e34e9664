"""The letter: what is signed, in one canonical spelling, and how to see that it is unchanged.

Contents after domain.md §6.3. The signature of security.md 75 is the SHA-256 of the canonical
JSON, which holds the signer, the instant and the version: none can change without the other.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cases.instruments.base import N_
from cases.rules.advice import Draft, Said
from cases.rules.models import Case
from server.deid.models import ScreenedAnswers
from server.kit.actor import Lane
from server.kit.errors import Conflict
from server.kit.ids import CROCKFORD, CaseId, PersonId

SCHEMA: Final = 1
ATTESTATION: Final = "sign-1"

DISCLAIMER: Final = N_(
    "These recommendations are educational, based on the de-identified information presented. "
    "They do not create a provider–patient relationship between any hub member and the patient, "
    "and do not replace the judgement of the treating clinician."
)
"""Standard term of telementoring programmes (domain.md §6.3), word for word."""

WATCH_FOR: Final = N_(
    "If the person may be in danger now, assess today and use your local emergency pathway. "
    "Come back to the clinic earlier when they get worse, when a treatment causes harm, or when "
    "this plan cannot be followed."
)
"""What stands under “What to watch for” until the hub writes something of its own."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who recommended an item; `at_ms` on the case clock, None when written later."""

    person: PersonId
    label: str
    lane: Lane
    at_ms: int | None

    @property
    def at(self) -> str:
        """Return minutes and seconds on the case clock, `12:07`; empty when written later."""
        return mm_ss(self.at_ms)


@dataclass(frozen=True, slots=True)
class Line:
    """One recommendation as signed. Codes are the values of the enums in `rules.advice`."""

    id: str
    text: str
    problem_area: str
    strength: str
    evidence: str
    role: str
    time_frame: str
    step: int
    rationale: str
    citation_title: str
    citation_year: int | None
    citation_link: str
    cautions: tuple[str, ...]
    said: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One signed version as it is read."""

    case: CaseId
    case_no: str
    patient_ref: str
    version: int
    programme: str
    programme_code: str
    programme_name: str
    hub_name: str
    zone: str
    session_at: datetime | None
    presenter: PersonId
    presenter_label: str
    hub_present: tuple[str, ...]
    question: str
    summary: str
    watch_for: str
    reason: str
    lines: tuple[Line, ...]
    signer: PersonId
    signer_label: str
    signed_as: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A letter as stored.

    `letter` None: it was purged (`purged_at`), or the bytes no longer fit the hash.
    """

    case: CaseId
    version: int
    body: str
    body_hash: str
    signed_by: PersonId
    signed_at: datetime
    draft_revision: int
    letter: Letter | None
    purged_at: datetime | None = None
    purged_by: PersonId | None = None

    @property
    def code(self) -> str:
        """Return the verification code printed under the signature."""
        return verification_code(self.body_hash)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the letter says about the session, people and place; labels as shown on the day."""

    programme_name: str
    hub_name: str
    zone: str
    session_at: datetime | None
    presenter_label: str
    hub_present: tuple[str, ...]
    labels: Mapping[PersonId, str]
    signer: PersonId
    signed_as: str
    signed_at: datetime


def mm_ss(at_ms: int | None) -> str:
    """Return milliseconds as `m:ss`, empty for None."""
    if at_ms is None:
        return ""
    seconds = at_ms // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def canonical(body: Mapping[str, Any]) -> str:
    """Return the one JSON spelling of a letter: sorted keys, no blanks, UTF-8 as it is."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(body: str) -> str:
    """Return the SHA-256 of a letter's canonical JSON, hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def verification_code(body_hash: str) -> str:
    """Return 60 bits of the hash in Crockford's base 32, to be read aloud: `7K3Q-F0ZM-2A9C`."""
    number = int(body_hash[:15], 16)
    letters = [CROCKFORD[(number >> shift) & 31] for shift in range(55, -1, -5)]
    text = "".join(letters).upper()
    return "-".join(text[i : i + 4] for i in range(0, 12, 4))


def texts_of(draft: Draft) -> dict[str, str]:
    """Return every free text that a letter of this draft would hold, by path."""
    found = {"summary": draft.summary, "watch_for": draft.watch_for, "reason": draft.amend_reason}
    for item in draft.live:
        for name, text in item.content.texts().items():
            found[f"{item.id}.{name}"] = text
    return found


def build(
    case: Case, draft: Draft, screened: ScreenedAnswers, around: Surroundings, version: int
) -> str:
    """Return the canonical JSON of the next version; free text comes from `screened` only."""
    body = {
        "schema": SCHEMA,
        "attestation": ATTESTATION,
        "case": case.id,
        "case_no": case.case_no,
        "case_version": case.content_version,
        "patient_ref": case.patient_ref,
        "programme": case.programme,
        "programme_code": case.programme_code,
        "programme_name": around.programme_name,
        "hub_name": around.hub_name,
        "zone": around.zone,
        "session_at": around.session_at and around.session_at.isoformat(),
        "presenter": case.author,
        "presenter_label": around.presenter_label,
        "hub_present": list(around.hub_present),
        "question": case.main_question,
        "summary": screened["summary"].text,
        "watch_for": screened["watch_for"].text,
        "reason": screened["reason"].text,
        "items": [
            {
                "id": item.id,
                "text": screened[f"{item.id}.text"].text,
                "rationale": screened[f"{item.id}.rationale"].text,
                "citation_title": screened[f"{item.id}.citation_title"].text,
                "citation_year": item.content.citation_year,
                "citation_link": item.content.citation_link,
                "problem_area": item.content.problem_area.value,
                "strength": item.content.strength.value,
                "evidence": item.content.evidence.value,
                "role": item.content.role.value,
                "time_frame": item.content.time_frame.value,
                "step": item.content.step,
                "cautions": [c.value for c in item.content.cautions],
                "said": [_voice(said, around.labels) for said in item.said],
            }
            for item in draft.live
        ],
        "version": version,
        "signer": around.signer,
        "signer_label": around.labels.get(around.signer, ""),
        "signed_as": around.signed_as,
        "signed_at": around.signed_at.isoformat(),
    }
    return canonical(body)


def _voice(said: Said, labels: Mapping[PersonId, str]) -> dict[str, Any]:
    return {
        "person": said.person,
        "label": labels.get(said.person, ""),
        "lane": said.lane.value,
        "at_ms": said.at_ms,
    }


def verify(signed: Signed) -> Letter:
    """Return the letter when bytes, hash, signer, time and version all fit each other.

    Raises Conflict `letter.broken` otherwise: something was changed behind the signature.
    """
    if digest(signed.body) != signed.body_hash:
        raise Conflict("letter.broken")
    letter = read(signed.body)
    kept = (signed.case, signed.version, signed.signed_by, signed.signed_at)
    if (letter.case, letter.version, letter.signer, letter.signed_at) != kept:
        raise Conflict("letter.broken")
    return letter


def read(body: str) -> Letter:
    """Return a letter from its canonical JSON."""
    data = json.loads(body)
    return Letter(
        case=CaseId(data["case"]),
        case_no=data["case_no"],
        patient_ref=data["patient_ref"],
        version=data["version"],
        programme=data["programme"],
        programme_code=data["programme_code"],
        programme_name=data["programme_name"],
        hub_name=data["hub_name"],
        zone=data["zone"],
        session_at=datetime.fromisoformat(data["session_at"]) if data["session_at"] else None,
        presenter=PersonId(data["presenter"]),
        presenter_label=data["presenter_label"],
        hub_present=tuple(data["hub_present"]),
        question=data["question"],
        summary=data["summary"],
        watch_for=data["watch_for"],
        reason=data["reason"],
        lines=tuple(_line(item) for item in data["items"]),
        signer=PersonId(data["signer"]),
        signer_label=data["signer_label"],
        signed_as=data["signed_as"],
        signed_at=datetime.fromisoformat(data["signed_at"]),
    )


def _line(item: Mapping[str, Any]) -> Line:
    return Line(
        id=item["id"],
        text=item["text"],
        problem_area=item["problem_area"],
        strength=item["strength"],
        evidence=item["evidence"],
        role=item["role"],
        time_frame=item["time_frame"],
        step=item["step"],
        rationale=item["rationale"],
        citation_title=item["citation_title"],
        citation_year=item["citation_year"],
        citation_link=item["citation_link"],
        cautions=tuple(item["cautions"]),
        said=tuple(
            Voice(PersonId(v["person"]), v["label"], Lane(v["lane"]), v["at_ms"])
            for v in item["said"]
        ),
    )
