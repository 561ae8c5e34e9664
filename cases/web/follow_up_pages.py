"""The Pages of follow-ups: the desk's list, and what a case sheet shows of them."""

from dataclasses import dataclass
from typing import ClassVar

from cases.web.desk_pages import BadgeView
from server.edge.pages import Page
from server.edge.times import TimeText


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round: `After 30 days`, and how it stands."""

    label: str
    badge: BadgeView


@dataclass(frozen=True, slots=True)
class AskView:
    """One question to the presenter: when, and by whom."""

    when: TimeText
    by: str


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """The follow-up of one case. `answer`: where its presenter answers; empty for others."""

    rounds: tuple[RoundView, ...]
    asked: tuple[AskView, ...]
    due: bool
    answer: str
    begun: bool
    """Whether the presenter has begun to answer."""


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """One case at the desk. `reminder`: fields of the button that asks again; None: not now."""

    key: str
    title: str
    meta: str
    row_version: int
    view: FollowUpView
    reminder: dict[str, str] | None
    not_now: str
    """Why it cannot be asked again now, as a sentence."""
    close: str
    """What the button says that closes the case; empty while an answer may still come."""


@dataclass(frozen=True)
class FollowUpsPage(Page):
    """The desk's list of follow-ups that wait for an answer, or can be closed."""

    template: ClassVar[str] = "cases/follow_ups.html"
    waiting: tuple[FollowUpLine, ...]
    ending: tuple[FollowUpLine, ...]
    acts: bool
    """Whether the reader is a coordinator, who asks and closes."""
