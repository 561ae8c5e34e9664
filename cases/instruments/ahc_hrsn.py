"""AHC-HRSN: social needs found with the ten core questions, kept as a result by domain only.

Source: Centers for Medicare & Medicaid Services, Accountable Health Communities health-related
social needs screening tool; its safety questions are the HITS (Sherin et al. Fam Med
1998;30:508–512). Parts of the text belong to others, so none of it stands here (domain.md §5.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_

KEY: Final = "ahc_hrsn"
NAME: Final = "AHC-HRSN"
VERSION: Final = "1"
SOURCE: Final = (
    "CMS. The AHC Health-Related Social Needs Screening Tool. "
    "HITS: Sherin KM et al. Fam Med 1998;30:508–512."
)
CREDIT: Final = N_(
    "Ask the questions from your own copy. Only the result of each domain is kept; parts of the "
    "text belong to others and are not shown here."
)

DOMAINS: Final[Mapping[str, str]] = {
    "living": N_("Living situation"),
    "food": N_("Food"),
    "transport": N_("Transportation"),
    "utilities": N_("Utilities"),
    "safety": N_("Safety"),
}
"""The five core domains, in the order of the tool."""

QUIET: Final = frozenset({"safety"})
"""Shown to presenter and director only (domain.md §5.4, "unsafe at home")."""

HITS_LOWEST: Final = 4
HITS_HIGHEST: Final = 20
HITS_POSITIVE_ABOVE: Final = 10
"""Four questions of 1 to 5 points each; a sum above 10 is positive."""

SAFETY_NOTE: Final = N_("The four safety questions sum to 4–20; more than 10 is positive.")


class Need(StrEnum):
    """What asking about one domain found."""

    YES = "yes"
    NO = "no"
    DECLINED = "declined"


NEED_LABELS: Final[Mapping[Need, str]] = {
    Need.YES: N_("Need found"),
    Need.NO: N_("No need found"),
    Need.DECLINED: N_("Preferred not to say"),
}


@dataclass(frozen=True, slots=True)
class Needs:
    """The domains by what was found, in the order of the tool; `missing` were not asked."""

    found: tuple[str, ...]
    clear: tuple[str, ...]
    declined: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every domain was asked: only then may "no need found" be said of the whole."""
        return not self.missing


def hits_positive(total: int) -> bool:
    """Say whether a HITS sum is positive; ValueError when it cannot occur."""
    if not HITS_LOWEST <= total <= HITS_HIGHEST:
        message = f"HITS sums run from {HITS_LOWEST} to {HITS_HIGHEST}"
        raise ValueError(message)
    return total > HITS_POSITIVE_ABOVE


def result(stored: Mapping[str, str], hits: int | None = None) -> Needs:
    """Sort the domains by what a case keeps of each; a HITS sum decides the safety domain.

    Raises ValueError for an unknown domain or answer, and for an impossible sum.
    """
    if not set(stored) <= set(DOMAINS):
        message = f"{KEY} domains are {list(DOMAINS)}"
        raise ValueError(message)
    given = {domain: Need(code) for domain, code in stored.items()}
    if hits is not None:
        given["safety"] = Need.YES if hits_positive(hits) else Need.NO

    def having(need: Need | None) -> tuple[str, ...]:
        return tuple(domain for domain in DOMAINS if given.get(domain) == need)

    return Needs(having(Need.YES), having(Need.NO), having(Need.DECLINED), having(None))
