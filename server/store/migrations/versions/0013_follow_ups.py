"""Questions to presenters about how it went, and who answers a case in writing."""

import sqlalchemy as sa
from alembic import op

from server.store.base import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "follow_up_asks",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(26)),
        sa.PrimaryKeyConstraint("case_id", "round", "number", name="pk_follow_up_asks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_follow_up_asks_case_id_cases"),
    )
    op.add_column("cases", sa.Column("converted_at", UtcDateTime()))
    op.create_index("ix_cases_prior_case_id", "cases", ["prior_case_id"])
    op.create_table(
        "econsult_asks",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_id", name="pk_econsult_asks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_econsult_asks_case_id_cases"),
    )
    op.create_index("ix_econsult_asks_person_id", "econsult_asks", ["person_id"])
