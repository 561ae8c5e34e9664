"""The desk's decisions that let a case go on: pass, accept, place; real transitions."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cases.commands.desk import Desk, move, open_desk, ready_facts, record, standing
from cases.events import CaseAccepted, CaseScheduled, CaseUnscheduled
from cases.queries.forms import form_of
from cases.queries.intake import ADVICE, choices
from cases.rules import attachments, findings, intake, lifecycle, passes
from cases.rules.fields import Option
from cases.rules.findings import Flagged
from cases.rules.form import ATTESTATIONS
from cases.rules.lifecycle import Deed, Guard
from cases.rules.models import Case, CaseState, CaseVersion
from cases.rules.placing import Lost
from cases.store import attachments as files
from cases.store import cases as store
from cases.store import desk as notes
from server.deid import detect
from server.deid.load import ruleset
from server.kit.actor import Actor
from server.kit.errors import Conflict
from server.kit.ids import AgendaItemId, SessionId
from server.store.unit import Unit
from sessions import api as sessions

CLEAR = "clear"
IDENTIFIER = "identifier"


async def pass_check(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    verdicts: Mapping[str, str],
    second: Iterable[str] = (),
    then_accept: bool = False,
) -> Case:
    """Let a text through the identifier check, and with `then_accept` into the programme.

    `verdicts` gives `clear` for every finding of the stored text as today's rules read it; one
    missing or `identifier` raises Conflict `case.warnings_unresolved`. `second` are reasons (codes
    of `passes.MARKS`) why another person has to pass it too. While a page of an attachment is not
    decided, Conflict `case.pages_undecided`.

    A case that has passed before stays where it is and gains a pass: from the second person, or
    from anybody once the rules, or what they find, are newer than what it was read with. Raises Conflict
    `case.passed_already` or `case.wrong_state` when that helps nothing. Accepting runs the real
    steps phi_check → submitted → in_review → accepted and may refuse as `accept` does; then
    nothing is changed.
    """
    desk = await open_desk(unit, actor, key, row_version)
    case = desk.case
    version = await store.load_version(unit, case.id, case.content_version)
    flagged, until = await _flagged(unit, desk.case, version)
    resolved = all(verdicts.get(f.key) == CLEAR for f in flagged)
    reasons = passes.marked(case.second_reasons, second)
    after = replace(case, second_reasons=reasons)
    decided = attachments.facts(await files.load(unit, case.id))
    if case.state is CaseState.PHI_CHECK:
        facts = (Guard.WARNINGS_RESOLVED, *decided) if resolved else decided
        counted = {"findings": len(flagged), "second": len(reasons)}
        after = move(unit, desk, after, Deed.PASS, *facts, **counted)
    else:
        before = await standing(unit, after, version)
        passes.ensure_may_pass_again(case.state, before, actor.person)
        if not resolved:
            raise Conflict(Guard.WARNINGS_RESOLVED.value)
        if Guard.PAGES_DECIDED not in decided:
            raise Conflict(Guard.PAGES_DECIDED.value)
        record(unit, desk, case, "passed_again", {"findings": len(flagged)})
    made = findings.decisions(flagged, {f.key: CLEAR for f in flagged}, actor.person, unit.now)
    store.add_decisions(unit, case.id, case.content_version, made)
    notes.add_pass(unit, version, ruleset().version, until, actor.person)
    await store.mark_checked(unit, case.id, case.content_version, actor.person)
    if then_accept:
        after = await _accept(unit, desk, after)
    saved = await store.save(unit, case, after)
    await unit.commit()
    return saved


async def _flagged(
    unit: Unit, case: Case, version: CaseVersion
) -> tuple[tuple[Flagged, ...], int | None]:
    """Return what today's rules find, and the year from which on they may find something else."""
    if version.answers is None:
        raise Conflict("case.wrong_state")
    form = await form_of(unit, case.programme, version.form_version)
    texts = intake.texts(form, version.answers)
    results = await asyncio.to_thread(detect.scan_fields, texts, today=unit.now.date())
    years = [result.until for result in results.values() if result.until is not None]
    return findings.flag(texts, results), min(years, default=None)


async def accept(unit: Unit, actor: Actor, key: str, *, row_version: int) -> Case:
    """Accept a checked case: the question can be answered, the form is complete.

    Raises Conflict `case.safety_statement_missing` while the author has not said what was done
    about danger, `case.second_reader_missing` while a second person has to pass it,
    `case.older_rules` when it was checked with rules that have changed since, `case.incomplete`,
    `case.wrong_state`; Forbidden unless a coordinator.
    """
    desk = await open_desk(unit, actor, key, row_version)
    after = await _accept(unit, desk, desk.case)
    saved = await store.save(unit, desk.case, after)
    await unit.commit()
    return saved


async def _accept(unit: Unit, desk: Desk, case: Case) -> Case:
    """Open if need be, then accept. Pressing the button says that the question is answerable."""
    if case.state is CaseState.SUBMITTED:
        case = move(unit, desk, case, Deed.OPEN)
    version = await store.load_version(unit, case.id, case.content_version)
    facts = [Guard.ANSWERABLE, *(await standing(unit, case, version)).facts()]
    facts += attachments.facts(await files.load(unit, case.id))
    if await _is_complete(unit, case, version):
        facts.append(Guard.COMPLETE)
    if case.safety.answered:
        facts.append(Guard.SAFETY_STATED)
    after = move(unit, desk, case, Deed.ACCEPT, *facts)
    unit.publish(CaseAccepted(case.id, case.programme, case.case_no, case.author))
    return replace(after, message="")


async def _is_complete(unit: Unit, case: Case, version: CaseVersion) -> bool:
    """Say whether the stored text still meets the form's rules, signatures apart."""
    if version.answers is None:
        return False
    signed = {kind.value: "yes" for kind in ATTESTATIONS} | {"safety_ack": "yes"}
    form = await form_of(unit, case.programme, version.form_version)
    listed = dict(await choices(unit, case.programme, case.prior_case))
    # What has changed since does not make the case incomplete: a supervisor who has left the
    # programme, a letter amended or erased after its recommendations were answered.
    kept = version.answers.text("supervisor")
    raw = intake.raw_of(version.answers) | signed
    if kept and kept not in {o.value for o in listed["supervisor"]}:
        listed["supervisor"] += (Option(kept, kept),)
    if case.prior_case is not None:
        rows = version.answers.get("advice_status")
        said = [str(row.get("recommendation")) for row in rows] if isinstance(rows, list) else []
        listed[ADVICE] = tuple(Option(one, one) for one in said)
    read = intake.validate(form, raw, year=version.created_at.year, options=listed)
    return isinstance(read, intake.Intake)


async def give_slot(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    session: SessionId,
    item: AgendaItemId | None,
) -> Case:
    """Put an accepted case into a free slot of a session to come.

    Raises what `sessions.api.add_case_to_slot` raises, and Conflict `case.wrong_state`,
    `case.older_rules` and `case.second_reader_missing` as `accept` does, `case.text_erased`
    when an identifier was found in the meantime.
    """
    desk = await open_desk(unit, actor, key, row_version)
    case = desk.case
    # sessions.api refuses a past session and a taken slot itself; reaching the next line means
    # that both guards hold.
    card = await sessions.session_card(unit, session)
    if card.programme.id != case.programme:
        raise Conflict("case.other_programme")
    facts = (Guard.SESSION_PLANNED, Guard.SLOT_FREE, *await ready_facts(unit, case))
    lifecycle.step(case.state, Deed.ASSIGN_SLOT, desk.who, facts)
    filled = await sessions.add_case_to_slot(
        unit,
        actor,
        session=session,
        case=case.id,
        case_no=case.case_no,
        presenter=case.author,
        item=item,
    )
    after = move(unit, desk, case, Deed.ASSIGN_SLOT, *facts)
    placed = replace(after, session=session, agenda_item=filled.id, lost_slot="")
    saved = await store.save(unit, case, placed)
    unit.publish(
        CaseScheduled(
            case.id, case.programme, case.case_no, case.author, session, saved.row_version
        )
    )
    await unit.commit()
    return saved


async def take_slot_back(unit: Unit, actor: Actor, key: str, *, row_version: int) -> Case:
    """Take a scheduled case off its session's agenda; it waits for another slot."""
    desk = await open_desk(unit, actor, key, row_version)
    case = desk.case
    after = move(unit, desk, case, Deed.UNSCHEDULE)
    assert case.session is not None
    await sessions.remove_case_from_slot(unit, actor, session=case.session, case=case.id)
    lost = Lost.TAKEN_BACK.value
    freed = replace(after, session=None, agenda_item=None, lost_slot=lost)
    saved = await store.save(unit, case, freed)
    unit.publish(
        CaseUnscheduled(
            case.id, case.programme, case.case_no, case.author, lost, saved.row_version
        )
    )
    await unit.commit()
    return saved
