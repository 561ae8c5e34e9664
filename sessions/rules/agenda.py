"""The agenda: phase templates of domain.md §3, placing and removing items, the clock of a session.

Items follow each other by position, so they cannot overlap; their sum may not exceed the planned
length of the session, so they cannot overflow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.kit.errors import Conflict, Invalid, NotFound
from server.kit.ids import AgendaItemId, CaseId, PersonId
from server.kit.text import clean_line
from sessions.rules.models import (
    AgendaItem,
    ItemKind,
    Phase,
    PhaseKind,
    Session,
    SessionState,
    Template,
)

LABEL_MAX = 120
"""Longest topic of a didactic, in characters."""

FOLLOW_UP_MINUTES = 5
"""Length of the follow-up slot of T60-1 (domain.md §3)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One phase template in minutes; `cases` are the lengths of its case slots."""

    welcome: int
    intro: int
    didactic: int
    qa: int
    cases: tuple[int, ...]
    closing: int
    evaluation: int

    @property
    def minutes(self) -> int:
        """Return the length of a session planned this way."""
        didactic = self.welcome + self.intro + self.didactic + self.qa
        return didactic + sum(self.cases) + self.closing + self.evaluation


PLANS = {
    Template.T60_2: Plan(2, 3, 12, 3, (17, 17), 4, 2),
    Template.T60_1: Plan(2, 3, 15, 5, (25, FOLLOW_UP_MINUTES), 3, 2),
    Template.T90_3: Plan(3, 5, 15, 5, (18, 18, 18), 5, 3),
}
"""The table of domain.md §3, row by row."""

CASE_PHASES = (
    PhaseKind.PRESENTATION,
    PhaseKind.CLARIFY_SPOKES,
    PhaseKind.CLARIFY_HUB,
    PhaseKind.RECOMMEND_SPOKES,
    PhaseKind.RECOMMEND_HUB,
    PhaseKind.SUMMARY,
)
"""The order within one case: spokes speak before the hub, twice (domain.md, invariant 5)."""

CASE_SPLITS = {
    17: (4, 3, 2, 3, 4, 1),
    18: (4, 3, 2, 4, 4, 1),
    25: (6, 4, 3, 4, 6, 2),
    # The handbook gives the follow-up slot no split. Ours [P]: the presenter tells how it went,
    # each side says one thing, the facilitator sums up; nobody clarifies for long.
    FOLLOW_UP_MINUTES: (1, 0, 0, 1, 2, 1),
}
"""Minutes per phase of CASE_PHASES, by the length of the slot (domain.md §3); 0 leaves it out."""

_SINGLE_PHASE = {
    ItemKind.WELCOME: PhaseKind.WELCOME,
    ItemKind.INTRO: PhaseKind.INTRO,
    ItemKind.DIDACTIC: PhaseKind.DIDACTIC,
    ItemKind.QA: PhaseKind.DIDACTIC_QA,
    ItemKind.CLOSING: PhaseKind.CLOSING,
    ItemKind.EVALUATION: PhaseKind.EVALUATION,
}

_CHANGEABLE = frozenset({SessionState.PLANNED, SessionState.OPEN})


def length(template: Template) -> timedelta:
    """Return how long a session with this template is planned to last."""
    return timedelta(minutes=PLANS[template].minutes)


def from_template(
    template: Template, cases_first: bool, new_id: Callable[[], AgendaItemId]
) -> tuple[AgendaItem, ...]:
    """Return the agenda a new session starts with; every case slot is free."""
    plan = PLANS[template]
    didactic = [(ItemKind.DIDACTIC, plan.didactic), (ItemKind.QA, plan.qa)]
    cases = [(ItemKind.CASE_SLOT, minutes) for minutes in plan.cases]
    middle = cases + didactic if cases_first else didactic + cases
    entries = [
        (ItemKind.WELCOME, plan.welcome),
        (ItemKind.INTRO, plan.intro),
        *middle,
        (ItemKind.CLOSING, plan.closing),
        (ItemKind.EVALUATION, plan.evaluation),
    ]
    return tuple(
        AgendaItem(id=new_id(), kind=kind, minutes=minutes, position=position)
        for position, (kind, minutes) in enumerate(entries)
    )


def phases(session: Session) -> tuple[Phase, ...]:
    """Return the ordered phase plan of a session, as the live room walks through it.

    A free case slot has its phases too: the plan does not depend on who presents, a practice
    session can be walked through, and the facilitator skips what is not needed.
    """
    plan: list[Phase] = []
    minute = 0
    for item in session.agenda:
        for kind, minutes in _split(item):
            plan.append(Phase(f"{item.id}.{kind}", kind, item.id, minutes, minute))
            minute += minutes
    return tuple(plan)


def _split(item: AgendaItem) -> list[tuple[PhaseKind, int]]:
    if item.kind is not ItemKind.CASE_SLOT:
        return [(_SINGLE_PHASE[item.kind], item.minutes)]
    split = CASE_SPLITS[item.minutes]
    return [(k, m) for k, m in zip(CASE_PHASES, split, strict=True) if m]


@dataclass(frozen=True, slots=True)
class Timed:
    """An agenda item with its planned instants (UTC)."""

    item: AgendaItem
    starts_at: datetime
    ends_at: datetime


def clock_out(session: Session) -> tuple[Timed, ...]:
    """Return every agenda item with the instants at which it is planned to start and end."""
    at = session.starts_at
    timed = []
    for item in session.agenda:
        ends = at + timedelta(minutes=item.minutes)
        timed.append(Timed(item, at, ends))
        at = ends
    return tuple(timed)


def spare_minutes(session: Session) -> int:
    """Return the planned minutes that no item uses."""
    planned = (session.ends_at - session.starts_at) // timedelta(minutes=1)
    return planned - sum(i.minutes for i in session.agenda)


def place(session: Session, item: AgendaItem) -> Session:
    """Insert `item` at its position (clamped to the agenda); later items move down.

    Raises Conflict `agenda.closed` once the session is live, `agenda.full` when the minutes do
    not fit, Invalid when the minutes suit no item of this kind.
    """
    _open_for_changes(session)
    if item.kind is ItemKind.CASE_SLOT and item.minutes not in CASE_SPLITS:
        raise Invalid("invalid", {"minutes": "agenda.case_minutes"})
    if item.minutes < 1:
        raise Invalid("invalid", {"minutes": "agenda.minutes"})
    if item.minutes > spare_minutes(session):
        raise Conflict("agenda.full")
    position = max(0, min(item.position, len(session.agenda)))
    items = [*session.agenda[:position], item, *session.agenda[position:]]
    return replace(session, agenda=_numbered(items))


def move(session: Session, item_id: AgendaItemId, position: int) -> Session:
    """Move one item to `position` (clamped); the others keep their order."""
    _open_for_changes(session)
    item = find(session, item_id)
    others = [i for i in session.agenda if i.id != item_id]
    position = max(0, min(position, len(others)))
    return replace(session, agenda=_numbered([*others[:position], item, *others[position:]]))


def remove(session: Session, item_id: AgendaItemId) -> Session:
    """Take one item out; a slot that holds a case must be freed first (`agenda.slot_taken`)."""
    _open_for_changes(session)
    if find(session, item_id).ref is not None:
        raise Conflict("agenda.slot_taken")
    return replace(session, agenda=_numbered(i for i in session.agenda if i.id != item_id))


def describe(
    session: Session, item_id: AgendaItemId, topic: str, presenter: PersonId | None
) -> Session:
    """Set topic and speaker of a didactic; other items carry no topic (`agenda.no_topic`)."""
    _open_for_changes(session)
    if find(session, item_id).kind is not ItemKind.DIDACTIC:
        raise Conflict("agenda.no_topic")
    topic = clean_line(topic)
    if len(topic) > LABEL_MAX:
        raise Invalid("invalid", {"topic": "too_long"})
    return _with(session, item_id, label=topic, presenter=presenter)


def fill_slot(
    session: Session,
    case: CaseId,
    case_no: str,
    presenter: PersonId,
    item_id: AgendaItemId | None = None,
) -> tuple[Session, AgendaItem]:
    """Put a case into `item_id`, or into the first free slot; return session and filled item.

    Raises Conflict `agenda.closed`, `agenda.case_twice` when the case is already on this agenda,
    `agenda.slot_taken` when the slot is not free, `agenda.no_free_slot` when none is.
    """
    _open_for_changes(session)
    if any(i.ref == case for i in session.agenda):
        raise Conflict("agenda.case_twice")
    if item_id is None:
        slot = next((i for i in session.agenda if i.is_free_slot), None)
        if slot is None:
            raise Conflict("agenda.no_free_slot")
    else:
        slot = find(session, item_id)
        if not slot.is_free_slot:
            raise Conflict("agenda.slot_taken")
    changed = _with(session, slot.id, ref=case, label=case_no, presenter=presenter)
    return changed, find(changed, slot.id)


def free_slot(session: Session, case: CaseId) -> Session:
    """Take a case out of its slot. Raises NotFound when it is not here, Conflict once presented."""
    slot = next((i for i in session.agenda if i.ref == case), None)
    if slot is None:
        raise NotFound
    if slot.presented_at is not None:
        raise Conflict("agenda.presented")
    return _with(session, slot.id, ref=None, label="", presenter=None)


def mark_presented(session: Session, item_id: AgendaItemId, now: datetime) -> Session:
    """Note that the case in a slot was presented; a second time changes nothing.

    Raises Conflict `session.not_live` outside a live session, `agenda.no_case` on a free slot.
    """
    item = find(session, item_id)
    if item.presented_at is not None:
        return session
    if session.state is not SessionState.LIVE:
        raise Conflict("session.not_live")
    if item.ref is None:
        raise Conflict("agenda.no_case")
    return _with(session, item_id, presented_at=now)


def note_letter(session: Session, case: CaseId, now: datetime) -> Session:
    """Note that the letter of a case presented here was signed; only the first version counts.

    A session where the case was not presented is returned as it is.
    """
    slot = next((i for i in session.agenda if i.ref == case and i.presented_at), None)
    if slot is None or slot.letter_at is not None:
        return session
    return _with(session, slot.id, letter_at=now)


def find(session: Session, item_id: AgendaItemId) -> AgendaItem:
    """Return the item with this id or raise NotFound."""
    item = session.item(item_id)
    if item is None:
        raise NotFound
    return item


def _with(session: Session, item_id: AgendaItemId, **changes: object) -> Session:
    items = (replace(i, **changes) if i.id == item_id else i for i in session.agenda)  # type: ignore[arg-type]
    return replace(session, agenda=tuple(items))


def _numbered(items: Iterable[AgendaItem]) -> tuple[AgendaItem, ...]:
    return tuple(replace(i, position=n) for n, i in enumerate(items))


def _open_for_changes(session: Session) -> None:
    if session.state not in _CHANGEABLE:
        raise Conflict("agenda.closed")
