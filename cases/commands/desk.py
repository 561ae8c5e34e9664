"""What every command of the desk begins with: the case, who acts on it, and the step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cases.events import CaseReturned
from cases.rules import access, lifecycle, passes
from cases.rules.lifecycle import Deed, Guard, Party
from cases.rules.models import Case, CaseVersion
from cases.rules.passes import Standing
from cases.store import cases as store
from cases.store import desk as notes
from server.deid.load import ruleset
from server.kit.actor import Actor
from server.kit.errors import Conflict
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import SessionState


@dataclass(frozen=True, slots=True)
class Desk:
    """A case at the desk, with who acts on it in which capacities."""

    actor: Actor
    case: Case
    who: frozenset[Party]


async def open_desk(unit: Unit, actor: Actor, key: str, row_version: int) -> Desk:
    """Load a case for the desk; NotFound for outsiders, Conflict `stale` when it moved on."""
    case = await store.load(unit, key)
    access.ensure_checker(actor, case)
    if case.row_version != row_version:
        raise Conflict("stale")
    return Desk(actor, case, access.parties(actor, case))


def move(
    unit: Unit, desk: Desk, case: Case, deed: Deed, *facts: Guard, **facts_for_audit: int | str
) -> Case:
    """Run one transition and record it; the caller publishes and commits."""
    state = lifecycle.step(case.state, deed, desk.who, facts)
    record(unit, desk, case, deed.value, facts_for_audit)
    return replace(case, state=state, state_at=unit.now)


def record(
    unit: Unit, desk: Desk, case: Case, what: str, facts: Mapping[str, int | str] = {}
) -> None:
    """Record a deed of the desk in the audit: counts, codes and hashes only."""
    unit.record(
        f"case.{what}",
        actor=desk.actor.person,
        subject=case.id,
        programme=case.programme,
        version=case.content_version,
        **facts,
    )


async def session_facts(unit: Unit, case: Case) -> tuple[Guard, ...]:
    """Return the guards that hold because of where the case's session stands."""
    if case.session is None:
        return ()
    state = (await sessions.session_card(unit, case.session)).session.state
    if state is SessionState.LIVE:
        return (Guard.SESSION_LIVE,)
    if state in (SessionState.PLANNED, SessionState.OPEN):
        return (Guard.SESSION_TO_COME,)
    return ()


async def standing(unit: Unit, case: Case, version: CaseVersion) -> Standing:
    """Weigh the passes of a case's latest text with the rules of today."""
    found = await notes.load_passes(unit, [case.id])
    return passes.standing(
        found.get(case.id, ()),
        content_hash=version.content_hash,
        ruleset=ruleset().version,
        year=unit.now.year,
        reasons=case.second_reasons,
        author=case.author,
    )


async def ready_facts(unit: Unit, case: Case) -> tuple[Guard, ...]:
    """Return what holds of an accepted case today: its text is there, its passes are enough."""
    version = await store.load_version(unit, case.id, case.content_version)
    there = (Guard.TEXT_THERE,) if version.answers is not None else ()
    return (*there, *(await standing(unit, case, version)).facts())


def tell_author(unit: Unit, case: Case, outcome: str) -> None:
    """Publish what became of a case, for its author."""
    unit.publish(
        CaseReturned(
            case.id, case.programme, case.case_no, case.author, outcome, case.content_version
        )
    )
