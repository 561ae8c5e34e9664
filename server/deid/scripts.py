"""Sees text in other scripts: nothing here can read it, so a person has to look at it.

Rules and models read Latin letters. A name or an address in Thai, Arabic, Cyrillic … goes past all of
them; this makes each run of such letters one finding. Signs of medicine (α, β-blocker, μg) are not
somebody's words: how many letters of a script in a row are stands in rules/fold.json. The same steps
as static/cases/deid-scripts.js, with the same ranges: what Unicode version Python or a browser has
changes no answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

GAP = 12
"""Characters that may stand between two parts of one run."""

_FAR = 0x10000
"""From here on JavaScript has two units for one letter."""
Ranges = Sequence[tuple[int, int]]
_BRIDGE = re.compile(r"[ .,;:'\"()/0-9#-]*|[A-Za-z]{1,2}")
"""What may: "ул. Ленина, 5" is one address, and a Latin a within a Cyrillic word is part of it."""


def free(taken: Sequence[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches from `start` to `end` that belong to no finding."""
    position = start
    while position < end:
        last = position
        while last < end and not taken[last]:
            last += 1
        yield position, last
        position = last + 1


def _letters(ranges: Ranges) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _plain(alike: Mapping[str, str], m: re.Match[str]) -> str:
    return "".join(alike.get(char, char) for char in m[0])


@dataclass(frozen=True, slots=True)
class Scripts:
    """Letters without a plain reading."""

    strange: re.Pattern[str]
    """A stretch of them."""
    telling: re.Pattern[str]
    """So many of one script that they are words."""
    alike: Mapping[str, str]
    """What letters of other scripts look like."""
    looking: re.Pattern[str]
    """Any of these."""
    mixed: re.Pattern[str]
    """A word of Latin letters and such."""

    def unmasked(self, text: str) -> str:
        """Return `text` with look-alikes in Latin words as Latin letters; its length stays."""
        if text.isascii() or self.looking.search(text) is None:
            return text
        return self.mixed.sub(partial(_plain, self.alike), text)

    def runs(self, plain: str) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of every run of words in other scripts, never over a line end."""
        start = end = 0
        told = False
        for m in self.strange.finditer(plain):
            first, last = m.span()
            gap = plain[end : min(first, end + GAP + 1)]
            if end and len(gap) <= GAP and _BRIDGE.fullmatch(gap):
                told = told or self.telling.search(m[0]) is not None
            else:
                if told:
                    yield start, end
                start, told = first, self.telling.search(m[0]) is not None
            end = last
        if told:
            yield start, end

    def places(self, plain: str, taken: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of such words where nothing else has found anything."""
        for run in self.runs(plain):
            for first, last in free(taken, *run):
                letters = [i for i in range(first, last) if self.strange.match(plain[i])]
                if letters:
                    yield letters[0], letters[-1] + 1


def scripts_of(kinds: Mapping[str, Ranges], alike: Mapping[str, str]) -> Scripts:
    """Build it from rules/fold.json: ranges by how many letters in a row tell; keys to look-alikes."""
    letters = "".join(map(_letters, kinds.values()))
    told = (f"[{_letters(ranges)}]{{{least}}}" for least, ranges in kinds.items())
    looks = {char: plain for plain, chars in alike.items() for char in chars}
    every = f"A-Za-z\u00c0-\u024f{''.join(looks)}"
    near = [one for ranges in kinds.values() for one in ranges if one[0] < _FAR]
    other = f"A-Za-z\u00c0-\u024f{_letters(near)}"
    return Scripts(
        re.compile(f"[{letters}]{{1,100}}"),
        re.compile("|".join(told)),
        looks,
        re.compile(f"[{''.join(looks)}]"),
        re.compile(f"(?<![{other}])(?=[{every}]{{0,39}}[A-Za-z])[{every}]{{2,40}}(?![{other}])"),
    )
