"""A real SMTP server in this process that keeps what arrives."""

import email
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message

from aiosmtpd.controller import Controller

from tests.harness.app import free_port


class Inbox:
    """What arrived; refuses while `closed`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.messages: list[Message] = []
        self.closed = False

    async def handle_DATA(self, _server, _session, envelope) -> str:
        if self.closed:
            return "451 come back later"
        self.messages.append(email.message_from_bytes(envelope.content))
        return "250 OK"


@contextmanager
def open_inbox() -> Iterator[Inbox]:
    """Listen on a free port until the end of the block."""
    port = free_port()
    box = Inbox(f"smtp://127.0.0.1:{port}")
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
