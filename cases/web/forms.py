"""The case form between browser and rules: what was sent, and how each field is drawn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field as Limits

from cases.commands.submit import Written
from cases.instruments import phq9, registry
from cases.rules import options as o
from cases.rules.fields import ALWAYS, NEVER, Field, Kind, Option, Section
from cases.rules.findings import REASONS, Flagged
from cases.rules.form import BEHAVIOURAL_HEALTH, IS_FOLLOWUP, IS_NEW
from cases.rules.intake import Raw
from cases.rules.readers import MODES, Problem, spelled
from server.deid.words import WORDS
from server.edge.forms import LARGEST_INT, BadRequest, Form, raw_fields
from server.edge.i18n import N_, gettext

Choices = tuple[tuple[str, str, str], ...]


class VersionForm(Form):
    """A button on a case: which state of it the person was looking at."""

    row_version: Annotated[int, Limits(ge=1, le=LARGEST_INT)]


class WordsForm(VersionForm):
    """Comments or a reason for the author."""

    words: Annotated[str, Limits(max_length=1000)] = ""


class ReturnForm(WordsForm):
    """What goes back to its author: why, and which texts hold an identifier."""

    erase: list[Annotated[str, Limits(max_length=60)]] = Limits(
        default_factory=list, max_length=300
    )


class RejectForm(ReturnForm):
    """A failed check."""


class DeclineForm(WordsForm):
    """A refusal; `purge` erases every text of the case for good."""

    purge: Literal["yes", ""] = ""


class SlotForm(VersionForm):
    """A free slot: session and agenda item in one value."""

    slot: Annotated[str, Limits(max_length=53, pattern=r"^[0-9a-z]{26}\.[0-9a-z]{26}$")]


class WithdrawForm(VersionForm):
    """Taking a case back; `erase` at once when an identifier slipped through."""

    erase: Literal["yes", ""] = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """One POST of the case form."""

    written: Written
    action: str
    fix: str
    row_version: int
    case_type: str
    prior: str


async def read_case_form(request: web.Request) -> Sent:
    """Read the form as sent; raises BadRequest for keys that are none of its own kinds."""
    fields = await raw_fields(request)
    raw: dict[str, str | Sequence[str]] = {}
    decided: dict[str, str] = {}
    around = {"action": "submit", "fix": "", "row_version": "0", "case_type": "new", "prior": ""}
    for key, value in fields.items():
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            raw[key] = value
        elif not isinstance(value, str):
            raise BadRequest
        elif key in around:
            around[key] = value
        elif key.startswith("decide."):
            decided[key.removeprefix("decide.")] = value
        else:
            raw[key] = value
    version = around["row_version"]
    # Nine digits fit into what a version is stored in; more would fail there or in reading them.
    if not (version.isdecimal() and len(version) <= 9) or any(
        isinstance(raw.get(k), list) for k in around
    ):
        raise BadRequest
    return Sent(
        Written(raw, decided),
        around["action"],
        around["fix"],
        int(version),
        around["case_type"],
        around["prior"],
    )


def sentence(problem: Problem) -> str:
    """Return a problem in the reader's language, its numbers filled in."""
    return gettext(problem.message) % dict(problem.numbers)


def _(message: str) -> str:
    return gettext(message) if message else ""


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding under its field: what it is, where, and what can be done about it."""

    key: str
    path: str
    words: str
    before: str
    found: str
    after: str
    blocking: bool
    disputable: bool
    suggestion: str | None
    decided: str
    reasons: Choices


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field ready to be drawn; every text is in the reader's language."""

    name: str
    kind: Kind
    label: str
    help: str = ""
    choices: Choices = ()
    value: str = ""
    values: tuple[str, ...] = ()
    error: str = ""
    usual: str = ""
    """`low,high` of what is usual: outside, the browser asks to look again."""
    optional: bool = False
    when: str = ""
    unit: str = ""
    rows: int = 3
    longest: int = 0
    low: float | None = None
    high: float | None = None
    none_label: str = ""
    findings: tuple[FindingView, ...] = ()
    grid: tuple[tuple["FieldView", ...], ...] = ()
    most: int = 0
    scale: "ScaleView | None" = None


@dataclass(frozen=True, slots=True)
class ScaleView:
    """One instrument in the form."""

    key: str
    name: str
    stem: str
    items: tuple[tuple[str, str], ...]
    choices: Choices
    values: Mapping[str, str]
    errors: Mapping[str, str]
    total: FieldView
    weeks: FieldView
    mode: FieldView
    difficulty: FieldView | None
    source: str
    credit: str
    data: str
    """The scoring rule as JSON, for the live score in the browser."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """One step of the form. `state`: done, attention, todo."""

    key: str
    title: str
    lead: str
    fields: tuple[FieldView, ...]
    when: str = ""
    state: str = "todo"


@dataclass(slots=True)
class Drawing:
    """Draws the form from what was typed, what is wrong with it and what was found in it."""

    raw: Raw
    supervisors: tuple[Option, ...] = ()
    errors: Mapping[str, Problem] = field(default_factory=dict)
    flagged: tuple[Flagged, ...] = ()

    def sections(self) -> tuple[SectionView, ...]:
        """Return every step of the form."""
        return tuple(map(self.section, BEHAVIOURAL_HEALTH.sections))

    def section(self, section: Section) -> SectionView:
        """Return one step."""
        # The kind of case cannot change on the page, so the other kind's questions stay away.
        fields = tuple(
            self._field(asked)
            for asked in section.fields
            if asked.shown not in (IS_NEW, IS_FOLLOWUP) or asked.shown.holds(self.raw)
        )
        keys = {asked.key for asked in section.fields}
        wrong = any(path.partition(".")[0] in keys for path in self.errors) or any(
            f.path.partition(".")[0] in keys and f.open for f in self.flagged
        )
        return SectionView(
            key=section.key,
            title=_(section.title),
            lead=_(section.lead),
            fields=fields,
            when="" if section.shown is ALWAYS else json.dumps(section.shown.as_json()),
            state="attention" if wrong else "todo",
        )

    def _one(self, name: str) -> str:
        value = self.raw.get(name, "")
        return value if isinstance(value, str) else ""

    def _error(self, name: str) -> str:
        problem = self.errors.get(name)
        return sentence(problem) if problem else ""

    def _field(self, asked: Field) -> FieldView:
        view = self._input(asked, asked.key)
        if asked.kind == Kind.GRID:
            return replace(view, grid=self._grid(asked), value=self._one(f"{asked.key}.none"))
        if asked.kind == Kind.INSTRUMENT:
            return replace(view, scale=self._scale(asked.key))
        if asked.kind == Kind.SPAN:
            return replace(
                view,
                value=self._one(f"{asked.key}.amount"),
                values=(self._one(f"{asked.key}.unit") or "weeks",),
                choices=_choices(o.SPAN_UNITS),
            )
        return view

    def _input(self, asked: Field, name: str) -> FieldView:
        value = self.raw.get(name, "")
        options = self.supervisors if asked.key == "supervisor" else asked.options
        return FieldView(
            name=name,
            kind=asked.kind,
            label=_(asked.label),
            help=_(asked.help),
            choices=_choices(options),
            value=value if isinstance(value, str) else "",
            values=(value,) if isinstance(value, str) else tuple(value),
            error=self._error(name),
            usual=_usual(asked),
            optional=asked.required == NEVER,
            when="" if asked.shown is ALWAYS else json.dumps(asked.shown.as_json()),
            unit=_(asked.unit),
            rows=asked.rows,
            longest=asked.longest,
            low=asked.low,
            high=asked.high,
            none_label=_(asked.none_label),
            most=asked.most,
            findings=tuple(finding_view(f) for f in self.flagged if f.path == name),
        )

    def _grid(self, asked: Field) -> tuple[tuple[FieldView, ...], ...]:
        """Return the rows to draw: those in use, and at least as many as the form shows."""
        used = [
            number
            for number in range(asked.most)
            if any(self._one(f"{asked.key}.{number}.{c.key}") for c in asked.columns)
        ]
        count = max([asked.rows, *(number + 1 for number in used)])
        return tuple(
            tuple(self._input(c, f"{asked.key}.{number}.{c.key}") for c in asked.columns)
            for number in range(min(count, asked.most))
        )

    def _scale(self, key: str) -> ScaleView:
        scale = registry.by_key(key)
        names = [f"{key}.{item.number}" for item in scale.items]
        words = {"self": N_("The person filled it in"), "interview": N_("Asked in an interview")}
        modes = tuple(Option(mode, words[mode]) for mode in MODES)
        difficulty = None
        if key == "phq9":
            answers = tuple(Option(code, label) for code, label in phq9.DIFFICULTY)
            difficulty = self._extra(f"{key}.difficulty", phq9.DIFFICULTY_STEM, answers)
        return ScaleView(
            key=key,
            name=scale.name,
            stem=_(scale.stem),
            items=tuple(
                (name, _(item.text)) for name, item in zip(names, scale.items, strict=True)
            ),
            choices=tuple((str(c.points), _(c.label), "") for c in scale.choices),
            values={name: self._one(name) for name in names},
            errors={name: self._error(name) for name in names if name in self.errors},
            total=self._extra(f"{key}.total", N_("Or the total alone"), ()),
            weeks=self._extra(f"{key}.weeks_ago", N_("How many weeks ago?"), ()),
            mode=self._extra(f"{key}.mode", N_("How was it taken?"), modes),
            difficulty=difficulty,
            source=scale.source,
            credit=_(scale.credit),
            data=json.dumps(scoring_data(key)),
        )

    def _extra(self, name: str, label: str, options: tuple[Option, ...]) -> FieldView:
        return FieldView(
            name=name,
            kind=Kind.CHOICE if options else Kind.WHOLE,
            label=_(label),
            choices=_choices(options),
            value=self._one(name),
            error=self._error(name),
        )


def scoring_data(key: str) -> dict[str, Any]:
    """Return the scoring rule of an instrument as the browser needs it, bands translated."""
    scale = registry.by_key(key)
    return {
        "key": key,
        "items": [item.number for item in scale.items],
        "points": [choice.points for choice in scale.choices],
        "bands": [{"low": b.low, "high": b.high, "label": _(b.label)} for b in scale.bands],
        "highest": scale.highest,
        "alertItem": 9 if key == "phq9" else None,
    }


def _usual(asked: Field) -> str:
    return ",".join(map(spelled, asked.usual)) if asked.usual else ""


def _choices(options: Sequence[Option]) -> Choices:
    return tuple((option.value, _(option.label), _(option.hint)) for option in options)


def finding_view(found: Flagged) -> FindingView:
    """Return one finding ready to be drawn."""
    return FindingView(
        key=found.key,
        path=found.path,
        words=_(WORDS[found.category]),
        before=found.before,
        found=found.found,
        after=found.after,
        blocking=found.blocking,
        disputable=found.disputable,
        suggestion=found.suggestion,
        decided=found.decided,
        reasons=_choices(REASONS),
    )
