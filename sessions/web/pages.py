"""One frozen page per template, and the small values they are made of."""

from dataclasses import dataclass
from typing import Any, ClassVar

from server.edge.pages import Page
from server.edge.times import TimeText
from server.edge.todo import TodoLine


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in words, with its tone and icon."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session in a list; `join` is the room's address while it can be entered.

    `over`: nobody can meet there any more. `slots` is None for those who see titles only, and
    when no case can be put there any more.
    """

    href: str
    title: str
    programme: str
    code: str
    when: TimeText
    badge: Badge
    cancelled: bool
    over: bool
    join: str | None
    slots: tuple[int, int] | None
    """Filled slots and all slots."""


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """One programme in a list; `present` is where a case for it is written, if the reader may."""

    href: str
    code: str
    name: str
    description: str
    present: str | None


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One series in a list."""

    href: str
    title: str
    rule: str


@dataclass(frozen=True, slots=True)
class Week:
    """The sessions of one week, in order."""

    label: str
    sessions: tuple[SessionLine, ...]


@dataclass(frozen=True, slots=True)
class FormState:
    """What was typed and what is wrong with it, by field; empty on a fresh form."""

    values: dict[str, Any]
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One agenda item: clock times in the clinic's zone and, when it differs, the reader's."""

    id: str
    label: str
    detail: str
    presenter: str
    clinic: str
    viewer: str
    minutes: int
    slot: Badge | None
    """What became of a case slot; None for anything else."""
    is_didactic: bool
    removable: bool


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """One person's time in a session."""

    name: str
    organisation: str
    lane: str
    minutes: int


@dataclass(frozen=True, slots=True)
class WrapState:
    """What an ended session waits for; shown to those who can wrap it up."""

    letters: int
    """Cases that were presented, each of which gets a letter."""
    signed: int
    final: TimeText
    """When attendance becomes final by itself."""

    @property
    def ready(self) -> bool:
        """Whether every letter is signed."""
        return self.signed == self.letters


@dataclass(frozen=True)
class Landing(Page):
    """What the house is, for people who are not signed in."""

    template: ClassVar[str] = "sessions/landing.html"


@dataclass(frozen=True)
class Home(Page):
    """What comes next for the person who is signed in."""

    template: ClassVar[str] = "sessions/home.html"

    name: str
    todo: tuple[TodoLine, ...]
    present: str | None
    """Where a case for the next session's programme is written, else for any of them."""
    next: SessionLine | None
    upcoming: tuple[SessionLine, ...]
    programmes: tuple[ProgrammeLine, ...]
    may_create: bool


@dataclass(frozen=True)
class CalendarPage(Page):
    """Every session the reader may see, week by week in the reader's zone."""

    template: ClassVar[str] = "sessions/calendar.html"

    weeks: tuple[Week, ...]
    earlier: str
    later: str
    today: str | None
    zone: str


@dataclass(frozen=True)
class ProgrammesPage(Page):
    """The programmes the reader is registered with."""

    template: ClassVar[str] = "sessions/programmes.html"

    programmes: tuple[ProgrammeLine, ...]
    may_create: bool


@dataclass(frozen=True)
class NewProgrammePage(Page):
    """The form that founds a programme."""

    template: ClassVar[str] = "sessions/new_programme.html"

    form: FormState
    templates: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    hubs: tuple[tuple[str, str], ...]
    becomes_coordinator: bool


@dataclass(frozen=True)
class ProgrammePage(Page):
    """One programme: what it is, its series, what comes next."""

    template: ClassVar[str] = "sessions/programme.html"

    code: str
    name: str
    description: str
    present: str | None
    series: tuple[SeriesLine, ...]
    upcoming: tuple[SessionLine, ...]
    people: str | None
    case_form: str | None
    new_series: str | None


@dataclass(frozen=True)
class NewSeriesPage(Page):
    """The form that lays down a series."""

    template: ClassVar[str] = "sessions/new_series.html"

    action: str
    back: str
    programme: str
    form: FormState
    weekdays: tuple[tuple[str, str], ...]
    templates: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]


@dataclass(frozen=True)
class SeriesPage(Page):
    """One series: its rule in words and its sessions."""

    template: ClassVar[str] = "sessions/series.html"

    title: str
    programme: str
    programme_href: str
    rule: str
    ics: str
    sessions: tuple[SessionLine, ...]


@dataclass(frozen=True)
class SessionPage(Page):
    """One session: when, what, who presents, and the way in."""

    template: ClassVar[str] = "sessions/session.html"

    line: SessionLine
    programme_href: str
    series: SeriesLine | None
    ends: str
    zone: str
    viewer_differs: bool
    room_opens: TimeText | None
    """When the room opens; None once it did, or for people who cannot join."""
    agenda: tuple[AgendaLine, ...] | None
    topics: tuple[str, ...]
    present: str | None
    ics: str
    google: str
    outlook: str
    story: str
    """What it means that the session is over, in a sentence; empty before."""
    wrap: WrapState | None
    may_open: bool
    may_cancel: bool
    may_edit: bool
    spare: int
    kinds: tuple[tuple[str, str], ...]
    attendance: tuple[AttendanceLine, ...] | None
    own_minutes: int | None


@dataclass(frozen=True, slots=True)
class LiveAgenda:
    """One agenda item as the live page shows it without JavaScript."""

    clock: str
    label: str
    detail: str


@dataclass(frozen=True)
class LiveRoom(Page):
    """The live room: devices first, then the room; its scripts build what changes."""

    template: ClassVar[str] = "sessions/live.html"

    programme: str
    href: str
    when: TimeText
    room_opens: TimeText | None
    """When the room opens; None once it should be open."""
    joinable: bool
    over: bool
    cancelled: bool
    speaks: bool
    runs: bool
    captures: bool
    relayed: bool
    """Whether this house has a relay, so that a person can choose to hide their address."""
    areas: tuple[tuple[str, str], ...]
    note_max: int
    line_max: int
    agenda: tuple[LiveAgenda, ...]
    boot: dict[str, Any]
