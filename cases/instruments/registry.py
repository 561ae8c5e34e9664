"""Every instrument the form may ask for, by key; and scoring of a whole set of answers."""

from collections.abc import Mapping
from typing import Any, Final

from cases.instruments.base import Instrument, Missing, Score
from cases.instruments.gad7 import GAD7
from cases.instruments.phq9 import PHQ9

INSTRUMENTS: Final[Mapping[str, Instrument]] = {i.key: i for i in (PHQ9, GAD7)}


def by_key(key: str) -> Instrument:
    """Return an instrument; KeyError when there is none of that name."""
    return INSTRUMENTS[key]


def score_stored(instrument: Instrument, stored: Mapping[str, Any]) -> Score | Missing:
    """Score what a case keeps for one instrument: `items` (points or None) or else `total`."""
    items = stored.get("items") or [None] * len(instrument.items)
    total = stored.get("total")
    if all(points is None for points in items) and isinstance(total, int):
        return instrument.of_total(total)
    return instrument.score(items)


def score_all(values: Mapping[str, Any]) -> dict[str, Score]:
    """Return the complete results among a case's answers, by instrument key."""
    results = {}
    for key, instrument in INSTRUMENTS.items():
        stored = values.get(key)
        if isinstance(stored, Mapping):
            result = score_stored(instrument, stored)
            if isinstance(result, Score):
                results[key] = result
    return results
