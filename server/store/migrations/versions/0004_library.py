"""Recommendations, letters, signing delegates, and the library with its full-text index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from server.store.base import JsonText, UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _drafts()
    _letters()
    _library()
    _full_text()


def _drafts() -> None:
    op.create_table(
        "advice_drafts",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("stage", sa.String(12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("watch_for", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("amend_reason", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_advice_drafts"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_advice_drafts_case_id_cases"),
    )
    op.create_index("ix_advice_drafts_programme_id", "advice_drafts", ["programme_id"])
    op.create_table(
        "recommendations",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("citation_title", sa.Text(), nullable=False),
        sa.Column("citation_year", sa.Integer(), nullable=True),
        sa.Column("citation_link", sa.String(250), nullable=False),
        sa.Column("problem_area", sa.String(20), nullable=False),
        sa.Column("strength", sa.String(12), nullable=False),
        sa.Column("evidence", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("time_frame", sa.String(8), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("cautions", JsonText(), nullable=False),
        sa.Column("said", JsonText(), nullable=False),
        sa.Column("captures", JsonText(), nullable=False),
        sa.Column("drop_reason", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.String(26), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recommendations"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["advice_drafts.case_id"],
            name="fk_recommendations_case_id_advice_drafts",
        ),
    )
    op.create_index("ix_recommendations_case_id", "recommendations", ["case_id"])


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("signed_by", sa.String(26), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("draft_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "version", name="pk_letters"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_letters_case_id_cases"),
    )
    op.create_table(
        "signing_delegates",
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("named_by", sa.String(26), nullable=False),
        sa.Column("named_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "person_id", name="pk_signing_delegates"),
    )


def _library() -> None:
    op.create_table(
        "library_entries",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("synopsis", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("rewritten_by", sa.String(26), nullable=True),
        sa.Column("rewritten_at", UtcDateTime(), nullable=True),
        sa.Column("reviewed_by", sa.String(26), nullable=True),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("published_by", sa.String(26), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_entries"),
        sa.UniqueConstraint("number", name="uq_library_entries_number"),
        sa.UniqueConstraint("case_id", name="uq_library_entries_case_id"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_library_entries_case_id_cases"
        ),
    )
    op.create_index("ix_library_entries_programme_id", "library_entries", ["programme_id"])
    op.create_table(
        "library_documents",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("entry_id", sa.String(26), nullable=False),
        sa.Column("face", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("dated_at", UtcDateTime(), nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_documents"),
        sa.UniqueConstraint("entry_id", "face", "version", name="uq_library_documents_entry_id"),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["library_entries.id"],
            name="fk_library_documents_entry_id_library_entries",
        ),
    )
    op.create_index(
        "ix_library_documents_current_face",
        "library_documents",
        ["current", "face", "dated_at"],
    )


def _full_text() -> None:
    """Make the index: whole stems in ASCII, so that both databases recall the same documents."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE library_fts USING fts5(doc UNINDEXED, terms, tokenize='ascii')"
        )
        return
    op.create_table(
        "library_fts",
        sa.Column("doc", sa.String(40), nullable=False),
        sa.Column("terms", TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("doc", name="pk_library_fts"),
    )
    op.create_index("ix_library_fts_terms", "library_fts", ["terms"], postgresql_using="gin")
