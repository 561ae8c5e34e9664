"""Socket plumbing: who may connect, what an event must look like, what an error looks like.

WebSocket only. The handshake passes the same middlewares as every page: the sign-in cookie and
the Origin are checked before the upgrade (security.md 31). A frame that is not a plain Socket.IO
packet of ours closes the socket before the library sees it. Every event has a schema and a policy;
the sign-in is looked up again for every event (security.md 51).
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast

import socketio
import structlog
from aiohttp import web
from engineio.async_drivers import aiohttp as driver
from pydantic import BaseModel, ConfigDict, ValidationError
from socketio import packet

from server.edge import csrf, forms
from server.edge.guard import SIGNED_IN, Authenticator, Policy, SignedIn
from server.edge.keys import EDGE, EdgeSettings
from server.edge.problems import status_of, words_of
from server.edge.routing import Routes
from server.kit.actor import Actor
from server.kit.clock import Clock
from server.kit.errors import (
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    SignInNeeded,
    TooMany,
)
from server.kit.ids import PersonId, ProgrammeId
from server.store.unit import Units

PATH = "/socket.io/"
MAX_MESSAGE = 64 * 1024
"""Bytes of one message (security.md 50): the largest honest one is a session description."""
SOCKETS_PER_PERSON = 3
BURST = 60
"""Events a socket may send at once …"""
PER_SECOND = 20.0
"""… and per second after that; the busiest honest client sends two."""
PATIENCE = 200
"""Refused events after which a socket that goes on is cut."""
FAREWELL = 1.0
"""Seconds a socket that is cut has to take our last words."""
RESERVED = frozenset({"connect", "disconnect", "connect_error"})

log = structlog.get_logger("sockets")


class Payload(BaseModel):
    """Base of every event's payload: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Payload):
    """An event without content."""


P = TypeVar("P", bound=Payload)


@dataclass(slots=True)
class Bucket:
    """A token bucket on a monotonic clock."""

    tokens: float
    at: float
    refused: int = 0

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        self.tokens = min(BURST, self.tokens + (now - self.at) * PER_SECOND)
        self.at = now
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class Peer:
    """One connected socket."""

    sid: str
    token: str = field(repr=False)
    person: PersonId
    actor: Actor
    bucket: Bucket
    heard: float
    """Monotonic time of the last sign of life."""
    transport: asyncio.Transport | None = field(default=None, repr=False)
    programme: ProgrammeId | None = None


@dataclass(frozen=True, slots=True)
class SocketEvent(Generic[P]):
    """One event a browser may send: what it holds, who may send it, what is done."""

    name: str
    schema: type[P]
    policy: Policy
    handler: Callable[[Peer, P], Awaitable[dict[str, Any] | None]]
    about: str


class _Silent(logging.Logger):
    """The library's logger: it would write what people typed. Only levels pass (security.md 70)."""

    def makeRecord(  # noqa: N802 -- logging's name
        self, *args: Any, **kwargs: Any
    ) -> logging.LogRecord:
        record = super().makeRecord(*args, **kwargs)
        record.msg, record.args, record.exc_info = "socket library", None, None
        return record


class _Json:
    """The library's JSON, guarded against depth, size and odd numbers (security.md 37)."""

    @staticmethod
    def loads(text: str | bytes) -> Any:
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        try:
            return forms.parse_json(raw)
        except forms.BadRequest:
            raise ValueError("unreadable") from None

    @staticmethod
    def dumps(value: Any, **kwargs: Any) -> str:
        return json.dumps(value, **kwargs)


class _Packet(packet.Packet):
    """A packet of text only."""

    uses_binary_events = False


def _message(frame: object) -> _Packet | None:
    """Return the Socket.IO packet in a frame, None when there is no readable one."""
    if not isinstance(frame, str) or len(frame) < 2 or frame[0] != "4":
        return None
    try:
        parse: Any = _Packet  # the library is untyped
        return cast("_Packet", parse(encoded_packet=frame[1:]))
    except (ValueError, TypeError, IndexError, RecursionError):
        return None


def _honest(frame: object, connected: bool) -> bool:
    """Say whether a frame is one our own page would send; `connected` after its CONNECT.

    Pong, close, and messages that connect, leave or carry an event with one payload. Anything
    else (binary, acks, a second connect, reserved names) has no use here but to confuse the
    library behind.
    """
    if frame in ("1", "3"):
        return True
    message = _message(frame)
    if message is None:
        return False
    if message.packet_type == packet.CONNECT:
        return not connected and (message.data is None or isinstance(message.data, dict))
    if message.packet_type == packet.DISCONNECT:
        return connected
    return (
        message.packet_type == packet.EVENT
        and connected
        and isinstance(message.data, list)
        and bool(message.data)
        and isinstance(message.data[0], str)
        and message.data[0] not in RESERVED
    )


_Wire: Any = driver.WebSocket  # the library is untyped


class _WebSocket(_Wire):  # type: ignore[misc]
    """The library's WebSocket behind a gate: a frame that is not ours ends the connection."""

    connected = False

    async def wait(self) -> str | None:
        frame = await super().wait()
        if not _honest(frame, self.connected):
            return None
        self.connected = self.connected or frame.startswith("40")
        return str(frame)


def make_socket_server() -> Any:
    """Return the process's socketio.AsyncServer; `mount` gives it its one URL."""
    silent = _Silent("caseround.sockets", logging.CRITICAL)
    make: Any = socketio.AsyncServer
    server = make(
        async_mode="aiohttp",
        transports=["websocket"],
        serializer=_Packet,
        json=_Json,
        # One event of a socket after the other: order is kept and a flood fills nothing but its
        # own TCP window.
        async_handlers=False,
        # The Origin is checked by `mount`, which knows the public address and proxies.
        cors_allowed_origins=[],
        max_http_buffer_size=MAX_MESSAGE,
        ping_interval=10,
        ping_timeout=10,
        logger=silent,
        engineio_logger=silent,
        namespaces=[],
    )
    server.eio._async = {**server.eio._async, "websocket": _WebSocket}  # noqa: SLF001 -- the one place to stand before the library's parser; a test proves it is used
    return server


def mount(server: Any, app: web.Application) -> None:
    """Serve the sockets at PATH: signed-in browsers of our own origin only."""

    connections: set[asyncio.Transport] = set()

    async def handshake(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None or not csrf.origin_allowed(request.app[EDGE], request, origin):
            raise csrf.BadOrigin
        if request.headers.get("Upgrade", "").lower() != "websocket" or "sid" in request.query:
            raise NotFound
        transport = request.transport
        assert transport is not None  # it was connected a moment ago; aiohttp cancels us if not
        connections.add(transport)
        try:
            found: web.StreamResponse = await server.handle_request(request)
        finally:
            connections.discard(transport)
        return found

    routes = Routes()
    routes.get(PATH, handshake, SIGNED_IN)
    routes.mount(app)

    async def close(_app: web.Application) -> None:
        # Before the server stops: open sockets would keep it waiting.
        await server.shutdown()
        for transport in connections:
            transport.close()

    app.on_shutdown.append(close)


_Namespace: Any = socketio.AsyncNamespace  # the library is untyped
_Refused: Any = socketio.exceptions.ConnectionRefusedError


class RoomNamespace(_Namespace):  # type: ignore[misc]
    """Base of a feature's namespace: authentication, schemas, policies, limits, error acks.

    A feature lists its events in `table()` and may refuse or note in `entered` and `left`.
    An ack is `{"ok": true, …}` or `{"ok": false, "error": {"code": …, "message": …}}`.
    """

    path: ClassVar[str]

    def __init__(
        self, units: Units, authenticator: Authenticator, clock: Clock, edge: EdgeSettings
    ) -> None:
        super().__init__(self.path)
        self._units = units
        self._authenticator = authenticator
        self._edge = edge
        self.clock = clock
        self.peers: dict[str, Peer] = {}
        self._farewells: set[asyncio.Task[None]] = set()
        self.events: Mapping[str, SocketEvent[Any]] = {e.name: e for e in self.table()}

    # -- for features ----------------------------------------------------------------------------

    def table(self) -> tuple[SocketEvent[Any], ...]:
        """Return every event of this namespace."""
        raise NotImplementedError

    async def entered(self, peer: Peer, auth: Mapping[str, Any]) -> None:
        """Check what the browser shows at the door; raise a DomainError to refuse it."""

    async def left(self, peer: Peer, reason: str) -> None:
        """Clean up after a socket that is gone."""

    # -- the library's side ----------------------------------------------------------------------

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Dispatch; the only entry, and nothing but a refusal at the door leaves it raised."""
        sid = str(args[0]) if args else ""
        try:
            if event == "connect":
                return await self._connect(sid, args[1], args[2] if len(args) > 2 else None)
            if event == "disconnect":
                return await self._disconnect(sid, str(args[1]) if len(args) > 1 else "")
            return await self._event(sid, event, args[1:])
        except _Refused:
            raise
        except Exception as error:  # noqa: BLE001 -- the library must never see it, nor any log its text
            log.error("socket event failed", event=self._known(event), error=type(error).__name__)
            return _refusal("server_error", 500)

    def _known(self, event: str) -> str:
        return event if event in self.events or event in RESERVED else "unknown"

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Any) -> bool:
        request: web.Request = environ["aiohttp.request"]
        token = request.cookies.get(self._edge.cookie, "")
        try:
            found = await self._authenticate(token)
            if found is None:
                raise SignInNeeded
            theirs = Counter(peer.person for peer in self.peers.values())
            if theirs[found.actor.person] >= SOCKETS_PER_PERSON:
                raise TooMany("socket.too_many")
            now = self.clock.monotonic()
            peer = Peer(sid, token, found.actor.person, found.actor, Bucket(BURST, now), now)
            peer.transport = request.transport
            await self.entered(peer, auth if isinstance(auth, dict) else {})
        except DomainError as error:
            refused = _Refused(error.code)
            # The browser decides by the code what to do: sign in again, or fetch a fresh ticket.
            refused.error_args = {"message": error.code, "data": {"code": error.code}}
            raise refused from None
        self.peers[sid] = peer
        return True

    async def _disconnect(self, sid: str, reason: str) -> None:
        peer = self.peers.pop(sid, None)
        if peer is not None:
            await self.left(peer, reason)

    async def _event(self, sid: str, event: str, args: tuple[Any, ...]) -> dict[str, Any]:
        peer = self.peers.get(sid)
        if peer is None:
            return _refusal("sign_in_needed", 401)
        now = self.clock.monotonic()
        peer.heard = now
        if not peer.bucket.take(now):
            if peer.bucket.refused > PATIENCE:
                log.warning("socket cut", why="flood")
                self._cut_soon(sid)
            return _refusal("too_many", 429)
        try:
            entry = self.events.get(event)
            if entry is None:
                raise NotFound("socket.unknown_event")
            await self._still(peer)
            entry.policy.check(peer.actor)
            permission = entry.policy.permission
            if permission is not None and not peer.actor.can(permission, peer.programme):
                raise Forbidden
            return {"ok": True, **(await entry.handler(peer, _parse(entry, args)) or {})}
        except SignInNeeded as error:
            self._cut_soon(sid)
            return _refusal(error.code, 401)
        except DomainError as error:
            return _refusal(error.code, status_of(error), error.fields)

    async def _authenticate(self, token: str) -> SignedIn | None:
        if not token:
            return None
        async with self._units.read() as unit:
            return await self._authenticator.authenticate(unit, token)

    async def _still(self, peer: Peer) -> None:
        """Refresh the actor; raise SignInNeeded when the sign-in is over or somebody else's."""
        found = await self._authenticate(peer.token)
        if found is None or found.actor.person != peer.person:
            raise SignInNeeded
        peer.actor = found.actor
        # Being in a clinic is activity: nobody is signed out for listening (security.md 11).
        await self._authenticator.touch(found.sign_in)

    async def cut(self, sid: str) -> None:
        """Close a socket from our side: its namespace, then the connection itself."""
        peer = self.peers.get(sid)
        connection = self.server.manager.eio_sid_from_sid(sid, self.namespace)
        await self.disconnect(sid)
        try:
            async with asyncio.timeout(FAREWELL):
                await self.server.eio.disconnect(connection)
        except (TimeoutError, KeyError):
            pass  # it does not listen, or it is gone already
        if peer is not None and peer.transport is not None:
            peer.transport.close()

    def _cut_soon(self, sid: str) -> None:
        """Cut the socket once the refusal that is about to be returned is on its way."""
        task = self.server.start_background_task(self.cut, sid)
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    async def review(self, silence: float) -> None:
        """Cut every socket that was silent for `silence` seconds or whose sign-in is over."""
        now = self.clock.monotonic()
        for peer in list(self.peers.values()):
            try:
                if now - peer.heard <= silence:
                    await self._still(peer)
                    continue
            except SignInNeeded:
                pass
            await self.cut(peer.sid)


def _parse(entry: SocketEvent[P], args: tuple[Any, ...]) -> P:
    if len(args) > 1 or (args and not isinstance(args[0], dict)):
        raise Invalid("socket.bad_payload")
    try:
        return entry.schema.model_validate(args[0] if args else {})
    except ValidationError as error:
        fields = {
            str(item["loc"][0]): forms.message_key(item["type"])
            for item in error.errors(include_input=False, include_url=False, include_context=False)
            if item["loc"] and item["loc"][0] in entry.schema.model_fields
        }
        raise Invalid("invalid", fields) from None


def _refusal(code: str, status: int, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    title, todo = words_of(code, status)
    error: dict[str, Any] = {"code": code, "message": f"{title}. {todo}"}
    if fields:
        error["fields"] = dict(fields)
    return {"ok": False, "error": error}
