"""The desk's commands: check, review, return, decline, place. Each runs the real transitions."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cases.commands.submit import FORM
from cases.events import CaseAccepted, CaseReturned, CaseScheduled, CaseUnscheduled
from cases.queries.intake import supervisors
from cases.rules import access, findings, intake, lifecycle
from cases.rules.fields import Option
from cases.rules.findings import Flagged
from cases.rules.form import ATTESTATIONS
from cases.rules.lifecycle import Deed, Guard, Party
from cases.rules.models import Answers, Case, CaseState
from cases.store import cases as store
from server.deid import detect, verdict
from server.deid.models import Held
from server.kit.actor import Actor
from server.kit.errors import Conflict, Invalid
from server.kit.ids import AgendaItemId, SessionId
from server.kit.text import clean_text
from server.store.unit import Unit
from sessions import api as sessions

CLEAR = "clear"
IDENTIFIER = "identifier"
SHORTEST_WORDS = 5
LONGEST_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Desk:
    """A case at the desk, with who acts on it in which capacities."""

    actor: Actor
    case: Case
    who: frozenset[Party]


async def _desk(unit: Unit, actor: Actor, key: str, row_version: int) -> Desk:
    """Load a case for the desk; NotFound for outsiders, Conflict `stale` when it moved on."""
    case = await store.load(unit, key)
    access.ensure_checker(actor, case)
    if case.row_version != row_version:
        raise Conflict("stale")
    return Desk(actor, case, access.parties(actor, case))


async def _move(
    unit: Unit, desk: Desk, case: Case, deed: Deed, *facts: Guard, **facts_for_audit: int | str
) -> Case:
    """Run one transition and record it; the caller publishes and commits."""
    state = lifecycle.step(case.state, deed, desk.who, facts)
    unit.record(
        f"case.{deed.value}",
        actor=desk.actor.person,
        subject=case.id,
        programme=case.programme,
        version=case.content_version,
        **facts_for_audit,
    )
    return replace(case, state=state, state_at=unit.now)


async def pass_check(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    verdicts: Mapping[str, str],
    then_accept: bool = False,
) -> Case:
    """Let a case through the identifier check, and with `then_accept` into the programme.

    `verdicts` gives `clear` for every finding of the stored text as today's rules read it; one
    missing or `identifier` raises Conflict `case.warnings_unresolved`. Accepting runs the real
    steps phi_check → submitted → in_review → accepted and may refuse as `accept` does; then
    nothing is changed.
    """
    desk = await _desk(unit, actor, key, row_version)
    case = desk.case
    flagged = await _flagged(unit, case)
    resolved = all(verdicts.get(f.key) == CLEAR for f in flagged)
    facts = (Guard.WARNINGS_RESOLVED,) if resolved else ()
    after = await _move(unit, desk, case, Deed.PASS, *facts, findings=len(flagged))
    made = findings.decisions(
        flagged, {f.key: CLEAR for f in flagged}, desk.actor.person, unit.now
    )
    store.add_decisions(unit, case.id, case.content_version, made)
    await store.mark_checked(unit, case.id, case.content_version, actor.person)
    if then_accept:
        after = await _accept(unit, desk, after)
    saved = await store.save(unit, case, after)
    await unit.commit()
    return saved


async def _flagged(unit: Unit, case: Case) -> tuple[Flagged, ...]:
    version = await store.load_version(unit, case.id, case.content_version)
    if version.answers is None:
        raise Conflict("case.wrong_state")
    texts = intake.texts(FORM, version.answers)
    results = await asyncio.to_thread(detect.scan_fields, texts, "en", unit.now.date())
    return findings.flag(texts, results)


async def accept(unit: Unit, actor: Actor, key: str, *, row_version: int) -> Case:
    """Accept a checked case: the question can be answered, the form is complete.

    Raises Conflict `case.safety_statement_missing` while the author has not said what was done
    about danger, `case.incomplete`, `case.wrong_state`; Forbidden unless a coordinator.
    """
    desk = await _desk(unit, actor, key, row_version)
    after = await _accept(unit, desk, desk.case)
    saved = await store.save(unit, desk.case, after)
    await unit.commit()
    return saved


async def _accept(unit: Unit, desk: Desk, case: Case) -> Case:
    """Open if need be, then accept. Pressing the button says that the question is answerable."""
    if case.state is CaseState.SUBMITTED:
        case = await _move(unit, desk, case, Deed.OPEN)
    facts = [Guard.ANSWERABLE]
    if await _is_complete(unit, case):
        facts.append(Guard.COMPLETE)
    if case.safety.answered:
        facts.append(Guard.SAFETY_STATED)
    after = await _move(unit, desk, case, Deed.ACCEPT, *facts)
    unit.publish(CaseAccepted(case.id, case.programme, case.case_no, case.author))
    return replace(after, message="")


async def _is_complete(unit: Unit, case: Case) -> bool:
    """Say whether the stored text still meets the form's rules, signatures apart."""
    version = await store.load_version(unit, case.id, case.content_version)
    if version.answers is None:
        return False
    signed = {kind.value: "yes" for kind in ATTESTATIONS} | {"safety_ack": "yes"}
    people = {"supervisor": await supervisors(unit, case.programme)}
    # A supervisor who has since left the programme does not make the case incomplete.
    kept = version.answers.text("supervisor")
    raw = intake.raw_of(version.answers) | signed
    if kept and kept not in {o.value for o in people["supervisor"]}:
        people["supervisor"] += (Option(kept, kept),)
    read = intake.validate(FORM, raw, year=version.created_at.year, options=people)
    return isinstance(read, intake.Intake)


def _words(text: str) -> str:
    """Return a comment or reason, tidied; Invalid when too short or long to help."""
    tidy = clean_text(text)
    if not SHORTEST_WORDS <= len(tidy) <= LONGEST_WORDS:
        raise Invalid("case.reason_needed", {"words": "case.reason_needed"})
    return tidy


async def return_case(
    unit: Unit, actor: Actor, key: str, *, row_version: int, comments: str
) -> Case | Held:
    """Send a checked case back for changes, with comments the author sees.

    The author's next submission goes through the identifier check again. Returns Held when the
    comments themselves hold an identifier; then nothing is stored.
    """
    desk = await _desk(unit, actor, key, row_version)
    case = desk.case
    screened = verdict.screen_line(_words(comments), today=unit.now.date())
    if isinstance(screened, Held):
        return screened
    if case.state is CaseState.SUBMITTED:
        case = await _move(unit, desk, case, Deed.OPEN)
    after = await _move(unit, desk, case, Deed.RETURN, Guard.COMMENTS)
    saved = await store.save(unit, desk.case, replace(after, message=screened.text))
    _tell_author(unit, case, "needs_changes")
    await unit.commit()
    return saved


async def decline(
    unit: Unit, actor: Actor, key: str, *, row_version: int, reason: str
) -> Case | Held:
    """Decline a case with a reason the author sees; Held as in `return_case`."""
    desk = await _desk(unit, actor, key, row_version)
    case = desk.case
    screened = verdict.screen_line(_words(reason), today=unit.now.date())
    if isinstance(screened, Held):
        return screened
    if case.state is CaseState.SUBMITTED:
        case = await _move(unit, desk, case, Deed.OPEN)
    after = await _move(unit, desk, case, Deed.DECLINE, Guard.REASON)
    saved = await store.save(unit, desk.case, replace(after, message=screened.text))
    _tell_author(unit, case, "declined")
    await unit.commit()
    return saved


async def reject(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    reason: str,
    erase: frozenset[str] = frozenset(),
) -> Case | Held:
    """Fail the identifier check: the case becomes the author's draft again, hidden from others.

    `erase` names the texts that hold an identifier: the frozen version is purged (a tombstone
    remains) and the author's draft keeps everything but those. Unknown paths raise Invalid.
    """
    desk = await _desk(unit, actor, key, row_version)
    case = desk.case
    screened = verdict.screen_line(_words(reason), today=unit.now.date())
    if isinstance(screened, Held):
        return screened
    version = await store.load_version(unit, case.id, case.content_version)
    answers = version.answers or Answers({})
    if not erase <= frozenset(intake.texts(FORM, answers)):
        raise Invalid("case.erase_unknown")
    after = await _move(unit, desk, case, Deed.REJECT, Guard.REASON, erased=len(erase))
    question = "" if "main_question" in erase else case.main_question
    saved = await store.save(
        unit, case, replace(after, message=screened.text, main_question=question)
    )
    if erase:
        await store.purge(unit, case.id, actor.person)
    saved = await store.set_draft(unit, saved, intake.without_texts(FORM, answers, erase))
    _tell_author(unit, case, "rejected")
    await unit.commit()
    return saved


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

    Raises what `sessions.api.add_case_to_slot` raises, and Conflict `case.wrong_state`.
    """
    desk = await _desk(unit, actor, key, row_version)
    case = desk.case
    # sessions.api refuses a past session and a taken slot itself; reaching the next line means
    # that both guards hold.
    card = await sessions.session_card(unit, session)
    if card.programme.id != case.programme:
        raise Conflict("case.other_programme")
    lifecycle.step(
        case.state, Deed.ASSIGN_SLOT, desk.who, (Guard.SESSION_PLANNED, Guard.SLOT_FREE)
    )
    filled = await sessions.add_case_to_slot(
        unit,
        actor,
        session=session,
        case=case.id,
        case_no=case.case_no,
        presenter=case.author,
        item=item,
    )
    after = await _move(unit, desk, case, Deed.ASSIGN_SLOT, Guard.SESSION_PLANNED, Guard.SLOT_FREE)
    saved = await store.save(unit, case, replace(after, session=session, agenda_item=filled.id))
    unit.publish(CaseScheduled(case.id, case.programme, case.case_no, case.author, session))
    await unit.commit()
    return saved


def _tell_author(unit: Unit, case: Case, outcome: str) -> None:
    unit.publish(
        CaseReturned(
            case.id, case.programme, case.case_no, case.author, outcome, case.content_version
        )
    )


async def take_slot_back(unit: Unit, actor: Actor, key: str, *, row_version: int) -> Case:
    """Take a scheduled case off its session's agenda; it waits for another slot."""
    desk = await _desk(unit, actor, key, row_version)
    case = desk.case
    after = await _move(unit, desk, case, Deed.UNSCHEDULE)
    assert case.session is not None
    await sessions.remove_case_from_slot(unit, actor, session=case.session, case=case.id)
    saved = await store.save(unit, case, replace(after, session=None, agenda_item=None))
    unit.publish(CaseUnscheduled(case.id, case.programme, case.case_no, case.author, "taken_back"))
    await unit.commit()
    return saved
