"""Reads words in their surroundings: which of them name a person, a place or an employer.

A linear model over plain features of a word and its neighbours (reader.py), trained on invented
texts (tests/tools/deid/train.py); its weights are whole numbers in model.json, so that the
browser's copy (static/cases/deid-tagger.js) gives the same answers. Why a model and not more
patterns: docs/decisions/0018.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from server.deid.reader import Reader

KINDS = ("name", "place", "employer")
"""What the model tells apart, in the order of its weights."""


@dataclass(frozen=True, slots=True)
class Model:
    """Whole-number weights per feature: whether the word names anything, then each kind.

    A word counts when the sum of its first weights is above `limit` (`second`: for the reviewer's
    second look); the kind is the one with the largest sum, `base` included. `again` and `beside`
    are taken off the limit for a word that counts elsewhere in the text, and for one before a
    word that counts.
    """

    weights: Mapping[str, tuple[int, int, int, int]]
    limit: int
    second: int
    base: tuple[int, int, int]
    again: int
    beside: int


def tag(reader: Reader, model: Model, limit: int | None = None) -> list[str]:
    """Return for each token its kind, "" for none; left to right, each decision seen by the next.

    `limit` takes the place of the model's own.
    """
    least = model.limit if limit is None else limit
    weights = model.weights
    out: list[str] = []
    sums: list[tuple[int, str] | None] = []
    previous = ""
    for i in range(len(reader.tokens)):
        kind = ""
        scored = None
        if reader.candidate(i, previous):
            anything, (name, place, employer) = 0, model.base
            for feature in reader.features(i, previous):
                if feature in weights:
                    found = weights[feature]
                    anything += found[0]
                    name += found[1]
                    place += found[2]
                    employer += found[3]
            likely = (
                "name"
                if name >= max(place, employer)
                else "place"
                if place >= employer
                else "employer"
            )
            scored = (anything, likely)
            if anything > least:
                kind = likely
        sums.append(scored)
        out.append(kind)
        previous = kind or (previous if reader.joins(i) else "")
    _spread(reader, out, sums, least - model.again, least - model.beside)
    return out


def _spread(
    reader: Reader,
    out: list[str],
    sums: list[tuple[int, str] | None],
    again: int,
    beside: int,
) -> None:
    """Let words count that count elsewhere in the text, and those before a word that counts."""
    found = reader.tokens
    said: dict[str, str] = {}
    for i, kind in enumerate(out):
        if kind and len(found[i].low) > 2 and not reader.natures[i].common:
            said.setdefault(found[i].low, kind)
    for i in range(len(out) - 1, -1, -1):
        scored = sums[i]
        if out[i] or scored is None:
            continue
        if found[i].low in said and scored[0] > again:
            out[i] = said[found[i].low]
        elif i + 1 < len(out) and out[i + 1] and scored[0] > beside:
            out[i] = out[i + 1]
