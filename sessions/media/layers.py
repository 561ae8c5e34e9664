"""How much of a viewer's pictures fits down the line: high or none, with hysteresis. Pure.

Browsers send one layer today (no simulcast yet), so the only choice per picture is whether it is
sent. Voices are never given up. What is least important to the viewer goes first.
"""

from dataclasses import dataclass

BAD_LOSS = 0.12
"""Loss above this means the line is full; retransmissions only make it worse."""
GOOD_LOSS = 0.03
DOWN_AFTER_S = 4.0
"""A burst shorter than this costs nobody a picture."""
UP_AFTER_S = 15.0
"""First wait before a picture is tried again; doubled after each failed try …"""
UP_AFTER_MAX_S = 120.0
"""… up to this."""


@dataclass
class Choice:
    """How many of a viewer's pictures are sent, most important first; None means all."""

    shown: int | None = None
    _bad_since: float | None = None
    _good_since: float | None = None
    _patience_s: float = UP_AFTER_S
    _raised_at: float | None = None

    def observe(self, loss: float, flowing: int, now: float) -> bool:
        """Take the loss of the last report and the number of pictures that would flow.

        Returns whether `shown` changed. Between the two thresholds nothing moves.
        """
        if self.shown is not None and self.shown >= flowing:
            self.shown = None
        self._bad_since = (self._bad_since or now) if loss > BAD_LOSS else None
        self._good_since = (self._good_since or now) if loss < GOOD_LOSS else None
        if self._bad_since is not None and now - self._bad_since >= DOWN_AFTER_S:
            return self._lower(flowing, now)
        if (
            self.shown is not None
            and self._good_since is not None
            and now - self._good_since >= self._patience_s
        ):
            self._raised_at = self._good_since = now
            self.shown = self.shown + 1 if self.shown + 1 < flowing else None
            return True
        return False

    def _lower(self, flowing: int, now: float) -> bool:
        self._bad_since = now
        sending = flowing if self.shown is None else self.shown
        if sending == 0:
            return False
        if self._raised_at is not None and now - self._raised_at < UP_AFTER_S:
            self._patience_s = min(UP_AFTER_MAX_S, self._patience_s * 2)
        self.shown = sending - 1
        return True
