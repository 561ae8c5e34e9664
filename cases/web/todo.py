"""What needs a person now, as lines of the home page: numbers and names, no text of a case."""

from collections.abc import Collection

from cases.queries import econsults, follow_ups
from cases.queries.follow_ups import FollowUpItem
from cases.web import desk_words, follow_up_view
from server.edge.i18n import gettext, ngettext
from server.edge.todo import TodoLine
from server.kit.actor import Actor, Permission, Role
from server.store.unit import Unit

MOST = 5
"""Lines of one kind; the list of all is one press away."""


async def lines(unit: Unit, actor: Actor) -> tuple[TodoLine, ...]:
    """Return what waits for this person, most personal first."""
    answers = await _to_answer(unit, actor)
    return (
        *answers,
        *await _late(unit, actor, {line.href for line in answers}),
        *await _own(unit, actor),
        *await _desk(unit, actor),
    )


async def _to_answer(unit: Unit, actor: Actor) -> list[TodoLine]:
    if not any(Role.HUB_SPECIALIST in held for held in actor.roles.values()):
        return []
    found = []
    for item in (await econsults.to_answer(unit, actor))[:MOST]:
        [badge] = desk_words.due(item.due)
        found.append(
            TodoLine(
                href=f"/cases/{item.case.key}",
                title=gettext("Answer in writing: %(case)s") % {"case": item.case.case_no},
                meta=item.programme.name,
                badge=badge.label,
                tone=badge.tone,
                icon=badge.icon,
            )
        )
    return found


async def _late(unit: Unit, actor: Actor, shown: Collection[str]) -> list[TodoLine]:
    """Return what the actor directs and nobody has answered in time; not those `shown` already."""
    found = []
    for item in await econsults.late(unit, actor):
        [badge] = desk_words.due(item.due)
        line = TodoLine(
            href=f"/cases/{item.case.key}",
            title=gettext("No answer yet: %(case)s") % {"case": item.case.case_no},
            meta=item.programme.name,
            badge=badge.label,
            tone=badge.tone,
            icon=badge.icon,
        )
        if line.href not in shown:
            found.append(line)
    return found[:MOST]


async def _own(unit: Unit, actor: Actor) -> list[TodoLine]:
    if not actor.can_somewhere(Permission.CASE_WRITE):
        return []  # answering is writing a case
    due = [item for item in await follow_ups.mine(unit, actor) if item.waiting is not None]
    if not due:
        return []
    begun = await follow_ups.begun(unit, actor)
    return [
        TodoLine(
            href=follow_up_view.answer_href(item.case, begun),
            title=gettext("How did it go? %(case)s") % {"case": item.case.case_no},
            meta=item.programme.name,
            badge=_since(item),
            tone="waiting",
            icon="clock",
        )
        for item in due[:MOST]
    ]


def _since(item: FollowUpItem) -> str:
    day = follow_up_view.short(item.due_at, item.programme.zone)
    return gettext("Due since %(day)s") % {"day": day}


async def _desk(unit: Unit, actor: Actor) -> list[TodoLine]:
    if not actor.can_somewhere(Permission.CASE_CHECK):
        return []
    items = await follow_ups.at_desk(unit, actor)
    if not items:
        return []
    ended = sum(item.ending is not None for item in items)
    open_ = len(items) - ended
    amounts = (
        ngettext("%(n)d waits for its answer", "%(n)d wait for an answer", open_) % {"n": open_},
        ngettext("%(n)d to close", "%(n)d to close", ended) % {"n": ended},
    )
    return [
        TodoLine(
            href="/triage/follow-ups",
            title=gettext("Follow-ups of letters"),
            meta=" · ".join(text for n, text in zip((open_, ended), amounts, strict=True) if n),
            badge=gettext("At the desk"),
            tone="neutral",
            icon="inbox",
        )
    ]
