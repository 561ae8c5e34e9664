"""Capture what is recommended while it is said: lines with speaker, lane and case clock."""

from dataclasses import dataclass, replace

from server.deid.models import ScreenedText
from server.kit.actor import Actor, Lane
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import AgendaItemId, CaptureId, PersonId, SessionId, new_id
from server.store.unit import Unit
from sessions.commands.loading import check, session_for
from sessions.events import RecommendationCaptured
from sessions.rules import access, lifecycle
from sessions.rules import captures as rules
from sessions.rules.models import Capture, ProblemArea, Session
from sessions.store import captures, sessions


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line as the scribe enters it.

    `at_ms` is milliseconds on the case clock; `lane` is the speaker's side; `id` lets a caller
    that may have to repeat itself name the line, so that the repetition changes nothing.
    """

    session: SessionId
    item: AgendaItemId
    speaker: PersonId
    lane: Lane
    problem_area: ProblemArea
    text: ScreenedText
    at_ms: int
    id: CaptureId | None = None


@dataclass(frozen=True, slots=True)
class LineChange:
    """What to change about a line; None leaves it as it is."""

    text: ScreenedText | None = None
    problem_area: ProblemArea | None = None
    speaker: PersonId | None = None
    lane: Lane | None = None


async def capture_line(unit: Unit, actor: Actor, new: NewLine) -> Capture:
    """Save one line, live or within 24 hours of the end (domain.md §6.2).

    Raises Forbidden when the actor may not capture (spokes: only what they said themselves),
    Conflict `capture.closed` outside the window, `capture.no_case` outside a case slot.
    """
    session = await session_for(unit, actor, new.session, access.may_capture)
    if not access.may_capture_for(actor, session.programme, new.speaker):
        raise Forbidden
    _window(session, unit)
    capture = Capture(
        id=new.id or CaptureId(new_id(unit.now)),
        session=session.id,
        item=new.item,
        author=actor.person,
        speaker=new.speaker,
        lane=new.lane,
        problem_area=new.problem_area,
        text=new.text.text,
        at_ms=new.at_ms,
        created_at=unit.now,
    )
    rules.check_text(capture.text)
    rules.check_place(session, capture)
    there = (await captures.load_many(unit, [capture.id])).get(capture.id)
    if there is not None:
        if (there.session, there.author) != (capture.session, capture.author):
            raise Conflict("capture.taken")
        return there
    await captures.insert(unit, capture, new.text)
    item = session.item(capture.item)
    unit.publish(
        RecommendationCaptured(
            session_id=session.id,
            programme_id=session.programme,
            item_id=capture.item,
            case_id=item.ref if item else None,
            capture_id=capture.id,
        )
    )
    _record(unit, actor, session, "capture.added", capture.id, characters=len(capture.text))
    return capture


async def edit_line(
    unit: Unit, actor: Actor, capture_id: CaptureId, version: int, change: LineChange
) -> Capture:
    """Change a line that has `version`; Conflict `stale` when somebody else was faster."""
    before, session = await _editable(unit, actor, capture_id)
    after = replace(
        before,
        problem_area=change.problem_area or before.problem_area,
        speaker=change.speaker or before.speaker,
        lane=change.lane or before.lane,
    )
    if change.text is not None:
        rules.check_text(change.text.text)
    saved = await captures.save(unit, after, change.text, version)
    _record(unit, actor, session, "capture.edited", capture_id, characters=len(saved.text))
    return saved


async def merge_lines(unit: Unit, actor: Actor, into: CaptureId, duplicate: CaptureId) -> Capture:
    """Make `duplicate` an attribution of `into`; return the merged line. Both stay stored."""
    found = await captures.load_many(unit, [into, duplicate])
    if into not in found or duplicate not in found:
        raise NotFound
    session = await sessions.load(unit, found[into].session)
    check(actor, session.programme, access.may_merge_captures)
    _window(session, unit)
    merged = rules.merge(found[into], found[duplicate])
    saved = await captures.save(unit, merged, None, merged.version)
    _record(unit, actor, session, "capture.merged", duplicate, into=into)
    return saved


async def _editable(unit: Unit, actor: Actor, capture_id: CaptureId) -> tuple[Capture, Session]:
    found = (await captures.load_many(unit, [capture_id])).get(capture_id)
    if found is None:
        raise NotFound
    session = await sessions.load(unit, found.session)
    check(actor, session.programme, access.may_enter)
    if not access.may_edit_capture(actor, session.programme, found):
        raise Forbidden
    _window(session, unit)
    return found, session


def _window(session: Session, unit: Unit) -> None:
    if not lifecycle.is_capturable(session, unit.now):
        raise Conflict("capture.closed")


def _record(
    unit: Unit,
    actor: Actor,
    session: Session,
    action: str,
    capture_id: CaptureId,
    **facts: str | int | bool,
) -> None:
    unit.record(
        action,
        actor=actor.person,
        subject=capture_id,
        programme=session.programme,
        session=session.id,
        **facts,
    )
