"""Reads a text for identifiers: pure, linear in its length, silent about what it saw.

Rules read the *plain view*: one ASCII character for each character that has one (é → e, ’ → '),
invisible characters left out, with the way back to code points. So one set of patterns means the
same in Python and in the browser, and a zero-width blank inside a phone number hides nothing.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from string import ascii_uppercase

from server.deid import dates, load, suggest, tagger
from server.deid.load import Rule, Ruleset, ruleset
from server.deid.models import Finding, Note, ScanResult, Tier, fingerprint
from server.deid.reader import Reader

_WORD = re.compile(r"[A-Za-z]*")
_UPPER = re.compile(r"[A-Z]+")
_LOW_WORD = re.compile(r"[a-z]+")
_LETTER = re.compile(r"[A-Za-z0-9]")
_SENTENCE_END = ".!?\n"


@dataclass(frozen=True, slots=True)
class _View:
    raw: str
    plain: str
    low: str
    origin: Sequence[int]
    words: frozenset[str]
    starts: Sequence[Sequence[int] | None]
    """For each rule, clinical phrase and note the offsets where it can begin; None: anywhere."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Turn offsets in the plain view into code points of the text."""
        return self.origin[start], self.origin[end]


def _view(text: str, rules: Ruleset) -> _View:
    if text.isascii() and not any(c in text for c in "\t\r\x0b\x0c"):  # all that fold.json has
        plain, low = text, text.lower()
        origin: Sequence[int] = range(len(text) + 1)
    else:
        kept = [i for i, c in enumerate(text) if ord(c) not in rules.drop]
        plain = "".join(rules.fold.get(ord(text[i]), text[i]) for i in kept)
        low = _UPPER.sub(lambda m: m[0].lower(), plain)
        origin = [*kept, len(text)]
    words = frozenset(_LOW_WORD.findall(low))
    return _View(text, plain, low, origin, words, rules.index.starts(plain))


def _search(
    rule: Rule, starts: Sequence[int] | None, source: str, position: int
) -> re.Match[str] | None:
    """Return the first match at or after `position`."""
    if starts is None:
        return rule.pattern.search(source, position)
    for index in range(bisect_left(starts, position), len(starts)):
        m = rule.pattern.match(source, starts[index])
        if m is not None:
            return m
    return None


def _allowed(rule: Rule, m: re.Match[str]) -> bool:
    """Say whether the groups are among the words they must be, and not among the others."""
    return all((m[group] or "").lower() in words for group, words in rule.within) and not any(
        (m[group] or "").lower() in words for group, words in rule.without
    )


def _suggestion(
    view: _View,
    span: tuple[int, int],
    rule: Rule,
    groups: Mapping[str, str | None],
    *,
    when: dates.When | None,
    rules: Ruleset,
    today: date | None,
) -> str | None:
    if rule.say is None:
        return None
    start, end = span
    first, last = view.span(start, end)
    raw = view.raw[first:last]
    kept = view.raw[first : view.origin[start + len(groups.get("t") or "")]]
    words = suggest.replacement(
        rule.say, raw, groups, rules.say, kept=kept, when=when, today=today
    )
    before = start - 1
    while before >= 0 and view.plain[before] == " ":
        before -= 1
    opens = before < 0 or view.plain[before] in _SENTENCE_END
    if opens and view.plain[start] in ascii_uppercase:
        words = words[:1].upper() + words[1:]
    return words


def _matches(
    view: _View, order: int, rules: Ruleset, lang: str, today: date | None
) -> list[tuple[int, int, str | None]]:
    """Return (start, end, suggestion) in the plain view for every place where a rule holds."""
    out: list[tuple[int, int, str | None]] = []
    rule, starts = rules.rules[order], view.starts[order]
    if not starts and starts is not None:
        return out
    if any(view.words.isdisjoint(words) for _, words in rule.within):
        return out
    source = view.plain if rule.case else view.low
    if rule.has is not None and rule.has.search(source) is None:
        return out
    position = 0
    while (m := _search(rule, starts, source, position)) is not None:
        start = m.end("pre") if rule.lead and m["pre"] else m.start()
        end = m.end()
        holds = _allowed(rule, m)
        groups: dict[str, str | None] = m.groupdict() if holds else {}
        when = None
        if holds and rule.check:
            first = ""
            if word := groups.get("mon"):
                first = view.plain[source.index(word, start)]
            elif word := groups.get("x"):
                first = view.plain[source.rindex(word, start, end)]
            capital = first != "" and first in ascii_uppercase
            when = dates.read(
                rule.check,
                groups,
                view.low[start:end],
                rules.say,
                capital=capital,
                lang=lang,
                today=today,
            )
            holds = when is not None
        if holds:
            words = _suggestion(
                view, (start, end), rule, groups, when=when, rules=rules, today=today
            )
            out.append((start, end, words))
            position = end
        else:
            # try again after the first word, so that a wrong start does not hide a right one
            word_end = _WORD.match(source, start)
            position = max(word_end.end() if word_end else 0, start + 1)
    return out


def _spans(view: _View, rules: Sequence[Rule], first: int) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, id) of every match; `first` is the number of the first of these rules."""
    for number, rule in enumerate(rules, first):
        source = view.plain if rule.case else view.low
        position = 0
        while (m := _search(rule, view.starts[number], source, position)) is not None:
            yield m.start(), m.end(), rule.id
            position = m.end()


def _reach(view: _View, rules: Ruleset) -> list[int]:
    """For each offset, how far the clinical phrases reach that begin there or before."""
    reach = [0] * (len(view.plain) + 1)
    for start, end, _ in _spans(view, rules.allow, len(rules.rules)):
        reach[start] = max(reach[start], end)
    return list(accumulate(reach, max))


def _worded(view: _View, rules: Ruleset, reach: Sequence[int], taken: bytearray) -> list[Finding]:
    """Return what the word model finds where no rule has found anything."""
    reader = Reader(view.plain, load.lexicon())
    out = []
    for start, end, kind in tagger.spans(reader, tagger.tag(reader, load.model())):
        if reach[start] >= end:
            continue
        rule = rules.words[kind]
        position = start
        while position < end:
            last = position
            while last < end and not taken[last]:
                last += 1
            piece = view.plain[position:last]
            if _LETTER.search(piece):
                first = position + len(piece) - len(piece.lstrip(" ,.-"))
                a, b = view.span(first, position + len(piece.rstrip(" ,.-")))
                out.append(Finding(a, b, rule.category, Tier.REVIEW, rule.id, rule.say))
            position = last + 1
    return out


def scan(text: str, lang: str = "en", today: date | None = None) -> ScanResult:
    """Return what the rules find in `text`: findings that do not overlap, in order.

    `today` turns dates into "3 weeks ago"; without it a date becomes its year. `lang` decides
    whether 3/4 is read month first ("en") or day first (any other). Where findings overlap, the
    blocking one stays, then the longer one, then the rule that stands first in the files.
    """
    rules = ruleset()
    view = _view(text, rules)
    reach = _reach(view, rules)
    found: list[tuple[bool, int, int, int, Rule, str | None]] = []
    for order, rule in enumerate(rules.rules):
        for start, end, words in _matches(view, order, rules, lang, today):
            if reach[start] < end:
                review = rule.tier is Tier.REVIEW
                found.append((review, start - end, order, start, rule, words))
    taken = bytearray(len(view.plain))
    findings = []
    for _, minus_length, _, start, rule, words in sorted(found, key=lambda f: f[:4]):
        end = start - minus_length
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            first, last = view.span(start, end)
            findings.append(Finding(first, last, rule.category, rule.tier, rule.id, words))
    findings += _worded(view, rules, reach, taken)
    findings.sort(key=lambda f: f.start)
    behind = len(rules.rules) + len(rules.allow)
    notes = sorted((*view.span(a, b), name) for a, b, name in _spans(view, rules.notes, behind))
    return ScanResult(
        fingerprint(text), rules.version, tuple(findings), tuple(Note(*n) for n in notes)
    )


def second_look(text: str, result: ScanResult) -> tuple[Note, ...]:
    """Return what a reviewer may look at twice: words just below the limit of the word model.

    `result` is the scan of this text; what it found is left out. Never shown to authors: most of
    these are nothing (deidentification.md, "high-recall second look").
    """
    view = _view(text, ruleset())
    reader = Reader(view.plain, load.lexicon())
    model = load.model()
    found = []
    for start, end, kind in tagger.spans(reader, tagger.tag(reader, model, model.second)):
        first, last = view.span(start, end)
        if not any(f.start < last and first < f.end for f in result.findings):
            found.append(Note(first, last, f"look.{kind}"))
    return tuple(found)


def scan_fields(
    fields: Mapping[str, str], lang: str = "en", today: date | None = None
) -> dict[str, ScanResult]:
    """Scan every field by itself."""
    return {name: scan(text, lang, today) for name, text in fields.items()}
