"""The instruments of the case form, as they are drawn."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cases.instruments import pc_ptsd5, phq9, registry
from cases.instruments.base import FORM_ELSEWHERE, Choice, Instrument
from cases.instruments.registry import Setting
from cases.rules import options as o
from cases.rules.fields import Kind, Option
from cases.rules.scale_reader import FIRST_ONLY, MODES
from cases.web.field_view import Choices, FieldView, ScaleView, Typed, choices_of, said
from server.edge.i18n import N_


def scale_view(typed: Typed, key: str, pc_ptsd5_cut_off: int) -> ScaleView:
    """Return an instrument ready to be drawn; the cut-off is that of the programme."""
    scale = registry.by_key(key, _setting(typed, pc_ptsd5_cut_off))
    items = scale.items if scale.keeps_items else ()
    names = [f"{key}.{item.number}" for item in items]
    words = {"self": N_("The person filled it in"), "interview": N_("Asked in an interview")}
    modes = tuple(Option(mode, words[mode]) for mode in MODES)
    total = N_("Or the total alone") if items else N_("Total")
    weeks = _extra(typed, f"{key}.weeks_ago", N_("How many weeks ago?"), ())
    return ScaleView(
        key=key,
        name=scale.name,
        stem=said(scale.stem),
        items=tuple(
            (name, said(item.text), _points(item.choices))
            for name, item in zip(names, items, strict=True)
        ),
        choices=_points(scale.choices),
        gate=_gate(typed, key),
        gate_examples=tuple(map(said, pc_ptsd5.GATE_EXAMPLES)) if key == "pc_ptsd5" else (),
        hint=said(scale.hint),
        first_only=_first_only(typed, key),
        cut_off=said(scale.cut_off_note),
        values={name: typed.one(name) for name in names},
        errors={name: typed.error(name) for name in names if name in typed.errors},
        total=_extra(typed, f"{key}.total", total, ()),
        # 0 is this week: what most scales taken for a presentation are.
        weeks=weeks if weeks.value or weeks.error else replace(weeks, value="0"),
        mode=_extra(typed, f"{key}.mode", N_("How was it taken?"), modes),
        difficulty=_difficulty(typed, key),
        source=scale.source,
        credit=said(scale.credit or FORM_ELSEWHERE),
        data=json.dumps(scoring_data(scale)),
    )


def _setting(typed: Typed, cut_off: int) -> Setting:
    sex = typed.one("sex_for_formulas") or "not_stated"
    known = sex if sex in {option.value for option in o.SEX} else "not_stated"
    return Setting(known, cut_off)


def _gate(typed: Typed, key: str) -> FieldView | None:
    if key != "pc_ptsd5":
        return None
    return _extra(typed, f"{key}.gate", pc_ptsd5.GATE, o.YES_NO)


def _first_only(typed: Typed, key: str) -> FieldView | None:
    if key != "audit_c":
        return None
    view = _extra(typed, f"{key}.{FIRST_ONLY}", N_("All points come from question 1"), ())
    return replace(view, kind=Kind.CONFIRM)


def _difficulty(typed: Typed, key: str) -> FieldView | None:
    if key != "phq9":
        return None
    answers = tuple(Option(code, label) for code, label in phq9.DIFFICULTY)
    return _extra(typed, f"{key}.difficulty", phq9.DIFFICULTY_STEM, answers)


def _extra(typed: Typed, name: str, label: str, options: tuple[Option, ...]) -> FieldView:
    return FieldView(
        name=name,
        kind=Kind.CHOICE if options else Kind.WHOLE,
        label=said(label),
        choices=choices_of(options),
        value=typed.one(name),
        error=typed.error(name),
    )


def scoring_data(scale: Instrument) -> dict[str, Any]:
    """Return the scoring rule of an instrument as the browser needs it, bands translated."""
    return {
        "key": scale.key,
        "items": [item.number for item in scale.items],
        "points": [list(scale.points_of(item)) for item in scale.items],
        "bands": [{"low": b.low, "high": b.high, "label": said(b.label)} for b in scale.bands],
        "highest": scale.highest,
        "gate": "gate" if scale.key == "pc_ptsd5" else None,
        "alertItem": 9 if scale.key == "phq9" else None,
    }


def _points(choices: Sequence[Choice]) -> Choices:
    return tuple((str(choice.points), said(choice.label), "") for choice in choices)
