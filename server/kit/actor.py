"""Who is asking: the person, and what the person may do in each programme (domain.md §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from server.kit.ids import OrganisationId, PersonId, ProgrammeId


class Role(StrEnum):
    """Roles held per programme (domain.md §2); the platform administrator stands apart."""

    DIRECTOR = "director"
    COORDINATOR = "coordinator"
    FACILITATOR = "facilitator"
    HUB_SPECIALIST = "hub_specialist"
    SPOKE_CLINICIAN = "spoke_clinician"
    SPOKE_TEAM = "spoke_team"
    LEARNER = "learner"
    EVALUATOR = "evaluator"
    CE_OFFICER = "ce_officer"
    ADVISER = "adviser"


class Permission(StrEnum):
    """Everything a role can allow; the table of who holds what is in server/people/rules.py."""

    PEOPLE_MANAGE = "people.manage"
    PEOPLE_INVITE = "people.invite"
    AUDIT_READ = "audit.read"
    PROGRAMME_CREATE = "programme.create"
    PROGRAMME_READ = "programme.read"
    PROGRAMME_MANAGE = "programme.manage"
    SCHEDULE_READ = "schedule.read"
    SCHEDULE_MANAGE = "schedule.manage"
    SESSION_JOIN = "session.join"
    SESSION_RUN = "session.run"
    CASE_WRITE = "case.write"
    CASE_CHECK = "case.check"
    CASE_SLOT = "case.slot"
    CASE_READ_CLEARED = "case.read_cleared"
    CASE_READ_SESSION = "case.read_session"
    RECOMMENDATION_CAPTURE = "recommendation.capture"
    RECOMMENDATION_EDIT = "recommendation.edit"
    RECOMMENDATION_DRAFT = "recommendation.draft"
    RECOMMENDATION_SIGN = "recommendation.sign"
    LIBRARY_SEARCH = "library.search"
    LIBRARY_READ_ISSUED = "library.read_issued"


class Lane(StrEnum):
    """The two sides of the conversation: spokes speak before hub (domain.md, invariant 5)."""

    SPOKE = "spoke"
    HUB = "hub"


HUB_ROLES = frozenset({Role.DIRECTOR, Role.COORDINATOR, Role.FACILITATOR, Role.HUB_SPECIALIST})


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person with everything a decision needs; never a database row."""

    person: PersonId
    name: str
    zone: str
    organisation: OrganisationId | None = None
    platform_admin: bool = False
    roles: Mapping[ProgrammeId, frozenset[Role]] = field(default_factory=dict)
    permissions: Mapping[ProgrammeId, frozenset[Permission]] = field(default_factory=dict)
    everywhere: frozenset[Permission] = frozenset()

    def can(self, permission: Permission, programme: ProgrammeId | None) -> bool:
        """Say whether the actor holds `permission` in `programme` (None: platform-wide)."""
        if permission in self.everywhere:
            return True
        if programme is None:
            return False
        return permission in self.permissions.get(programme, frozenset())

    def can_somewhere(self, permission: Permission) -> bool:
        """Say whether the actor holds `permission` in any programme at all."""
        return permission in self.everywhere or any(
            permission in held for held in self.permissions.values()
        )

    def programmes_with(self, permission: Permission) -> frozenset[ProgrammeId]:
        """Return the programmes in which the actor holds `permission`."""
        return frozenset(p for p, held in self.permissions.items() if permission in held)

    def roles_in(self, programme: ProgrammeId) -> frozenset[Role]:
        """Return the actor's roles in `programme` (empty when none)."""
        return self.roles.get(programme, frozenset())

    def lane_in(self, programme: ProgrammeId) -> Lane:
        """Return the side the actor speaks from: hub when any hub role is held."""
        return Lane.HUB if self.roles_in(programme) & HUB_ROLES else Lane.SPOKE
