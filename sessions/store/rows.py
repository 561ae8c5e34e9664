"""Tables of programmes, series, sessions and what is written while a session runs.

People and organisations are referred to by id without a foreign key: they belong to another
floor, and nobody is ever deleted there, only disabled.
"""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, JsonText, UtcDateTime


class ProgrammeRow(Base):
    __tablename__ = "programmes"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(4), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text)
    hub_id: Mapped[str] = mapped_column(String(26))
    zone: Mapped[str] = mapped_column(String(64))
    template: Mapped[str] = mapped_column(String(8))
    cases_first: Mapped[bool]
    learner_sees_case: Mapped[bool]
    version: Mapped[int]


class SeriesRow(Base):
    __tablename__ = "series"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    zone: Mapped[str] = mapped_column(String(64))
    weekday: Mapped[int]
    at: Mapped[time]
    first: Mapped[date]
    every_weeks: Mapped[int]
    count: Mapped[int | None]
    until: Mapped[date | None]
    template: Mapped[str] = mapped_column(String(8))
    cases_first: Mapped[bool]
    version: Mapped[int]


class SessionRow(Base):
    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    series_id: Mapped[str | None] = mapped_column(ForeignKey("series.id"))
    number: Mapped[int | None]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(64))
    template: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))
    practice: Mapped[bool]
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wrapped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_for: Mapped[str | None] = mapped_column(String(12))
    version: Mapped[int]

    __table_args__ = (
        # One session per occurrence: materialising twice cannot make two (NULLs do not clash).
        UniqueConstraint("series_id", "number"),
        Index("ix_sessions_programme_id_starts_at", "programme_id", "starts_at"),
        Index("ix_sessions_state_starts_at", "state", "starts_at"),
    )


class AgendaRow(Base):
    __tablename__ = "agenda_items"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int]
    position: Mapped[int]
    ref: Mapped[str | None] = mapped_column(String(26), index=True)
    label: Mapped[str] = mapped_column(String(120))
    presenter_id: Mapped[str | None] = mapped_column(String(26))
    presented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    letter_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaptureRow(Base):
    __tablename__ = "captures"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    author_id: Mapped[str] = mapped_column(String(26))
    speaker_id: Mapped[str] = mapped_column(String(26))
    lane: Mapped[str] = mapped_column(String(8))
    problem_area: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    at_ms: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("captures.id"))
    version: Mapped[int]


class AttendanceRow(Base):
    __tablename__ = "attendance"

    seat_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    person_id: Mapped[str] = mapped_column(String(26), index=True)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoomLogRow(Base):
    __tablename__ = "room_log"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    command: Mapped[dict[str, Any]] = mapped_column(JsonText)
