"""An identifier found in a case that no author writes any more: its texts go, everywhere at once.

What remains are tombstones (domain.md, invariant 4): of each version and each letter its hash, who
erased it and when; of the entry in the library its number. Decision 0020 says why so much.
"""

from dataclasses import replace

from cases.commands.desk import Desk, move, open_desk, record, session_facts
from cases.events import CaseErased, EntryRetracted
from cases.rules import erasing, publication
from cases.rules.lifecycle import Deed, Guard
from cases.rules.models import Case
from cases.rules.publication import Act, Capacity, EntryState
from cases.store import cases as store
from cases.store import library
from cases.store import recommendations as advice
from server.kit.actor import Actor
from server.store.unit import Unit
from sessions import api as sessions


async def purge(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    reason: str,
    keep_advice: bool = False,
) -> Case:
    """Erase every text of a case where it stands: declined, presented or later, or live now.

    With it go its main question, what the desk wrote, the server's draft, the entry in the
    library and what search knows of it; unless `keep_advice`, also the captured lines, the
    recommendations and the letters. The state stays, so that nothing that is due is forgotten.
    Commits.

    Raises NotFound and Forbidden as the desk does, Conflict `stale`, `case.wrong_state` where the
    author can still write (`send_back` is for that), `case.session_not_live` for a case that waits
    for its session, Invalid `case.erase_reason`.
    """
    desk = await open_desk(unit, actor, key, row_version)
    erasing.ensure_reason(reason)
    case = desk.case
    version = await store.load_version(unit, case.id, case.content_version)
    around = await session_facts(unit, case)
    after = move(unit, desk, case, Deed.PURGE, Guard.REASON, *around, reason=reason)
    # What is due counts from when the case came to where it is, not from today.
    saved = await store.save(
        unit,
        case,
        replace(
            after, state_at=case.state_at, main_question="", message="", publication_veto=True
        ),
    )
    counted: dict[str, int | str] = {
        "versions": await store.purge(unit, case.id, actor.person),
        "content_hash": version.content_hash,
    }
    saved = await store.set_draft(unit, saved, None)
    if not keep_advice:
        counted["letters"] = await advice.purge(unit, case.id, actor.person)
        counted["lines"] = await sessions.erase_captures(unit, case.id)
    record(unit, desk, case, "purged", counted)
    await _out_of_the_library(unit, desk)
    unit.publish(
        CaseErased(
            case.id,
            case.programme,
            case.case_no,
            case.author,
            case.session if case.session and Guard.SESSION_LIVE in around else "",
            saved.row_version,
        )
    )
    await unit.commit()
    return saved


async def _out_of_the_library(unit: Unit, desk: Desk) -> None:
    """Retract the case's entry and erase its texts; the event takes it out of the index."""
    entry = await library.of_case(unit, desk.case.id)
    if entry is None:
        return
    if entry.state is not EntryState.RETRACTED:
        state = publication.step(entry.state, Act.RETRACT, frozenset({Capacity.SYSTEM}))
        entry = await library.save(unit, entry, replace(entry, state=state))
        unit.record(
            "library.retracted",
            actor=desk.actor.person,
            subject=entry.id,
            programme=entry.programme,
            letter_version=entry.version,
        )
    await library.erase(unit, entry)
    unit.publish(EntryRetracted(entry.id, entry.case))
