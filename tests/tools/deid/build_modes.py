"""Builds the frozen word lists of the Spanish and French modes: server/deid/rules/modes/*.txt.br.

    python tests/tools/deid/build_modes.py FOLDER

Not part of the product and not run by its tests: the lists are built rarely and committed. Needs
wordfreq 3.1.1, and in FOLDER the npm packages an-array-of-spanish-words 2.0.0 and
an-array-of-french-words 2.0.0 as es.json and fr.json (their index.json). Hand-written additions
stand in words/mode_es.txt and words/mode_fr.txt. Sources and licences: VENDOR.md.

A list lies over the English one (server/deid/lexicon.txt.br) and says of each of its words anew
what it is, with the same flags (build_lexicon.py): mostly that it is an ordinary word of this
language, how common, and whether it is a name, too ("rosa", "pierre").
"""

import json
import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

import brotli
from wordfreq import top_n_list, zipf_frequency

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from server.deid.load import lexicon

HERE = Path(__file__).parent
OUT = Path(__file__).parents[3] / "server" / "deid" / "rules" / "modes"
LEAST = {"es": 2.0, "fr": 1.85}
"""Words rarer than this (Zipf scale) are left out: the list would not fit in 150 KB."""

WORD = re.compile(r"[a-z]{2,24}")
NAMES = frozenset("FfLlPp")


def fold(text: str) -> str:
    """Return the folded form, or "" when letters have none."""
    # one letter for each, as server/deid/rules/fold.json reads them
    text = text.lower().replace("œ", "o").replace("æ", "a").replace("ß", "s")
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain if plain.isascii() else ""


def relatives(word: str, lang: str) -> set[str]:
    """Return forms that a noun, an adjective or a verb would have beside this one."""
    out = {word + "s", word[:-1]} if word.endswith(("s", "n", "r")) else {word + "s"}
    if lang == "es":
        out |= {word + "es", word + "n", word + "r", word.removesuffix("es")}
        out |= {word[:-1] + vowel for vowel in "aoe"}
        if word.endswith("z"):
            out.add(word[:-1] + "ces")
    else:
        out |= {word + "x", word + "e", word.removesuffix("x"), word.removesuffix("e")}
        if word.endswith("er"):
            out.add(word[:-2] + "e")
    return out - {word}


def hand(lang: str) -> dict[str, set[str]]:
    """Return the words of a hand-written list with their flags: lines "flags: word word"."""
    out: dict[str, set[str]] = {}
    for line in (HERE / "words" / f"mode_{lang}.txt").read_text("utf-8").splitlines():
        flags, _, words = line.partition("#")[0].partition(":")
        for word in words.split():
            out.setdefault(fold(word), set()).update(flags.strip())
    return out


def build(lang: str, folder: Path) -> None:
    whole = json.loads((folder / f"{lang}.json").read_text("utf-8"))
    listed = {fold(word) for word in whole} | {fold(word.replace("oe", "œ")) for word in whole}
    common: dict[str, float] = {}
    for word in top_n_list(lang, 400_000, wordlist="large"):
        folded = fold(word)
        if WORD.fullmatch(folded):
            z = zipf_frequency(word, lang, "large")
            common[folded] = max(common.get(folded, 0.0), z)
            if "œ" in word:
                common[fold(word.replace("œ", "oe"))] = z
    base = lexicon().flags
    mine: dict[str, set[str]] = {}
    for word, z in common.items():
        if z < LEAST[lang] or word not in listed:
            continue
        flags = set(base.get(word, ""))
        band = "3" if z >= 4.6 else "2" if z >= 3.4 else "1"
        if flags & NAMES:
            kin = max(common.get(other, 0.0) for other in relatives(word, lang))
            if kin < z - 1.3 and not (z >= 5.2 and "F" not in flags):
                continue
            # a name that nobody thinks of when the word is common: "guardia", "coin"
            weak = flags & set("flp")
            flags -= weak if z >= 3.4 or not flags & set("FLP") else set()
        elif flags & set("3") and band != "3":
            continue
        if z >= 5.3:
            flags -= NAMES  # "del", "elle": what else they are in other languages says nothing
        mine[word] = (flags - set("123W")) | {band}
    for word, flags in hand(lang).items():
        mine[word] = flags
    groups: dict[str, list[str]] = defaultdict(list)
    for word, flags in mine.items():
        key = "".join(sorted(flags))
        if key != base.get(word):
            groups[key].append(word)
    lines = [f"{key}:{','.join(sorted(words))}" for key, words in sorted(groups.items())]
    out = OUT / f"{lang}.txt.br"
    out.write_bytes(brotli.compress("\n".join(lines).encode() + b"\n", quality=11, lgwin=22))
    sizes = {key: len(words) for key, words in sorted(groups.items(), key=lambda g: -len(g[1]))}
    print(
        json.dumps(
            {
                "lang": lang,
                "words": sum(sizes.values()),
                "bytes": out.stat().st_size,
                "groups": sizes,
            }
        )
    )


if __name__ == "__main__":
    for language in ("es", "fr"):
        build(language, Path(sys.argv[1]))
