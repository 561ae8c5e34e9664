"""One transaction carries state, events and audit; a dropped one leaves nothing."""

import asyncio
import pathlib
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import func, select, text

from server.jobs.relay import Relay
from server.kit.events import Event
from server.store import tidy
from server.store.engine import make_engines
from server.store.lock import AlreadyServed, ServerLock
from server.store.tables import AuditRow, OutboxRow
from server.store.unit import Unit, Units
from tests.conftest import FakeClock


@dataclass(frozen=True, slots=True)
class Rang(Event):
    name: ClassVar[str] = "test.rang"
    door: str


async def _counts(units: Units) -> tuple[int, int]:
    async with units.read() as unit:
        events = await unit.db.scalar(select(func.count()).select_from(OutboxRow))
        audits = await unit.db.scalar(select(func.count()).select_from(AuditRow))
    return events or 0, audits or 0


@pytest.mark.both_databases
async def test_nothing_is_kept_without_commit(units: Units) -> None:
    async with units.write() as unit:
        unit.publish(Rang("front"))
        unit.record("test", actor=None)
    assert await _counts(units) == (0, 0)


@pytest.mark.both_databases
async def test_commit_keeps_event_and_audit_and_wakes_the_relay(units: Units) -> None:
    woken: list[str] = []
    units.on_published = lambda: woken.append("now")
    async with units.write() as unit:
        unit.publish(Rang("front"))
        unit.publish(Rang("back"))
        unit.record("test", actor=None, doors=2)
        await unit.commit()
    assert await _counts(units) == (2, 1)
    assert woken == ["now"]


@pytest.mark.both_databases
async def test_relay_delivers_in_order_and_retries_what_fails(units: Units, clock) -> None:
    heard: list[str] = []
    broken = {"front"}

    async def listen(_unit: Unit, event: Rang) -> None:
        if event.door in broken:
            raise RuntimeError
        heard.append(event.door)

    relay = Relay(units, {Rang: [listen]})
    async with units.write() as unit:
        for door in ("front", "back", "side"):
            unit.publish(Rang(door))
        await unit.commit()
    await relay.drain()
    assert heard == ["back", "side"]
    broken.clear()
    await relay.drain()
    assert heard == ["back", "side"], "not before its time"
    assert await relay.oldest_seconds() == 0.0, "waiting for its next try is not being late"
    clock.advance(seconds=3)
    assert await relay.oldest_seconds() == 1.0
    await relay.drain()
    assert heard == ["back", "side", "front"]
    assert await relay.oldest_seconds() == 0.0


@pytest.mark.both_databases
async def test_what_has_done_its_duty_is_forgotten_but_the_audit_stays(
    units: Units, clock
) -> None:
    async with units.write() as unit:
        unit.publish(Rang("front"))
        unit.record("test", actor=None)
        await unit.commit()
    await Relay(units, {Rang: []}).drain()
    clock.advance(days=29)
    async with units.write() as unit:
        await tidy.forget(unit)
        await unit.commit()
    assert await _counts(units) == (1, 1)
    clock.advance(days=2)
    async with units.write() as unit:
        await tidy.forget(unit)
        await unit.commit()
    assert await _counts(units) == (0, 1)


async def test_sqlite_is_durable_and_checks_references(database: str, clock: FakeClock) -> None:
    engines = make_engines(database)
    async with Units(engines, clock).write() as unit:
        asked = {
            name: await unit.db.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    await engines.dispose()
    assert asked == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


@pytest.mark.both_databases
async def test_a_second_process_is_refused(database: str) -> None:
    first, second = make_engines(database), make_engines(database)
    held = ServerLock(first, database)
    await held.acquire()
    with pytest.raises(AlreadyServed):
        await ServerLock(second, database).acquire()
    await held.release()
    again = ServerLock(second, database)
    await again.acquire()
    await again.release()
    await first.dispose()
    await second.dispose()


async def test_writers_queue_instead_of_colliding(units: Units) -> None:
    async def write(number: int) -> None:
        async with units.write() as unit:
            unit.record("test", actor=None, number=number)
            await unit.commit()

    await asyncio.gather(*(write(n) for n in range(40)))
    assert (await _counts(units))[1] == 40


def test_acknowledged_commits_survive_a_killed_process(
    tmp_path: pathlib.Path, sqlite_template: pathlib.Path
) -> None:
    path = tmp_path / "killed.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    program = textwrap.dedent(
        """
        import asyncio, sys
        from server.kit.clock import SystemClock
        from server.store.engine import make_engines
        from server.store.unit import Units

        async def work(url):
            units = Units(make_engines(url), SystemClock())
            number = 0
            while True:
                async with units.write() as unit:
                    unit.record("test", actor=None, number=number)
                    await unit.commit()
                print(number, flush=True)
                number += 1

        asyncio.run(work(sys.argv[1]))
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, f"sqlite:///{path}"], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(25)][-1]
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    acknowledged = max([acknowledged, *map(int, rest)])
    with sqlite3.connect(path) as database:
        kept = database.execute("SELECT count(*) FROM audit").fetchone()[0]
    database.close()
    assert kept >= acknowledged + 1
