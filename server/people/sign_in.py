"""Who holds this cookie: the edge's Authenticator, backed by the sign-ins table."""

from server.edge.guard import SignedIn
from server.kit.ids import token_hash
from server.people import rules, store
from server.store.unit import Unit, Units

TOUCH_SECONDS = 60.0


class DatabaseAuthenticator:
    """Looks every request's cookie up; a closed account or a role change counts at once."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._touched: dict[str, float] = {}

    async def authenticate(self, unit: Unit, token: str) -> SignedIn | None:
        """Return who holds `token` now, or None when it is unknown, expired or closed."""
        return await self.by_hash(unit, token_hash(token))

    async def by_hash(self, unit: Unit, hashed: str) -> SignedIn | None:
        """Return the sign-in with this hash (sockets keep the hash, never the token)."""
        found = await store.sign_in(unit, hashed)
        if found is None:
            return None
        person, created, last_seen = found
        if person.disabled or not rules.sign_in_alive(created, last_seen, unit.now):
            return None
        actor = store.actor_of(person, await store.roles_of(unit, person.id))
        return SignedIn(actor, hashed, created + rules.SIGN_IN_ABSOLUTE)

    async def touch(self, hashed: str) -> None:
        """Note activity; at most one write a minute for each sign-in."""
        now = self._units.clock.monotonic()
        if now - self._touched.get(hashed, -TOUCH_SECONDS) < TOUCH_SECONDS:
            return
        self._touched = {h: t for h, t in self._touched.items() if now - t < TOUCH_SECONDS}
        self._touched[hashed] = now
        async with self._units.write() as unit:
            await store.touch_sign_in(unit, hashed)
            await unit.commit()
