"""Reads words in their surroundings: which of them name a person, a place or an employer.

A linear model over plain features of a word and its neighbours (reader.py), trained on invented
texts (tests/tools/deid/train.py); its weights are whole numbers in model.json, so that the
browser's copy (static/cases/deid-tagger.js) gives the same answers. Why a model and not more
patterns: docs/decisions/0018.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from server.deid.reader import Reader, Token, owned, shape

KINDS = ("name", "place", "employer")
"""What the model tells apart, in the order of its weights."""

_LINKS = frozenset(["on", "and", "in", "the", "at", ",", "&"])
"""What may stand between two words of one place ("the Rescue Mission on Broadway")."""

_SITE = "g"
"""The letter of the cue kind "site": kinds are lettered in alphabetical order."""

_PLAIN = frozenset(
    [
        "county",
        "state",
        "general",
        "community",
        "regional",
        "public",
        "mental",
        "behavioral",
        "rural",
        "health",
        "medical",
        "sub-county",
        "fire",
        "police",
        "care",
        "family",
    ]
)
"""Words that may stand between a place and what it is ("la paz county jail")."""

_UNITS = frozenset(
    [
        "apt",
        "apartment",
        "unit",
        "suite",
        "ste",
        "ward",
        "block",
        "zone",
        "sector",
        "cell",
        "camp",
        "lot",
        "space",
        "room",
        "floor",
        "no",
        "line",
        "hut",
        "section",
        "phase",
        "bldg",
        "building",
        "km",
        "mile",
        "pod",
        "dorm",
    ]
)
"""Words after which a number belongs to a place."""


@dataclass(frozen=True, slots=True)
class Model:
    """Whole-number weights per feature: whether the word names anything, then each kind.

    A word counts when the sum of its first weights is above `limit` (`second`: for the reviewer's
    second look); the kind is the one with the largest sum, `base` included.
    """

    weights: Mapping[str, tuple[int, int, int, int]]
    limit: int
    second: int
    base: tuple[int, int, int]


def tag(reader: Reader, model: Model, limit: int | None = None) -> list[str]:
    """Return for each token its kind, "" for none; left to right, each decision seen by the next.

    `limit` takes the place of the model's own.
    """
    least = model.limit if limit is None else limit
    weights = model.weights
    out: list[str] = []
    previous = ""
    for i in range(len(reader.tokens)):
        kind = ""
        if reader.candidate(i, previous):
            anything, (name, place, employer) = 0, model.base
            for feature in reader.features(i, previous):
                if feature in weights:
                    found = weights[feature]
                    anything += found[0]
                    name += found[1]
                    place += found[2]
                    employer += found[3]
            if anything > least:
                kind = (
                    "name"
                    if name >= max(place, employer)
                    else "place"
                    if place >= employer
                    else "employer"
                )
        out.append(kind)
        previous = kind or (previous if reader.joins(i) else "")
    return out


def spans(reader: Reader, kinds: Sequence[str]) -> list[tuple[int, int, str]]:
    """Join tagged tokens to spans (start, end, kind) in the plain view."""
    out: list[tuple[int, int, str]] = []
    count = len(kinds)
    i = free = 0
    while i < count:
        kind = kinds[i]
        if not kind:
            i += 1
            continue
        first = end = i
        for j in range(i + 1, count):
            if kinds[j] and (kinds[j] == kind or "name" not in (kind, kinds[j]) or j == end + 1):
                kind = "place" if "place" in (kind, kinds[j]) else kind
                end = j
            elif (
                not (reader.joins(j) or (kind != "name" and reader.tokens[j].low in _LINKS))
                or j - end > 2
            ):
                break
        begin, end = (_named if kind == "name" else _sited)(reader, first, end)
        first = max(begin, free)
        i = free = end + 1
        out.append((reader.tokens[first].start, _trim(reader.tokens[end]), kind))
    return out


def _initial(found: Sequence[Token], i: int) -> bool:
    if not 0 <= i < len(found) or found[i].kind != "w" or found[i].text == "I":
        return False
    return shape(found[i].text) == "A"


def _capital(reader: Reader, i: int) -> bool:
    if i >= len(reader.tokens) or reader.modes[i] != "m":
        return False
    return reader.tokens[i].kind == "w" and shape(reader.tokens[i].text) == "Aa"


def _named(reader: Reader, first: int, end: int) -> tuple[int, int]:
    """Take initials and names beside a name into its span ("R. Castle", "Castle, R", "Will X")."""
    found = reader.tokens
    while first and _capital(reader, first - 1) and reader.natures[first - 1].first:
        first -= 1
    while _capital(reader, end + 1) and "n" in reader.natures[end + 1].rough:
        end += 1
    while (
        first > 1
        and found[first - 1].text == "."
        and found[first - 1].end + 1 >= found[first].start
        and found[first - 2].kind == "w"
        and shape(found[first - 2].text) == "A"
    ):
        first -= 2
    if _initial(found, first - 1):
        first -= 1
    after = end + 1 + (end + 1 < len(found) and found[end + 1].text == ",")
    if _initial(found, after) and (
        after == end + 1 or after + 1 == len(found) or found[after + 1].kind != "w"
    ):
        end = after
    return first, end


def _sited(reader: Reader, first: int, end: int) -> tuple[int, int]:
    """Take a house number before a place, and "dispensary", "Ward 6", "apt 4" after it."""
    found, cues = reader.tokens, reader.lexicon.cues
    if first:
        house = found[first - 1]
        near = house.end + 1 == found[first].start
        if house.kind == "0" and near and house.end - house.start > 1:
            first -= 1
    last = end
    for j in range(end + 1, len(found)):
        site = _SITE in cues.get(found[j].low, "")
        if found[j].kind != "w" or j - last > 3 or not (site or found[j].low in _PLAIN):
            break
        if site:
            last = j
    return first, _numbered(found, last)


def _numbered(found: Sequence[Token], last: int) -> int:
    """Return the end of a place with its unit and number ("…, apt 4", "Ward 6") when it has one."""

    def has(i: int, texts: Collection[str]) -> bool:
        return i < len(found) and found[i].low in texts

    j = last + 1 + has(last + 1, {",", "#"})
    if has(j, _UNITS):
        j += 1 + has(j + 1, {".", "#"})
        return j if has(j, {"0"}) else last
    own = has(last, _UNITS) and has(last + 1, {"0"})
    return last + 1 if own else last


def _trim(token: Token) -> int:
    """Return where a word ends without its possessive."""
    return token.end - 2 if token.kind == "w" and owned(token.text) else token.end
