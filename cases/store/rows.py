"""Tables of cases, their frozen texts, signatures and identifier decisions.

People, organisations, programmes and sessions are referred to by id without a foreign key: they
belong to other floors. Sets of free text live in `draft` and `case_versions.answers` only, and
only text that passed the identifier check gets there; so do the states of a draft (draft_rows.py).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, JsonText, UtcDateTime


class CaseRow(Base):
    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    programme_id: Mapped[str] = mapped_column(String(26))
    programme_code: Mapped[str] = mapped_column(String(4))
    case_no: Mapped[str | None] = mapped_column(String(16), unique=True)
    patient_ref: Mapped[str] = mapped_column(String(12), index=True)
    case_type: Mapped[str] = mapped_column(String(10))
    prior_case_id: Mapped[str | None] = mapped_column(String(26), index=True)
    author_id: Mapped[str] = mapped_column(String(26), index=True)
    organisation_id: Mapped[str | None] = mapped_column(String(26))
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    urgency: Mapped[str] = mapped_column(String(10))
    main_question: Mapped[str] = mapped_column(Text)
    content_version: Mapped[int]
    safety: Mapped[Any] = mapped_column(JsonText)
    message: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(String(26), index=True)
    agenda_item_id: Mapped[str | None] = mapped_column(String(26))
    presented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    converted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it became an e-consult."""
    publication_veto: Mapped[bool]
    second_reasons: Mapped[Any] = mapped_column(JsonText, server_default="[]")
    lost_slot: Mapped[str] = mapped_column(String(20), server_default="")
    draft: Mapped[Any | None] = mapped_column(JsonText)
    draft_saved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    begun_on: Mapped[str | None] = mapped_column(String(40))
    """The random name of the page that first saved it: a save repeated makes no second case."""
    row_version: Mapped[int]

    __table_args__ = (
        Index("ix_cases_programme_id_state", "programme_id", "state"),
        Index("ix_cases_author_id_begun_on", "author_id", "begun_on", unique=True),
    )


class CaseFormRow(Base):
    """One setup of a programme's case form (rules/form_setup.py); never changed."""

    __tablename__ = "case_forms"

    programme_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    setup: Mapped[Any] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(26))


class CaseVersionRow(Base):
    """One frozen text; after a purge `answers` is NULL and the rest is the tombstone."""

    __tablename__ = "case_versions"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[Any | None] = mapped_column(JsonText)
    content_hash: Mapped[str] = mapped_column(String(64))
    ruleset: Mapped[str] = mapped_column(String(80))
    form_version: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_by: Mapped[str | None] = mapped_column(String(26))
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_by: Mapped[str | None] = mapped_column(String(26))


class AttestationRow(Base):
    """One statement signed with one version: never a bare boolean (domain.md §1)."""

    __tablename__ = "attestations"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    wording: Mapped[str] = mapped_column(String(24))
    person_id: Mapped[str] = mapped_column(String(26))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("case_id", "number", "kind"),)


class FindingDecisionRow(Base):
    """What a human said about one finding: offsets, class, rule, code; never the words."""

    __tablename__ = "finding_decisions"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    path: Mapped[str] = mapped_column(String(60))
    start: Mapped[int]
    stop: Mapped[int]
    category: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(60))
    tier: Mapped[str] = mapped_column(String(8))
    verdict: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(24))
    person_id: Mapped[str] = mapped_column(String(26))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_finding_decisions_case_id_number", "case_id", "number"),)


class CasePassRow(Base):
    """One person let one text through, under one rule set."""

    __tablename__ = "case_passes"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ruleset: Mapped[str] = mapped_column(String(80), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FieldCommentRow(Base):
    """What the desk asks of the author at one field of a version: text that passed the check."""

    __tablename__ = "field_comments"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    path: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(String(64))
    ruleset: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[str] = mapped_column(String(26))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_field_comments_case_id_number", "case_id", "number"),)


class CaseSerialRow(Base):
    """The last case number given in a programme and year."""

    __tablename__ = "case_serials"

    programme_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
