"""What the helps while writing show: the page without JavaScript, and what it shares."""

from dataclasses import dataclass
from typing import ClassVar

from server.edge.pages import Page
from server.edge.times import TimeText


@dataclass(frozen=True, slots=True)
class SlotView:
    """A session with free places for cases."""

    href: str
    when: TimeText
    topic: str
    places: str


@dataclass(frozen=True, slots=True)
class SimilarView:
    """One entry of the library that is like the case. `why`: (kind, what is shared)."""

    href: str
    heading: str
    meta: str
    why: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AskView:
    """One fact the hub will ask for."""

    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class HintView:
    """One place in a text: where, the words, what to say instead."""

    field: str
    found: str
    prefer: str


@dataclass(frozen=True)
class HelpsPage(Page):
    """Everything the helps have to say about a case that is being written."""

    template: ClassVar[str] = "cases/helps.html"
    programme: str
    question: str
    advice: tuple[str, ...]
    good: str
    asks: tuple[AskView, ...]
    held: bool
    similar: tuple[SimilarView, ...]
    hints: tuple[HintView, ...]
    note: str
    cues: tuple[str, ...]
    card: str
    warning: str
    rare: str
    rare_signs: tuple[tuple[str, str], ...]
    rare_note: str
    slots: tuple[SlotView, ...]
