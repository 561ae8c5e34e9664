"""What a recogniser of names adds to the check, where a house has installed one; pure.

The recogniser itself runs elsewhere (server.jobs.recognise) and may fail or be late: so nothing
that decides about a text depends on it. Its finds are of the review tier, rule `ner`: the check of
one text shows them (POST /api/deid/check), and the reviewer's second look.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from server.deid import load
from server.deid.lexicon import word_class
from server.deid.models import Finding, Note, ScanResult, Tier
from server.deid.tokens import tokens

RULE: Final = "ner"

KINDS: Final[Mapping[str, str]] = {
    "PERSON": "name",
    "PER": "name",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "ORG": "employer",
}
"""Labels of spaCy's models (OntoNotes and WikiNER) in the words of the word model; others say
nothing about 45 CFR 164.514(b)(2)(i)."""

_PLAIN = frozenset("123MKWE-")
_SIGNS = " \t\n.,;:()[]'\"-"


class Hit(NamedTuple):
    """What the recogniser named: code points of the text, and its own label."""

    start: int
    end: int
    label: str


Recognise = Callable[[str], Awaitable[Sequence[Hit]]]
"""Asks the recogniser for one text; gives nothing when it cannot say."""


async def nothing(_: str) -> Sequence[Hit]:
    """Stand in where there is no recogniser."""
    return ()


@dataclass(frozen=True, slots=True)
class _Named:
    start: int
    end: int
    kind: str


def _named(text: str, hits: Sequence[Hit], lang: str) -> list[_Named]:
    """Return the hits that name somebody or something, without signs at their ends.

    A hit of ordinary and medical words alone is left out: small models take every capitalised
    medicine for a company.
    """
    lexicon = load.lexicon(load.mode(lang))
    rules = load.ruleset()
    out = []
    for start, end, label in hits:
        kind = KINDS.get(label)
        if kind is None or not 0 <= start < end <= len(text):
            continue
        found = text[start:end]
        first = start + len(found) - len(found.lstrip(_SIGNS))
        last = end - len(found) + len(found.rstrip(_SIGNS))
        named = rules.scripts.unmasked(text[first:last])
        plain = "".join(rules.fold.get(ord(c), c) for c in named)
        words = [token.low for token in tokens(plain) if token.kind == "w"]
        if any(not set(word_class(word, lexicon)) <= _PLAIN for word in words):
            out.append(_Named(first, last, kind))
    return out


def _free(start: int, end: int, result: ScanResult) -> bool:
    return not any(f.start < end and start < f.end for f in result.findings)


def merged(text: str, result: ScanResult, hits: Sequence[Hit]) -> ScanResult:
    """Return the scan with what the recogniser found where the rules and the word model had nothing.

    Findings stay in order and never overlap; `result` must be the scan of `text`.
    """
    for hit in _named(text, hits, result.lang):
        if _free(hit.start, hit.end, result):
            words = load.ruleset().words[hit.kind]
            found = Finding(hit.start, hit.end, words.category, Tier.REVIEW, RULE, words.say)
            findings = sorted((*result.findings, found), key=lambda f: f.start)
            result = replace(result, findings=tuple(findings))
    return result


def looks(
    text: str, result: ScanResult, looks: Sequence[Note], hits: Sequence[Hit]
) -> tuple[Note, ...]:
    """Return a reviewer's second look with what the recogniser found besides, in order."""
    out = list(looks)
    for hit in _named(text, hits, result.lang):
        if _free(hit.start, hit.end, result) and not any(
            note.start < hit.end and hit.start < note.end for note in out
        ):
            out.append(Note(hit.start, hit.end, f"look.{hit.kind}"))
    return tuple(sorted(out, key=lambda note: (note.start, note.end)))
