"""Janus with its VideoRoom, started and driven over a WebSocket (media.md §6).

Default means Debian's build with its own defaults: a thread for every connection. Tuned means two
event loops for all of them, what its manual advises for many viewers. Everything else is the same.
"""

import asyncio
import contextlib
import itertools
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import aiohttp

from tests.bench.media.namespace import INTERFACE
from tests.bench.media.server import Broken, Invitation, Unavailable, end

ROOM = 1234
TUNED_LOOPS = 2
PATIENCE_S = 10
CONFIG = {
    "janus.jcfg": """
general: {{
  debug_level = 2
  debug_colors = false
  session_timeout = 0
  {loops}
}}
nat: {{ ice_enforce_list = "{interface}" }}
plugins: {{
  disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,\
libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,\
libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so"
}}
transports: {{
  disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,\
libjanus_rabbitmq.so"
}}
""",
    "janus.transport.websockets.jcfg": """
general: {{ ws = true, ws_port = {port}, ws_ip = "127.0.0.1", wss = false }}
""",
    "janus.plugin.videoroom.jcfg": """
room-{room}: {{
  publishers = 50
  bitrate = 1500000
  audiocodec = "opus"
  videocodec = "vp8"
  audiolevel_event = false
}}
""",
}


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _readable(sdp: str) -> str:
    """aiortc names three fingerprints, Janus wants one."""
    other = ("a=fingerprint:sha-384", "a=fingerprint:sha-512")
    lines = [line for line in sdp.splitlines() if not line.startswith(other)]
    return "\r\n".join(lines) + "\r\n"


class Janus:
    """One Janus process, one session, a handle for every connection."""

    def __init__(self, *, tuned: bool) -> None:
        self._tuned = tuned
        self._feeds: list[int] = []
        self._waiting: dict[str, tuple[bool, asyncio.Future]] = {}
        self._numbers = itertools.count(1)
        self._process: asyncio.subprocess.Process | None = None
        self._left = contextlib.AsyncExitStack()

    async def start(self) -> None:
        if shutil.which("janus") is None:
            message = "Janus is not installed (on Debian: apt install janus)"
            raise Unavailable(message)
        folder = Path(self._left.enter_context(tempfile.TemporaryDirectory()))
        port = _free_port()
        loops = f"event_loops = {TUNED_LOOPS}" if self._tuned else ""
        for name, text in CONFIG.items():
            words = text.format(loops=loops, interface=INTERFACE, port=port, room=ROOM)
            (folder / name).write_text(words)
        # Janus does not notice when its starter is gone; the kernel tells it.
        bond = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
        with (folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*bond, "janus", "--configs-folder", folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.pid = self._process.pid
        http = await self._left.enter_async_context(aiohttp.ClientSession())
        try:
            self._socket = await self._connect(http, f"ws://127.0.0.1:{port}")
        except TimeoutError:
            print((folder / "log").read_text(), file=sys.stderr)
            message = "Janus did not come up: its words are above"
            raise Broken(message) from None
        self._reading = asyncio.get_running_loop().create_task(self._read())
        self._session = (await self._request(janus="create"))["data"]["id"]

    async def publish(self, offer: str) -> str:
        body = {"request": "joinandconfigure", "ptype": "publisher", "room": ROOM}
        reply = await self._message(await self._handle(), body, "offer", offer)
        self._feeds.append(reply["plugindata"]["data"]["id"])
        return reply["jsep"]["sdp"]

    async def invite(self) -> Invitation:
        handle = await self._handle()
        streams = [{"feed": feed} for feed in self._feeds]
        body = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams}
        reply = await self._message(handle, body)
        return Invitation(str(handle), reply["jsep"]["sdp"])

    async def answer(self, ticket: str, answer: str) -> None:
        await self._message(int(ticket), {"request": "start"}, "answer", answer)

    async def leave(self, ticket: str) -> None:
        await self._request(janus="detach", session_id=self._session, handle_id=int(ticket))

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
        await end(self._process)
        await self._left.aclose()

    async def _connect(self, http: aiohttp.ClientSession, url: str):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    return await http.ws_connect(url, protocols=("janus-protocol",))
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)

    async def _read(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            wants_event, reply = self._waiting.get(message.get("transaction"), (False, None))
            if reply is None or reply.done() or (wants_event and message["janus"] == "ack"):
                continue
            reply.set_result(message)

    async def _request(self, *, wants_event: bool = False, **fields) -> dict:
        name = str(next(self._numbers))
        reply = asyncio.get_running_loop().create_future()
        self._waiting[name] = wants_event, reply
        await self._socket.send_json({**fields, "transaction": name})
        try:
            async with asyncio.timeout(PATIENCE_S):
                message = await reply
        finally:
            del self._waiting[name]
        refusal = message.get("error") or message.get("plugindata", {}).get("data", {}).get(
            "error"
        )
        if refusal is not None:
            text = f"Janus refused: {refusal}"
            raise Broken(text)
        return message

    async def _handle(self) -> int:
        reply = await self._request(
            janus="attach", session_id=self._session, plugin="janus.plugin.videoroom"
        )
        return reply["data"]["id"]

    async def _message(self, handle: int, body: dict, kind: str = "", sdp: str = "") -> dict:
        fields = {"session_id": self._session, "handle_id": handle, "body": body}
        if sdp:
            fields["jsep"] = {"type": kind, "sdp": _readable(sdp)}
        return await self._request(janus="message", wants_event=True, **fields)
