"""Files lie encrypted under random names, readable by their owner, and are gone when erased."""

import os
import stat
from pathlib import Path

import pytest

from server.files.vault import Stored, Vault
from server.kit.errors import NotFound

CANARY = b"Rosalind Quintana 505-555-0143"


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_put_can_be_read_with_its_key_only(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "files")
    stored, other = await vault.put(CANARY), await vault.put(b"other")
    assert await vault.get(stored) == CANARY
    assert stored.name != other.name
    assert stored.key != other.key
    for wrong in (
        Stored(stored.name, other.key),
        Stored(other.name, stored.key),
        Stored(stored.name, ""),
        Stored("../secret.key", stored.key),
        Stored("0" * 32, stored.key),
    ):
        with pytest.raises(NotFound):
            await vault.get(wrong)


async def test_nothing_of_a_file_is_on_the_disk_in_plain(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "files")
    await vault.put(CANARY)
    (path,) = everything(tmp_path)
    assert CANARY not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {
        stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "files").rglob("*") if p.is_dir()
    } == {0o700}
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700


async def test_files_swapped_on_the_disk_are_noticed(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    one, two = await vault.put(b"one"), await vault.put(b"two")
    first, second = (tmp_path / s.name[:2] / s.name for s in (one, two))
    first.write_bytes(second.read_bytes())
    with pytest.raises(NotFound):
        await vault.get(one)


async def test_erased_is_gone_and_erasing_twice_is_no_error(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    stored = await vault.put(CANARY)
    for _ in range(2):
        await vault.erase(stored.name)
    assert everything(tmp_path) == []
    with pytest.raises(NotFound):
        await vault.get(stored)


async def test_what_a_dead_process_left_is_swept(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    known, old, young = [await vault.put(b"x") for _ in range(3)]
    for stored in (known, old):
        os.utime(tmp_path / stored.name[:2] / stored.name, (1000, 1000))
    assert await vault.sweep({known.name}, 2000) == 1
    assert {p.name for p in everything(tmp_path)} == {known.name, young.name}
