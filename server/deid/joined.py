"""Joins the words that the model has tagged to whole names, places and employers.

The same steps as static/cases/deid-joined.js. A span shall hold all that names the thing ("the Petro
in Ogallala", "St Luke's", "Earl D. Castle", "Ward 6"): a half of it left standing still names it.
"""

from collections.abc import Sequence
from string import ascii_uppercase

from server.deid.reader import Reader
from server.deid.tokens import Token, owned, shape

_LETTERS = frozenset(ascii_uppercase)


def spans(reader: Reader, kinds: Sequence[str]) -> list[tuple[int, int, str]]:
    """Join tagged tokens to spans (start, end, kind) in the plain view."""
    out: list[tuple[int, int, str]] = []
    links = reader.lexicon.sets["links"]
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
                not (reader.joins(j) or (kind != "name" and reader.tokens[j].low in links))
                or j - end > 2
            ):
                break
        around = _Around(reader)
        if kind == "name" and around.placed(first):
            kind = "place"
        begin, end = (around.name if kind == "name" else around.site)(first, end)
        first = max(begin, free)
        i = free = end + 1
        out.append((reader.tokens[first].start, _trim(reader.tokens[end], kind), kind))
    return out


def _trim(token: Token, kind: str) -> int:
    """Return where a word ends, without the possessive of a person ("St Luke's" keeps its own)."""
    return (
        token.end - 2 if kind == "name" and token.kind == "w" and owned(token.text) else token.end
    )


class _Around:
    """What stands around tagged words and belongs to them."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.found = reader.tokens
        self.sets = reader.lexicon.sets

    def has(self, i: int, name: str) -> bool:
        """Say whether token i is one of a set of rules/reading.json."""
        return 0 <= i < len(self.found) and self.found[i].low in self.sets[name]

    def is_(self, i: int, texts: str) -> bool:
        """Say whether token i is one of these signs."""
        return (
            0 <= i < len(self.found)
            and len(self.found[i].text) == 1
            and self.found[i].text in texts
        )

    def word(self, i: int) -> bool:
        """Say whether token i is a word."""
        return 0 <= i < len(self.found) and self.found[i].kind == "w"

    def capital(self, i: int) -> bool:
        """Say whether token i is a word with a capital, in a text where that says something."""
        return (
            self.word(i)
            and self.reader.modes[i] == "m"
            and shape(self.found[i].text) in {"Aa", "Ab", "AA"}
        )

    def initial(self, i: int) -> bool:
        """Say whether token i is one capital letter, not "I" and not the sex after an age ("34 F")."""
        if not self.word(i) or self.found[i].text == "I" or shape(self.found[i].text) != "A":
            return False
        return not (self.found[i].text in "FM" and i > 0 and self.found[i - 1].kind == "0")

    def placed(self, first: int) -> bool:
        """Say whether a name is that of a place: "ST ELIGIUS", "camp laurel"."""
        i = first - 1 - self.is_(first - 1, ".")
        return self.has(i, "saints")

    def near(self, i: int) -> bool:
        """Say whether tokens i and i + 1 stand side by side."""
        return self.found[i + 1].start - self.found[i].end <= 1

    def name(self, first: int, end: int) -> tuple[int, int]:
        """Take initials and names beside a name into it ("R. Castle", "Castle, R", "Will X")."""
        found, natures = self.found, self.reader.natures
        while first and self.capital(first - 1) and self._given(first - 1):
            first -= 1
        while self.capital(end + 1) and "n" in natures[end + 1].rough:
            end += 1
        dotted = False
        while (
            first > 1
            and found[first - 1].text == "."
            and found[first - 1].end + 1 >= found[first].start
            and self.initial(first - 2)
        ):
            first -= 2
            dotted = True
        if self.initial(first - 1):
            first -= 1
            dotted = True
        if dotted and self.capital(first - 1) and natures[first - 1].odd:
            first -= 1
        after = end + 1 + self.is_(end + 1, ",")
        if self.initial(after) and (
            after == end + 1 or after + 1 == len(found) or found[after + 1].kind != "w"
        ):
            end = after + self.is_(after + 1, ".")
        elif (
            self.reader.modes[end] == "l"
            and self.word(end + 1)
            and len(found[end + 1].text) == 1
            and self.is_(end + 2, ".")
            and found[end + 2].start == found[end + 1].end
        ):
            end += 2
        elif (
            after > end + 1
            and self.word(after)
            and self.reader.modes[after] != "l"
            and shape(found[after].text) in {"Aa", "AA"}
            and natures[after].rough in {"n", "?", "np"}
        ):
            end = after
        return first, end

    def _given(self, i: int) -> bool:
        """Say whether a capitalised word before a name is part of it."""
        nature = self.reader.natures[i]
        return nature.first or (
            nature.odd and not nature.known and not nature.common and not self.reader.starts(i)
        )

    def site(self, first: int, end: int) -> tuple[int, int]:
        """Take all into a place or employer that stands around its words and is part of it."""
        return self._left(first), self._right(end)

    def _left(self, first: int) -> int:
        """Return where a place begins: house number, "St.", "the", "colonia", other capitals."""
        found, natures = self.found, self.reader.natures
        while first:
            i = first - 1
            if self.is_(i, ".") and self.near(i) and self.has(i - 1, "holy"):
                first -= 2
            elif not self.near(i):
                break
            elif (
                (self.capital(i) and not (self.reader.starts(i) and natures[i].common))
                or self.has(i, "holy")
                or (self.word(i) and self._sited(i))
            ):
                first -= 1
            elif (self.has(i, "within") and self._sited(i - 1)) or (
                self.has(i, "of") and self.capital(i - 1)
            ):
                first -= 2
            elif self.has(i, "within") and (begin := self._stop(i)) is not None:
                first = begin
            else:
                break
        if first and self.near(first - 1):
            house = found[first - 1]
            if (house.kind == "0" and (house.end - house.start > 1)) or self.has(
                first - 1, "articles"
            ):
                first -= 1
        return first

    def _stop(self, i: int) -> int | None:
        """Return where "the pilot" begins in "at the pilot in …" when `i` is its second "in"."""
        for j in (i - 2, i - 3):
            if self.has(j, "articles") and self.has(j - 1, "before"):
                return j if all(self.word(k) for k in range(j + 1, i)) else None
        return None

    def _sited(self, i: int) -> bool:
        cues = self.reader.lexicon
        return self.word(i) and cues.site in cues.cues.get(self.found[i].low, "")

    def _right(self, end: int) -> int:
        """Return where a place ends: "dispensary", "Ward 6", "apt 4" after it."""
        found = self.found
        last = end
        for j in range(end + 1, len(found)):
            site = self._sited(j) or self.has(j, "tails") or self.capital(j)
            if found[j].kind != "w" or j - last > 3 or not (site or self.has(j, "plain")):
                break
            if site:
                last = j
        if self.is_(last + 1, ".") and self.has(last, "short") and self.has(last + 2, "tails"):
            last += 2
        after = last + 1 + self.is_(last + 1, ",")
        if (
            self.has(after, "states") and (self.reader.modes[after] != "m" or self.capital(after))
        ) or (after > last + 1 and self.capital(after) and self._placelike(after)):
            last = after
        return self._numbered(last)

    def _placelike(self, i: int) -> bool:
        """Say whether a word after "Toys Hill," may go on with the place ("…, Eastbourne")."""
        nature = self.reader.natures[i]
        return nature.odd and not nature.known and ("p" in nature.rough or not nature.first)

    def _numbered(self, last: int) -> int:
        """Return the end of a place with its unit and number ("…, apt 4", "Ward 6", "Ifo 2")."""
        found = self.found
        j = last + 1 + self.is_(last + 1, ",#")
        if self.has(j, "units"):
            j += 1 + self.is_(j + 1, ".#")
            if j < len(found) and found[j].kind == "0":
                return self._lettered(j)
            return j if self.word(j) and found[j].text in _LETTERS else last
        number = last + 1
        if number == len(found) or found[number].kind != "0" or not self.near(last):
            return last
        own = self.has(last, "units")
        closed = number + 1 == len(found) or (
            found[number + 1].kind != "w" and not self.is_(number + 1, "/%-+x")
        )
        small = found[number].text.isdigit() and len(found[number].text) < 4
        return self._lettered(number) if own or (closed and small) else last

    def _lettered(self, i: int) -> int:
        """Return the end of a number with its letter ("14-B", "7F")."""
        found = self.found
        j = i + 1 + self.is_(i + 1, "-")
        lettered = (
            self.word(j) and len(found[j].text) == 1 and found[j].start - found[i].end == j - i - 1
        )
        return j if lettered else i
