"""The demonstration: seeded by living it, and its links open nothing from elsewhere."""

import pathlib

import pytest
from sqlalchemy import select

from cases.store.rows import CaseRow
from server import demo, wiring
from server.app import create_app
from server.config import Settings
from server.demo_people import PEOPLE
from server.edge.listener import Listener
from server.store import facts
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.people import make_actor
from tests.fakes.plane import FakePlane
from tests.harness.browser_client import Browser


async def test_the_past_is_lived_to_the_states_of_the_story(units: Units) -> None:
    await demo.prepare(units, wiring.subscribers())
    async with units.read() as unit:
        rows = await unit.db.execute(select(CaseRow.case_no, CaseRow.state))
        states = sorted(state for _, state in rows)
        mark = await facts.read(unit, facts.DEMO)
    assert mark == "yes"
    assert states == sorted(["recs_issued"] * 5 + ["scheduled"] * 2 + ["needs_changes"])
    await demo.prepare(units, wiring.subscribers())
    async with units.read() as unit:
        again = (await unit.db.scalars(select(CaseRow.case_no))).all()
    assert len(again) == len(states)


async def test_a_real_database_is_left_alone(units: Units) -> None:
    await make_actor(units, "Ada Bright")
    with pytest.raises(demo.NotDemo):
        await demo.prepare(units, wiring.subscribers())


async def test_an_interrupted_seeding_is_said_so(units: Units) -> None:
    async with units.write() as unit:
        await facts.write(unit, facts.DEMO, demo.MAKING)
        await unit.commit()
    with pytest.raises(demo.HalfMade):
        await demo.prepare(units, wiring.subscribers())


async def test_links_work_on_this_machine_only_and_looking_signs_nobody_in(
    units: Units, clock: FakeClock, tmp_path: pathlib.Path
) -> None:
    await demo.prepare(units, wiring.subscribers())
    links = await demo.links(units)
    assert {link.name.split()[0] for link in links.values()} == {
        person.name.split()[0] for person in PEOPLE
    }
    plane = FakePlane()
    app = create_app(
        Settings(data_dir=tmp_path, http_port=0),
        units,
        secret=b"d" * 32,
        plane=plane,
        clock=clock,
        demo_links=links,
    )
    listener = Listener(app)
    port = await listener.start("127.0.0.1", 0)
    browser = Browser(f"http://127.0.0.1:{port}")
    token = next(iter(links))
    shown = await browser.get(f"/demo/sign-in/{token}")
    assert (shown.status, "Set-Cookie" in shown.headers) == (200, False)
    for host in ("evil.example", "evil.example:8080", "10.0.0.7"):
        hidden = await browser.get(f"/demo/sign-in/{token}", headers={"Host": host})
        assert hidden.status == 404
    unknown = await browser.get(f"/demo/sign-in/{'x' * 43}")
    assert unknown.status == 404
    used = await browser.post(f"/demo/sign-in/{token}", {}, signed_in=False)
    assert (used.status, used.headers["Location"]) == (303, "/")
    assert (await browser.get("/profile")).status == 200
    await browser.close()
    await listener.stop()
    await plane.close()
