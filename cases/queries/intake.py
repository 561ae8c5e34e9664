"""What opens the case form: the programme, the choices that belong to it, what was kept."""

from dataclasses import dataclass
from datetime import datetime

from cases.rules import access, intake
from cases.rules.fields import Option
from cases.rules.intake import Raw
from cases.rules.models import Case, CaseState, FieldComment
from cases.store import cases as store
from cases.store import desk
from server.kit.actor import Actor, Role
from server.kit.disciplines import TRAINEES
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import ProgrammeId
from server.people import api as people
from server.store.unit import Unit
from sessions import api as sessions


@dataclass(frozen=True, slots=True)
class Intake:
    """An open form; `case` is None while it is new. `raw` is what it starts with."""

    programme: ProgrammeId
    programme_name: str
    zone: str
    case: Case | None
    raw: Raw
    supervisors: tuple[Option, ...]
    saved_at: datetime | None = None
    prior: Case | None = None
    comments: tuple[FieldComment, ...] = ()
    """What the desk asks at single fields of the text it sent back."""


async def supervisors(unit: Unit, programme: ProgrammeId) -> tuple[Option, ...]:
    """Return the clinicians of a programme who may supervise a student or resident, by name."""
    return tuple(
        Option(member.card.id, member.card.label)
        for member in await people.members_of(unit, programme)
        if Role.SPOKE_CLINICIAN in member.roles and member.card.discipline not in TRAINEES
    )


async def intake_form(
    unit: Unit, actor: Actor, programme_id: ProgrammeId, *, prior_key: str = ""
) -> Intake:
    """Open an empty form, or a follow-up of the author's own presented case.

    Raises NotFound (no such programme, or not the actor's), Forbidden without CASE_WRITE.
    """
    programme = await sessions.get_programme(unit, programme_id)
    if not actor.roles_in(programme.id):
        raise NotFound
    if not access.may_submit(actor, programme.id):
        raise Forbidden
    card = await people.card(unit, actor.person)
    raw: dict[str, str] = {"case_type": "new"}
    if card is not None:
        raw["presenter_discipline"] = card.discipline
    prior = None
    if prior_key:
        prior = await store.load(unit, prior_key)
        access.ensure_author(actor, prior)
        if prior.programme != programme.id or prior.state not in access.PRESENTED_STATES:
            raise NotFound
        raw["case_type"] = "followup"
    found = await supervisors(unit, programme.id)
    return Intake(programme.id, programme.name, programme.zone, None, raw, found, prior=prior)


async def kept_form(unit: Unit, actor: Actor, key: str) -> Intake:
    """Open a draft, or a returned case with its last text; the author's only.

    Raises NotFound, Conflict `case.wrong_state` when the case is not open for writing.
    """
    case = await store.load(unit, key)
    access.ensure_author(actor, case)
    if case.state not in (CaseState.DRAFT, CaseState.NEEDS_CHANGES):
        raise Conflict("case.wrong_state")
    programme = await sessions.get_programme(unit, case.programme)
    draft = await store.load_draft(unit, case.id)
    raw: dict[str, str | list[str]] = {"case_type": case.case_type.value}
    saved_at = None
    if draft is not None:
        raw |= intake.raw_of(draft[0])
        saved_at = draft[1]
    elif case.content_version:
        version = await store.load_version(unit, case.id, case.content_version)
        if version.answers is not None:
            raw |= intake.raw_of(version.answers)
    raw |= dict(case.safety.statement)
    found = await supervisors(unit, programme.id)
    return Intake(
        programme.id,
        programme.name,
        programme.zone,
        case,
        raw,
        found,
        saved_at=saved_at,
        comments=await desk.load_comments(unit, case.id, case.content_version),
    )
