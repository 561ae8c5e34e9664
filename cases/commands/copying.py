"""A declined case once more: a new draft with what its author wrote then."""

import asyncio
from dataclasses import dataclass

from cases.queries.forms import current_form
from cases.rules import access, copying, intake, lifecycle
from cases.rules.fields import Form
from cases.rules.lifecycle import Deed, Guard, Party
from cases.rules.models import Answers, Case, CaseType, ScreenedCase
from cases.store import cases as store
from server.deid import verdict
from server.deid.models import Held
from server.kit.actor import Actor
from server.kit.errors import Conflict, Forbidden
from server.kit.ids import CaseId, new_id, new_patient_ref
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Copied:
    """The new draft; `left_out` counts texts that today's rules do not let into it."""

    case: Case
    left_out: int


async def copy_case(unit: Unit, actor: Actor, key: str) -> Copied:
    """Begin a new draft with what a declined case of the author holds. Commits.

    A first presentation gets a new patient reference, a follow-up keeps the one it continues.
    Every text goes through the check again.

    Raises NotFound unless the actor wrote it, Conflict `case.wrong_state`, `case.text_erased` when
    there is nothing left to copy, Forbidden when the actor presents nothing to the programme.
    """
    source = await store.load(unit, key)
    access.ensure_author(actor, source)
    if not access.may_submit(actor, source.programme):
        raise Forbidden
    copying.ensure_declined(source)
    version = await store.load_version(unit, source.id, source.content_version)
    if version.answers is None:
        raise Conflict(Guard.TEXT_THERE.value)
    follows = source.case_type is CaseType.FOLLOWUP
    case = Case(
        id=CaseId(new_id(unit.now)),
        programme=source.programme,
        programme_code=source.programme_code,
        patient_ref=source.patient_ref if follows else new_patient_ref(source.programme_code),
        case_type=source.case_type,
        author=actor.person,
        organisation=actor.organisation,
        state=lifecycle.step(None, Deed.CREATE, frozenset({Party.AUTHOR}), (Guard.ENROLLED,)),
        created_at=unit.now,
        state_at=unit.now,
        prior_case=source.prior_case,
        second_reasons=source.second_reasons,
    )
    asked = await current_form(unit, source.programme)
    answers = copying.copied(asked, version.answers)
    screened, left_out = await _screened(unit, asked, answers)
    await store.insert(unit, case)
    saved = await store.save_draft(unit, case, screened)
    unit.record(
        "case.copied",
        actor=actor.person,
        subject=case.id,
        programme=case.programme,
        source=source.id,
        left_out=left_out,
    )
    await unit.commit()
    return Copied(saved, left_out)


async def _screened(unit: Unit, form: Form, answers: Answers) -> tuple[ScreenedCase, int]:
    """Return the answers as they may be stored: without texts that hold an identifier today."""
    texts = intake.texts(form, answers)
    outcome = await asyncio.to_thread(verdict.screen_fields, texts, today=unit.now.date())
    held: frozenset[str] = frozenset()
    if isinstance(outcome, Held):
        held = frozenset(outcome.findings)
        rest = {path: text for path, text in texts.items() if path not in held}
        outcome = await asyncio.to_thread(verdict.screen_fields, rest, today=unit.now.date())
        assert not isinstance(outcome, Held)
    return ScreenedCase(intake.without_texts(form, answers), outcome.screened), len(held)
