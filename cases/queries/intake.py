"""What opens the case form: the programme, the choices that belong to it, what was kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cases.queries.forms import open_form
from cases.rules import access, advice_access, intake
from cases.rules.fields import Form, Option
from cases.rules.intake import Raw
from cases.rules.models import Answers, Case, CaseState, FieldComment
from cases.store import cases as store
from cases.store import desk
from cases.store import recommendations as advice
from server.kit.actor import Actor, Role
from server.kit.disciplines import TRAINEES
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import CaseId, ProgrammeId
from server.people import api as people
from server.store.unit import Unit
from sessions import api as sessions


@dataclass(frozen=True, slots=True)
class Intake:
    """An open form; `case` is None while it is new. `raw` is what it starts with.

    `choices` are the answers that belong to this programme and this case, by field or column.
    """

    form: Form

    programme: ProgrammeId
    programme_name: str
    zone: str
    case: Case | None
    raw: Raw
    choices: "Choices"
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


Choices = Mapping[str, tuple[Option, ...]]

ADVICE: Final = "advice_status.recommendation"

CARRIED: Final = (
    "presenter_discipline",
    "supervisor",
    "setting",
    "area",
)
"""What the author's own last case already said about the author (nothing is entered twice)."""

KEPT_ON: Final = (
    *CARRIED,
    "age",
    "sex_for_formulas",
    "gender",
    "language",
    "interpreter",
    "coverage",
    "strengths",
    "strengths_text",
    "supports_caregiver",
    "diagnoses",
    "medical_history",
    "allergies",
    "family_history",
    "case_manager",
    "medications",
    "height",
    "baseline_weight",
)
"""What a follow-up takes over from the case before, for the author to correct."""


async def choices(unit: Unit, programme: ProgrammeId, prior: CaseId | None) -> Choices:
    """Return the answers to choose from that are no part of the form itself.

    A follow-up is asked about each recommendation of the case before.
    """
    found = {"supervisor": await supervisors(unit, programme)}
    if prior is not None:
        found[ADVICE] = await advised(unit, prior)
    return found


async def advised(unit: Unit, case: CaseId) -> tuple[Option, ...]:
    """Return the recommendations of a case's newest signed letter, by id.

    None while there is no letter, and once it was erased. What is not signed stays the hub's.
    """
    newest = await advice.load_signed(unit, case, await advice.last_version(unit, case))
    lines = newest.letter.lines if newest and newest.letter else ()
    return tuple(Option(line.id, line.text) for line in lines)


async def ever_advised(unit: Unit, case: CaseId) -> dict[str, str]:
    """Return the recommendations of all signed letters of a case, id → newest words."""
    return {
        line.id: line.text
        for _, signed in await advice.versions(unit, case)
        if signed.letter
        for line in signed.letter.lines
    }


async def _last_answers(unit: Unit, case: Case | None) -> Answers:
    """Return the newest frozen text of a case; nothing when there is none or it was erased."""
    if case is None or not case.content_version:
        return Answers({})
    version = await store.load_version(unit, case.id, case.content_version)
    return version.answers or Answers({})


def _known(answers: Answers, keys: Sequence[str], form: Form) -> dict[str, str | list[str]]:
    """Return what the form knows of these answers, as it would have been typed."""
    kept = intake.raw_of(Answers({k: v for k, v in answers.values.items() if k in keys}))
    return {path: kept[path] for path in intake.known_paths(form, kept)}


async def intake_form(
    unit: Unit,
    actor: Actor,
    programme_id: ProgrammeId,
    *,
    prior_key: str = "",
    version: str = "",
) -> Intake:
    """Open an empty form, or a follow-up of the author's own case that has a letter.

    `version` names the form that a page already shows. Raises NotFound (no such programme, or not
    the actor's), Forbidden without CASE_WRITE.
    """
    programme = await sessions.get_programme(unit, programme_id)
    if not actor.roles_in(programme.id):
        raise NotFound
    if not access.may_submit(actor, programme.id):
        raise Forbidden
    form = await open_form(unit, programme.id, version)
    last = await store.last_of_author(unit, actor.person)
    raw: dict[str, str | list[str]] = {"case_type": "new"}
    raw |= _known(await _last_answers(unit, last), CARRIED, form)
    card = await people.card(unit, actor.person)
    if card is not None:
        raw["presenter_discipline"] = card.discipline
    prior = None
    if prior_key:
        prior = await store.load(unit, prior_key)
        access.ensure_author(actor, prior)
        if prior.programme != programme.id or not advice_access.has_letter(prior):
            raise NotFound
        raw["case_type"] = "followup"
        raw |= _known(await _last_answers(unit, prior), KEPT_ON, form)
    found = await choices(unit, programme.id, prior.id if prior else None)
    for number, option in enumerate(found.get(ADVICE, ())):
        raw[f"advice_status.{number}.recommendation"] = option.value
    return Intake(
        form, programme.id, programme.name, programme.zone, None, raw, found, prior=prior
    )


async def kept_form(unit: Unit, actor: Actor, key: str, *, version: str = "") -> Intake:
    """Open a draft, or a returned case with its last text; the author's only.

    It opens in the programme's newest form; answers to questions which that no longer asks are
    left out.

    Raises NotFound, Conflict `case.wrong_state` when the case is not open for writing.
    """
    case = await store.load(unit, key)
    access.ensure_author(actor, case)
    if case.state not in (CaseState.DRAFT, CaseState.NEEDS_CHANGES):
        raise Conflict("case.wrong_state")
    programme = await sessions.get_programme(unit, case.programme)
    form = await open_form(unit, programme.id, version)
    draft = await store.load_draft(unit, case.id)
    raw: dict[str, str | list[str]] = {"case_type": case.case_type.value}
    saved_at = None
    if draft is not None:
        raw |= intake.raw_of(draft[0])
        saved_at = draft[1]
    elif case.content_version:
        frozen = await store.load_version(unit, case.id, case.content_version)
        if frozen.answers is not None:
            raw |= intake.raw_of(frozen.answers)
    raw |= dict(case.safety.statement)
    raw = {path: raw[path] for path in intake.known_paths(form, raw)}
    found = await choices(unit, programme.id, case.prior_case)
    return Intake(
        form,
        programme.id,
        programme.name,
        programme.zone,
        case,
        raw,
        found,
        saved_at=saved_at,
        comments=await desk.load_comments(unit, case.id, case.content_version),
    )
