"""Where a match of a pattern can begin, read off the pattern: most rules need never be tried.

Text is cut into runs of letters, runs of digits and single other characters. A pattern that can
only match at the start of such a piece says with which pieces; the scan then asks each rule at
its pieces alone. That changes no answer, it only leaves out tries that must fail.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

PIECES = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9 ]")
_RANGE = re.compile(r"\\?(.)-\\?(.)|\\?(.)", re.DOTALL)
_COUNT = re.compile(r"\{(\d+)(?:,(\d+))?\}")
_LONGEST = 7
"""Letters that are looked at."""


class _AnywhereError(Exception):
    """The pattern may begin at any character."""


@dataclass(frozen=True, slots=True)
class _State:
    """What has been read: the letters so far, and which neighbours to the left are excluded."""

    read: str = ""
    letters: bool = False
    numbers: bool = False


@dataclass(slots=True)
class _Reader:
    """Walks a pattern (the subset that test_rules.py holds the rules to) from its beginning."""

    pattern: str
    case: bool
    position: int = 0
    whole: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)

    def _stop(self, states: Iterable[_State], chars: frozenset[str]) -> set[_State]:
        """Consume one character of `chars` and return the states that still read letters."""
        going: set[_State] = set()
        letters = chars & set(ascii_letters)
        for state in states:
            if state.read:
                if chars - letters:
                    self.whole.add(state.read)
                if len(letters) > 4 or (letters and len(state.read) == _LONGEST):
                    self.open.add(state.read)
                else:
                    going |= {_State(state.read + c) for c in letters}
            elif (
                (letters and not state.letters)
                or (chars & set(digits) and not state.numbers)
                or " " in chars
            ):
                raise _AnywhereError
            else:
                self.whole |= chars - letters
                if len(letters) > 4:
                    self.open |= letters
                else:
                    going |= {_State(c) for c in letters}
        return going

    def _set(self) -> frozenset[str]:
        """Read a character class behind its [."""
        end = self.position
        while self.pattern[end] != "]":
            end += 2 if self.pattern[end] == "\\" else 1
        body, self.position = self.pattern[self.position : end], end + 1
        negated = body.startswith("^")
        found: set[str] = set()
        for m in _RANGE.finditer(body.removeprefix("^")):
            if m[3]:
                found.add("\n" if m[0] == "\\n" else m[3])
            else:
                found |= {chr(code) for code in range(ord(m[1]), ord(m[2]) + 1)}
        everything = {chr(code) for code in range(128)} | {"\x80"}
        return frozenset(everything - found if negated else found)

    def _atom(self, states: set[_State]) -> set[_State]:
        char = self.pattern[self.position]
        self.position += 1
        if char == "[":
            return self._stop(states, self._set())
        if char == "(":
            return self._group(states)
        if char == "^":
            return {_State(s.read, letters=True, numbers=True) for s in states}
        if char == "$":
            return states
        if char == "\\":
            char = self.pattern[self.position]
            self.position += 1
            if char == "b":
                return {_State(s.read, letters=True, numbers=True) for s in states}
            char = "\n" if char == "n" else char
        return self._stop(states, frozenset(char))

    def _group(self, states: set[_State]) -> set[_State]:
        """Read a group or a look-around behind its parenthesis."""
        ahead = re.compile(r"\?(?:<?[=!]|:|P?<[a-z]+>)").match(self.pattern, self.position)
        kind = ahead[0] if ahead else ""
        self.position += len(kind)
        if kind == "?<!":
            left: frozenset[str] = frozenset()
            if self.pattern[self.position] == "[":
                self.position += 1
                left = self._set()
            self._aside()
            own = ascii_letters if self.case else ascii_lowercase
            return {
                _State(
                    s.read,
                    letters=s.letters or left >= set(own),
                    numbers=s.numbers or left >= set(digits),
                )
                for s in states
            }
        if kind in {"?=", "?!", "?<="}:
            self._aside()
            return states
        going = self.alternatives(states)
        self.position += 1
        return going

    def _aside(self) -> None:
        """Skip to behind the parenthesis that closes this group."""
        depth = 1
        while depth:
            char = self.pattern[self.position]
            self.position += 1
            if char == "\\":
                self.position += 1
            elif char == "[":
                self._set()
            depth += (char == "(") - (char == ")")

    def _times(self) -> tuple[int, int]:
        """Read the quantifier here, if any."""
        rest = self.pattern[self.position : self.position + 1]
        if rest == "?":
            self.position += 1
            return 0, 1
        m = _COUNT.match(self.pattern, self.position)
        if m is None:
            return 1, 1
        self.position = m.end()
        return int(m[1]), int(m[2] or m[1])

    def _sequence(self, states: set[_State]) -> set[_State]:
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            before = states
            states = self._atom(states)
            least, most = self._times()
            if most > 1:
                self.open |= {s.read for s in states if s.read}
                states = {s for s in states if not s.read or s in before}
            if least == 0:
                states = states | before
        return states

    def alternatives(self, states: set[_State]) -> set[_State]:
        """Read a | b | c up to the end or the closing parenthesis."""
        going = self._sequence(states)
        while self.position < len(self.pattern) and self.pattern[self.position] == "|":
            self.position += 1
            going = going | self._sequence(states)
        return going


@dataclass(frozen=True, slots=True)
class Begin:
    """The pieces with which a match begins: exactly these, or words that start with these."""

    whole: frozenset[str]
    open: frozenset[str]


def begin(pattern: str, *, case: bool) -> Begin | None:
    """Return how matches of `pattern` begin, or None when they may begin anywhere."""
    reader = _Reader(pattern, case)
    try:
        left = reader.alternatives({_State()})
    except _AnywhereError:
        return None
    if any(not state.read for state in left):
        return None
    longer = reader.open | {state.read for state in left}

    def known(piece: str, most: int) -> bool:
        return any(piece[:length] in longer for length in range(1, most + 1))

    return Begin(
        frozenset(piece for piece in reader.whole if not known(piece, len(piece))),
        frozenset(piece for piece in longer if not known(piece, len(piece) - 1)),
    )


class _Node:
    """A letter in the tree of beginnings, with the rules whose beginning ends there."""

    __slots__ = ("next", "open", "whole")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.open: list[int] = []
        self.whole: list[int] = []

    def at(self, piece: str) -> "_Node":
        """Return the node below this one that `piece` leads to; it is made when there is none."""
        node = self
        for char in piece:
            node = node.next.setdefault(char, _Node())
        return node

    def find(self, piece: str) -> list[int]:
        """Return the rules that can begin at `piece`."""
        found: list[int] = []
        node = self
        for char in piece:
            child = node.next.get(char)
            if child is None:
                return found
            node = child
            if node.open:
                found += node.open
        return found + node.whole


_ANY = (frozenset(ascii_lowercase), frozenset(ascii_uppercase), frozenset(digits))
"""Beginnings that many rules share: any word, any word with a capital, any number."""


class Index:
    """Which of some rules can begin at a piece of text."""

    def __init__(self, rules: Sequence[tuple[bool, Begin | None]]) -> None:
        """Take for each rule whether it reads capitals, and how it begins."""
        self._size = len(rules)
        self._any: list[tuple[bool, bool, bool] | None] = []
        self._low, self._cased = _Node(), _Node()
        self._kinds: set[tuple[bool, bool, bool]] = {(False, False, False)}
        for i, (case, how) in enumerate(rules):
            if how is None:
                self._any.append(None)
                continue
            word, capital, number = (
                not case and how.open >= _ANY[0],
                case and how.open >= _ANY[1],
                how.whole >= _ANY[2],
            )
            self._any.append((word, capital, number))
            self._kinds.add((word, capital, number))
            shared = frozenset[str]().union(
                _ANY[0] if word else (), _ANY[1] if capital else (), _ANY[2] if number else ()
            )
            covered = (ascii_letters if word else "") + (ascii_uppercase if capital else "")
            tree = self._cased if case else self._low
            for piece in how.whole - shared:
                if piece[0] not in covered:
                    tree.at(piece).whole.append(i)
            for piece in how.open - shared:
                if piece[0] not in covered:
                    tree.at(piece).open.append(i)

    def __len__(self) -> int:
        """Return how many rules there are."""
        return self._size

    def starts(self, plain: str) -> list[Sequence[int] | None]:
        """Return for each rule the offsets at which it is worth trying, None where all are."""
        own: list[list[int]] = [[] for _ in range(self._size)]
        words: list[int] = []
        capitals: list[int] = []
        numbers: list[int] = []
        known: dict[str, list[int]] = {}
        for m in PIECES.finditer(plain):
            piece, start = m[0], m.start()
            first = piece[0]
            if first in ascii_letters:
                words.append(start)
                if first in ascii_uppercase:
                    capitals.append(start)
            else:
                piece = first
                if first in digits:
                    numbers.append(start)
            rules = known.get(piece)
            if rules is None:
                rules = known[piece] = self._low.find(piece.lower()) + self._cased.find(piece)
            for i in rules:
                own[i].append(start)
        shared = {
            (word, capital, number): sorted(
                [*(words if word else capitals if capital else ()), *(numbers if number else ())]
            )
            for word, capital, number in self._kinds
        }
        out: list[Sequence[int] | None] = []
        for kind, found in zip(self._any, own, strict=True):
            if kind is None:
                out.append(None)
            elif found and any(kind):
                out.append(sorted([*shared[kind], *found]))  # two runs: one merge
            else:
                out.append(found or shared[kind])
        return out
