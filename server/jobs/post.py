"""The post: brings queued letters to the mail server, at least once each."""

import asyncio

import structlog

from server.jobs.mail import Letter, Mailer
from server.store import mails
from server.store.unit import Units

POLL_SECONDS = 5.0
log = structlog.get_logger("post")


class Post:
    """Sends what is due; a letter that fails waits longer each time."""

    def __init__(self, units: Units, mailer: Mailer) -> None:
        self._units = units
        self._mailer = mailer

    async def run(self) -> None:
        """Send for ever."""
        while True:
            if not await self.pass_once():
                await asyncio.sleep(POLL_SECONDS)

    async def pass_once(self) -> int:
        """Send one batch; return how many letters were tried."""
        async with self._units.read() as unit:
            batch = await mails.due(unit)
        for mail in batch:
            letter = Letter(mail.to, mail.subject, mail.text, mail.message_id)
            try:
                await self._mailer.send(letter)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 -- whatever it is, the letter is kept
                log.warning("mail failed", error=type(error).__name__)
                async with self._units.write() as unit:
                    await mails.failed(unit, mail)
                    await unit.commit()
            else:
                async with self._units.write() as unit:
                    await mails.sent(unit, mail)
                    await unit.commit()
        return len(batch)
