"""The only file that knows who listens to whom: routes, events, periodic work, navigation."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from aiohttp import web

from cases.commands import attachments, econsults, follow_ups, reactions
from cases.events import (
    CaseConverted,
    CaseErased,
    CaseReturned,
    CaseScheduled,
    CaseSubmitted,
    CaseUnscheduled,
    EConsultAsked,
    EConsultLate,
    EntryPublished,
    EntryRetracted,
    FileErased,
    FollowUpAsked,
    RecommendationsSigned,
)
from cases.library import indexer
from cases.web import advice_routes
from cases.web import attachments as attachment_pages
from cases.web import routes as case_routes
from cases.web import todo as case_todo
from server import notices
from server.deid import load
from server.edge.i18n import N_, gettext
from server.edge.keys import UNITS
from server.edge.pages import NavItem
from server.files.vault import Vault
from server.jobs.periodic import Periodic
from server.jobs.relay import Handler
from server.jobs.supervisor import Supervisor
from server.kit.actor import Actor, Permission
from server.kit.events import Event
from server.kit.ids import ProgrammeId, SessionId
from server.people import store as people_store
from server.people.events import RolesChanged
from server.people.web import routes as people_routes
from server.store import tidy
from server.store.unit import Unit
from sessions import queries as session_queries
from sessions.commands import running, series, wrapping
from sessions.events import AgendaItemPresented, SessionCancelled, SessionEnded
from sessions.web import routes as session_routes
from sessions.web.live import Live

Ready = Callable[[], Awaitable[dict[str, str]]]
Handlers = dict[type[Event], tuple[Handler, ...]]

_NAVIGATION = (
    ("/", N_("Home"), ()),
    ("/calendar", N_("Calendar"), (Permission.SCHEDULE_READ,)),
    ("/programmes", N_("Programmes"), (Permission.PROGRAMME_READ,)),
    ("/cases", N_("Your cases"), (Permission.CASE_WRITE,)),
    ("/triage", N_("Cases to check"), (Permission.CASE_CHECK,)),
    # To write, at the hub; to read, there and by presenters.
    ("/letters", N_("Letters"), (Permission.CASE_READ_CLEARED, Permission.CASE_WRITE)),
    ("/library", N_("Library"), (Permission.LIBRARY_SEARCH,)),
    ("/accounts", N_("Accounts"), (Permission.PEOPLE_MANAGE,)),
)
"""Address, label, and the permissions of which one opens it (none: everybody's)."""


def navigation(actor: Actor | None, path: str) -> tuple[NavItem, ...]:
    """Return the entries this person can use; nobody is shown a door that is locked."""
    if actor is None:
        return ()
    return tuple(
        NavItem(
            gettext(label), href, path == href or (href != "/" and path.startswith(href + "/"))
        )
        for href, label, permissions in _NAVIGATION
        if not permissions or any(actor.can_somewhere(p) for p in permissions)
    )


todo = case_todo.lines
"""What needs a person now, for the home page."""


async def programme_name(unit: Unit, programme: ProgrammeId) -> str | None:
    """Name a programme for the people pages."""
    found = await session_queries.programmes(unit, frozenset({programme}))
    return found[programme].name if programme in found else None


def subscribers(
    room: Live | None = None, origin: str | None = None, vault: Vault | None = None
) -> Handlers:
    """Return event type → handlers; each runs in a write unit of its own, at least once.

    Without `room` nobody is in a live room, without `origin` nobody is mailed, and without
    `vault` there are no files: so the demonstration's past is lived.
    """
    found: dict[type[Event], tuple[Handler, ...]] = {
        CaseSubmitted: (),
        CaseReturned: (),
        CaseScheduled: (),
        CaseUnscheduled: (),
        CaseConverted: (),
        CaseErased: (),
        EConsultAsked: (),
        EConsultLate: (),
        FollowUpAsked: (),
        RolesChanged: (),
        RecommendationsSigned: (
            indexer.on_recommendations_signed,
            reactions.on_recommendations_signed,
        ),
        EntryPublished: (indexer.on_entry_published,),
        EntryRetracted: (indexer.on_entry_retracted,),
        AgendaItemPresented: (reactions.on_item_presented,),
        SessionEnded: (reactions.on_session_ended,),
        SessionCancelled: (reactions.on_session_cancelled,),
    }
    if room is not None:
        found[SessionEnded] += (room.on_session_over,)
        found[SessionCancelled] += (room.on_session_over,)
        found[RolesChanged] += (room.on_roles_changed,)
        found[CaseErased] += (_off_the_screens(room),)
    if vault is not None:

        async def erase_file(_unit: Unit, event: FileErased) -> None:
            await vault.erase(event.file_id)

        found[FileErased] = (erase_file,)
    if origin is not None:
        news = notices.Notices(origin)
        found[CaseSubmitted] += (news.on_case_submitted,)
        found[CaseReturned] += (news.on_case_returned,)
        found[CaseScheduled] += (news.on_case_scheduled,)
        found[CaseUnscheduled] += (news.on_case_unscheduled,)
        found[CaseConverted] += (news.on_case_converted,)
        found[CaseErased] += (news.on_case_erased,)
        found[EConsultAsked] += (news.on_econsult_asked,)
        found[EConsultLate] += (news.on_econsult_late,)
        found[RecommendationsSigned] += (news.on_recommendations_signed,)
        found[FollowUpAsked] += (news.on_follow_up_asked,)
    return found


def _off_the_screens(room: Live) -> Handler:
    """Return what takes an erased case's sheet off the screens of the session presenting it."""

    async def handler(_unit: Unit, event: Event) -> None:
        assert isinstance(event, CaseErased)
        if event.session_id:
            await room.redraw_sheet(SessionId(event.session_id))

    return handler


def mount(app: web.Application) -> None:
    """Mount every feature."""
    people_routes.setup(app)
    session_routes.setup(app)
    case_routes.setup(app)
    advice_routes.setup(app)


async def start(app: web.Application, supervisor: Supervisor) -> None:
    """Start the recurring work."""

    async def materialise() -> None:
        async with app[UNITS].write() as unit:
            await series.materialise_all(unit)
            await unit.commit()

    async def open_rooms() -> None:
        async with app[UNITS].write() as unit:
            await running.open_due(unit)
            await unit.commit()

    async def settle() -> None:
        async with app[UNITS].write() as unit:
            await wrapping.settle_due(unit)
            await unit.commit()

    async def erase() -> None:
        async with app[UNITS].write() as unit:
            await reactions.erase_withdrawn(unit)
            await unit.commit()

    async def follow_up() -> None:
        async with app[UNITS].write() as unit:
            await follow_ups.ask_due(unit)

    async def remind() -> None:
        async with app[UNITS].write() as unit:
            await econsults.remind_late(unit)

    async def tidy_up() -> None:
        async with app[UNITS].write() as unit:
            await tidy.forget(unit)
            await people_store.forget_ended(unit)
            await attachments.sweep(unit, app[attachment_pages.VAULT])
            await unit.commit()

    async def read_modes() -> None:
        # A text in Spanish may come as a line of a live room, whose server cannot wait for it.
        await asyncio.to_thread(load.warm, *load.LANGUAGES)

    supervisor.once("read Spanish and French", read_modes)
    # In this order, seconds after the start and apart from each other: first come people's pages.
    first = map(float, itertools.count(5))
    for job in (
        Periodic("open green rooms", 30.0, open_rooms, next(first)),
        Periodic("settle past sessions", 300.0, settle, next(first)),
        Periodic("materialise sessions", 3600.0, materialise, next(first)),
        Periodic("ask for follow-ups", 3600.0, follow_up, next(first)),
        Periodic("remind of late e-consults", 900.0, remind, next(first)),
        Periodic("erase withdrawn cases", 3600.0, erase, next(first)),
        Periodic("tidy", 3600.0, tidy_up, next(first)),
    ):
        supervisor.spawn(job.name, job.run)
    supervisor.spawn("page reader", app[attachment_pages.PAGE_READER].run)
