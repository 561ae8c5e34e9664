"""The life cycle of a recommendation as one table, domain.md §6.2, and what signing means."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_
from cases.rules.advice import (
    CITATION_MAX,
    RATIONALE_MAX,
    STEPS,
    TEXT_MAX,
    TEXT_MIN,
    Content,
    Draft,
    Evidence,
    ItemState,
    Recommendation,
    Stage,
)
from server.kit.errors import Conflict, Forbidden

S = ItemState


class Deed(StrEnum):
    """Every event that can move one recommendation."""

    CAPTURE = "capture"
    DRAFT = "draft"
    MERGE = "merge"
    DROP = "drop"
    RESTORE = "restore"
    SUBMIT = "submit"
    RETURN = "return"
    SIGN = "sign"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    ANSWER = "answer"


class Hand(StrEnum):
    """In what capacity somebody acts on a recommendation."""

    SPEAKER = "speaker"
    SCRIBE = "scribe"
    ANSWERER = "answerer"
    """Asked to answer an e-consult: writes what she recommends herself, and no more."""
    COORDINATOR = "coordinator"
    DIRECTOR = "director"
    DELEGATE = "delegate"
    PRESENTER = "presenter"


class Guard(StrEnum):
    """A fact that must hold; its value is the code of the refusal when it does not."""

    IN_TIME = "rec.too_late"
    COMPLETE = "rec.incomplete"
    REASON = "rec.reason_needed"
    ALL_SPOKEN = "rec.lines_left"
    NO_CONFLICT = "rec.not_attested"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; `source` None is "not there yet"."""

    source: ItemState | None
    deed: Deed
    target: ItemState
    who: frozenset[Hand]
    guards: tuple[Guard, ...] = ()


def _row(
    source: ItemState | None, deed: Deed, target: ItemState, who: Iterable[Hand], *guards: Guard
) -> Transition:
    return Transition(source, deed, target, frozenset(who), guards)


_DESK = (Hand.COORDINATOR, Hand.DIRECTOR)
_WRITERS = (Hand.SCRIBE, Hand.ANSWERER)
_SIGNERS = (Hand.DIRECTOR, Hand.DELEGATE)

TRANSITIONS: Final[tuple[Transition, ...]] = (
    _row(None, Deed.CAPTURE, S.CAPTURED, (Hand.SCRIBE, Hand.SPEAKER), Guard.IN_TIME),
    _row(S.CAPTURED, Deed.DRAFT, S.DRAFTED, _WRITERS, Guard.COMPLETE),
    _row(S.CAPTURED, Deed.MERGE, S.MERGED, _DESK),
    _row(S.CAPTURED, Deed.DROP, S.DROPPED, _DESK, Guard.REASON),
    _row(S.DRAFTED, Deed.DRAFT, S.DRAFTED, _WRITERS, Guard.COMPLETE),
    _row(S.DRAFTED, Deed.MERGE, S.MERGED, _DESK),
    _row(S.DRAFTED, Deed.DROP, S.DROPPED, _DESK, Guard.REASON),
    # A dropped item comes back as captured: somebody has to look at it again.
    _row(S.DROPPED, Deed.RESTORE, S.CAPTURED, _DESK),
    _row(S.DRAFTED, Deed.SUBMIT, S.HUB_REVIEW, _DESK, Guard.ALL_SPOKEN),
    _row(S.HUB_REVIEW, Deed.RETURN, S.DRAFTED, _SIGNERS, Guard.REASON),
    # Whoever edits an item under review takes it back to the desk; the director signs anew.
    _row(S.HUB_REVIEW, Deed.DRAFT, S.DRAFTED, _WRITERS, Guard.COMPLETE),
    _row(S.HUB_REVIEW, Deed.DROP, S.DROPPED, _DESK, Guard.REASON),
    _row(S.HUB_REVIEW, Deed.MERGE, S.MERGED, _DESK),
    _row(S.HUB_REVIEW, Deed.SIGN, S.ISSUED, _SIGNERS, Guard.COMPLETE, Guard.NO_CONFLICT),
    _row(
        S.ISSUED, Deed.AMEND, S.AMENDED, _SIGNERS, Guard.COMPLETE, Guard.REASON, Guard.NO_CONFLICT
    ),
    _row(
        S.AMENDED, Deed.AMEND, S.AMENDED, _SIGNERS, Guard.COMPLETE, Guard.REASON, Guard.NO_CONFLICT
    ),
    # Left out of the next version; the signed ones still hold it.
    _row(S.ISSUED, Deed.DROP, S.DROPPED, (Hand.DIRECTOR,), Guard.REASON),
    _row(S.AMENDED, Deed.DROP, S.DROPPED, (Hand.DIRECTOR,), Guard.REASON),
    _row(S.ISSUED, Deed.WITHDRAW, S.WITHDRAWN_UNSAFE, (Hand.DIRECTOR,)),
    _row(S.AMENDED, Deed.WITHDRAW, S.WITHDRAWN_UNSAFE, (Hand.DIRECTOR,)),
    _row(S.ISSUED, Deed.ANSWER, S.ANSWERED, (Hand.PRESENTER,)),
    _row(S.AMENDED, Deed.ANSWER, S.ANSWERED, (Hand.PRESENTER,)),
)

TABLE: Final[Mapping[tuple[ItemState | None, Deed], Transition]] = {
    (t.source, t.deed): t for t in TRANSITIONS
}


def step(
    state: ItemState | None, deed: Deed, who: frozenset[Hand], facts: Iterable[Guard] = ()
) -> ItemState:
    """Return the state after `deed`, done by somebody acting as `who`.

    Raises Conflict("rec.wrong_state"), Forbidden("rec.not_yours_to_do"), or Conflict with the
    code of the first guard that does not hold.
    """
    transition = TABLE.get((state, deed))
    if transition is None:
        raise Conflict("rec.wrong_state")
    if not transition.who & who:
        raise Forbidden("rec.not_yours_to_do")
    held = frozenset(facts)
    for guard in transition.guards:
        if guard not in held:
            raise Conflict(guard.value)
    return transition.target


_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._;()/:-]{1,150}")
_HTTPS = re.compile(
    r"https://[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}(?:/[A-Za-z0-9._~/-]{0,150})?"
)


def is_link(text: str) -> bool:
    """Say whether `text` is a bare DOI or a plain https address.

    No query, fragment or user part: a citation's address cannot carry a message, so it needs no
    identifier check, which would refuse every address (domain.md §4.5).
    """
    return bool(_DOI.fullmatch(text) or _HTTPS.fullmatch(text))


def problems(content: Content) -> dict[str, str]:
    """Return what is missing or wrong, by field, as message keys (domain.md §6.1)."""
    found = _source_problems(content)
    length = len(content.text.strip())
    if length < TEXT_MIN:
        found["text"] = N_("Say what to do in at least 20 characters.")
    elif length > TEXT_MAX:
        found["text"] = N_("At most 600 characters: one action, the reasons go below.")
    if len(content.rationale) > RATIONALE_MAX:
        found["rationale"] = N_("At most 500 characters.")
    if content.step not in STEPS:
        found["step"] = N_("Choose one of the list.")
    return found


def _source_problems(content: Content) -> dict[str, str]:
    found: dict[str, str] = {}
    needed = content.evidence is not Evidence.EXPERT
    if needed and not content.citation_title:
        found["citation_title"] = N_("Name the source, or choose expert opinion.")
    elif len(content.citation_title) > CITATION_MAX:
        found["citation_title"] = N_("At most 200 characters.")
    year = content.citation_year
    if (needed and year is None) or (year is not None and not 1900 <= year <= 2100):
        found["citation_year"] = N_("A year such as 2024.")
    if needed and not content.citation_link:
        found["citation_link"] = N_("Where can it be read? A DOI or https address.")
    elif content.citation_link and not is_link(content.citation_link):
        found["citation_link"] = N_("A DOI such as 10.1000/182, or an https address without “?”.")
    return found


def complete(item: Recommendation) -> bool:
    """Say whether an item can be signed: its fields are in order and somebody said it."""
    return not problems(item.content) and bool(item.said)


def ready(draft: Draft, spoken_left: int) -> frozenset[Guard]:
    """Return which guards of the whole draft hold; `spoken_left`: captured lines not taken over."""
    facts = set()
    if draft.live and all(complete(item) for item in draft.live):
        facts.add(Guard.COMPLETE)
    if spoken_left == 0:
        facts.add(Guard.ALL_SPOKEN)
    return frozenset(facts)


def submitted(draft: Draft, who: frozenset[Hand], spoken_left: int) -> Draft:
    """Return the draft as the director finds it; raises as `step`, and when nothing is in it."""
    facts = ready(draft, spoken_left)
    if Guard.COMPLETE not in facts:
        raise Conflict(Guard.COMPLETE.value)
    items = tuple(
        replace(item, state=step(item.state, Deed.SUBMIT, who, facts))
        if item.state is S.DRAFTED
        else item
        for item in draft.items
    )
    # An item that is still only captured was caught by COMPLETE; look again all the same.
    if any(item.state is S.CAPTURED for item in items):
        raise Conflict(Guard.COMPLETE.value)
    stage = Stage.REVIEW if draft.stage is Stage.WRITING else draft.stage
    return replace(draft, items=items, stage=stage)


def signed(
    draft: Draft, who: frozenset[Hand], *, spoken_left: int, attested: bool, first: bool
) -> Draft:
    """Return the draft after signing: every live item issued, or amended in a later version.

    `first`: no version has been signed yet. The director may sign what nobody sent her: the step
    in between (all spoken lines accounted for) is made with the same press.
    """
    if draft.stage not in (Stage.WRITING, Stage.REVIEW, Stage.AMENDING):
        raise Conflict("rec.wrong_state")
    desk = who | ({Hand.DIRECTOR} if Hand.DELEGATE in who else set())
    at_review = submitted(draft, frozenset(desk), spoken_left)
    facts = set(ready(at_review, spoken_left))
    if attested:
        facts.add(Guard.NO_CONFLICT)
    if first or draft.amend_reason:
        facts.add(Guard.REASON)

    def sign(item: Recommendation) -> Recommendation:
        deed = Deed.AMEND if item.state in (S.ISSUED, S.AMENDED) else Deed.SIGN
        return replace(item, state=step(item.state, deed, who, facts))

    items = tuple(sign(item) if item.is_live else item for item in at_review.items)
    return replace(at_review, items=items, stage=Stage.SIGNED, comment="")


def merged(
    into: Recommendation, duplicate: Recommendation, who: frozenset[Hand]
) -> tuple[Recommendation, Recommendation]:
    """Return both items after merging: `into` keeps every attribution and captured line."""
    if into.id == duplicate.id or not into.is_live or into.case != duplicate.case:
        raise Conflict("rec.merge")
    state = step(duplicate.state, Deed.MERGE, who)
    said = tuple(dict.fromkeys((*into.said, *duplicate.said)))
    captures = tuple(dict.fromkeys((*into.captures, *duplicate.captures)))
    return (
        replace(into, said=said, captures=captures),
        replace(duplicate, state=state, merged_into=into.id),
    )
