"""What a data plane does, whatever it is built of.

It reads the shared port. RTP of a known peer it forwards by itself: a `Stream` is one source of a
peer as it arrives, an `Out` is one slot of one viewer, and an out follows a stream (flow.py). Who
follows what is decided elsewhere (forwarding.py), at human speed; nothing in here decides it.
Datagrams that are neither RTP nor RTCP go to the mux, reports to the peer's owner. Everything is
called, and calls back, on the event loop's thread.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pylibsrtp import Session

from sessions.media.dataplane.flow import Address, Out, Peer
from sessions.media.plane import Kind

Take = Callable[[int, bytes, Address], None]
"""Takes (number of the port, datagram, sender)."""

LARGEST = 1_500
"""Bytes of the longest datagram that can be media."""
MAX_REPORTERS = 16
"""Sources a peer may report under: libsrtp keeps state for each; a browser has two or three."""
LETTERS_PER_S, LETTERS_AT_ONCE = 500, 125
"""Reports, checks, handshakes and packets of unknown sources that are taken of one peer.

A flood of one, or in the name of one, must not crowd out what others send."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What went through the plane since it began."""

    received: int = 0
    """Datagrams."""
    sent: int = 0
    """Packets."""
    calls: int = 0
    """Of the kernel, to send them."""
    refused: int = 0
    """Packets over a cap, or that the kernel would not take."""
    forged: int = 0
    """Not authentic, replayed or malformed."""
    dropped: int = 0
    """Datagrams nobody had time for."""


class DataPlane(Protocol):
    """The shared port and everything that flows through it."""

    @property
    def name(self) -> str:
        """What it is built of, for the log and the metrics."""
        ...

    def listen(self, sockets: Sequence[socket.socket], take: Take) -> None:
        """Begin to read; `take` gets everything that is not media."""
        ...

    def peer(
        self, receiving: Session, sending: Session, on_report: Callable[[bytes], None]
    ) -> Peer:
        """Add a connection; `on_report` takes its authentic RTCP, decrypted."""
        ...

    def out(self, kind: Kind, seq: int, timestamp: int) -> Out:
        """Make a slot whose stream begins with these numbers."""
        ...

    def totals(self) -> Totals:
        """Return what went through."""
        ...

    def close(self) -> None:
        """Stop reading; the sockets stay open."""
        ...
