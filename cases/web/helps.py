"""Helps while somebody writes a case: similar cases, the question coach, warnings, free places.

They never block and they store nothing. The browser reads the rules itself (`words` brings the
sentences); only the question, its kind, the diagnoses and the medicines are sent to look up
similar cases, and only when the check holds nothing of them back. Without JavaScript the form's
button brings all of it on one page.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field as Limits

from cases import queries
from cases.library import similar as library
from cases.library.likeness import Facts, Like
from cases.queries import Intake
from cases.queries.forms import open_form
from cases.rules import cues, intake, person_first, question_coach, rarity, safety
from cases.rules.fields import FREE_TEXT, Field, Form, Kind
from cases.rules.question_coach import Typed
from cases.web import helps_words
from cases.web.forms import read_case_form
from cases.web.helps_pages import AskView, HelpsPage, HintView, SimilarView, SlotView
from server.deid import detect
from server.edge import forms
from server.edge.forms import BadRequest, FieldErrors
from server.edge.guard import current_actor
from server.edge.i18n import gettext, ngettext
from server.edge.keys import CLOCK, UNITS
from server.edge.noting import note
from server.edge.pages import render
from server.edge.throttle import Throttle
from server.edge.times import describe
from server.kit.actor import Actor
from server.kit.errors import Invalid, NotFound
from server.kit.ids import ProgrammeId, is_id
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import FreeSlot

THROTTLE = web.AppKey("similar_throttle", Throttle)
"""How often one person may look for similar cases: while typing, not by a program."""

MOST_SLOTS: Final = 3
_Name = Annotated[str, Limits(max_length=library.LONGEST_NAME)]
_Names = Annotated[list[_Name], Limits(max_length=library.MOST_NAMES)]
_Kinds = Annotated[list[Annotated[str, Limits(max_length=40)]], Limits(max_length=20)]


class SimilarForm(forms.Form):
    """What similar cases are looked up with: no story."""

    question: Annotated[str, Limits(max_length=library.LONGEST_QUESTION)] = ""
    diagnoses: _Names = Limits(default_factory=list)
    medicines: _Names = Limits(default_factory=list)
    types: _Kinds = Limits(default_factory=list)


def make_throttle(app: web.Application) -> None:
    """Give the application its limit; called when the routes are mounted."""
    app[THROTTLE] = Throttle(app[CLOCK], every=2.0, burst=15)


async def similar(request: web.Request) -> web.StreamResponse:
    """POST /api/cases/similar: entries of the library like the case at hand, as JSON.

    `held` says that an identifier stands in the way: nothing was looked up. Nothing sent is kept;
    the audit learns that somebody looked, and how much was found. Raises Invalid for a field that
    cannot be used, TooMany.
    """
    actor = current_actor(request)
    form = await forms.read_form(request, SimilarForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    facts = Facts(form.question, form.diagnoses, form.medicines, form.types)
    found = await _look_up(request, actor, facts)
    answer = {"held": found.held, "similar": [asdict(_like(like)) for like in found.found]}
    return web.json_response(answer)


async def _look_up(request: web.Request, actor: Actor, facts: Facts) -> library.Similar:
    request.app[THROTTLE].check(actor.person)
    async with request.app[UNITS].read() as unit:
        found = await library.similar(unit, actor, facts)
    await note(request, "library.similar_looked", found=len(found.found), held=found.held)
    return found


def _like(like: Like) -> SimilarView:
    doc = like.doc
    advised = ngettext("%(n)d recommendation", "%(n)d recommendations", len(doc.items)) % {
        "n": len(doc.items)
    }
    return SimilarView(
        href=f"/library/{doc.number}",
        heading=doc.heading,
        meta=f"{doc.number} · {doc.programme_name} · {advised}",
        why=tuple(helps_words.why(why.kind, why.label) for why in like.why),
    )


async def _open(request: web.Request, unit: Unit) -> Intake:
    """Return the form at hand, new or kept; raises as the form's own page does."""
    actor = current_actor(request)
    if "key" in request.match_info:
        return await queries.kept_form(unit, actor, request.match_info["key"])
    programme = request.match_info["id"]
    if not is_id(programme):
        raise NotFound
    return await queries.intake_form(unit, actor, ProgrammeId(programme))


async def words(request: web.Request) -> web.StreamResponse:
    """GET …/writing: what the browser's helps say, the programme's modules, and free places."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        form = await _open(request, unit)
        free = await sessions.free_slots(unit, form.programme)
        now = unit.now
    return web.json_response(
        {
            "words": helps_words.helps_words(),
            "modules": sorted(form.form.modules),
            "slots": [asdict(slot) for slot in slots(free, actor, now)],
        }
    )


def slots(free: Sequence[FreeSlot], actor: Actor, now: datetime) -> tuple[SlotView, ...]:
    """Return the next sessions that have a place for a case."""
    found = []
    for session, places in groupby(free, key=lambda slot: slot.session):
        several = list(places)
        count = ngettext("%(n)d free place", "%(n)d free places", len(several))
        first = several[0]
        found.append(
            SlotView(
                href=f"/sessions/{session}",
                when=describe(first.starts_at, first.zone, actor.zone, now),
                topic=first.topic,
                places=count % {"n": len(several)},
            )
        )
    return tuple(found[:MOST_SLOTS])


async def page(request: web.Request) -> web.StreamResponse:
    """POST …/helps: the same for those without JavaScript, in a tab of its own; nothing is kept.

    Raises BadRequest for a field that is not the form's, TooMany, and as the form's own page does.
    """
    actor = current_actor(request)
    sent = await read_case_form(request)
    typed = sent.written.raw
    async with request.app[UNITS].read() as unit:
        opened = await _open(request, unit)
        form = await open_form(unit, opened.programme, sent.written.form)
        free = await sessions.free_slots(unit, opened.programme)
        now = unit.now
    if set(typed) != intake.known_paths(form, typed):
        raise BadRequest
    facts = _facts(typed)
    found = await _look_up(request, actor, facts)
    texts = list(_texts(form, typed))
    judged = await asyncio.to_thread(_judge, texts, typed, now)
    question = _one(typed, "main_question")
    advice = question_coach.advice(question, (*facts.diagnoses, *facts.medicines))
    asked = question_coach.asks(typed, form.modules)
    return render(
        request,
        HelpsPage(
            programme=opened.programme_name,
            question=question,
            advice=tuple(gettext(question_coach.ADVICE[code]) for code in advice),
            good=gettext(question_coach.GOOD),
            asks=tuple(AskView(gettext(ask.label), ask.ticked) for ask in asked),
            held=found.held,
            similar=tuple(map(_like, found.found)),
            hints=judged.hints,
            note=gettext(person_first.NOTE),
            cues=judged.cues,
            card=gettext(safety.CARD),
            warning=gettext(cues.WARNING),
            rare=gettext(rarity.WARNING),
            rare_signs=judged.signs,
            rare_note=gettext(rarity.NOTE),
            slots=slots(free, actor, now),
        ),
    )


def _one(typed: Typed, key: str) -> str:
    value = typed.get(key, "")
    return value if isinstance(value, str) else ""


def _facts(typed: Typed) -> Facts:
    """Return what similar cases are looked up with, cut to what the browser may send, too."""

    def column(grid: str, name: str) -> tuple[str, ...]:
        cells = (_one(typed, f"{grid}.{row}.{name}").strip() for row in range(library.MOST_NAMES))
        return tuple(cell[: library.LONGEST_NAME] for cell in cells if cell)

    kinds = typed.get("question_types", ())
    return Facts(
        _one(typed, "main_question")[: library.LONGEST_QUESTION],
        column("diagnoses", "label"),
        column("medications", "name"),
        (kinds,) if isinstance(kinds, str) else tuple(kinds),
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """One free text as typed, with the question it answers."""

    asked: Field
    label: str
    text: str


def _texts(form: Form, typed: Typed) -> Iterator[_Text]:
    """Yield the free texts of the form, rows of tables included."""
    for asked in form.fields():
        if asked.kind in FREE_TEXT and (text := _one(typed, asked.key).strip()):
            yield _Text(asked, gettext(asked.label), text)
        elif asked.kind is Kind.GRID:
            for column in asked.columns:
                for row in range(asked.most):
                    text = _one(typed, f"{asked.key}.{row}.{column.key}").strip()
                    if column.kind in FREE_TEXT and text:
                        yield _Text(asked, gettext(asked.label), text)


@dataclass(frozen=True, slots=True)
class _Judged:
    hints: tuple[HintView, ...]
    cues: tuple[str, ...]
    signs: tuple[tuple[str, str], ...]


def _judge(texts: Sequence[_Text], typed: Typed, now: datetime) -> _Judged:
    """Read all texts for words and signs; in a thread, for it takes a while."""
    hints, danger, noted = [], [], set()
    for one in texts:
        if one.asked.key not in person_first.OWN_WORDS:
            hints += [
                HintView(one.label, one.text[s.start : s.end], helps_words.prefer(s.key))
                for s in person_first.suggestions(one.text)
            ]
        danger += [one.text[cue.start : cue.end] for cue in cues.cues(one.text)]
        noted |= {n.rule for n in detect.scan(one.text, today=now.date()).notes}
    found = rarity.signs([one.text for one in texts], noted, typed)
    return _Judged(
        tuple(dict.fromkeys(hints)), tuple(dict.fromkeys(danger)), helps_words.signs(found)
    )
