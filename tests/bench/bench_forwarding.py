"""What forwarding costs, and how soon a late joiner sees something: JSON lines, with targets.

    python -m tests.bench.bench_forwarding [--seconds 8] [--viewers 5 20 40] [--joins 10]

The plane runs in a process of its own; one synthetic publisher (1 Mbit/s picture in 120 packets a
second, 50 voice packets) and viewers that count but do not decode run in another. Absolute figures
drift with the machine: compare within one run (media.md §1).
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict

from server.kit.clock import SystemClock
from sessions.media.local import LocalPlane, MediaSettings
from sessions.media.plane import DownOffer, Grants, Limits, RoomKey, SeatKey, Source, Wanted
from tests.sessions.media.peers import DELTA, HEADER, KEYFRAME, Publisher, Viewer

ROOM, SPEAKER = RoomKey("room"), SeatKey("speaker")
FPS, PER_FRAME, SIZE = 30, 4, 1_040
TARGET_US = {5: 61, 20: 29, 40: 27}
"""Tier 1 of media.md §1 (no compiler)."""
TARGET_JOIN_MS = (250, 500)
"""media.md §5: median, 95th percentile."""


async def serve() -> None:
    """Be the server: one JSON request a line on standard input, one reply a line."""
    plane = await LocalPlane.start(MediaSettings(), SystemClock())
    await plane.open_room(ROOM, Limits(seats=500))
    offers: asyncio.Queue[DownOffer] = asyncio.Queue()

    async def listen():
        async for event in plane.events():
            if isinstance(event, DownOffer):
                offers.put_nowait(event)

    listening = asyncio.get_running_loop().create_task(listen())
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        request = json.loads(line)
        deed, seat = request["deed"], SeatKey(request.get("seat", ""))
        reply: dict = {}
        if deed == "publish":
            await plane.open_seat(ROOM, seat, Grants())
            reply = {"sdp": await plane.publish(seat, request["sdp"])}
        elif deed == "subscribe":
            await plane.open_seat(ROOM, seat, Grants())
            await plane.subscribe(seat, Wanted((Source(SPEAKER, "video"),)))
            reply = asdict(await offers.get())
        elif deed == "answer":
            await plane.answer(seat, request["sdp"])
        elif deed == "cpu":
            reply = {"seconds": time.process_time()}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()
    await plane.close()
    await listening


class Server:
    """The other process."""

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.bench_forwarding",
            "--serve",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )

    async def ask(self, deed: str, **fields) -> dict:
        self.process.stdin.write((json.dumps({"deed": deed, **fields}) + "\n").encode())
        return json.loads(await self.process.stdout.readline())

    async def stop(self) -> None:
        self.process.stdin.close()
        await self.process.wait()


class Counter:
    """A viewer that counts packets before they would be decrypted; one in ten measures delay."""

    def __init__(self, *, measures: bool) -> None:
        self.viewer = Viewer()
        self.measures = measures
        self.counting = False
        self.count = 0
        self.delays: list[float] = []
        self.numbers: dict[bytes, tuple[int, int, int]] = {}

    async def join(self, server: Server, seat: str) -> None:
        offer = await server.ask("subscribe", seat=seat)
        answer = await self.viewer.answer(offer["sdp"])
        dtls = self.viewer.pc.getTransceivers()[0].receiver.transport
        ice = dtls.transport._connection
        for protocol in ice._protocols:
            upstream = protocol.datagram_received

            def take(data, addr, upstream=upstream):
                if 127 < data[0] < 192:
                    if not 192 <= data[1] <= 223:
                        self.take(data, dtls)
                else:
                    upstream(data, addr)

            protocol.datagram_received = take
        await server.ask("answer", seat=seat, sdp=answer)

    def take(self, data: bytes, dtls) -> None:
        if not self.counting:
            return
        self.count += 1
        source, number = data[8:12], int.from_bytes(data[2:4])
        first, span, seen = self.numbers.get(source, (number, 0, 0))
        self.numbers[source] = (first, max(span, (number - first) % 65_536), seen + 1)
        if self.measures and dtls._rx_srtp is not None:
            now = time.monotonic_ns()
            plain = dtls._rx_srtp.unprotect(data)
            self.delays.append((now - int.from_bytes(plain[-8:])) / 1e6)

    @property
    def lost(self) -> tuple[int, int]:
        expected = sum(span + 1 for _, span, _ in self.numbers.values())
        return expected, expected - sum(seen for _, _, seen in self.numbers.values())


async def stream(publisher: Publisher) -> None:
    """Send the picture and the voice on time, for ever."""
    raw = publisher.raw
    kinds = {kind: t._codecs[0].payloadType for kind, t in publisher.transceivers.items()}
    fill = bytes(SIZE)
    frame = voice = video_seq = 0
    began = time.monotonic()
    while True:
        now = time.monotonic() - began
        while voice / 50 <= now:
            head = HEADER.pack(
                0x80, kinds["audio"], voice % 65_536, voice * 960, publisher.ssrc("audio")
            )
            raw.send_rtp(head + fill[:80] + time.monotonic_ns().to_bytes(8))
            voice += 1
        while frame / FPS <= now:
            for part in range(PER_FRAME):
                last = part == PER_FRAME - 1
                tag = (KEYFRAME if frame % 60 == 0 else DELTA) if part == 0 else b"\x00\x02\x00"
                body = bytes((0x90 if part == 0 else 0x80, 0x80))
                body += (0x8000 | frame % 32_768).to_bytes(2) + tag[0 if part else 1 :]
                if part == 0:
                    body = body[:4] + (b"\x10" if frame % 60 == 0 else b"\x11") + body[5:]
                head = HEADER.pack(
                    0x80,
                    kinds["video"] | (0x80 if last else 0),
                    video_seq % 65_536,
                    frame * 3_000 % (1 << 32),
                    publisher.ssrc("video"),
                )
                raw.send_rtp(head + body + fill[: SIZE - 40] + time.monotonic_ns().to_bytes(8))
                video_seq += 1
            frame += 1
        await asyncio.sleep(max(0.001, min(voice / 50, frame / FPS) - now))


async def forwarding(viewers: int, seconds: float) -> dict:
    """One publisher, so many viewers: CPU of the server per packet that left it."""
    server = Server()
    await server.start()
    publisher = Publisher("speaker", ("audio", "video"))
    answer = await server.ask("publish", seat=SPEAKER, sdp=await publisher.offer())
    await publisher.accept(answer["sdp"])
    streaming = asyncio.get_running_loop().create_task(stream(publisher))
    counters = [Counter(measures=i % 10 == 0) for i in range(viewers)]
    for i, counter in enumerate(counters):
        await counter.join(server, f"viewer-{i}")
    await asyncio.sleep(2)
    before = await server.ask("cpu")
    for counter in counters:
        counter.counting = True
    began = time.monotonic()
    await asyncio.sleep(seconds)
    for counter in counters:
        counter.counting = False
    took = time.monotonic() - began
    after = await server.ask("cpu")
    streaming.cancel()
    count = sum(counter.count for counter in counters)
    cpu = after["seconds"] - before["seconds"]
    lost = [counter.lost for counter in counters]
    delays = sorted(delay for counter in counters for delay in counter.delays)
    await server.stop()
    await asyncio.gather(publisher.close(), *(c.viewer.close() for c in counters))
    return {
        "bench": "forwarding",
        "publishers": 1,
        "viewers": viewers,
        "packets_per_s": round(count / took),
        "us_per_packet": round(cpu / max(1, count) * 1e6, 1),
        "target_us": TARGET_US.get(viewers),
        "core_percent": round(100 * cpu / took, 1),
        "loss_percent": round(100 * sum(b for _, b in lost) / max(1, sum(a for a, _ in lost)), 3),
        "delay_ms_median": round(statistics.median(delays), 2) if delays else None,
        "delay_ms_p99": round(delays[int(len(delays) * 0.99)], 2) if delays else None,
    }


async def late_joiner(joins: int) -> dict:
    """Time from the press on "enter" to the first picture, in a real browser."""
    from tests.harness import browsers, media_files
    from tests.sessions.media.site import site

    person = media_files.PEOPLE[0]
    files = media_files.video_file(person), media_files.audio_file(person)
    times = []
    async with site() as stage, browsers.chromium(*files) as browser:
        sender = await browser.new_page()
        await sender.goto(f"{stage.url}/?seat=speaker")
        await sender.wait_for_function("window.ready")
        await sender.evaluate("() => window.join(true)")
        await asyncio.sleep(3)
        for i in range(joins):
            page = await browser.new_page()
            await page.goto(f"{stage.url}/?seat=late-{i}")
            await page.wait_for_function("window.ready")
            await page.evaluate("() => window.join(false)")
            await page.wait_for_function("window.firstFrame")
            times.append(await page.evaluate("() => window.firstFrame - window.began"))
            await page.close()
    times.sort()
    return {
        "bench": "late_joiner",
        "joins": joins,
        "first_picture_ms_median": round(statistics.median(times)),
        "first_picture_ms_p95": round(times[min(joins - 1, int(joins * 0.95))]),
        "target_ms": TARGET_JOIN_MS,
    }


async def main(arguments: argparse.Namespace) -> None:
    for viewers in arguments.viewers:
        print(json.dumps(await forwarding(viewers, arguments.seconds)), flush=True)
    if arguments.joins:
        print(json.dumps(await late_joiner(arguments.joins)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true", help="be the server (internal)")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--viewers", type=int, nargs="*", default=[5, 20, 40])
    parser.add_argument("--joins", type=int, default=10)
    chosen = parser.parse_args()
    asyncio.run(serve() if chosen.serve else main(chosen))
