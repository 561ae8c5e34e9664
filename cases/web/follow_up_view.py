"""Draws follow-ups: rounds, questions asked, and what can be done now."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from cases.queries.follow_ups import FollowUpItem
from cases.rules import rounds
from cases.rules.models import Case
from cases.rules.rounds import REMINDERS, ROUNDS, Ending
from cases.web.desk_pages import BadgeView
from cases.web.follow_up_pages import (
    AskView,
    FollowUpLine,
    FollowUpsPage,
    FollowUpView,
    RoundView,
)
from server.edge import problems
from server.edge.i18n import N_, gettext
from server.edge.pages import register_notices
from server.edge.times import describe, relative, short_day
from server.kit.actor import Actor, Role
from server.kit.ids import CaseId

register_notices(
    {
        "follow_up_asked": N_("Asked. The presenter gets a mail with a link, without the case."),
        "case_closed": N_("Closed."),
    }
)

problems.register(
    {
        "case.asked_already": (
            N_("The presenter has just been asked"),
            N_("Load the page again: when and by whom stands there."),
        ),
        "case.nobody_to_ask": (
            N_("The presenter can no longer answer"),
            N_("The account is closed, or presents no cases here any more."),
        ),
        "case.rounds_open": (
            N_("An answer may still come"),
            N_(
                "Close it once both rounds are answered, or a week after the last reminder of the"
                " second."
            ),
        ),
        "case.not_due": (
            N_("No follow-up is due yet"),
            N_("The first is asked for 30 days after the letter."),
        ),
        "case.follow_up_incomplete": (
            N_("Some recommendations have no answer"),
            N_("Say of each one what became of it."),
        ),
    }
)

_CLOSE = {
    Ending.ANSWERED: N_("Close: both rounds answered"),
    Ending.LOST: N_("Close: no answer after three reminders"),
    Ending.UNASKED: N_("Close: no answer, asked fewer than three times"),
    Ending.ERASED: N_("Close: the letter was erased"),
}


def short(instant: datetime, zone: str) -> str:
    """Return `Tue 24 Nov` in a zone."""
    return short_day(instant.astimezone(ZoneInfo(zone)).date())


def answer_href(case: Case, begun: Mapping[CaseId, str]) -> str:
    """Return where the presenter answers: the follow-up already begun, or a new one."""
    if case.id in begun:
        return f"/cases/{begun[case.id]}/edit"
    return f"/programmes/{case.programme}/cases/new?follow={case.case_no}"


def view(
    item: FollowUpItem, actor: Actor, now: datetime, begun: Mapping[CaseId, str] | None = None
) -> FollowUpView:
    """Return the follow-up of one case; with `begun` for its presenter, who can answer."""
    zone = item.programme.zone
    due = item.waiting is not None
    return FollowUpView(
        rounds=tuple(
            RoundView(
                gettext("After %(n)d days") % {"n": ROUNDS[number - 1].days},
                _standing(number, item, now),
            )
            for number in range(1, len(item.rounds) + 1)
        ),
        asked=tuple(
            AskView(describe(one.at, zone, actor.zone, now), _by(item, one.by))
            for one in item.asked
        ),
        due=due,
        answer=answer_href(item.case, begun) if due and begun is not None else "",
        begun=begun is not None and item.case.id in begun,
    )


def _by(item: FollowUpItem, person: object) -> str:
    if person is None:
        return gettext("the platform")
    card = next((card for pid, card in item.people.items() if pid == person), None)
    return card.label if card else gettext("somebody who has left")


def _standing(number: int, item: FollowUpItem, now: datetime) -> BadgeView:
    one = item.rounds[number - 1]
    day = {"day": short(one.answered_at or one.due_at, item.programme.zone)}
    if one.answered_at is not None:
        return BadgeView(gettext("Answered %(day)s") % day, "done", "check")
    if rounds.over(item.rounds, item.asked, number, now):
        return BadgeView(gettext("No answer since %(day)s") % day, "danger", "alert")
    if one.due_at <= now:
        return BadgeView(gettext("Due since %(day)s") % day, "waiting", "clock")
    return BadgeView(gettext("Asked for on %(day)s") % day, "neutral", "calendar")


def page(items: tuple[FollowUpItem, ...], actor: Actor, now: datetime) -> FollowUpsPage:
    """Return the desk's list."""
    lines = [(item, _line(item, actor, now)) for item in items]
    return FollowUpsPage(
        waiting=tuple(line for item, line in lines if item.ending is None),
        ending=tuple(line for item, line in lines if item.ending is not None),
        acts=any(Role.COORDINATOR in held for held in actor.roles.values()),
    )


def _line(item: FollowUpItem, actor: Actor, now: datetime) -> FollowUpLine:
    case = item.case
    author = item.people.get(case.author)
    acts = Role.COORDINATOR in actor.roles_in(case.programme)
    parts = (
        item.programme.name,
        author.label if author else gettext("somebody who has left"),
        author.organisation_name if author else "",
        relative(item.due_at, now),
    )
    return FollowUpLine(
        key=case.key,
        title=case.case_no,
        meta=" · ".join(part for part in parts if part),
        row_version=case.row_version,
        view=view(item, actor, now),
        reminder=(
            {"round": str(item.reminder.round), "number": str(item.reminder.number)}
            if item.reminder and acts
            else None
        ),
        not_now="" if item.reminder or item.waiting is None else _not_now(item, item.waiting),
        close=gettext(_CLOSE[item.ending]) if item.ending and acts else "",
    )


def _not_now(item: FollowUpItem, waiting: int) -> str:
    if not item.answerable:
        return gettext("The presenter can no longer answer: nobody is asked.")
    most = len(REMINDERS)
    if rounds.last(item.asked, waiting) >= most:
        return gettext("The last of its %(n)d reminders is sent.") % {"n": most}
    if item.asked:
        return gettext("Asked within the last day.")
    return gettext("The platform is about to ask.")
