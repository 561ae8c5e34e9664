"""The page on which a programme sets up its case form, and how the form then looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, ClassVar, Literal

from aiohttp import web
from pydantic import Field as Limits

from cases.commands import forms as commands
from cases.commands.forms import Question, Wanted
from cases.queries import forms as queries
from cases.queries.forms import SetupView
from cases.rules import effort
from cases.rules.fields import Kind, Module
from cases.rules.form import assemble, switchable
from cases.rules.form_modules import NAMES
from cases.rules.form_setup import LONGEST_LABEL, LONGEST_OPTION, MOST_OPTIONS, MOST_OWN, FormSetup
from cases.web.drawing import Drawing
from cases.web.field_view import Choices, SectionView
from server.edge.forms import LARGEST_INT, FieldErrors, Form, read_form
from server.edge.guard import current_actor
from server.edge.i18n import N_, gettext
from server.edge.keys import UNITS
from server.edge.pages import Page, register_notices, render, see_other
from server.edge.times import TimeText, describe
from server.files.workshop import missing
from server.kit.errors import Invalid, NotFound
from server.kit.ids import ProgrammeId, is_id

register_notices({"case_form_saved": N_("Saved. New cases are written in this form.")})

KINDS = {
    Kind.CHOICE: N_("One of several answers"),
    Kind.CHOICES: N_("Any of several answers"),
    Kind.WHOLE: N_("A whole number"),
    Kind.LINE: N_("A line of text"),
    Kind.TEXT: N_("A longer text"),
}

_Key = Annotated[str, Limits(max_length=24)]
_Label = Annotated[str, Limits(max_length=LONGEST_LABEL)]
_Options = Annotated[str, Limits(max_length=MOST_OPTIONS * (LONGEST_OPTION + 2))]
_ROWS = MOST_OWN + 1


class SetupForm(Form):
    """The whole setup; the lists of own questions run side by side."""

    after: Annotated[int, Limits(ge=0, le=LARGEST_INT)]
    modules: list[Module] = Limits(default_factory=list, max_length=len(Module))
    asked: list[_Key] = Limits(default_factory=list, max_length=200)
    minors: Literal["yes", ""] = ""
    attachments: Literal["yes", ""] = ""
    pc_ptsd5_cut_off: Literal["3", "4"] = "4"
    monitoring: Literal["A", "B"] = "A"
    own_key: list[_Key] = Limits(default_factory=list, max_length=_ROWS)
    own_label: list[_Label] = Limits(default_factory=list, max_length=_ROWS)
    own_help: list[_Label] = Limits(default_factory=list, max_length=_ROWS)
    own_kind: list[_Key] = Limits(default_factory=list, max_length=_ROWS)
    own_options: list[_Options] = Limits(default_factory=list, max_length=_ROWS)
    own_required: list[_Key] = Limits(default_factory=list, max_length=_ROWS)
    """Places of the questions that must be answered."""
    own_drop: list[_Key] = Limits(default_factory=list, max_length=_ROWS)
    """Places of the questions that go."""

    def questions(self) -> tuple[Question, ...]:
        """Return the own questions that stay; a row without words in it is none."""
        # A single empty input arrives as an empty list; several arrive as they are.
        rows = zip_longest(
            self.own_key,
            self.own_kind,
            self.own_label,
            self.own_help,
            self.own_options,
            fillvalue="",
        )
        return tuple(
            Question(key, kind, label, note, options.splitlines(), str(n) in self.own_required)
            for n, (key, kind, label, note, options) in enumerate(rows)
            if str(n) not in self.own_drop and (label or note or options)
        )

    def wanted(self) -> Wanted:
        """Return the setup as the command takes it."""
        return Wanted(
            modules=frozenset(self.modules),
            asked=frozenset(self.asked),
            own=self.questions(),
            minors=self.minors == "yes",
            attachments=self.attachments == "yes",
            pc_ptsd5_cut_off=int(self.pc_ptsd5_cut_off),
            monitoring=self.monitoring,
        )


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One own question on the page; the last is empty, for a new one."""

    place: int
    key: str
    kind: str
    label: str
    help: str
    options: str
    required: bool
    error: str


@dataclass(frozen=True, slots=True)
class AskedView:
    """The optional questions of one part of the form."""

    title: str
    choices: Choices


@dataclass(frozen=True)
class CaseFormPage(Page):
    """The setup of a programme's case form."""

    template: ClassVar[str] = "cases/case_form.html"
    programme: str
    href: str
    action: str
    preview: str
    after: int
    modules: Choices
    chosen: tuple[str, ...]
    optional: tuple[AskedView, ...]
    asked: tuple[str, ...]
    own: tuple[QuestionView, ...]
    kinds: Choices
    minors: bool
    attachments: bool
    can_attach: bool
    """Whether the operator has installed what opens files."""
    cut_off: str
    monitoring: str
    answers: int
    typed: int
    minutes: int
    changes: tuple[tuple[str, str, TimeText], ...]
    """Number, who, when."""
    errors: dict[str, str]
    labels: dict[str, str]


@dataclass(frozen=True)
class PreviewPage(Page):
    """The form as a presenter sees it; nothing typed here is kept."""

    template: ClassVar[str] = "cases/case_form_preview.html"
    programme: str
    back: str
    sections: tuple[SectionView, ...]


def _programme(request: web.Request) -> ProgrammeId:
    found = request.match_info["id"]
    if not is_id(found):
        raise NotFound
    return ProgrammeId(found)


async def show(request: web.Request) -> web.StreamResponse:
    """GET /programmes/{id}/case-form: what the programme's form asks."""
    return await _show(request, _programme(request))


async def save(request: web.Request) -> web.StreamResponse:
    """POST /programmes/{id}/case-form: the form of all new cases from now on."""
    programme = _programme(request)
    form = await read_form(request, SetupForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    try:
        async with request.app[UNITS].write() as unit:
            await commands.save_setup(
                unit, current_actor(request), programme, form.wanted(), after=form.after
            )
    except Invalid as error:
        if not error.fields:
            raise
        return await _show(request, programme, form, error.fields)
    return see_other(f"/programmes/{programme}/case-form", "case_form_saved")


async def preview(request: web.Request) -> web.StreamResponse:
    """GET /programmes/{id}/case-form/preview: the form as a presenter sees it."""
    programme = _programme(request)
    async with request.app[UNITS].read() as unit:
        found = await queries.setup_view(unit, current_actor(request), programme)
    drawing = Drawing(assemble(found.setup, found.number), {"case_type": "new"})
    page = PreviewPage(
        programme=found.programme.name,
        back=f"/programmes/{programme}/case-form",
        sections=drawing.sections(),
    )
    return render(request, page)


async def _show(
    request: web.Request,
    programme: ProgrammeId,
    typed: SetupForm | None = None,
    errors: Mapping[str, str] = {},
) -> web.StreamResponse:
    async with request.app[UNITS].read() as unit:
        found = await queries.setup_view(unit, current_actor(request), programme)
        page = _page(request, found, typed, errors)
    return render(request, page, status=422 if errors else 200)


def _page(
    request: web.Request, found: SetupView, typed: SetupForm | None, errors: Mapping[str, str]
) -> CaseFormPage:
    actor = current_actor(request)
    now = request.app[UNITS].clock.now()
    setup = found.setup
    total = effort.of_new_case(assemble(setup, found.number))
    href = f"/programmes/{found.programme.id}"
    own = _own(found, typed, errors)
    return CaseFormPage(
        programme=found.programme.name,
        href=href,
        action=f"{href}/case-form",
        preview=f"{href}/case-form/preview",
        after=typed.after if typed else found.number,
        modules=tuple((module.value, gettext(NAMES[module]), "") for module in Module),
        chosen=tuple(typed.modules if typed else setup.modules),
        optional=_optional(found),
        asked=tuple(typed.asked) if typed else tuple(_keys(found) - setup.off),
        own=own,
        kinds=tuple((kind.value, gettext(words), "") for kind, words in KINDS.items()),
        minors=typed.minors == "yes" if typed else setup.minors,
        attachments=typed.attachments == "yes" if typed else setup.attachments,
        can_attach=not missing(),
        cut_off=typed.pc_ptsd5_cut_off if typed else str(setup.pc_ptsd5_cut_off),
        monitoring=typed.monitoring if typed else setup.monitoring,
        answers=total.answers,
        typed=total.typed,
        minutes=max(1, round(total.seconds / 60)),
        changes=tuple(
            (
                str(change.number),
                found.people[change.by].label
                if change.by in found.people
                else gettext("the platform"),
                describe(change.at, actor.zone, found.programme.zone, now),
            )
            for change in found.changes
        ),
        errors={f"own_label-{view.place}": view.error for view in own if view.error},
        labels={
            f"own_label-{view.place}": gettext("Question %(n)d") % {"n": view.place + 1}
            for view in own
            if view.error
        },
    )


def _keys(found: SetupView) -> set[str]:
    return {asked.key for asked in switchable(found.setup)}


def _optional(found: SetupView) -> tuple[AskedView, ...]:
    keys = _keys(found)
    whole = assemble(FormSetup(modules=found.setup.modules))
    return tuple(
        AskedView(
            gettext(section.title),
            tuple((f.key, gettext(f.label), "") for f in section.fields if f.key in keys),
        )
        for section in whole.sections
        if any(f.key in keys for f in section.fields)
    )


def _own(
    found: SetupView, typed: SetupForm | None, errors: Mapping[str, str]
) -> tuple[QuestionView, ...]:
    rows: Sequence[Question] = (
        typed.questions()
        if typed
        else [
            Question(own.key, own.kind.value, own.label, own.help, own.options, own.required)
            for own in found.setup.own
        ]
    )
    blank = Question("", Kind.CHOICE.value, "", "", (), required=False)
    shown = [*rows, blank] if len(rows) < MOST_OWN else rows
    return tuple(
        QuestionView(
            place,
            row.key,
            row.kind,
            row.label,
            row.help,
            "\n".join(row.options),
            row.required,
            gettext(errors[f"own.{place}"]) if f"own.{place}" in errors else "",
        )
        for place, row in enumerate(shown)
    )
