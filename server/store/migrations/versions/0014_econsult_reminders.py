"""Who was told that an e-consult is late: once each."""

import sqlalchemy as sa
from alembic import op

from server.store.base import UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "econsult_reminders",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_id", name="pk_econsult_reminders"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_econsult_reminders_case_id_cases"
        ),
    )
