"""Reads the rule files once: the one file here with input and output."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from server.deid.models import Category, Tier

FOLDER = Path(__file__).parent / "rules"
FILES = (
    "fold",
    "macros",
    "words",
    "contacts",
    "numbers",
    "dates",
    "places",
    "names",
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
    at: Literal["A", "0", ""] = ""
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


class RuleFile(_Part):
    """Any of the rule files; all of them together have the same shape."""

    about: str = ""
    version: str = ""
    latin: list[tuple[int, int]] = Field(default_factory=list)
    fold: dict[str, str] = Field(default_factory=dict)
    drop: list[tuple[int, int]] = Field(default_factory=list)
    macros: dict[str, str] = Field(default_factory=dict)
    lists: dict[str, str] = Field(default_factory=dict)
    rules: list[RuleText] = Field(default_factory=list)
    allow: list[RuleText] = Field(default_factory=list)
    notes: list[RuleText] = Field(default_factory=list)
    say: Say = Say()


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule: `within` and `without` are the words its groups must (not) be.

    `lead`: the pattern begins with a group "pre" that is read but not part of the finding.
    `at`: a hint for speed, the same findings without it; matches begin only at a capital that
    begins a word ("A") or at a number ("0").
    """

    id: str
    category: Category
    tier: Tier
    pattern: re.Pattern[str]
    lead: bool
    case: bool
    at: Literal["A", "0", ""]
    say: str | None
    check: str | None
    within: tuple[tuple[str, frozenset[str]], ...]
    without: tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything a scan needs; immutable and shared."""

    version: str
    fold: Mapping[int, str]
    drop: frozenset[int]
    rules: tuple[Rule, ...]
    allow: tuple[Rule, ...]
    notes: tuple[Rule, ...]
    say: Say


def read_files() -> RuleFile:
    """Read and check all rule files and return them as one."""
    parts = [
        RuleFile.model_validate_json((FOLDER / f"{name}.json").read_text("utf-8"))
        for name in FILES
    ]
    return RuleFile(
        version=next(part.version for part in parts if part.version),
        latin=next(part.latin for part in parts if part.latin),
        fold=next(part.fold for part in parts if part.fold),
        drop=next(part.drop for part in parts if part.drop),
        macros={name: text for part in parts for name, text in part.macros.items()},
        lists={name: text for part in parts for name, text in part.lists.items()},
        rules=[rule for part in parts for rule in part.rules],
        allow=[rule for part in parts for rule in part.allow],
        notes=[rule for part in parts for rule in part.notes],
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
        code: unicodedata.normalize("NFD", chr(code))[0]
        for first, last in whole.latin
        for code in range(first, last + 1)
    }
    letters = {code: base for code, base in bases.items() if base.isascii()}
    return letters | {ord(c): plain for plain, chars in whole.fold.items() for c in chars}


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
        rule.at,
        rule.say,
        rule.check,
        words(rule.within),
        words(rule.without),
    )


@cache
def ruleset() -> Ruleset:
    """Return the compiled rules; read from disk on the first call only."""
    whole = read_files()
    return Ruleset(
        whole.version,
        _fold(whole),
        frozenset(c for first, last in whole.drop for c in range(first, last + 1)),
        tuple(_compile(rule, whole) for rule in whole.rules),
        tuple(_compile(rule, whole) for rule in whole.allow),
        tuple(_compile(rule, whole) for rule in whole.notes),
        whole.say,
    )


@cache
def browser_rules() -> str:
    """Return all rules as compact JSON for `compile()` of static/cases/deid-check.js."""
    parts = ("rules", "allow", "notes")
    whole = read_files().model_dump(
        mode="json",
        by_alias=True,
        exclude_defaults=True,
        exclude={"about": True} | {part: {"__all__": {"at"}} for part in parts},
    )
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
