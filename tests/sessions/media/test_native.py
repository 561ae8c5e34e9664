"""The C of the data plane under attack, with the compiler's watchdogs (`native/fuzz.c`).

`make test-media` runs this; so does `make unit`. CASEROUND_HOSTILE=long: for some minutes.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.harness.long import LONG

ATTACKS = Path(__file__).parent / "native"
PLANE = Path(__file__).parents[3] / "sessions" / "media" / "dataplane" / "c"
FLAGS = (
    *("-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1", "-pthread", "-fno-sanitize-recover=all"),
    *("-Werror", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wno-sign-conversion"),
)
SEEDS, TIMES = (8, 20) if LONG else (2, 1)

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")


def run(command: Sequence[str | Path]) -> str | None:
    """Return what a program complains of; None when all is well."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr or str(done.returncode)) if done.returncode or done.stderr else None


@pytest.mark.parametrize(
    ("watchdog", "modes"),
    [
        ("address,undefined", {"orderly": 50_000, "rough": 50_000, "crowd": 10_000}),
        ("thread", {"crowd": 10_000}),
    ],
)
def test_nothing_breaks(watchdog: str, modes: dict[str, int], tmp_path: Path):
    compiler = ["gcc", *FLAGS, f"-fsanitize={watchdog}", f"-I{PLANE}", "-o"]
    empty, nothing, fuzz = tmp_path / "empty.c", tmp_path / "empty", tmp_path / "fuzz"
    empty.write_text("int main(void) { return 0; }\n")
    if run([*compiler, nothing, empty]) or run([nothing]):
        pytest.skip(f"-fsanitize={watchdog} does not work here")
    sources = [*ATTACKS.glob("*.c"), *PLANE.glob("*.c")]
    assert run([*compiler, fuzz, *sources]) is None
    for mode, count in modes.items():
        for seed in range(1, SEEDS + 1):
            assert run([fuzz, mode, str(seed), str(count * TIMES)]) is None, (mode, seed)
