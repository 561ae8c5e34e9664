"""What the forms of this feature may hold; meaning is judged by the rules."""

from datetime import date, time
from typing import Literal

from pydantic import Field, field_validator

from server.edge.forms import LARGEST_INT, Form
from sessions.rules.models import ItemKind, Template
from sessions.rules.recurrence import zone_named


class ProgrammeForm(Form):
    """A new programme."""

    code: str = Field(min_length=1, max_length=12)
    name: str = Field(min_length=1, max_length=400)
    description: str = Field(default="", max_length=8000)
    zone: str = Field(min_length=1, max_length=80)
    template: Template = Template.T60_2
    order: Literal["didactic", "cases"] = "didactic"
    learner_sees_case: Literal["yes", ""] = ""
    hub: str = Field(default="", max_length=26)

    @field_validator("zone")
    @classmethod
    def _zone(cls, typed: str) -> str:
        return zone_named(typed)


class SeriesForm(Form):
    """A new series: "Tuesdays 12:00 America/Denver, every week, 12 sessions"."""

    title: str = Field(default="", max_length=400)
    weekday: int = Field(ge=-LARGEST_INT, le=LARGEST_INT)
    at: time
    zone: str = Field(min_length=1, max_length=80)
    every_weeks: int = Field(default=1, ge=-LARGEST_INT, le=LARGEST_INT)
    first: date
    ends: Literal["count", "until", "open"]
    count: int | None = Field(default=None, ge=-LARGEST_INT, le=LARGEST_INT)
    until: date | None = None
    template: Template = Template.T60_2
    order: Literal["didactic", "cases"] = "didactic"

    @field_validator("at")
    @classmethod
    def _wall_clock(cls, typed: time) -> time:
        # A zone in the time field would contradict the zone field; seconds have no meaning here.
        if typed.tzinfo is not None:
            raise ValueError
        return typed.replace(second=0, microsecond=0)

    @field_validator("zone")
    @classmethod
    def _zone(cls, typed: str) -> str:
        return zone_named(typed)


class ItemForm(Form):
    """A new agenda item."""

    kind: ItemKind
    minutes: int = Field(ge=-LARGEST_INT, le=LARGEST_INT)
    position: int = Field(default=99, ge=0, le=99)


class TopicForm(Form):
    """Topic and speaker of a didactic."""

    topic: str = Field(default="", max_length=400)


class MoveForm(Form):
    """Where an agenda item goes."""

    position: int = Field(ge=0, le=99)


class NoFields(Form):
    """A button: nothing is typed."""
