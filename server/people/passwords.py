"""Argon2id hashing with bounded concurrency, off the event loop (security.md 3)."""

import asyncio
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_DECOY = _HASHER.hash("nobody has this password, it only costs the same time")
_AT_ONCE = 2

BANNED = frozenset(
    (Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split("\n")
) - {""}
"""Common passwords of at least 15 characters, folded, without blanks (shorter ones cannot pass
the length rule)."""


class Passwords:
    """Hashes and verifies; at most two at once so that many sign-ins cannot starve the loop."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return the Argon2id hash (19 MiB, 2 passes) of a password."""
        async with self._gate:
            return await asyncio.to_thread(_HASHER.hash, _normal(password))

    async def fits(self, stored: str | None, password: str) -> bool:
        """Say whether `password` fits; costs the same when there is nothing to compare with."""
        async with self._gate:
            return await asyncio.to_thread(_verify, stored, _normal(password))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _verify(stored: str | None, password: str) -> bool:
    try:
        fits = _HASHER.verify(stored or _DECOY, password)
    except (Argon2Error, InvalidHashError):
        return False
    return fits and stored is not None
