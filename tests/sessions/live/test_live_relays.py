"""What a seat is given to use the relay, and when it is given something new."""

import pytest

from tests.conftest import FakeClock
from tests.sessions.live.conftest import Clinic

URLS = [
    "turn:turn.example.org:3478?transport=udp",
    "turn:turn.example.org:3478?transport=tcp",
    "turns:turn.example.org:443?transport=tcp",
]


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the house of this test have a relay; ask for it before the clinic."""
    monkeypatch.setenv("CASEROUND_TURN_URLS", "turn.example.org")
    monkeypatch.setenv("CASEROUND_TURN_SECRET", "s" * 32)


async def page_of(clinic: Clinic) -> str:
    browser = await clinic.house.browser(clinic.learner.person)
    return (await browser.get(f"/sessions/{clinic.session}/live")).text


async def test_every_seat_gets_its_own_and_new_ones_later(
    relay: None,
    clinic: Clinic,
    clock: FakeClock,
) -> None:
    fay = await clinic.guest(clinic.facilitator)
    await fay.connect(clinic.session)
    # Nobody gets any without a seat.
    assert await fay.refused("media:relays") == "room.not_here"
    first = (await fay.do("room:join"))["relays"]
    assert first["seconds"] == 3600
    (server,) = first["servers"]
    assert server["urls"] == URLS
    until = round(clock.now().timestamp()) + 3600
    assert server["username"].partition(":")[0] == str(until)
    assert (await fay.do("media:relays"))["relays"] == first
    clock.advance(seconds=90)
    (later,) = (await fay.do("media:relays"))["relays"]["servers"]
    assert later["username"] == server["username"].replace(str(until), str(until + 90))
    assert later["credential"] != server["credential"]

    ann = await clinic.guest(clinic.presenter)
    await ann.connect(clinic.session)
    (hers,) = (await ann.do("room:join"))["relays"]["servers"]
    assert hers["username"].partition(":")[2] != server["username"].partition(":")[2]
    await ann.leave()


async def test_without_a_relay_nothing_is_said_of_one(clinic: Clinic) -> None:
    fay = await clinic.guest(clinic.facilitator)
    await fay.connect(clinic.session)
    assert await fay.do("room:join") == {"ok": True}
    assert await fay.do("media:relays") == {"ok": True}
    assert "my network address" not in await page_of(clinic)


async def test_hiding_is_offered_where_there_is_a_relay(
    relay: None,
    clinic: Clinic,
) -> None:
    page = await page_of(clinic)
    assert [page.count(f'id="{box}"') for box in ("join-hidden", "room-hidden")] == [1, 1]
