"""The desk: who passed which text under which rules, comments at fields, second reviewers."""

import sqlalchemy as sa
from alembic import op

from server.store.base import JsonText, UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("second_reasons", JsonText(), nullable=False, server_default="[]")
    )
    _passes()
    _comments()


def _passes() -> None:
    op.create_table(
        "case_passes",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("ruleset", sa.String(80), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "case_id", "number", "person_id", "ruleset", name="pk_case_passes"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_passes_case_id_cases"),
    )
    # Until now a version noted one person; the rules were those of its submission.
    op.execute(
        "INSERT INTO case_passes (case_id, number, person_id, ruleset, content_hash, at)"
        " SELECT case_id, number, checked_by, ruleset, content_hash, checked_at"
        " FROM case_versions WHERE checked_at IS NOT NULL AND checked_by IS NOT NULL"
    )


def _comments() -> None:
    op.create_table(
        "field_comments",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("ruleset", sa.String(80), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_field_comments"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_field_comments_case_id_cases"),
    )
    op.create_index("ix_field_comments_case_id_number", "field_comments", ["case_id", "number"])
