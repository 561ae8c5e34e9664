"""The life cycle of a case as one table: domain.md §4.6, and what decisions 0020, 0022 add to it.

Everything else is refused. Added: an identifier that is found late calls a case back to its
author (`RECALL`), or once it was presented is taken out of it where it stands (`PURGE`); a
follow-up that comes early is one; a case whose presenter never answers, or whose letter is gone,
can be closed; and an e-consult is answered without a session, or declined.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cases.rules.models import CaseState
from server.kit.errors import Conflict, Forbidden

S = CaseState


class Deed(StrEnum):
    """Every event that can move a case."""

    CREATE = "create"
    SUBMIT = "submit"
    REJECT = "reject"
    PASS = "pass"  # noqa: S105 -- the check is passed; no password
    OPEN = "open"
    RETURN = "return"
    ACCEPT = "accept"
    ASSIGN_SLOT = "assign_slot"
    UNSCHEDULE = "unschedule"
    CARRY_OVER = "carry_over"
    CONVERT = "convert"
    PRESENT = "present"
    DRAFT_RECS = "draft_recs"
    SIGN = "sign"
    FOLLOWUP_TIMER = "followup_timer"
    RESPOND = "respond"
    CLOSE = "close"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    RECALL = "recall"
    PURGE = "purge"


class Party(StrEnum):
    """In what capacity somebody acts on one case."""

    AUTHOR = "author"
    COORDINATOR = "coordinator"
    DIRECTOR = "director"
    FACILITATOR = "facilitator"
    SCRIBE = "scribe"
    DELEGATE = "delegate"
    SYSTEM = "system"


class Guard(StrEnum):
    """A fact that must hold; its value is the code of the refusal when it does not."""

    ENROLLED = "case.not_enrolled"
    COMPLETE = "case.incomplete"
    ATTESTED = "case.not_attested"
    SCREENED = "case.identifiers_found"
    REASON = "case.reason_needed"
    WARNINGS_RESOLVED = "case.warnings_unresolved"
    COMMENTS = "case.comments_needed"
    ANSWERABLE = "case.question_unclear"
    TEXT_THERE = "case.text_erased"
    SAFETY_STATED = "case.safety_statement_missing"
    SECOND_READER = "case.second_reader_missing"
    RULES_OF_TODAY = "case.older_rules"
    PAGES_DECIDED = "case.pages_undecided"
    SESSION_PLANNED = "case.session_not_planned"
    SLOT_FREE = "case.slot_taken"
    SOON_WITHOUT_SLOT = "case.not_convertible"
    SESSION_LIVE = "case.session_not_live"
    SESSION_TO_COME = "case.session_running"
    HAS_RECOMMENDATION = "case.no_recommendation"
    RECOMMENDATIONS_COMPLETE = "case.recommendations_incomplete"
    DUE = "case.not_due"
    ALL_ANSWERED = "case.follow_up_incomplete"
    ROUNDS_IN = "case.rounds_open"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; `source` None is "not there yet"."""

    source: CaseState | None
    deed: Deed
    target: CaseState
    who: frozenset[Party]
    guards: tuple[Guard, ...] = ()


def _row(
    source: CaseState | None,
    deed: Deed,
    target: CaseState,
    who: Iterable[Party],
    *guards: Guard,
) -> Transition:
    return Transition(source, deed, target, frozenset(who), guards)


_AUTHOR = (Party.AUTHOR,)
_COORDINATOR = (Party.COORDINATOR,)
_CHECKERS = (Party.COORDINATOR, Party.DIRECTOR)
_SYSTEM = (Party.SYSTEM,)
_FREEZE = (Guard.COMPLETE, Guard.ATTESTED, Guard.SCREENED)

BEFORE_PRESENTED: Final = (
    S.DRAFT,
    S.PHI_CHECK,
    S.SUBMITTED,
    S.IN_REVIEW,
    S.NEEDS_CHANGES,
    S.ACCEPTED,
    S.SCHEDULED,
    S.CONVERTED,
)

PURGED_IN_PLACE: Final = (
    S.CONVERTED,
    S.PRESENTED,
    S.RECS_DRAFTED,
    S.RECS_ISSUED,
    S.FOLLOWUP_DUE,
    S.FOLLOWED_UP,
    S.CLOSED,
    S.DECLINED,
)
"""No author writes on there: an identifier found now takes every text with it."""

TRANSITIONS: Final[tuple[Transition, ...]] = (
    _row(None, Deed.CREATE, S.DRAFT, _AUTHOR, Guard.ENROLLED),
    _row(S.DRAFT, Deed.SUBMIT, S.PHI_CHECK, _AUTHOR, *_FREEZE),
    # §2 gives the check decision to the director too; the rest of the desk is the coordinator's.
    _row(S.PHI_CHECK, Deed.REJECT, S.DRAFT, _CHECKERS, Guard.REASON),
    _row(
        S.PHI_CHECK,
        Deed.PASS,
        S.SUBMITTED,
        _CHECKERS,
        Guard.WARNINGS_RESOLVED,
        Guard.PAGES_DECIDED,
    ),
    _row(S.SUBMITTED, Deed.OPEN, S.IN_REVIEW, _CHECKERS),
    # A director who reads as the second person must be able to say what is wrong, too.
    _row(S.IN_REVIEW, Deed.RETURN, S.NEEDS_CHANGES, _CHECKERS, Guard.COMMENTS),
    _row(S.NEEDS_CHANGES, Deed.SUBMIT, S.PHI_CHECK, _AUTHOR, *_FREEZE),
    _row(
        S.IN_REVIEW,
        Deed.ACCEPT,
        S.ACCEPTED,
        _COORDINATOR,
        Guard.ANSWERABLE,
        Guard.COMPLETE,
        Guard.SAFETY_STATED,
        Guard.SECOND_READER,
        Guard.RULES_OF_TODAY,
        Guard.PAGES_DECIDED,
    ),
    _row(
        S.ACCEPTED,
        Deed.ASSIGN_SLOT,
        S.SCHEDULED,
        _COORDINATOR,
        Guard.TEXT_THERE,
        Guard.SESSION_PLANNED,
        Guard.SLOT_FREE,
        Guard.SECOND_READER,
        Guard.RULES_OF_TODAY,
    ),
    _row(S.SCHEDULED, Deed.UNSCHEDULE, S.ACCEPTED, (Party.COORDINATOR, Party.SYSTEM)),
    _row(S.SCHEDULED, Deed.CARRY_OVER, S.ACCEPTED, _SYSTEM),
    _row(
        S.ACCEPTED,
        Deed.CONVERT,
        S.CONVERTED,
        (Party.DIRECTOR,),
        Guard.SOON_WITHOUT_SLOT,
        Guard.TEXT_THERE,
        Guard.SECOND_READER,
        Guard.RULES_OF_TODAY,
    ),
    _row(
        S.SCHEDULED,
        Deed.PRESENT,
        S.PRESENTED,
        (Party.SYSTEM, Party.FACILITATOR),
        Guard.SESSION_LIVE,
    ),
    _row(
        S.PRESENTED,
        Deed.DRAFT_RECS,
        S.RECS_DRAFTED,
        (Party.SCRIBE, Party.COORDINATOR),
        Guard.HAS_RECOMMENDATION,
    ),
    _row(
        S.CONVERTED,
        Deed.DRAFT_RECS,
        S.RECS_DRAFTED,
        (Party.SCRIBE, Party.COORDINATOR),
        Guard.HAS_RECOMMENDATION,
    ),
    _row(
        S.RECS_DRAFTED,
        Deed.SIGN,
        S.RECS_ISSUED,
        (Party.DIRECTOR, Party.DELEGATE),
        Guard.RECOMMENDATIONS_COMPLETE,
    ),
    _row(S.RECS_ISSUED, Deed.FOLLOWUP_TIMER, S.FOLLOWUP_DUE, _SYSTEM, Guard.DUE),
    # Before anybody asked: what the presenter tells early is no less an answer.
    _row(S.RECS_ISSUED, Deed.RESPOND, S.FOLLOWED_UP, _AUTHOR, Guard.ALL_ANSWERED),
    _row(S.FOLLOWUP_DUE, Deed.RESPOND, S.FOLLOWED_UP, _AUTHOR, Guard.ALL_ANSWERED),
    _row(S.FOLLOWED_UP, Deed.FOLLOWUP_TIMER, S.FOLLOWUP_DUE, _SYSTEM, Guard.DUE),
    _row(S.FOLLOWED_UP, Deed.CLOSE, S.CLOSED, _COORDINATOR, Guard.ROUNDS_IN),
    # A letter that was erased before anybody was asked about it.
    _row(S.RECS_ISSUED, Deed.CLOSE, S.CLOSED, _COORDINATOR, Guard.ROUNDS_IN),
    # "or lost after 3 reminders": who never answers leaves the case here.
    _row(S.FOLLOWUP_DUE, Deed.CLOSE, S.CLOSED, _COORDINATOR, Guard.ROUNDS_IN),
    _row(S.PHI_CHECK, Deed.DECLINE, S.DECLINED, _COORDINATOR, Guard.REASON),
    _row(S.IN_REVIEW, Deed.DECLINE, S.DECLINED, _COORDINATOR, Guard.REASON),
    # An e-consult whose text was erased, or that the hub cannot answer.
    _row(S.CONVERTED, Deed.DECLINE, S.DECLINED, _COORDINATOR, Guard.REASON),
    *(_row(state, Deed.WITHDRAW, S.WITHDRAWN, _AUTHOR) for state in BEFORE_PRESENTED),
    *(
        _row(state, Deed.RECALL, S.NEEDS_CHANGES, _CHECKERS, Guard.REASON)
        for state in (S.NEEDS_CHANGES, S.ACCEPTED)
    ),
    _row(
        S.SCHEDULED,
        Deed.RECALL,
        S.NEEDS_CHANGES,
        _CHECKERS,
        Guard.REASON,
        Guard.SESSION_TO_COME,
    ),
    # While it is being presented the text goes and the case stays: nobody stops the session.
    _row(S.SCHEDULED, Deed.PURGE, S.SCHEDULED, _CHECKERS, Guard.REASON, Guard.SESSION_LIVE),
    *(_row(state, Deed.PURGE, state, _CHECKERS, Guard.REASON) for state in PURGED_IN_PLACE),
)

TABLE: Final[Mapping[tuple[CaseState | None, Deed], Transition]] = {
    (t.source, t.deed): t for t in TRANSITIONS
}


def step(
    state: CaseState | None, deed: Deed, who: frozenset[Party], facts: Iterable[Guard] = ()
) -> CaseState:
    """Return the state after `deed`, done by somebody acting as `who`.

    `facts` are the guards known to hold. Raises Conflict("case.wrong_state") when the table has
    no such row, Forbidden when none of `who` may do it, and Conflict with the guard's own code
    for the first guard that does not hold.
    """
    transition = TABLE.get((state, deed))
    if transition is None:
        raise Conflict("case.wrong_state")
    if not transition.who & who:
        raise Forbidden("case.not_yours_to_do")
    held = frozenset(facts)
    for guard in transition.guards:
        if guard not in held:
            raise Conflict(guard.value)
    return transition.target


def possible(state: CaseState, who: frozenset[Party]) -> frozenset[Deed]:
    """Return what somebody acting as `who` may try in this state: the buttons worth showing."""
    return frozenset(t.deed for t in TRANSITIONS if t.source == state and t.who & who)
