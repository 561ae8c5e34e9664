"""What flows: a `Stream` comes from a `Peer`, an `Out` goes to one and follows a stream. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sessions.media.plane import Kind
from sessions.media.speaker import Voice

Address = tuple[str, int]

CLOCK = {"audio": 48_000, "video": 90_000, "share": 90_000}
"""RTP clock of Opus and VP8, in Hz."""


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """What was negotiated for one source."""

    ssrc: int
    payload_type: int
    kind: Kind
    octets_per_s: float
    """More than this (a bucket of one second) is dropped before it is decrypted."""
    extension: int | None = None
    """Id of the header extension that tells a voice's level, or a layer's name."""
    rid: str = ""
    """Name of a layer: its SSRC is learned from the first packet that says so (RFC 8852)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A stream's life so far."""

    received: int
    """Packets that were authentic."""
    expected: int
    """Packets there should have been, going by their numbers."""
    octets: int
    """Of all its datagrams, refused ones too."""
    highest: int
    """Extended highest sequence number."""
    jitter: int
    """RFC 3550, in units of the RTP clock."""
    heard_at: float
    """Monotonic time of the last packet that was granted; 0 before any."""
    flowing: bool
    """A granted packet has come since the last `rest`."""
    voice: Voice
    ssrc: int
    """0 while it is not known."""


NOTHING = Counts(0, 0, 0, 0, 0, 0.0, flowing=False, voice=Voice(), ssrc=0)
"""What has arrived of a source before its connection is up, or after it is gone."""


class Stream(Protocol):
    """One source as it arrives."""

    def grant(self, granted: bool) -> None:
        """Forward it, or count it only. A new stream is not granted."""
        ...

    def rest(self) -> None:
        """Call for attention again when the next granted packet comes."""
        ...

    def watch(self, eager: bool) -> None:
        """Call for attention whenever it is loud."""
        ...

    def counts(self) -> Counts:
        """Return what has arrived."""
        ...

    def due(self, now: float) -> list[int] | None:
        """Return the sequence numbers to ask for now; None when a keyframe is needed instead."""
        ...

    def close(self) -> None:
        """Forget it; nothing follows it any more. A second call changes nothing."""
        ...


class Out(Protocol):
    """One slot of one viewer: whatever it follows, the viewer sees one unbroken stream."""

    @property
    def aimed(self) -> bool:
        """It goes to somebody who can be reached."""
        ...

    @property
    def waiting(self) -> bool:
        """What it follows has not begun here yet: a picture begins with a keyframe."""
        ...

    @property
    def changing(self) -> bool:
        """It goes on with one stream until another one begins."""
        ...

    @property
    def sent(self) -> tuple[int, int]:
        """Return packets, and octets of payload."""
        ...

    @property
    def stamp_shift(self) -> int:
        """Return what is added to the source's timestamps (mod 2³²)."""
        ...

    def aim(
        self, peer: "Peer | None", ssrc: int, payload_type: int, sent_at: int | None = None
    ) -> None:
        """Go to this peer under these numbers; None: to nobody.

        `sent_at` is the id of the header extension that tells when a packet left: the viewer's
        browser works out from it how much its line can take (abs-send-time).
        """
        ...

    def follow(self, stream: Stream | None, *, keep: bool = False) -> None:
        """Carry this stream from now on; None: nothing.

        With `keep` it goes on as before until the new stream begins with a keyframe.
        """
        ...

    def resend(self, numbers: Sequence[int]) -> int:
        """Send again what left under these sequence numbers; return how many were still there."""
        ...

    def close(self) -> None:
        """Forget it. Every later call is ignored."""
        ...


class Peer(Protocol):
    """One connection's keys and addresses."""

    def admit(self, port: int, address: Address) -> None:
        """Take media from there, and no longer as another peer's."""
        ...

    def forget(self, port: int, address: Address) -> None:
        """Take no media from there."""
        ...

    def aim(self, port: int, address: Address | None) -> None:
        """Send there from now on; None: nowhere."""
        ...

    def report(self, data: bytes) -> bool:
        """Encrypt an RTCP packet and send it; say whether it left."""
        ...

    def stream(self, plan: StreamPlan, on_attention: Callable[[], None]) -> Stream:
        """Begin to take a source.

        `on_attention` is called when it begins to flow, misses packets, or is loud and watched.
        """
        ...

    @property
    def octets(self) -> tuple[int, int]:
        """Return the bytes received and sent."""
        ...

    def close(self) -> None:
        """Forget it with its streams; outs aimed at it go to nobody. May be called twice."""
        ...
