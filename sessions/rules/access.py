"""Who may do what with programmes and sessions (domain.md §2); pure on the actor.

`may_see_*` false means NotFound at the call: the asker may not learn that it exists. Every other
false means Forbidden.
"""

from datetime import datetime

from server.kit.actor import Actor, Lane, Permission, Role
from server.kit.ids import AgendaItemId, PersonId, ProgrammeId
from sessions.rules import lifecycle
from sessions.rules.models import Capture, Programme, Session

_READS_ATTENDANCE = frozenset({Role.EVALUATOR, Role.CE_OFFICER})


def may_see_programme(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether the programme and its schedule may be seen."""
    return actor.can(Permission.SCHEDULE_READ, programme)


def may_see_agenda(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether case numbers, speakers and free slots may be seen; learners see titles only."""
    if not may_see_programme(actor, programme):
        return False
    roles = actor.roles_in(programme)
    return not roles or bool(roles - {Role.LEARNER})


def may_create_programme(actor: Actor) -> bool:
    """Say whether a new programme may be founded (coordinators, platform administrators)."""
    return actor.can_somewhere(Permission.PROGRAMME_CREATE)


def may_manage_schedule(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether series, sessions and agendas may be changed."""
    return actor.can(Permission.SCHEDULE_MANAGE, programme)


def may_manage_series(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether series may be added (domain.md §2: director, coordinator, administrator)."""
    return actor.can(Permission.PROGRAMME_MANAGE, programme)


def may_fill_slots(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether cases may be put into slots and taken out."""
    return actor.can(Permission.CASE_SLOT, programme)


def may_facilitate(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether the room may be opened, started, moved through its phases and ended."""
    return actor.can(Permission.SESSION_RUN, programme)


def may_wrap(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether a session may be wrapped: by those who see that its letters go out (§2)."""
    return actor.can(Permission.RECOMMENDATION_DRAFT, programme)


def may_enter(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether sessions of the programme may be attended at all, whatever their state."""
    return actor.can(Permission.SESSION_JOIN, programme)


def may_join(actor: Actor, session: Session, now: datetime) -> bool:
    """Say whether the actor may come into the room now."""
    return may_enter(actor, session.programme) and lifecycle.is_joinable(session, now)


def may_present(actor: Actor, session: Session, item_id: AgendaItemId) -> bool:
    """Say whether the actor is the one who presents this item."""
    item = session.item(item_id)
    return (
        item is not None and item.presenter == actor.person and may_enter(actor, session.programme)
    )


def may_see_case(actor: Actor, programme: Programme) -> bool:
    """Say whether the case sheet may be shown to the actor during a session."""
    if actor.can(Permission.CASE_READ_SESSION, programme.id):
        return True
    if actor.can(Permission.CASE_READ_CLEARED, programme.id):
        return True
    is_learner = Role.LEARNER in actor.roles_in(programme.id)
    return programme.learner_sees_case and is_learner and may_enter(actor, programme.id)


def may_see_roster(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether everybody's attendance may be seen; one's own always may."""
    if may_facilitate(actor, programme):
        return True
    return bool(actor.roles_in(programme) & _READS_ATTENDANCE)


def may_capture(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether recommendation lines may be captured."""
    return actor.can(Permission.RECOMMENDATION_CAPTURE, programme)


def may_capture_for(actor: Actor, programme: ProgrammeId, speaker: PersonId) -> bool:
    """Say whether what `speaker` said may be captured: spokes and advisers note their own words."""
    if not may_capture(actor, programme):
        return False
    return actor.lane_in(programme) is Lane.HUB or speaker == actor.person


def may_edit_capture(actor: Actor, programme: ProgrammeId, capture: Capture) -> bool:
    """Say whether this line may be changed: the staff's right, and hub specialists' on their own."""
    if actor.can(Permission.RECOMMENDATION_EDIT, programme):
        return True
    own = capture.author == actor.person
    return own and Role.HUB_SPECIALIST in actor.roles_in(programme)


def may_merge_captures(actor: Actor, programme: ProgrammeId) -> bool:
    """Say whether duplicate lines may be merged."""
    return actor.can(Permission.RECOMMENDATION_EDIT, programme)
