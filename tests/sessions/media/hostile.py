"""Datagrams nobody should send, for both paths into the media library."""

import contextlib
import random
import socket
from collections.abc import Iterator

from aioice import stun
from OpenSSL import SSL

from tests.sessions.media.peers import Raw

ALERT = b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28"
"""A plaintext fatal DTLS alert, handshake_failure, epoch 0."""


def client_hello() -> bytes:
    """Return a real DTLS ClientHello."""
    context = SSL.Context(SSL.DTLS_METHOD)
    client = SSL.Connection(context)
    client.set_connect_state()
    with contextlib.suppress(SSL.WantReadError):
        client.do_handshake()
    return client.bio_read(1_500)


def binding_request(username: str, *, key: bytes | None = None) -> bytes:
    """Return a STUN binding request, with a MESSAGE-INTEGRITY under `key` if there is one."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = username
    request.attributes["PRIORITY"] = 1_862_270_975
    request.attributes["ICE-CONTROLLING"] = 1
    request.attributes["USE-CANDIDATE"] = None
    if key is not None:
        request.add_message_integrity(key)
    return bytes(request)


def samples(raw: Raw) -> list[bytes]:
    """Return well-formed datagrams of every sort, to be mutated."""
    local, remote = raw.ice.local_username, raw.ice.remote_username
    rtp = b"\x80\x60\x00\x01" + bytes(4) + b"\x00\x00\x00\x63" + bytes(40)
    return [
        binding_request(f"{remote}:{local}"),
        binding_request(f"{remote}:{local}", key=b"not the password at all"),
        bytes(stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)),
        bytes(stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST)),
        client_hello(),
        ALERT,
        rtp,
        raw.dtls._tx_srtp.protect(rtp),
        b"\x80\xc8\x00\x06" + bytes(24),
        b"\x00\x01\x00\x04\x21\x12\xa4\x42" + bytes(12) + b"\x00\x24\x00\x01",
    ]


def datagrams(raw: Raw, count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` hostile datagrams: empty, random, mutated."""
    dice = random.Random(seed)
    known = samples(raw)
    for _ in range(count):
        kind = dice.random()
        if kind < 0.05:
            yield b""
        elif kind < 0.25:
            yield dice.randbytes(dice.choice((1, 2, 3, 4, 12, 19, 20, 21, 100, 1_400, 3_000)))
        else:
            data = bytearray(dice.choice(known))
            for _ in range(dice.randint(0, 4)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            if dice.random() < 0.3:
                del data[dice.randrange(len(data) + 1) :]
            yield bytes(data)


def udp(address: str) -> socket.socket:
    """Return a stranger's socket that can reach `address`."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((address, 0))
    sock.setblocking(False)
    return sock
