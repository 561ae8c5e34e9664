"""A tiny page with its own signalling, so that real browsers can meet on a LocalPlane."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from server.kit.clock import SystemClock
from server.kit.errors import DomainError
from sessions.media.local import LocalPlane, MediaSettings
from sessions.media.plane import (
    DownOffer,
    Grants,
    Limits,
    PlaneEvent,
    RoomKey,
    SeatKey,
    SeatLost,
    SlotsChanged,
    Source,
    Wanted,
)

PEER = Path(__file__).parents[3] / "static" / "live" / "peer.js"
ROOM = RoomKey("room")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Seat</title>
<main id="slots"></main><script type="module">
import { MediaPeer } from "/peer.js";
const seat = new URLSearchParams(location.search).get("seat");
const socket = new WebSocket(`ws://${location.host}/ws?seat=${seat}`);
const waiting = new Map();
let number = 0;
const send = (type, payload) => new Promise((resolve, reject) => {
  number += 1;
  waiting.set(number, { resolve, reject });
  socket.send(JSON.stringify({ number, type, payload }));
});
const peer = new MediaPeer({ send });
window.peer = peer;
window.send = send;
window.filled = [];
window.states = [];
peer.addEventListener("state", ({ detail }) => window.states.push(detail));
peer.addEventListener("slot", ({ detail }) => {
  const name = `slot-${detail.slot}`;
  const element = document.getElementById(name) ?? document.createElement(
    detail.track.kind === "audio" ? "audio" : "video");
  element.id = name;
  element.autoplay = true;
  element.playsInline = true;
  element.srcObject = detail.stream;
  if (!element.isConnected) document.getElementById("slots").append(element);
  // When the first picture is there; a page in the background may not draw any more.
  element.addEventListener("loadeddata", () => { window.firstFrame ??= performance.now(); });
});
socket.onmessage = async ({ data }) => {
  const message = JSON.parse(data);
  if (message.number) {
    const { resolve, reject } = waiting.get(message.number);
    if (message.error) reject(new Error(message.error)); else resolve(message.payload);
  } else if (message.type === "media:offer") await peer.onDownOffer(message.payload);
  else if (message.type === "media:slots") window.filled = message.payload;
  else if (message.type === "media:lost") peer.restart(message.payload.which);
};
window.join = async (publish) => {
  window.began = performance.now();
  if (socket.readyState !== 1) await new Promise((open) => { socket.onopen = open; });
  const subscribed = send("subscribe", {});
  if (publish) {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: true, audio: { echoCancellation: false, noiseSuppression: false } });
    await peer.publish({ audio: stream.getAudioTracks()[0], video: stream.getVideoTracks()[0] });
  }
  await subscribed;
  return true;
};
window.shareCanvas = async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [320, 240];
  const pen = canvas.getContext("2d");
  let step = 0;
  setInterval(() => {
    pen.fillStyle = "rgb(0, 120, 0)";
    pen.fillRect(0, 0, 320, 240);
    pen.fillStyle = "white";
    pen.fillRect((step += 8) % 280, 100, 40, 40);
  }, 50);
  await peer.replaceTrack("share", canvas.captureStream(20).getVideoTracks()[0]);
  return true;
};
window.ready = true;
</script></html>"""


class Site:
    """The page, its sockets and the plane behind them. Everybody wants everybody."""

    def __init__(self, plane: LocalPlane) -> None:
        self.plane = plane
        self.events: list[PlaneEvent] = []
        self.seats: dict[SeatKey, web.WebSocketResponse] = {}
        self.url = ""

    async def page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def script(self, _: web.Request) -> web.Response:
        return web.Response(text=PEER.read_text(), content_type="text/javascript")

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        seat = SeatKey(request.query["seat"])
        await self.plane.open_seat(ROOM, seat, Grants(share=True))
        self.seats[seat] = socket
        await self._want_all()
        async for message in socket:
            body = json.loads(message.data)
            reply: dict = {"number": body["number"], "payload": {}}
            try:
                reply["payload"] = await self._take(seat, body["type"], body["payload"])
            except DomainError as error:
                reply["error"] = error.code
            await socket.send_json(reply)
        self.seats.pop(seat, None)
        await self.plane.close_seat(seat)
        return socket

    async def _take(self, seat: SeatKey, name: str, payload: dict) -> dict:
        if name == "media:publish":
            return {"sdp": await self.plane.publish(seat, payload["sdp"])}
        if name == "media:answer":
            await self.plane.answer(seat, payload["sdp"], payload["generation"])
        elif name == "media:renew":
            await self.plane.renew(seat)
        elif name == "subscribe":
            self.wanting.add(seat)
            await self._want_all()
        return {}

    wanting: set[SeatKey]

    async def _want_all(self) -> None:
        others = sorted(self.seats)
        wanted = Wanted(
            tuple(Source(seat, "video") for seat in others)
            + tuple(Source(seat, "share") for seat in others)
        )
        for seat in sorted(self.wanting & set(self.seats)):
            await self.plane.subscribe(seat, wanted)

    async def relay(self) -> None:
        async for event in self.plane.events():
            self.events.append(event)
            socket = self.seats.get(getattr(event, "seat", None))
            if socket is None or socket.closed:
                continue
            if isinstance(event, DownOffer):
                payload: object = {"sdp": event.sdp, "generation": event.generation}
                await socket.send_json({"type": "media:offer", "payload": payload})
            elif isinstance(event, SlotsChanged):
                payload = [
                    {"slot": f.slot, "seat": f.source.seat, "kind": f.source.kind}
                    for f in event.slots
                ]
                await socket.send_json({"type": "media:slots", "payload": payload})
            elif isinstance(event, SeatLost):
                await socket.send_json({"type": "media:lost", "payload": {"which": event.which}})


@contextlib.asynccontextmanager
async def site(limits: Limits | None = None) -> AsyncIterator[Site]:
    """Serve the page on a free port with a fresh plane; yields the site."""
    plane = await LocalPlane.start(MediaSettings(), SystemClock())
    await plane.open_room(ROOM, limits or Limits())
    served = Site(plane)
    served.wanting = set()
    app = web.Application()
    app.router.add_get("/", served.page)
    app.router.add_get("/peer.js", served.script)
    app.router.add_get("/ws", served.socket)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://localhost:{runner.addresses[0][1]}"
    relay = asyncio.get_running_loop().create_task(served.relay())
    try:
        yield served
    finally:
        for socket in list(served.seats.values()):
            await socket.close()
        await plane.close()
        await relay
        await runner.cleanup()
