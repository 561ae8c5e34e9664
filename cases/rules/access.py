"""Who may see a case, and in what capacity they act on it (domain.md §2).

Three rings, widening as a human has looked: the author; then coordinator and director; then,
once accepted, the hub; and registered spokes from its session on. Learners see published
versions only, and this feature publishes none yet.
"""

from dataclasses import dataclass
from enum import StrEnum

from cases.rules.lifecycle import Party
from cases.rules.models import Case, CaseState
from server.kit.actor import Actor, Permission, Role
from server.kit.errors import Forbidden, NotFound
from server.kit.ids import ProgrammeId

S = CaseState

DESK_STATES = frozenset({S.PHI_CHECK, S.SUBMITTED, S.IN_REVIEW, S.NEEDS_CHANGES, S.DECLINED})
"""Frozen but not cleared: the desk's alone, besides the author."""

CLEARED_STATES = frozenset({S.ACCEPTED, S.SCHEDULED, S.CONVERTED})
"""Cleared, its session still to come."""

PRESENTED_STATES = frozenset(
    {S.PRESENTED, S.RECS_DRAFTED, S.RECS_ISSUED, S.FOLLOWUP_DUE, S.FOLLOWED_UP, S.CLOSED}
)
"""In or after the session."""


class Audience(StrEnum):
    """Who can see a case right now, as the line under its number says it."""

    AUTHOR = "author"
    DESK = "desk"
    HUB = "hub"
    HUB_ALONE = "hub_alone"
    """An e-consult: no session comes in which colleagues hear it."""
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True)
class Subject:
    """The facts about a case that decide who sees it.

    `live`: its session is running now. `learners`: the programme lets learners watch a case
    while its session runs (domain.md §3); afterwards they see nothing until it is published.
    """

    case: Case
    live: bool = False
    learners: bool = False


def audience(subject: Subject) -> Audience:
    """Return the ring a case stands in."""
    state = subject.case.state
    if state in PRESENTED_STATES | {S.CONVERTED} and subject.case.converted_at is not None:
        return Audience.HUB_ALONE
    if state in PRESENTED_STATES or (state == S.SCHEDULED and subject.live):
        return Audience.REGISTERED
    if state in CLEARED_STATES:
        return Audience.HUB
    if state in DESK_STATES:
        return Audience.DESK
    return Audience.AUTHOR


def may_see(actor: Actor, subject: Subject) -> bool:
    """Say whether `actor` may read the case's latest frozen text."""
    case = subject.case
    if actor.person == case.author:
        return True
    programme = case.programme
    checks = actor.can(Permission.CASE_CHECK, programme)
    reads_cleared = checks or actor.can(Permission.CASE_READ_CLEARED, programme)
    match audience(subject):
        case Audience.AUTHOR:
            return False
        case Audience.DESK:
            return checks
        case Audience.HUB | Audience.HUB_ALONE:
            return reads_cleared
        case _:
            watching = case.state == S.SCHEDULED and subject.live and subject.learners
            return (
                reads_cleared
                or actor.can(Permission.CASE_READ_SESSION, programme)
                or (watching and Role.LEARNER in actor.roles_in(programme))
            )


def ensure_may_see(actor: Actor, subject: Subject) -> None:
    """Raise NotFound unless `actor` may read the case: the same answer as for no case at all."""
    if not may_see(actor, subject):
        raise NotFound


def ensure_author(actor: Actor, case: Case) -> None:
    """Raise NotFound unless `actor` wrote the case."""
    if actor.person != case.author:
        raise NotFound


def may_submit(actor: Actor, programme: str) -> bool:
    """Say whether `actor` may present cases to a programme."""
    return programme in actor.programmes_with(Permission.CASE_WRITE)


def ensure_checker(actor: Actor, case: Case) -> None:
    """Raise NotFound unless `actor` sits at the review desk and may see this case there.

    The author of a case may not be the human who checks it: that raises Forbidden.
    """
    if not actor.can(Permission.CASE_CHECK, case.programme) or case.state in (
        S.DRAFT,
        S.WITHDRAWN,
    ):
        if actor.person == case.author:
            raise Forbidden
        raise NotFound
    if actor.person == case.author:
        raise Forbidden("case.own_check")


def parties(actor: Actor, case: Case) -> frozenset[Party]:
    """Return the capacities in which `actor` may act on this case."""
    found: set[Party] = set()
    if actor.person == case.author:
        found.add(Party.AUTHOR)
    roles = actor.roles_in(case.programme)
    for role, party in (
        (Role.COORDINATOR, Party.COORDINATOR),
        (Role.DIRECTOR, Party.DIRECTOR),
        (Role.FACILITATOR, Party.FACILITATOR),
    ):
        if role in roles:
            found.add(party)
    if actor.can(Permission.RECOMMENDATION_DRAFT, case.programme):
        found.add(Party.SCRIBE)
    return frozenset(found)


def ensure_may_set_up(actor: Actor, programme: ProgrammeId) -> None:
    """Raise NotFound for outsiders, Forbidden for members who do not manage the programme."""
    if actor.can(Permission.PROGRAMME_MANAGE, programme):
        return
    raise Forbidden if actor.roles_in(programme) else NotFound
