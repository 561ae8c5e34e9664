"""A demonstration server of its own for each story, and people at their browsers."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.harness.app import Server
from tests.harness.browsers import chromium
from tests.harness.seeds import Seeds

Desk = Callable[..., Any]

# Two cores carry a server and several browsers; nothing here measures speed.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests here share an event loop, because they share a Chromium."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="module")
def server(seeds: Seeds) -> Iterator[Server]:
    """One demonstration for the stories of a file."""
    with Server(seeds=seeds) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium_of_worker() -> AsyncIterator[Browser]:
    """One Chromium for the tests of a process; starting it costs more than most of them."""
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium_of_worker: Browser) -> AsyncIterator[Browser]:
    """Chromium without camera files: for everything but the live room.

    A context holds all that a browser remembers; none outlives its test.
    """
    yield chromium_of_worker
    for context in chromium_of_worker.contexts:
        await context.close()


class Complaints:
    """What a page said to its console: errors fail the story."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._accepted = ["the server responded with a status of 4"]

    def accept(self, *parts: str) -> None:
        """Accept complaints that the story itself provokes, such as a server that is gone."""
        self._accepted.extend(parts)

    def serious(self) -> list[str]:
        """Return what was not to be expected.

        A refused form is an answer, not a fault; Chromium reports every status over 399.
        """
        return [c for c in self.heard if not any(part in c for part in self._accepted)]

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.heard.append(message.text)
                if message.type == "error" or "Content Security Policy" in message.text
                else None
            ),
        )


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Collects console errors of every page of a story; none are accepted."""
    collected = Complaints()
    yield collected
    assert collected.serious() == []


@pytest.fixture
def sit_down(server: Server, browser: Browser, complaints: Complaints) -> Desk:
    """Return a function that signs a demo person in, in a context of their own."""

    @contextlib.asynccontextmanager
    async def sit(words: str, **options: Any) -> AsyncIterator[Page]:
        context = await browser.new_context(**options)
        page = await context.new_page()
        complaints.watch(page)
        await page.goto(server.sign_in(words))
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
        yield page
        await context.close()

    return sit
