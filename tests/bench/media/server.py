"""What the load asks of any server."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Protocol


class Unavailable(Exception):
    """This server cannot be measured here; the text says why and what would help."""


class Broken(Exception):
    """The server ended, or said something the load does not understand."""


@dataclass(frozen=True)
class Invitation:
    """The server's offer to a viewer; `ticket` names the viewer from then on."""

    ticket: str
    offer: str


class Server(Protocol):
    """One server in a process of its own, with one room. Not safe for parallel use of a call."""

    pid: int

    async def start(self) -> None:
        """Raises Unavailable."""

    async def publish(self, offer: str) -> str:
        """Take a publisher's offer, return the answer."""

    async def invite(self) -> Invitation:
        """Let in a viewer who wants every publisher's picture and voice."""

    async def answer(self, ticket: str, answer: str) -> None:
        """Take the viewer's answer."""

    async def leave(self, ticket: str) -> None:
        """End the viewer's connection."""

    async def stop(self) -> None:
        """End the process; also after a failed start."""


async def end(process: asyncio.subprocess.Process | None, patience: float = 5) -> None:
    """Wait until the process has ended; kill it when it does not."""
    if process is None or process.returncode is not None:
        return
    try:
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
