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

from server.deid import codes, dates, joined, languages, load, suggest, tagger
from server.deid.load import Rule, Ruleset, ruleset
from server.deid.models import Category, Finding, Note, ScanResult, Tier, fingerprint
from server.deid.reader import Reader
from server.deid.scripts import free

_WORD = re.compile(r"[A-Za-z]*")
_UPPER = re.compile(r"[A-Z]+")
_LOW_WORD = re.compile(r"[a-z]+")
_LETTER = re.compile(r"[A-Za-z0-9]")
_SENTENCE_END = ".!?\n"
_PIECE = re.compile(r"[a-z0-9]+|[^ ]", re.ASCII)
_ORDINAL = re.compile(r"[0-9]{1,3}[a-z]{0,4}$")
_GAP = 24
"""Characters that may stand between two parts of one place."""


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
        read = rules.scripts.unmasked(text)
        kept = [i for i, c in enumerate(read) if ord(c) not in rules.drop]
        plain = "".join(rules.fold.get(ord(read[i]), read[i]) for i in kept)
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
    view: _View, order: int, rules: Ruleset, lang: str, today: date | None, *, later: set[int]
) -> list[tuple[int, int, str | None]]:
    """Return (start, end, suggestion) in the plain view for every place where a rule holds.

    Adds to `later` the years from which on it holds where today it does not.
    """
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
            if not holds and today and rule.check == "old":
                later.add(dates.grown_old(groups))
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


@dataclass(slots=True)
class _Hit:
    """A finding to be, in offsets of the plain view."""

    start: int
    end: int
    category: Category
    tier: Tier
    rule: str
    say: str | None
    word: bool = False


def _reader(view: _View, rules: Ruleset) -> Reader:
    """Return the words of a text as the word model reads them in this language."""
    plain = view.plain
    if rules.apart:
        plain = rules.apart.sub(lambda m: m[0][:-1] + " ", plain)
    return Reader(plain, load.lexicon(rules.mode))


def _taken(view: _View, hits: Sequence[_Hit]) -> bytearray:
    """Return for each character whether it belongs to a finding."""
    taken = bytearray(len(view.plain))
    for hit in hits:
        taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
    return taken


def _strange(view: _View, rules: Ruleset, hits: Sequence[_Hit]) -> list[_Hit]:
    """Return words in other scripts where no rule has found anything."""
    if view.plain.isascii():
        return []
    rule = rules.words["script"]
    found = rules.scripts.places(view.plain, _taken(view, hits))
    return [_Hit(a, b, rule.category, Tier.REVIEW, rule.id, rule.say) for a, b in found]


def _counted(
    view: _View, rules: Ruleset, reach: Sequence[int], hits: Sequence[_Hit]
) -> list[_Hit]:
    """Return what the model of numbers finds where no rule has found anything."""
    weights = load.code_model(rules.mode)
    if weights is None:
        return []
    found = codes.codes(view.plain, load.lexicon(rules.mode), weights, _taken(view, hits))
    out = []
    for start, end, kind in found:
        if reach[start] < end:
            rule = rules.words[kind]
            out.append(_Hit(start, end, rule.category, Tier.REVIEW, rule.id, rule.say))
    return out


def _worded(view: _View, rules: Ruleset, reach: Sequence[int], hits: Sequence[_Hit]) -> list[_Hit]:
    """Return what the word model finds where nothing else has found anything."""
    reader = _reader(view, rules)
    taken = _taken(view, hits)
    out = []
    for start, end, kind in joined.spans(reader, tagger.tag(reader, load.model(rules.mode))):
        if reach[start] >= end:
            continue
        rule = rules.words[kind]
        for position, last in free(taken, start, end):
            piece = view.plain[position:last]
            if _LETTER.search(piece):
                first = position + len(piece) - len(piece.lstrip(" ,.-"))
                final = position + len(piece.rstrip(" ,-" if kind != "employer" else " ,.-"))
                out.append(
                    _Hit(first, final, rule.category, Tier.REVIEW, rule.id, rule.say, word=True)
                )
    return out


def _grown(hits: Sequence[_Hit], start: int, end: int, say: str | None) -> bool:
    """Let a number that two rules read in part be one, so that no half of it is left standing."""
    over = [hit for hit in hits if hit.start < end and start < hit.end]
    if len(over) > 1 or not all((words or "").startswith("[") for words in (say, over[0].say)):
        return False
    over[0].start, over[0].end = min(start, over[0].start), max(end, over[0].end)
    return True


def _merged(view: _View, hits: list[_Hit]) -> list[_Hit]:
    """Make one of places that stand together ("77 Chestnut, 3R, Holyoke", "Hwy 18 by the turnoff").

    What blocks stays and takes the rest with it; two findings of rules stay two.
    """
    bridges = load.lexicon().sets["bridges"]
    out: list[_Hit] = []
    for hit in sorted(hits, key=lambda h: h.start):
        last = out[-1] if out else None
        if (
            last is not None
            and last.category is hit.category is Category.GEOGRAPHY
            and (last.word or hit.word)
            and hit.start - last.end <= _GAP
            and all(
                word in bridges or _ORDINAL.match(word)
                for word in _PIECE.findall(view.low[last.end : hit.start])
            )
        ):
            if last.word and not hit.word:
                last.tier, last.rule, last.say = hit.tier, hit.rule, hit.say
            last.end, last.word = hit.end, last.word and hit.word
        else:
            out.append(hit)
    return out


def scan(text: str, lang: str | None = None, today: date | None = None) -> ScanResult:
    """Return what the rules find in `text`: findings that do not overlap, in order.

    `today` turns dates into "3 weeks ago"; without it a date becomes its year. `lang` decides
    whether 3/4 is read month first ("en") or day first (any other), and which mode reads it; None:
    the text tells. Where findings overlap, the blocking one stays, then the longer one, then the
    rule that stands first in the files.
    """
    lang = lang or languages.of_text(text)
    rules = ruleset(load.mode(lang))
    view = _view(text, rules)
    reach = _reach(view, rules)
    found: list[tuple[bool, int, int, int, Rule, str | None]] = []
    later: set[int] = set()
    for order, rule in enumerate(rules.rules):
        for start, end, words in _matches(view, order, rules, lang, today, later=later):
            if reach[start] < end:
                review = rule.tier is Tier.REVIEW
                found.append((review, start - end, order, start, rule, words))
    taken = bytearray(len(view.plain))
    hits = []
    for _, minus_length, _, start, rule, words in sorted(found, key=lambda f: f[:4]):
        end = start - minus_length
        if not any(taken[start:end]):
            hits.append(_Hit(start, end, rule.category, rule.tier, rule.id, words))
        elif not _grown(hits, start, end, words):
            continue
        taken[start:end] = b"\x01" * (end - start)
    hits += _strange(view, rules, hits)
    hits += _counted(view, rules, reach, hits)
    hits += _worded(view, rules, reach, hits)
    findings = [
        Finding(*view.span(h.start, h.end), h.category, h.tier, h.rule, h.say)
        for h in _merged(view, hits)
    ]
    behind = len(rules.rules) + len(rules.allow)
    notes = sorted((*view.span(a, b), name) for a, b, name in _spans(view, rules.notes, behind))
    return ScanResult(
        fingerprint(text),
        rules.version,
        tuple(findings),
        tuple(Note(*n) for n in notes),
        lang,
        min(later, default=None),
    )


def second_look(text: str, result: ScanResult) -> tuple[Note, ...]:
    """Return what a reviewer may look at twice: words just below the limit of the word model.

    `result` is the scan of this text: what it found is left out, and it says in which language the
    text is read. Never shown to authors: most of these are nothing (deidentification.md,
    "high-recall second look").
    """
    rules = ruleset(load.mode(result.lang))
    view = _view(text, rules)
    reader = _reader(view, rules)
    model = load.model(rules.mode)
    found = []
    for start, end, kind in joined.spans(reader, tagger.tag(reader, model, model.second)):
        first, last = view.span(start, end)
        if not any(f.start < last and first < f.end for f in result.findings):
            found.append(Note(first, last, f"look.{kind}"))
    return tuple(found)


def scan_fields(
    fields: Mapping[str, str], lang: str | None = None, today: date | None = None
) -> dict[str, ScanResult]:
    """Scan every field by itself; without `lang` in its own language, or that of all together."""
    read = dict.fromkeys(fields, lang) if lang else languages.of_fields(fields)
    return {name: scan(text, read[name], today) for name, text in fields.items()}
