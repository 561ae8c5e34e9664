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
from server.deid.lexicon import nature
from server.deid.load import lexicon, ruleset
from server.deid.reader import Reader
from tests.tools.deid import corpus

OUT = Path(__file__).parents[3] / "server" / "deid" / "model.json"
KIND = {"name": "name", "geography": "place", "other": "employer"}
SCALE = 32


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
    parser.add_argument("--odds", type=float, default=0.14)
    parser.add_argument("--swaps", type=int, default=5)
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
    rows: list[list[str]] = []
    labels: list[str] = []
    weights: list[float] = []
    for text, source in gather(args.folder, set(args.held)):
        own = source == "ours"
        variants = [text]
        if own or source == "asq_dev":
            variants.append(swapped(text, rng, pools))
        if own:
            variants += [swapped(text, rng, pools) for _ in range(args.swaps)]
            variants.append(cased(swapped(text, rng, pools), "l"))
            variants.append(cased(text, "l" if rng.random() < 0.5 else "u"))
        elif rng.random() < 0.3 and source != "presidio_dev":
            variants.append(cased(text, rng.choice("lu")))
        for variant in variants:
            found, kinds = examples([variant], rng, 0.0 if variant is text else 0.25)
            rows += found
            labels += kinds
            weights += [1.0 if own else 0.35 if source == "presidio_dev" else 0.5] * len(found)
    fit(args.out, rows, labels, weights, cost=args.cost, odds=args.odds)


def fit(
    out: Path,
    rows: list[list[str]],
    labels: list[str],
    weights: list[float],
    *,
    cost: float,
    odds: float,
) -> None:
    """Train on these examples and write the weights to `out`."""
    counts = Counter(f for row in rows for f in row)
    names = sorted(f for f, n in counts.items() if n >= 3)
    column = {f: i for i, f in enumerate(names)}
    indices, indptr = [], [0]
    for row in rows:
        indices += sorted({column[f] for f in row if f in column})
        indptr.append(len(indices))
    matrix = csr_matrix(
        (np.ones(len(indices), np.float32), indices, indptr), shape=(len(rows), len(names))
    )
    result = np.zeros((len(names), 4))
    base = []
    for k, kind in enumerate(("", *tagger.KINDS)):
        model = LogisticRegression(
            l1_ratio=1.0,
            solver="liblinear",
            C=cost if k == 0 else 0.2,
            max_iter=200,
            tol=0.01,
        )
        model.fit(
            matrix,
            [label != "" if k == 0 else label == kind for label in labels],
            sample_weight=weights,
        )
        result[:, k] = model.coef_[0]
        base.append(round(model.intercept_[0] * SCALE))
    # the odds at which a word counts: a missed name costs more than a question to the author
    limit = -base[0] + round(np.log(odds) * SCALE)
    second = -base[0] + round(np.log(odds / 8) * SCALE)
    whole = np.rint(result * SCALE).astype(int)
    kept = {f: [int(v) for v in whole[i]] for i, f in enumerate(names) if whole[i].any()}
    out.write_text(
        json.dumps(
            {
                "limit": limit,
                "second": second,
                "again": 2 * SCALE,
                "beside": 2 * SCALE,
                "base": base[1:],
                "weights": kept,
            },
            separators=(",", ":"),
            sort_keys=True,
        )
        + "\n"
    )
    print(
        json.dumps(
            {
                "examples": len(rows),
                "labels": dict(Counter(labels)),
                "features": len(names),
                "kept": len(kept),
                "bytes": out.stat().st_size,
            }
        )
    )


if __name__ == "__main__":
    main()
