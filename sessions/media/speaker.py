"""Who speaks, and whose voices are worth forwarding, from audio levels alone. Pure.

Levels are those of RFC 6464: −dBov, 0 the loudest, 127 silence. Nothing is decoded.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sessions.media.plane import SeatKey

LOUD = 50
"""Levels below this are speech; a quiet room lies at 60 to 80."""
SMOOTHING = 0.25
"""Weight of the newest of 50 packets a second: about 70 ms of memory."""
ONSET_S = 0.3
"""A cough shorter than this makes nobody the speaker."""
PLACE_HOLD_S = 1.5
"""Somebody silent for this long may lose their place to somebody loud."""
SPEAKER_HOLD_S = 1.2
"""A pause for breath does not end the turn."""
TURN_S = 1.5
"""Whoever got the turn keeps it this long from somebody louder: two who talk at once do not flicker."""
MARGIN_DB = 8.0
"""How much louder one must be to be taken for the speaker, or for a place, from somebody loud."""


@dataclass(slots=True)
class Voice:
    """What the levels of one voice come to. `dataplane/c/forward.c` does the same."""

    loudness: float = 0.0
    """0 (silent) … 127, smoothed."""
    loud_since: float | None = None
    """When it began to be loud, if it is."""
    loud_at: float | None = None

    def hear(self, level: int, now: float) -> bool:
        """Take one packet's level; say whether it is speech."""
        self.loudness += SMOOTHING * ((127 - level) - self.loudness)
        if level >= LOUD:
            if not self.loud(now, ONSET_S):
                self.loud_since = None
            return False
        self.loud_at = now
        if self.loud_since is None:
            self.loud_since = now
        return True

    def loud(self, now: float, hold: float) -> bool:
        """Say whether it was loud within the last `hold` seconds."""
        return self.loud_at is not None and now - self.loud_at < hold


class _Place:
    def __init__(self, ask: Callable[[], Voice]) -> None:
        self.ask = ask
        self.voice = ask()
        self.chosen_at = 0.0


class Speakers:
    """The voices of one room and the `places` of them that are forwarded."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._voices: dict[SeatKey, _Place] = {}
        self._chosen: list[SeatKey] = []
        self._speaker: SeatKey | None = None
        self._turn_at = 0.0

    @property
    def chosen(self) -> tuple[SeatKey, ...]:
        """Whose voices are forwarded, longest-standing first."""
        return tuple(self._chosen)

    @property
    def speaker(self) -> SeatKey | None:
        """Who has the turn now."""
        return self._speaker

    def add(self, seat: SeatKey, voice: Callable[[], Voice], now: float) -> None:
        """A voice begins; with a free place it is forwarded at once, silent or not.

        `voice` returns what its levels come to whenever it is asked.
        """
        self._voices.setdefault(seat, _Place(voice))
        self._fill(now)

    def remove(self, seat: SeatKey, now: float) -> None:
        """A voice is gone."""
        self._voices.pop(seat, None)
        if seat in self._chosen:
            self._chosen.remove(seat)
        if self._speaker == seat:
            self._speaker = None
        self._fill(now)

    def choose(self, now: float) -> None:
        """Give places and the turn; call it ten times a second and when somebody gets loud."""
        for place in self._voices.values():
            place.voice = place.ask()
        self._fill(now)
        challengers = [
            seat
            for seat, place in self._voices.items()
            if seat not in self._chosen and place.voice.loud(now, ONSET_S)
        ]
        for seat in sorted(challengers, key=self._loudness, reverse=True):
            weakest = self._weakest(now)
            if weakest is None:
                break
            held = self._voices[weakest]
            louder = self._loudness(seat) > held.voice.loudness + MARGIN_DB
            ripe = now - held.chosen_at >= PLACE_HOLD_S
            if not held.voice.loud(now, PLACE_HOLD_S) or (louder and ripe):
                self._chosen.remove(weakest)
                self._take(seat, now)
        self._turn(now)

    def _weakest(self, now: float) -> SeatKey | None:
        return min(
            self._chosen,
            key=lambda seat: (
                self._voices[seat].voice.loud(now, PLACE_HOLD_S),
                self._loudness(seat),
            ),
            default=None,
        )

    def _turn(self, now: float) -> None:
        place = self._voices.get(self._speaker) if self._speaker is not None else None
        holder = place.voice if place is not None else None
        held = holder is not None and holder.loud(now, SPEAKER_HOLD_S)
        if held and now - self._turn_at < TURN_S:
            return
        before = self._speaker
        if not held:
            self._speaker = None
        bar = holder.loudness + MARGIN_DB if holder is not None and held else 0.0
        for seat, place in self._voices.items():
            voice = place.voice
            steady = voice.loud_since is not None and now - voice.loud_since >= ONSET_S
            if steady and voice.loud(now, ONSET_S) and voice.loudness > bar:
                bar = voice.loudness
                self._speaker = seat
        if self._speaker != before:
            self._turn_at = now

    def _fill(self, now: float) -> None:
        waiting = [seat for seat in self._voices if seat not in self._chosen]
        for seat in sorted(waiting, key=self._loudness, reverse=True):
            if len(self._chosen) >= self._places:
                break
            self._take(seat, now)

    def _take(self, seat: SeatKey, now: float) -> None:
        self._chosen.append(seat)
        self._voices[seat].chosen_at = now

    def _loudness(self, seat: SeatKey) -> float:
        return self._voices[seat].voice.loudness
