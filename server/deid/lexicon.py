"""What is known of a word before its surroundings are read: the frozen list's flags, the cues.

The same steps as static/cases/deid-words.js; the words themselves stand in lexicon.txt.br and in
rules/cues.json and rules/reading.json.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The listed words with their flags, the words with which a listed phrase begins, the cues."""

    flags: Mapping[str, str]
    openers: frozenset[str]
    cues: Mapping[str, str]
    """What words around a name are, one letter for each kind (rules/cues.json)."""
    sets: Mapping[str, frozenset[str]]
    """Words by what they do in a text (rules/reading.json)."""
    medical: re.Pattern[str]
    """How medical words end that are not listed."""
    site: str
    """The letter of the cue kind "site"."""
    own: re.Pattern[str] | None = None
    """In a mode: unknown words that are medical by their ending."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What a word's flags come to."""

    rough: str
    """n(ame), p(lace), o(rdinary), c(ommon), m(edical), k(nown), w(eb), e (foreign), each at most once."""
    known: bool
    plain: bool
    odd: bool
    common: bool
    first: bool
    medical: bool
    """Listed as a medicine or medical word and as nothing that names."""


_ROUGH = {"F": "n", "f": "n", "L": "n", "l": "n", "P": "p", "p": "p"} | {
    "1": "o", "2": "o", "3": "c", "M": "m", "K": "k", "W": "w", "E": "e"
}  # fmt: skip


@cache
def nature(cls: str) -> Nature:
    """Return what the flags of a class come to; there are a few hundred classes."""
    flags = set(cls)
    first = bool(flags & set("Ff"))
    return Nature(
        rough="".join(sorted({_ROUGH.get(flag, flag) for flag in flags if flag != "-"})),
        known="K" in flags and not first,
        plain=flags <= set("123MKWE"),
        odd=bool(flags & set("FfLlPp?")),
        common="3" in flags or ("2" in flags and not first),
        first=first,
        medical="M" in flags and flags <= set("12MWE"),
    )


def word_class(low: str, lexicon: Lexicon) -> str:
    """Return the flags of a word (tests/tools/deid/build_lexicon.py); "?" for an unknown one."""
    flags = lexicon.flags
    found = flags.get(low)
    if found is not None:
        return found
    if "-" in low:
        parts = [word_class(part, lexicon) for part in low.split("-") if part]
        odd = [part for part in parts if not set(part) & set("123MKWE")]
        return (odd[0] if odd else "1") + "-"
    for ending in lexicon.sets["endings"]:
        if low.endswith(ending) and len(low) - len(ending) > 2:
            cut = low[: -len(ending)]
            stem = flags.get(cut) or flags.get(cut + "e")
            if stem is not None and set(stem) & set("123M"):
                return "1"
    return "M" if lexicon.medical.match(low) else "?"
