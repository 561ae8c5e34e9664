"""What a data plane does, whatever it is built of."""

import socket
from collections.abc import Sequence
from typing import Any, Protocol

from pylibsrtp import Session

from sessions.media.forwarding import Send
from sessions.media.packets import RtpView


class Target:
    """Where one slot of one viewer is: keys, address, SSRC and payload type."""

    __slots__ = ("addr", "payload_type", "session", "sock", "srtp", "ssrc")

    def __init__(
        self,
        session: Session,
        sock: socket.socket,
        addr: tuple[str, int],
        ssrc: int,
        payload_type: int,
    ) -> None:
        self.session = session  # keeps the keys alive while `srtp` points at them
        self.srtp: Any = session._srtp[0]  # noqa: SLF001 -- docs/decisions/0004
        self.sock = sock
        self.addr = addr
        self.ssrc = ssrc
        self.payload_type = payload_type


class DataPlane(Protocol):
    """One thread's worth of SRTP; not safe to share between threads."""

    def fan(self, packet: RtpView, sends: Sequence[Send[Target]]) -> int:
        """Encrypt `packet` for each of `sends` and send it; return how many left."""
        ...

    def open_rtp(self, session: Session, data: bytes) -> bytes | None:
        """Return the plain RTP packet; None when it is forged, replayed or damaged."""
        ...

    def open_rtcp(self, session: Session, data: bytes) -> bytes | None:
        """Return the plain RTCP packet; None when it is forged, replayed or damaged."""
        ...

    def seal_rtcp(self, session: Session, data: bytes) -> bytes | None:
        """Return the encrypted RTCP packet; None when the keys are used up."""
        ...
