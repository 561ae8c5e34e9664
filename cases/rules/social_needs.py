"""Social needs by the five domains, with the codes they are written down with; data only.

Source: domain.md §5.4, after the five domains of HHS. Codes are those of ICD-10-CM (NCHS, CDC) with
the days between which they hold: the list changes on 1 October and, since 2023, on 1 April, so a
case keeps the codes of its own day. A code speaks of a need the person told; it is no judgement.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from cases.rules.options import SDOH_DOMAINS, SDOH_NEEDS

SOURCE: Final = "ICD-10-CM, National Center for Health Statistics (CDC)."

_BEGUN: Final = date(2015, 10, 1)
"""The first day of ICD-10-CM."""


@dataclass(frozen=True, slots=True)
class Code:
    """One ICD-10-CM code; `first` and `last` are the days between which it holds, inclusive."""

    code: str
    first: date = _BEGUN
    last: date | None = None

    def holds(self, on: date) -> bool:
        """Say whether the code could be used on a day."""
        return self.first <= on and (self.last is None or on <= self.last)


_2021: Final = date(2021, 10, 1)
_2022: Final = date(2022, 10, 1)
_2023: Final = date(2023, 4, 1)
_2024: Final = date(2024, 10, 1)

CODES: Final[Mapping[str, tuple[Code, ...]]] = {
    "work": (Code("Z56.0"), Code("Z56.2")),
    "income": (Code("Z59.6"),),
    "food": (Code("Z59.41", _2021),),
    "money": (Code("Z59.86", _2022), Code("Z59.87", _2022)),
    "utilities": (Code("Z59.12", _2023),),
    "benefits": (Code("Z59.7", last=date(2024, 9, 30)), Code("Z59.72", _2024)),
    "schooling": (Code("Z55.0"), Code("Z55.5", _2021)),
    "health_information": (Code("Z55.6", _2023),),
    "insurance": (Code("Z59.7", last=date(2024, 9, 30)), Code("Z59.71", _2024)),
    "transport": (Code("Z59.82", _2022),),
    "no_provider": (Code("Z75.3"),),
    "no_housing": (
        Code("Z59.0", last=date(2021, 9, 30)),
        Code("Z59.01", _2021),
        Code("Z59.02", _2021),
    ),
    "unstable_housing": (Code("Z59.811", _2021),),
    "poor_housing": (
        Code("Z59.1", last=date(2023, 3, 31)),
        Code("Z59.10", _2023),
        Code("Z59.11", _2023),
        Code("Z59.19", _2023),
    ),
    "no_services": (Code("Z58.81", _2023), Code("Z58.6", _2021)),
    "lonely": (Code("Z60.2"),),
    "exclusion": (Code("Z60.4"), Code("Z60.5")),
    "family_strain": (Code("Z63.0"), Code("Z63.8")),
    "caregiving": (Code("Z63.6"),),
    "legal": (Code("Z65.1"), Code("Z65.2"), Code("Z65.3")),
    "disaster": (Code("Z65.4"), Code("Z65.5")),
    "childcare": (),
}
"""Codes by need; several are the choices one need leaves open (sheltered or not). Empty: ICD-10-CM
has none. "Unsafe at home" is no need of this list: its answer has readers of its own (§5.4)."""


@dataclass(frozen=True, slots=True)
class Need:
    """One need the person has: its words as a message key, and the codes of that day."""

    key: str
    label: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the five domains with the needs found in it; `label` is a message key."""

    label: str
    needs: tuple[Need, ...]


def codes_of(need: str, on: date) -> tuple[str, ...]:
    """Return the codes of a need that hold on a day; KeyError for a need that is not listed."""
    return tuple(code.code for code in CODES[need] if code.holds(on))


def by_domain(needs: Collection[str], on: date) -> tuple[Domain, ...]:
    """Return the domains in which a case names needs, in the order of §5.4; unknown keys are left
    out, since an old case may hold a need that is not asked any more."""
    labels = {option.value: option.label for option in SDOH_NEEDS}
    found = (
        Domain(
            label,
            tuple(Need(key, labels[key], codes_of(key, on)) for key in keys if key in needs),
        )
        for label, keys in SDOH_DOMAINS
    )
    return tuple(domain for domain in found if domain.needs)
