"""Reads the rule files once: the one file here with input and output."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from pydantic import BaseModel, ConfigDict, Field

from server.deid.begin import LONGEST, Index, begin
from server.deid.codes import CodeModel
from server.deid.lexicon import Lexicon
from server.deid.models import Category, Tier
from server.deid.scripts import Scripts, scripts_of
from server.deid.tagger import Model

FOLDER = Path(__file__).parent / "rules"
WORDS = FOLDER.parent / "lexicon.txt.br"
WEIGHTS = FOLDER.parent / "model.json"
MODES = FOLDER / "modes"
LANGUAGES = ("es", "fr")
"""Languages with a mode of their own; every other text is read as English."""
FILES = (
    "fold",
    "macros",
    "words",
    "contacts",
    "numbers",
    "dates",
    "places",
    "names",
    "cues",
    "reading",
    "languages",
    "allow",
    "notes",
    "say",
)
"""In this order; where two findings tie, the rule that stands first wins."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RuleText(_Part):
    """One rule as it stands in a file; `re` may name macros as {{name}}."""

    id: str
    re: str
    category: Category = Category.OTHER
    tier: Tier = Tier.REVIEW
    case: bool = False
    has: str = ""
    say: str | None = None
    check: str | None = None
    within: dict[str, str] = Field(default_factory=dict, alias="in")
    without: dict[str, str] = Field(default_factory=dict, alias="not")


class Say(_Part):
    """Words the suggestions need."""

    titles: dict[str, str] = Field(default_factory=dict)
    title: str = ""
    months: dict[str, int] = Field(default_factory=dict)
    unsure: list[str] = Field(default_factory=list)


class WordText(_Part):
    """What the word model's findings of one kind are called and what to say instead."""

    id: str
    category: Category
    say: str


class RuleFile(_Part):
    """Any of the rule files; all of them together have the same shape."""

    about: str = ""
    version: str = ""
    latin: list[tuple[int, int]] = Field(default_factory=list)
    digits: str = ""
    fold: dict[str, str] = Field(default_factory=dict)
    drop: list[tuple[int, int]] = Field(default_factory=list)
    alike: dict[str, str] = Field(default_factory=dict)
    scripts: dict[str, list[tuple[int, int]]] = Field(default_factory=dict)
    macros: dict[str, str] = Field(default_factory=dict)
    lists: dict[str, str] = Field(default_factory=dict)
    rules: list[RuleText] = Field(default_factory=list)
    allow: list[RuleText] = Field(default_factory=list)
    notes: list[RuleText] = Field(default_factory=list)
    words: dict[str, WordText] = Field(default_factory=dict)
    cues: dict[str, str] = Field(default_factory=dict)
    sets: dict[str, str] = Field(default_factory=dict)
    say: Say = Say()
    leave: list[str] = Field(default_factory=list)
    """In a mode: ids of rules that are not read in this language."""
    apart: str = ""
    """In a mode: where the word model reads a blank for the last sign ("d'Amiens")."""
    medical: str = ""
    """In a mode: unknown words that are medical by their ending."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule: `within` and `without` are the words its groups must (not) be.

    `lead`: the pattern begins with a group "pre" that is read but not part of the finding.
    `has`: a hint for speed; a text in which this is not found holds no match.
    """

    id: str
    category: Category
    tier: Tier
    pattern: re.Pattern[str]
    lead: bool
    case: bool
    has: re.Pattern[str] | None
    say: str | None
    check: str | None
    within: tuple[tuple[str, frozenset[str]], ...]
    without: tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything a scan needs; immutable and shared."""

    version: str
    mode: str
    fold: Mapping[int, str]
    drop: frozenset[int]
    scripts: Scripts
    rules: tuple[Rule, ...]
    allow: tuple[Rule, ...]
    notes: tuple[Rule, ...]
    words: Mapping[str, WordText]
    say: Say
    apart: re.Pattern[str] | None
    index: Index
    """Which of rules, allow and notes (numbered in this order) can begin where; only for speed."""


def mode(lang: str) -> str:
    """Return the mode for texts in `lang` (a BCP 47 tag): "es", "fr", or "" for every other."""
    short = re.split("[-_]", lang.lower(), maxsplit=1)[0]
    return short if short in LANGUAGES else ""


def _digest() -> str:
    """Return a short hash of everything that decides an answer: rules, words and weights."""
    hashed = hashlib.sha256()
    for file in (*sorted(FOLDER.glob("*.json")), *sorted(MODES.iterdir()), WORDS, WEIGHTS):
        hashed.update(file.read_bytes())
    return hashed.hexdigest()[:8]


def read_files(mode: str = "") -> RuleFile:
    """Read and check all rule files, with those of a mode, and return them as one."""
    parts = [
        RuleFile.model_validate_json((FOLDER / f"{name}.json").read_text("utf-8"))
        for name in FILES
    ]
    whole = _whole(parts)
    return _moded(whole, mode) if mode else whole


def _moded(whole: RuleFile, mode: str) -> RuleFile:
    """Return the rules as a mode reads them: its own stand first, its lists are added."""
    own = RuleFile.model_validate_json((MODES / f"{mode}.json").read_text("utf-8"))
    lists = {name: text.split() for name, text in whole.lists.items()}
    for name, text in own.lists.items():
        lists[name] = list(dict.fromkeys([*lists.get(name, ()), *text.split()]))
    return whole.model_copy(
        update={
            "macros": whole.macros | own.macros,
            "lists": {name: " ".join(words) for name, words in lists.items()},
            "rules": [*own.rules, *(rule for rule in whole.rules if rule.id not in own.leave)],
            "allow": [*own.allow, *whole.allow],
            "notes": [*own.notes, *whole.notes],
            "cues": own.cues,
            "apart": own.apart,
            "medical": own.medical,
        }
    )


def _whole(parts: list[RuleFile]) -> RuleFile:
    return RuleFile(
        version=f"{next(part.version for part in parts if part.version)}+{_digest()}",
        latin=next(part.latin for part in parts if part.latin),
        digits=next(part.digits for part in parts if part.digits),
        fold=next(part.fold for part in parts if part.fold),
        drop=next(part.drop for part in parts if part.drop),
        alike=next(part.alike for part in parts if part.alike),
        scripts=next(part.scripts for part in parts if part.scripts),
        macros={name: text for part in parts for name, text in part.macros.items()},
        lists={name: text for part in parts for name, text in part.lists.items()},
        rules=[rule for part in parts for rule in part.rules],
        allow=[rule for part in parts for rule in part.allow],
        notes=[rule for part in parts for rule in part.notes],
        words={kind: text for part in parts for kind, text in part.words.items()},
        cues={kind: words for part in parts for kind, words in part.cues.items()},
        sets={name: words for part in parts for name, words in part.sets.items()},
        say=next(part.say for part in parts if part.say.title),
    )


def expand(pattern: str, macros: Mapping[str, str]) -> str:
    """Replace {{name}} until none is left; an unknown name is a KeyError when rules load."""
    while "{{" in pattern:
        pattern = re.sub(r"\{\{(\w+)\}\}", lambda m: macros[m[1]], pattern)
    return pattern


def _fold(whole: RuleFile) -> dict[int, str]:
    """Return the plain reading of every character that has one."""
    bases = {
        code: unicodedata.normalize("NFKD", chr(code))[0]
        for first, last in whole.latin
        for code in range(first, last + 1)
    }
    letters = {code: base for code, base in bases.items() if base.isascii()}
    digits = {ord(zero) + n: str(n) for zero in whole.digits for n in range(10)}
    return letters | digits | {ord(c): plain for plain, chars in whole.fold.items() for c in chars}


def _compile(rule: RuleText, whole: RuleFile) -> Rule:
    def words(groups: dict[str, str]) -> tuple[tuple[str, frozenset[str]], ...]:
        return tuple(
            (group, frozenset(w for name in names.split(",") for w in whole.lists[name].split()))
            for group, names in groups.items()
        )

    # JavaScript writes a named group (?<name>…), Python (?P<name>…)
    python = re.sub(r"\(\?<([a-z])", r"(?P<\1", expand(rule.re, whole.macros))
    pattern = re.compile(python, re.ASCII)
    unknown = {*rule.within, *rule.without} - set(pattern.groupindex)
    if unknown:
        raise ValueError(f"rule {rule.id} names groups its pattern lacks: {sorted(unknown)}")
    return Rule(
        rule.id,
        rule.category,
        rule.tier,
        pattern,
        "pre" in pattern.groupindex,
        rule.case,
        re.compile(rule.has, re.ASCII) if rule.has else None,
        rule.say,
        rule.check,
        words(rule.within),
        words(rule.without),
    )


@cache
def ruleset(mode: str = "") -> Ruleset:
    """Return the compiled rules of a mode; read from disk on the first call only."""
    whole = read_files(mode)
    every = (*whole.rules, *whole.allow, *whole.notes)
    return Ruleset(
        whole.version,
        mode,
        _fold(whole),
        frozenset(c for first, last in whole.drop for c in range(first, last + 1)),
        scripts_of(whole.scripts, whole.alike),
        tuple(_compile(rule, whole) for rule in whole.rules),
        tuple(_compile(rule, whole) for rule in whole.allow),
        tuple(_compile(rule, whole) for rule in whole.notes),
        whole.words,
        whole.say,
        re.compile(whole.apart, re.ASCII) if whole.apart else None,
        Index(
            [(rule.case, begin(expand(rule.re, whole.macros), case=rule.case)) for rule in every]
        ),
    )


@cache
def lexicon(mode: str = "") -> Lexicon:
    """Return the frozen word list (tests/tools/deid/build_lexicon.py says what the flags mean).

    A mode's list lies over the common one: what it says of a word is all there is to say.
    """
    found: dict[str, str] = dict(lexicon().flags) if mode else {}
    for line in brotli.decompress(packed_words(mode)).decode("ascii").splitlines():
        flags, _, listed = line.partition(":")
        found.update(dict.fromkeys(listed.split(","), flags))
    whole = read_files(mode)
    cues: dict[str, str] = {}
    letters: dict[str, str] = {}
    for number, (kind, listed) in enumerate(sorted(whole.cues.items())):
        letters[kind] = chr(ord("a") + number)
        for word in listed.split():
            cues[word] = cues.get(word, "") + letters[kind]
    endings = "|".join(whole.sets["medical"].split())
    return Lexicon(
        flags=found,
        openers=frozenset(w.partition(" ")[0] for w in found if " " in w),
        cues=cues,
        site=letters["site"],
        sets={name: frozenset(listed.split()) for name, listed in whole.sets.items()},
        medical=re.compile(f".{{2,}}(?:{endings})$"),
        own=re.compile(whole.medical, re.ASCII) if whole.medical else None,
    )


def _weights(mode: str) -> str:
    """Return the file of weights: Spanish and French share theirs."""
    return (MODES / "model.json" if mode else WEIGHTS).read_text("ascii")


@cache
def model(mode: str = "") -> Model:
    """Return the weights of the word model (tests/tools/deid/train.py)."""
    read = json.loads(_weights(mode))
    weights = {name: (v[0], v[1], v[2], v[3]) for name, v in read["weights"].items()}
    first, second, third = read["base"]
    return Model(
        weights,
        read["limit"],
        read["second"],
        (first, second, third),
        read.get("again", 0),
        read.get("beside", 0),
    )


def _told(how: frozenset[str]) -> str:
    """Write beginnings as static/cases/deid-begin.js reads them: those that share all but the last
    of the most characters are one part, "mrn 0" for "mrn " and "mrn0".
    """
    shared: dict[str, str] = {}
    for piece in sorted(how):
        head = piece[: LONGEST - 1]
        shared[head] = shared.get(head, "") + piece[LONGEST - 1 :]
    return "\t".join(head + tails for head, tails in shared.items())


@cache
def code_model(mode: str = "") -> CodeModel | None:
    """Return the weights of the model of numbers; a mode has none."""
    read = json.loads(_weights(mode)).get("codes")
    if read is None:
        return None
    weights = {name: (v[0], v[1]) for name, v in read["weights"].items()}
    return CodeModel(weights, read["limit"], read["base"])


@cache
def browser_rules(mode: str = "") -> str:
    """Return all rules of a mode as JSON for `compile()` of static/cases/deid-check.js."""
    files = read_files(mode)
    whole = files.model_dump(
        mode="json",
        by_alias=True,
        exclude_defaults=True,
        exclude={"about": True},
    )
    begins = (
        begin(expand(rule.re, files.macros), case=rule.case)
        for rule in (*files.rules, *files.allow, *files.notes)
    )
    at = [how and _told(how) for how in begins]
    weights = json.loads(_weights(mode))
    return json.dumps(
        whole | {"at": at, "model": weights},
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )


def packed_words(mode: str = "") -> bytes:
    """Return the frozen word list, or what a mode lays over it, compressed with Brotli."""
    return (MODES / f"{mode}.txt.br" if mode else WORDS).read_bytes()


def rule_files() -> dict[str, str]:
    """Return the rules by the names under which browsers fetch them, one file a mode."""
    modes = {f"cases/deid-rules-{mode}.json": browser_rules(mode) for mode in LANGUAGES}
    return {"cases/deid-rules.json": browser_rules()} | modes


def word_files() -> dict[str, bytes]:
    """Return the packed word lists by the names under which browsers fetch them."""
    modes = {f"cases/deid-words-{mode}.txt": packed_words(mode) for mode in LANGUAGES}
    return {"cases/deid-words.txt": packed_words()} | modes


def warm(*modes: str) -> None:
    """Read everything now: else the first text that is checked would wait for it, half a second.

    Without `modes` what English texts need.
    """
    for mode in modes or ("",):
        ruleset(mode)
        lexicon(mode)
        model(mode)
        code_model(mode)
