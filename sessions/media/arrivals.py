"""What has arrived of one source: counts and jitter of RFC 3550 §6.4, and what is missing. Pure."""

from sessions.media.rewrite import ahead


class Arrivals:
    """Counts of one source. `dataplane/c/arrivals.c` does the same."""

    MAX_MISSING = 200
    """More than this is not repaired packet by packet: a keyframe is asked for."""
    TRIES = 8
    RETRY_S = 0.08
    FORGET = 1_000
    """Packets after which a missing one would come too late."""

    def __init__(self, clock_rate: int) -> None:
        """`clock_rate` in Hz of the RTP clock."""
        self._rate = clock_rate
        self._base: int | None = None
        self._highest = 0
        self._cycles = 0
        self.received = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._missing: dict[int, tuple[int, float]] = {}
        self._hopeless = False

    @property
    def expected(self) -> int:
        """Return how many packets should have come, going by their numbers."""
        return 0 if self._base is None else self._cycles + self._highest - self._base + 1

    @property
    def highest(self) -> int:
        """Return the extended highest sequence number."""
        return (self._cycles + self._highest) % (1 << 32)

    @property
    def jitter(self) -> int:
        """Return the jitter in units of the RTP clock."""
        return min(int(self._jitter), 0xFFFFFFFF)

    def take(self, seq: int, timestamp: int, now: float) -> bool:
        """Note a packet; say whether it shows that others are missing."""
        self.received += 1
        transit = now * self._rate - timestamp
        if self._transit is not None:
            drift = abs(transit - self._transit)
            if drift < self._rate:
                self._jitter += (drift - self._jitter) / 16
        self._transit = transit
        if self._base is None:
            self._base = self._highest = seq
            return False
        step = ahead(seq, self._highest)
        if step <= 0:
            self._missing.pop(seq, None)
            return False
        if len(self._missing) + step - 1 > self.MAX_MISSING:
            self._hopeless = True
            self._missing.clear()
        else:
            for i in range(1, step):
                self._missing[(self._highest + i) % 65_536] = (0, 0.0)
        if seq < self._highest:
            self._cycles += 65_536
        self._highest = seq
        return step > 1

    def due(self, now: float) -> list[int] | None:
        """Return what to ask for now, oldest first; None when too much is missing for that.

        What is asked for in vain, or would come too late, is forgotten.
        """
        if self._hopeless:
            self._hopeless = False
            self._missing.clear()
            return None
        due = []
        for number, (tries, asked) in list(self._missing.items()):
            if tries >= self.TRIES or ahead(self._highest, number) > self.FORGET:
                del self._missing[number]
            elif not tries or now - asked >= self.RETRY_S:
                self._missing[number] = (tries + 1, now)
                due.append(number)
        return due
