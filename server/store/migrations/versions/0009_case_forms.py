"""How programmes set up their case form: every setup is kept, old cases keep the form they were asked."""

import sqlalchemy as sa
from alembic import op

from server.store.base import JsonText, UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "case_forms",
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("setup", JsonText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "number", name="pk_case_forms"),
    )
