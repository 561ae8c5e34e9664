"""One suite for both indexes: the same recall, the same order, whatever is typed."""

import random

import pytest

from cases.library import search as library
from cases.library.documents import Face, index_terms
from cases.library.indexer import index_for
from cases.rules.models import Case, CaseState, CaseType
from cases.store import cases as case_store
from cases.store import library as store
from server.kit.actor import Actor, Role
from server.kit.ids import CaseId, PersonId, ProgrammeId, new_id
from server.store.unit import Unit, Units
from tests.factories.library import find, golden
from tests.factories.people import make_actor

pytestmark = pytest.mark.both_databases

GOLDEN = golden()
ELSEWHERE = ProgrammeId("e" * 26)
OURS = ProgrammeId("p" * 26)

ODD = (
    "'", "''", "'; DROP TABLE library_fts; --", '"', '""""', "NEAR(a b)", "a NEAR/2 b", "AND",
    "OR NOT", "NOT lithium", "lithium AND", "^lithium", "lithium*", "*", "terms:lithium",
    "{a b}: c", "(((", ")))", "a & b | !c", "lithium:*", "<->", "\\", "\\'", "%", "_", "\x00",
    "İstanbul", "ß", "ﬁ", "日本語", "🙂 lithium", "a" * 5000, "-" * 200, "- -", "--lithium",
    "programme:", "programme:''", ":bh", "е́", "\u202elithium", "1/0", "${7*7}",
    "<script>alert(1)</script>", "lithium\tlevel\nkidney", "x" * 41, "日" * 300, "step:1",
)  # fmt: skip
USUAL = ("lithium", "hepatitis c", "benzodiazepine", "stop", "-epilepsy", '"low dose"', "bupe")


def odd_lines(count: int, seed: int) -> list[str]:
    """Return search lines made of odd and usual pieces; the same ones for the same seed."""
    dice = random.Random(seed)
    return [" ".join(dice.choices((*ODD, *USUAL), k=dice.randint(1, 4))) for _ in range(count)] + [
        "".join(chr(dice.randrange(1, 0xD7FF)) for _ in range(dice.randint(1, 40)))
        for _ in range(count)
    ]


async def _entry(unit: Unit, number: int) -> store.Entry:
    case = Case(
        id=CaseId(new_id(unit.now)),
        programme=ELSEWHERE,
        programme_code="SU",
        patient_ref=f"SU-{number:05d}",
        case_type=CaseType.NEW,
        author=PersonId("a" * 26),
        organisation=None,
        state=CaseState.RECS_ISSUED,
        created_at=unit.now,
        state_at=unit.now,
        case_no=f"SU-2031-{number:03d}",
    )
    await case_store.insert(unit, case)
    return await store.create(unit, case.id, ELSEWHERE, 1)


async def fill(units: Units) -> Actor:
    """Put the judged collection into the database as published entries of another programme."""
    async with units.write() as unit:
        for number, doc in enumerate(GOLDEN.docs, start=1):
            entry = await _entry(unit, number)
            assert entry.key == doc.number
            await store.put_document(
                unit,
                entry,
                face=Face.PUBLISHED.value,
                version=1,
                dated_at=doc.dated_at,
                body=doc.to_json(),
            )
            await index_for(unit).put(
                unit, store.document_id(entry.id, Face.PUBLISHED.value, 1), index_terms(doc)
            )
        await unit.commit()
    return await make_actor(units, "Reader", {OURS: (Role.LEARNER,)})


async def order(units: Units, actor: Actor, text: str) -> list[str]:
    async with units.read() as unit:
        results = await library.search(unit, actor, text)
    return [h.doc.number for h in results.hits]


async def test_the_order_is_that_of_the_pure_ranking(units: Units) -> None:
    actor = await fill(units)
    lines = [q["q"] for q in GOLDEN.queries] + odd_lines(60, seed=7)
    for line in lines:
        wanted = [r.doc.number for r in find(GOLDEN.docs, line)]
        assert await order(units, actor, line) == wanted, line


async def test_odd_lines_are_suggested_without_harm(units: Units) -> None:
    actor = await fill(units)
    for line in odd_lines(60, seed=11):
        async with units.read() as unit:
            found = await library.suggest(unit, actor, line)
        assert len(found) <= library.SUGGESTIONS


async def test_pages_hold_every_result_once(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "PAGE", 5)
    actor = await fill(units)
    async with units.read() as unit:
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = await library.search(unit, actor, "", cursor)
            seen += [h.doc.number for h in page.hits]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(seen) == sorted(d.number for d in GOLDEN.docs)
    assert len(seen) == len(set(seen))
    # The newest first when nothing is asked; a superseded or outdated one never leads.
    assert seen[0] == "KB-0003"
    assert set(seen[-2:]) == {"KB-0013", "KB-0016"}
