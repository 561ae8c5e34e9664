"""The real server as a process of its own: started, killed and started again on the same data.

It runs what `make run` runs, on free ports and an own data folder, and reads the sign-in links from
the table that the program prints for people. With
seeds it is forked from a process that has imported the program (hatch.py), and begins with a copy
of a demonstration just made (seeds.py).
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from tests.harness.hatch import Hatched
from tests.harness.seeds import Seeds

ROOT = Path(__file__).parents[2]
PORTS = range(15_000, 32_000)  # Linux gives 32,768 to 60,999 by itself, others 49,152 and above
READY_SECONDS = 120
TABLE_SECONDS = 10
STOP_SECONDS = 3  # the promise of `make run`
LINK = re.compile(r"http://\S+/demo/sign-in/\S+")
BELOW_THE_TABLE = "is invented"


class ServerError(RuntimeError):
    """The server did not start; the message holds the last it printed."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody uses on the loopback address now, nor gets who asks the system for any.

    A server takes it seconds later: among the system's own, somebody else could have it by then.
    """
    while True:
        port = secrets.choice(PORTS)
        with socket.socket(type=kind) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


DEMO = (sys.executable, "-m", "server", "demo")


class Server:
    """One server on free ports and an empty data folder of its own.

    with Server() as server:
        await page.goto(server.sign_in("Marisol Quintana"))

    `command` is what to run, `environment` what to add to (or change in) the CASEROUND_* settings;
    a `base` replaces the environment of this process below them. `seeds` are for who does not
    ask how a demonstration starts and is made: ten times quicker, the command is then DEMO.
    """

    def __init__(
        self,
        command: Sequence[str] = DEMO,
        environment: Mapping[str, str] | None = None,
        base: Mapping[str, str] | None = None,
        *,
        seeds: Seeds | None = None,
    ) -> None:
        self.command = command
        self.seeds = seeds
        self.port = free_port()
        self.media_port = free_port(socket.SOCK_DGRAM)
        self.url = f"http://localhost:{self.port}"
        self._folder = tempfile.TemporaryDirectory(
            prefix="caseround-server-", ignore_cleanup_errors=True
        )
        self.data = Path(self._folder.name)
        self._environment = environment or {}
        # The developer's own CASEROUND_* settings stay out of the test.
        mine = {key: it for key, it in os.environ.items() if not key.startswith("CASEROUND_")}
        self._base = mine if base is None else base
        self._process: subprocess.Popen[str] | Hatched | None = None
        self._printed: list[str] = []
        self._latest = 0  # where the output of the latest start begins
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server, however it is, and forget its data."""
        self.kill()
        self._folder.cleanup()

    @property
    def output(self) -> str:
        """Everything the server printed so far, on both streams, over all its starts."""
        return "".join(self._printed)

    def start(self) -> float:
        """Start (again, on the same data and ports) until /readyz says yes; seconds it took."""
        assert self._process is None, "already running"
        self._latest = len(self._printed)
        began, now = time.monotonic(), datetime.now(UTC)
        making = self.seeds is not None and not any(self.data.iterdir())
        if making and self.seeds is not None:
            making = not self.seeds.put_into(self.data, now)
        self._process = self._launch()
        self._reader = threading.Thread(target=self._read, args=[self._process], daemon=True)
        self._reader.start()
        while not self.answers("/readyz"):
            ended = self._process.poll() is not None
            if ended or time.monotonic() - began > READY_SECONDS:
                self.kill()
                what = "ended" if ended else f"not ready after {READY_SECONDS} s"
                raise ServerError(f"the server {what}:\n{self.output[-4000:]}")
            time.sleep(0.05)
        taken = time.monotonic() - began
        if making and self.seeds is not None:
            self.seeds.take_from(self.data, now)
        return taken

    def _launch(self) -> subprocess.Popen[str] | Hatched:
        if self.seeds is not None:
            return Hatched(["demo"], self._variables())
        # Its own group, so that kill() takes helper processes with it.
        return subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def answers(self, path: str) -> bool:
        """Whether the path answers 200 now."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def people(self) -> dict[str, str]:
        """Sign-in links of the latest start's table, by the rest of their line (name, role)."""
        deadline = time.monotonic() + TABLE_SECONDS
        # Ready and printed are two moments: a sentence stands below the table.
        while not any(BELOW_THE_TABLE in line for line in self._printed[self._latest :]):
            if time.monotonic() > deadline:
                raise ServerError(f"no table of demo people in:\n{self.output[-4000:]}")
            time.sleep(0.02)
        found: dict[str, str] = {}
        for line in self._printed[self._latest :]:
            if link := LINK.search(line):
                words = re.findall(r"[^\s│|┃]+", line.replace(link[0], ""))
                found[" ".join(words)] = link[0]
        return found

    def sign_in(self, words: str) -> str:
        """The link of the one person whose line holds all of these words (name or role)."""
        people = self.people()
        wanted = words.casefold().split()
        links = [
            link for text, link in people.items() if all(it in text.casefold() for it in wanted)
        ]
        if len(links) != 1:
            raise LookupError(f"{len(links)} people match {words!r} among:\n" + "\n".join(people))
        return links[0]

    def refusal(self) -> tuple[int, str]:
        """Run a command that is to fail at once: its exit code and all it printed."""
        done = subprocess.run(
            self.command,
            check=False,
            cwd=ROOT,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=READY_SECONDS,
        )
        return done.returncode, done.stdout

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> float:
        """Press Ctrl-C and wait for the end; seconds it took.

        Raises TimeoutExpired after STOP_SECONDS, or proportionally more on a crowded machine.
        """
        assert self._process is not None
        crowd = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        began = time.monotonic()
        self._process.send_signal(number)
        code = self._process.wait(timeout=STOP_SECONDS * crowd)
        taken = time.monotonic() - began
        self._ended()
        assert code == 0, f"exit code {code} after Ctrl-C:\n{self.output[-2000:]}"
        return taken

    def kill(self) -> None:
        """End the server as a power cut would: no handler runs. Safe when it is not running."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._ended()

    def _variables(self) -> dict[str, str]:
        return {
            **self._base,
            "PYTHONUNBUFFERED": "1",
            "CASEROUND_HTTP_PORT": str(self.port),
            "CASEROUND_MEDIA_PORT": str(self.media_port),
            "CASEROUND_DATA_DIR": str(self.data),
            **self._environment,
        }

    def _read(self, process: subprocess.Popen[str] | Hatched) -> None:
        assert process.stdout is not None
        self._printed.extend(process.stdout)

    def _ended(self) -> None:
        assert self._process is not None
        assert self._reader is not None
        self._reader.join(timeout=5)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = self._reader = None
