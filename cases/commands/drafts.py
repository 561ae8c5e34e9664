"""Keeping a draft: by the button, and on its own while the author writes."""

from dataclasses import dataclass

from cases.commands import submit
from cases.commands.submit import Checked, NotYet, Target, Written
from cases.rules.drafts import DraftState, Origin, Save
from cases.rules.intake import FieldErrors
from cases.rules.models import Case
from cases.store import cases as store
from cases.store import drafts
from server.deid.models import Clear
from server.kit.actor import Actor
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft is saved; `unread` names what could not be read."""

    case: Case
    unread: FieldErrors


@dataclass(frozen=True, slots=True)
class Clash:
    """Another page has saved meanwhile: the draft stays as it is.

    What came too late is among the kept states, unless an identifier holds it back.
    """

    case: Case


async def save_draft(
    unit: Unit, actor: Actor, target: Target, written: Written
) -> Kept | NotYet | Clash:
    """Keep the author's working text on the server, unless an identifier holds it back.

    Raises as `submit.find_case` does.
    """
    case, _ = await submit.find_case(unit, actor, target)
    checked = await _look(unit, written, case)
    if not isinstance(checked.outcome, Clear):
        return await submit.note_held(unit, actor, case, checked, FieldErrors({}))
    return await _keep(unit, actor, target, checked, Origin.SAVED)


async def screen(unit: Unit, actor: Actor, target: Target, written: Written) -> Checked:
    """Read and scan what a page saves on its own, before anybody waits for the database.

    `outcome` Clear: go on with `autosave`; else it stays on the device, without a line in the
    audit: nobody pressed anything. Raises as `submit.find_case` does.
    """
    case, _ = await submit.find_case(unit, actor, target)
    return await _look(unit, written, case)


async def autosave(unit: Unit, actor: Actor, target: Target, checked: Checked) -> Kept | Clash:
    """Keep what `screen` let through.

    A save that arrives twice, or after a later one of the same page, changes nothing. Raises as
    `submit.find_case` does.
    """
    return await _keep(unit, actor, target, checked, Origin.AUTO)


async def _look(unit: Unit, written: Written, case: Case) -> Checked:
    typed = submit.typed_for(written, case)
    return await submit.look(unit, typed, case.programme, case.prior_case)


async def _keep(
    unit: Unit, actor: Actor, target: Target, checked: Checked, origin: Origin
) -> Kept | Clash:
    """Store, keep the state, and write one line of audit for each state, or for the button."""
    assert isinstance(checked.outcome, Clear)
    case, is_new = await submit.find_case(unit, actor, target)
    last = None if is_new else await drafts.last(unit, case.id)
    kept = Kept(case, FieldErrors(checked.read.unread))
    if _came_before(target, last):
        return kept
    screened = submit.screened_case(checked, checked.outcome)
    stale = not is_new and submit.is_stale(target, case, last)
    if stale:
        origin = Origin.ASIDE
    elif is_new:
        await store.insert(unit, case)
        await drafts.note_begun(unit, case.id, target.writer)
    if not stale:
        case = await store.save_draft(unit, case, screened)
    save = Save(origin, target.writer, target.sequence)
    new_state = await drafts.keep(unit, case.id, screened, save)
    if new_state or origin is Origin.SAVED:
        unit.record(
            "case.draft_saved",
            actor=actor.person,
            subject=case.id,
            programme=case.programme,
            how=origin.value,
        )
    await unit.commit()
    return Clash(case) if stale else Kept(case, kept.unread)


def _came_before(target: Target, last: DraftState | None) -> bool:
    return bool(
        last is not None
        and target.sequence
        and target.writer == last.writer
        and target.sequence <= last.sequence
    )
