"""A worker process for picture and sound: started by the server, with a socket as its input.

`caseround media-worker` and `python -m server.media_worker` are the same; the server uses the
latter, which reads nothing of the house but the media plane and starts in a third of a second.
"""

import asyncio
import os
import signal
import socket
import stat
import sys

from server import logs
from server.kit.clock import SystemClock
from sessions.media.workers import worker


class NotStartedByServer(RuntimeError):
    """Somebody typed the command; the text says what to do instead."""


def command(*, form: str, level: str) -> tuple[str, ...]:
    """Return the command that starts a worker whose log lines look like the server's."""
    return (sys.executable, "-P", "-m", __name__, form, level)


def run(form: str, level: str) -> None:
    """Work until the server hangs up. Raises NotStartedByServer."""
    if not stat.S_ISSOCK(os.fstat(0).st_mode):
        raise NotStartedByServer(
            "a media worker is started by `caseround serve`: set CASEROUND_MEDIA_WORKERS to how"
            " many you want."
        )
    logs.setup(form=form, level=level)
    sock = socket.socket(fileno=os.dup(0))
    # Nothing else reads the socket by accident, and no child of ours keeps it open.
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    # Ctrl-C and a service manager signal the whole group: the server says when it is over.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    asyncio.run(worker.work(sock, SystemClock()))


if __name__ == "__main__":
    run(*sys.argv[1:3])
