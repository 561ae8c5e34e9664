"""Reads numbers in their surroundings: which of them single somebody out, which are a date.

Rules know numbers that have a form or a label of their own; what the rest is can only be told from
what stands around it. A linear model like that of tagger.py, trained on the same texts
(tests/tools/deid/train.py); the same steps as static/cases/deid-codes.js.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from server.deid.lexicon import Lexicon

PIECE = re.compile(r"[A-Za-z0-9]+(?:[-/._*#+@&'\\][A-Za-z0-9]+)*", re.ASCII)
"""What stands together: letters and digits with single signs inside."""
_DIGIT = re.compile(r"[0-9]")
_RUN = re.compile(r"[0-9]+|[a-z]+|[A-Z]+|[^0-9a-zA-Z]", re.ASCII)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:[-/](?:(?:19|20)?[0-9]{2}))?$", re.ASCII)
_DECIMAL = re.compile(r"[0-9]*\.[0-9]{3,}$|[0-9]{3,}\.[0-9]+$", re.ASCII)
_SMALL = re.compile(r"[a-z]")
_UNSEEN = re.compile(r"[^!-~]")
_BEFORE = 4
"""Words before a number that are asked what they say of it."""
_ACROSS = 3
"""Neighbours on either side among which numbers are counted: a column of values has many."""
_MOST = 9
"""Longer runs of signs are all alike."""


@dataclass(frozen=True, slots=True)
class CodeModel:
    """Whole-number weights per feature: whether a number tells who somebody is, and a date or not."""

    weights: Mapping[str, tuple[int, int]]
    limit: int
    base: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One word or number of a text."""

    start: int
    end: int
    text: str
    number: bool
    key: str
    """What features call it: a word in small letters, a number by its form."""


def form(text: str) -> str:
    """Return how a number is written: runs of digits (0), capitals (A), small letters (a), signs."""
    out = []
    for m in _RUN.finditer(text):
        run = m[0]
        sign = run[0]
        if "0" <= sign <= "9":
            sign = "0"
        elif "A" <= sign <= "Z":
            sign = "A"
        elif "a" <= sign <= "z":
            sign = "a"
        else:
            out.append(sign)
            continue
        out.append(f"{sign}{min(len(run), _MOST)}")
    return "".join(out)


def day_month(text: str) -> str:
    """Say whether "14.3" may be a day and a month: month first, day first, both, neither; "x": no form of one."""
    parts = re.split(r"[./-]", text)
    if not 1 < len(parts) < 4 or not all(p.isdigit() and len(p) < 5 for p in parts):
        return "x"
    if len(parts[0]) > 2 or len(parts[1]) > 2:
        return "x"
    first, second = int(parts[0]), int(parts[1])
    found = "m" if 0 < first < 13 and 0 < second < 32 else ""
    found += "d" if 0 < second < 13 and 0 < first < 32 else ""
    return f"{found}{len(parts)}"


class Numbers:
    """One text's words and numbers, and what the model asks about a number."""

    def __init__(self, plain: str, lexicon: Lexicon) -> None:
        self.plain = plain
        self.lexicon = lexicon
        self.found = found = [_piece(m) for m in PIECE.finditer(plain)]
        self.gaps = ["n", *(self._gap(a, b) for a, b in pairwise(found)), "n"]

    def _gap(self, a: Piece, b: Piece) -> str:
        """Return what stands between neighbours: "_" for a blank, "n" for a line's end, or signs."""
        between = self.plain[a.end : b.start]
        return "n" if "\n" in between else _UNSEEN.sub("", between)[:2] or "_"

    def candidate(self, i: int) -> bool:
        """Say whether piece i could single somebody out: no short number, year or decimal."""
        one = self.found[i]
        if not one.number or _YEAR.match(one.text) or _DECIMAL.match(one.text):
            return False
        return len(one.text) > 2 or not one.text.isdigit()

    def rough(self, i: int) -> str:
        """Return what a neighbour is, roughly."""
        if not 0 <= i < len(self.found):
            return "^"
        one = self.found[i]
        if one.number:
            return "0"
        flags = self.lexicon.flags.get(one.key, "?")
        kind = next((k for k, of in _KINDS if any(flag in flags for flag in of)), "?")
        capitals = "a"
        if "A" <= one.text[0] <= "Z":
            capitals = "A" if one.text.isupper() and len(one.text) < 6 else "B"
        return capitals + kind

    def features(self, i: int) -> Iterator[str]:
        """Yield the features of number i."""
        found, gaps = self.found, self.gaps
        one = found[i]
        text, shape = one.text, one.key
        many = min(sum("0" <= c <= "9" for c in text), 10)
        kind = re.sub("[0-9]", "", shape.replace("0", "N"))
        before, after = gaps[i], gaps[i + 1]
        b1, b2 = (found[j].key if j >= 0 else "^" for j in (i - 1, i - 2))
        a1, a2 = (found[j].key if j < len(found) else "$" for j in (i + 1, i + 2))
        rb, ra = self.rough(i - 1), self.rough(i + 1)
        day = day_month(text)
        yield f"f{shape}"
        yield f"r{kind}"
        yield f"d{many}|{min(len(text) - many, 4)}"
        yield f"z{text[0] == '0':d}|{many}"
        yield f"u{len(text) - len(text.rstrip('0'))}|{many}"
        yield f"y{day}"
        yield f"y{day}|{b1}"
        yield f"y{day}|{a1}"
        yield f"y{day}|{ra}"
        yield f"g{before}|{after}"
        yield f"h{before}|{shape}"
        yield f"i{after}|{shape}"
        yield f"b{b1}"
        yield f"b{b1}|{before}|{many}"
        yield f"b{b1}|{shape}"
        yield f"b{b1}|{kind}"
        yield f"B{b2}|{b1}"
        yield f"c{b2}"
        yield f"c{b2}|{many}"
        yield f"a{a1}"
        yield f"a{a1}|{kind}"
        yield f"a{a1}|{many}"
        yield f"A{a1}|{a2}"
        yield f"e{a2}"
        yield f"p{rb}|{shape}"
        yield f"p{rb}|{before}|{many}"
        yield f"n{ra}|{shape}"
        yield f"n{ra}|{after}|{many}"
        yield f"m{rb}|{ra}|{kind}"
        yield f"o{self.rough(i - 2)}|{rb}|{many}"
        for j in range(max(0, i - _BEFORE), i):
            if not found[j].number:
                yield f"w{found[j].key}"
                yield f"w{found[j].key}|{many > 3:d}"
        around = found[max(0, i - _ACROSS) : i + _ACROSS + 1]
        yield f"k{sum(piece.number for piece in around)}|{many}"
        yield f"l{gaps[i] == 'n':d}|{kind}"


_KINDS = (("m", "M"), ("c", "32"), ("n", "FfLl"), ("p", "Pp"), ("o", "1"))
"""What a neighbour's flags come to: the first that holds."""


def _piece(m: re.Match[str]) -> Piece:
    text = m[0]
    number = _DIGIT.search(text) is not None
    return Piece(m.start(), m.end(), text, number, form(text) if number else text.lower())


def codes(
    plain: str, lexicon: Lexicon, model: CodeModel, taken: Sequence[int]
) -> list[tuple[int, int, str]]:
    """Return (start, end, "code" or "date") of numbers that single somebody out.

    `taken` says which characters of `plain` something else has found already: these are not asked.
    """
    numbers = Numbers(plain, lexicon)
    found = numbers.found
    kinds = [""] * len(found)
    for i, one in enumerate(found):
        if numbers.candidate(i) and _free(one, taken):
            anything, day = 0, model.base
            for feature in numbers.features(i):
                weights = model.weights.get(feature)
                if weights is not None:
                    anything += weights[0]
                    day += weights[1]
            if anything > model.limit:
                kinds[i] = "date" if day > 0 else "code"
    return list(_joined(numbers, kinds, taken))


def _joined(
    numbers: Numbers, kinds: Sequence[str], taken: Sequence[int]
) -> Iterator[tuple[int, int, str]]:
    """Join what belongs to one number: "AN 663/24", "7089 41 2266", "18K 0442 E"."""
    found, gaps = numbers.found, numbers.gaps
    behind = 0
    for i in range(len(found)):
        if not kinds[i] or i < behind:
            continue
        first = last = i
        if kinds[i] == "code":
            while step := _step(numbers, kinds, last, taken):
                last += step
            if (
                i > behind
                and gaps[i] == "_"
                and _prefix(found[i - 1], numbers)
                and _free(found[i - 1], taken)
            ):
                first -= 1
            if (
                gaps[last + 1] == "_"
                and _letter(found[last + 1])
                and _free(found[last + 1], taken)
            ):
                last += 1
        behind = last + 1
        yield found[first].start, found[last].end, kinds[i]


def _step(numbers: Numbers, kinds: Sequence[str], last: int, taken: Sequence[int]) -> int:
    """Return how many pieces further the number goes on: to the next, or over one to the next but one."""
    gaps = numbers.gaps
    if gaps[last + 1] not in _LINKS:
        return 0
    if kinds[last + 1] == "code":
        return 1
    next_ = numbers.found[last + 1]
    over = next_.number and gaps[last + 2] in _LINKS and _free(next_, taken)
    return 2 if over and kinds[last + 2] == "code" else 0


def _free(piece: Piece, taken: Sequence[int]) -> bool:
    return not any(taken[piece.start : piece.end])


def _letter(piece: Piece) -> bool:
    return len(piece.text) == 1 and "A" <= piece.text <= "Z"


_LINKS = frozenset(["_", "-", ".", "/", "//", ","])


def _prefix(piece: Piece, numbers: Numbers) -> bool:
    """Say whether a piece before a number is the beginning of it: "XKL 188230", "29 A7K16", "C1R 004"."""
    if piece.number:
        return len(piece.text) < (3 if piece.text.isdigit() else 5) and not _SMALL.search(
            piece.text
        )
    return (
        piece.text.isupper()
        and len(piece.text) < 6
        and not set(numbers.lexicon.flags.get(piece.key, "")) & set("123M")
    )
