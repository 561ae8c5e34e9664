"""Rows that belong to the ground itself: outbox, audit, idempotency, database facts."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, JsonText, UtcDateTime


class OutboxRow(Base):
    """An event that was committed with its cause and waits for its handlers."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    event: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (Index("ix_outbox_due", "done_at", "due_at"),)


class AuditRow(Base):
    """Who did what to which thing, when; facts are counts, codes and hashes, never content."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    action: Mapped[str] = mapped_column(String(80))
    actor_id: Mapped[str | None] = mapped_column(String(26))
    programme_id: Mapped[str | None] = mapped_column(String(26))
    subject: Mapped[str] = mapped_column(String(80), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText)


class MailRow(Base):
    """A letter that waits for the mail server: links and case numbers, never content.

    `message_id` is made from what the letter is about, so that a repeated event queues nothing
    and a repeated sending can be recognised by the receiver.
    """

    __tablename__ = "mails"

    message_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_mails_due", "sent_at", "due_at"),)


class IdempotencyRow(Base):
    """The answer to a form that was already handled: a second click gets the same answer."""

    __tablename__ = "idempotency"

    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    status: Mapped[int | None]
    location: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DatabaseFactRow(Base):
    """Facts about this database: whether it is a demonstration, who serves it."""

    __tablename__ = "database_facts"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
