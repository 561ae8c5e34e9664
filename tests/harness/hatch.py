"""Servers that need not import the program: forked from a process that has done it once.

A start of the real command is 3.5 seconds of importing and 2 of reading rules and static files
before it does anything of its own, and the stories start some twenty servers. What a fork runs
from there is `caseround demo` itself, in a process of its own with its own environment. The
command as people run it is tested in tests/server/test_clean_boot.py.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import IO

HATCHERY = multiprocessing.get_context("forkserver")
HATCHERY.set_forkserver_preload(["tests.harness.hatchery"])


class Hatched:
    """A running command line of the program; what is used of `subprocess.Popen`, and no more."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        reading, writing = HATCHERY.Pipe(duplex=False)
        self._process = HATCHERY.Process(
            target=_run, args=(writing, list(words), dict(environment))
        )
        self._process.start()
        writing.close()
        # Both streams, as text; it ends when the process and all it started have ended.
        self.stdout: IO[str] = os.fdopen(os.dup(reading.fileno()), encoding="utf-8")
        reading.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code; raises TimeoutExpired after the seconds."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("caseround", timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        os.kill(self.pid, number)


def _run(output: Connection, words: list[str], environment: dict[str, str]) -> None:
    """Become `caseround <words>` with this environment, in a session of its own."""
    os.setsid()
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
    output.close()
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["caseround", *words]
    from server import cli

    cli.main()
