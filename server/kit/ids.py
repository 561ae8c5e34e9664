"""Typed, time-ordered identifiers, patient references and case numbers (domain.md §4.1)."""

import hashlib
import secrets
from datetime import datetime
from typing import NewType

PersonId = NewType("PersonId", str)
OrganisationId = NewType("OrganisationId", str)
ProgrammeId = NewType("ProgrammeId", str)
SeriesId = NewType("SeriesId", str)
SessionId = NewType("SessionId", str)
AgendaItemId = NewType("AgendaItemId", str)
SeatId = NewType("SeatId", str)
CaptureId = NewType("CaptureId", str)
CaseId = NewType("CaseId", str)
RecommendationId = NewType("RecommendationId", str)
LetterId = NewType("LetterId", str)

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
"""Douglas Crockford's base 32: no i, l, o, u, so an id can be read aloud."""

ID_LENGTH = 26
_TIME_CHARACTERS = 10
_RANDOM_CHARACTERS = 16


def _base32(value: int, length: int) -> str:
    out = []
    for _ in range(length):
        out.append(CROCKFORD[value & 31])
        value >>= 5
    return "".join(reversed(out))


def new_id(now: datetime) -> str:
    """Return a 26-character id: 48 bits of milliseconds, then 80 random bits.

    Ids made later sort later, which keeps B-tree inserts at the right edge; the random part makes
    them unguessable enough to be a second line of defence, never the first (security.md 22).
    """
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    return _base32(milliseconds, _TIME_CHARACTERS) + _base32(
        secrets.randbits(80), _RANDOM_CHARACTERS
    )


def is_id(text: str) -> bool:
    """Say whether `text` has the shape of an id; a wrong shape needs no database look-up."""
    return len(text) == ID_LENGTH and all(c in CROCKFORD for c in text)


def new_token() -> str:
    """Return a 256-bit URL-safe secret (session cookies, magic links); store only its hash."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the SHA-256 of a secret token, hexadecimal; enough because tokens are random."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_patient_ref(programme_code: str) -> str:
    """Return a patient reference such as `BH-7K3QF`.

    Five random Crockford characters, derived from nothing about the person, as
    45 CFR 164.514(c) demands of a re-identification code.
    """
    return f"{programme_code}-{_base32(secrets.randbits(25), 5).upper()}"


def case_number(programme_code: str, year: int, serial: int) -> str:
    """Return a case number such as `BH-2031-014` (serial per programme and year)."""
    return f"{programme_code}-{year}-{serial:03d}"
