"""DAST-10: ten yes-or-no questions on drugs other than alcohol over a year, 0–10; score only.

Source: Skinner. Addict Behav 1982;7:363–371; bands as domain.md §5.1. © Skinner and the Centre
for Addiction and Mental Health, non-commercial use with credit, so no word of it stands here. The
name of the instrument is its owner's and stays as it is (domain.md §10.4).
"""

from typing import Final

from cases.instruments.base import (
    FORM_ELSEWHERE,
    N_,
    Band,
    Instrument,
    Licence,
    numbered,
    plain,
)

DAST10: Final = Instrument(
    key="dast10",
    name="DAST-10",
    version="1",
    stem="",
    choices=plain(0, 1),
    items=numbered(10),
    bands=(
        Band(0, 0, "none", N_("none reported")),
        Band(1, 2, "low", N_("low level")),
        Band(3, 5, "moderate", N_("moderate level")),
        Band(6, 8, "substantial", N_("substantial level")),
        Band(9, 10, "severe", N_("severe level")),
    ),
    positive_from=None,
    source="Skinner HA. Addict Behav 1982;7:363–371.",
    credit=FORM_ELSEWHERE,
    licence=Licence.SCORE_ONLY,
    hint=N_("Each “yes” is one point, but for question 3 each “no” is."),
)

REVERSED: Final = 3
"""The question whose "no" gives the point."""


def points(answers: tuple[bool | None, ...]) -> tuple[int | None, ...]:
    """Turn ten answers (yes: True) into points, question 3 the other way round."""
    return tuple(
        None if yes is None else int(yes != (number == REVERSED))
        for number, yes in enumerate(answers, start=1)
    )
