"""A programme with its author, its desk and everything the database holds about it."""

from dataclasses import dataclass

from sqlalchemy import func, select, text

from server.kit.actor import Actor
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.harness.browser_client import Browser

PASSWORD = "purple kettle sings at dawn"


def as_sent(typed: dict[str, object], **more: str) -> list[tuple[str, str]]:
    """Return a form as a browser sends it."""
    sent = [
        (key, str(part))
        for key, value in typed.items()
        for part in (value if isinstance(value, list) else [value])
    ]
    return [*sent, *more.items()]


@dataclass
class Clinic:
    """A programme with its author, its desk and its sessions."""

    programme: Programme
    author: Actor
    coordinator: Actor
    writing: Browser
    desk: Browser

    @property
    def new(self) -> str:
        return f"/programmes/{self.programme.id}/cases"


async def counted(units: Units, table: type) -> int:
    async with units.read() as unit:
        return await unit.db.scalar(select(func.count()).select_from(table)) or 0


async def everything(units: Units) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables except the clicks that were remembered and who was seen when."""
    async with units.read() as unit:
        names = await unit.db.scalars(
            text(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        )
        return {
            name: sorted(
                (tuple(row) for row in await unit.db.execute(text(f'SELECT * FROM "{name}"'))),
                key=repr,
            )
            for name in names
            if name not in ("idempotency", "sign_ins")
        }
