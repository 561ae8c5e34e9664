"""One case to read: the sheet, the desk's view of it, and who may see which."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cases.queries import econsults
from cases.queries.econsults import EConsult
from cases.queries.forms import current_form, form_of
from cases.queries.intake import ever_advised
from cases.queries.lists import due_of
from cases.queries.trends import presentations
from cases.rules import (
    access,
    advice_access,
    findings,
    intake,
    lifecycle,
    passes,
    progress,
    sheet,
    workup,
)
from cases.rules.access import Audience, Subject
from cases.rules.fields import Form
from cases.rules.findings import Flagged, Noted, Segment
from cases.rules.lifecycle import Deed
from cases.rules.models import Case, CaseState, CaseVersion
from cases.rules.passes import Standing
from cases.rules.sheet import SheetSection
from cases.rules.turnaround import Due
from cases.rules.workup import Workup
from cases.store import cases as store
from cases.store import desk, library
from cases.store import recommendations as letters
from server.deid import detect, ner
from server.deid.load import ruleset
from server.deid.models import Note, ScanResult
from server.kit.actor import Actor, Permission, Role
from server.kit.ids import PersonId
from server.people import api as people
from server.people.api import PersonCard
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import FreeSlot, Programme, SessionCard, SessionState


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """A case as one reader may see it. `version` None: nothing is frozen yet, or it is purged."""

    case: Case
    programme: Programme
    form: Form
    """The form the text was written in; the programme's newest while there is none."""
    version: CaseVersion | None
    sections: tuple[SheetSection, ...]
    workup: Workup
    """What is worked out from the answers and from the presentations before."""
    audience: Audience
    author: PersonCard | None
    checker: PersonCard | None
    session: SessionCard | None
    deeds: frozenset[Deed]
    is_author: bool
    reads_letter: bool
    entry: str
    """Key of the library entry in which this reader finds what was advised, or empty."""


@dataclass(frozen=True, slots=True)
class MarkedText:
    """One free text with its findings marked; `label` and `column` are message keys."""

    path: str
    label: str
    row: int | None
    column: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What the desk needs to decide: the sheet, the texts with marks, what was said before."""

    sheet: CaseSheet
    texts: tuple[MarkedText, ...]
    flagged: tuple[Flagged, ...]
    notes: tuple[Noted, ...]
    """Cues that the person is unique, and the second look: shown, not decided."""
    cleared: frozenset[str]
    """Keys of findings that this reader has cleared in this text before, with older rules."""
    slots: tuple[FreeSlot, ...]
    deeds_once_open: frozenset[Deed]
    """What a checked case allows as soon as it is opened, which the same button does."""
    due: Due | None
    standing: Standing
    readers: Mapping[PersonId, PersonCard]
    may_pass_again: bool
    holds_advice: bool
    """Whether recommendations or letters of it are still stored."""
    econsult: EConsult | None
    """Who answers it in writing, if it is an e-consult."""
    able: tuple[PersonCard, ...]
    """Who could, if it has no slot in time and the reader may move it."""


async def subject_of(unit: Unit, case: Case) -> tuple[Subject, SessionCard | None]:
    """Return the case with what its session says about who may see it."""
    if case.session is None:
        return Subject(case), None
    card = await sessions.session_card(unit, case.session)
    live = card.session.state is SessionState.LIVE
    return Subject(case, live, live and card.programme.learner_sees_case), card


async def visible_case(unit: Unit, actor: Actor, key: str) -> Case:
    """Return a case the actor may read now; NotFound for every other, as for none at all."""
    case = await store.load(unit, key)
    subject, _ = await subject_of(unit, case)
    access.ensure_may_see(actor, subject)
    return case


async def case_sheet(unit: Unit, actor: Actor, key: str) -> CaseSheet:
    """Return a case to read; NotFound unless the actor may read it now."""
    case = await store.load(unit, key)
    subject, session = await subject_of(unit, case)
    access.ensure_may_see(actor, subject)
    return await _sheet(unit, actor, subject, session)


async def _sheet(
    unit: Unit, actor: Actor, subject: Subject, session: SessionCard | None
) -> CaseSheet:
    case = subject.case
    version = None
    if case.content_version:
        version = await store.load_version(unit, case.id, case.content_version)
    if version is None:
        form = await current_form(unit, case.programme)
    else:
        form = await form_of(unit, case.programme, version.form_version)
    answers = version.answers if version else None
    wanted = {case.author}
    if version and version.checked_by:
        wanted.add(version.checked_by)
    supervisor = PersonId(answers.text("supervisor")) if answers else PersonId("")
    cards = await people.cards(unit, wanted | {supervisor} - {PersonId("")})
    is_author = actor.person == case.author
    quiet = is_author or Role.DIRECTOR in actor.roles_in(case.programme)
    names = {str(pid): card.label for pid, card in cards.items()}
    if case.prior_case is not None:
        names |= await ever_advised(unit, case.prior_case)
    sections: tuple[SheetSection, ...] = ()
    worked = Workup()
    if version and answers:
        shown = await presentations(unit, actor, case, version)
        worked = workup.work_out(form, shown)
        sections = sheet.sections(
            form,
            answers,
            quiet=quiet,
            names=names,
            on=version.created_at.date(),
            changes=progress.changes(shown, workup.setting_of(form, answers)),
        )
    return CaseSheet(
        case=case,
        programme=await sessions.get_programme(unit, case.programme),
        version=version,
        form=form,
        sections=sections,
        workup=worked,
        audience=access.audience(subject),
        author=cards.get(case.author),
        checker=cards.get(version.checked_by) if version and version.checked_by else None,
        session=session,
        deeds=lifecycle.possible(case.state, access.parties(actor, case)),
        is_author=is_author,
        reads_letter=advice_access.has_letter(case) and advice_access.may_read_letter(actor, case),
        entry=await _entry(unit, actor, case),
    )


async def _entry(unit: Unit, actor: Actor, case: Case) -> str:
    if not advice_access.has_letter(case) or case.publication_veto:
        return ""
    if case.programme not in advice_access.registered_in(actor):
        return ""
    entry = await library.of_case(unit, case.id)
    return entry.key if entry is not None else ""


async def review(
    unit: Unit, actor: Actor, key: str, recognise: ner.Recognise = ner.nothing
) -> Review:
    """Return a case for the desk, its stored text scanned again with today's rules.

    Raises NotFound unless the actor checks this programme's cases and the case has reached the
    desk; Forbidden `case.own_check` for the author.
    """
    case = await store.load(unit, key)
    access.ensure_checker(actor, case)
    subject, session = await subject_of(unit, case)
    shown = await _sheet(unit, actor, subject, session)
    slots = await _slots(unit, actor, case)
    once_open = lifecycle.possible(CaseState.IN_REVIEW, access.parties(actor, case))
    given = (await desk.load_passes(unit, [case.id])).get(case.id, ())
    standing = passes.standing(
        given,
        content_hash=shown.version.content_hash if shown.version else "",
        ruleset=ruleset().version,
        year=unit.now.year,
        reasons=case.second_reasons,
        author=case.author,
    )
    wanted = {one.by for one in (*standing.passed, *standing.older)}
    if shown.version and shown.version.purged_by:
        wanted.add(shown.version.purged_by)
    bare = Review(
        sheet=shown,
        texts=(),
        flagged=(),
        notes=(),
        cleared=frozenset(),
        slots=slots,
        deeds_once_open=once_open,
        due=due_of(case, shown.programme, unit.now),
        standing=standing,
        readers=await people.cards(unit, wanted),
        may_pass_again=passes.may_pass_again(case.state, standing, actor.person),
        holds_advice=await letters.holds_text(unit, case.id),
        econsult=await econsults.of_case(unit, actor, case, shown.programme.zone),
        able=await econsults.able(unit, case) if Deed.CONVERT in shown.deeds else (),
    )
    if shown.version is None or shown.version.answers is None:
        return bare
    texts = intake.texts(shown.form, shown.version.answers)
    results, looks = await asyncio.to_thread(_scanned, texts, unit.now.date())
    for path, text in texts.items():
        looks[path] = ner.looks(text, results[path], looks[path], await recognise(text))
    decisions = await store.load_decisions(unit, case.id, case.content_version)
    said = {
        (d.path, d.rule, d.start, d.end): d.reason
        for d in decisions
        if d.verdict == "not_identifier"
    }
    own = {
        (d.path, d.rule, d.start, d.end)
        for d in decisions
        if d.verdict == "clear" and d.by == actor.person
    }
    flagged = tuple(
        findings.with_reason(f, said.get((f.path, f.rule, f.start, f.end), ""))
        for f in findings.flag(texts, results)
    )
    notes = tuple(
        note
        for path, text in texts.items()
        for note in (
            *findings.noted(path, text, results[path].notes, look=False),
            *findings.noted(path, text, looks[path], look=True),
        )
    )
    return replace(
        bare,
        texts=tuple(
            _marked(shown.form, path, text, flagged, notes) for path, text in texts.items()
        ),
        flagged=flagged,
        notes=notes,
        cleared=frozenset(f.key for f in flagged if (f.path, f.rule, f.start, f.end) in own),
    )


def _scanned(
    texts: Mapping[str, str], today: date
) -> tuple[dict[str, ScanResult], dict[str, tuple[Note, ...]]]:
    results = detect.scan_fields(texts, today=today)
    return results, {path: detect.second_look(text, results[path]) for path, text in texts.items()}


def _marked(
    form: Form, path: str, text: str, flagged: Sequence[Flagged], notes: Sequence[Noted]
) -> MarkedText:
    label, row, column = sheet.label_of(form, path)
    segments = findings.segments(
        text,
        (f for f in flagged if f.path == path),
        (n for n in notes if n.path == path and not n.look),
        (n for n in notes if n.path == path and n.look),
    )
    return MarkedText(path, label, row, column, segments)


async def _slots(unit: Unit, actor: Actor, case: Case) -> tuple[FreeSlot, ...]:
    if case.state is not CaseState.ACCEPTED:
        return ()
    converts = Deed.CONVERT in lifecycle.possible(case.state, access.parties(actor, case))
    if not (converts or actor.can(Permission.CASE_SLOT, case.programme)):
        return ()
    return await sessions.free_slots(unit, case.programme)
