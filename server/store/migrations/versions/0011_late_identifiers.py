"""Identifiers found late: purged letters leave a tombstone; why a case lost its slot."""

import sqlalchemy as sa
from alembic import op

from server.store.base import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("lost_slot", sa.String(20), nullable=False, server_default="")
    )
    op.add_column("letters", sa.Column("purged_at", UtcDateTime(), nullable=True))
    op.add_column("letters", sa.Column("purged_by", sa.String(26), nullable=True))
