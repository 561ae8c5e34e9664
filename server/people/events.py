"""What other rooms may hear about people."""

from dataclasses import dataclass
from typing import ClassVar

from server.kit.events import Event


@dataclass(frozen=True, slots=True)
class PersonInvited(Event):
    """Somebody was invited; the link itself travels only in the mail or on the screen."""

    name: ClassVar[str] = "people.invited"
    invitation_id: str
    programme_id: str


@dataclass(frozen=True, slots=True)
class RolesChanged(Event):
    """Somebody's roles changed or the account was closed: sockets and seats must re-check."""

    name: ClassVar[str] = "people.roles_changed"
    person_id: str
