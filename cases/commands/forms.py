"""A programme changes its case form: a new setup is added, the old ones stay."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from cases.rules import access
from cases.rules.fields import Kind, Module
from cases.rules.form import switchable
from cases.rules.form_setup import (
    CUT_OFFS,
    LONGEST_LABEL,
    LONGEST_OPTION,
    MOST_OPTIONS,
    MOST_OWN,
    OWN_KINDS,
    PROFILES,
    FormSetup,
    OwnQuestion,
)
from cases.store import forms as store
from server.deid import staff
from server.kit.actor import Actor
from server.kit.errors import Invalid
from server.kit.ids import ProgrammeId
from server.kit.text import N_, clean_line
from server.store.unit import Unit
from sessions import api as sessions

TOO_SHORT: Final = N_("Write the question: 3 to 200 characters.")
NO_OPTIONS: Final = N_("Write at least two answers to choose from, one on each line.")
TOO_MANY_OPTIONS: Final = N_("At most 20 answers of 80 characters each.")
ASKS_IDENTIFIER: Final = N_(
    "This asks for what identifies a person. Ask for an interval, an age band or a kind of place."
)

_IDENTIFIES: Final = re.compile(
    r"\b(?:(?:full|first|last|family|maiden|patient'?s) name|initials|date of birth|birth ?date"
    r"|birthday|dob|address|street|zip|postcode|post ?code|phone|e-?mail|record number|mrn"
    r"|social security|ssn|insurance (?:number|id)|exact date|on what date|which date"
    r"|name of (?:the|their|his|her) (?:clinic|hospital|town|village|school|employer))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """An own question as typed; `key` is empty while it is new."""

    key: str
    kind: str
    label: str
    help: str
    options: Sequence[str]
    required: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A setup as typed; `asked` are the optional questions that stay in the form."""

    modules: frozenset[Module]
    asked: frozenset[str]
    own: tuple[Question, ...]
    minors: bool
    attachments: bool
    pc_ptsd5_cut_off: int
    monitoring: str


async def save_setup(
    unit: Unit, actor: Actor, programme_id: ProgrammeId, wanted: Wanted, *, after: int
) -> int:
    """Add the programme's next setup and return its number; nothing changes: the number `after`.

    Raises NotFound for outsiders, Forbidden without PROGRAMME_MANAGE, Invalid with a sentence for
    every own question that cannot be used (`own.<place>`), Conflict `stale` when somebody else
    changed the form after number `after`.
    """
    programme = await sessions.get_programme(unit, programme_id)
    access.ensure_may_set_up(actor, programme.id)
    newest, before = await store.load_setup(unit, programme.id)
    setup = _setup(before, wanted, unit)
    if newest == after and setup == before:
        return after
    number = await store.add_setup(unit, programme.id, setup, after=after, by=actor.person)
    unit.record(
        "case_form.changed",
        actor=actor.person,
        programme=programme.id,
        number=number,
        modules=",".join(module.value for module in setup.modules),
        off=len(setup.off),
        own=len(setup.own),
    )
    await unit.commit()
    return number


def _setup(before: FormSetup, wanted: Wanted, unit: Unit) -> FormSetup:
    wrong: dict[str, str] = {}
    known = {own.key for own in before.own}
    next_own = before.next_own
    own = []
    typed = {
        f"own.{place}": "\n".join((one.label, one.help, *one.options))
        for place, one in enumerate(wanted.own)
    }
    staff.check(typed, unit.now.date())
    for place, question in enumerate(wanted.own):
        found = _question(question)
        if isinstance(found, str):
            wrong[f"own.{place}"] = found
            continue
        if found.key in known:
            known.remove(found.key)
        else:
            found = replace(found, key=f"own_{next_own}")
            next_own += 1
        own.append(found)
    if len(own) > MOST_OWN:
        wrong[f"own.{MOST_OWN}"] = N_("A programme may add at most 12 questions.")
    if wrong:
        raise Invalid("form.own", wrong)
    setup = FormSetup(
        # In the order of the modules, so that equal choices give equal setups.
        modules=tuple(module for module in Module if module in wanted.modules),
        own=tuple(own),
        minors=wanted.minors,
        attachments=wanted.attachments,
        pc_ptsd5_cut_off=wanted.pc_ptsd5_cut_off if wanted.pc_ptsd5_cut_off in CUT_OFFS else 4,
        monitoring=wanted.monitoring if wanted.monitoring in PROFILES else "A",
        next_own=next_own,
    )
    optional = {asked.key for asked in switchable(setup)}
    # A question that this page did not offer, because its module was off, stays as it was.
    offered = {asked.key for asked in switchable(before)}
    off = (optional & offered - wanted.asked) | (optional - offered) & before.off
    return replace(setup, off=frozenset(off))


def _question(typed: Question) -> OwnQuestion | str:
    """Return the question as it is kept, or what is wrong with it."""
    label, note = clean_line(typed.label), clean_line(typed.help)
    options = tuple(filter(None, (clean_line(option) for option in typed.options)))
    if typed.kind not in {kind.value for kind in OWN_KINDS}:
        return N_("Choose one of the list.")
    kind = Kind(typed.kind)
    choice = kind in (Kind.CHOICE, Kind.CHOICES)
    if not 3 <= len(label) <= LONGEST_LABEL or len(note) > LONGEST_LABEL:
        return TOO_SHORT
    if choice and len(set(options)) < 2:
        return NO_OPTIONS
    if len(options) > MOST_OPTIONS or any(len(option) > LONGEST_OPTION for option in options):
        return TOO_MANY_OPTIONS
    if _IDENTIFIES.search(label) or _IDENTIFIES.search(note):
        return ASKS_IDENTIFIER
    return OwnQuestion(typed.key, kind, label, note, options if choice else (), typed.required)
