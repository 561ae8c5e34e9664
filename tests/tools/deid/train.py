"""Trains the word model of the identifier check: server/deid/model.json.

    python tests/tools/deid/train.py OTHERS-FOLDER [--held FILE ...] [--out FILE]

Not part of the product; run when texts or features change. Needs scikit-learn and numpy. Reads our
own texts (tests/corpora/deid/*.txt but blind*.txt) and, for variety, the corpora of other people in
OTHERS-FOLDER. Every text is also read with other names and places in it, in lower case and in
capitals, so that the model learns surroundings and not these names. `--held` leaves files out.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from server.deid import tagger
from server.deid.codes import Numbers
from server.deid.lexicon import nature
from server.deid.load import lexicon, ruleset
from server.deid.reader import Reader
from tests.tools.deid import corpus

VECTORS = Path(__file__).parents[2] / "vectors" / "deid"
OUT = Path(__file__).parents[3] / "server" / "deid" / "model.json"
KIND = {"name": "name", "geography": "place", "other": "employer"}
SCALE = 32
SWAPS = 5
"""How often a text of ours is read with other names in it."""
CODES = corpus.NUMBERS - {"age_over_89", "url", "ip"} | {"other"}
NOT_CODES = frozenset({"age_over_89", "name", "geography"})
"""What numbers may belong to without being told by them."""


def plain(text: str) -> str:
    rules = ruleset()
    return "".join(
        rules.fold.get(ord(c), c) if ord(c) not in rules.drop else "\u00ad" for c in text
    )


def swapped(text: corpus.Text, rng: random.Random, pools: dict[str, list[str]]) -> corpus.Text:
    """Put other names and places into a text; what is not a plain word stays."""
    out, spans, position = [], [], 0
    length = 0
    for span in sorted(text.spans, key=lambda s: s.start):
        if span.start < position:
            continue
        before = text.text[position : span.start]
        inner = text.text[span.start : span.end]
        if span.category in KIND:
            inner = " ".join(new_word(w, span.category, rng, pools) for w in inner.split(" "))
        out += [before, inner]
        length += len(before)
        spans.append(corpus.Span(length, length + len(inner), span.category))
        length += len(inner)
        position = span.end
    out.append(text.text[position:])
    return corpus.Text(text.id, text.lang, "".join(out), tuple(spans))


KEPT = set("123MWKE")


def new_word(word: str, category: str, rng: random.Random, pools: dict[str, list[str]]) -> str:
    core = word.strip(".,'\"()")
    cls = lexicon().flags.get(core.lower(), "?")
    if (
        not core.isalpha()
        or len(core) < 3
        or (set(cls) & KEPT and category != "name")
        or rng.random() < 0.15
    ):
        return word
    if cls in ("1", "2", "3", "K", "M", "E"):
        return word
    pick = rng.random()
    if pick < 0.25:
        new = made_up(rng)
    elif category == "name":
        new = rng.choice(pools["first" if pick < 0.65 else "last"])
    elif category == "geography":
        new = rng.choice(pools["place" if pick < 0.85 else "last"])
    else:
        new = rng.choice(pools["last" if pick < 0.7 else "place"])
    new = new.upper() if core.isupper() else new.capitalize() if core[0].isupper() else new
    return word.replace(core, new)


SYLLABLES = [
    "ba",
    "be",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "fa",
    "fe",
    "ga",
    "gi",
    "go",
    "ha",
    "hi",
    "ho",
    "ja",
    "jo",
    "ka",
    "ke",
    "ki",
    "ko",
    "ku",
    "la",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "me",
    "mi",
    "mo",
    "mu",
    "na",
    "ne",
    "ni",
    "no",
    "nu",
    "nya",
    "nye",
    "pa",
    "pe",
    "ra",
    "re",
    "ri",
    "ro",
    "ru",
    "sa",
    "se",
    "shi",
    "so",
    "su",
    "ta",
    "te",
    "ti",
    "to",
    "tu",
    "tra",
    "wa",
    "we",
    "xo",
    "ya",
    "yo",
    "za",
    "ze",
    "zi",
    "zo",
    "qua",
]
ENDS = [
    "n",
    "s",
    "r",
    "l",
    "th",
    "m",
    "",
    "",
    "",
    "",
    "ng",
    "tz",
    "ck",
    "ville",
    "ton",
    "yah",
    "well",
    "dale",
    "vac",
    "sky",
]


def made_up(rng: random.Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))) + rng.choice(ENDS)


def english(text: corpus.Text) -> Reader:
    return Reader(plain(text.text), lexicon())


def examples(
    texts: list[corpus.Text],
    rng: random.Random,
    forget: float,
    read: Callable[[corpus.Text], Reader] = english,
) -> tuple[list[list[str]], list[str]]:
    """Return features and labels; `forget` is the share of listed words read as unknown."""
    rows, labels = [], []
    for text in texts:
        reader = read(text)
        lost: dict[str, bool] = {}
        for i, token in enumerate(reader.tokens):
            flags = set(reader.classes[i])
            rare = token.kind == "w" and flags & set("MFfLlPpW") and not flags & set("123KE")
            if rare and lost.setdefault(token.low, rng.random() < forget):
                reader.classes[i] = "?"
                reader.natures[i] = nature("?")
        gold = {}
        for span in text.spans:
            for i in range(span.start, span.end):
                gold[i] = span.category
        previous = ""
        for i, token in enumerate(reader.tokens):
            category = gold.get(token.start) or gold.get((token.start + token.end) // 2)
            kind = KIND.get(category or "", "")
            skip = category is not None and not kind
            if (
                token.kind == "w"
                and not skip
                and (reader.candidate(i, previous) or (kind and reader.candidate(i, kind)))
            ):
                rows.append(list(reader.features(i, previous)))
                labels.append(kind)
            previous = kind or (previous if reader.joins(i) else "")
    return rows, labels


def redigited(text: corpus.Text, rng: random.Random) -> corpus.Text:
    """Put other digits into planted numbers; noughts stay, and dates."""
    out = list(text.text)
    for span in text.spans:
        if span.category in CODES:
            for i in range(span.start, span.end):
                if out[i] in "123456789":
                    out[i] = rng.choice("123456789")
    return corpus.Text(text.id, text.lang, "".join(out), text.spans)


def renumbered(text: corpus.Text, rng: random.Random, *, own: bool) -> list[corpus.Text]:
    """Return a text and what it would be with other numbers, in small letters, in capitals."""
    out = [text]
    if any(span.category in CODES for span in text.spans):
        out += [redigited(text, rng), redigited(text, rng)]
    if own and rng.random() < 0.5:
        out.append(cased(text, "l" if rng.random() < 0.6 else "u"))
    return out


def numbered(texts: list[corpus.Text], mode: str = "") -> tuple[list[list[str]], list[str]]:
    """Return features and labels ("code", "date" or "") of the numbers of these texts."""
    rows, labels = [], []
    for text in texts:
        numbers = Numbers(plain(text.text), lexicon(mode))
        gold = {i: s.category for s in text.spans for i in range(s.start, s.end)}
        for i, piece in enumerate(numbers.found):
            category = gold.get(piece.start) or gold.get((piece.start + piece.end) // 2)
            if numbers.candidate(i) and category not in NOT_CODES:
                rows.append(list(numbers.features(i)))
                labels.append("" if category is None else "date" if category == "date" else "code")
    return rows, labels


def lines() -> list[corpus.Text]:
    """Return the vectors as texts: short lines, many of them of numbers that tell nothing."""
    found = []
    for file in sorted(VECTORS.glob("*.json")):
        for case in json.loads(file.read_text("utf-8"))["cases"]:
            spans = [corpus.Span(f["start"], f["end"], f["category"]) for f in case["findings"]]
            found.append(corpus.Text("", case.get("lang", "en"), case["text"], tuple(spans)))
    return [text for text in found if text.lang == "en"]


def cased(text: corpus.Text, how: str) -> corpus.Text:
    changed = text.text.lower() if how == "l" else text.text.upper()
    return (
        corpus.Text(text.id, text.lang, changed, text.spans)
        if len(changed) == len(text.text)
        else text
    )


def gather(folder: Path, held: set[str]) -> list[tuple[corpus.Text, str]]:
    found = []
    for file in sorted(corpus.HERE.glob("*.txt")):
        if file.stem not in held and not file.stem.startswith("blind"):
            found += [(t, "ours") for t in corpus.ours(file)]
    for name in ("asq_dev", "mts_clean", "meddocan_dev40_es", "presidio_dev"):
        if name not in held and (folder / f"{name}.json").exists():
            texts = corpus.theirs(folder / f"{name}.json")
            if name == "presidio_dev":
                texts = [t for t in texts if all(s.category != "geography" for s in t.spans)]
            found += [(t, name) for t in texts]
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--held", nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cost", type=float, default=0.5)
    parser.add_argument("--odds", type=float, default=0.05)
    parser.add_argument("--code-odds", type=float, default=3)
    args = parser.parse_args()
    rng = random.Random(20261122)
    words = lexicon().flags
    pools = {
        "first": sorted(
            w
            for w, f in words.items()
            if " " not in w and set(f) & set("Ff") and not set(f) & set("123K")
        ),
        "last": sorted(
            w
            for w, f in words.items()
            if " " not in w and set(f) & set("Ll") and not set(f) & set("123K")
        ),
        "place": sorted(
            w
            for w, f in words.items()
            if " " not in w and set(f) & set("Pp") and not set(f) & set("123K")
        ),
    }
    words = Examples()
    codes = Examples()
    for text, source in gather(args.folder, set(args.held)):
        own = source == "ours"
        home = own and text.lang == "en"
        weight = 1.0 if home else 0.35 if own or source == "presidio_dev" else 0.5
        for variant in variants(text, source, rng, pools):
            words.add(examples([variant], rng, 0.0 if variant is text else 0.25), weight)
        if text.lang == "en" and source not in FOREIGN:
            codes.add(numbered(renumbered(text, rng, own=own)), weight)
    codes.add(numbered(lines()), 1.0)
    found = fit(words, cost=args.cost, odds=args.odds) | {
        "codes": fit_codes(codes, args.code_odds)
    }
    args.out.write_text(json.dumps(found, separators=(",", ":"), sort_keys=True) + "\n")
    print(
        json.dumps(
            {"words": words.facts(), "codes": codes.facts(), "bytes": args.out.stat().st_size}
        )
    )


FOREIGN = frozenset({"presidio_dev", "meddocan_dev40_es"})
"""Other people's texts whose numbers are not marked as ours are."""


def variants(
    text: corpus.Text, source: str, rng: random.Random, pools: dict[str, list[str]]
) -> list[corpus.Text]:
    """Return a text and what it would be with other names, in small letters, in capitals."""
    own = source == "ours"
    out = [text]
    if own or source == "asq_dev":
        out.append(swapped(text, rng, pools))
    if own:
        out += [swapped(text, rng, pools) for _ in range(SWAPS)]
        out.append(cased(swapped(text, rng, pools), "l"))
        out.append(cased(text, "l" if rng.random() < 0.5 else "u"))
    elif rng.random() < 0.3 and source != "presidio_dev":
        out.append(cased(text, rng.choice("lu")))
    return out


class Examples:
    """Features, labels and weights of what a model learns from."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.labels: list[str] = []
        self.weights: list[float] = []

    def add(self, found: tuple[list[list[str]], list[str]], weight: float) -> None:
        self.rows += found[0]
        self.labels += found[1]
        self.weights += [weight] * len(found[0])

    def facts(self) -> dict[str, object]:
        return {"examples": len(self.rows), "labels": dict(Counter(self.labels))}

    def matrix(self) -> tuple[csr_matrix, list[str]]:
        """Return the features that stand in three examples at least, and their names."""
        counts = Counter(f for row in self.rows for f in set(row))
        names = sorted(f for f, n in counts.items() if n >= 3)
        column = {f: i for i, f in enumerate(names)}
        indices, indptr = [], [0]
        for row in self.rows:
            indices += sorted({column[f] for f in row if f in column})
            indptr.append(len(indices))
        ones = np.ones(len(indices), np.float32)
        return csr_matrix((ones, indices, indptr), shape=(len(self.rows), len(names))), names


def learnt(
    matrix: csr_matrix, labels: list[bool], weights: list[float], cost: float
) -> LogisticRegression:
    """Return a logistic regression with few features (L1)."""
    model = LogisticRegression(l1_ratio=1.0, solver="liblinear", C=cost, max_iter=300, tol=0.01)
    return model.fit(matrix, labels, sample_weight=weights)


def fit_codes(found: Examples, odds: float) -> dict[str, object]:
    """Train what tells numbers: whether one singles somebody out, and which of these are dates."""
    matrix, names = found.matrix()
    tells = learnt(matrix, [label != "" for label in found.labels], found.weights, 0.5)
    some = [i for i, label in enumerate(found.labels) if label]
    dates = learnt(
        matrix[some],
        [found.labels[i] == "date" for i in some],
        [found.weights[i] for i in some],
        0.3,
    )
    whole = np.rint(np.stack([tells.coef_[0], dates.coef_[0]], 1) * SCALE).astype(int)
    return {
        "limit": round((np.log(odds) - tells.intercept_[0]) * SCALE),
        "base": round(dates.intercept_[0] * SCALE),
        "weights": {f: [int(v) for v in whole[i]] for i, f in enumerate(names) if whole[i].any()},
    }


def fit(found: Examples, *, cost: float, odds: float) -> dict[str, object]:
    """Train what tells words: whether one names anything, and each kind."""
    matrix, names = found.matrix()
    result = np.zeros((len(names), 4))
    base = []
    for k, kind in enumerate(("", *tagger.KINDS)):
        model = learnt(
            matrix,
            [label != "" if k == 0 else label == kind for label in found.labels],
            found.weights,
            cost if k == 0 else 0.2,
        )
        result[:, k] = model.coef_[0]
        base.append(round(model.intercept_[0] * SCALE))
    # the odds at which a word counts: a missed name costs more than a question to the author
    whole = np.rint(result * SCALE).astype(int)
    return {
        "limit": -base[0] + round(np.log(odds) * SCALE),
        "second": -base[0] + round(np.log(odds / 8) * SCALE),
        "again": 2 * SCALE,
        "beside": 2 * SCALE,
        "base": base[1:],
        "weights": {f: [int(v) for v in whole[i]] for i, f in enumerate(names) if whole[i].any()},
    }


if __name__ == "__main__":
    main()
