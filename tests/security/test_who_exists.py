"""Asking for a link tells nobody whether there is an account (security.md 7).

How long a refusal takes is measured by `tests/bench/bench_sign_in.py`.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from server.jobs.mail import Letter
from server.people.rows import LinkRow
from server.store.tables import AuditRow
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.people import make_actor
from tests.harness.browser_client import House


class Postbox:
    """A mail server that hands over what it is given."""

    configured = True

    def __init__(self) -> None:
        self.letters: asyncio.Queue[Letter] = asyncio.Queue()

    async def send(self, letter: Letter) -> None:
        self.letters.put_nowait(letter)


@pytest.fixture
async def posting(
    units: Units, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[tuple[House, Postbox]]:
    postbox = Postbox()
    running = House(units, clock, tmp_path, postbox)
    await running.start()
    yield running, postbox
    await running.stop()


async def test_the_answer_is_the_same_and_only_one_gets_a_letter(
    units: Units, posting: tuple[House, Postbox]
) -> None:
    house, postbox = posting
    await make_actor(units, "Ada Bright", {})
    browser = house.stranger()
    answers = [
        await browser.post(
            "/sign-in/link", {"email": f"{name}.bright@test.invalid"}, signed_in=False
        )
        for name in ("eve", "ada")
    ]
    assert [a.status for a in answers] == [200, 200]
    pages = {
        re.sub(r'nonce="[^"]*"|(ada|eve)\.', "", answer.text.replace("eve", "ada"))
        for answer in answers
    }
    assert len(pages) == 1
    async with asyncio.timeout(10):
        letter = await postbox.letters.get()
    assert letter.to == "ada.bright@test.invalid"
    link = re.search(r"/links/\S+", letter.text)
    assert link is not None
    # Eve's question came first: it has been answered by now, with nothing.
    async with units.read() as unit:
        actions = list(
            await unit.db.scalars(
                select(AuditRow.action).where(AuditRow.action.like("sign_in.link%"))
            )
        )
        links = list(await unit.db.scalars(select(LinkRow.email)))
    assert sorted(actions) == ["sign_in.link_made", "sign_in.link_refused"]
    assert links == ["ada.bright@test.invalid"]
    assert postbox.letters.empty()
    await browser.get(link[0])
    assert (await browser.post(link[0], {}, signed_in=False)).status == 303
