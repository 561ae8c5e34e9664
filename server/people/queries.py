"""What the pages about people read: values, never rows."""

from server.people.store import (
    Link,
    Organisation,
    Person,
    by_email,
    by_id,
    cards,
    open_invitations,
    organisations,
)

__all__ = [
    "Link",
    "Organisation",
    "Person",
    "by_email",
    "by_id",
    "cards",
    "open_invitations",
    "organisations",
]
