"""Slots: why a case lost the one it had, and whether one that cannot wait gets one in time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_
from cases.rules.lifecycle import Guard

SOON: Final = timedelta(days=14)
"""Within what time a case called soon should be presented (domain.md §4.2 and §4.6)."""


class Lost(StrEnum):
    """How a case lost its slot."""

    TAKEN_BACK = "taken_back"
    CARRIED_OVER = "carried_over"
    NOT_HELD = "not_held"
    SESSION_CANCELLED = "session_cancelled"


HOW: Final = {
    Lost.TAKEN_BACK: N_("The coordinator took it off the agenda of its session."),
    Lost.CARRIED_OVER: N_("The session ended before its turn came."),
    Lost.NOT_HELD: N_("Its session did not take place."),
    Lost.SESSION_CANCELLED: N_("Its session was cancelled."),
}
"""How it happened, for the presenter and the desk."""


def without_slot(urgency: str, free: Iterable[datetime], now: datetime) -> tuple[Guard, ...]:
    """Return the guard of a move to e-consult when it holds: soon, and no free slot in 14 days."""
    in_time = any(now <= start <= now + SOON for start in free)
    return (Guard.SOON_WITHOUT_SLOT,) if urgency == "soon" and not in_time else ()
