"""The rule files: the same in both languages, and never more than linear work (security.md 38)."""

import json
import re
import re._constants as op
import re._parser as parser
from dataclasses import replace

import pytest

from server.deid import detect, load
from server.deid.begin import Index
from server.deid.load import expand, read_files, ruleset

WHOLE = read_files()
ALL = [*WHOLE.rules, *WHOLE.allow, *WHOLE.notes]
MODED = {mode: read_files(mode) for mode in load.LANGUAGES}
PATTERNS = [
    pytest.param(expand(rule.re, WHOLE.macros), id=f"{i}-{rule.id}") for i, rule in enumerate(ALL)
] + [
    pytest.param(expand(rule.re, whole.macros), id=f"{mode}-{i}-{rule.id}")
    for mode, whole in MODED.items()
    for i, rule in enumerate([*whole.rules, *whole.allow, *whole.notes])
    if rule not in ALL
]
HOSTILE = ["a", "A", "1", " ", "\n", "'", "-", ".", "/", ",", ":", "ab ", "Ab ", "AB ", "1 ", "1/", "1-", "1.", "a.", "a@", "a-", "Ab-", "Ab, ", "one ", "A1", "12 ab ", "1 Ab ", "mrn ", "dr ", "de ", "on 1 ", "is a ", "St. "]  # fmt: skip
MOST_STEPS = 60_000
"""Steps one start may cost: about a millisecond; the worst rule needs a fifth of it."""


def python(pattern: str) -> str:
    return re.sub(r"\(\?<([a-z])", r"(?P<\1", pattern)


def repeats(tree, depth=0):
    """Yield (most, depth) of every quantifier, depth counting quantifiers around it."""
    for kind, value in tree:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            yield value[1], depth
            yield from repeats(value[2], depth + (value[1] > 1))
        elif kind is op.SUBPATTERN:
            yield from repeats(value[3], depth)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from repeats(branch, depth)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from repeats(value[1], depth)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_stay_in_the_subset_that_both_languages_read_alike(pattern):
    # Python's and JavaScript's \d, \w, \s differ outside ASCII and are not used at all; of the
    # escapes only those that JavaScript's u flag allows; look-behind is one character wide
    escapes = set(re.findall(r"\\(.)", pattern))
    assert escapes <= set("bn.[](){}+*?|^$/\\-"), escapes
    assert not re.search(r"(?<!\\)\(\?[^:=!<]", pattern)
    assert pattern.isascii()
    tree = parser.parse(python(pattern), re.ASCII)
    for kind, value in _walk(tree):
        if kind in (op.ASSERT, op.ASSERT_NOT) and value[0] == -1:
            assert value[1].getwidth() == (1, 1)
        assert kind not in (op.GROUPREF, op.GROUPREF_EXISTS)


def _walk(tree):
    for kind, value in tree:
        yield kind, value
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            yield from _walk(value[2])
        elif kind is op.SUBPATTERN:
            yield from _walk(value[3])
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _walk(branch)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _walk(value[1])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_quantifier_is_bounded(pattern):
    for most, depth in repeats(parser.parse(python(pattern), re.ASCII)):
        assert most <= 200
        assert depth <= 2


class Steps:
    """A backtracking matcher that counts: what `re` does, without its short cuts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.count = 0

    def _set(self, items, char: str) -> bool:
        found = False
        for kind, value in items:
            if kind is op.LITERAL:
                found |= ord(char) == value
            elif kind is op.RANGE:
                found |= value[0] <= ord(char) <= value[1]
        return found != (items[0][0] is op.NEGATE)

    def _at(self, where, i: int) -> bool:
        text = self.text
        if where is op.AT_BEGINNING:
            return i == 0
        if where is op.AT_END:
            return i == len(text) or text[i:] == "\n"
        word = [0 <= k < len(text) and (text[k].isalnum() or text[k] == "_") for k in (i - 1, i)]
        return (word[0] != word[1]) == (where is op.AT_BOUNDARY)

    def run(self, nodes, i: int, then) -> bool:
        self.count += 1
        if not nodes:
            return then(i)
        (kind, value), rest = nodes[0], nodes[1:]
        char = self.text[i : i + 1]
        if kind is op.LITERAL:
            return bool(char) and ord(char) == value and self.run(rest, i + 1, then)
        if kind is op.NOT_LITERAL:
            return bool(char) and ord(char) != value and self.run(rest, i + 1, then)
        if kind is op.IN:
            return bool(char) and self._set(value, char) and self.run(rest, i + 1, then)
        if kind is op.AT:
            return self._at(value, i) and self.run(rest, i, then)
        if kind is op.SUBPATTERN:
            return self.run(list(value[3]), i, lambda j: self.run(rest, j, then))
        if kind is op.BRANCH:
            return any(self.run(list(b), i, lambda j: self.run(rest, j, then)) for b in value[1])
        if kind in (op.ASSERT, op.ASSERT_NOT):
            start = i - 1 if value[0] == -1 else i
            holds = start >= 0 and self.run(list(value[1]), start, lambda _: True)
            return holds == (kind is op.ASSERT) and self.run(rest, i, then)
        least, most, body = value
        return self._repeat(list(body), least, most, i, lambda j: self.run(rest, j, then))

    def _repeat(self, body, least: int, most: int, i: int, then) -> bool:
        def more(j: int) -> bool:
            return j > i and self._repeat(body, max(least - 1, 0), most - 1, j, then)

        return (most > 0 and self.run(body, i, more)) or (least == 0 and then(i))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_work_at_one_start_does_not_grow_with_the_text(pattern):
    tree = list(parser.parse(python(pattern), re.ASCII))
    for unit in HOSTILE:
        for start in range(len(unit)):
            counts = []
            for length in (450, 900):
                steps = Steps((unit * length)[:length])
                steps.run(tree, start, lambda _: True)
                counts.append(steps.count)
            assert counts[0] == counts[1]
            assert counts[0] < MOST_STEPS


@pytest.mark.parametrize("lang", ["en", "es", "fr"])
def test_hints_for_speed_change_no_answer(monkeypatch, lang):
    texts = [
        *HOSTILE,
        "Mrs Quintana lives at 12 Elm Street, Gallup, NM 87301; call (505) 555-0142. J.D., 3/14",
        "La Sra. Lucero vive en la calle Alta, 5; DNI 50448127K, tel. 648 20 91 33, el 3 de marzo.",
        "M. Roux, né le 4 mars, 12 rue des Lilas, 69008 Lyon ; NIR 1 51 06 69 383 214 48.",
    ]
    rules = ruleset(load.mode(lang))
    with_hints = [detect.scan(text, lang).findings for text in texts]
    plain = replace(
        rules,
        rules=tuple(replace(rule, has=None) for rule in rules.rules),
        index=Index([(False, None)] * len(rules.index)),
    )
    monkeypatch.setattr(detect, "ruleset", lambda _: plain)
    assert [detect.scan(text, lang).findings for text in texts] == with_hints


def test_macros_and_lists_are_all_used():
    text = " ".join([*(rule.re for rule in ALL), *WHOLE.macros.values()])
    assert set(re.findall(r"\{\{(\w+)\}\}", text)) == set(WHOLE.macros)
    used = {
        name
        for rule in ALL
        for names in (*rule.within.values(), *rule.without.values())
        for name in names.split(",")
    }
    assert used == set(WHOLE.lists)


def test_lists_are_folded_words_without_doubles():
    for words in WHOLE.lists.values():
        entries = words.split()
        assert len(set(entries)) == len(entries)
        assert words == words.lower()
        assert words.isascii()


def test_a_rule_that_names_an_unknown_group_is_refused():
    rule = load.RuleText.model_validate({"id": "x", "re": "a", "in": {"w": "first"}})
    with pytest.raises(ValueError, match="names groups its pattern lacks"):
        load._compile(rule, WHOLE)


def test_the_browser_gets_the_same_version_and_rules():
    sent = json.loads(load.browser_rules())
    assert len(sent.pop("at")) == len([*WHOLE.rules, *WHOLE.allow, *WHOLE.notes])
    assert set(sent.pop("model")) == {
        "again",
        "base",
        "beside",
        "codes",
        "limit",
        "second",
        "weights",
    }
    whole = load.RuleFile.model_validate(sent)
    assert whole.version == ruleset().version == WHOLE.version
    assert [(r.re, r.has) for r in whole.rules] == [(r.re, r.has) for r in WHOLE.rules]
