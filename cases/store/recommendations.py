"""Load and save drafts of recommendations, signed letters, and who may sign for the director."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from cases.rules import letter as rules
from cases.rules.advice import (
    Caution,
    Content,
    DoneBy,
    Draft,
    Evidence,
    ItemState,
    ProblemArea,
    Recommendation,
    Said,
    ScreenedContent,
    Stage,
    Strength,
    TimeFrame,
)
from cases.rules.letter import Signed
from cases.store.advice_rows import (
    AdviceDraftRow,
    LetterRow,
    RecommendationRow,
    SigningDelegateRow,
)
from server.deid.models import ScreenedText
from server.kit.actor import Lane
from server.kit.errors import Conflict
from server.kit.ids import CaptureId, CaseId, PersonId, ProgrammeId, RecommendationId
from server.store.unit import Unit


def to_draft(row: AdviceDraftRow, items: Iterable[Recommendation]) -> Draft:
    """Return the value of a draft's row."""
    return Draft(
        case=CaseId(row.case_id),
        programme=ProgrammeId(row.programme_id),
        stage=Stage(row.stage),
        revision=row.revision,
        summary=row.summary,
        watch_for=row.watch_for,
        comment=row.comment,
        amend_reason=row.amend_reason,
        updated_at=row.updated_at,
        updated_by=PersonId(row.updated_by),
        items=tuple(items),
    )


def to_item(row: RecommendationRow) -> Recommendation:
    """Return the value of an item's row."""
    return Recommendation(
        id=RecommendationId(row.id),
        case=CaseId(row.case_id),
        position=row.position,
        state=ItemState(row.state),
        content=Content(
            text=row.text,
            problem_area=ProblemArea(row.problem_area),
            strength=Strength(row.strength),
            evidence=Evidence(row.evidence),
            role=DoneBy(row.role),
            time_frame=TimeFrame(row.time_frame),
            step=row.step,
            rationale=row.rationale,
            citation_title=row.citation_title,
            citation_year=row.citation_year,
            citation_link=row.citation_link,
            cautions=tuple(Caution(c) for c in row.cautions),
        ),
        said=tuple(Said(PersonId(s[0]), Lane(s[1]), s[2]) for s in row.said),
        captures=tuple(CaptureId(c) for c in row.captures),
        drop_reason=row.drop_reason,
        merged_into=RecommendationId(row.merged_into) if row.merged_into else None,
        version=row.version,
    )


def _content_columns(screened: ScreenedContent) -> dict[str, Any]:
    content = screened.content()
    return {
        "text": content.text,
        "rationale": content.rationale,
        "citation_title": content.citation_title,
        "citation_year": content.citation_year,
        "citation_link": content.citation_link,
        "problem_area": content.problem_area.value,
        "strength": content.strength.value,
        "evidence": content.evidence.value,
        "role": content.role.value,
        "time_frame": content.time_frame.value,
        "step": content.step,
        "cautions": [c.value for c in content.cautions],
    }


def _around_columns(item: Recommendation) -> dict[str, Any]:
    return {
        "position": item.position,
        "state": item.state.value,
        "said": [[s.person, s.lane.value, s.at_ms] for s in item.said],
        "captures": list(item.captures),
        "merged_into": item.merged_into,
    }


async def load(unit: Unit, case: CaseId) -> Draft | None:
    """Return the draft of a case with its items in order, or None when nobody has begun one."""
    row = await unit.db.get(AdviceDraftRow, case, populate_existing=True)
    return None if row is None else to_draft(row, await _items(unit, case))


async def _items(unit: Unit, case: CaseId) -> Sequence[Recommendation]:
    rows = await unit.db.scalars(
        select(RecommendationRow)
        .where(RecommendationRow.case_id == case)
        .order_by(RecommendationRow.position, RecommendationRow.id)
        .execution_options(populate_existing=True)
    )
    return [to_item(row) for row in rows]


async def begin(unit: Unit, draft: Draft, by: PersonId) -> None:
    """Begin an empty draft; Conflict `stale` when somebody else has just done so."""
    unit.db.add(
        AdviceDraftRow(
            case_id=draft.case,
            programme_id=draft.programme,
            stage=draft.stage.value,
            revision=draft.revision,
            summary="",
            watch_for="",
            comment="",
            amend_reason="",
            updated_at=unit.now,
            updated_by=by,
        )
    )
    try:
        await unit.db.flush()
    except IntegrityError as error:
        raise Conflict("stale") from error


async def lock(unit: Unit, case: CaseId, by: PersonId, expected: int | None = None) -> Draft:
    """Claim the draft for a change: move its revision on and return it as it is now.

    Whoever comes second waits for the first to commit. Raises Conflict `stale` when there is no
    draft, or `expected` is given and the revision is another one.
    """
    wanted = update(AdviceDraftRow).where(AdviceDraftRow.case_id == case)
    if expected is not None:
        wanted = wanted.where(AdviceDraftRow.revision == expected)
    changed = await unit.db.execute(
        wanted.values(
            revision=AdviceDraftRow.revision + 1, updated_at=unit.now, updated_by=by
        ).returning(AdviceDraftRow.revision)
    )
    if changed.scalar_one_or_none() is None:
        raise Conflict("stale")
    draft = await load(unit, case)
    assert draft is not None  # the row was just updated in this transaction
    return draft


async def save_stage(unit: Unit, draft: Draft) -> None:
    """Write where a locked draft stands."""
    await unit.db.execute(
        update(AdviceDraftRow)
        .where(AdviceDraftRow.case_id == draft.case)
        .values(stage=draft.stage.value)
    )


async def save_texts(unit: Unit, case: CaseId, **texts: ScreenedText | None) -> None:
    """Write texts of a locked draft (`summary`, `watch_for`, `comment`, `amend_reason`).

    None empties one.
    """
    values = {name: text.text if text else "" for name, text in texts.items()}
    await unit.db.execute(
        update(AdviceDraftRow).where(AdviceDraftRow.case_id == case).values(**values)
    )


async def add_item(unit: Unit, item: Recommendation, screened: ScreenedContent) -> None:
    """Add an item to a locked draft."""
    unit.db.add(
        RecommendationRow(
            id=item.id,
            case_id=item.case,
            version=1,
            drop_reason="",
            **_content_columns(screened),
            **_around_columns(item),
        )
    )
    await unit.db.flush()


async def save_item(
    unit: Unit,
    before: Recommendation,
    after: Recommendation,
    *,
    screened: ScreenedContent | None = None,
    drop_reason: ScreenedText | None = None,
) -> Recommendation:
    """Write an item of a locked draft; its texts change only to screened ones.

    Raises Conflict `stale` when the row no longer has the version of `before`.
    """
    values = _around_columns(after) | {"version": before.version + 1}
    if screened is not None:
        values |= _content_columns(screened)
    values["drop_reason"] = drop_reason.text if drop_reason else ""
    changed = await unit.db.execute(
        update(RecommendationRow)
        .where(RecommendationRow.id == before.id, RecommendationRow.version == before.version)
        .values(**values)
        .returning(RecommendationRow.version)
    )
    if changed.scalar_one_or_none() is None:
        raise Conflict("stale")
    content = screened.content() if screened else after.content
    return replace(after, content=content, version=before.version + 1)


async def save_states(unit: Unit, before: Draft, after: Draft) -> None:
    """Write the states of a locked draft's items after a deed on all of them."""
    old = {item.id: item.state for item in before.items}
    for item in after.items:
        if item.state is not old[item.id]:
            await unit.db.execute(
                update(RecommendationRow)
                .where(RecommendationRow.id == item.id)
                .values(state=item.state.value, version=RecommendationRow.version + 1)
            )


def to_signed(row: LetterRow) -> Signed:
    """Return a letter as stored; its `letter` is None when the bytes no longer fit the hash."""
    signed = Signed(
        case=CaseId(row.case_id),
        version=row.version,
        body=row.body,
        body_hash=row.body_hash,
        signed_by=PersonId(row.signed_by),
        signed_at=row.signed_at,
        draft_revision=row.draft_revision,
        letter=None,
        purged_at=row.purged_at,
        purged_by=PersonId(row.purged_by) if row.purged_by else None,
    )
    if signed.purged_at is not None:
        return signed
    try:
        return replace(signed, letter=rules.verify(signed))
    except (Conflict, ValueError, KeyError, TypeError):
        return signed


async def append_signed(
    unit: Unit, case: CaseId, version: int, body: str, *, by: PersonId, revision: int
) -> Signed:
    """Add a signed version; nothing ever changes it. Conflict `stale` when the number is taken.

    `body` is what `rules.letter.build` made of screened texts.
    """
    unit.db.add(
        LetterRow(
            case_id=case,
            version=version,
            body=body,
            body_hash=rules.digest(body),
            signed_by=by,
            signed_at=unit.now,
            draft_revision=revision,
        )
    )
    try:
        await unit.db.flush()
    except IntegrityError as error:
        raise Conflict("stale") from error
    found = await load_signed(unit, case, version)
    assert found is not None
    return found


async def purge(unit: Unit, case: CaseId, by: PersonId) -> int:
    """Erase what was recommended: the draft's texts, its items, every letter; return how many.

    Of a letter its hash, signer, instants and who erased it remain (domain.md, invariant 4).
    """
    await unit.db.execute(delete(RecommendationRow).where(RecommendationRow.case_id == case))
    await unit.db.execute(
        update(AdviceDraftRow)
        .where(AdviceDraftRow.case_id == case)
        .values(
            summary="",
            watch_for="",
            comment="",
            amend_reason="",
            revision=AdviceDraftRow.revision + 1,
            updated_at=unit.now,
            updated_by=by,
        )
    )
    erased = await unit.db.execute(
        update(LetterRow)
        .where(LetterRow.case_id == case, LetterRow.purged_at.is_(None))
        .values(body="", purged_at=unit.now, purged_by=by)
        .returning(LetterRow.version)
    )
    return len(erased.all())


async def holds_text(unit: Unit, case: CaseId) -> bool:
    """Say whether items or letters of a case are stored whose text was not erased."""
    items = select(RecommendationRow.id).where(RecommendationRow.case_id == case)
    signed = select(LetterRow.version).where(
        LetterRow.case_id == case, LetterRow.purged_at.is_(None)
    )
    return bool(await unit.db.scalar(select(or_(items.exists(), signed.exists()))))


async def last_version(unit: Unit, case: CaseId) -> int:
    """Return the newest signed version's number; 0 when nothing is signed."""
    found = await unit.db.scalar(
        select(func.max(LetterRow.version)).where(LetterRow.case_id == case)
    )
    return found or 0


async def load_signed(unit: Unit, case: CaseId, version: int) -> Signed | None:
    """Return one signed version, or None."""
    row = await unit.db.get(LetterRow, (case, version), populate_existing=True)
    return None if row is None else to_signed(row)


async def versions(unit: Unit, case: CaseId) -> tuple[tuple[int, Signed], ...]:
    """Return every signed version, oldest first."""
    rows = await unit.db.scalars(
        select(LetterRow).where(LetterRow.case_id == case).order_by(LetterRow.version)
    )
    return tuple((row.version, to_signed(row)) for row in rows)


async def all_signed(unit: Unit) -> tuple[tuple[CaseId, int], ...]:
    """Return every signed version's case and number, oldest first: what a rebuild walks over."""
    rows = await unit.db.execute(
        select(LetterRow.case_id, LetterRow.version).order_by(
            LetterRow.signed_at, LetterRow.case_id
        )
    )
    return tuple((CaseId(case), version) for case, version in rows)


async def delegates(unit: Unit, programme: ProgrammeId) -> frozenset[PersonId]:
    """Return who may sign in the director's place in one programme."""
    found = await unit.db.scalars(
        select(SigningDelegateRow.person_id).where(SigningDelegateRow.programme_id == programme)
    )
    return frozenset(PersonId(person) for person in found)


async def delegated_programmes(unit: Unit, person: PersonId) -> frozenset[ProgrammeId]:
    """Return the programmes in which a person is a delegate."""
    found = await unit.db.scalars(
        select(SigningDelegateRow.programme_id).where(SigningDelegateRow.person_id == person)
    )
    return frozenset(ProgrammeId(programme) for programme in found)


async def add_delegate(unit: Unit, programme: ProgrammeId, person: PersonId, by: PersonId) -> None:
    """Name a delegate; a second time changes nothing."""
    if person in await delegates(unit, programme):
        return
    unit.db.add(
        SigningDelegateRow(
            programme_id=programme, person_id=person, named_by=by, named_at=unit.now
        )
    )
    await unit.db.flush()


async def remove_delegate(unit: Unit, programme: ProgrammeId, person: PersonId) -> None:
    """Take the right to sign back."""
    await unit.db.execute(
        delete(SigningDelegateRow).where(
            SigningDelegateRow.programme_id == programme, SigningDelegateRow.person_id == person
        )
    )
