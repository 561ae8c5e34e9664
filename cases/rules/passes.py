"""Who has let a text through, and whether that is enough: one pair of eyes, or two.

A pass is bound to one text (its content hash), to one rule set and to what the rules found that day:
a change of any voids it (deidentification.md, architecture 5 and 6). "Born in 1937" is nothing in
2026, and with the New Year of 2027 an age over 89. Children, very rare diseases and tiny communities need
two people, for no rule sees what singles a person out there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cases.instruments.base import N_
from cases.rules.fields import Option
from cases.rules.lifecycle import Guard
from cases.rules.models import CaseState, Pass
from server.kit.errors import Conflict, Invalid
from server.kit.ids import PersonId

CHILD: Final = "child"
ADULT: Final = 18

MARKS: Final = (
    Option("rare_disease", N_("A very rare disease")),
    Option("tiny_community", N_("A tiny community")),
    Option("recognisable", N_("Something else that makes the person easy to recognise")),
)
"""Why a reviewer may ask for a second one: codes, because free text could itself identify."""

REASONS: Final = {
    CHILD: N_("The person is under 18"),
    **{mark.value: mark.label for mark in MARKS},
}
"""Every reason for a second reviewer, in words."""

PASSABLE: Final = frozenset(
    {CaseState.SUBMITTED, CaseState.IN_REVIEW, CaseState.ACCEPTED, CaseState.SCHEDULED}
)
"""Where a text that has passed can be passed once more: by a second person, with newer rules."""


def of_answers(age: object, kept: Iterable[str]) -> tuple[str, ...]:
    """Return the reasons for a second reviewer of a text; `kept` are those known before.

    `age` is the answer to the form's question in whole years. A follow-up that does not ask for
    it keeps what the first presentation said; a mark made by a reviewer stays.
    """
    kept = tuple(kept)
    known = isinstance(age, int) and not isinstance(age, bool)
    child = age < ADULT if known and isinstance(age, int) else CHILD in kept
    return _in_order({*kept, CHILD} if child else {*kept} - {CHILD})


def marked(kept: Iterable[str], added: Iterable[str]) -> tuple[str, ...]:
    """Return the reasons with those a reviewer adds; raises Invalid for one that is no mark."""
    added = frozenset(added)
    if not added <= {mark.value for mark in MARKS}:
        raise Invalid("case.mark_unknown")
    return _in_order({*kept, *added})


def _in_order(codes: Iterable[str]) -> tuple[str, ...]:
    found = frozenset(codes)
    return tuple(code for code in REASONS if code in found)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the passes of a text are worth today.

    `passed` count; `older` are of the same text by people who have not read it with what the rules
    find today. One pass a person, in the order they were given.
    """

    passed: tuple[Pass, ...]
    older: tuple[Pass, ...]
    wanted: int

    @property
    def complete(self) -> bool:
        """Whether nobody has to look again before the case may go on."""
        return len(self.passed) >= self.wanted

    @property
    def older_rules(self) -> bool:
        """Whether it would be enough had the rules, and what they find, stayed the same."""
        return not self.complete and len(self.passed) + len(self.older) >= self.wanted

    @property
    def second_missing(self) -> bool:
        """Whether a second person has yet to read it, with whatever rules."""
        return self.wanted > 1 and len(self.passed) + len(self.older) == 1

    def facts(self) -> tuple[Guard, ...]:
        """Return the guards of the life cycle that hold."""
        if self.complete:
            return (Guard.SECOND_READER, Guard.RULES_OF_TODAY)
        if self.second_missing:
            return (Guard.RULES_OF_TODAY,)
        return (Guard.SECOND_READER,)


def standing(
    passes: Sequence[Pass],
    *,
    content_hash: str,
    ruleset: str,
    year: int,
    reasons: Sequence[str],
    author: PersonId,
) -> Standing:
    """Weigh the passes of a case on a day of `year`, with its rules.

    Those of another text, or by its author, count for nothing.
    """
    passed: dict[PersonId, Pass] = {}
    older: dict[PersonId, Pass] = {}
    for one in sorted(passes, key=lambda p: p.at):
        if one.content_hash == content_hash and one.by != author:
            holds = one.ruleset == ruleset and (one.until is None or year < one.until)
            (passed if holds else older)[one.by] = one
    return Standing(
        tuple(passed.values()),
        tuple(one for person, one in older.items() if person not in passed),
        2 if reasons else 1,
    )


def may_pass_again(state: CaseState, standing: Standing, person: PersonId) -> bool:
    """Say whether a pass of this person would help a case that has passed the check before."""
    passed = person in {one.by for one in standing.passed}
    return state in PASSABLE and not standing.complete and not passed


def ensure_may_pass_again(state: CaseState, standing: Standing, person: PersonId) -> None:
    """Raise Conflict `case.passed_already` or `case.wrong_state` when a pass would not help."""
    if may_pass_again(state, standing, person):
        return
    if state in PASSABLE and not standing.complete:
        raise Conflict("case.passed_already")
    raise Conflict("case.wrong_state")
