"""The Page of every template about people."""

from dataclasses import dataclass
from typing import ClassVar

from server.edge.pages import Page
from server.edge.times import TimeText

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SignIn(Page):
    """Address and password, or a link by mail."""

    template: ClassVar[str] = "people/sign_in.html"
    email: str
    next: str
    failed: bool
    by_mail: bool


@dataclass(frozen=True)
class LinkSent(Page):
    """The same words whether or not there is such an account."""

    template: ClassVar[str] = "people/link_sent.html"
    email: str


@dataclass(frozen=True)
class UseLink(Page):
    """A link was opened: looking changes nothing, the button does."""

    template: ClassVar[str] = "people/use_link.html"
    token: str


@dataclass(frozen=True)
class Accept(Page):
    """An invitation: who you are, and a password if you like one."""

    template: ClassVar[str] = "people/accept.html"
    token: str
    email: str
    programme: str
    role: str
    values: dict[str, str]
    errors: dict[str, str]
    disciplines: Options
    zones: tuple[str, ...]
    has_account: bool
    signed_in_as_invited: bool
    admin: bool


@dataclass(frozen=True)
class Profile(Page):
    """What a person may change about themselves."""

    template: ClassVar[str] = "people/profile.html"
    email: str
    values: dict[str, str]
    errors: dict[str, str]
    disciplines: Options
    zones: tuple[str, ...]
    has_password: bool


@dataclass(frozen=True)
class RosterLine:
    """One member of a programme."""

    person_id: str
    name: str
    lane: str
    detail: str
    roles: tuple[tuple[str, str, bool], ...]
    """(role, label, may be taken away by the reader)."""


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation nobody has accepted yet."""

    name: str
    email: str
    role: str
    expires: TimeText


@dataclass(frozen=True)
class Roster(Page):
    """The people of a programme, and the form that invites more."""

    template: ClassVar[str] = "people/roster.html"
    programme_id: str
    programme: str
    members: tuple[RosterLine, ...]
    invitations: tuple[OpenInvitation, ...]
    roles: Options
    organisations: Options
    values: dict[str, str]
    errors: dict[str, str]
    may_invite: bool


@dataclass(frozen=True)
class InvitationMade(Page):
    """The link, shown once, when there is no mail server to send it."""

    template: ClassVar[str] = "people/invitation_made.html"
    name: str
    email: str
    link: str
    programme_id: str
    sent: bool


@dataclass(frozen=True)
class AccountLine:
    """One account as the platform administrator sees it."""

    person_id: str
    name: str
    email: str
    organisation: str
    lane: str
    closed: bool
    yourself: bool


@dataclass(frozen=True)
class Accounts(Page):
    """All accounts and organisations (platform administrator)."""

    template: ClassVar[str] = "people/accounts.html"
    accounts: tuple[AccountLine, ...]
    organisations: Options
    errors: dict[str, str]
    values: dict[str, str]
    next_after: str
