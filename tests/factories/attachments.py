"""Attachments for tests: a real file, opened and stored as the page of the author does it."""

from cases.commands import attachments as commands
from cases.commands.attachments import Brought
from cases.rules.attachments import Attachment
from cases.rules.models import Case
from cases.web.attachments import VAULT, WORKSHOP
from server.files.sniff import Kind
from server.kit.actor import Actor
from server.store.unit import Units
from tests.factories import files
from tests.harness.browser_client import House


async def an_attachment(
    units: Units, house: House, author: Actor, case: Case, data: bytes = b""
) -> Attachment:
    """Attach a picture of three lines of text, or `data`, a PNG; its page waits to be read."""
    pictures = await house.app[WORKSHOP].prepare(Kind.PNG, data or files.a_png())
    pages = [(one, await house.app[VAULT].put(one.data)) for one in pictures]
    brought = Brought("lab", Kind.PNG, "scan.png", pages)
    async with units.write() as unit:
        return await commands.attach(unit, author, case.key, brought, allowed=True)
