"""The table of medicines behind the medicine rows of the case form; pure.

It helps to type (other names, usual route and unit) and asks about doses above the largest one of
the adult product label. It is no formulary: an unknown name is as good as a known one, and a
question never stops a case. `medicines.json` says which version it is and who has checked it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from cases.instruments.base import N_
from cases.rules.readers import Problem, spelled

USUAL_ROUTE: Final = "PO"
USUAL_UNIT: Final = "mg"

FORMULATIONS: Final[Mapping[str, str]] = {
    **{word: word.upper() for word in ("cr", "cd", "dr", "ec", "er", "ir", "la", "lai", "odt")},
    **{word: word.upper() for word in ("sr", "xl", "xr")},
    "extended release": "ER",
    "long acting": "LA",
    "long-acting": "LA",
    "long-acting injection": "LAI",
    "long-acting injectable": "LAI",
    "depot": "LAI",
    "decanoate": "decanoate",
    "succinate": "succinate",
    "tartrate": "tartrate",
    "hcl": "HCl",
    "hydrochloride": "HCl",
    "hbr": "HBr",
    "sodium": "sodium",
    "maleate": "maleate",
    "mesylate": "mesylate",
    "fumarate": "fumarate",
    "pamoate": "pamoate",
    "besylate": "besylate",
    "calcium": "calcium",
    "potassium": "potassium",
}
"""Words of a name that are no part of the generic name, and how they are written behind it."""

DEPOTS: Final = frozenset({"LAI", "decanoate"})
"""Formulations that are injected and act for weeks."""

DEPOT_TIMES: Final = frozenset({"weekly", "q2wk", "monthly", "q3mo"})
"""How often depots are given; nothing taken by mouth in this table that has one is."""

_A_DAY: Final[Mapping[str, float]] = {
    "daily": 1,
    "BID": 2,
    "TID": 3,
    "QID": 4,
    "nightly": 1,
    "qod": 1 / 2,
    "weekly": 1 / 7,
    "q2wk": 1 / 14,
    "monthly": 1 / 28,
    "q3mo": 1 / 84,
    # Nobody knows how often: once at least.
    "PRN": 1,
}

_MILLIGRAMS: Final[Mapping[str, float]] = {"g": 1000, "mg": 1, "mcg": 0.001}
_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Medicine:
    """One generic name. `most` is in `unit` per `per` ("day", "week"), by the route named here.

    `also` are brands and abbreviations, `depot_also` brands of the long-acting injection, which is
    given by the route `depot`; empty where there is none. `classes` serve rules, not people.
    """

    name: str
    also: tuple[str, ...]
    route: str
    unit: str
    classes: frozenset[str]
    most: float | None
    per: str
    depot: str
    depot_also: tuple[str, ...]


def _read(entry: Mapping[str, Any]) -> Medicine:
    return Medicine(
        entry["name"],
        tuple(entry.get("also", ())),
        entry.get("route", USUAL_ROUTE),
        entry.get("unit", USUAL_UNIT),
        frozenset(entry["class"]),
        entry.get("max"),
        entry.get("per", "day"),
        entry.get("depot", ""),
        tuple(entry.get("depot_also", ())),
    )


# A file of the package, read once when the module is loaded, like the code itself.
_TABLE: Final = json.loads(
    resources.files("cases.rules").joinpath("medicines.json").read_text("utf-8")
)

VERSION: Final[str] = _TABLE["version"]
CHECKED: Final[str] = _TABLE["checked"]
"""Who has reviewed this version, and when; empty for nobody yet."""

MEDICINES: Final[Mapping[str, Medicine]] = {
    entry["name"]: _read(entry) for entry in _TABLE["medicines"]
}
"""Every medicine by its generic name."""


def folded(name: str) -> str:
    """Return a name as it is looked up: small letters, one blank, `/` for the hyphen."""
    return " ".join(name.casefold().replace("-", "/").split())


@cache
def _by_any_name() -> Mapping[str, Medicine]:
    found: dict[str, Medicine] = {}
    for medicine in MEDICINES.values():
        for name in (medicine.name, *medicine.also, *medicine.depot_also):
            found[folded(name)] = medicine
    return found


_FORMULATION = re.compile(
    r"\b(?:" + "|".join(sorted(map(folded, FORMULATIONS), key=len, reverse=True)) + r")\b"
)


def find(name: str) -> Medicine | None:
    """Return the medicine of a typed name, its formulation left aside; None when unknown."""
    words = folded(name)
    known = _by_any_name()
    return known.get(words) or known.get(" ".join(_FORMULATION.sub(" ", words).split()))


def is_depot(name: str) -> bool:
    """Say whether a typed name is that of a long-acting injection."""
    words = folded(name).split()
    return bool({"lai", "decanoate", "depot"} & set(words))


def in_class(name: str, wanted: str) -> bool:
    """Say whether a medicine of this name belongs to a class of the table."""
    found = find(name)
    return found is not None and wanted in found.classes


def with_class(wanted: str) -> frozenset[str]:
    """Return the generic names of a class."""
    return frozenset(m.name for m in MEDICINES.values() if wanted in m.classes)


ABOVE_A_DAY: Final = N_("More than the usual maximum of %(most)s %(unit)s a day.")
ABOVE_A_WEEK: Final = N_("More than the usual maximum of %(most)s %(unit)s a week.")


def maximum_warning(row: Mapping[str, Any]) -> Problem | None:
    """Return what to say when a stored medicine row is above the largest labelled adult dose.

    None where the table has no maximum, for another route than the usual one, for long-acting
    injections and for units that cannot be compared.
    """
    medicine = find(str(row.get("name", "")))
    dose, unit = row.get("dose"), str(row.get("unit", ""))
    if medicine is None or medicine.most is None or not isinstance(dose, int | float):
        return None
    if row.get("route") != medicine.route or is_depot(str(row["name"])):
        return None
    if unit == medicine.unit:
        factor = 1.0
    elif unit in _MILLIGRAMS and medicine.unit in _MILLIGRAMS:
        factor = _MILLIGRAMS[unit] / _MILLIGRAMS[medicine.unit]
    else:
        return None
    times = _A_DAY.get(str(row.get("freq", "")), 0) * _DAYS[medicine.per]
    # A breath of tolerance: 3 × 0.1 is not more than 0.3.
    if dose * factor * times <= medicine.most * (1 + 1e-9):
        return None
    words = {"day": ABOVE_A_DAY, "week": ABOVE_A_WEEK}[medicine.per]
    return Problem(words, {"most": spelled(medicine.most), "unit": medicine.unit})


def browser_table() -> list[list[Any]]:
    """Return the table as static/cases/quick-medicine.js reads it; empty ends are cut off.

    Columns: name, other names joined by `|`, route, unit, maximum, its period, route of the
    long-acting injection, brands of that. Empty: the usual route or unit, no maximum, a day.
    """
    rows: list[list[Any]] = []
    for m in MEDICINES.values():
        row: list[Any] = [
            m.name,
            "|".join(m.also),
            "" if m.route == USUAL_ROUTE else m.route,
            "" if m.unit == USUAL_UNIT else m.unit,
            m.most or 0,
            "" if m.per == "day" else m.per,
            m.depot,
            "|".join(m.depot_also),
        ]
        while not row[-1]:
            row.pop()
        rows.append(row)
    return rows


def times_a_day() -> Mapping[str, float]:
    """Return how many doses a day each answer to "How often" means, at least."""
    return _A_DAY
