"""Send the draft to the director, send it back, sign it, amend it; who may sign in her place."""

import asyncio
from dataclasses import replace

from cases.commands.recommend import Bench, bench, screened_reason
from cases.events import RecommendationsSigned
from cases.queries.captured import left_over
from cases.rules import advice_access, letter, lifecycle
from cases.rules import recommendations as rules
from cases.rules.advice import Draft, ItemState, Stage
from cases.rules.letter import Signed, Surroundings
from cases.rules.lifecycle import Guard as CaseGuard
from cases.rules.models import Case, CaseState
from cases.rules.recommendations import Deed, Guard, Hand
from cases.store import cases as case_store
from cases.store import recommendations as store
from server.deid import verdict
from server.deid.models import Held
from server.kit.actor import HUB_ROLES, Actor, Permission, Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import PersonId, ProgrammeId
from server.people import api as people
from server.store.unit import Unit
from sessions import api as sessions


async def send_to_director(unit: Unit, actor: Actor, key: str, *, revision: int) -> None:
    """Put the draft on the director's desk: complete, and no captured line left over. Commits.

    Raises Conflict `rec.incomplete`, `rec.lines_left`, `stale`; Forbidden unless the desk's.
    """
    at = await bench(unit, actor, key)
    spoken = len(await _left(unit, at))
    draft = await store.lock(unit, at.case.id, actor.person, revision)
    if draft.stage is not Stage.WRITING:
        raise Conflict("rec.wrong_state")
    after = rules.submitted(draft, at.who, spoken)
    await store.save_states(unit, draft, after)
    await store.save_stage(unit, after)
    _record(unit, at, "recommendations.to_director", items=len(after.live))
    await unit.commit()


async def send_back(
    unit: Unit, actor: Actor, key: str, *, revision: int, comment: str
) -> Held | None:
    """Return the draft to the desk with a comment. Commits."""
    at = await bench(unit, actor, key)
    words = screened_reason(unit, comment)
    if isinstance(words, Held):
        return words
    draft = await store.lock(unit, at.case.id, actor.person, revision)
    if draft.stage is not Stage.REVIEW:
        raise Conflict("rec.wrong_state")
    items = tuple(
        replace(item, state=rules.step(item.state, Deed.RETURN, at.who, (Guard.REASON,)))
        if item.state is ItemState.HUB_REVIEW
        else item
        for item in draft.items
    )
    after = replace(draft, items=items, stage=Stage.WRITING)
    await store.save_states(unit, draft, after)
    await store.save_stage(unit, after)
    await store.save_texts(unit, at.case.id, comment=words)
    _record(unit, at, "recommendations.sent_back")
    await unit.commit()
    return None


async def amend(unit: Unit, actor: Actor, key: str, *, revision: int, reason: str) -> Held | None:
    """Open a signed draft again, with the reason that the next version will name. Commits.

    The signed version stays what it is, and the newest, until the next one is signed.
    """
    at = await bench(unit, actor, key)
    if not at.who & {Hand.DIRECTOR, Hand.DELEGATE}:
        raise Forbidden("rec.not_yours_to_do")
    words = screened_reason(unit, reason)
    if isinstance(words, Held):
        return words
    draft = await store.lock(unit, at.case.id, actor.person, revision)
    if draft.stage is not Stage.SIGNED:
        raise Conflict("rec.wrong_state")
    await store.save_stage(unit, replace(draft, stage=Stage.AMENDING))
    await store.save_texts(unit, at.case.id, amend_reason=words)
    _record(unit, at, "recommendations.amending")
    await unit.commit()
    return None


async def sign_recommendations(
    unit: Unit, actor: Actor, key: str, *, revision: int, attested: bool
) -> Signed | Held:
    """Sign the draft as it stands at `revision`: the letter's next version. Commits.

    In one transaction: every text screened again, the items issued, the letter with its hash
    added, the case moved on, the event that indexes it. The same signer's second press on the
    same revision returns the letter of the first. Returns Held when today's rules find an
    identifier; then nothing is changed.

    Raises Forbidden unless the director or a delegate; Conflict `stale` when the draft has
    another revision, `rec.incomplete`, `rec.lines_left`, `rec.not_attested`.
    """
    at = await bench(unit, actor, key)
    if not at.who & {Hand.DIRECTOR, Hand.DELEGATE}:
        raise Forbidden("rec.not_yours_to_do")
    last = await store.last_version(unit, at.case.id)
    before = await store.load_signed(unit, at.case.id, last) if last else None
    if before and (before.signed_by, before.draft_revision) == (actor.person, revision):
        return before
    spoken = len(await _left(unit, at))
    draft = await store.lock(unit, at.case.id, actor.person, revision)
    after = rules.signed(draft, at.who, spoken_left=spoken, attested=attested, first=last == 0)
    texts = letter.texts_of(after)
    outcome = await asyncio.to_thread(verdict.screen_fields, texts, today=unit.now.date())
    if isinstance(outcome, Held):
        return outcome
    await store.save_states(unit, draft, after)
    await store.save_stage(unit, after)
    await store.save_texts(unit, at.case.id, comment=None, amend_reason=None)
    case = await _move_case(unit, at)
    around = await _surroundings(unit, at, after)
    body = letter.build(case, after, outcome.screened, around, last + 1)
    signed = await store.append_signed(
        unit, case.id, last + 1, body, by=actor.person, revision=revision
    )
    _record(
        unit,
        at,
        "recommendations.signed",
        letter_version=signed.version,
        hash=signed.body_hash,
        items=len(after.live),
    )
    unit.publish(
        RecommendationsSigned(case.id, case.programme, case.case_no, case.author, signed.version)
    )
    await unit.commit()
    return signed


async def _left(unit: Unit, at: Bench) -> tuple[sessions.Capture, ...]:
    captures = await sessions.captures(unit, at.case.id)
    return left_over(captures, await store.load(unit, at.case.id))


async def _move_case(unit: Unit, at: Bench) -> Case:
    """Run the case's own transition; an amendment leaves the case where it is."""
    if at.case.state is not CaseState.RECS_DRAFTED:
        return at.case
    state = lifecycle.step(
        at.case.state,
        lifecycle.Deed.SIGN,
        advice_access.parties(at.who),
        (CaseGuard.RECOMMENDATIONS_COMPLETE,),
    )
    return await case_store.save(unit, at.case, replace(at.case, state=state, state_at=unit.now))


async def _surroundings(unit: Unit, at: Bench, draft: Draft) -> Surroundings:
    """Collect what the letter says about the session and its people, as of now."""
    case = at.case
    programme = await sessions.get_programme(unit, case.programme)
    found = await sessions.session_of_case(unit, case.id)
    session = found[0].session if found else None
    here = await sessions.people_present(unit, session.id) if session else ()
    speakers = {said.person for item in draft.live for said in item.said}
    members = await people.members_of(unit, case.programme, closed=True)
    roles = {m.card.id: m.roles for m in members}
    at_hub = [
        person
        for person in dict.fromkeys((*here, *sorted(speakers)))
        if roles.get(person, frozenset()) & HUB_ROLES
    ]
    cards = await people.cards(unit, {*at_hub, *speakers, case.author, at.actor.person})
    labels = {person: card.label for person, card in cards.items()}
    hubs = {o.id: o.name for o in await people.organisations(unit)}
    return Surroundings(
        programme_name=programme.name,
        hub_name=hubs.get(programme.hub, ""),
        zone=programme.zone,
        session_at=session.starts_at if session else None,
        presenter_label=labels.get(case.author, ""),
        hub_present=tuple(labels[person] for person in at_hub if person in labels),
        labels=labels,
        signer=at.actor.person,
        signed_as="director" if Hand.DIRECTOR in at.who else "delegate",
        signed_at=unit.now,
    )


def _record(unit: Unit, at: Bench, action: str, **facts: str | int | bool) -> None:
    unit.record(
        action, actor=at.actor.person, subject=at.case.id, programme=at.case.programme, **facts
    )


async def report_broken(unit: Unit, actor: Actor, case: Case, version: int) -> None:
    """Write into the audit that a signed letter no longer fits its hash. Commits."""
    unit.record(
        "letter.integrity_failed",
        actor=actor.person,
        subject=case.id,
        programme=case.programme,
        letter_version=version,
    )
    await unit.commit()


def _ensure_director(actor: Actor, programme: ProgrammeId) -> None:
    if not actor.roles_in(programme):
        raise NotFound
    if not actor.can(Permission.RECOMMENDATION_SIGN, programme):
        raise Forbidden


async def name_delegate(
    unit: Unit, actor: Actor, programme: ProgrammeId, person: PersonId
) -> None:
    """Let a hub specialist of the programme sign in the director's place. Commits.

    Raises Invalid `rec.delegate` for anybody who is no hub specialist there.
    """
    _ensure_director(actor, programme)
    members = {m.card.id: m.roles for m in await people.members_of(unit, programme)}
    if Role.HUB_SPECIALIST not in members.get(person, frozenset()):
        raise Invalid("rec.delegate", {"person": "rec.delegate"})
    await store.add_delegate(unit, programme, person, actor.person)
    unit.record("delegate.named", actor=actor.person, subject=person, programme=programme)
    await unit.commit()


async def remove_delegate(
    unit: Unit, actor: Actor, programme: ProgrammeId, person: PersonId
) -> None:
    """Take the right to sign back. Commits."""
    _ensure_director(actor, programme)
    await store.remove_delegate(unit, programme, person)
    unit.record("delegate.removed", actor=actor.person, subject=person, programme=programme)
    await unit.commit()
