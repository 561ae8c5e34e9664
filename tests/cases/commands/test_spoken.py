"""A case is read in the language it is written in: for its author, at the desk, again and again."""

import pytest

from cases.commands import drafts, send_back, submit, triage
from cases.commands.submit import NotYet, Submitted, Target, Written
from cases.queries import review
from cases.rules.findings import REASONS, Flagged
from cases.rules.models import CaseState
from cases.store import cases as store
from cases.store import desk as passes
from server.deid.detect import scan
from server.deid.load import ruleset
from server.deid.models import Held
from server.kit.actor import Actor, Role
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.factories.cases import a_form, submit_raw
from tests.factories.sessions import somebody

SPANISH = {
    "main_question": "¿Qué haría usted si la tristeza no mejora con lo que ya toma?",
    "goal_own_words": "Quiero disfrutar de mi niña",
    "presenting_problem": (
        "Está triste desde el parto, llora casi todos los días y se despierta a las cuatro."
        " Su prima Yuleisy vive en Huancapi, pero no la puede ayudar."
    ),
    "psych_history": "Hace diez años tuvo una depresión que mejoró sin pastillas.",
    "diagnoses.0.label": "Depresión posparto",
}
FRENCH = {
    "main_question": "Que feriez-vous si la tristesse ne passe pas avec le traitement ?",
    "goal_own_words": "Je veux profiter de mon enfant",
    "presenting_problem": (
        "Elle est triste depuis la naissance et pleure presque tous les jours."
        " Sa voisine, l'Agnès, ne peut pas l'aider pour le moment."
    ),
    "psych_history": "Une dépression il y a dix ans, passée sans médicament.",
    "diagnoses.0.label": "Dépression du post-partum",
}
TITLED = "La llevó don Anselmo a la consulta porque ella ya no puede andar sin ayuda."
"""A name that blocks in Spanish; English rules know no "don"."""


@pytest.fixture
async def desk(units: Units, programme: Programme) -> Actor:
    return await somebody(units, programme, Role.COORDINATOR)


def seen(flagged: tuple[Flagged, ...]) -> list[tuple[str, str, str]]:
    return [(f.path, f.rule, f.found) for f in flagged]


@pytest.mark.both_databases
@pytest.mark.parametrize("lang", ["es", "fr"])
async def test_author_and_desk_see_the_same_findings_of_the_same_mode(
    units: Units, author: Actor, desk: Actor, programme: Programme, lang: str
) -> None:
    texts = {"es": SPANISH, "fr": FRENCH}[lang]
    typed = a_form(**texts)
    first = await submit_raw(units, author, programme, typed)
    assert isinstance(first, NotYet)
    assert not first.held
    assert first.flagged
    for path, text in texts.items():
        assert [f.rule for f in first.flagged if f.path == path] == [
            f.rule for f in scan(text, lang).findings
        ]
    decided = {f.key: REASONS[0].value for f in first.flagged}
    async with units.write() as unit:
        done = await submit.submit_case(
            unit, author, Target(programme=programme.id), Written(typed, decided)
        )
    assert isinstance(done, Submitted)
    async with units.read() as unit:
        shown = await review(unit, desk, done.case.key)
    assert seen(shown.flagged) == seen(first.flagged)
    assert [f.key for f in shown.flagged] == [f.key for f in first.flagged]
    async with units.write() as unit:
        accepted = await triage.pass_check(
            unit,
            desk,
            done.case.key,
            row_version=done.case.row_version,
            verdicts={f.key: triage.CLEAR for f in shown.flagged},
            then_accept=True,
        )
    assert accepted.state is CaseState.ACCEPTED
    # The pass is bound to the text and to the rules, whatever language they were read in.
    async with units.read() as unit:
        version = await store.load_version(unit, done.case.id, 1)
        [made] = (await passes.load_passes(unit, [done.case.id]))[done.case.id]
    assert (made.content_hash, made.ruleset) == (version.content_hash, ruleset().version)
    assert version.ruleset == ruleset(lang).version == ruleset().version


@pytest.mark.both_databases
async def test_what_blocks_in_spanish_holds_a_spanish_case(
    units: Units, author: Actor, programme: Programme
) -> None:
    typed = a_form(**SPANISH | {"presenting_problem": TITLED})
    held = await submit_raw(units, author, programme, typed)
    assert isinstance(held, NotYet)
    assert held.held
    assert [(f.rule, f.found) for f in held.flagged if f.blocking] == [
        ("name.titled_es", "don Anselmo")
    ]
    async with units.write() as unit:
        kept = await drafts.save_draft(
            unit, author, Target(programme=programme.id), Written(typed, {})
        )
    assert isinstance(kept, NotYet)
    assert kept.held


async def test_a_short_answer_is_read_in_the_language_of_the_case(
    units: Units, author: Actor, programme: Programme
) -> None:
    short = "Remitida por doña Elvira"
    held = await submit_raw(units, author, programme, a_form(**SPANISH | {"psych_history": short}))
    assert isinstance(held, NotYet)
    assert [f.rule for f in held.flagged if f.path == "psych_history"] == [
        f.rule for f in scan(short, "es").findings
    ]
    # One Spanish answer in an English case is read in Spanish, the rest in English.
    mixed = await submit_raw(units, author, programme, a_form(goal_own_words=TITLED))
    assert isinstance(mixed, NotYet)
    assert [(f.path, f.rule) for f in mixed.flagged if f.blocking] == [
        ("goal_own_words", "name.titled_es")
    ]


async def test_what_the_desk_writes_is_read_in_its_own_language(
    units: Units, author: Actor, desk: Actor, programme: Programme
) -> None:
    done = await submit_raw(units, author, programme, a_form())
    assert isinstance(done, Submitted)
    async with units.write() as unit:
        outcome = await send_back.decline(
            unit, desk, done.case.key, row_version=done.case.row_version, reason=TITLED
        )
    assert isinstance(outcome, Held)
