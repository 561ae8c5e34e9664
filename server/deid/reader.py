"""Says what the word model asks about a word in its surroundings: the features of its weights.

The same steps as static/cases/deid-tagger.js. What the sets of words mean that stand in
rules/reading.json: `near`, after which an ordinary lower-case word may be a place ("from hope");
`placed`, after which a known word may be an employer ("works for Presbyterian"); `join`, which a
name of several words may have inside ("Our Lady of the Lake"); `passed`, signs between a cue and a
name ("her husband, Piet,").
"""

from collections.abc import Iterator

from server.deid.lexicon import Lexicon, nature, word_class
from server.deid.tokens import modes, owned, shape, tokens

_ENDS = frozenset(".!?;")
"""Signs that end a sentence."""
_SHORT = 4
"""Medical words up to this long are as often something else: "Dre", "Mo", "TB"."""


class Reader:
    """One text's words and what the model asks about them."""

    def __init__(self, plain: str, lexicon: Lexicon) -> None:
        self.tokens = tokens(plain)
        self.lexicon = lexicon
        self.classes = [
            word_class(t.low, lexicon) if t.kind == "w" else t.kind for t in self.tokens
        ]
        if lexicon.own:
            for i, token in enumerate(self.tokens):
                if self.classes[i] == "?" and lexicon.own.match(token.low):
                    self.classes[i] = "M"
        self.natures = [nature(cls) for cls in self.classes]
        self.modes = modes(self.tokens)
        self.phrases = self._phrases()
        self._quotes, self._titles = lexicon.sets["quotes"], lexicon.sets["titles"]
        self._sentence, self._passed = lexicon.sets["sentence"], lexicon.sets["passed"]
        self._placed, self._near = lexicon.sets["placed"], lexicon.sets["near"]
        self._join = lexicon.sets["join"]

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
        while j >= 0 and self.tokens[j].text in self._quotes:
            j -= 1
        if j < 0:
            return True
        before = self.tokens[j]
        if before.text == "." and j > 0:
            last = self.tokens[j - 1]
            if last.kind == "w" and (last.low in self._titles or len(last.text) == 1):
                return False
        return before.kind == "n" or before.text in self._sentence

    def candidate(self, i: int, previous: str) -> bool:
        """Say whether token i could name anything at all; everything else is never asked.

        `previous` is the kind given to the token before, "" for none.
        """
        token, found = self.tokens[i], self.natures[i]
        if token.kind != "w" or (found.medical and not previous and len(token.low) > _SHORT):
            return False
        if len(token.text) == 1:
            return bool(previous) and "A" <= token.text <= "Z"
        mixed = self.modes[i] == "m"
        if mixed and "A" <= token.text[0] <= "Z":
            if found.known and not previous and self.key(i - 1) not in self._placed:
                follows = i + 1 < len(self.tokens) and "K" not in self.classes[i + 1]
                return follows and self.look(i + 1) in {"Aa", "Ab"}
            return bool(previous) or not found.plain or not self.starts(i)
        if found.known or not found.odd:
            return bool(previous) and not found.known and not mixed
        near = i > 0 and self.tokens[i - 1].low in self._near
        return not found.common or bool(previous) or found.first or near

    def joins(self, i: int) -> bool:
        """Say whether token i may stand inside a name: a hyphen, "of the", an initial's point."""
        token = self.tokens[i]
        if token.kind == "w":
            return token.low in self._join or (len(token.text) == 1 and "A" <= token.text <= "Z")
        if token.text == "." and i:
            before = self.tokens[i - 1]
            short = len(before.text) == 1 or before.low in self._titles
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
            if token.kind == "." and token.text in self._passed and not sign:
                sign = token.text
                continue
            cue = self.lexicon.cues.get(token.low, "-") if token.kind == "w" else token.kind
            out.append(sign + cue)
            sign = ""
        return out[0], out[1]

    def cued(self, i: int) -> list[str]:
        """Return the kinds of cues among the six tokens before, in this sentence; "-" for none."""
        kinds: set[str] = set()
        for j in range(i - 1, max(-1, i - 7), -1):
            token = self.tokens[j]
            if token.kind == "n" or token.text in _ENDS:
                break
            if token.kind == "w":
                kinds.update(self.lexicon.cues.get(token.low, ""))
        return sorted(kinds) or ["-"]

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
        for cue in self.cued(i):
            yield f"Z{cue}|{form}"

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
