"""Who may do what, and how long a sign-in lasts: pure (domain.md §2, security.md §1)."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from server.kit.actor import Permission, Role

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DIRECTOR: frozenset(
        {
            Permission.PEOPLE_INVITE,
            Permission.PROGRAMME_READ,
            Permission.PROGRAMME_MANAGE,
            Permission.SCHEDULE_READ,
            Permission.SCHEDULE_MANAGE,
            Permission.SESSION_JOIN,
            Permission.SESSION_RUN,
            Permission.CASE_CHECK,
            Permission.CASE_READ_CLEARED,
            Permission.RECOMMENDATION_CAPTURE,
            Permission.RECOMMENDATION_EDIT,
            Permission.RECOMMENDATION_DRAFT,
            Permission.RECOMMENDATION_SIGN,
            Permission.LIBRARY_SEARCH,
            Permission.LIBRARY_READ_ISSUED,
        }
    ),
    Role.COORDINATOR: frozenset(
        {
            Permission.PEOPLE_INVITE,
            Permission.PROGRAMME_CREATE,
            Permission.PROGRAMME_READ,
            Permission.PROGRAMME_MANAGE,
            Permission.SCHEDULE_READ,
            Permission.SCHEDULE_MANAGE,
            Permission.SESSION_JOIN,
            Permission.SESSION_RUN,
            Permission.CASE_CHECK,
            Permission.CASE_SLOT,
            Permission.CASE_READ_CLEARED,
            Permission.RECOMMENDATION_CAPTURE,
            Permission.RECOMMENDATION_EDIT,
            Permission.RECOMMENDATION_DRAFT,
            Permission.LIBRARY_SEARCH,
            Permission.LIBRARY_READ_ISSUED,
        }
    ),
    Role.FACILITATOR: frozenset(
        {
            Permission.PROGRAMME_READ,
            Permission.SCHEDULE_READ,
            Permission.SCHEDULE_MANAGE,
            Permission.SESSION_JOIN,
            Permission.SESSION_RUN,
            Permission.CASE_READ_CLEARED,
            Permission.RECOMMENDATION_CAPTURE,
            Permission.RECOMMENDATION_EDIT,
            Permission.LIBRARY_SEARCH,
            Permission.LIBRARY_READ_ISSUED,
        }
    ),
    Role.HUB_SPECIALIST: frozenset(
        {
            Permission.PROGRAMME_READ,
            Permission.SCHEDULE_READ,
            Permission.SESSION_JOIN,
            Permission.CASE_READ_CLEARED,
            Permission.RECOMMENDATION_CAPTURE,
            Permission.LIBRARY_SEARCH,
            Permission.LIBRARY_READ_ISSUED,
        }
    ),
    Role.SPOKE_CLINICIAN: frozenset(
        {
            Permission.PROGRAMME_READ,
            Permission.SCHEDULE_READ,
            Permission.SESSION_JOIN,
            Permission.CASE_WRITE,
            Permission.CASE_READ_SESSION,
            Permission.RECOMMENDATION_CAPTURE,
            Permission.LIBRARY_SEARCH,
            Permission.LIBRARY_READ_ISSUED,
        }
    ),
    Role.SPOKE_TEAM: frozenset(
        {
            Permission.PROGRAMME_READ,
            Permission.SCHEDULE_READ,
            Permission.SESSION_JOIN,
            Permission.CASE_WRITE,
            Permission.CASE_READ_SESSION,
            Permission.RECOMMENDATION_CAPTURE,
            Permission.LIBRARY_SEARCH,
            Permission.LIBRARY_READ_ISSUED,
        }
    ),
    Role.LEARNER: frozenset(
        {
            Permission.PROGRAMME_READ,
            Permission.SCHEDULE_READ,
            Permission.SESSION_JOIN,
            Permission.LIBRARY_SEARCH,
        }
    ),
    Role.EVALUATOR: frozenset(
        {Permission.PROGRAMME_READ, Permission.SCHEDULE_READ, Permission.LIBRARY_SEARCH}
    ),
    Role.CE_OFFICER: frozenset(
        {Permission.PROGRAMME_READ, Permission.SCHEDULE_READ, Permission.LIBRARY_SEARCH}
    ),
    Role.ADVISER: frozenset(
        {
            Permission.PROGRAMME_READ,
            Permission.SCHEDULE_READ,
            Permission.SESSION_JOIN,
            Permission.CASE_READ_SESSION,
            Permission.RECOMMENDATION_CAPTURE,
            Permission.LIBRARY_SEARCH,
        }
    ),
}
"""Permissions by role, after the table in domain.md §2."""

PLATFORM_ADMIN_PERMISSIONS = frozenset(
    {
        Permission.PEOPLE_MANAGE,
        Permission.PEOPLE_INVITE,
        Permission.AUDIT_READ,
        Permission.PROGRAMME_CREATE,
        Permission.PROGRAMME_READ,
        Permission.PROGRAMME_MANAGE,
        Permission.SCHEDULE_READ,
    }
)
"""The platform administrator runs the platform and cannot read cases (domain.md §2)."""

GRANTABLE_BY: dict[Role, frozenset[Role]] = {
    Role.DIRECTOR: frozenset(Role),
    Role.COORDINATOR: frozenset(Role) - {Role.DIRECTOR, Role.EVALUATOR, Role.CE_OFFICER},
}
"""Which roles an inviter may hand out: nobody raises another above their own reach."""

SIGN_IN_IDLE = timedelta(minutes=60)
SIGN_IN_ABSOLUTE = timedelta(hours=24)
MAGIC_LINK_LIFE = timedelta(minutes=30)
INVITATION_LIFE = timedelta(days=7)
PASSWORD_MIN = 15
PASSWORD_MAX = 256
FREE_FAILURES = 5
MAX_FAILURES = 100
_LONGEST_WAIT = timedelta(minutes=15)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return the union of what `roles` allow."""
    out: frozenset[Permission] = frozenset()
    for role in roles:
        out |= ROLE_PERMISSIONS[role]
    return out


def grantable(roles: Iterable[Role], *, platform_admin: bool) -> frozenset[Role]:
    """Return the roles that a holder of `roles` may hand out in that programme."""
    if platform_admin:
        return frozenset(Role)
    out: frozenset[Role] = frozenset()
    for role in roles:
        out |= GRANTABLE_BY.get(role, frozenset())
    return out


def sign_in_alive(created: datetime, last_seen: datetime, now: datetime) -> bool:
    """Say whether a sign-in still counts: idle at most 60 min, at most 24 h in all (V7.3)."""
    return now - last_seen <= SIGN_IN_IDLE and now - created <= SIGN_IN_ABSOLUTE


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after this many failures in a row (doubling from the sixth)."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES, 12)), _LONGEST_WAIT)


def password_problem(password: str, *, banned: frozenset[str], about: Iterable[str]) -> str | None:
    """Return a message key when `password` cannot be used, else None.

    Rules: at least 15 characters, no composition rules, no truncation, and neither a common
    password nor one made of the person's or product's words (ASVS V6.2, NIST SP 800-63B-4).
    """
    text = unicodedata.normalize("NFKC", password)
    if len(text) < PASSWORD_MIN:
        return "password_short"
    if len(text) > PASSWORD_MAX:
        return "password_long"
    folded = text.casefold().replace(" ", "")
    if folded in banned or len(set(folded)) < 5:
        return "password_common"
    rest = folded
    for word in (*about, "caseround", "telementoring", "password", "project", "echo", "clinic"):
        part = word.casefold().replace(" ", "")
        if len(part) >= 4:
            rest = rest.replace(part, "")
    if len(rest.strip("0123456789!.-_?")) < 6:
        return "password_about_you"
    return None


def normalised_email(text: str) -> str:
    """Return an address for comparison: trimmed and lower-cased."""
    return text.strip().casefold()
