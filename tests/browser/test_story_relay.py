"""Two people who hide their network address, in Chromium and Firefox, through a real coturn."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Complaints
from tests.browser.room import FACES, SEEN_WITHIN, at_the_door, go_in, person_id
from tests.harness import senses
from tests.harness.app import Server
from tests.harness.firefox import Firefox, FirefoxPage
from tests.harness.seeds import Seeds
from tests.harness.turn import TurnServer

pytestmark = pytest.mark.browser

HIDE = "Hide my network address"
WATCH = """
() => {
  globalThis.made = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      made.push(this);
    }
  };
}
"""
# How the open connections go: kind of the own end, and what lies between it and the relay.
WAYS = """
async () => {
  const ways = [];
  for (const connection of made) {
    if (connection.connectionState !== "connected") continue;
    const stats = await connection.getStats();
    const chosen = [...stats.values()].find((it) => it.type === "transport")?.selectedCandidatePairId;
    const pair = stats.get(chosen) ?? [...stats.values()].find((it) => it.type === "candidate-pair" && it.selected);
    const own = pair && stats.get(pair.localCandidateId);
    if (own) ways.push(own.candidateType + " " + (own.relayProtocol ?? ""));
  }
  return ways.sort();
}
"""
# Kinds of address that the open connections have told the server.
NAMED = """
() => [...new Set(made.filter((it) => it.connectionState === "connected").flatMap((it) =>
  [...it.localDescription.sdp.matchAll(/^a=candidate.* typ (\\w+)/gm)].map((found) => found[1])))]
"""


@pytest.fixture(scope="module")
def turn() -> Iterator[TurnServer]:
    with TurnServer() as running:
        running.stop()
        running.start("tcp", "tls")
        yield running


@pytest.fixture(scope="module")
def server(turn: TurnServer, seeds: Seeds) -> Iterator[Server]:
    with Server(environment=turn.settings(), seeds=seeds) as running:
        yield running


async def goes(page: senses.Page, ways: list[str]) -> None:
    """Wait until both connections of a page go this way."""
    seen: list[str] = []
    try:
        async with asyncio.timeout(2 * SEEN_WITHIN):
            while seen != ways:
                seen = await page.evaluate(WAYS)
                await asyncio.sleep(0.2)
    except TimeoutError:
        states = await page.evaluate("() => made.map((it) => it.connectionState)")
        raise AssertionError(f"{seen} instead of {ways}, connections {states}") from None


async def joins(hugh: FirefoxPage) -> None:
    await hugh.evaluate(WATCH)
    await hugh.click("#join")
    await hugh.wait_for("!document.querySelector('#room').hidden", 15)


async def test_whoever_hides_goes_through_the_relay_by_what_way_there_is(
    turn: TurnServer, server: Server, complaints: Complaints
) -> None:
    async with (
        at_the_door(server, "Imani", complaints) as imani,
        Firefox.launch() as firefox,
    ):
        await imani.evaluate(WATCH)
        await imani.get_by_role("checkbox", name=HIDE).check()
        await go_in(imani)
        hugh = await firefox.new_page()
        await hugh.goto(server.sign_in("Hugh"))
        await hugh.wait_for("document.querySelector('h1').textContent.startsWith('Hello')", 15)
        await hugh.goto(re.sub(r"/live.*", "/live", imani.url))
        await hugh.wait_for("!document.querySelector('#join').disabled", 15)
        await hugh.click("#join-hidden")
        await joins(hugh)
        await hugh.wait_for("document.querySelector('#rules-dialog').open", 15)
        await hugh.click("#rules-accept")
        await imani.get_by_role("tab", name="People").click()
        his = f"video[data-person='{await person_id(imani, 'Hugh')}']"
        hers = await hugh.evaluate(
            "[...document.querySelectorAll('#people li')]"
            ".find(li => li.textContent.includes('Imani')).dataset.person"
        )

        async def meet() -> None:
            async with asyncio.timeout(SEEN_WITHIN):
                while await senses.sees(hugh, f"video[data-person='{hers}']") != FACES["Imani"]:
                    pass
                while await senses.look(imani, his) is None:
                    await asyncio.sleep(0.1)

        for page in (imani, hugh):
            await goes(page, ["relay udp", "relay udp"])
        await meet()

        # A network that lets no UDP out, from now on: the room comes back by itself …
        turn.stop()
        turn.start("udp")
        await goes(imani, ["relay tcp", "relay tcp"])
        # … and so does whoever loads the page again: the choice is remembered.
        await hugh.reload()
        await hugh.wait_for("!document.querySelector('#join').disabled", 15)
        assert await hugh.wait_for("document.querySelector('#join-hidden').checked")
        await joins(hugh)
        await goes(hugh, ["relay tcp", "relay tcp"])
        for page in (imani, hugh):
            assert await page.evaluate(NAMED) == ["relay"]
        await meet()

        # Whoever hides no more goes straight again; what is chosen in the room is remembered too.
        await imani.get_by_role("button", name="More").click()
        await imani.get_by_role("checkbox", name=HIDE).uncheck()
        await goes(imani, ["host ", "host "])
        await imani.reload()
        await expect(imani.get_by_role("checkbox", name=HIDE)).not_to_be_checked()
