"""Vendored files are the published ones; the locks are in step with what pyproject asks for."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FOLDERS = ("static/vendor", "tests/vendor")
# Ours, beside a vendored file: the types of the part of it that we use.
OWN = {"static/vendor": {"socket.io.esm.min.d.ts"}, "tests/vendor": set()}


def _packages(folder: str) -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = json.loads((ROOT / folder / "vendor.lock.json").read_text())[
        "packages"
    ]
    return packages


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_listed_and_unchanged(folder):
    listed = {
        name: entry["sha512"]
        for package in _packages(folder)
        for name, entry in package["files"].items()
    }
    there = {
        path.relative_to(ROOT / folder).as_posix(): "sha512-"
        + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.name != "vendor.lock.json"
    }
    assert {name: it for name, it in there.items() if name not in OWN[folder]} == listed
    assert OWN[folder] <= there.keys()


def test_the_table_for_people_says_the_same():
    table = (ROOT / "VENDOR.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if re.match(r"\| [a-z@]", line) and not line.startswith("| package")
    ]
    expected = [
        [it["name"], it["version"], it["licence"], f"`{folder}/`", it["why"]]
        for folder in FOLDERS
        for it in _packages(folder)
    ]
    assert rows == expected


@pytest.mark.parametrize("lock", ["build", "runtime", "test"])
def test_every_locked_package_has_hashes_and_no_address(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text))
    bare = [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
    assert bare == []
    assert "://" not in text
    assert "--index" not in text


def _pins(lock: str) -> dict[str, set[str]]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)", text):
        pins.setdefault(name, set()).add(version)
    return pins


@pytest.mark.parametrize("lock", ["runtime", "test"])
def test_the_lock_answers_what_pyproject_asks(lock):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"]
    if lock == "test":
        wanted = wanted + project["optional-dependencies"]["test"]
    pins = _pins(lock)
    unanswered = [
        text
        for text, wish in ((text, Requirement(text)) for text in wanted)
        if not (versions := pins.get(canonicalize_name(wish.name)))
        or not all(wish.specifier.contains(version, prereleases=True) for version in versions)
    ]
    assert unanswered == [], "run `make lock`"


def test_tests_run_on_the_versions_that_users_get():
    runtime, test = _pins("runtime"), _pins("test")
    assert {name: test.get(name) for name in runtime} == runtime
