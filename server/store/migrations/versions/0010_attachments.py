"""Attachments of cases: one row a file, one a page; the pictures lie encrypted in the data folder."""

import sqlalchemy as sa
from alembic import op

from server.store.base import JsonText, UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "case_attachments",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("shows", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("name_findings", JsonText(), nullable=False),
        sa.Column("erased_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_case_attachments"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_case_attachments_case_id_cases"
        ),
        sa.UniqueConstraint("case_id", "number", name="uq_case_attachments_case_id"),
    )
    op.create_index("ix_case_attachments_case_id", "case_attachments", ["case_id"])
    op.create_index("ix_case_attachments_person_id", "case_attachments", ["person_id"])
    _pages()


def _pages() -> None:
    op.create_table(
        "attachment_pages",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("attachment_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("file", sa.String(32)),
        sa.Column("file_key", sa.String(44)),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("reading", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ruleset", sa.String(80), nullable=False),
        sa.Column("spots", JsonText(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(26)),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("erased_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_attachment_pages"),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["case_attachments.id"],
            name="fk_attachment_pages_attachment_id_case_attachments",
        ),
        sa.UniqueConstraint("attachment_id", "number", name="uq_attachment_pages_attachment_id"),
        sa.UniqueConstraint("file", name="uq_attachment_pages_file"),
    )
    op.create_index("ix_attachment_pages_attachment_id", "attachment_pages", ["attachment_id"])
    op.create_index("ix_attachment_pages_reading", "attachment_pages", ["reading", "id"])
