"""Where files lie: encrypted, under random names, outside everything that is served.

Each file has a key of its own, which lives in the database row that names the file. Whoever copies
the folder alone has nothing, and deleting the row destroys the file in every backup of the folder
(security.md 73, 83). Names and keys are 128 and 256 random bits; a name says nothing.
"""

import asyncio
import base64
import os
import re
import secrets
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.kit.errors import NotFound

_NAME = re.compile(r"[0-9a-f]{32}")
_NONCE = 12


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """A file in the vault: its name, and the key without which it is noise."""

    name: str
    key: str


class Vault:
    """A folder of encrypted files, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> Stored:
        """Write a new file to the disk for good; return its name and key. Raises OSError."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, stored: Stored) -> bytes:
        """Return a file; NotFound when it is gone or not the one that was written."""
        return await asyncio.to_thread(self._get, stored)

    async def erase(self, name: str) -> None:
        """Delete a file; one that is gone already is no error."""
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    async def sweep(self, known: Container[str], older_than: float) -> int:
        """Delete files that no row names, written before `older_than` (seconds of the epoch).

        They remain when a process dies between writing a file and committing its row. Return how
        many there were.
        """
        return await asyncio.to_thread(self._sweep, known, older_than)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotFound
        return self._folder / name[:2] / name

    def _put(self, data: bytes) -> Stored:
        name, key, nonce = secrets.token_hex(16), secrets.token_bytes(32), secrets.token_bytes(12)
        path = self._path(name)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        sealed = nonce + AESGCM(key).encrypt(nonce, data, name.encode())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        return Stored(name, base64.urlsafe_b64encode(key).decode())

    def _get(self, stored: Stored) -> bytes:
        try:
            sealed = self._path(stored.name).read_bytes()
            key = base64.urlsafe_b64decode(stored.key)
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], stored.name.encode())
        except (FileNotFoundError, InvalidTag, ValueError) as error:
            raise NotFound from error

    def _sweep(self, known: Container[str], older_than: float) -> int:
        found = 0
        for path in self._folder.glob("??/*"):
            if path.name not in known and path.stat().st_mtime < older_than:
                path.unlink(missing_ok=True)
                found += 1
        return found
