"""From what was typed to `Answers`, or to what is wrong, by field; driven by the form's data.

Paths name single inputs: `age`, `medications.0.name`, `phq9.9`, `duration.unit`. Unknown paths
are refused (security.md 19). With `complete=False` (a draft) nothing is required and whatever
cannot be read yet is left out and named, so that a draft never holds anything unchecked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cases.formulas.labs import NAMES
from cases.formulas.vitals import DBP_TOO_HIGH, pressures_agree
from cases.instruments import registry
from cases.instruments.base import N_
from cases.rules import measure_reader, readers, scale_reader
from cases.rules.fields import FREE_TEXT, TABLES, Field, Form, Kind, Module
from cases.rules.form import APART, RECENT_WEEKS
from cases.rules.form_question import TYPE
from cases.rules.models import Answers, Attestation
from cases.rules.readers import Problem

Raw = Mapping[str, str | Sequence[str]]

MISSING: Final = Problem(N_("Fill this in."))
MISSING_CHOICE: Final = Problem(N_("Choose an answer."))
NO_ROW: Final = Problem(N_("Add at least one row, or say that there is none."))
NO_SCALE: Final = Problem(
    N_("Give a PHQ-9 or a GAD-7 that is at most 8 weeks old: all answers, or the total.")
)
TODAY: Final = Problem(
    N_("If the person may be in danger today, use your local emergency pathway now.")
)
UNDER_AGE: Final = Problem(N_("This programme does not take cases of people under 18."))
ADVICE_STATUS: Final = Problem(N_("Say what became of each recommendation."))
LAB_NEEDED: Final = N_("Still needed: %(words)s. If a test was not done, say so.")
UNSIGNED: Final = Problem(N_("Sign this statement before you send the case."))


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What cannot be used, by path, in the order of the page."""

    errors: Mapping[str, Problem]


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read. `unread` names the paths of a draft that were left out."""

    answers: Answers
    attested: frozenset[Attestation] = frozenset()
    safety: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, Problem] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """The state of one reading."""

    raw: Raw
    year: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Problem] = field(default_factory=dict)


def known_paths(form: Form, raw: Raw) -> frozenset[str]:
    """Return those keys of `raw` that belong to the form."""
    return frozenset(key for key in raw if _is_known(form, key))


def _is_known(form: Form, path: str) -> bool:
    key, _, rest = path.partition(".")
    asked = TYPE if key == TYPE.key else next((f for f in form.fields() if f.key == key), None)
    if asked is None:
        return False
    if asked.kind in TABLES:
        number, _, column = rest.partition(".")
        if rest == "none":
            return bool(asked.none_label)
        in_range = number.isascii() and number.isdigit() and int(number) < asked.most
        return in_range and column in _columns(asked)
    if asked.kind is Kind.INSTRUMENT:
        return rest in scale_reader.parts(key)
    return rest in _PARTS.get(asked.kind, ("",))


_PARTS: Final = {Kind.SPAN: ("amount", "unit"), Kind.QUANTITY: ("", "unit")}


def _columns(asked: Field) -> Sequence[str]:
    return measure_reader.COLUMNS if asked.kind is Kind.LABS else [c.key for c in asked.columns]


def validate(
    form: Form, raw: Raw, *, year: int, complete: bool = True, options: Mapping[str, Any] = {}
) -> Intake | FieldErrors:
    """Read `raw` as a case, or say what is wrong.

    `year` is the current year (a year of onset cannot lie ahead). `options` replaces the choices
    of fields whose list belongs to the programme (the supervisor), of a column by
    `<key>.<column>` (the recommendations of the case before). Paths that the form does not
    know give the error "This field is not known here."
    """
    reading = _Reading(raw, year)
    for key in raw:
        if not _is_known(form, key):
            reading.errors[key] = Problem(N_("This field is not known here."))
    _read_field(reading, TYPE, {})
    for asked in form.fields():
        _read_field(reading, asked, options)
    # Answers to questions that these answers do not ask are dropped, so nothing hidden travels.
    shown = {f.key for f in form.visible(reading.values)} | {TYPE.key}
    values = {k: v for k, v in reading.values.items() if k in shown}
    errors = {
        path: problem
        for path, problem in reading.errors.items()
        if path.partition(".")[0] in shown or not _is_known(form, path)
    }
    if complete:
        for asked in (TYPE, *form.visible(values)):
            if asked.required.holds(values) and asked.key not in errors:
                problem = _missing(asked, values)
                if problem is not None and not _has_error(errors, asked.key):
                    errors[asked.key] = problem
        _whole_form_rules(form, values, errors, options)
    if complete and errors:
        return FieldErrors(_in_page_order(form, errors))
    return Intake(
        answers=Answers({k: v for k, v in values.items() if k not in APART}),
        attested=frozenset(kind for kind in Attestation if values.get(kind.value)),
        safety={k: v for k, v in values.items() if k.startswith("safety_") and isinstance(v, str)},
        unread=_in_page_order(form, errors),
    )


def _read_field(reading: _Reading, asked: Field, options: Mapping[str, Any]) -> None:
    if asked.kind == Kind.GRID:
        read = readers.grid(reading.raw, asked, reading.year, options)
    elif asked.kind == Kind.LABS:
        read = measure_reader.labs(reading.raw, asked)
    elif asked.kind == Kind.QUANTITY:
        read = measure_reader.measure(reading.raw, asked)
    elif asked.kind == Kind.INSTRUMENT:
        read = scale_reader.read(reading.raw, asked.key)
    elif asked.kind == Kind.SPAN:
        read = readers.span(reading.raw, asked)
    else:
        read = readers.single(
            reading.raw.get(asked.key), asked, reading.year, options.get(asked.key)
        )
    if read.value is not None:
        reading.values[asked.key] = read.value
    for part, problem in read.errors.items():
        reading.errors[f"{asked.key}{part}"] = problem


def _has_error(errors: Mapping[str, Problem], key: str) -> bool:
    return any(path == key or path.startswith(f"{key}.") for path in errors)


def _missing(asked: Field, values: Mapping[str, Any]) -> Problem | None:
    value = values.get(asked.key)
    if asked.kind == Kind.CONFIRM:
        return None if value else UNSIGNED
    if asked.kind in TABLES:
        # An empty list says "there is none"; only some tables offer that answer.
        return None if value or (value == [] and asked.none_label) else NO_ROW
    if value is None or value in ("", []):
        choice = asked.kind in (Kind.CHOICE, Kind.CHOICES, Kind.SCALE)
        return MISSING_CHOICE if choice else MISSING
    return None


def _whole_form_rules(
    form: Form, values: Mapping[str, Any], errors: dict[str, Problem], options: Mapping[str, Any]
) -> None:
    """Apply the rules that need more than one answer (domain.md §4.2, §4.4)."""
    if values.get("urgency") == "today":
        errors["urgency"] = TODAY
    age = values.get("age")
    if isinstance(age, int) and age < 18 and not form.minors:
        errors.setdefault("age", UNDER_AGE)
    if not pressures_agree(values.get("sbp"), values.get("dbp")):
        errors.setdefault("dbp", Problem(DBP_TOO_HIGH))
    if values.get("case_type") == "new":
        _scale_needed(form, values, errors)
        _labs_needed(form, values, errors)
    else:
        _advice_answered(values, errors, options)


def _scale_needed(form: Form, values: Mapping[str, Any], errors: dict[str, Problem]) -> None:
    if Module.BH not in form.modules_of(values) or any(
        _has_error(errors, key) for key in form.scales
    ):
        return
    scores = registry.score_all(values)
    recent = [
        key
        for key in form.scales
        if key in scores
        and isinstance(weeks := values[key].get("weeks_ago"), int)
        and weeks <= RECENT_WEEKS
    ]
    if not recent:
        given = next((k for k in form.scales if k in values), form.scales[0])
        errors[given] = NO_SCALE


def _labs_needed(form: Form, values: Mapping[str, Any], errors: dict[str, Problem]) -> None:
    if _has_error(errors, "labs"):
        return
    given = {row.get("code") for row in values.get("labs") or ()}
    about = form.modules_of(values)
    lacking = [group for module, group in form.labs if module in about and given.isdisjoint(group)]
    if lacking:
        tests = tuple(NAMES[group[0]] for group in lacking)
        errors["labs"] = Problem(LAB_NEEDED, words=tests)


def _advice_answered(
    values: Mapping[str, Any], errors: dict[str, Problem], options: Mapping[str, Any]
) -> None:
    """A follow-up says what became of each recommendation of the case before (§4.4, last line)."""
    asked = {option.value for option in options.get("advice_status.recommendation", ())}
    given = {row.get("recommendation") for row in values.get("advice_status") or ()}
    if not _has_error(errors, "advice_status") and not asked <= given:
        errors["advice_status"] = ADVICE_STATUS


def _in_page_order(form: Form, problems: Mapping[str, Problem]) -> dict[str, Problem]:
    order = {f.key: number for number, f in enumerate(form.fields())}
    paths = sorted(problems, key=lambda path: order.get(path.partition(".")[0], -1))
    return {path: problems[path] for path in paths}


def texts(form: Form, answers: Answers) -> dict[str, str]:
    """Return every free text among the answers by path: what the identifier check reads."""
    return dict(_texts(form, answers))


def _texts(form: Form, answers: Answers) -> Iterator[tuple[str, str]]:
    for asked in form.fields():
        value = answers.get(asked.key)
        if asked.kind in FREE_TEXT and value:
            yield asked.key, value
        elif asked.kind is Kind.GRID and value:
            for number, row in enumerate(value):
                for column in asked.columns:
                    if column.kind in FREE_TEXT and row.get(column.key):
                        yield f"{asked.key}.{number}.{column.key}", row[column.key]


def without_texts(form: Form, answers: Answers, erased: frozenset[str] | None = None) -> Answers:
    """Return the answers without their free texts (`erased` None: all; else those paths only)."""
    paths = frozenset(texts(form, answers)) if erased is None else erased
    return Answers(_replace(answers, dict.fromkeys(paths)))


def with_texts(answers: Answers, replaced: Mapping[str, str]) -> Answers:
    """Return the answers with the texts at the given paths put in."""
    return Answers(_replace(answers, replaced))


def _replace(answers: Answers, replaced: Mapping[str, str | None]) -> dict[str, Any]:
    values = {k: [dict(row) for row in v] if _is_rows(v) else v for k, v in answers.values.items()}
    for path, text in replaced.items():
        key, _, rest = path.partition(".")
        number, _, column = rest.partition(".")
        target, name = (values[key][int(number)], column) if rest else (values, key)
        if text is None:
            target.pop(name, None)
        else:
            target[name] = text
    return values


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def raw_of(answers: Answers) -> dict[str, str | list[str]]:
    """Return answers as the form would have typed them: the inverse of `validate`."""
    out: dict[str, str | list[str]] = {}
    for key, value in answers.values.items():
        if key in registry.INSTRUMENTS and isinstance(value, Mapping):
            out |= scale_reader.typed(key, value)
        elif isinstance(value, Mapping):
            out |= {f"{key}.{part}": readers.spelled(inner) for part, inner in value.items()}
        elif _is_rows(value):
            for number, row in enumerate(value):
                out |= {f"{key}.{number}.{c}": readers.spelled(v) for c, v in row.items()}
        elif value == []:
            out[f"{key}.none"] = "yes"
        elif isinstance(value, list):
            out[key] = [str(part) for part in value]
        else:
            out[key] = readers.spelled(value)
    return out
