"""Every instrument the form may ask for, by key; and scoring of a whole set of answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cases.instruments import audit_c, pc_ptsd5
from cases.instruments.audit import AUDIT
from cases.instruments.base import Instrument, Missing, Score
from cases.instruments.cows import COWS
from cases.instruments.dast10 import DAST10
from cases.instruments.gad2 import GAD2
from cases.instruments.gad7 import GAD7
from cases.instruments.phq2 import PHQ2
from cases.instruments.phq9 import PHQ9


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides a cut-off besides the answers: the person's sex, the programme's choice."""

    sex: str = "not_stated"
    pc_ptsd5_cut_off: int = pc_ptsd5.DEFAULT_CUT_OFF


USUAL: Final = Setting()

INSTRUMENTS: Final[Mapping[str, Instrument]] = {
    scale.key: scale
    for scale in (
        PHQ9,
        GAD7,
        PHQ2,
        GAD2,
        pc_ptsd5.scale(),
        AUDIT,
        audit_c.scale(),
        DAST10,
        COWS,
    )
}
"""The summed scales with their usual cut-offs. Results that are not sums have their own modules:
`cssrs`, `ahc_hrsn`, `feel`."""


def by_key(key: str, setting: Setting = USUAL) -> Instrument:
    """Return an instrument with the cut-off that applies; KeyError when there is none."""
    match key:
        case "pc_ptsd5":
            return pc_ptsd5.scale(setting.pc_ptsd5_cut_off)
        case "audit_c":
            return audit_c.scale(setting.sex)
        case _:
            return INSTRUMENTS[key]


def result(key: str, stored: Mapping[str, Any], setting: Setting = USUAL) -> Score | Missing:
    """Score what a case keeps for one instrument: `items` (points or None) or else `total`.

    PC-PTSD-5 keeps `gate` ("yes", "no") too, AUDIT-C may keep `all_from_first` beside its total.
    Raises KeyError for an unknown key, ValueError for points that cannot occur.
    """
    instrument = by_key(key, setting)
    items = stored.get("items") or [None] * len(instrument.items)
    total = stored.get("total")
    gate = {"yes": True, "no": False}.get(str(stored.get("gate")))
    if isinstance(total, int) and all(points is None for points in items) and gate is not False:
        if key == "audit_c":
            first = stored.get("all_from_first") is True
            return audit_c.of_total(total, setting.sex, all_from_first=first)
        return instrument.of_total(total)
    if key == "pc_ptsd5":
        return pc_ptsd5.score(gate, items, setting.pc_ptsd5_cut_off)
    if key == "audit_c":
        return audit_c.score(items, setting.sex)
    return instrument.score(items)


def score_all(values: Mapping[str, Any], setting: Setting = USUAL) -> dict[str, Score]:
    """Return the complete results among a case's answers, by instrument key."""
    results = {}
    for key in INSTRUMENTS:
        stored = values.get(key)
        if isinstance(stored, Mapping):
            found = result(key, stored, setting)
            if isinstance(found, Score):
                results[key] = found
    return results
