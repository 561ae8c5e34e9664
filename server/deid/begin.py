"""Where a match of a pattern can begin, read off the pattern: most rules need never be tried.

Text is cut into runs of letters, runs of digits and single other characters. A pattern that can
only match at the start of such a piece says with which characters; the scan then asks each rule
only where these stand. That changes no answer, it leaves out tries that must fail. The browser
gets the same table (load.py) and reads it in static/cases/deid-begin.js.

A beginning is written as it stands in the text, at most `LONGEST` characters of it, with one sign
for any letter or digit: "mrn ", "mrnº".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

PIECES = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9 ]")
LONGEST = 3
"""Characters that are looked at; with four a third fewer tries are made, and twice as much is sent."""
LOWER, UPPER, DIGIT, SIGN, STRANGE = "àÀº¡\x80"
"""Any small letter, any capital, any digit, any sign but blank and line end; a character outside ASCII."""
_ALL = frozenset({chr(code) for code in range(128)} | {STRANGE})
_KINDS = {
    LOWER: frozenset(ascii_lowercase),
    UPPER: frozenset(ascii_uppercase),
    DIGIT: frozenset(digits),
    SIGN: _ALL - frozenset(ascii_letters + digits + " \n"),
}
_KIND = {char: sign for sign, chars in _KINDS.items() for char in chars}
_FEW = {LOWER: 4, UPPER: 4, DIGIT: 4, SIGN: 1}
"""So many characters of a kind are told apart."""
_LETTERS = frozenset(ascii_letters) | {LOWER, UPPER}
_DIGITS = frozenset(digits) | {DIGIT}
_RANGE = re.compile(r"\\?(.)-\\?(.)|\\?(.)", re.DOTALL)
_COUNT = re.compile(r"\{(\d+)(?:,(\d+))?\}")
_REMEMBERED = 50_000


class _AnywhereError(Exception):
    """The pattern may begin at any character."""


@dataclass(frozen=True, slots=True)
class _State:
    """What has been read: so much, and before it which neighbours to the left are excluded."""

    read: str = ""
    letters: bool = False
    numbers: bool = False


@cache
def _signs(chars: frozenset[str]) -> frozenset[str]:
    """Return `chars` with one sign for many of a kind."""
    out = set(chars)
    for sign, kind in _KINDS.items():
        if len(chars.intersection(kind)) > _FEW[sign]:
            out = out.difference(kind) | {sign}
    return frozenset(out)


def _run(sign: str) -> int:
    """Say of which runs of text a character is: 1 letters, 2 digits, 0 none."""
    return 1 if sign in _LETTERS else 2 if sign in _DIGITS else 0


@dataclass(slots=True)
class _Reader:
    """Walks a pattern (the subset that test_rules.py holds the rules to) from its beginning."""

    pattern: str
    case: bool
    position: int = 0
    found: set[str] = field(default_factory=set)

    def _take(self, states: Iterable[_State], chars: frozenset[str]) -> set[_State]:
        """Read one character of `chars` and return the states that have not read enough."""
        going: set[_State] = set()
        signs = _signs(chars)
        for state in states:
            if not state.read and (
                (chars.intersection(ascii_letters) and not state.letters)
                or (chars.intersection(digits) and not state.numbers)
                or " " in chars
            ):
                raise _AnywhereError
            for sign in signs:
                if len(state.read) + 1 == LONGEST:
                    self.found.add(state.read + sign)
                else:
                    going.add(_State(state.read + sign))
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
        return frozenset(_ALL - found if negated else found)

    def _atom(self, states: set[_State]) -> set[_State]:
        char = self.pattern[self.position]
        self.position += 1
        if char == "[":
            return self._take(states, self._set())
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
        return self._take(states, frozenset(char))

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

    def _repeated(self, states: set[_State]) -> set[_State]:
        """Read an atom as many times as its quantifier says."""
        begin = self.position
        going = self._atom(states)
        least, most = self._times()
        end = self.position
        out = (states if least == 0 else set()) | (going if least <= 1 else set())
        for count in range(2, most + 1):
            self.position = begin
            before, going = going, self._atom(going)
            if count >= least:
                out = out | going
            if not going or going == before:
                out = out | going
                break
        self.position = end
        return out

    def _sequence(self, states: set[_State]) -> set[_State]:
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            states = self._repeated(states)
        return states

    def alternatives(self, states: set[_State]) -> set[_State]:
        """Read a | b | c up to the end or the closing parenthesis."""
        going = self._sequence(states)
        while self.position < len(self.pattern) and self.pattern[self.position] == "|":
            self.position += 1
            going = going | self._sequence(states)
        return going


@cache  # what a page is checked with and what it is sent, and each language, have most in common
def begin(pattern: str, *, case: bool) -> frozenset[str] | None:
    """Return what a match of `pattern` begins with, or None when it may begin anywhere."""
    reader = _Reader(pattern, case)
    try:
        left = reader.alternatives({_State()})
    except _AnywhereError:
        return None
    if any(not state.read for state in left):
        return None
    found = reader.found | {state.read for state in left}
    return frozenset(
        piece for piece in found if not any(piece[:n] in found for n in range(1, len(piece)))
    )


class _Node:
    """A character in the tree of beginnings, with the groups of rules that may begin so."""

    __slots__ = ("groups", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.groups: list[int] = []

    def add(self, piece: str, group: int) -> None:
        """Let a group begin with `piece`."""
        node = self
        for char in piece:
            node = node.next.setdefault(char, _Node())
        node.groups.append(group)

    def find(self, piece: str, into: set[int]) -> None:
        """Add the groups that can begin where `piece` stands."""
        into.update(self.groups)
        if piece:
            char = min(STRANGE, piece[0])
            for sign in (char, _KIND.get(char, "")):
                if child := self.next.get(sign):
                    child.find(piece[1:], into)


class Index:
    """Which of some rules can begin where in a text."""

    def __init__(self, rules: Sequence[tuple[bool, frozenset[str] | None]]) -> None:
        """Take for each rule whether it reads capitals, and how it begins.

        Rules that begin alike are one group and share their places.
        """
        self._low, self._cased = _Node(), _Node()
        self._known: dict[str, tuple[int, ...]] = {}
        groups: dict[tuple[bool, frozenset[str]], int] = {}
        self._groups: list[int | None] = []
        for case, how in rules:
            if how is None:
                self._groups.append(None)
                continue
            group = groups.get((case, how))
            if group is None:
                group = groups[case, how] = len(groups)
                for piece in how:
                    (self._cased if case else self._low).add(piece, group)
            self._groups.append(group)
        self._size = len(groups)

    def __len__(self) -> int:
        """Return how many rules there are."""
        return len(self._groups)

    def _find(self, piece: str) -> tuple[int, ...]:
        found: set[int] = set()
        low = "".join(char.lower() if char < STRANGE else char for char in piece)
        self._low.find(low, found)
        self._cased.find(piece, found)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        known = self._known[piece] = tuple(found)
        return known

    def starts(self, plain: str) -> list[Sequence[int] | None]:
        """Return for each rule the offsets at which it is worth trying, None where all are."""
        own: list[list[int]] = [[] for _ in range(self._size)]
        known = self._known
        for m in PIECES.finditer(plain):
            start = m.start()
            piece = plain[start : start + LONGEST]
            groups = known.get(piece)
            for group in self._find(piece) if groups is None else groups:
                own[group].append(start)
        return [None if group is None else own[group] for group in self._groups]
