"""The case form of a programme, put together from core, modules and its own setup; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from cases.instruments.base import N_
from cases.rules import form_modules as modules
from cases.rules.fields import (
    ABOUT,
    ALWAYS,
    NEVER,
    AllOf,
    Condition,
    Field,
    Form,
    Kind,
    Module,
    OneOf,
    Option,
    Section,
)
from cases.rules.form_conditions import IS_NEW
from cases.rules.form_person import PERSON, SAFETY, SOCIAL
from cases.rules.form_question import QUESTION
from cases.rules.form_setup import FormSetup, OwnQuestion
from cases.rules.form_story import HISTORY, STORY
from cases.rules.form_treatment import MEASURES, SCALES, TREATMENT
from cases.rules.models import Attestation

ATTESTATIONS: Final[Mapping[Attestation, tuple[str, str]]] = {
    Attestation.DEID: (
        "deid-1",
        N_(
            "I have taken out everything that could identify this person, and I have no actual "
            "knowledge that what is left could identify them, alone or with other information."
        ),
    ),
    Attestation.TREATING: (
        "treating-1",
        N_(
            "I am part of the team that treats this person. Decisions about their care stay with "
            "us."
        ),
    ),
    Attestation.NO_RELATIONSHIP: (
        "no-relationship-1",
        N_(
            "I understand that recommendations are educational. They create no provider–patient "
            "relationship between anybody at the hub and this person."
        ),
    ),
}
"""What the author signs, with the version of the wording that is stored (domain.md §4.2)."""

SIGN: Final = Section(
    "sign",
    N_("Sign"),
    N_("A person at the hub checks your text before anybody else can read it."),
    tuple(
        Field(kind.value, Kind.CONFIRM, wording, required=ALWAYS)
        for kind, (_, wording) in ATTESTATIONS.items()
    ),
)

SECTIONS: Final = (
    QUESTION,
    PERSON,
    STORY,
    HISTORY,
    TREATMENT,
    modules.SUBSTANCES,
    modules.LIVER,
    modules.METABOLIC,
    MEASURES,
    SCALES,
    SOCIAL,
)
"""Every section a programme may have, in the order of the page; safety and signing come last."""

_Table = Mapping[str, frozenset[Module]]

OWN: Final = "own"
"""Key of the section that holds a programme's own questions."""

APART: Final = frozenset(
    {kind.value for kind in Attestation} | {field.key for field in SAFETY.fields}
)
"""Answers that are kept beside the case, not in its text: signatures and the safety statement."""

RECENT_WEEKS: Final = 8
"""A scale counts for the behavioural-health module when it is at most this old (§4.4)."""

KEPT_ON: Final = frozenset({"sdoh_unsafe", "for_information", "advice_status"})
"""Optional questions that no programme may leave out: safety at home, and a follow-up's own."""


def switchable(setup: FormSetup) -> tuple[Field, ...]:
    """Return the questions a programme with these modules may leave out: the optional ones."""
    return tuple(
        asked
        for section in SECTIONS
        if _belongs(section.key, setup)
        for asked in section.fields
        if _belongs(asked.key, setup)
        and _needed(asked, setup).required == NEVER
        and asked.key not in KEPT_ON
    )


def form_version(number: int) -> str:
    """Return how the form of a programme's setup `number` is named with a frozen case."""
    return f"2.{number}"


def setup_number(version: str) -> int:
    """Return the number of the setup in a form's version; 0, the usual form, for those before 2."""
    major, _, number = version.partition(".")
    return int(number) if major == "2" and re.fullmatch("[0-9]{1,6}", number) else 0


@lru_cache(maxsize=64)
def assemble(setup: FormSetup = FormSetup(), number: int = 0) -> Form:  # noqa: B008 -- frozen
    """Return the form of a programme. `number` is that of the setup, 0 for the usual form."""
    return Form(
        version=form_version(number),
        sections=tuple(_sections(setup)),
        modules=frozenset(setup.modules),
        scales=modules.RECENT_SCALES if Module.BH in setup.modules else (),
        labs=tuple((module, group) for module in setup.modules for group in modules.LABS[module]),
        minors=setup.minors,
        attachments=setup.attachments,
        pc_ptsd5_cut_off=setup.pc_ptsd5_cut_off,
        monitoring=setup.monitoring,
    )


def _sections(setup: FormSetup) -> Iterator[Section]:
    off = setup.off & {asked.key for asked in switchable(setup)}
    for section in SECTIONS:
        if not _belongs(section.key, setup):
            continue
        fields = tuple(
            _needed(asked, setup)
            for asked in section.fields
            if _belongs(asked.key, setup) and asked.key not in off
        )
        if section is QUESTION and len(setup.modules) > 1:
            fields = (_about(setup), *fields)
        if fields:
            shown = _both(section.shown, _of_module(section.key, setup))
            yield replace(section, fields=fields, shown=shown)
    if setup.own:
        lead = N_("Questions that your programme has added.")
        yield Section(OWN, N_("More"), lead, tuple(map(_own, setup.own)))
    yield SAFETY
    yield SIGN


def _belongs(key: str, setup: FormSetup) -> bool:
    return key not in modules.ONLY_IN or not modules.ONLY_IN[key].isdisjoint(setup.modules)


def _about(setup: FormSetup) -> Field:
    return Field(
        ABOUT,
        Kind.CHOICES,
        N_("What is this case about?"),
        options=tuple(Option(module.value, modules.NAMES[module]) for module in setup.modules),
        required=ALWAYS,
    )


def _of_module(key: str, setup: FormSetup, table: _Table = modules.ONLY_IN) -> Condition:
    """Return when a question of some modules applies: always in a programme with one module."""
    mine = [module.value for module in setup.modules if module in table.get(key, setup.modules)]
    if len(setup.modules) < 2 or len(mine) == len(setup.modules):
        return ALWAYS
    return OneOf(ABOUT, tuple(mine))


def _both(one: Condition, other: Condition) -> Condition:
    if other == ALWAYS:
        return one
    return other if one == ALWAYS else AllOf((one, other))


def _needed(asked: Field, setup: FormSetup) -> Field:
    if asked.kind is Kind.LABS:
        # Rows stand ready only where every case needs them.
        only = setup.modules[0] if len(setup.modules) == 1 else None
        ready = modules.PRESET_LABS[only] if only else ()
        needed = only is not None and modules.LABS[only]
        return replace(asked, preset=ready, required=IS_NEW if needed else NEVER)
    asked = replace(asked, shown=_both(asked.shown, _of_module(asked.key, setup)))
    if modules.NEEDED_IN.get(asked.key, frozenset()).isdisjoint(setup.modules):
        return asked
    return replace(asked, required=_both(IS_NEW, _of_module(asked.key, setup, modules.NEEDED_IN)))


def _own(own: OwnQuestion) -> Field:
    return Field(
        own.key,
        own.kind,
        own.label,
        own.help,
        options=tuple(Option(str(n), label) for n, label in enumerate(own.options, 1)),
        low=0 if own.kind is Kind.WHOLE else None,
        high=100_000 if own.kind is Kind.WHOLE else None,
        longest={Kind.LINE: 300, Kind.TEXT: 2000}.get(own.kind, 0),
        required=IS_NEW if own.required else NEVER,
    )


USUAL: Final = assemble()
"""The form of a programme that has not set up its own: core and behavioural health."""
