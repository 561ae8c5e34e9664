"""Who drafts, signs, reviews and publishes recommendations, and who finds them (domain.md §2)."""

from collections.abc import Collection

from cases.rules.access import CLEARED_STATES, PRESENTED_STATES
from cases.rules.lifecycle import Party
from cases.rules.models import Case, CaseState
from cases.rules.publication import Capacity, Entry
from cases.rules.recommendations import Hand
from server.kit.actor import Actor, Permission, Role
from server.kit.errors import NotFound
from server.kit.ids import PersonId, ProgrammeId

ISSUED_STATES = frozenset(
    {CaseState.RECS_ISSUED, CaseState.FOLLOWUP_DUE, CaseState.FOLLOWED_UP, CaseState.CLOSED}
)
"""A letter exists."""


def hands(
    actor: Actor,
    programme: ProgrammeId,
    delegates: Collection[PersonId],
    asked: Collection[PersonId] = (),
) -> frozenset[Hand]:
    """Return the capacities in which `actor` works on recommendations of the programme.

    `asked` are those who answer this case in writing, while it is an e-consult that waits: they
    write down what they recommend themselves. They and a delegate count only while hub
    specialists there: leaving the hub ends it.
    """
    found = set()
    if actor.can(Permission.RECOMMENDATION_EDIT, programme):
        found.add(Hand.SCRIBE)
    if actor.can(Permission.RECOMMENDATION_DRAFT, programme):
        found.add(Hand.COORDINATOR)
    if actor.can(Permission.RECOMMENDATION_SIGN, programme):
        found.add(Hand.DIRECTOR)
    if Role.HUB_SPECIALIST in actor.roles_in(programme):
        if actor.person in delegates:
            found |= {Hand.DELEGATE, Hand.SCRIBE}
        if actor.person in asked:
            found.add(Hand.ANSWERER)
    return frozenset(found)


def may_write(
    held: frozenset[Hand], person: PersonId | None, speakers: Collection[PersonId]
) -> bool:
    """Say whether `person` may write an item that `speakers` recommend.

    The desk writes everybody's; who answers an e-consult writes what nobody else has said.
    """
    own = Hand.ANSWERER in held and set(speakers) == {person}
    return own or Hand.SCRIBE in held


def ensure_drafter(held: frozenset[Hand], case: Case) -> None:
    """Raise NotFound unless somebody with these hands works on this case's recommendations.

    A facilitator or delegate may not read a case before it is cleared (domain.md, invariant 2).
    """
    if (
        not held & {Hand.SCRIBE, Hand.ANSWERER}
        or case.state not in CLEARED_STATES | PRESENTED_STATES
    ):
        raise NotFound


def parties(held: frozenset[Hand]) -> frozenset[Party]:
    """Return the same capacities in the words of the case's own life cycle."""
    words = {
        Hand.SCRIBE: Party.SCRIBE,
        Hand.ANSWERER: Party.SCRIBE,
        Hand.COORDINATOR: Party.COORDINATOR,
        Hand.DIRECTOR: Party.DIRECTOR,
        Hand.DELEGATE: Party.DELEGATE,
    }
    return frozenset(words[hand] for hand in held if hand in words)


def is_presented(case: Case) -> bool:
    """Say whether recommendations can be drafted: it was presented, or is answered in writing."""
    return case.state in PRESENTED_STATES or case.state is CaseState.CONVERTED


def has_letter(case: Case) -> bool:
    """Say whether a version of the case's letter was signed."""
    return case.state in ISSUED_STATES


def may_read_letter(actor: Actor, case: Case) -> bool:
    """Say whether a signed letter may be read: by its presenter for ever, and by the hub.

    The table of domain.md §2. Other spokes, advisers and learners learn what was advised from the
    library, which opens to each of them when its own rules say so.
    """
    if actor.person == case.author:
        return True
    return has_letter(case) and actor.can(Permission.CASE_READ_CLEARED, case.programme)


def may_search(actor: Actor) -> bool:
    """Say whether the library is open to `actor` at all."""
    return actor.can_somewhere(Permission.LIBRARY_SEARCH)


def registered_in(actor: Actor) -> frozenset[ProgrammeId]:
    """Return the programmes whose issued but unpublished entries `actor` finds."""
    return actor.programmes_with(Permission.LIBRARY_READ_ISSUED)


def capacities(actor: Actor, entry: Entry, presenter: PersonId) -> frozenset[Capacity]:
    """Return the capacities in which `actor` acts on an entry."""
    roles = actor.roles_in(entry.programme)
    found = {
        capacity
        for role, capacity in (
            (Role.COORDINATOR, Capacity.COORDINATOR),
            (Role.HUB_SPECIALIST, Capacity.SPECIALIST),
            (Role.DIRECTOR, Capacity.DIRECTOR),
        )
        if role in roles
    }
    if actor.person == presenter:
        found.add(Capacity.PRESENTER)
    return frozenset(found)
