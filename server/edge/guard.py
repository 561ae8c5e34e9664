"""Deny by default: every route and socket event carries a policy, checked before its handler."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from aiohttp import web

from server.kit.actor import Actor, Permission
from server.kit.errors import Forbidden, SignInNeeded
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may knock: everybody (with a reason), the signed-in, or holders of a permission.

    A permission here is the coarse gate (held in at least one programme); the command or query
    behind it checks the object's own programme.
    """

    kind: str
    permission: Permission | None = None
    reason: str = ""
    file_bytes: int = 0
    """Bytes of a file that may be sent here (edge/uploads.py); 0: forms and JSON only."""

    def taking_file(self, most: int) -> "Policy":
        """Return this policy for a route that takes one file of at most `most` bytes."""
        return replace(self, file_bytes=most)

    def check(self, actor: Actor | None) -> None:
        """Raise SignInNeeded or Forbidden when `actor` may not pass."""
        if self.kind == "public":
            return
        if actor is None:
            raise SignInNeeded
        if self.permission is not None and not actor.can_somewhere(self.permission):
            raise Forbidden

    def describe(self) -> str:
        """Return the policy in words, for the generated reference pages."""
        if self.kind == "public":
            return f"public: {self.reason}"
        return f"needs {self.permission}" if self.permission else "signed in"


def public(reason: str) -> Policy:
    """Let everybody in; the reason is part of the reference page."""
    return Policy("public", reason=reason)


SIGNED_IN = Policy("signed_in")


def needs(permission: Permission) -> Policy:
    """Let in people who hold `permission` in at least one programme."""
    return Policy("needs", permission)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The outcome of authentication: who, through which sign-in, until when at most."""

    actor: Actor
    sign_in: str
    """Hash of the cookie's token: identifies the sign-in, cannot be used to forge it."""
    expires_at: datetime


class Authenticator(Protocol):
    """Turns a cookie's token into a person; implemented by server.people."""

    async def authenticate(self, unit: Unit, token: str) -> SignedIn | None:
        """Return who holds `token` now, or None when it is unknown, expired or closed."""
        ...

    async def touch(self, token_hash: str) -> None:
        """Note activity of a sign-in (at most one write a minute)."""
        ...


AUTHENTICATOR: web.AppKey[Authenticator] = web.AppKey("authenticator", Authenticator)
SIGNED_IN_KEY = web.RequestKey("signed_in", SignedIn)


def signed_in(request: web.Request) -> SignedIn | None:
    """Return the request's sign-in, if there is one."""
    return request.get(SIGNED_IN_KEY)


def maybe_actor(request: web.Request) -> Actor | None:
    """Return the signed-in actor, or None on a public page."""
    found = signed_in(request)
    return found.actor if found else None


def current_actor(request: web.Request) -> Actor:
    """Return the signed-in actor; raises SignInNeeded when nobody is."""
    found = signed_in(request)
    if found is None:
        raise SignInNeeded
    return found.actor
