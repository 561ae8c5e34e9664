"""An identifier found after the check: what it was, as a code; the words would be one themselves."""

from typing import Final

from cases.instruments.base import N_
from cases.rules.fields import Option
from server.kit.errors import Invalid

REASONS: Final = (
    Option("name", N_("A name")),
    Option("place", N_("A place, an employer, a school")),
    Option("date", N_("A date or an age over 89")),
    Option("contact", N_("A telephone, address or number")),
    Option("story", N_("What happened singles the person out")),
    Option("asked", N_("The presenter or the person asked for it")),
)
"""Why a text is erased: kept in the audit."""


def ensure_reason(code: str) -> None:
    """Raise Invalid `case.erase_reason` for what is none of the reasons."""
    if code not in {reason.value for reason in REASONS}:
        raise Invalid("case.erase_reason", {"reason": "case.erase_reason"})
