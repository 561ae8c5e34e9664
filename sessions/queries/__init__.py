"""Every read of sessions, as frozen values; one statement per kind of thing, never one per item.

Functions that take an actor return only what the actor may see, or raise NotFound; the others
are for callers that decide themselves (the front door, the live room).
"""

from sessions.queries.programmes import (
    programme,
    programmes,
    series_of_programme,
    visible_programme,
    visible_programmes,
    visible_series,
)
from sessions.queries.records import (
    attendance_sheet,
    captures_of_case,
    captures_of_session,
    people_present,
)
from sessions.queries.schedule import (
    FreeSlot,
    SessionCard,
    calendar,
    free_slots,
    live_sessions,
    next_session,
    session_card,
    session_cards,
    session_of_case,
    sessions_of_programme,
    sessions_of_series,
    visible_session,
)

__all__ = [
    "FreeSlot",
    "SessionCard",
    "attendance_sheet",
    "calendar",
    "captures_of_case",
    "captures_of_session",
    "free_slots",
    "live_sessions",
    "next_session",
    "people_present",
    "programme",
    "programmes",
    "series_of_programme",
    "session_card",
    "session_cards",
    "session_of_case",
    "sessions_of_programme",
    "sessions_of_series",
    "visible_programme",
    "visible_programmes",
    "visible_series",
    "visible_session",
]
