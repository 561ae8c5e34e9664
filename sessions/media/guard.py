"""Hostile datagrams never reach aiortc: the guard of security.md §0.

Upstream (aiortc 1.16, aioice 0.13) can be stopped by anybody who can reach a port: an empty
datagram ends a call, so does one that is too long, a short STUN attribute raises out of the reader,
an SCTP parameter of length 0 loops for ever, and DTLS from a stranger races the real peer. `install` closes these for every
connection of the process. The shared port (`mux.py`) does not pass through here and keeps the same
rules itself; the hostile tests run against both.
"""

import importlib.metadata
import logging
import struct
from typing import Any

import aioice.ice
import aiortc.rtcsctptransport as sctp
from aioice import stun

UPSTREAM = {"aiortc": "1.16.", "aioice": "0.13."}
"""The releases this guard was tested against; another one must pass the hostile tests first."""

MAX_QUEUE = 2_048
"""Datagrams waiting for one connection; more are dropped."""

LARGEST = 1_500
"""Bytes of the longest datagram that can be media; upstream's decryption raises on longer ones."""

CONSENT_INTERVAL_S = 1
CONSENT_FAILURES = 5
"""A dead peer is noticed after 7–8 s instead of 30 (media.md §4)."""

COOKIE = b"\x21\x12\xa4\x42"


class WrongUpstream(RuntimeError):
    """An untested release of aiortc or aioice is installed."""


def parse_stun(data: bytes) -> stun.Message | None:
    """Return the STUN message, or None for anything malformed."""
    if len(data) < 20 or data[4:8] != COOKIE:
        return None
    try:
        return stun.parse_message(data)
    except Exception:  # noqa: BLE001 -- hostile bytes; upstream raises struct.error and others
        return None


def is_validated(pair: aioice.ice.CandidatePair) -> bool:
    """Say whether the pair passed a check that proved knowledge of the password."""
    return pair.remote_nominated or pair.state is aioice.ice.CandidatePair.State.SUCCEEDED


def accept_request(
    connection: aioice.ice.Connection,
    message: stun.Message,
    addr: tuple[str, int],
    protocol: aioice.ice.StunProtocol,
) -> bool:
    """Hand on a binding request that proves it knows the password; say whether it did.

    Everything else is dropped without an answer, so that nobody can be flooded through us.
    """
    attributes = message.attributes
    if (
        message.message_method is not stun.Method.BINDING
        or "PRIORITY" not in attributes
        or "USERNAME" not in attributes
        or attributes["USERNAME"].partition(":")[0] != connection.local_username
        or not message.check_message_integrity(connection.local_password.encode())
    ):
        return False
    connection.request_received(message, addr, protocol)
    return True


def _datagram_received(
    self: aioice.ice.StunProtocol, data: bytes | str, addr: tuple[Any, ...]
) -> None:
    if not data or len(data) > LARGEST or isinstance(data, str):
        return
    peer = (addr[0], addr[1])
    if data[0] < 4:
        message = parse_stun(data)
        if message is None:
            return
        if message.message_class in (stun.Class.RESPONSE, stun.Class.ERROR):
            transaction = self.transactions.get(message.transaction_id)
            if transaction is not None:
                transaction.response_received(message, peer)
        elif message.message_class is stun.Class.REQUEST:
            accept_request(self.receiver, message, peer, self)
        return
    connection = self.receiver
    if connection._queue.qsize() < MAX_QUEUE and any(  # noqa: SLF001 -- see docs/decisions/0004
        pair.protocol is self and pair.remote_addr == peer and is_validated(pair)
        for pair in connection._check_list  # noqa: SLF001 -- see docs/decisions/0004
    ):
        connection.data_received(data, self.local_candidate.component)


def _decode_params(body: bytes) -> list[tuple[int, bytes]]:
    out, at = [], 0
    while at <= len(body) - 4:
        name, length = struct.unpack_from("!HH", body, at)
        if length < 4 or at + length > len(body):
            raise ValueError("bad SCTP parameter length")
        out.append((name, body[at + 4 : at + length]))
        at += length + sctp.padl(length)
    return out


_upstream_parse_packet = sctp.parse_packet


def _parse_packet(data: bytes) -> Any:
    try:
        return _upstream_parse_packet(data)
    except struct.error as error:
        raise ValueError("bad SCTP packet") from error


def install() -> None:
    """Install the guard; call it before any connection exists. Repeating it is harmless.

    Raises WrongUpstream when the installed libraries are not the tested ones.
    """
    for name, release in UPSTREAM.items():
        found = importlib.metadata.version(name)
        if not found.startswith(release):
            raise WrongUpstream(
                f"{name} {found} is installed, but the media guard was tested with {release}*: "
                "run the hostile tests and update sessions/media/guard.py"
            )
    for name in ("aioice", "aiortc"):
        # At INFO they write people's IP addresses, which are identifiers (45 CFR 164.514(b)(2)).
        logging.getLogger(name).setLevel(logging.WARNING)
    for owner, attribute, ours in (
        (aioice.ice.StunProtocol, "datagram_received", _datagram_received),
        (sctp, "decode_params", _decode_params),
        (sctp, "parse_packet", _parse_packet),
        (aioice.ice, "CONSENT_INTERVAL", CONSENT_INTERVAL_S),
        (aioice.ice, "CONSENT_FAILURES", CONSENT_FAILURES),
    ):
        setattr(owner, attribute, ours)


def is_installed() -> bool:
    """Say whether this process is guarded."""
    installed: Any = aioice.ice.StunProtocol.datagram_received
    return installed is _datagram_received
