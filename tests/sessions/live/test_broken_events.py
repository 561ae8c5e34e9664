"""Socket events that their schema refuses, made from it (security.md 50, 86): nothing happens."""

import asyncio
import copy
import json
import zlib

import pytest

from server.edge.forms import BadRequest, parse_json
from server.edge.sockets import BURST
from tests.harness.long import LONG
from tests.security.broken import MARK, Schema, broken, examples, good, schema_of
from tests.security.clinic import everything
from tests.sessions.live.conftest import Clinic

PAYLOADS = 300 if LONG else 8


async def drawn(strategy, name: str) -> list[dict]:
    return await asyncio.to_thread(examples, strategy, PAYLOADS, zlib.crc32(name.encode()))


async def test_every_broken_payload_is_refused_and_changes_nothing(
    clinic: Clinic, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    fay = await clinic.enter(clinic.facilitator)
    namespace = clinic.house.live.namespace
    (sid,) = namespace.peers
    before, state = await everything(clinic.units), copy.deepcopy(fay.state)
    asked, wrong = 0, []
    for name, event in namespace.events.items():
        schema: Schema = schema_of(event.schema)
        for payload in await drawn(broken(schema), name):
            asked += 1
            try:
                parse_json(json.dumps(payload).encode())
            except BadRequest:
                continue  # ends the connection before any event: test_hostile_sockets.py
            namespace.peers[sid].bucket.tokens = BURST
            answer = await namespace.trigger_event(name, sid, payload)
            if answer["ok"] or answer["error"]["code"] != "invalid":
                wrong.append(f"{name} {payload!r:.300}: {answer}")
            if MARK in str(answer):
                wrong.append(f"{name} {payload!r:.300}: said back")
    print(json.dumps({"broken payloads": asked, "events": len(namespace.events)}))
    assert not wrong, "\n".join(wrong)
    assert asked > 25 * 5
    assert await everything(clinic.units) == before
    await fay.do("room:refetch")
    assert fay.state == state
    assert MARK not in capsys.readouterr().out.replace("broken payloads", "")
    assert [r for r in caplog.records if MARK in r.getMessage()] == []


async def test_payloads_that_fit_but_mean_nothing_never_break_it(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    await clinic.enter(clinic.facilitator)
    namespace = clinic.house.live.namespace
    (sid,) = namespace.peers
    wrong = []
    for name, event in namespace.events.items():
        if name in ("room:leave", "session:end"):
            continue  # they work, and then nobody is there to ask the next question
        for payload in await drawn(good(schema_of(event.schema)), name):
            namespace.peers[sid].bucket.tokens = BURST
            answer = await namespace.trigger_event(name, sid, payload)
            if not answer["ok"] and answer["error"]["code"] == "server_error":
                wrong.append(f"{name} {payload!r:.300}: {answer}")
    assert not wrong, "\n".join(wrong)
    said = capsys.readouterr().out
    assert "socket event failed" not in said
    assert MARK not in said
