"""Saved states of a draft: when one is worth keeping, and what differs between two; pure.

Texts are compared as they are typed (`Raw`), field by field, for a person who has to choose: a
table or a questionnaire is one field.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cases.formulas.labs import NAMES
from cases.instruments.base import N_
from cases.rules import intake
from cases.rules.fields import TABLES, Field, Form, Kind, Option
from cases.rules.form import APART
from cases.rules.intake import Raw
from cases.rules.models import Answers
from cases.rules.options import SPAN_UNITS
from cases.rules.sheet import Part
from server.kit.ids import CaseId
from server.kit.text import clean_text

MOST: Final = 20
"""How many saved states of a draft are kept."""

STEP: Final = timedelta(minutes=10)
"""Saves of one page within this time are one state, unless something is lost between them."""

_WORTH_KEEPING: Final = 20
"""Characters from which on a text that shrinks to less than half is kept as it was."""

Choices = Mapping[str, Sequence[Option]]


class Origin(StrEnum):
    """How a state came to be."""

    AUTO = "auto"
    SAVED = "saved"
    """The author pressed the button."""
    ASIDE = "aside"
    """It came too late, after another page had saved: kept, but never the draft itself."""


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves: the random name of the page, and the number it gives to this save."""

    origin: Origin
    writer: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class DraftState:
    """One saved state of a draft.

    `writer` is the random name of the page that wrote it, `sequence` the number that page gave to
    its latest save. `began_at` is the first save of this state, `saved_at` the latest.
    """

    case: CaseId
    number: int
    origin: Origin
    writer: str
    sequence: int
    answers: Answers
    began_at: datetime
    saved_at: datetime


def is_new_state(last: DraftState | None, save: Save, answers: Answers, now: datetime) -> bool:
    """Say whether a save is a state of its own, or goes on with the last one."""
    if last is None:
        return True
    if last.answers == answers and save.origin is not Origin.ASIDE:
        return False
    goes_on = (
        save.origin is Origin.AUTO
        and last.origin is Origin.AUTO
        and last.writer == save.writer
        and now - last.began_at < STEP
    )
    return not goes_on or loses(last.answers, answers)


def loses(before: Answers, after: Answers) -> bool:
    """Say whether something typed before is gone: a text, most of a long text, a row of a table."""
    return any(_loses(value, after.get(key)) for key, value in before.values.items())


def _loses(before: Any, after: Any) -> bool:
    if isinstance(before, str) and len(before) >= _WORTH_KEEPING:
        return not isinstance(after, str) or len(after) < len(before) / 2
    if isinstance(before, list) and before and isinstance(before[0], Mapping):
        return not isinstance(after, list) or len(after) < len(before)
    return False


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two texts answer differently: lines of parts, here and there."""

    key: str
    label: str
    here: tuple[tuple[Part, ...], ...]
    there: tuple[tuple[Part, ...], ...]
    values: Raw
    """What would have to be typed to take over what is there."""


def readable(form: Form, raw: Raw, year: int, options: Choices) -> Raw:
    """Return what was typed as the server would give it back; what it cannot read stays as typed.

    So `05` and `5`, or an empty row more or less, make no difference.
    """
    read = intake.validate(form, raw, year=year, complete=False, options=options)
    assert isinstance(read, intake.Intake)
    unread = {path.partition(".")[0] for path in read.unread}
    kept = {
        p: v for p, v in intake.raw_of(read.answers).items() if p.partition(".")[0] not in unread
    }
    return kept | {p: v for p, v in raw.items() if p.partition(".")[0] in unread}


def left_out(raw: Raw, answers: Answers, unread: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the inputs whose content is not among the answers that were read from them."""
    kept = intake.raw_of(answers)
    lost = [path for path in unread if raw.get(path) and path not in kept]
    safety = [p for p in raw if p.startswith("safety_") and p in APART and raw[p]]
    return tuple(dict.fromkeys((*lost, *safety)))


def clashing(
    form: Form, here: Raw, there: Raw, year: int, options: Choices
) -> tuple[Difference, ...]:
    """Return what differs between two texts as they were typed, both read as the server reads them.

    An answer given alike on both sides is no difference, even where one side no longer asks for it.
    """
    alike = {asked.key for asked in form.fields() if _typed(asked, here) == _typed(asked, there)}
    ours, theirs = (readable(form, raw, year, options) for raw in (here, there))
    return tuple(d for d in compare(form, ours, theirs, options) if d.key not in alike)


def compare(form: Form, here: Raw, there: Raw, options: Choices) -> tuple[Difference, ...]:
    """Return the fields that differ, in the order of the form; signatures and safety stay out."""
    return tuple(_differences(form, here, there, options))


def _differences(form: Form, here: Raw, there: Raw, options: Choices) -> Iterator[Difference]:
    for asked in form.fields():
        if asked.key in APART:
            continue
        ours, theirs = _typed(asked, here), _typed(asked, there)
        if ours != theirs:
            yield Difference(
                asked.key,
                asked.label,
                tuple(_lines(asked, ours, options)),
                tuple(_lines(asked, theirs, options)),
                {_path(asked.key, rest): value for rest, value in theirs.items()},
            )


def _path(key: str, rest: str) -> str:
    return f"{key}.{rest}" if rest else key


def _typed(asked: Field, raw: Raw) -> dict[str, str | list[str]]:
    """Return the filled inputs of one field, by what follows its key; units alone are nothing."""
    found: dict[str, str | list[str]] = {}
    for path, value in raw.items():
        key, _, rest = path.partition(".")
        if key != asked.key:
            continue
        typed = clean_text(value) if isinstance(value, str) else [part for part in value if part]
        if asked.kind is Kind.CHOICES:
            typed = [typed] if isinstance(typed, str) and typed else typed
        if typed:
            found[rest] = typed
    if asked.kind in TABLES:
        return _rows(asked, found)
    needed = {Kind.SPAN: "amount", Kind.QUANTITY: ""}.get(asked.kind)
    return found if needed is None or needed in found else {}


def _rows(asked: Field, found: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
    """Number the rows anew, without those in which only what stands ready is filled in."""
    ready = {"code", "unit"} if asked.kind is Kind.LABS else {asked.fixed}
    chosen = {(c.key, c.default) for c in asked.columns if c.default}
    rows: dict[int, dict[str, str | list[str]]] = {}
    out: dict[str, str | list[str]] = {}
    for rest, value in found.items():
        place, _, column = rest.partition(".")
        if column and place.isdecimal():
            rows.setdefault(int(place), {})[column] = value
        else:
            out[rest] = value
    used = [
        rows[n]
        for n in sorted(rows)
        if any(c not in ready and (c, value) not in chosen for c, value in rows[n].items())
    ]
    for number, row in enumerate(used):
        out |= {f"{number}.{column}": value for column, value in row.items()}
    return out


def _lines(
    asked: Field, typed: Mapping[str, str | list[str]], options: Choices
) -> Iterator[tuple[Part, ...]]:
    if not typed:
        return
    if asked.kind in TABLES:
        yield from _table(asked, typed, options)
    elif asked.kind is Kind.INSTRUMENT:
        yield from _scale(typed)
    elif asked.kind is Kind.SPAN:
        words = {o.value: o.label for o in SPAN_UNITS}
        unit = str(typed.get("unit", ""))
        yield (Part(str(typed["amount"])), Part(words.get(unit, unit), listed=unit in words))
    elif asked.kind is Kind.QUANTITY:
        yield (Part(str(typed[""])), Part(str(typed.get("unit", ""))))
    else:
        yield tuple(_words(asked, typed.get("", ""), options.get(asked.key)))


def _words(asked: Field, value: str | list[str], given: Sequence[Option] | None) -> Iterator[Part]:
    """Yield an answer in words: those of a list are message keys, unless the list is of people."""
    if asked.kind is Kind.CONFIRM:
        yield Part(N_("Yes"), listed=True)
        return
    labels = {option.value: option.label for option in given or asked.options}
    for part in [value] if isinstance(value, str) else value:
        yield Part(labels.get(part, part), listed=part in labels and not given)


def _table(
    asked: Field, typed: Mapping[str, str | list[str]], options: Choices
) -> Iterator[tuple[Part, ...]]:
    if "none" in typed:
        yield (Part(asked.none_label, listed=True),)
    rows: dict[int, dict[str, str | list[str]]] = {}
    for rest, value in typed.items():
        place, _, column = rest.partition(".")
        if column:
            rows.setdefault(int(place), {})[column] = value
    for number in sorted(rows):
        row = rows[number]
        if asked.kind is Kind.LABS:
            code = str(row.pop("code", ""))
            weeks = str(row.pop("weeks", ""))
            parts = [Part(NAMES.get(code, code), listed=code in NAMES)]
            parts += [Part(str(row[c]).replace("_", " ")) for c in ("value", "unit") if c in row]
            yield (*parts, *_weeks_ago(weeks))
        else:
            yield tuple(
                part
                for column in asked.columns
                if column.key in row
                for part in _words(
                    column, row[column.key], options.get(f"{asked.key}.{column.key}")
                )
            )


def _scale(typed: Mapping[str, str | list[str]]) -> Iterator[tuple[Part, ...]]:
    items = {int(rest): str(value) for rest, value in typed.items() if rest.isdecimal()}
    if items:
        each = (f"{number}: {items[number]}" for number in sorted(items))
        yield (Part(N_("Answers"), listed=True), *map(Part, each))
    if "total" in typed:
        yield (Part(N_("Total"), listed=True), Part(str(typed["total"])))
    weeks = _weeks_ago(str(typed.get("weeks_ago", "")))
    if weeks:
        yield weeks


def _weeks_ago(weeks: str) -> tuple[Part, ...]:
    return (Part(N_("Weeks ago"), listed=True), Part(weeks)) if weeks else ()
