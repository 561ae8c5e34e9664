"""Cuts a text into words and says what is to be known of each: what the word model reads.

Every step is done alike by static/cases/deid-tagger.js. All texts here are the plain view of
detect.py: folded, one ASCII character for each character that has one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

TOKEN = re.compile(
    r"[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]+(?:[.,:/-][0-9]+)*|\n|[^ \t\r\f\v\nA-Za-z0-9]", re.ASCII
)
"""Words with inner apostrophes and hyphens, numbers, line ends, every other sign by itself."""

JOIN = frozenset(
    [
        "of",
        "the",
        "de",
        "la",
        "del",
        "las",
        "los",
        "du",
        "des",
        "le",
        "and",
        "&",
        "y",
        "el",
        "al",
        "bin",
        "ibn",
        "van",
        "von",
        "der",
        "da",
        "dos",
        "do",
        "san",
        "santa",
        "st",
        "saint",
        "our",
        "at",
        "for",
    ]
)
"""Words that a name of several words may have inside ("Our Lady of the Lake")."""

_NEAR = frozenset(
    [
        "in",
        "from",
        "near",
        "to",
        "at",
        "around",
        "outside",
        "of",
        "town",
        "village",
        "by",
        "toward",
        "towards",
        "via",
        "past",
    ]
)
"""Words after which an ordinary lower-case word may be a place ("from hope")."""

_PLACED = frozenset({"at", "for"})
"""Words after which a known word may be an employer or a clinic ("works for Presbyterian")."""

_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "ies", "ness", "al", "like", "able")
_MEDICAL = re.compile(
    r".{2,}(?:itis|emia|aemia|osis|oses|pathy|pathies|mab|nib|pril|prils|sartan|azole|statin|"
    r"statins|idine|amine|mycin|cillin|floxacin|vir|oxetine|azepam|zolam|azine|apine|idone|olol|"
    r"dipine|gliptin|gliflozin|glutide|uria|algia|ectomy|otomy|oscopy|plasty|gram|graphy|plegia|"
    r"paresis|phasia|phagia|pnea|trophy|cytosis|penia|genic|genesis|ology|ologist|iatric|iatry|"
    r"oma|omas)$"
)

_SENTENCE = frozenset({"\n", ".", "!", "?", ":", ";", "*", ">", "|"})
_QUOTES = frozenset({'"', "'", "(", "[", "-"})
_PASSED = frozenset({",", "(", ")", '"', ":", "'", "/"})
"""Signs between a cue and a name: "her husband, Piet,", "wife (Ana)"."""

TITLES = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "st",
        "jr",
        "sr",
        "prof",
        "vs",
        "approx",
        "no",
        "fr",
        "rev",
        "hon",
        "lt",
        "sgt",
        "capt",
        "col",
        "ft",
        "mt",
    ]
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The listed words with their flags, the words with which a listed phrase begins, the cues."""

    flags: Mapping[str, str]
    openers: frozenset[str]
    cues: Mapping[str, str]
    """What words around a name are, one letter for each kind (rules/cues.json)."""


@dataclass(slots=True)
class Token:
    """One token: `low` is what features call it, "0" for any number."""

    start: int
    end: int
    text: str
    low: str
    kind: str
    """One of "w" (word), "0" (number), "." (sign), "n" (line end)."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What a word's flags come to."""

    rough: str
    """n(ame), p(lace), o(rdinary), c(ommon), m(edical), k(nown), w(eb), each at most once."""
    known: bool
    plain: bool
    odd: bool
    common: bool
    first: bool


_ROUGH = {"F": "n", "f": "n", "L": "n", "l": "n", "P": "p", "p": "p"} | {
    "1": "o", "2": "o", "3": "c", "M": "m", "K": "k", "W": "w"
}  # fmt: skip


@cache
def nature(cls: str) -> Nature:
    """Return what the flags of a class come to; there are a few hundred classes."""
    flags = set(cls)
    first = bool(flags & set("Ff"))
    return Nature(
        rough="".join(sorted({_ROUGH.get(flag, flag) for flag in flags if flag != "-"})),
        known="K" in flags and not first,
        plain=flags <= set("123MKW"),
        odd=bool(flags & set("FfLlPp?")),
        common="3" in flags or ("2" in flags and not first),
        first=first,
    )


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


def word_class(low: str, flags: Mapping[str, str]) -> str:
    """Return the flags of a word (tests/tools/deid/build_lexicon.py); "?" for an unknown one."""
    found = flags.get(low)
    if found is not None:
        return found
    if "-" in low:
        parts = [word_class(part, flags) for part in low.split("-") if part]
        odd = [part for part in parts if not set(part) & set("123MKW")]
        return (odd[0] if odd else "1") + "-"
    for ending in _ENDINGS:
        if low.endswith(ending) and len(low) - len(ending) > 2:
            cut = low[: -len(ending)]
            stem = flags.get(cut) or flags.get(cut + "e")
            if stem is not None and set(stem) & set("123M"):
                return "1"
    return "M" if _MEDICAL.match(low) else "?"


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


def _modes(found: Sequence[Token]) -> list[str]:
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


class Reader:
    """One text's words and what the model asks about them."""

    def __init__(self, plain: str, lexicon: Lexicon) -> None:
        self.tokens = tokens(plain)
        self.lexicon = lexicon
        flags = lexicon.flags
        self.classes = [word_class(t.low, flags) if t.kind == "w" else t.kind for t in self.tokens]
        self.natures = [nature(cls) for cls in self.classes]
        self.modes = _modes(self.tokens)
        self.phrases = self._phrases()

    def _phrases(self) -> list[str]:
        """Mark the words of places and known terms that the lexicon has as several words."""
        out = [""] * len(self.tokens)
        for i, token in enumerate(self.tokens):
            if token.low not in self.lexicon.openers:
                continue
            words = token.low
            for j in range(i + 1, min(i + 5, len(self.tokens))):
                if self.tokens[j].kind != "w":
                    break
                words += " " + self.tokens[j].low
                found = self.lexicon.flags.get(words)
                if found is not None:
                    out[i : j + 1] = [found[-1]] * (j + 1 - i)
        return out

    def starts(self, i: int) -> bool:
        """Say whether a sentence, a line or a quotation begins at token i."""
        j = i - 1
        while j >= 0 and self.tokens[j].text in _QUOTES:
            j -= 1
        if j < 0:
            return True
        before = self.tokens[j]
        if before.text == "." and j > 0:
            last = self.tokens[j - 1]
            if last.low in TITLES or len(last.text) == 1:
                return False
        return before.text in _SENTENCE

    def candidate(self, i: int, previous: str) -> bool:
        """Say whether token i could name anything at all; everything else is never asked.

        `previous` is the kind given to the token before, "" for none.
        """
        token, found = self.tokens[i], self.natures[i]
        if token.kind != "w":
            return False
        if len(token.text) == 1:
            return bool(previous) and "A" <= token.text <= "Z"
        mixed = self.modes[i] == "m"
        if mixed and "A" <= token.text[0] <= "Z":
            if found.known and not previous and self.key(i - 1) not in _PLACED:
                follows = i + 1 < len(self.tokens) and "K" not in self.classes[i + 1]
                return follows and self.look(i + 1) in {"Aa", "Ab"}
            return bool(previous) or not found.plain or not self.starts(i)
        if found.known or not found.odd:
            return bool(previous) and not found.known and not mixed
        near = i > 0 and self.tokens[i - 1].low in _NEAR
        return not found.common or bool(previous) or found.first or near

    def joins(self, i: int) -> bool:
        """Say whether token i may stand inside a name: a hyphen, "of the", an initial's point."""
        token = self.tokens[i]
        if token.kind == "w":
            return token.low in JOIN or (len(token.text) == 1 and "A" <= token.text <= "Z")
        if token.text == "." and i:
            before = self.tokens[i - 1]
            short = len(before.text) == 1 or before.low in TITLES
            return before.kind == "w" and before.end == token.start and short
        return token.text in {"-", "&", "'"}

    def key(self, i: int) -> str:
        """Return what a neighbour is called in features."""
        if i < 0:
            return "^"
        return self.tokens[i].low if i < len(self.tokens) else "$"

    def rough(self, i: int) -> str:
        """Return what a neighbour is, roughly."""
        return self.natures[i].rough if 0 <= i < len(self.tokens) else "^"

    def look(self, i: int) -> str:
        """Return a neighbour's shape."""
        if not 0 <= i < len(self.tokens):
            return "^"
        token = self.tokens[i]
        return shape(token.text) if token.kind == "w" else token.kind

    def around(self, i: int, step: int) -> tuple[str, str]:
        """Return the cues of two words in the direction `step`, past one comma or bracket."""
        out: list[str] = []
        sign, j = "", i
        while len(out) < 2:
            j += step
            if not 0 <= j < len(self.tokens):
                out.append("^")
                continue
            token = self.tokens[j]
            if token.kind == "." and token.text in _PASSED and not sign:
                sign = token.text
                continue
            cue = self.lexicon.cues.get(token.low, "-") if token.kind == "w" else token.kind
            out.append(sign + cue)
            sign = ""
        return out[0], out[1]

    def features(self, i: int, previous: str) -> Iterator[str]:
        """Yield the features of token i; `previous` is the kind given to the token before."""
        yield from self._own(i, previous)
        mode = self.modes[i]
        form = shape(self.tokens[i].text) if mode == "m" else mode
        begin = "s" if self.starts(i) else "i"
        rough = self.natures[i].rough
        before, after = self.key(i - 1), self.key(i + 1)
        b2, a2 = self.key(i - 2), self.key(i + 2)
        fb, fa = self.look(i - 1), self.look(i + 1)
        if mode != "m":
            fb = fb if fb in "^0.n" else mode
            fa = fa if fa in "$0.n" else mode
        q1, q2 = self.around(i, -1)
        k1, k2 = self.around(i, 1)
        yield f"b{before}"
        yield f"b{before}|{form}"
        yield f"b{before}|{rough}"
        yield f"a{after}"
        yield f"a{after}|{form}"
        yield f"a{after}|{rough}"
        yield f"B{b2}|{before}"
        yield f"A{after}|{a2}"
        yield f"2{b2}"
        yield f"3{a2}"
        yield f"C{self.rough(i - 1)}|{rough}|{form}"
        yield f"D{rough}|{self.rough(i + 1)}|{form}"
        yield f"Q{q1}|{form}"
        yield f"Q{q1}|{rough}"
        yield f"R{q2}|{q1}|{form}"
        yield f"K{k1}|{form}{begin}"
        yield f"K{k1}|{rough}"
        yield f"L{k1}|{k2}|{form}"
        yield f"M{q1}|{form}|{k1}"
        yield f"S{fb}{form}{fa}"

    def _own(self, i: int, previous: str) -> Iterator[str]:
        """Yield the features of the word itself."""
        text, low, cls = self.tokens[i].text, self.tokens[i].low, self.classes[i]
        mode = self.modes[i]
        form = shape(text) if mode == "m" else mode
        begin = "s" if self.starts(i) else "i"
        rough = self.natures[i].rough
        yield f"f{form}{begin}"
        yield f"c{cls}"
        yield f"c{cls}|{form}{begin}"
        yield f"r{rough}|{form}{begin}"
        yield f"w{low}"
        yield f"w{low}|{form}"
        yield f"t{previous}|{form}"
        yield f"t{previous}|{rough}"
        yield f"x{low[-3:]}"
        yield f"y{low[-4:]}"
        if cls == "?":
            # letters tell an unknown medicine from an unknown name
            whole = f"^{low}$"
            for k in range(min(len(whole) - 2, 14)):
                yield f"g{whole[k : k + 3]}"
        if self.phrases[i]:
            yield f"p{self.phrases[i]}"
            yield f"p{self.phrases[i]}|{form}"
        if owned(text):
            yield f"o|{form}"
