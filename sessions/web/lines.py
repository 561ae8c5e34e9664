"""Turn what the queries return into the lines that pages show."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.edge.i18n import gettext
from server.edge.times import clock, describe
from server.kit.actor import Actor, Lane, Permission
from server.kit.ids import PersonId
from server.people.api import PersonCard
from sessions.queries import SessionCard
from sessions.rules import access, agenda, lifecycle, roster
from sessions.rules.models import ItemKind, Programme, Series, SessionState
from sessions.web import words
from sessions.web.pages import (
    AgendaLine,
    AttendanceLine,
    Badge,
    ProgrammeLine,
    SeriesLine,
    SessionLine,
    Week,
)


def title_of(card: SessionCard) -> str:
    """Return what a session is called: its topic, else its series, else its programme."""
    if card.session.practice:
        return gettext("Practice room")
    return card.session.topic or card.series_title or card.programme.name


def session_line(card: SessionCard, actor: Actor, now: datetime) -> SessionLine:
    """Return one session as `actor` may see it."""
    session = card.session
    label, tone, icon = words.state(session, now)
    slots = [i for i in session.agenda if i.kind is ItemKind.CASE_SLOT]
    filled = sum(i.ref is not None for i in slots)
    joinable = access.may_join(actor, session, now)
    sees = access.may_see_agenda(actor, session.programme)
    return SessionLine(
        href=f"/sessions/{session.id}",
        title=title_of(card),
        programme=card.programme.name,
        code=card.programme.code,
        when=describe(session.starts_at, session.zone, actor.zone, now),
        badge=Badge(gettext(label), tone, icon),
        cancelled=session.state is SessionState.CANCELLED,
        over=lifecycle.is_over(session, now),
        join=f"/sessions/{session.id}/live" if joinable else None,
        slots=(filled, len(slots)) if sees and lifecycle.takes_cases(session, now) else None,
    )


def session_lines(
    cards: Iterable[SessionCard], actor: Actor, now: datetime
) -> tuple[SessionLine, ...]:
    """Return sessions in their order."""
    return tuple(session_line(card, actor, now) for card in cards)


def programme_line(programme: Programme, actor: Actor) -> ProgrammeLine:
    """Return one programme as `actor` may use it."""
    return ProgrammeLine(
        href=f"/programmes/{programme.id}",
        code=programme.code,
        name=programme.name,
        description=programme.description,
        present=present_href(programme, actor),
    )


def present_href(programme: Programme, actor: Actor) -> str | None:
    """Return where the actor writes a case for this programme; None without CASE_WRITE."""
    if not actor.can(Permission.CASE_WRITE, programme.id):
        return None
    return f"/programmes/{programme.id}/cases/new"


def series_line(series: Series) -> SeriesLine:
    """Return one series."""
    return SeriesLine(f"/series/{series.id}", series.title, words.rule(series.rule))


def monday_of(instant: datetime, zone: str) -> date:
    """Return the Monday of the week in which `instant` falls in `zone`."""
    local = instant.astimezone(ZoneInfo(zone)).date()
    return local - timedelta(days=local.weekday())


def local_date(card: SessionCard) -> date:
    """Return the day of a session in its clinic's zone."""
    return card.session.starts_at.astimezone(ZoneInfo(card.session.zone)).date()


def weeks(cards: Iterable[SessionCard], actor: Actor, now: datetime) -> tuple[Week, ...]:
    """Return sessions grouped by the week they fall in where the actor is; empty weeks left out."""
    by_monday: dict[date, list[SessionLine]] = {}
    for card in cards:
        monday = monday_of(card.session.starts_at, actor.zone)
        by_monday.setdefault(monday, []).append(session_line(card, actor, now))
    this_monday = monday_of(now, actor.zone)
    return tuple(
        Week(words.week(monday, this_monday), tuple(lines))
        for monday, lines in sorted(by_monday.items())
    )


def agenda_lines(
    card: SessionCard, actor: Actor, presenters: Mapping[PersonId, PersonCard], now: datetime
) -> tuple[AgendaLine, ...]:
    """Return the agenda with clock times; names and case numbers are for those who see agendas."""
    zone = card.session.zone
    lines = []
    number = 0
    for timed in agenda.clock_out(card.session):
        item = timed.item
        is_case = item.kind is ItemKind.CASE_SLOT
        number += is_case
        label = gettext(words.ITEMS[item.kind])
        if is_case:
            follow_up = item.minutes == agenda.FOLLOW_UP_MINUTES
            label = gettext("Follow-up") if follow_up else f"{label} {number}"
        slot = words.slot(card.session, item, now)
        presenter = presenters.get(item.presenter) if item.presenter else None
        here, there = ZoneInfo(actor.zone), ZoneInfo(zone)
        differs = (
            timed.starts_at.astimezone(here).utcoffset()
            != timed.starts_at.astimezone(there).utcoffset()
        )
        lines.append(
            AgendaLine(
                id=item.id,
                label=label,
                detail=item.label,
                presenter=presenter.label if presenter else "",
                clinic=clock(timed.starts_at, zone),
                viewer=clock(timed.starts_at, actor.zone) if differs else "",
                minutes=item.minutes,
                slot=Badge(gettext(slot[0]), slot[1], slot[2]) if slot else None,
                is_didactic=item.kind is ItemKind.DIDACTIC,
                removable=item.ref is None,
            )
        )
    return tuple(lines)


def attendance_lines(
    found: Iterable[roster.Attendance], people: Mapping[PersonId, PersonCard]
) -> tuple[AttendanceLine, ...]:
    """Return attendance with names, by first arrival; closed accounts keep their minutes."""
    lines = []
    for entry in found:
        card = people.get(entry.person)
        lines.append(
            AttendanceLine(
                name=card.label if card else gettext("Somebody who has left"),
                organisation=card.organisation_name if card else "",
                lane=(card.lane_hint if card else Lane.SPOKE).value,
                minutes=entry.minutes,
            )
        )
    return tuple(lines)
