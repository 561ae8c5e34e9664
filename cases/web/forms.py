"""The case form between browser and rules: what was sent, and how each field is drawn."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field as Limits

from cases.commands.submit import Written
from cases.formulas.labs import LABS, LISTED, NAMES
from cases.formulas.vitals import VITALS
from cases.instruments import pc_ptsd5, phq9, registry
from cases.instruments.base import FORM_ELSEWHERE, Choice, Instrument
from cases.instruments.registry import Setting
from cases.rules import measure_reader
from cases.rules import options as o
from cases.rules.fields import ALWAYS, NEVER, TABLES, Field, Kind, Option, Section
from cases.rules.fields import Form as CaseForm
from cases.rules.findings import REASONS, Flagged
from cases.rules.form_conditions import IS_FOLLOWUP, IS_NEW
from cases.rules.intake import Raw
from cases.rules.readers import Problem, spelled
from cases.rules.scale_reader import FIRST_ONLY, MODES
from server.deid.words import WORDS
from server.edge.forms import LARGEST_INT, BadRequest, Form, raw_fields
from server.edge.i18n import N_, gettext

Choices = tuple[tuple[str, str, str], ...]


class VersionForm(Form):
    """A button on a case: which state of it the person was looking at."""

    row_version: Annotated[int, Limits(ge=1, le=LARGEST_INT)]


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
    writer: str
    """The random name of the page; empty when a program sends."""
    sequence: int
    """The number the page gave to this save; 0 for the buttons."""


_WRITER = re.compile("[A-Za-z0-9_-]{16,40}")
_MILLIONS = re.compile("[0-9]{1,9}")
"""Nine digits fit into what a number is stored in; more would fail there or in reading them."""


async def read_case_form(request: web.Request) -> Sent:
    """Read the form as sent; raises BadRequest for keys that are none of its own kinds."""
    fields = await raw_fields(request)
    raw: dict[str, str | Sequence[str]] = {}
    decided: dict[str, str] = {}
    around = {
        "action": "submit",
        "fix": "",
        "row_version": "0",
        "case_type": "new",
        "prior": "",
        "form": "",
        "writer": "",
        "sequence": "0",
    }
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
    version, sequence = around["row_version"], around["sequence"]
    if (
        not (_MILLIONS.fullmatch(version) and _MILLIONS.fullmatch(sequence))
        or not (around["writer"] == "" or _WRITER.fullmatch(around["writer"]))
        or any(isinstance(raw.get(k), list) for k in around)
    ):
        raise BadRequest
    return Sent(
        Written(raw, decided, around["form"]),
        around["action"],
        around["fix"],
        int(version),
        around["case_type"],
        around["prior"],
        around["writer"],
        int(sequence),
    )


def sentence(problem: Problem) -> str:
    """Return a problem in the reader's language, its numbers filled in."""
    words = ", ".join(_(word) for word in problem.words)
    return gettext(problem.message) % {**problem.numbers, "words": words}


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
    units: tuple[str, ...] = ()
    """Measured number: the units it may be typed in, the kept one first."""
    groups: tuple[tuple[str, Choices], ...] = ()
    """Set: its choices under headings."""
    ready: str = ""
    """Cell: what stands ready in it and cannot be changed, in words."""
    quick: str = ""
    """Grid: what one typed line becomes, `medicine` or `lab`."""
    quantity: str = ""
    """Measured number: which one, as cases/formulas/vitals.py names it."""
    result: bool = False
    """Cell: a laboratory result, a number or one of a few words; no free text."""
    scale: "ScaleView | None" = None


@dataclass(frozen=True, slots=True)
class ScaleView:
    """One instrument in the form; without `items` only its total is asked for."""

    key: str
    name: str
    stem: str
    items: tuple[tuple[str, str, Choices], ...]
    """Name, question, and answers of its own, of every item."""
    choices: Choices
    gate: FieldView | None
    gate_examples: tuple[str, ...]
    hint: str
    first_only: FieldView | None
    cut_off: str
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

    form: CaseForm
    raw: Raw
    choices: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    touched: bool = False
    """Whether somebody has already written into this form: then nothing is chosen for them."""
    errors: Mapping[str, Problem] = field(default_factory=dict)
    flagged: tuple[Flagged, ...] = ()

    def sections(self) -> tuple[SectionView, ...]:
        """Return every step of the form."""
        return tuple(map(self.section, self.form.sections))

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
        if asked.kind in TABLES:
            rows = self._labs(asked) if asked.kind is Kind.LABS else self._grid(asked)
            return replace(view, grid=rows, value=self._one(f"{asked.key}.none"))
        if asked.kind is Kind.QUANTITY:
            return self._measure(view, asked)
        if asked.kind is Kind.INSTRUMENT:
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
        value = self.raw.get(name, "") or self._default(asked, name)
        options = self.choices.get(_column_of(name), asked.options)
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
            quick=asked.quick,
            groups=tuple(
                (_(title), _choices([c for c in options if c.value in members]))
                for title, members in asked.groups
            ),
            findings=tuple(finding_view(f) for f in self.flagged if f.path == name),
        )

    def _default(self, asked: Field, name: str) -> str:
        """Return what stands chosen in a form nobody has typed in; of a table in its first row."""
        first = name == asked.key or name.endswith(f".0.{asked.key}")
        return asked.default if first and not self.touched else ""

    def _grid(self, asked: Field) -> tuple[tuple[FieldView, ...], ...]:
        """Return the rows to draw: those in use, and at least as many as the form shows."""
        used = [
            number
            for number in range(asked.most)
            if any(self._one(f"{asked.key}.{number}.{c.key}") for c in asked.columns)
        ]
        count = max([asked.rows, *(number + 1 for number in used)])
        return tuple(
            tuple(self._cell(asked, c, f"{asked.key}.{number}.{c.key}") for c in asked.columns)
            for number in range(min(count, asked.most))
        )

    def _cell(self, asked: Field, column: Field, name: str) -> FieldView:
        view = self._input(column, name)
        if column.key != asked.fixed:
            return view
        words = {value: label for value, label, _hint in view.choices}
        return replace(view, ready=words.get(view.value, view.value))

    def _measure(self, view: FieldView, asked: Field) -> FieldView:
        quantity = VITALS[measure_reader.BODY[asked.key]]
        unit = self._one(f"{asked.key}.unit") or quantity.unit
        return replace(
            view, units=tuple(map(_, quantity.units)), unit=unit, quantity=quantity.code
        )

    def _labs(self, asked: Field) -> tuple[tuple[FieldView, ...], ...]:
        """Return the rows of results: those typed, and those the programme needs standing ready."""
        used = [
            number
            for number in range(asked.most)
            if any(self._one(f"{asked.key}.{number}.{c}") for c in measure_reader.COLUMNS)
        ]
        # Only an empty form gets the rows ready: what was taken out stays out.
        ready = () if used else asked.preset
        count = max([asked.rows, len(ready), *(number + 1 for number in used)])
        return tuple(
            self._lab(asked, number, ready[number] if number < len(ready) else "")
            for number in range(min(count, asked.most))
        )

    def _lab(self, asked: Field, number: int, ready: str) -> tuple[FieldView, ...]:
        at = f"{asked.key}.{number}"
        code = self._one(f"{at}.code") or ready
        quantity = LABS.get(code)
        value = self._one(f"{at}.value")
        if ready and quantity and quantity.default is not None:
            value = spelled(quantity.default)
        units = quantity.units if quantity else () if code in LISTED else _ALL_UNITS
        return (
            FieldView(
                f"{at}.code",
                Kind.CHOICE,
                gettext("Test"),
                choices=lab_choices(),
                value=code,
                error=self._error(f"{at}.code"),
            ),
            FieldView(
                f"{at}.value",
                Kind.LINE,
                gettext("Result"),
                value=value.replace("_", " "),
                error=self._error(f"{at}.value"),
                result=True,
            ),
            FieldView(
                f"{at}.unit",
                Kind.CHOICE,
                gettext("Unit"),
                choices=tuple((unit, unit, "") for unit in units if unit),
                value=self._one(f"{at}.unit") or (quantity.unit if quantity else ""),
                error=self._error(f"{at}.unit"),
            ),
            FieldView(
                f"{at}.weeks",
                Kind.WHOLE,
                gettext("Weeks ago"),
                value=self._one(f"{at}.weeks"),
                error=self._error(f"{at}.weeks"),
                low=0,
                high=520,
            ),
        )

    def _scale(self, key: str) -> ScaleView:
        scale = registry.by_key(key, self._setting())
        items = scale.items if scale.keeps_items else ()
        names = [f"{key}.{item.number}" for item in items]
        words = {"self": N_("The person filled it in"), "interview": N_("Asked in an interview")}
        modes = tuple(Option(mode, words[mode]) for mode in MODES)
        total = N_("Or the total alone") if items else N_("Total")
        typed = self._extra(f"{key}.weeks_ago", N_("How many weeks ago?"), ())
        return ScaleView(
            key=key,
            name=scale.name,
            stem=_(scale.stem),
            items=tuple(
                (name, _(item.text), _points(item.choices))
                for name, item in zip(names, items, strict=True)
            ),
            choices=_points(scale.choices),
            gate=self._gate(key),
            gate_examples=tuple(map(_, pc_ptsd5.GATE_EXAMPLES)) if key == "pc_ptsd5" else (),
            hint=_(scale.hint),
            first_only=self._first_only(key),
            cut_off=_(scale.cut_off_note),
            values={name: self._one(name) for name in names},
            errors={name: self._error(name) for name in names if name in self.errors},
            total=self._extra(f"{key}.total", total, ()),
            # 0 is this week: what most scales taken for a presentation are.
            weeks=typed if typed.value or typed.error else replace(typed, value="0"),
            mode=self._extra(f"{key}.mode", N_("How was it taken?"), modes),
            difficulty=self._difficulty(key),
            source=scale.source,
            credit=_(scale.credit or FORM_ELSEWHERE),
            data=json.dumps(scoring_data(scale)),
        )

    def _setting(self) -> Setting:
        sex = self._one("sex_for_formulas") or "not_stated"
        known = sex if sex in {option.value for option in o.SEX} else "not_stated"
        return Setting(known, self.form.pc_ptsd5_cut_off)

    def _gate(self, key: str) -> FieldView | None:
        if key != "pc_ptsd5":
            return None
        return self._extra(f"{key}.gate", pc_ptsd5.GATE, o.YES_NO)

    def _first_only(self, key: str) -> FieldView | None:
        if key != "audit_c":
            return None
        view = self._extra(f"{key}.{FIRST_ONLY}", N_("All points come from question 1"), ())
        return replace(view, kind=Kind.CONFIRM)

    def _difficulty(self, key: str) -> FieldView | None:
        if key != "phq9":
            return None
        answers = tuple(Option(code, label) for code, label in phq9.DIFFICULTY)
        return self._extra(f"{key}.difficulty", phq9.DIFFICULTY_STEM, answers)

    def _extra(self, name: str, label: str, options: tuple[Option, ...]) -> FieldView:
        return FieldView(
            name=name,
            kind=Kind.CHOICE if options else Kind.WHOLE,
            label=_(label),
            choices=_choices(options),
            value=self._one(name),
            error=self._error(name),
        )


def scoring_data(scale: Instrument) -> dict[str, Any]:
    """Return the scoring rule of an instrument as the browser needs it, bands translated."""
    return {
        "key": scale.key,
        "items": [item.number for item in scale.items],
        "points": [list(scale.points_of(item)) for item in scale.items],
        "bands": [{"low": b.low, "high": b.high, "label": _(b.label)} for b in scale.bands],
        "highest": scale.highest,
        "gate": "gate" if scale.key == "pc_ptsd5" else None,
        "alertItem": 9 if scale.key == "phq9" else None,
    }


_ALL_UNITS = tuple(dict.fromkeys(unit for lab in LABS.values() for unit in lab.units))


def lab_choices() -> Choices:
    """Return every test of the catalogue, by name."""
    return tuple((code, _(label), "") for code, label in NAMES.items())


def _points(choices: Sequence[Choice]) -> Choices:
    return tuple((str(choice.points), _(choice.label), "") for choice in choices)


def _column_of(name: str) -> str:
    """Return `advice_status.recommendation` for `advice_status.2.recommendation`; others as they are."""
    key, _dot, rest = name.partition(".")
    _number, _dot, column = rest.partition(".")
    return f"{key}.{column}" if column else name


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
