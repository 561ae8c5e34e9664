"""Tables of recommendations, letters and the library.

Letters are only ever added. The full-text table `library_fts` is made by its migration, for each
database in its own way; no model describes it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, JsonText, UtcDateTime


class AdviceDraftRow(Base):
    """The working draft of one case's letter; `revision` moves with every change of any item."""

    __tablename__ = "advice_drafts"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    programme_id: Mapped[str] = mapped_column(String(26), index=True)
    stage: Mapped[str] = mapped_column(String(12))
    revision: Mapped[int]
    summary: Mapped[str] = mapped_column(Text)
    watch_for: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    amend_reason: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(26))


class RecommendationRow(Base):
    """One item of a draft."""

    __tablename__ = "recommendations"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("advice_drafts.case_id"), index=True)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    rationale: Mapped[str] = mapped_column(Text)
    citation_title: Mapped[str] = mapped_column(Text)
    citation_year: Mapped[int | None]
    citation_link: Mapped[str] = mapped_column(String(250))
    problem_area: Mapped[str] = mapped_column(String(20))
    strength: Mapped[str] = mapped_column(String(12))
    evidence: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(16))
    time_frame: Mapped[str] = mapped_column(String(8))
    step: Mapped[int]
    cautions: Mapped[Any] = mapped_column(JsonText)
    said: Mapped[Any] = mapped_column(JsonText)
    captures: Mapped[Any] = mapped_column(JsonText)
    drop_reason: Mapped[str] = mapped_column(Text)
    merged_into: Mapped[str | None] = mapped_column(String(26))
    version: Mapped[int]


class LetterRow(Base):
    """One signed version: the exact bytes, their hash, who and when. Never updated.

    Only a purge empties `body` (domain.md, invariant 4); all else stays as the tombstone.
    """

    __tablename__ = "letters"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64))
    signed_by: Mapped[str] = mapped_column(String(26))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    draft_revision: Mapped[int]
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_by: Mapped[str | None] = mapped_column(String(26))


class SigningDelegateRow(Base):
    """A hub specialist whom the director lets sign in one programme."""

    __tablename__ = "signing_delegates"

    programme_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    named_by: Mapped[str] = mapped_column(String(26))
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LibraryEntryRow(Base):
    """One case in the library, and its way to publication."""

    __tablename__ = "library_entries"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), unique=True)
    programme_id: Mapped[str] = mapped_column(String(26), index=True)
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    published_version: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    synopsis: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    rewritten_by: Mapped[str | None] = mapped_column(String(26))
    rewritten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[str | None] = mapped_column(String(26))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[str | None] = mapped_column(String(26))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    row_version: Mapped[int]


class LibraryDocumentRow(Base):
    """What one audience reads of one version; `current` is what search finds.

    `face` is `issued` (registered people of the programme) or `published` (everybody).
    """

    __tablename__ = "library_documents"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("library_entries.id"))
    face: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    programme_id: Mapped[str] = mapped_column(String(26))
    current: Mapped[bool]
    dated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[Any] = mapped_column(JsonText)

    __table_args__ = (
        UniqueConstraint("entry_id", "face", "version"),
        Index("ix_library_documents_current_face", "current", "face", "dated_at"),
    )
