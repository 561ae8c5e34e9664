"""Trains the word model of the Spanish and French modes: server/deid/rules/modes/model.json.

    python tests/tools/deid/train_modes.py OTHERS-FOLDER [--held FILE ...] [--out FILE]

As train.py, but each text is read in the mode of its language: with its word list, its cue words,
its way of joining words ("l'école"). One set of weights serves both languages. English texts
stand beside the others with a small weight: what a relation or a place before a name means does
not depend on the language, and there are many more of them.
"""

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from server.deid import load
from server.deid.reader import Reader
from tests.tools.deid import corpus, train

OUT = load.MODES / "model.json"


def read(text: corpus.Text) -> Reader:
    mode = load.mode(text.lang)
    plain, apart = train.plain(text.text), load.ruleset(mode).apart
    if apart:
        plain = apart.sub(lambda m: m[0][:-1] + " ", plain)
    return Reader(plain, load.lexicon(mode))


def pools_of(mode: str) -> dict[str, list[str]]:
    """Return given names, surnames and places to put in the place of others."""
    words = {
        w: set(f)
        for w, f in load.lexicon(mode).flags.items()
        if " " not in w and not set(f) & set("123K")
    }
    kinds = {"first": "Ff", "last": "Ll", "place": "Pp"}
    return {kind: sorted(w for w, f in words.items() if f & set(s)) for kind, s in kinds.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--held", nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cost", type=float, default=1.0)
    parser.add_argument("--odds", type=float, default=0.05)
    parser.add_argument("--code-odds", type=float, default=3)
    parser.add_argument("--swaps", type=int, default=7)
    parser.add_argument("--english", type=float, default=0.3)
    args = parser.parse_args()
    rng = random.Random(20261122)
    pools = {lang: pools_of(load.mode(lang)) for lang in ("en", *load.LANGUAGES)}
    words, codes = train.Examples(), train.Examples()
    for text, source in train.gather(args.folder, set(args.held)):
        home, own = load.mode(text.lang) != "", source == "ours"
        variants = [text]
        if home and own:
            variants += [train.swapped(text, rng, pools[text.lang]) for _ in range(args.swaps)]
            variants.append(train.cased(train.swapped(text, rng, pools[text.lang]), "l"))
            variants.append(train.cased(text, "l" if rng.random() < 0.5 else "u"))
        elif own or rng.random() < 0.3:
            variants.append(train.swapped(text, rng, pools[text.lang]))
        weight = 1.0 if home and own else 0.5 if home else args.english
        for variant in variants:
            words.add(
                train.examples([variant], rng, 0.0 if variant is text else 0.25, read), weight
            )
        if source not in train.FOREIGN:
            again = train.renumbered(text, rng, own=own)
            codes.add(train.numbered(again, load.mode(text.lang)), weight)
    found = train.fit(words, cost=args.cost, odds=args.odds) | {
        "codes": train.fit_codes(codes, args.code_odds)
    }
    args.out.write_text(json.dumps(found, separators=(",", ":"), sort_keys=True) + "\n")
    facts = {"words": words.facts(), "codes": codes.facts(), "bytes": args.out.stat().st_size}
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
