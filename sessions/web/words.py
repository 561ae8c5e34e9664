"""What states, kinds and wrong fields are called on screen."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from babel.dates import format_date, get_day_names

from server.edge import problems
from server.edge.i18n import N_, gettext, language, ngettext
from server.edge.pages import register_notices
from sessions.rules import lifecycle
from sessions.rules.models import (
    AgendaItem,
    ItemKind,
    Session,
    SessionState,
    Template,
    WeeklyRule,
)

ITEMS = {
    ItemKind.WELCOME: N_("Welcome"),
    ItemKind.INTRO: N_("Introductions"),
    ItemKind.DIDACTIC: N_("Didactic"),
    ItemKind.QA: N_("Questions on the didactic"),
    ItemKind.CASE_SLOT: N_("Case"),
    ItemKind.CLOSING: N_("Closing"),
    ItemKind.EVALUATION: N_("Evaluation"),
}

STATES = {
    SessionState.PLANNED: (N_("Planned"), "neutral", "calendar"),
    SessionState.OPEN: (N_("Room is open"), "accent", "unlock"),
    SessionState.LIVE: (N_("Live now"), "done", "video"),
    SessionState.ENDED: (N_("Ended"), "neutral", "check"),
    SessionState.WRAPPED: (N_("Wrapped up"), "neutral", "check"),
    SessionState.ARCHIVED: (N_("Archived"), "neutral", "check"),
    SessionState.CANCELLED: (N_("Cancelled"), "danger", "x"),
}
"""State → label, tone and icon of its badge."""

NOT_HELD = (N_("Not held"), "neutral", "x")
PRACTICE_OVER = (N_("Closed"), "neutral", "check")

STORIES = {
    "writing": N_("Its letters are being written."),
    "signed": N_("Its letters are signed; its attendance is not final yet."),
    "final": N_("Its letters are issued and its attendance is final."),
    "not_held": N_("Nobody started it. Cases in its slots wait for another date."),
    "cancelled": N_("It will not take place. Cases in its slots wait for another date."),
    "was_cancelled": N_("It did not take place. Cases in its slots wait for another date."),
}
"""What it means that a session is over."""

SLOTS = {
    "free": (N_("Free"), "waiting", "circle"),
    "taken": (N_("Taken"), "done", "check"),
    "presented": (N_("Presented"), "done", "check"),
    "unused": (N_("Not used"), "neutral", "circle"),
    "missed": (N_("Not reached"), "neutral", "circle"),
}
"""What became of a case slot → its badge; a session that is over has no free slots."""

TEMPLATES = {
    Template.T60_2: N_("60 minutes, two cases of 17 minutes"),
    Template.T60_1: N_("60 minutes, one case of 25 minutes and a follow-up"),
    Template.T90_3: N_("90 minutes, three cases of 18 minutes"),
}

ORDERS = (
    ("didactic", N_("Didactic first, then cases")),
    ("cases", N_("Cases first, then didactic")),
)

FIELDS = {
    "required": N_("Fill this in."),
    "too_long": N_("This is too long. Shorten it."),
    "programme.code": N_("Use two to four letters, such as BH."),
    "programme.code_taken": N_("Another programme uses this code. Choose a different one."),
    "programme.hub": N_(
        "Choose the hub that runs it. A platform administrator adds hubs under Accounts."
    ),
    "series.zone": N_("Choose a time zone of the list, such as America/Denver."),
    "series.weekday": N_("Choose a day of the week."),
    "series.every_weeks": N_("Type a number of weeks from 1 to 12."),
    "series.first": N_("Choose a date between 2000 and 2199."),
    "series.count": N_("Type a number of sessions from 1 to 520."),
    "series.count_or_until": N_("Give a number of sessions or a last date, not both."),
    "series.until_before_first": N_(
        "The last date is before the first session. Choose a later one."
    ),
    "series.count_needed": N_("Say how many sessions there will be."),
    "series.until_needed": N_("Choose the last date."),
    "agenda.case_minutes": N_("A case takes 17, 18 or 25 minutes, a follow-up 5."),
    "agenda.minutes": N_("Type a number of minutes above 0."),
}

problems.register(
    {
        "programme.code_taken": (
            N_("Another programme uses this code"),
            N_("Go back and choose a different code."),
        ),
        "room_log.taken": (
            N_("This room is served by another process"),
            N_("Stop the second server. One web process serves all rooms."),
        ),
        "session.cannot_open": (
            N_("This room cannot be opened"),
            N_(
                "Only a planned session can be opened. Load the page again to see where it stands."
            ),
        ),
        "session.cannot_start": (
            N_("This session cannot start"),
            N_("Open the room first. A session that was cancelled or has ended cannot start."),
        ),
        "session.cannot_end": (
            N_("This session is not running"),
            N_("Only a live session can be ended. Load the page again to see where it stands."),
        ),
        "session.cannot_cancel": (
            N_("This session cannot be cancelled"),
            N_("It is already running, over or cancelled. Load the page again."),
        ),
        "session.cannot_wrap": (
            N_("This session cannot be wrapped up"),
            N_("Only a session that has ended can. Load the page again to see where it stands."),
        ),
        "session.letters_open": (
            N_("A letter is still to be signed"),
            N_("Sign the letters of all cases that were presented, then wrap the session up."),
        ),
        "session.not_joinable": (
            N_("The room is not open"),
            N_("It opens 15 minutes before the session. Come back then."),
        ),
        "session.not_live": (
            N_("The session is not running"),
            N_("Start the session first."),
        ),
        "session.past": (
            N_("This session is over"),
            N_("Choose a session to come."),
        ),
        "agenda.closed": (
            N_("The agenda is closed"),
            N_("It can be changed until the session starts."),
        ),
        "agenda.full": (
            N_("There is no time left on this agenda"),
            N_("Remove something first, or choose fewer minutes."),
        ),
        "agenda.slot_taken": (
            N_("A case is already in this slot"),
            N_("Take the case out first, or choose another slot."),
        ),
        "agenda.no_free_slot": (
            N_("Every slot of this session is taken"),
            N_("Choose another session."),
        ),
        "agenda.case_twice": (
            N_("This case is already on this agenda"),
            N_("A case has one slot. Take it out first to move it."),
        ),
        "agenda.presented": (
            N_("This case was already presented"),
            N_("It stays on the agenda of the session in which it was presented."),
        ),
        "agenda.no_topic": (
            N_("Only a didactic has a topic"),
            N_("Cases are put into slots from the review desk."),
        ),
        "agenda.no_case": (
            N_("There is no case in this slot"),
            N_("Put a case into the slot before it is presented."),
        ),
        "capture.closed": (
            N_("Recommendations can no longer be captured here"),
            N_("They can be captured while the session runs and for 24 hours afterwards."),
        ),
        "capture.no_case": (
            N_("This is not a case"),
            N_("Choose the case to which the recommendation belongs."),
        ),
        "capture.merge": (
            N_("These lines cannot be merged"),
            N_("Choose two lines of the same case that are not merged yet."),
        ),
    }
)

register_notices(
    {
        "programme_created": N_("Programme created. Now lay down its first series."),
        "series_created": N_("Series created. Its sessions stand in the calendar."),
        "session_opened": N_("The room is open."),
        "session_cancelled": N_("Session cancelled. The cases in it are free for another date."),
        "session_wrapped": N_("Session wrapped up. Its attendance is final."),
        "agenda_saved": N_("Agenda saved."),
    }
)


def state(session: Session, now: datetime) -> tuple[str, str, str]:
    """Return label, tone and icon of where a session stands, in plain words."""
    if lifecycle.was_not_held(session, now):
        return PRACTICE_OVER if session.practice else NOT_HELD
    return STATES[session.state]


def story(session: Session, now: datetime) -> str:
    """Return a sentence on what the state of a session that is over means; empty before."""
    if session.practice or not lifecycle.is_over(session, now):
        return ""
    if session.state is SessionState.ENDED:
        key = "writing" if lifecycle.letters_open(session) else "signed"
    elif session.state in {SessionState.WRAPPED, SessionState.ARCHIVED}:
        key = "final"
    elif lifecycle.was_not_held(session, now):
        key = "not_held"
    else:
        key = "cancelled" if now < session.starts_at else "was_cancelled"
    return gettext(STORIES[key])


def slot(session: Session, item: AgendaItem, now: datetime) -> tuple[str, str, str] | None:
    """Return label, tone and icon of a case slot; None for any other agenda item."""
    if item.kind is not ItemKind.CASE_SLOT:
        return None
    if item.presented_at is not None:
        return SLOTS["presented"]
    if lifecycle.takes_cases(session, now):
        return SLOTS["free" if item.ref is None else "taken"]
    if item.ref is None:
        return SLOTS["unused"]
    return SLOTS["missed" if lifecycle.is_over(session, now) else "taken"]


def fields(errors: Mapping[str, str]) -> dict[str, str]:
    """Return message keys as sentences; what is a sentence already is translated."""
    return {name: gettext(FIELDS.get(key, key)) for name, key in errors.items()}


def _locale() -> str:
    known = language()
    return "en_GB" if known in ("en", "qps") else known


def weekdays() -> tuple[tuple[str, str], ...]:
    """Return (number, name) of the days of the week, Monday first, for a select."""
    names = get_day_names("wide", locale=_locale())
    return tuple((str(number), str(names[number])) for number in range(7))


def short_date(day: date) -> str:
    """Return `24 November 2026`."""
    return str(format_date(day, "d MMMM y", locale=_locale()))


def rule(rule: WeeklyRule) -> str:
    """Return `Tuesdays 12:00 America/Denver, weekly, 12 sessions`, in the reader's language."""
    start = gettext("%(weekday)s %(time)s, %(zone)s") % {
        "weekday": weekdays()[rule.weekday][1],
        "time": rule.at.strftime("%H:%M"),
        "zone": rule.zone.replace("_", " "),
    }
    often = ngettext("every week", "every %(n)d weeks", rule.every_weeks) % {"n": rule.every_weeks}
    parts = [start, often]
    if rule.count is not None:
        parts.append(ngettext("%(n)d session", "%(n)d sessions", rule.count) % {"n": rule.count})
    if rule.until is not None:
        parts.append(gettext("until %(date)s") % {"date": short_date(rule.until)})
    return " · ".join(parts)


def week(monday: date, this_monday: date) -> str:
    """Return `This week`, `Next week` or `Week of 30 November 2026`."""
    if monday == this_monday:
        return gettext("This week")
    if monday == this_monday + timedelta(weeks=1):
        return gettext("Next week")
    return gettext("Week of %(date)s") % {"date": short_date(monday)}
