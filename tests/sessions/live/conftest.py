"""A clinic with its live room on a real port, and people who sit in it through real sockets."""

import asyncio
import pathlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import socketio

from server.app import create_app
from server.config import Settings
from server.edge.listener import Listener
from server.kit.actor import Actor, Role
from server.kit.ids import CROCKFORD, CaseId, OrganisationId, SessionId, new_id
from server.store.unit import Units
from sessions.commands import agenda, running
from sessions.rules.models import ItemKind, Programme
from sessions.web import live
from tests.conftest import NOON, FakeClock
from tests.factories import sessions as make
from tests.factories.people import make_actor, open_sign_in
from tests.fakes.plane import FakePlane
from tests.harness.browser_client import House


class LiveHouse(House):
    """The application with a live room over a media plane without media."""

    async def start(self) -> None:
        self.plane = FakePlane(strict=False)
        self.app = create_app(
            Settings(data_dir=self.data_dir, http_port=0),
            self.units,
            secret=b"t" * 32,
            plane=self.plane,
            clock=self.clock,
            reload_seconds=0,
        )
        self.live = self.app[live.LIVE]
        self.listener = Listener(self.app)
        self.port = await self.listener.start("127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{self.port}"


class Guest:
    """One person's browser in the room: folds patches over the snapshot as the page does."""

    def __init__(self, house: LiveHouse, actor: Actor, token: str) -> None:
        self.house = house
        self.actor = actor
        self.token = token
        self.io = socketio.AsyncClient(reconnection=False)
        self.state: dict[str, Any] = {}
        self.you: dict[str, Any] = {}
        self.told: list[tuple[str, Any]] = []
        self._changed = asyncio.Condition()
        self.io.on("*", self._hear, namespace="/live")
        self.io.on("disconnect", self._gone, namespace="/live")
        self.connected = False

    async def ticket(self, session: SessionId) -> str:
        async with self.io.eio.http.get(
            f"{self.house.origin}/sessions/{session}/live/ticket",
            headers={"Cookie": f"sid={self.token}", "Accept": "application/json"},
        ) as response:
            answer = await response.json()
        assert response.status == 200, answer
        return str(answer["ticket"])

    async def connect(self, session: SessionId, **headers: str) -> None:
        """Open the socket with a fresh ticket; not yet in the room."""
        if self.io.eio.http is None:
            import aiohttp

            self.io.eio.http = aiohttp.ClientSession()
        await self.io.connect(
            self.house.origin,
            headers={"Cookie": f"sid={self.token}", "Origin": self.house.origin, **headers},
            auth={"ticket": await self.ticket(session)},
            namespaces=["/live"],
            transports=["websocket"],
        )
        self.connected = True

    async def join(self, session: SessionId, *, accept: bool = True) -> "Guest":
        """Connect, sit down and, unless told not to, accept the rules."""
        await self.connect(session)
        await self.do("room:join")
        if accept:
            await self.do("rules:accept")
        return self

    async def ask(self, event: str, **payload: Any) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        answer = await self.io.call(event, payload, namespace="/live", timeout=10)
        assert isinstance(answer, dict)
        return answer

    async def do(self, event: str, **payload: Any) -> dict[str, Any]:
        """Send an event that must be accepted."""
        answer = await self.ask(event, **payload)
        assert answer["ok"], answer
        return answer

    async def refused(self, event: str, **payload: Any) -> str:
        """Send an event that must be refused, and return the code."""
        answer = await self.ask(event, **payload)
        assert answer["ok"] is False, answer
        return str(answer["error"]["code"])

    async def until(self, holds: Any) -> None:
        """Wait until what the person sees satisfies `holds`."""
        async with self._changed:
            async with asyncio.timeout(10):
                await self._changed.wait_for(lambda: holds(self))

    async def leave(self) -> None:
        await self.io.disconnect()

    async def close(self) -> None:
        await self.io.disconnect()
        if self.io.eio.http is not None:
            await self.io.eio.http.close()

    async def _hear(self, event: str, data: Any) -> None:
        async with self._changed:
            self.told.append((event, data))
            if event == "room:snapshot":
                self.state, self.you = data["state"], data["you"]
            elif event == "room:patch":
                from sessions.live.view import merge

                self.state = merge(self.state, data["patch"])
            self._changed.notify_all()

    async def _gone(self, *_: Any) -> None:
        async with self._changed:
            self.connected = False
            self._changed.notify_all()


def client_id() -> str:
    """Return an id as the browser makes one."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(26))


@dataclass
class Clinic:
    """A programme, its people, an open session with one case in its first slot."""

    house: LiveHouse
    units: Units
    programme: Programme
    session: SessionId
    facilitator: Actor
    specialist: Actor
    presenter: Actor
    spoke: Actor
    learner: Actor
    stranger: Actor
    guests: list[Guest] = field(default_factory=list)

    async def guest(self, actor: Actor) -> Guest:
        """Return a browser of `actor` that is not connected yet."""
        import aiohttp

        found = Guest(self.house, actor, await open_sign_in(self.units, actor.person))
        found.io.eio.http = aiohttp.ClientSession()
        self.guests.append(found)
        return found

    async def enter(self, actor: Actor) -> Guest:
        """Return a browser of `actor` that sits in the room."""
        return await (await self.guest(actor)).join(self.session)

    async def to_phase(self, guest: Guest, kind: str) -> None:
        """Walk to a phase, from the green room if need be."""
        if guest.state["stage"] == "green":
            await guest.do("phase:start")
        while _kind(guest) != kind:
            before = guest.state["phase"]["key"]
            await guest.do("phase:next", seen=before)
            await guest.until(lambda g, before=before: g.state["phase"]["key"] != before)


def _kind(guest: Guest) -> str:
    return str(guest.state["steps"][guest.state["phase"]["key"]]["kind"])


CASE = CaseId("case1".ljust(26, "0"))


@pytest.fixture
async def live_house(
    units: Units, clock: FakeClock, tmp_path: pathlib.Path
) -> AsyncIterator[LiveHouse]:
    running_house = LiveHouse(units, clock, tmp_path)
    await running_house.start()
    yield running_house
    await running_house.stop()


@pytest.fixture
async def clinic(
    live_house: LiveHouse,
    units: Units,
    clock: FakeClock,
    hub: OrganisationId,
    spoke: OrganisationId,
) -> AsyncIterator[Clinic]:
    found = await make.a_programme(units, hub)

    async def somebody(name: str, role: Role, where: OrganisationId) -> Actor:
        return await make_actor(units, name, {found.id: (role,)}, organisation=where)

    coordinator = await somebody("Cora Coordinator", Role.COORDINATOR, hub)
    presenter = await somebody("Ann Presenter", Role.SPOKE_CLINICIAN, spoke)
    async with units.write() as unit:
        session = await running.open_practice_session(unit, coordinator, found.id)
        await agenda.add_case_to_slot(
            unit,
            coordinator,
            session_id=session.id,
            case=CASE,
            case_no="BH-2031-001",
            presenter=presenter.person,
            item=None,
        )
        await unit.commit()
    house = Clinic(
        house=live_house,
        units=units,
        programme=found,
        session=session.id,
        facilitator=await somebody("Fay Facilitator", Role.FACILITATOR, hub),
        specialist=await somebody("Hugo Specialist", Role.HUB_SPECIALIST, hub),
        presenter=presenter,
        spoke=await somebody("Joe Spoke", Role.SPOKE_CLINICIAN, spoke),
        learner=await somebody("Lea Learner", Role.LEARNER, spoke),
        stranger=await make_actor(units, "Sam Stranger", {}),
    )
    yield house
    for guest in house.guests:
        await guest.close()


__all__ = ["CASE", "NOON", "Clinic", "Guest", "ItemKind", "client_id", "new_id"]
