"""What can go wrong in the house's own terms: a stable code, never a value someone typed."""

from collections.abc import Mapping


class DomainError(Exception):
    """A broken promise with a stable `code`; `fields` maps field names to message keys.

    The text never carries user content (security.md 70, 86): the edge turns `code` into words.
    """

    default_code = "error"

    def __init__(self, code: str | None = None, fields: Mapping[str, str] | None = None) -> None:
        self.code = code or self.default_code
        self.fields: dict[str, str] = dict(fields or {})
        super().__init__(self.code)


class NotFound(DomainError):
    """It does not exist, or the asker may not know that it does (HTTP 404)."""

    default_code = "not_found"


class Forbidden(DomainError):
    """The asker may see it but not do this (HTTP 403)."""

    default_code = "forbidden"


class SignInNeeded(DomainError):
    """Nobody is signed in, or the session has expired (HTTP 401)."""

    default_code = "sign_in_needed"


class Conflict(DomainError):
    """The state does not allow it, or somebody else was faster (HTTP 409)."""

    default_code = "conflict"


class Invalid(DomainError):
    """The input cannot be used (HTTP 422); see `fields`."""

    default_code = "invalid"


class Gone(DomainError):
    """It was here and is not any more: an expired or used link (HTTP 410)."""

    default_code = "gone"


class TooLarge(DomainError):
    """More bytes than may be sent at once (HTTP 413)."""

    default_code = "file.too_large"


class TooMany(DomainError):
    """Too many tries in too short a time (HTTP 429)."""

    default_code = "too_many"
