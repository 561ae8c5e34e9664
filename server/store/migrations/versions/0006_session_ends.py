"""How sessions end: when they were wrapped, why they were cancelled, whose letters are out."""

import sqlalchemy as sa
from alembic import op

from server.store.base import UtcDateTime

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("wrapped_at", UtcDateTime(), nullable=True))
    op.add_column("sessions", sa.Column("cancelled_for", sa.String(12), nullable=True))
    op.add_column("agenda_items", sa.Column("letter_at", UtcDateTime(), nullable=True))
    # Until now only people cancelled, and nobody noted on the agenda which letters are signed.
    op.execute("UPDATE sessions SET cancelled_for = 'by_hand' WHERE state = 'cancelled'")
    op.execute(
        "UPDATE agenda_items SET letter_at = (SELECT MIN(letters.signed_at) FROM letters"
        " WHERE letters.case_id = agenda_items.ref) WHERE presented_at IS NOT NULL"
    )
