"""AUDIT-C: the first three questions of the AUDIT, 0–12; score only, cut-off by sex.

Source: Bush, Kivlahan, McDonell, Fihn, Bradley. Arch Intern Med 1998;158:1789–1795; cut-offs and
the note on question 1 as domain.md §5.1. The text is that of the AUDIT, so none of it stands here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from cases.instruments.base import (
    FORM_ELSEWHERE,
    N_,
    Instrument,
    Licence,
    Missing,
    Score,
    numbered,
    plain,
    two_bands,
)

CUT_OFFS: Final[Mapping[str, int]] = {"male": 4, "female": 3, "not_stated": 3}

_NOTES: Final[Mapping[str, str]] = {
    "male": N_("Cut-off for men: 4."),
    "female": N_("Cut-off for women: 3."),
    "not_stated": N_("Cut-off 3, because the sex used in medical formulas is not stated."),
}

FREQUENCY_ONLY: Final = N_(
    "All points come from question 1, how often: a man who drinks often and little may be at low "
    "risk. Ask how much over the last months."
)

_SCALE: Final = Instrument(
    key="audit_c",
    name="AUDIT-C",
    version="1",
    stem="",
    choices=plain(0, 1, 2, 3, 4),
    items=numbered(3),
    bands=two_bands(3, 12),
    positive_from=3,
    source="Bush K et al. Arch Intern Med 1998;158:1789–1795.",
    credit=FORM_ELSEWHERE,
    licence=Licence.SCORE_ONLY,
    hint=N_("Each of the three questions gives 0 to 4 points."),
)


def scale(sex: str = "not_stated") -> Instrument:
    """Return the scale with the cut-off for `female`, `male` or `not_stated`; else KeyError."""
    cut_off = CUT_OFFS[sex]
    bands = two_bands(cut_off, _SCALE.highest)
    return replace(_SCALE, bands=bands, positive_from=cut_off, cut_off_note=_NOTES[sex])


def of_total(total: int, sex: str = "not_stated", *, all_from_first: bool = False) -> Score:
    """Return the result of a total; `all_from_first` says that question 1 gave all its points.

    Raises ValueError when the total cannot occur, or cannot come from question 1 alone.
    """
    found = scale(sex).of_total(total)
    if all_from_first and total > 4:
        message = "question 1 of the AUDIT-C gives at most 4 points"
        raise ValueError(message)
    noted = all_from_first and sex == "male" and total > 0
    return replace(found, notes=(FREQUENCY_ONLY,)) if noted else found


def score(answers: Sequence[int | None], sex: str = "not_stated") -> Score | Missing:
    """Score the points of the three questions; they are not kept, only total and band are.

    Raises ValueError as `Instrument.score` does.
    """
    result = scale(sex).score(answers)
    if isinstance(result, Missing):
        return result
    return of_total(result.total, sex, all_from_first=answers[0] == result.total)
