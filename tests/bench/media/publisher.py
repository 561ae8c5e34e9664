"""A synthetic publisher: 1 Mbit/s of picture in 120 packets a second, and 50 voice packets."""

import asyncio
import struct
import time

from tests.bench.media.server import Server
from tests.sessions.media.peers import Publisher

PACKETS_PER_S = 170
FPS, PER_FRAME, VOICES_PER_S = 30, 4, 50
PICTURE_BYTES, VOICE_BYTES = 1_040, 80
KEYFRAME_EVERY = 30
"""Frames: a viewer's picture begins with a keyframe, so within a second."""
LEVEL_EXTENSION = b"\xbe\xde\x00\x01"
LOUD = 30
"""A voice, in -dBov (RFC 6464)."""
STAMP = struct.Struct("!Q")
"""The last eight bytes of every payload: when it was sent, in ns since the epoch."""
RTP = struct.Struct("!BBHLL")


class Speaker:
    """Publishes from `join` until `close`; `sent` counts packets."""

    def __init__(self, number: int) -> None:
        self._peer = Publisher(f"speaker-{number}", ("audio", "video"))
        self._phase = number * 0.0077  # cameras are not in step
        self._fill = bytes(PICTURE_BYTES)
        self.sent = 0

    async def join(self, server: Server) -> None:
        answer = await server.publish(await self._peer.offer())
        await self._peer.accept(answer)
        self._streaming = asyncio.get_running_loop().create_task(self._stream())

    @property
    def ports(self) -> set[int]:
        """Of its sockets."""
        protocols = self._peer.raw.ice._protocols
        return {p.transport.get_extra_info("sockname")[1] for p in protocols}

    async def close(self) -> None:
        self._streaming.cancel()
        await self._peer.close()

    async def _stream(self) -> None:
        frame = voice = 0
        await asyncio.sleep(self._phase)
        began = time.monotonic()
        while True:
            now = time.monotonic() - began
            while voice / VOICES_PER_S <= now:
                self._say(voice)
                voice += 1
            while frame / FPS <= now:
                self._show(frame)
                frame += 1
            due = min(voice / VOICES_PER_S, frame / FPS)
            await asyncio.sleep(max(0.0, due - (time.monotonic() - began)))

    def _say(self, number: int) -> None:
        line = self._peer.transceivers["audio"]
        identity = next((e.id for e in line._headerExtensions if "audio-level" in e.uri), None)
        first, extension = 0x80, b""
        if identity is not None:
            first, extension = 0x90, LEVEL_EXTENSION + bytes((identity << 4, LOUD, 0, 0))
        kind = line._codecs[0].payloadType | (0x80 if number == 0 else 0)
        head = RTP.pack(
            first,
            kind,
            number % 65_536,
            number * 48_000 // VOICES_PER_S % (1 << 32),
            self._peer.ssrc("audio"),
        )
        self._send(head + extension + self._fill[: VOICE_BYTES - STAMP.size])

    def _show(self, number: int) -> None:
        kind = self._peer.transceivers["video"]._codecs[0].payloadType
        for part in range(PER_FRAME):
            # RFC 7741 §4.2: X, S on the first packet of a frame; I; a picture id of 15 bits.
            descriptor = bytes((0x90 if part == 0 else 0x80, 0x80))
            descriptor += (0x8000 | number % 32_768).to_bytes(2)
            if part == 0:
                descriptor += b"\x10" if number % KEYFRAME_EVERY == 0 else b"\x11"
            head = RTP.pack(
                0x80,
                kind | (0x80 if part == PER_FRAME - 1 else 0),
                (number * PER_FRAME + part) % 65_536,
                number * 90_000 // FPS % (1 << 32),
                self._peer.ssrc("video"),
            )
            body = descriptor + self._fill[: PICTURE_BYTES - len(descriptor) - STAMP.size]
            self._send(head + body)

    def _send(self, packet: bytes) -> None:
        self._peer.raw.send_rtp(packet + STAMP.pack(time.time_ns()))
        self.sent += 1
