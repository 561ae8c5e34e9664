"""A case as it is read: sections of labelled values, from the form's own data; pure.

Labels and listed answers are message keys to be translated; what the author typed is not. The
two never mix: a `Part` says which it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cases.formulas.labs import LABS, LISTED, NAMES, NOT_DETECTED, NOT_DETECTED_LABEL
from cases.formulas.vitals import VITALS
from cases.instruments import cssrs, phq9, registry
from cases.instruments.base import N_, Score
from cases.instruments.registry import Setting
from cases.rules.fields import FREE_TEXT, TABLES, Field, Form, Kind
from cases.rules.measure_reader import BODY, NOT_DONE
from cases.rules.medicines import maximum_warning
from cases.rules.models import Answers
from cases.rules.options import SPAN_UNITS
from cases.rules.progress import Change
from cases.rules.readers import Problem, spelled
from cases.rules.social_needs import Domain, by_domain


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer; `listed` parts are message keys, the others stay as they are."""

    text: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One answered question; several parts are several answers, or a value and its unit."""

    key: str
    label: str
    parts: tuple[Part, ...]
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One answered table; `rows` empty: the author said that there is none (`none_label`)."""

    key: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Part, ...], ...]
    none_label: str
    notes: tuple[tuple[str, Problem], ...] = ()
    """What a reader should look at twice: the medicine, and that its dose is above the usual."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One instrument's result with everything a reader needs to check it."""

    key: str
    name: str
    score: Score
    highest: int
    weeks_ago: int
    items: tuple[tuple[str, str], ...]
    """(question, answer) message keys; empty when only the total was given."""
    suggests: str
    """What the diagnostic algorithm suggests, as a message key; empty for nothing."""
    source: str
    credit: str
    cut_off_note: str
    """Which cut-off is used and why, as a message key; empty when there is only one."""
    mode: str
    """How it was taken, as a message key; empty when nobody said."""
    change: Change | None
    """How it differs from the presentation before; None when there is none to compare."""


@dataclass(frozen=True, slots=True)
class Screening:
    """A screening of which only the result is kept: words and meaning as message keys.

    `alerts` raises the safety flag. `before` is the result at the presentation `before_no`, empty
    when there is none.
    """

    key: str
    name: str
    result: str
    meaning: str
    alerts: bool
    source: str
    credit: str
    before: str
    before_no: str


@dataclass(frozen=True, slots=True)
class SheetSection:
    """One part of the sheet, in the order of the form."""

    key: str
    title: str
    lines: tuple[Line, ...]
    grids: tuple[Grid, ...]
    scales: tuple[Scale, ...]
    screenings: tuple[Screening, ...]
    needs: tuple[Domain, ...]


_SUGGESTS: Mapping[phq9.Algorithm, str] = {
    phq9.Algorithm.NONE: "",
    phq9.Algorithm.OTHER_DEPRESSION: N_("The algorithm suggests another depressive disorder."),
    phq9.Algorithm.MAJOR_DEPRESSION: N_("The algorithm suggests major depression."),
}


def sections(
    form: Form,
    answers: Answers,
    *,
    quiet: bool,
    names: Mapping[str, str] = {},
    on: date = date.max,
    changes: Mapping[str, Change] = {},
) -> tuple[SheetSection, ...]:
    """Return what was answered, in the order of the form; empty questions are left out.

    The main question is not among the lines: it stands above everything. `quiet` shows what
    only author and director may see; `names` spells people's ids; codes of social needs are those
    of the day `on`; `changes` says how instruments differ from the presentation before.
    """
    return tuple(_sections(form, answers, quiet=quiet, names=names, on=on, changes=changes))


def _sections(
    form: Form,
    answers: Answers,
    *,
    quiet: bool,
    names: Mapping[str, str],
    on: date,
    changes: Mapping[str, Change],
) -> Iterator[SheetSection]:
    setting = Setting(answers.text("sex_for_formulas") or "not_stated", form.pc_ptsd5_cut_off)
    for section in form.sections:
        lines: list[Line] = []
        grids: list[Grid] = []
        scales: list[Scale] = []
        screenings: list[Screening] = []
        needs: tuple[Domain, ...] = ()
        for asked in section.fields:
            value = answers.get(asked.key)
            if value is None or asked.key == "main_question" or (asked.quiet and not quiet):
                continue
            if asked.kind == Kind.GRID:
                grids.append(_grid(asked, value, names))
            elif asked.kind == Kind.LABS:
                grids.append(_labs(asked, value))
            elif asked.kind == Kind.INSTRUMENT:
                scales += _scale(asked.key, value, setting, changes.get(asked.key))
            elif asked.key == cssrs.KEY:
                screenings += _screening(value, changes.get(asked.key))
            elif asked.key == "sdoh_needs":
                needs = by_domain(value, on)
            else:
                prose = asked.kind == Kind.TEXT
                lines.append(Line(asked.key, asked.label, _parts(asked, value, names), prose))
        if lines or grids or scales or screenings or needs:
            yield SheetSection(
                section.key,
                section.title,
                tuple(lines),
                tuple(grids),
                tuple(scales),
                tuple(screenings),
                needs,
            )


def _parts(asked: Field, value: Any, names: Mapping[str, str] = {}) -> tuple[Part, ...]:
    if asked.kind in (Kind.CHOICE, Kind.CHOICES):
        words = {o.value: o.label for o in asked.options}
        codes = [value] if asked.kind == Kind.CHOICE else value
        return tuple(
            Part(names[code]) if code in names else Part(words.get(code, code), listed=True)
            for code in codes
        )
    if asked.kind == Kind.SPAN:
        units = {o.value: o.label for o in SPAN_UNITS}
        return (Part(spelled(value["amount"])), Part(units[value["unit"]], listed=True))
    if value is True:
        return (Part(N_("Yes"), listed=True),)
    unit = VITALS[BODY[asked.key]].unit if asked.kind is Kind.QUANTITY else asked.unit
    if asked.kind in FREE_TEXT or not unit:
        return (Part(spelled(value)),)
    return (Part(spelled(value)), Part(unit, listed=True))


def _grid(asked: Field, rows: list[Mapping[str, Any]], names: Mapping[str, str]) -> Grid:
    used = [c for c in asked.columns if any(c.key in row for row in rows)]
    cells = tuple(
        tuple(
            _parts(column, row[column.key], names)[0] if column.key in row else Part("")
            for column in used
        )
        for row in rows
    )
    above = ((str(row.get("name", "")), maximum_warning(row)) for row in rows)
    notes = tuple((name, said) for name, said in above if said) if asked.quick else ()
    return Grid(
        asked.key, asked.label, tuple(c.label for c in used), cells, asked.none_label, notes
    )


_MODES: Final[Mapping[str, str]] = {
    "self": N_("The person filled it in"),
    "interview": N_("Asked in an interview"),
}


def _screening(stored: Any, change: Change | None) -> list[Screening]:
    result = cssrs.read(stored)
    if result is None:
        return []
    return [
        Screening(
            key=cssrs.KEY,
            name=cssrs.NAME,
            result=cssrs.LABELS[result],
            meaning=cssrs.MEANINGS[result],
            alerts=cssrs.alerts(result),
            source=cssrs.SOURCE,
            credit=cssrs.CREDIT,
            before=cssrs.LABELS[list(cssrs.Result)[change.before]] if change else "",
            before_no=change.case_no if change else "",
        )
    ]


def _scale(
    key: str, stored: Mapping[str, Any], setting: Setting, change: Change | None
) -> list[Scale]:
    instrument = registry.by_key(key, setting)
    score = registry.result(key, stored, setting)
    if not isinstance(score, Score):
        return []
    items = stored.get("items") or ()
    suggests = _SUGGESTS[phq9.algorithm(items)] if key == "phq9" and items else ""
    return [
        Scale(
            key=key,
            name=instrument.name,
            score=score,
            highest=instrument.highest,
            weeks_ago=stored.get("weeks_ago", 0),
            items=tuple(
                (item.text, {c.points: c.label for c in instrument.choices_of(item)}[points])
                for item, points in zip(instrument.items, items, strict=False)
            ),
            suggests=suggests,
            source=instrument.source,
            credit=instrument.credit,
            cut_off_note=instrument.cut_off_note,
            mode=_MODES.get(stored.get("mode", ""), ""),
            change=change,
        )
    ]


LAB_COLUMNS: Final[Mapping[str, str]] = {
    "code": N_("Test"),
    "value": N_("Result"),
    "unit": N_("Unit"),
    "weeks": N_("Weeks ago"),
}


def _labs(asked: Field, rows: list[Mapping[str, Any]]) -> Grid:
    """Return the results with value, unit and age, the oldest last."""
    ordered = sorted(rows, key=lambda row: (list(NAMES).index(row["code"]), row.get("weeks", 0)))
    return Grid(
        asked.key,
        asked.label,
        tuple(LAB_COLUMNS.values()),
        tuple(
            (
                Part(NAMES[row["code"]], listed=True),
                _result(row["code"], row.get("value")),
                Part(LABS[row["code"]].unit if _is_number(row.get("value")) else ""),
                Part(spelled(row["weeks"]) if "weeks" in row else ""),
            )
            for row in ordered
            if row.get("code") in NAMES
        ),
        asked.none_label,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _result(code: str, value: Any) -> Part:
    if _is_number(value):
        return Part(spelled(LABS[code].shown_in(value, LABS[code].unit)))
    words = dict(LISTED[code].options) if code in LISTED else {}
    words |= {NOT_DETECTED: NOT_DETECTED_LABEL, NOT_DONE: N_("not done")}
    return Part(words.get(value, ""), listed=True)


def label_of(form: Form, path: str) -> tuple[str, int | None, str]:
    """Return (label, row number from 1 or None, column or item label) of any input of the form."""
    key, _, rest = path.partition(".")
    try:
        asked = form.field(key)
    except KeyError:
        return path, None, ""
    if asked.kind in TABLES and rest:
        number, _, column = rest.partition(".")
        labels = {c.key: c.label for c in asked.columns} or LAB_COLUMNS
        return asked.label, int(number) + 1 if number.isdigit() else None, labels.get(column, "")
    if asked.kind == Kind.INSTRUMENT and rest.isdigit():
        return asked.label, int(rest), ""
    return asked.label, None, ""
