"""What a hostile browser may send, and what it must not achieve (security.md 16, 37, 50, 51)."""

import asyncio
import json
import logging
import time
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.edge.sockets import BURST, PATIENCE
from tests.sessions.live.conftest import Clinic, Guest

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=8,
)


def _fields(schema: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return payloads with the right names and any values."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(schema.model_fields, JSON))


def _examples(schema: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []

    @given(st.lists(_fields(schema) | JSON, max_size=2))
    @settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
    def collect(args: list[Any]) -> None:
        found.append(tuple(args))

    collect()
    return found


async def _raw(clinic: Clinic, guest: Guest) -> aiohttp.ClientWebSocketResponse:
    """Return a bare WebSocket that has passed the handshake but sent nothing."""
    http = guest.io.eio.http
    socket = await http.ws_connect(
        f"{clinic.house.origin}/socket.io/?EIO=4&transport=websocket",
        headers={"Cookie": f"sid={guest.token}", "Origin": clinic.house.origin},
    )
    opening = await socket.receive_str()
    assert opening.startswith("0")
    return socket


async def test_every_event_declares_schema_and_policy(clinic: Clinic) -> None:
    events = clinic.house.live.namespace.events
    assert {name: event.policy.describe() for name, event in events.items()} == {
        "room:join": "needs session.join",
        "room:leave": "needs session.join",
        "room:beat": "needs session.join",
        "room:refetch": "needs session.join",
        "rules:accept": "needs session.join",
        "phase:start": "needs session.run",
        "phase:next": "needs session.run",
        "phase:back": "needs session.run",
        "phase:extend": "needs session.run",
        "session:end": "needs session.run",
        "hand:raise": "needs session.join",
        "hand:lower": "needs session.join",
        "hand:move": "needs session.run",
        "floor:give": "needs session.run",
        "floor:take": "needs session.join",
        "hub:unlock": "needs session.run",
        "line:capture": "needs recommendation.capture",
        "line:react": "needs session.join",
        "alert:raise": "needs session.join",
        "alert:close": "needs session.run",
        "media:state": "needs session.join",
        "media:ready": "needs session.join",
        "media:renew": "needs session.join",
        "media:relays": "needs session.join",
        "media:publish": "needs session.join",
        "media:answer": "needs session.join",
    }
    assert all(event.about for event in events.values())


async def test_every_event_survives_any_json(
    clinic: Clinic, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing a browser can say raises on the server; every answer is an ack of ours."""
    fay = await clinic.enter(clinic.facilitator)
    namespace = clinic.house.live.namespace
    (sid,) = namespace.peers
    asked = [
        (name, args)
        for name, event in namespace.events.items()
        # Leaving works, and then nobody is there to ask the next question.
        if name != "room:leave"
        for args in await asyncio.to_thread(_examples, event.schema)
    ]
    for name, args in asked:
        namespace.peers[sid].bucket.tokens = BURST
        answer = await namespace.trigger_event(name, sid, *args)
        assert answer["ok"] is True or set(answer["error"]) <= {"code", "message", "fields"}
        if answer["ok"] is False:
            assert answer["error"]["code"] != "server_error", (name, args)
    assert "socket event failed" not in capsys.readouterr().out
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []
    assert fay.io.connected


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "x",
        "4",
        "9",
        "2probe",
        "5",
        "6",
        "4" + "[" * 60_000,
        "42/live," + "[" * 60_000,
        '42/live,["hand:raise",' + "9" * 5000 + "]",
        '42/live,["hand:raise",NaN]',
        '42/live,["hand:raise",{"a":1,"a":2}]',
        '42/live,["hand:raise","\\ud800"]',
        '42/live,["connect",{}]',
        '42/live,["disconnect"]',
        '42/live,{"a":1}',
        "42/live,[]",
        "42/live,[1]",
        "42/live,1",
        "40/live,",
        '40/live,"x"',
        "43/live,1[]",
        "44/live,{}",
        '451-/live,["hand:raise",{"_placeholder":true,"num":9}]',
        "42" + "9" * 200 + "[]",
        "42/live," + "9" * 101 + '["x"]',
        "b4AA",
        "42/other,[1]",
        "4\ud7ff",
    ],
)
async def test_a_frame_that_is_not_ours_ends_the_connection(
    clinic: Clinic,
    frame: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    joe = await clinic.guest(clinic.spoke)
    socket = await _raw(clinic, joe)
    ticket = await joe.ticket(clinic.session)
    await socket.send_str("40/live," + json.dumps({"ticket": ticket}))
    assert (await socket.receive_str()).startswith("40/live,")
    await socket.send_str(frame)
    async with asyncio.timeout(5):
        message = await socket.receive()
    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED), message
    assert "unhandled" not in capsys.readouterr().out
    async with asyncio.timeout(5):
        while clinic.house.live.namespace.peers:
            await asyncio.sleep(0)
    assert caplog.records == []


async def test_bytes_and_huge_frames_end_the_connection(clinic: Clinic) -> None:
    joe = await clinic.guest(clinic.spoke)
    for send in ("bytes", "huge"):
        socket = await _raw(clinic, joe)
        if send == "bytes":
            await socket.send_bytes(b"\x00\x01")
        else:
            await socket.send_str("42/live," + json.dumps(["hand:raise", "x" * 70_000]))
        async with asyncio.timeout(5):
            message = await socket.receive()
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_polling_is_not_spoken(clinic: Clinic) -> None:
    joe = await clinic.guest(clinic.spoke)
    async with joe.io.eio.http.get(
        f"{clinic.house.origin}/socket.io/?EIO=4&transport=polling",
        headers={
            "Cookie": f"sid={joe.token}",
            "Origin": clinic.house.origin,
            "Accept": "application/json",
        },
    ) as response:
        assert response.status == 404


async def test_a_flood_is_cut_and_others_do_not_notice(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    joe = await clinic.enter(clinic.spoke)

    async def flood() -> None:
        for _ in range(BURST + PATIENCE + 500):
            if not joe.connected:
                return
            await joe.io.emit("room:beat", {}, namespace="/live")

    flooding = asyncio.ensure_future(flood())
    waits = []
    for _ in range(40):
        began = time.monotonic()
        await fay.do("room:beat")
        waits.append(time.monotonic() - began)
    await flooding
    await joe.until(lambda g: not g.connected)
    assert fay.io.connected
    assert sorted(waits)[-2] < 0.25


async def test_unknown_events_and_fields_are_refused(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    assert await fay.refused("no:such") == "socket.unknown_event"
    assert await fay.refused("phase:start", extra=1) == "invalid"
    assert await fay.refused("hand:raise", intent="shout") == "invalid"
    assert await fay.refused("floor:give", person="../../etc") == "invalid"
    answer = await fay.ask("hand:raise", intent="clarify", note="x" * 121)
    assert answer["error"]["fields"] == {"note": "This is too long."}
