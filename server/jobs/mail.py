"""Mail: links and case numbers only, never content; CR and LF never reach a header."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: plain text, to one person."""

    to: str
    subject: str
    text: str
    message_id: str
    """Stable across retries, so that a receiver can drop duplicates."""


class Mailer(Protocol):
    """Sends a letter, or raises."""

    configured: bool

    async def send(self, letter: Letter) -> None:
        """Hand `letter` to the mail server."""
        ...


def build(letter: Letter, sender: str) -> EmailMessage:
    """Return the message; raises ValueError when a header value holds a line break."""
    for value in (letter.to, letter.subject, sender, letter.message_id):
        if "\r" in value or "\n" in value:
            msg = "line break in a header"
            raise ValueError(msg)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = str(Address(addr_spec=letter.to))
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{letter.message_id}@caseround>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


class SmtpMailer:
    """Sends through the operator's mail server (`smtp://`, `smtp+tls://` or `smtps://`)."""

    configured = True

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._tls = parts.scheme == "smtps"
        self._start_tls = True if parts.scheme == "smtp+tls" else None
        self._port = parts.port or (465 if self._tls else 587 if self._start_tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        await aiosmtplib.send(
            build(letter, self._sender),
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            start_tls=self._start_tls,
            timeout=20,
        )


class NoMailer:
    """Stands where no mail server is set: links are shown on the screen instead."""

    configured = False

    async def send(self, letter: Letter) -> None:
        """Refuse: a caller must look at `configured` first."""
        del letter
        msg = "no mail server is configured"
        raise RuntimeError(msg)
