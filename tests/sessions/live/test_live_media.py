"""How pictures and sound reach a seat when something else is slow, fails or asks too often."""

import asyncio
from typing import Any

import pytest

from sessions.media.plane import Wanted
from sessions.web.sockets import CONNECTIONS, CONNECTIONS_S
from tests.conftest import FakeClock
from tests.sessions.live.conftest import Clinic, Guest


def offers(guest: Guest) -> list[Any]:
    return [data for name, data in guest.told if name == "media:offer"]


async def test_an_offer_does_not_wait_for_a_busy_room(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    fay, joe = await clinic.enter(clinic.facilitator), await clinic.enter(clinic.spoke)
    rooms, free, asked = clinic.house.live.rooms, asyncio.Event(), asyncio.Event()
    heard, who = rooms.heard, []

    async def slow(session: Any, seat: Any) -> None:
        asked.set()
        await free.wait()
        who.append(seat)
        await heard(session, seat)

    monkeypatch.setattr(rooms, "heard", slow)
    clinic.house.plane.speak(clinic.session, joe.you["seat"])
    await asked.wait()
    await fay.do("media:ready")
    await fay.until(offers)
    # Of what waited only the latest counts.
    for seat in (None, joe.you["seat"], None, fay.you["seat"]):
        clinic.house.plane.speak(clinic.session, seat)
    await joe.do("media:ready")
    await joe.until(offers)
    free.set()
    await joe.until(lambda g: g.state.get("speaking") == fay.you["person"])
    assert who == [joe.you["seat"], fay.you["seat"]]


async def test_one_event_that_fails_costs_nobody_the_next(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    fay = await clinic.enter(clinic.facilitator)
    rooms, failed = clinic.house.live.rooms, asyncio.Event()

    async def fails(*_: Any) -> None:
        failed.set()
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(rooms, "heard", fails)
        clinic.house.plane.speak(clinic.session, fay.you["seat"])
        await failed.wait()
    await fay.do("media:ready")
    await fay.until(offers)
    clinic.house.plane.speak(clinic.session, None)
    clinic.house.plane.speak(clinic.session, fay.you["seat"])
    await fay.until(lambda g: g.state.get("speaking") == fay.you["person"])


async def test_a_browser_hears_that_the_plane_did_not_offer_and_asks_again(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    fay = await clinic.enter(clinic.facilitator)

    async def fails(_seat: Any, _wanted: Wanted) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(clinic.house.plane, "subscribe", fails)
        assert await fay.refused("media:ready") == "room.try_again"
    assert offers(fay) == []
    await fay.do("media:renew")
    await fay.until(offers)


@pytest.mark.parametrize(
    ("event", "payload", "other"),
    [
        ("media:publish", {"sdp": "v=0 offer"}, ("media:renew", {})),
        ("media:renew", {}, ("media:publish", {"sdp": "v=0 offer"})),
    ],
)
async def test_connections_are_not_made_faster_than_any_browser_needs(
    clinic: Clinic,
    clock: FakeClock,
    event: str,
    payload: dict[str, str],
    other: tuple[str, dict[str, str]],
) -> None:
    joe = await clinic.enter(clinic.spoke)
    for _ in range(CONNECTIONS):
        await joe.do(event, **payload)
    assert await joe.refused(event, **payload) == "too_many"
    # The other way has its own measure, and so has everybody else.
    await joe.do(other[0], **other[1])
    await (await clinic.enter(clinic.facilitator)).do(event, **payload)
    clock.advance(seconds=CONNECTIONS_S)
    await joe.do(event, **payload)
