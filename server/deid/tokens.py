"""Cuts a text into words: what the word model reads, and how each word and line is written.

Every step is done alike by static/cases/deid-words.js. All texts here are the plain view of
detect.py: folded, one ASCII character for each character that has one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

TOKEN = re.compile(
    r"[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]+(?:[.,:/-][0-9]+)*|\n|[^ \t\r\f\v\nA-Za-z0-9]", re.ASCII
)
"""Words with inner apostrophes and hyphens, numbers, line ends, every other sign by itself."""


@dataclass(slots=True)
class Token:
    """One token: `low` is what features call it, "0" for any number."""

    start: int
    end: int
    text: str
    low: str
    kind: str
    """One of "w" (word), "0" (number), "." (sign), "n" (line end)."""


def tokens(plain: str) -> list[Token]:
    """Cut a text into tokens."""
    out = []
    for m in TOKEN.finditer(plain):
        text = m[0]
        first = text[0]
        if "A" <= first <= "Z" or "a" <= first <= "z":
            low = text.lower()
            if low.endswith("'s") and len(low) > 2:
                low = low[:-2]
            out.append(Token(m.start(), m.end(), text, low, "w"))
        elif "0" <= first <= "9":
            out.append(Token(m.start(), m.end(), text, "0", "0"))
        else:
            out.append(Token(m.start(), m.end(), text, first, "n" if first == "\n" else "."))
    return out


def owned(text: str) -> bool:
    """Say whether a word ends with a possessive 's."""
    return len(text) > 2 and text[-1] in "sS" and text[-2] == "'"


def shape(text: str) -> str:
    """Return how a word is written: "a", "A" (one letter), "Aa", "AA", "Ab" (mixed)."""
    letters = text[:-2] if owned(text) else text
    if letters.islower():
        return "a"
    if len(letters) == 1:
        return "A"
    if letters.isupper():
        return "AA"
    parts = letters.replace("'", "-").split("-")
    if all(
        part[:1].isupper() and (part[1:].islower() or len(part) == 1) for part in parts if part
    ):
        return "Aa"
    return "Ab"


def modes(found: Sequence[Token]) -> list[str]:
    """Return for each token how its line is written: "u" in capitals, "l" without any, or "m"."""
    out: list[str] = []
    words = [t for t in found if t.kind == "w"]
    capitals = sum("A" <= t.text[0] <= "Z" and t.text != "I" for t in words)
    usual = "l" if capitals * 50 < len(words) or capitals == 0 else "m"
    begin = 0
    for i in range(len(found) + 1):
        if i < len(found) and found[i].kind != "n":
            continue
        line = [t.text for t in found[begin : i + 1] if t.kind == "w"]
        letters = sum(map(len, line))
        upper = sum("A" <= c <= "Z" for word in line for c in word) if letters >= 12 else 0
        mode = "u" if letters >= 12 and upper * 10 >= letters * 7 else usual
        out += [mode] * (min(i + 1, len(found)) - begin)
        begin = i + 1
    return out
