"""Forgets what has done its duty: delivered events, sent mails, answered double clicks."""

from datetime import timedelta

from sqlalchemy import delete

from server.store.tables import IdempotencyRow, MailRow, OutboxRow
from server.store.unit import Unit

DOUBLE_CLICKS = timedelta(days=2)
DELIVERED = timedelta(days=30)
SENT = timedelta(days=90)
"""Long enough to answer "was I told?", no longer."""


async def forget(unit: Unit) -> None:
    """Delete what is older than its use; the audit is never touched. The caller commits."""
    await unit.db.execute(
        delete(IdempotencyRow).where(IdempotencyRow.created_at < unit.now - DOUBLE_CLICKS)
    )
    await unit.db.execute(delete(OutboxRow).where(OutboxRow.done_at < unit.now - DELIVERED))
    await unit.db.execute(delete(MailRow).where(MailRow.sent_at < unit.now - SENT))
