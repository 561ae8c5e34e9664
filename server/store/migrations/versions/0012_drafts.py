"""Saved states of drafts, and the page on which a case was begun, so that a retry begins none."""

import sqlalchemy as sa
from alembic import op

from server.store.base import JsonText, UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("cases", sa.Column("begun_on", sa.String(40)))
    op.create_index("ix_cases_author_id_begun_on", "cases", ["author_id", "begun_on"], unique=True)
    op.create_table(
        "case_draft_states",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("writer", sa.String(40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("answers", JsonText(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_case_draft_states"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_case_draft_states_case_id_cases"
        ),
    )
