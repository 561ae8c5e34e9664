"""Who was in a session, and for how long (domain.md §8.1).

Attendance is the sum of connected intervals between the session's start and its end; gaps under
60 seconds are joined, and a person on two devices at once is counted once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.kit.actor import Lane
from server.kit.ids import PersonId
from sessions.rules.models import Stay

JOINED_GAP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person's attendance: first arrival, last departure (UTC) and connected time."""

    person: PersonId
    first_seen: datetime
    last_seen: datetime
    connected: timedelta

    @property
    def minutes(self) -> int:
        """Return whole minutes, rounded down: credit is never rounded up."""
        return self.connected // timedelta(minutes=1)


def attendance(
    stays: Iterable[Stay], starts_at: datetime, ends_at: datetime
) -> tuple[Attendance, ...]:
    """Return everybody's attendance between two instants, by first arrival.

    A stay that has not ended counts up to `ends_at`. Who was only there outside is left out.
    """
    by_person: dict[PersonId, list[tuple[datetime, datetime]]] = {}
    for stay in stays:
        begin = max(stay.arrived_at, starts_at)
        end = min(stay.left_at or ends_at, ends_at)
        if begin < end:
            by_person.setdefault(stay.person, []).append((begin, end))
    found = []
    for person, spans in by_person.items():
        joined = join(spans)
        total = sum((end - begin for begin, end in joined), timedelta())
        found.append(Attendance(person, joined[0][0], joined[-1][1], total))
    return tuple(sorted(found, key=lambda a: (a.first_seen, a.person)))


def join(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return the spans in order, overlapping ones and those less than 60 s apart made one."""
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if joined and begin - joined[-1][1] < JOINED_GAP:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def lane_counts(lanes: Iterable[Lane]) -> dict[Lane, int]:
    """Return how many people were there on each side; a side with nobody counts 0."""
    counts = dict.fromkeys(Lane, 0)
    for lane in lanes:
        counts[lane] += 1
    return counts
