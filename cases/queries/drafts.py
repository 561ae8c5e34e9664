"""What an author may look back at: the states of a draft, the texts that were sent, a clash."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cases.queries.forms import current_form, form_of
from cases.queries.intake import Intake, choices
from cases.rules import access, drafts, sheet
from cases.rules.drafts import Difference, Origin
from cases.rules.fields import Form
from cases.rules.intake import Raw, known_paths, raw_of
from cases.rules.models import Answers, Case, CaseState
from cases.rules.sheet import SheetSection
from cases.store import cases as store
from cases.store import drafts as states
from server.kit.actor import Actor
from server.kit.errors import NotFound
from server.kit.ids import PersonId, ProgrammeId
from server.people import api as people
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import Programme

_NAME: Final = re.compile("([dv])([1-9][0-9]{0,8})")
OPEN: Final = frozenset({CaseState.DRAFT, CaseState.NEEDS_CHANGES})


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier text: `d4` the fourth state of the draft, `v2` the second that was sent.

    `changed` are labels of the fields that differ from the text before it; None for the first one
    that is known. `current`: what the draft is now. `erased`: only the mark is left that it
    existed.
    """

    name: str
    origin: Origin | None
    at: datetime
    changed: tuple[str, ...] | None
    current: bool = False
    erased: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The earlier texts of a case, newest first, and the one that is looked at."""

    case: Case
    programme: Programme
    past: tuple[Past, ...]
    shown: Past | None
    question: str
    sections: tuple[SheetSection, ...]

    @property
    def open(self) -> bool:
        """Whether the case can still be written."""
        return self.case.state in OPEN


async def begun_on(unit: Unit, actor: Actor, programme: ProgrammeId, writer: str) -> Case | None:
    """Return the case that a page of the actor has begun in a programme, or None."""
    found = await states.begun_on(unit, actor.person, programme, writer)
    return await store.load(unit, found) if found else None


async def own_case(unit: Unit, actor: Actor, key: str) -> tuple[Case, Programme]:
    """Return a case of the actor's own and its programme; NotFound for anybody else's."""
    case = await store.load(unit, key)
    access.ensure_author(actor, case)
    return case, await sessions.get_programme(unit, case.programme)


async def history(unit: Unit, actor: Actor, key: str, name: str = "") -> History:
    """Return the earlier texts of an own case; `name` picks one to read. Raises NotFound."""
    case, programme = await own_case(unit, actor, key)
    form = await current_form(unit, programme.id)
    texts = [text async for text in _texts(unit, case)]
    past = tuple(_described(form, texts))
    if not name:
        return History(case, programme, past, None, "", ())
    found = next(((p, t) for p, t in zip(past, texts, strict=True) if p.name == name), None)
    if found is None or found[1].answers is None:
        raise NotFound
    shown, text = found
    sections = await _sections(unit, case, text)
    return History(case, programme, past, shown, found[1].answers.text("main_question"), sections)


@dataclass(frozen=True, slots=True)
class _Text:
    name: str
    origin: Origin | None
    at: datetime
    answers: Answers | None
    form: str


async def _texts(unit: Unit, case: Case) -> AsyncIterator[_Text]:
    for state in await states.load_all(unit, case.id):
        yield _Text(f"d{state.number}", state.origin, state.saved_at, state.answers, "")
    for number in range(case.content_version, 0, -1):
        version = await store.load_version(unit, case.id, number)
        yield _Text(f"v{number}", None, version.created_at, version.answers, version.form_version)


def _described(form: Form, texts: list[_Text]) -> Iterator[Past]:
    """Yield what is said about each text: compared with the one before it that is still there."""
    now = next((t for t in texts if t.origin not in (None, Origin.ASIDE)), None)
    for place, text in enumerate(texts):
        older = next((t.answers for t in texts[place + 1 :] if t.answers is not None), None)
        changed = None
        if text.answers is not None and older is not None:
            changed = tuple(
                d.label for d in drafts.compare(form, raw_of(text.answers), raw_of(older), {})
            )
        erased = text.answers is None
        yield Past(text.name, text.origin, text.at, changed, current=text is now, erased=erased)


async def _sections(unit: Unit, case: Case, text: _Text) -> tuple[SheetSection, ...]:
    assert text.answers is not None
    form = (
        await form_of(unit, case.programme, text.form)
        if text.form
        else await current_form(unit, case.programme)
    )
    supervisor = PersonId(text.answers.text("supervisor"))
    cards = await people.cards(unit, {supervisor} - {PersonId("")})
    names = {str(pid): card.label for pid, card in cards.items()}
    if case.prior_case is not None:
        listed = await choices(unit, case.programme, case.prior_case)
        names |= {option.value: option.label for options in listed.values() for option in options}
    return sheet.sections(form, text.answers, quiet=True, names=names)


@dataclass(frozen=True, slots=True)
class PastText:
    """An earlier text as it would be typed into the form, and when it was written."""

    raw: Raw
    at: datetime


async def past_text(unit: Unit, form: Intake, name: str) -> PastText:
    """Return an earlier text of an open form; nothing is stored until the author saves.

    Raises NotFound when there is no such text any more.
    """
    read = _NAME.fullmatch(name)
    if read is None or form.case is None:
        raise NotFound
    number = int(read[2])
    if read[1] == "d":
        state = await states.load(unit, form.case.id, number)
        answers, at = state.answers, state.saved_at
    else:
        version = await store.load_version(unit, form.case.id, number)
        if version.answers is None:
            raise NotFound
        answers, at = version.answers, version.created_at
    raw = {**dict(form.case.safety.statement), **raw_of(answers)}
    raw = {path: raw[path] for path in known_paths(form.form, raw)}
    return PastText({"case_type": form.case.case_type.value, **raw}, at)


async def differences(unit: Unit, form: Intake, typed: Raw) -> tuple[Difference, ...]:
    """Return where what was typed differs from what is stored now."""
    return drafts.clashing(form.form, typed, form.raw, unit.now.year, form.choices)
