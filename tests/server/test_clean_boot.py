"""The image's own command, started as an unprivileged user in a clean environment on an empty folder.

The Dockerfile is read, not repeated, so the two cannot drift. What Docker adds (an image, a volume)
is left out: this is what happens inside.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.app import ROOT, Server

pytestmark = pytest.mark.browser  # slow and serial, like the stories

NOBODY = 65534
BINARIES = Path(sys.executable).parent
# May read everything, as in an image, where nothing lies below a closed home folder; may write
# nothing. Kept over exec by the ambient set.
READER = "+dac_read_search"


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def _image_command() -> list[str]:
    (command,) = re.findall(r"(?m)^CMD (\[.*\])$", _dockerfile())
    words: list[str] = json.loads(command)
    return words


def _image_environment() -> dict[str, str]:
    variables = dict(re.findall(r"(?m)^ENV ([A-Z_]+)=(.*)$", _dockerfile()))
    # Our packages lie in another place than the image's /venv.
    variables["PATH"] = variables["PATH"].replace("/venv/bin", str(BINARIES))
    return variables


def _server(stack: ExitStack, command: list[str], **settings: str) -> Server:
    """A server in the image's environment as nobody; ports and folder are the test's."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        identity = str(NOBODY)
        prefix = ["setpriv", "--reuid", identity, "--regid", identity, "--clear-groups"]
        prefix += ["--inh-caps", READER, "--ambient-caps", READER, "--"]
    server = Server([*prefix, *command], settings, base=_image_environment())
    if os.geteuid() == 0:
        os.chown(server.data, NOBODY, NOBODY)
    stack.callback(server.close)
    return server


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _sentence(output: str) -> str:
    """The one line that was printed; fails when there is a traceback or a lecture."""
    lines = [line for line in output.splitlines() if line.strip()]
    assert len(lines) == 1, output
    return lines[0]


def test_the_images_command_comes_up_on_an_empty_folder_and_ctrl_c_stops_it(stack):
    (check,) = re.findall(r"(?m)^HEALTHCHECK .*?CMD (\[.*\])$", _dockerfile())
    server = _server(stack, _image_command())
    probe = _server(stack, json.loads(check), CASEROUND_HTTP_PORT=str(server.port))
    server.start()
    assert server.answers("/healthz")
    assert probe.refusal() == (0, "")
    server.interrupt()
    assert not server.answers("/healthz")
    assert probe.refusal()[0] != 0


def test_the_demonstration_outlives_a_stop_and_a_kill_and_is_never_served(stack):
    demo = _server(stack, ["caseround", "demo"], CASEROUND_HTTP_HOST="127.0.0.1")
    demo.start()
    first = set(demo.people())
    assert len(first) == 12  # the ten of the domain handbook, a learner and an administrator
    demo.interrupt()
    demo.start()
    assert set(demo.people()) == first
    demo.kill()
    demo.start()
    assert set(demo.people()) == first
    demo.interrupt()
    serve = _server(stack, ["caseround", "serve"], CASEROUND_DATA_DIR=str(demo.data))
    code, output = serve.refusal()
    assert code != 0
    assert "made by `caseround demo`" in _sentence(output)


@pytest.mark.parametrize(
    "command", [["caseround", "demo"], _image_command()], ids=["demo", "image"]
)
def test_a_busy_port_is_one_sentence(stack, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = _server(
            stack, command, CASEROUND_HTTP_PORT=str(port), CASEROUND_HTTP_HOST="127.0.0.1"
        )
        code, output = server.refusal()
    assert code != 0
    assert str(port) in _sentence(output)


@pytest.mark.parametrize(
    "command", [["caseround", "demo"], _image_command()], ids=["demo", "image"]
)
def test_an_unwritable_folder_is_one_sentence(stack, command, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    for parent in [folder, *folder.parents][:4]:
        if os.geteuid() == 0:
            parent.chmod(parent.stat().st_mode | 0o055)
    settings = {"CASEROUND_DATA_DIR": str(folder), "CASEROUND_HTTP_HOST": "127.0.0.1"}
    code, output = _server(stack, command, **settings).refusal()
    assert code != 0
    assert str(folder) in _sentence(output)


def test_a_second_process_on_the_same_database_says_so_and_docker_stops_the_first(stack):
    first = _server(stack, _image_command())
    first.start()
    second = _server(stack, ["caseround", "serve"], CASEROUND_DATA_DIR=str(first.data))
    code, output = second.refusal()
    assert code != 0
    assert "already" in _sentence(output)
    assert first.answers("/healthz")
    first.interrupt(signal.SIGTERM)
    assert not first.answers("/healthz")


def test_the_demonstration_refuses_to_be_reached_from_outside(stack):
    server = _server(stack, ["caseround", "demo"], CASEROUND_HTTP_HOST="0.0.0.0")
    code, output = server.refusal()
    assert code != 0
    assert "on this machine only, not on 0.0.0.0" in _sentence(output)
