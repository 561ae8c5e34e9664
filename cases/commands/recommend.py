"""Draft the recommendations of a presented case: take over what was captured, edit, merge, drop."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cases.queries.captured import left_over, roots
from cases.rules import advice, advice_access, lifecycle
from cases.rules import recommendations as rules
from cases.rules.advice import Content, Draft, Recommendation, Said, ScreenedContent, Stage
from cases.rules.lifecycle import Guard as CaseGuard
from cases.rules.models import Case, CaseState
from cases.rules.recommendations import Deed, Guard, Hand
from cases.store import cases as case_store
from cases.store import econsults
from cases.store import recommendations as store
from server.deid import verdict
from server.deid.models import Held, ScreenedText
from server.kit.actor import HUB_ROLES, Actor, Lane
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import PersonId, RecommendationId, new_id
from server.kit.text import clean_line, clean_text
from server.people import api as people
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import Capture

MOST_ITEMS = 60
REASON_MIN = 5


@dataclass(frozen=True, slots=True)
class NotYet:
    """What was typed cannot be kept: field → message key, and identifiers by field."""

    errors: Mapping[str, str] = field(default_factory=dict)
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """A case whose recommendations somebody works on, and in which capacities."""

    actor: Actor
    case: Case
    who: frozenset[Hand]


async def bench(unit: Unit, actor: Actor, key: str) -> Bench:
    """Load a presented case, or an e-consult, to work on its recommendations.

    Raises NotFound unless the actor drafts in its programme or was asked to answer this case,
    Conflict `rec.not_presented`.
    """
    case = await case_store.load(unit, key)
    named = await store.delegates(unit, case.programme)
    asked = await econsults.answerers(unit, case)
    who = advice_access.hands(actor, case.programme, named, asked)
    advice_access.ensure_drafter(who, case)
    if not advice_access.is_presented(case):
        raise Conflict("rec.not_presented")
    return Bench(actor, case, who)


def _ensure_may_write(at: Bench, speakers: Collection[PersonId] = ()) -> None:
    """Raise Forbidden unless this hand may write what these people said; nobody: the whole."""
    if not advice_access.may_write(at.who, at.actor.person, speakers):
        raise Forbidden("rec.not_yours_to_do")


async def _open(unit: Unit, at: Bench) -> Draft:
    """Lock the draft, beginning it first when there is none."""
    if await store.load(unit, at.case.id) is None:
        new = Draft(at.case.id, at.case.programme, Stage.WRITING, 1)
        await store.begin(unit, new, at.actor.person)
    return _editable(await store.lock(unit, at.case.id, at.actor.person))


def _editable(draft: Draft) -> Draft:
    if draft.stage not in advice.OPEN:
        raise Conflict("rec.signed")
    return draft


async def _changed(
    unit: Unit, at: Bench, draft: Draft, action: str, subject: str, **facts: str | int | bool
) -> None:
    """Note a change: the draft leaves the director's desk, the case counts as being drafted."""
    if draft.stage is Stage.REVIEW and Hand.DIRECTOR not in at.who and Hand.DELEGATE not in at.who:
        await store.save_stage(unit, replace(draft, stage=Stage.WRITING))
    if at.case.state in (CaseState.PRESENTED, CaseState.CONVERTED):
        has = (CaseGuard.HAS_RECOMMENDATION,)
        state = lifecycle.step(
            at.case.state, lifecycle.Deed.DRAFT_RECS, advice_access.parties(at.who), has
        )
        await case_store.save(unit, at.case, replace(at.case, state=state, state_at=unit.now))
        unit.record(
            "case.draft_recs",
            actor=at.actor.person,
            subject=at.case.id,
            programme=at.case.programme,
        )
    unit.record(
        action, actor=at.actor.person, subject=subject, programme=at.case.programme, **facts
    )


async def take_over(unit: Unit, actor: Actor, key: str) -> int:
    """Make an item of every captured line that has none yet; return how many.

    Fields the scribe did not set get what the line's problem area usually means. A line whose
    text today's rules hold back arrives empty, to be written anew. Commits.
    """
    at = await bench(unit, actor, key)
    _ensure_may_write(at)
    captures = await sessions.captures(unit, at.case.id)
    before = await store.load(unit, at.case.id)
    if not left_over(captures, before):
        return 0
    draft = await _open(unit, at)
    waiting = {line.id for line in left_over(captures, draft)}
    position = max((item.position for item in draft.items), default=0)
    made = 0
    for line, duplicates in roots(captures):
        if line.id not in waiting:
            continue
        position += 1
        made += 1
        await _add_captured(unit, at, line, duplicates, position)
    await _changed(unit, at, draft, "recommendations.taken_over", at.case.id, lines=made)
    await unit.commit()
    return made


async def _add_captured(
    unit: Unit, at: Bench, line: Capture, duplicates: Sequence[Capture], position: int
) -> None:
    content = advice.suggested(line.text, advice.ProblemArea(line.problem_area.value))
    screened = verdict.screen_fields(content.texts(), today=unit.now.date())
    if isinstance(screened, Held):
        content = replace(content, text="")
        screened = verdict.screen_fields(content.texts())
        assert not isinstance(screened, Held)  # nothing is left to hold
    lines = (line, *duplicates)
    item = Recommendation(
        id=RecommendationId(new_id(unit.now)),
        case=at.case.id,
        position=position,
        state=advice.ItemState.CAPTURED,
        content=content,
        said=tuple(dict.fromkeys(Said(c.speaker, Lane(c.lane), c.at_ms) for c in lines)),
        captures=tuple(c.id for c in lines),
    )
    if rules.complete(item):
        item = replace(item, state=rules.step(item.state, Deed.DRAFT, at.who, (Guard.COMPLETE,)))
    await store.add_item(unit, item, ScreenedContent(content, screened.screened))


async def _screen(unit: Unit, content: Content) -> ScreenedContent | NotYet:
    """Check a content's fields and identifiers; its texts come back tidied."""
    tidy = replace(
        content,
        text=clean_line(content.text),
        rationale=clean_text(content.rationale),
        citation_title=clean_line(content.citation_title),
        citation_link=content.citation_link.strip(),
    )
    errors = rules.problems(tidy)
    outcome = await asyncio.to_thread(verdict.screen_fields, tidy.texts(), today=unit.now.date())
    if isinstance(outcome, Held):
        return NotYet(errors, outcome)
    return NotYet(errors) if errors else ScreenedContent(tidy, outcome.screened)


async def add_item(
    unit: Unit, actor: Actor, key: str, content: Content, *, speaker: PersonId, at_ms: int | None
) -> Recommendation | NotYet:
    """Add a recommendation that nobody captured; `speaker` is a member of the programme. Commits.

    Raises Invalid `rec.speaker` for anybody else, Forbidden when who answers an e-consult names
    another than herself.
    """
    at = await bench(unit, actor, key)
    _ensure_may_write(at, [speaker])
    members = {m.card.id: m for m in await people.members_of(unit, at.case.programme)}
    if speaker not in members:
        raise Invalid("rec.speaker", {"speaker": "rec.speaker"})
    screened = await _screen(unit, content)
    if isinstance(screened, NotYet):
        return screened
    draft = await _open(unit, at)
    if len(draft.items) >= MOST_ITEMS:
        raise Conflict("rec.too_many")
    lane = Lane.HUB if members[speaker].roles & HUB_ROLES else Lane.SPOKE
    item = Recommendation(
        id=RecommendationId(new_id(unit.now)),
        case=at.case.id,
        position=max((i.position for i in draft.items), default=0) + 1,
        state=rules.step(advice.ItemState.CAPTURED, Deed.DRAFT, at.who, (Guard.COMPLETE,)),
        content=screened.content(),
        said=(Said(speaker, lane, at_ms),),
    )
    await store.add_item(unit, item, screened)
    await _changed(unit, at, draft, "recommendation.added", item.id)
    await unit.commit()
    return item


def _item(draft: Draft, item: RecommendationId, version: int) -> Recommendation:
    found = draft.item(item)
    if found is None:
        raise NotFound
    if found.version != version:
        raise Conflict("stale")
    return found


async def save_item(
    unit: Unit, actor: Actor, key: str, item: RecommendationId, version: int, *, content: Content
) -> Recommendation | NotYet:
    """Write an item's fields; it counts as drafted from then on. Commits.

    Raises Conflict `stale` when the item no longer has `version`, `rec.signed` after signing,
    Forbidden when who answers an e-consult did not say it alone.
    """
    at = await bench(unit, actor, key)
    screened = await _screen(unit, content)
    if isinstance(screened, NotYet):
        return screened
    draft = _editable(await store.lock(unit, at.case.id, actor.person))
    before = _item(draft, item, version)
    _ensure_may_write(at, [said.person for said in before.said])
    after = before
    if before.state not in (advice.ItemState.ISSUED, advice.ItemState.AMENDED):
        # What was issued stays so until the amended version is signed.
        after = replace(
            before, state=rules.step(before.state, Deed.DRAFT, at.who, (Guard.COMPLETE,))
        )
    saved = await store.save_item(unit, before, after, screened=screened)
    await _changed(
        unit, at, draft, "recommendation.edited", item, characters=len(saved.content.text)
    )
    await unit.commit()
    return saved


def screened_reason(unit: Unit, text: str) -> ScreenedText | Held:
    """Return a reason, tidied and screened; Invalid `rec.reason_needed` when it says nothing."""
    tidy = clean_line(text)
    if not REASON_MIN <= len(tidy) <= advice.NOTE_MAX:
        raise Invalid(Guard.REASON.value, {"reason": Guard.REASON.value})
    return verdict.screen_line(tidy, today=unit.now.date())


async def drop_item(
    unit: Unit, actor: Actor, key: str, item: RecommendationId, version: int, *, reason: str
) -> Recommendation | Held:
    """Leave an item out of the letter, with a reason that stays beside it. Commits."""
    at = await bench(unit, actor, key)
    screened = screened_reason(unit, reason)
    if isinstance(screened, Held):
        return screened
    draft = _editable(await store.lock(unit, at.case.id, actor.person))
    before = _item(draft, item, version)
    after = replace(before, state=rules.step(before.state, Deed.DROP, at.who, (Guard.REASON,)))
    saved = await store.save_item(unit, before, after, drop_reason=screened)
    await _changed(unit, at, draft, "recommendation.dropped", item)
    await unit.commit()
    return saved


async def restore_item(
    unit: Unit, actor: Actor, key: str, item: RecommendationId, version: int
) -> Recommendation:
    """Take a dropped item back into the draft. Commits."""
    at = await bench(unit, actor, key)
    draft = _editable(await store.lock(unit, at.case.id, actor.person))
    before = _item(draft, item, version)
    after = replace(before, state=rules.step(before.state, Deed.RESTORE, at.who))
    if rules.complete(after):
        after = replace(
            after, state=rules.step(after.state, Deed.DRAFT, at.who, (Guard.COMPLETE,))
        )
    saved = await store.save_item(unit, before, after)
    await _changed(unit, at, draft, "recommendation.restored", item)
    await unit.commit()
    return saved


async def merge_items(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    duplicate: RecommendationId,
    version: int,
    into: RecommendationId,
) -> Recommendation:
    """Make one item of two: `into` keeps its words and everybody who said either. Commits.

    Raises Conflict `rec.merge` when they cannot be one.
    """
    at = await bench(unit, actor, key)
    draft = _editable(await store.lock(unit, at.case.id, actor.person))
    before = _item(draft, duplicate, version)
    target = draft.item(into)
    if target is None:
        raise NotFound
    kept, gone = rules.merged(target, before, at.who)
    saved = await store.save_item(unit, target, kept)
    await store.save_item(unit, before, gone)
    await _changed(unit, at, draft, "recommendation.merged", duplicate, into=into)
    await unit.commit()
    return saved


async def save_notes(
    unit: Unit, actor: Actor, key: str, *, revision: int, summary: str, watch_for: str
) -> NotYet | None:
    """Write the letter's summary and what to watch for. Commits."""
    at = await bench(unit, actor, key)
    _ensure_may_write(at)
    texts = {"summary": clean_text(summary), "watch_for": clean_text(watch_for)}
    if any(len(text) > advice.NOTE_MAX for text in texts.values()):
        return NotYet(
            {name: "string_too_long" for name, t in texts.items() if len(t) > advice.NOTE_MAX}
        )
    outcome = verdict.screen_fields(texts, today=unit.now.date())
    if isinstance(outcome, Held):
        return NotYet({}, outcome)
    if await store.load(unit, at.case.id) is None:
        raise Conflict("stale")
    draft = _editable(await store.lock(unit, at.case.id, actor.person, revision))
    await store.save_texts(unit, at.case.id, **{name: outcome.screened[name] for name in texts})
    await _changed(unit, at, draft, "recommendations.notes", at.case.id)
    await unit.commit()
    return None
