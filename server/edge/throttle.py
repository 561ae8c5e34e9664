"""How often one address may try: a leaky bucket per key (GCRA), in memory."""

from server.kit.clock import Clock
from server.kit.errors import TooMany


class Throttle:
    """Allows `burst` tries at once and one more every `every` seconds."""

    def __init__(self, clock: Clock, *, every: float, burst: int) -> None:
        self._clock = clock
        self._every = every
        self._slack = every * (burst - 1)
        self._free_at: dict[str, float] = {}

    def check(self, key: str) -> None:
        """Count one try; raises TooMany when it comes too early."""
        now = self._clock.monotonic()
        free_at = max(self._free_at.get(key, now), now)
        if free_at - now > self._slack:
            raise TooMany
        if len(self._free_at) > 10_000:
            self._free_at = {k: t for k, t in self._free_at.items() if t > now}
        self._free_at[key] = free_at + self._every
