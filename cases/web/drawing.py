"""Draws the case form: its steps and fields, with what was typed, what is wrong and what was found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cases.formulas.vitals import VITALS
from cases.rules import measure_reader
from cases.rules import options as o
from cases.rules.fields import ALWAYS, NEVER, TABLES, Field, Kind, Option, Section
from cases.rules.fields import Form as CaseForm
from cases.rules.findings import Flagged
from cases.rules.form_conditions import IS_FOLLOWUP, IS_NEW
from cases.rules.intake import Raw
from cases.rules.readers import Problem, spelled
from cases.web.field_view import FieldView, SectionView, Typed, choices_of, finding_view, said
from cases.web.lab_view import lab_rows
from cases.web.scale_view import scale_view


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
            title=said(section.title),
            lead=said(section.lead),
            fields=fields,
            when="" if section.shown is ALWAYS else json.dumps(section.shown.as_json()),
            state="attention" if wrong else "todo",
        )

    @property
    def _typed(self) -> Typed:
        return Typed(self.raw, self.errors)

    def _field(self, asked: Field) -> FieldView:
        view = self._input(asked, asked.key)
        if asked.kind in TABLES:
            rows = lab_rows(self._typed, asked) if asked.kind is Kind.LABS else self._grid(asked)
            return replace(view, grid=rows, value=self._typed.one(f"{asked.key}.none"))
        if asked.kind is Kind.QUANTITY:
            return self._measure(view, asked)
        if asked.kind is Kind.INSTRUMENT:
            return replace(
                view, scale=scale_view(self._typed, asked.key, self.form.pc_ptsd5_cut_off)
            )
        if asked.kind == Kind.SPAN:
            return replace(
                view,
                value=self._typed.one(f"{asked.key}.amount"),
                values=(self._typed.one(f"{asked.key}.unit") or "weeks",),
                choices=choices_of(o.SPAN_UNITS),
            )
        return view

    def _input(self, asked: Field, name: str) -> FieldView:
        value = self.raw.get(name, "") or self._default(asked, name)
        options = self.choices.get(_column_of(name), asked.options)
        return FieldView(
            name=name,
            kind=asked.kind,
            label=said(asked.label),
            help=said(asked.help),
            choices=choices_of(options),
            value=value if isinstance(value, str) else "",
            values=(value,) if isinstance(value, str) else tuple(value),
            error=self._typed.error(name),
            usual=_usual(asked),
            optional=asked.required == NEVER,
            when="" if asked.shown is ALWAYS else json.dumps(asked.shown.as_json()),
            unit=said(asked.unit),
            rows=asked.rows,
            longest=asked.longest,
            low=asked.low,
            high=asked.high,
            none_label=said(asked.none_label),
            most=asked.most,
            quick=asked.quick,
            groups=tuple(
                (said(title), choices_of([c for c in options if c.value in members]))
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
            if any(self._typed.one(f"{asked.key}.{number}.{c.key}") for c in asked.columns)
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
        unit = self._typed.one(f"{asked.key}.unit") or quantity.unit
        return replace(
            view, units=tuple(map(said, quantity.units)), unit=unit, quantity=quantity.code
        )


def _column_of(name: str) -> str:
    """Return `advice_status.recommendation` for `advice_status.2.recommendation`; others as they are."""
    key, _dot, rest = name.partition(".")
    _number, _dot, column = rest.partition(".")
    return f"{key}.{column}" if column else name


def _usual(asked: Field) -> str:
    return ",".join(map(spelled, asked.usual)) if asked.usual else ""
