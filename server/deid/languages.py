"""In which language a text is written, told by small words; the same steps as deid-language.js.

A pure function of the texts and the rule set: whoever reads a text again, on whichever side, reads
it in the same mode, without anybody having chosen a language.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from server.deid.load import read_files, ruleset

DEFAULT = "en"
"""Where nothing tells."""
LEAST = 3
"""So many words of a language must be there, and twice as many as of any other."""
LONGEST = 20_000
"""Characters of one text that are looked at: more than a field holds."""

_WORD = re.compile(r"(?<![A-Za-z])(?:[a-z]+|[A-Z]{2,})(?![A-Za-z])")
"""Words in small or in capital letters alone: "Las Cruces" and "Des Moines" tell nothing."""
_SET = "told_"


@cache
def _telling() -> dict[str, str]:
    """Return the words that tell, each with its language."""
    sets = read_files().sets
    return {
        word: name.removeprefix(_SET)
        for name, words in sets.items()
        if name.startswith(_SET)
        for word in words.split()
    }


@cache
def _plain() -> dict[int, str | None]:
    """Return how characters are read: plain, or not at all."""
    rules = ruleset()
    return {**rules.fold, **dict.fromkeys(rules.drop)}


def told(texts: Iterable[str]) -> str | None:
    """Return the language of texts taken together ("en", "es", "fr"); None when they do not tell."""
    found: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(ruleset().scripts.unmasked(text[:LONGEST]).translate(_plain())):
            lang = _telling().get(word.lower())
            if lang is not None:
                found[lang] += 1
    (first, most), (_, rest) = (*found.most_common(2), ("", 0), ("", 0))[:2]
    return first if most >= max(LEAST, 2 * rest) else None


def of_text(text: str) -> str:
    """Return the language of one text that stands alone."""
    return told([text]) or DEFAULT


def of_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the language of each field: its own where it tells, else that of all together."""
    whole = told(fields.values()) or DEFAULT
    return {name: told([text]) or whole for name, text in fields.items()}
