"""The author's commands: submit, say what was done about danger, withdraw."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from cases.commands import follow_ups
from cases.events import CaseSubmitted, CaseWithdrawn
from cases.queries.forms import open_form
from cases.queries.intake import Choices, choices
from cases.rules import access, advice_access, findings, intake, lifecycle, passes, safety
from cases.rules.drafts import DraftState
from cases.rules.fields import Form
from cases.rules.findings import Flagged
from cases.rules.form import ATTESTATIONS
from cases.rules.intake import FieldErrors, Intake, Raw
from cases.rules.lifecycle import Deed, Guard, Party
from cases.rules.models import Case, CaseState, CaseType, Safety, ScreenedCase
from cases.store import cases as store
from cases.store import drafts
from server.deid import detect, verdict
from server.deid.models import Clear, ScanResult
from server.kit.actor import Actor
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import CaseId, ProgrammeId, case_number, new_id, new_patient_ref
from server.kit.text import N_
from server.store.unit import Unit
from sessions import api as sessions

FOR_INFORMATION: Final = N_("For information: no new question.")
"""Stands where the question would, when a follow-up asks none (domain.md §4.4, last line)."""
_AUTHOR: Final = frozenset({Party.AUTHOR})
_SYSTEM: Final = frozenset({Party.SYSTEM})


@dataclass(frozen=True, slots=True)
class Target:
    """What is being written: an existing case (`key`), or a new one in a programme.

    `writer` is the random name of the page, empty for programs; `sequence` the number that page
    gives to this save. What a page writes as new goes into the case that it has begun already.
    """

    programme: ProgrammeId | None = None
    case_type: CaseType = CaseType.NEW
    prior: str = ""
    key: str = ""
    row_version: int = 0
    writer: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What was typed, and the author's reasons for findings, by finding key.

    `form` is the version of the form that the page showed; empty: the programme's newest.
    """

    raw: Raw
    decided: Mapping[str, str]
    form: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The case waits for the identifier check of a human."""

    case: Case


@dataclass(frozen=True, slots=True)
class NotYet:
    """Nothing was stored. What stands in the way: fields, findings, or both.

    `held`: a blocking identifier; the text stays on the author's device.
    """

    errors: FieldErrors
    flagged: tuple[Flagged, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The identifier check's reading of what was typed."""

    form: Form
    choices: Choices
    read: Intake
    flagged: tuple[Flagged, ...]
    results: Mapping[str, ScanResult]
    outcome: object


async def look(
    unit: Unit, written: Written, programme: ProgrammeId, prior: CaseId | None = None
) -> Checked:
    """Read and scan what was typed without storing anything.

    Each text is read in its own language, or in that of all together. The scan runs in a thread:
    50 kB of text must not hold up the others.
    """
    form = await open_form(unit, programme, written.form)
    listed = await choices(unit, programme, prior)
    read = intake.validate(form, written.raw, year=unit.now.year, complete=False, options=listed)
    assert isinstance(read, Intake)
    texts = intake.texts(form, read.answers)
    results = await asyncio.to_thread(detect.scan_fields, texts, today=unit.now.date())
    flagged = findings.flag(texts, results, written.decided)
    outcome = verdict.decide(texts, results, findings.disputes(flagged, results))
    return Checked(form, listed, read, flagged, results, outcome)


def apply_fix(written: Written, checked: Checked, key: str) -> Written:
    """Return what was typed with one suggestion put in: the one-click fix without JavaScript.

    Raises Conflict when there is no such finding any more, or it has no suggestion.
    """
    finding = next((f for f in checked.flagged if f.key == key), None)
    if finding is None or finding.suggestion is None:
        raise Conflict
    text = intake.texts(checked.form, checked.read.answers)[finding.path]
    typed = _typed_path(checked.form, written.raw, finding.path)
    return replace(written, raw={**written.raw, typed: findings.fixed(text, finding)})


def _typed_path(form: Form, raw: Raw, path: str) -> str:
    """Return the input a text came from: empty rows of a table are skipped when it is read."""
    key, _, rest = path.partition(".")
    if not rest:
        return path
    number, _, column = rest.partition(".")
    columns = [c.key for c in form.field(key).columns]
    filled = [
        row
        for row in range(form.field(key).most)
        if any(str(raw.get(f"{key}.{row}.{c}", "")).strip() for c in columns)
    ]
    return f"{key}.{filled[int(number)]}.{column}"


async def submit_case(
    unit: Unit, actor: Actor, target: Target, written: Written
) -> Submitted | NotYet:
    """Freeze the text as the next version and hand it to the identifier check of a human.

    Nothing is stored while a field is wrong, a finding blocks, or a finding is undecided; with a
    blocking finding the audit keeps counts by category. Raises as `find_case` does, and Conflict
    `stale` when another page has saved meanwhile.
    """
    case, is_new = await find_case(unit, actor, target)
    if not is_new and is_stale(target, case, await drafts.last(unit, case.id)):
        raise Conflict("stale")
    written = typed_for(written, case)
    checked = await look(unit, written, case.programme, case.prior_case)
    whole = intake.validate(checked.form, written.raw, year=unit.now.year, options=checked.choices)
    errors = whole if isinstance(whole, FieldErrors) else FieldErrors({})
    if not isinstance(checked.outcome, Clear):
        return await note_held(unit, actor, case, checked, errors)
    if isinstance(whole, FieldErrors) or any(f.open for f in checked.flagged):
        return NotYet(errors, checked.flagged, held=False)
    facts = (Guard.COMPLETE, Guard.SCREENED)
    signed = (Guard.ATTESTED,) if whole.attested == frozenset(ATTESTATIONS) else ()
    state = lifecycle.step(case.state, Deed.SUBMIT, _AUTHOR, (*facts, *signed))
    if is_new:
        await store.insert(unit, case)
        await drafts.note_begun(unit, case.id, target.writer)
    after = replace(
        case,
        case_no=case.case_no or await _number(unit, case),
        state=state,
        state_at=unit.now,
        submitted_at=unit.now,
        urgency=whole.answers.text("urgency"),
        main_question=whole.answers.text("main_question") or FOR_INFORMATION,
        content_version=case.content_version + 1,
        safety=_safety(unit, case, whole, checked.form),
        second_reasons=passes.of_answers(whole.answers.get("age"), case.second_reasons),
        message="",
    )
    saved = await store.save(unit, case, after)
    saved = await store.set_draft(unit, saved, None)
    await drafts.erase(unit, case.id)
    await follow_ups.respond(unit, saved)
    await _freeze(unit, actor, saved, whole, checked)
    return Submitted(saved)


async def _freeze(unit: Unit, actor: Actor, case: Case, whole: Intake, checked: Checked) -> None:
    """Add the version, its signatures and decisions; tell the coordinators; commit."""
    assert isinstance(checked.outcome, Clear)
    number = case.content_version
    screened = screened_case(checked, checked.outcome)
    version = await store.add_version(unit, case.id, number, screened, checked.form.version)
    assert version.content_hash == whole.answers.content_hash()
    store.add_attestations(
        unit, case.id, number, {k: w for k, (w, _) in ATTESTATIONS.items()}, actor.person
    )
    verdicts = {f.key: "not_identifier" for f in checked.flagged}
    made = findings.decisions(checked.flagged, verdicts, actor.person, unit.now)
    store.add_decisions(unit, case.id, number, made)
    unit.record(
        "case.submitted",
        actor=actor.person,
        subject=case.id,
        programme=case.programme,
        version=number,
        content_hash=version.content_hash,
        findings=len(made),
        flagged=case.safety.raised,
    )
    unit.publish(
        CaseSubmitted(case.id, case.programme, case.case_no, number, int(case.safety.raised))
    )
    await unit.commit()


async def find_case(unit: Unit, actor: Actor, target: Target) -> tuple[Case, bool]:
    """Return the case to write into, and whether it is not in the store yet.

    Raises NotFound (not the author's, no such programme), Forbidden without CASE_WRITE, Conflict
    `case.wrong_state` when it is not open for writing any more.
    """
    key: str | None = target.key
    if not key and target.programme is not None:
        key = await drafts.begun_on(unit, actor.person, target.programme, target.writer)
    if key:
        case = await store.load(unit, key)
        access.ensure_author(actor, case)
        if case.state not in (CaseState.DRAFT, CaseState.NEEDS_CHANGES):
            raise Conflict("case.wrong_state")
        return case, False
    assert target.programme is not None
    programme = await sessions.get_programme(unit, target.programme)
    if not actor.roles_in(programme.id):
        raise NotFound
    if not access.may_submit(actor, programme.id):
        raise Forbidden
    prior = await _prior(unit, actor, target, programme.id)
    state = lifecycle.step(None, Deed.CREATE, _AUTHOR, (Guard.ENROLLED,))
    case = Case(
        id=CaseId(new_id(unit.now)),
        programme=programme.id,
        programme_code=programme.code,
        patient_ref=prior.patient_ref if prior else new_patient_ref(programme.code),
        case_type=target.case_type,
        author=actor.person,
        organisation=actor.organisation,
        state=state,
        created_at=unit.now,
        state_at=unit.now,
        prior_case=prior.id if prior else None,
        second_reasons=prior.second_reasons if prior else (),
    )
    return case, True


def is_stale(target: Target, case: Case, last: DraftState | None) -> bool:
    """Say whether another page has saved since the one that is writing last heard of the case.

    A page whose own save arrived while its answer got lost is not behind.
    """
    if target.row_version == case.row_version:
        return False
    if not target.writer:
        return bool(target.row_version)
    return last is None or last.writer != target.writer


async def _prior(unit: Unit, actor: Actor, target: Target, programme: ProgrammeId) -> Case | None:
    """Return the case a follow-up continues: the author's own, with a letter of this programme."""
    if target.case_type is CaseType.NEW:
        return None
    if not target.prior:
        raise Invalid("case.prior_needed")
    prior = await store.load(unit, target.prior)
    access.ensure_author(actor, prior)
    if prior.programme != programme or not advice_access.has_letter(prior):
        raise Invalid("case.prior_needed")
    return prior


def typed_for(written: Written, case: Case) -> Written:
    """Return what was typed; the kind of case is the case's own, whatever was sent."""
    return replace(written, raw={**written.raw, "case_type": case.case_type.value})


def screened_case(checked: Checked, clear: Clear) -> ScreenedCase:
    """Return what was read as the store takes it: every text let through by the check."""
    return ScreenedCase(intake.without_texts(checked.form, checked.read.answers), clear.screened)


async def note_held(
    unit: Unit, actor: Actor, case: Case, checked: Checked, errors: FieldErrors
) -> NotYet:
    """Keep counts by category, and nothing else: the text never reaches the database."""
    blocking = [f for f in checked.flagged if f.blocking]
    unit.record(
        "case.identifiers_held",
        actor=actor.person,
        subject=case.id,
        programme=case.programme,
        **findings.counts(blocking),
    )
    await unit.commit()
    return NotYet(errors, checked.flagged, held=True)


async def _number(unit: Unit, case: Case) -> str:
    year = unit.now.year
    return case_number(
        case.programme_code, year, await store.next_number(unit, case.programme, year)
    )


def _safety(unit: Unit, case: Case, whole: Intake, form: Form) -> Safety:
    """Return the flag of the new text; an earlier statement stays while the reasons do."""
    reasons = safety.flags(whole.answers)
    if not reasons:
        return Safety()
    statement = safety.complete_statement(form, whole.safety)
    if statement is None and case.safety.reasons == reasons:
        return replace(case.safety, acknowledged_at=unit.now)
    stated_at = None if statement is None else unit.now
    return Safety(reasons, unit.now, statement or {}, stated_at)


async def state_safety(
    unit: Unit, actor: Actor, key: str, given: Mapping[str, str]
) -> Case | FieldErrors:
    """Keep what the author did about the danger (domain.md §10.2); needed before acceptance.

    Raises NotFound unless the actor wrote the case, Conflict when no flag is raised.
    """
    case = await store.load(unit, key)
    access.ensure_author(actor, case)
    if not case.safety.raised or case.state is CaseState.WITHDRAWN:
        raise Conflict("case.wrong_state")
    form = await open_form(unit, case.programme, "")
    statement = safety.complete_statement(form, given)
    if statement is None:
        return FieldErrors(
            {
                key: intake.MISSING_CHOICE
                for key in safety.STATEMENT_KEYS
                if given.get(key) not in {o.value for o in form.field(key).options}
            }
        )
    after = replace(case, safety=replace(case.safety, statement=statement, stated_at=unit.now))
    saved = await store.save(unit, case, after)
    unit.record(
        "case.safety_stated", actor=actor.person, subject=case.id, programme=case.programme
    )
    await unit.commit()
    return saved


async def withdraw_case(
    unit: Unit, actor: Actor, key: str, *, row_version: int, erase_now: bool
) -> Case:
    """Take the case back before it is presented; its slot is freed.

    The text is erased after 30 days (`reactions.erase_withdrawn`), or at once with `erase_now`:
    the way out when an identifier slipped through. Raises NotFound unless the actor wrote it,
    Conflict `case.wrong_state` once it was presented.
    """
    case = await store.load(unit, key)
    access.ensure_author(actor, case)
    if case.row_version != row_version:
        raise Conflict("stale")
    state = lifecycle.step(case.state, Deed.WITHDRAW, _AUTHOR)
    if case.state is CaseState.SCHEDULED and case.session is not None:
        await sessions.remove_case_from_slot(unit, None, session=case.session, case=case.id)
    after = replace(case, state=state, state_at=unit.now, session=None, agenda_item=None)
    saved = await store.save(unit, case, after)
    await drafts.erase(unit, case.id)
    if erase_now:
        saved = await erase(unit, saved)
    unit.record(
        "case.withdrawn",
        actor=actor.person,
        subject=case.id,
        programme=case.programme,
        erased=erase_now,
    )
    unit.publish(CaseWithdrawn(case.id, case.programme, case.case_no))
    await unit.commit()
    return saved


async def erase(unit: Unit, case: Case) -> Case:
    """Erase every text of a case and keep its shell; the caller records and commits."""
    await store.purge(unit, case.id, case.author)
    cleared = await store.set_draft(unit, case, None)
    return await store.save(unit, cleared, replace(cleared, main_question="", message=""))
