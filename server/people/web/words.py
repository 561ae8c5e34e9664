"""Labels of roles, and the words of this feature's errors."""

from zoneinfo import available_timezones

from server.edge.i18n import N_, gettext
from server.kit.actor import Role
from server.kit.disciplines import DISCIPLINES

ROLE_LABELS: dict[Role, str] = {
    Role.DIRECTOR: N_("Programme director"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.FACILITATOR: N_("Facilitator"),
    Role.HUB_SPECIALIST: N_("Hub specialist"),
    Role.SPOKE_CLINICIAN: N_("Spoke clinician"),
    Role.SPOKE_TEAM: N_("Spoke team"),
    Role.LEARNER: N_("Learner"),
    Role.EVALUATOR: N_("Evaluator"),
    Role.CE_OFFICER: N_("Continuing education officer"),
    Role.ADVISER: N_("Lived-experience adviser"),
}

FIELD_WORDS: dict[str, str] = {
    "zone_unknown": N_("Choose a time zone of the list, such as America/Denver."),
    "discipline_unknown": N_("Choose one of the list."),
    "password_needed": N_("Choose a password."),
    "password_short": N_("Use at least 15 characters: four or five words are easy to remember."),
    "password_long": N_("Use at most 256 characters."),
    "password_common": N_("This is one of the first passwords people try. Choose another."),
    "password_about_you": N_("This is mostly your name, your address or our name. Add words."),
    "name_needed": N_("Write at least two letters."),
    "organisation_exists": N_("There is an organisation with this name already."),
}

PROBLEMS = {
    "people.sign_in_to_accept": (
        N_("You have an account already"),
        N_("Sign in with it, then open the invitation again to accept it."),
    ),
    "people.email_taken": (
        N_("There is an account with this address already"),
        N_("Use another address, or give the existing account what it needs."),
    ),
    "people.not_yourself": (
        N_("You cannot close your own account"),
        N_("Another platform administrator can do it."),
    ),
}

NOTICES = {
    "people.saved": N_("Your profile is saved."),
    "people.password_saved": N_("Your password is saved. Other devices are signed out."),
    "people.role_revoked": N_("The role is taken away."),
    "people.accepted": N_("Welcome. The invitation is accepted."),
    "people.organisation_added": N_("The organisation is added."),
    "people.account_closed": N_("The account is closed and signed out everywhere."),
    "people.account_opened": N_("The account is open again."),
}

ZONES = tuple(
    sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/"))
    )
)


def disciplines() -> tuple[tuple[str, str], ...]:
    """Return (value, label) of every discipline, translated."""
    return tuple((value, gettext(label)) for value, label in DISCIPLINES.items())


def field_words(fields: dict[str, str]) -> dict[str, str]:
    """Return message keys turned into sentences."""
    return {name: gettext(FIELD_WORDS.get(key, key)) for name, key in fields.items()}
