"""Reads the pages of attachments for identifiers, one after the other, while nobody waits for it.

What was read is scanned and forgotten: a page keeps where something was found and of which
category, never the words (docs/decisions/0019-attachments.md).
"""

import asyncio
from collections.abc import Sequence
from datetime import date

import structlog

from cases.rules import attachments as rules
from cases.rules.attachments import Spot
from cases.store import attachments as files
from server.deid import detect
from server.deid.load import ruleset
from server.files.sniff import Refused
from server.files.vault import Vault
from server.files.workshop import Line, WorkerFailed, Workshop
from server.kit.errors import NotFound
from server.store.unit import Units

POLL_SECONDS = 20.0
log = structlog.get_logger("pages")


class PageReader:
    """Works through the pages that nobody has read, oldest first; the queue is the table."""

    def __init__(self, units: Units, vault: Vault, workshop: Workshop) -> None:
        self._units = units
        self._vault = vault
        self._workshop = workshop
        self._wake = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def wake(self) -> None:
        """Say that there is something to read."""
        self._wake.set()

    async def run(self) -> None:
        """Read for ever: woken after an upload, with a slow poll as the net."""
        while True:
            if await self.pass_once():
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def drain(self) -> None:
        """Read until nothing waits any more (tests)."""
        while await self.pass_once():
            pass

    async def pass_once(self) -> bool:
        """Read one page; return whether there was one."""
        async with self._one_at_a_time:
            async with self._units.read() as unit:
                found = await files.next_to_read(unit)
                today = unit.now.date()
            if found is None:
                return False
            page, stored, _ = found
            try:
                lines = await self._workshop.read(await self._vault.get(stored))
            except (WorkerFailed, Refused, NotFound) as error:
                log.warning("page not read", error=type(error).__name__)
                async with self._units.write() as unit:
                    await files.note_failure(unit, page, most=rules.TRIES)
                    await unit.commit()
                return True
            spots = await asyncio.to_thread(spots_of, lines, today)
            async with self._units.write() as unit:
                await files.note_read(unit, page, spots, ruleset().version)
                await unit.commit()
            return True


def spots_of(lines: Sequence[Line], today: date | None = None) -> tuple[Spot, ...]:
    """Return where the identifier check finds something among the lines of a page.

    They are scanned as they were read, and again with words split: the reader drops blanks. The
    words are forgotten, so what will be found in years to come ("born in 1937") is looked for now.
    """
    boxed = [(line.text, line.box) for line in lines]
    texts = [rules.written(boxed, split=split) for split in (False, True)]
    found: list[tuple[int, tuple[Spot, ...]]] = []
    year: int | None = 0
    while year is not None:
        day = date(year, 1, 1) if year else today
        read = [(text, detect.scan(text.text, today=day)) for text in texts]
        found.append((year, rules.spots((text, result.findings) for text, result in read)))
        year = min((result.until for _, result in read if result.until), default=None)
    return rules.over_years(found)
