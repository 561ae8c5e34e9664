"""From an issued letter to a published library entry: rewrite, review, publish, withhold."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from cases.commands.recommend import NotYet
from cases.events import EntryPublished, EntryRetracted
from cases.instruments.base import N_
from cases.rules import advice_access, publication
from cases.rules.models import Case
from cases.rules.publication import Act, Bar, Capacity, Entry, PublicTexts, Review
from cases.store import cases as case_store
from cases.store import library as store
from cases.store import recommendations as letters
from server.deid import verdict
from server.deid.models import Held
from server.kit.actor import Actor, Permission
from server.kit.errors import NotFound
from server.kit.text import clean_line, clean_text
from server.store.unit import Unit


async def _entry(unit: Unit, actor: Actor, key: str) -> tuple[Entry, Case, frozenset[Capacity]]:
    """Load an entry to act on; NotFound unless the actor reads issued entries of its programme."""
    entry = await store.by_key(unit, key)
    if entry is None or not actor.can(Permission.LIBRARY_READ_ISSUED, entry.programme):
        raise NotFound
    case = await case_store.load(unit, entry.case)
    return entry, case, advice_access.capacities(actor, entry, case.author)


async def _facts(unit: Unit, actor: Actor, entry: Entry, case: Case) -> frozenset[Bar]:
    found = set()
    if not case.publication_veto:
        found.add(Bar.NOT_VETOED)
    version = await case_store.load_version(unit, case.id, case.content_version)
    if (
        version.answers is not None
        and case.safety.answered
        and publication.is_adult(version.answers.get("age"))
    ):
        found.add(Bar.ELIGIBLE)
    letter = await letters.load_signed(unit, case.id, entry.version)
    if letter is None or letter.signed_by != actor.person:
        found.add(Bar.NOT_SIGNER)
    if case.author != actor.person:
        found.add(Bar.NOT_PRESENTER)
    return frozenset(found)


def _problems(texts: Mapping[str, str]) -> dict[str, str]:
    limits = {
        "title": (publication.TITLE_MIN, publication.TITLE_MAX),
        "question": (publication.QUESTION_MIN, publication.QUESTION_MAX),
        "synopsis": (0, publication.SYNOPSIS_MAX),
        "tags": (0, publication.TAGS_MAX),
    }
    found = {}
    for name, (low, high) in limits.items():
        if len(texts[name]) < low:
            found[name] = N_("This is too short.")
        elif len(texts[name]) > high:
            found[name] = N_("This is too long.")
    return found


async def rewrite(
    unit: Unit, actor: Actor, key: str, *, row_version: int, texts: Mapping[str, str]
) -> Entry | NotYet:
    """Keep the coordinator's public wording: the identifier review of §6.5. Commits.

    `texts`: title, question, synopsis, tags. Raises Conflict `library.own_signature` when the
    coordinator also signed the letter, `library.vetoed`, `library.not_eligible`, `stale`.
    """
    entry, case, who = await _entry(unit, actor, key)
    tidy = {
        "title": clean_line(texts.get("title", "")),
        "question": clean_line(texts.get("question", "")),
        "synopsis": clean_text(texts.get("synopsis", "")),
        "tags": clean_line(texts.get("tags", "")),
    }
    errors = _problems(tidy)
    outcome = await asyncio.to_thread(verdict.screen_fields, tidy, today=unit.now.date())
    if isinstance(outcome, Held):
        return NotYet(errors, outcome)
    if errors:
        return NotYet(errors)
    state = publication.step(entry.state, Act.REWRITE, who, await _facts(unit, actor, entry, case))
    after = replace(entry, state=state, rewritten=Review(actor.person, unit.now), reviewed=None)
    saved = await store.save(unit, _at(entry, row_version), after, PublicTexts(outcome.screened))
    _record(unit, actor, entry, "library.rewritten")
    await unit.commit()
    return saved


async def review(unit: Unit, actor: Actor, key: str, *, row_version: int) -> Entry:
    """Record that a hub specialist other than the signer checked text and currency. Commits."""
    entry, case, who = await _entry(unit, actor, key)
    state = publication.step(entry.state, Act.REVIEW, who, await _facts(unit, actor, entry, case))
    after = replace(entry, state=state, reviewed=Review(actor.person, unit.now))
    saved = await store.save(unit, _at(entry, row_version), after)
    _record(unit, actor, entry, "library.reviewed")
    await unit.commit()
    return saved


async def publish(unit: Unit, actor: Actor, key: str, *, row_version: int) -> Entry:
    """Open the entry to everybody with an account, in the version that was reviewed. Commits."""
    entry, case, who = await _entry(unit, actor, key)
    state = publication.step(entry.state, Act.PUBLISH, who, await _facts(unit, actor, entry, case))
    after = replace(
        entry,
        state=state,
        published_version=entry.version,
        published=Review(actor.person, unit.now),
    )
    saved = await store.save(unit, _at(entry, row_version), after)
    _record(unit, actor, entry, "library.published")
    unit.publish(EntryPublished(entry.id, entry.case, entry.version))
    await unit.commit()
    return saved


async def withhold(unit: Unit, actor: Actor, key: str) -> None:
    """Take the presenter's case out of the library for good; no reason is asked. Commits.

    Letters stay. Raises NotFound unless the actor presented the case.
    """
    case = await case_store.load(unit, key)
    if case.author != actor.person or not advice_access.is_presented(case):
        raise NotFound
    if not case.publication_veto:
        await case_store.save(unit, case, replace(case, publication_veto=True))
        unit.record(
            "case.publication_veto", actor=actor.person, subject=case.id, programme=case.programme
        )
    entry = await store.of_case(unit, case.id)
    if entry is not None and entry.state is not publication.EntryState.RETRACTED:
        state = publication.step(entry.state, Act.RETRACT, frozenset({Capacity.PRESENTER}))
        await store.save(unit, entry, replace(entry, state=state))
        _record(unit, actor, entry, "library.retracted")
        unit.publish(EntryRetracted(entry.id, entry.case))
    await unit.commit()


def _at(entry: Entry, row_version: int) -> Entry:
    """Return the entry as the actor saw it, for the optimistic lock."""
    return replace(entry, row_version=row_version)


def _record(unit: Unit, actor: Actor, entry: Entry, action: str) -> None:
    unit.record(
        action,
        actor=actor.person,
        subject=entry.id,
        programme=entry.programme,
        letter_version=entry.version,
    )
