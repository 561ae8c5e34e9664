"""Mail rows: queued with their cause, sent outside any transaction, retried with a delay."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from server.store.tables import MailRow
from server.store.unit import Unit

MAX_ATTEMPTS = 15
_FIRST_DELAY = timedelta(seconds=10)
_LONGEST_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """One letter to one person."""

    message_id: str
    to: str
    subject: str
    text: str
    attempts: int = 0


async def queue(unit: Unit, mail: QueuedMail) -> bool:
    """Queue a letter unless the same one was queued before; return whether it is new."""
    if await unit.db.get(MailRow, mail.message_id) is not None:
        return False
    unit.db.add(
        MailRow(
            message_id=mail.message_id,
            recipient=mail.to,
            subject=mail.subject,
            body=mail.text,
            created_at=unit.now,
            due_at=unit.now,
            attempts=0,
        )
    )
    await unit.db.flush()  # a second letter of this unit must see the first
    return True


async def due(unit: Unit, limit: int = 20) -> tuple[QueuedMail, ...]:
    """Return letters whose time has come, oldest first; given up ones stay where they are."""
    rows = await unit.db.scalars(
        select(MailRow)
        .where(
            MailRow.sent_at.is_(None),
            MailRow.due_at <= unit.now,
            MailRow.attempts < MAX_ATTEMPTS,
        )
        .order_by(MailRow.created_at, MailRow.message_id)
        .limit(limit)
    )
    return tuple(
        QueuedMail(r.message_id, r.recipient, r.subject, r.body, r.attempts) for r in rows
    )


async def drop(unit: Unit, recipient: str) -> None:
    """Forget every letter to an address that was not sent yet."""
    await unit.db.execute(
        delete(MailRow).where(MailRow.recipient == recipient, MailRow.sent_at.is_(None))
    )


async def sent(unit: Unit, mail: QueuedMail) -> None:
    """Mark a letter as handed over; its text is no longer needed."""
    await unit.db.execute(
        update(MailRow)
        .where(MailRow.message_id == mail.message_id)
        .values(sent_at=unit.now, body="", attempts=mail.attempts + 1)
    )


async def failed(unit: Unit, mail: QueuedMail) -> None:
    """Put a letter back; the delay doubles up to an hour."""
    delay = min(_FIRST_DELAY * 2 ** min(mail.attempts, 12), _LONGEST_DELAY)
    await unit.db.execute(
        update(MailRow)
        .where(MailRow.message_id == mail.message_id)
        .values(attempts=mail.attempts + 1, due_at=unit.now + delay)
    )
