"""Tables of attachments and their pages: what was decided, where the pictures lie, what they cost.

No text of a page is stored, and no name of a file: categories and boxes of findings only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, JsonText, UtcDateTime


class AttachmentRow(Base):
    __tablename__ = "case_attachments"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    number: Mapped[int]
    shows: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[str] = mapped_column(String(26), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    name_findings: Mapped[Any] = mapped_column(JsonText)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("case_id", "number"),)


class PageRow(Base):
    """One page; once erased `file` and `file_key` are NULL and the rest is the tombstone."""

    __tablename__ = "attachment_pages"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    attachment_id: Mapped[str] = mapped_column(ForeignKey("case_attachments.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    file: Mapped[str | None] = mapped_column(String(32), unique=True)
    file_key: Mapped[str | None] = mapped_column(String(44))
    content_hash: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    reading: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int]
    ruleset: Mapped[str] = mapped_column(String(80))
    spots: Mapped[Any] = mapped_column(JsonText)
    reason: Mapped[str] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(String(26))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("attachment_id", "number"),
        Index("ix_attachment_pages_reading", "reading", "id"),
    )
