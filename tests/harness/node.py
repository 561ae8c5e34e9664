"""Runs the browser's identifier check under Node.js, with the words and rules of this checkout."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.deid.load import LANGUAGES, MODES, WORDS, rule_files

TESTS = Path(__file__).resolve().parents[1]

needs_node = pytest.mark.skipif(
    shutil.which("node") is None,
    reason="Node.js is not installed: what the browser runs is not tested",
)


def answer_vectors(
    folder: Path, vectors: Mapping[str, object] | None = None, *, fix: bool = True
) -> str:
    """Let the browser's check answer vectors; return what Node.js printed, fail when it differs.

    Without `vectors` it answers those of the repository, by its rules alone; with them (the form
    of tests/vectors/deid) the word model answers, too. `folder` is an empty one. `fix` also takes
    every suggestion and looks whether a block is left: true of short texts about one thing.
    """
    (folder / "cases").mkdir()
    for name, rules in rule_files().items():
        (folder / name).write_text(rules, "utf-8")
    lists = [WORDS, *(MODES / f"{mode}.txt.br" for mode in LANGUAGES)]
    extra = {}
    if vectors is not None:
        mine = folder / "vectors"
        mine.mkdir()
        (mine / "made.json").write_text(json.dumps(vectors), "utf-8")
        extra = {
            "CASEROUND_DEID_VECTORS": str(mine),
            "CASEROUND_DEID_WORDS": ":".join(map(str, lists)),
        }
    run = subprocess.run(
        [
            "node",
            "--import",
            str(TESTS / "tools" / "import_map.js"),
            "--test",
            *([] if fix else ["--test-name-pattern=made.json"]),
            str(TESTS / "js" / "deid.vectors.mjs"),
        ],
        env={**os.environ, "CASEROUND_DEID_RULES": str(folder), **extra},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    failed = run.stdout.find("\nnot ok")
    assert run.returncode == 0, run.stdout[failed : failed + 4000]
    return run.stdout
