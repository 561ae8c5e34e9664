"""How much of a viewer's pictures fits down the line, and in which size. Pure.

Voices are never given up. A picture that is shown large comes in the largest layer that fits, the
others in their smallest; what is least important to the viewer goes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BAD_LOSS = 0.12
"""Loss above this means the line is full; retransmissions only make it worse."""
GOOD_LOSS = 0.03
REMB_SHORT = 0.8
"""A browser that reports room for less than this share of what is sent sees its line fill up."""
DOWN_AFTER_S = 3.0
"""A burst shorter than this costs nobody a picture."""
UP_AFTER_S = 8.0
"""First wait before more is tried again; doubled after each failed try …"""
UP_AFTER_MAX_S = 120.0
"""… up to this."""
STEP = 1.6
"""How much more is tried: about half a layer."""
AT_LEAST_KBPS = 30
"""Below this a line carries voices at most."""


@dataclass(frozen=True)
class Offer:
    """One picture a viewer wants."""

    kbps: tuple[int, ...]
    """Rate of each layer, smallest first; 0: it does not flow now."""
    large: bool = False

    @property
    def flowing(self) -> list[int]:
        """Return the layers there are, smallest first; one that has just begun counts."""
        return [i for i, kbps in enumerate(self.kbps) if kbps] or [0]

    @property
    def best(self) -> int:
        """Return the layer it would come in on a good line."""
        return self.flowing[-1 if self.large else 0]


def share_out(budget: float | None, offers: Sequence[Offer]) -> list[int | None]:
    """Return the layer of each picture, most important first; None: it does not fit.

    `budget` in kbit/s (None: no limit). Everybody's smallest layer comes before anybody's larger.
    """
    if budget is None:
        return [offer.best for offer in offers]
    left, shares = budget, list[int | None]()
    for offer in offers:
        least = offer.flowing[0]
        fits = offer.kbps[least] <= left
        shares.append(least if fits else None)
        left -= offer.kbps[least] if fits else 0
    for i, offer in enumerate(offers):
        for layer in offer.flowing:
            now = shares[i]
            if now is None or layer <= now or layer > offer.best:
                continue
            more = offer.kbps[layer] - offer.kbps[now]
            if more <= left:
                left -= more
                shares[i] = layer
    return shares


def needed(offers: Sequence[Offer]) -> int:
    """Return the rate of all pictures as a good line gets them, in kbit/s."""
    return sum(offer.kbps[offer.best] for offer in offers)


@dataclass
class Budget:
    """What one viewer's line takes for pictures, in kbit/s; None while no limit is known.

    Two signs count: the loss in the viewer's reports, and the room its browser works out from the
    times packets take (REMB). Random loss on a radio link is no full line: where half the rate loses
    as much as all of it did, nothing more is taken away.
    """

    kbps: float | None = None
    _bad_since: float | None = None
    _good_since: float | None = None
    _patience_s: float = UP_AFTER_S
    _raised_at: float | None = None
    _began: tuple[float, float] | None = None

    def observe(self, loss: float, remb: int | None, sent: float, wanted: int, now: float) -> None:
        """Take one second: loss 0 … 1, REMB, what was sent and what is wanted in kbit/s."""
        if self.kbps is not None and self.kbps >= wanted and self._bad_since is None:
            self.kbps = None
        short = remb is not None and remb < REMB_SHORT * sent
        if loss > BAD_LOSS or short:
            self._good_since = None
            self._bad_since = now if self._bad_since is None else self._bad_since
            if now - self._bad_since >= DOWN_AFTER_S:
                self._lower(loss, remb if short else None, sent, now)
            return
        self._bad_since = None
        if loss > GOOD_LOSS:
            self._good_since = None
            return
        self._began = None
        self._good_since = now if self._good_since is None else self._good_since
        if self.kbps is not None and now - self._good_since >= self._patience_s:
            self._raised_at = self._good_since = now
            self.kbps = max(self.kbps, sent, AT_LEAST_KBPS) * STEP

    def _lower(self, loss: float, remb: int | None, sent: float, now: float) -> None:
        self._bad_since = now
        if self._began is None:
            self._began = (sent, loss)
            if self._raised_at is not None and now - self._raised_at < 2 * UP_AFTER_S:
                self._patience_s = min(UP_AFTER_MAX_S, self._patience_s * 2)
        first, lost = self._began
        if remb is None and sent < first / 2 and loss > 0.7 * lost:
            return
        fits = sent * (1 - loss)
        self.kbps = max(0.0, min(fits, remb) if remb is not None else fits)
