"""AUDIT: ten questions on alcohol over a year, 0–40; score only.

Source: Saunders, Aasland, Babor, de la Fuente, Grant. Addiction 1993;88:791–804; bands as WHO's
guidelines (Babor et al., 2001) and domain.md §5.1. WHO gives the text away "but not for sale or
… commercial purposes", so no word of it stands here.
"""

from typing import Final

from cases.instruments.base import (
    FORM_ELSEWHERE,
    N_,
    Band,
    Instrument,
    Item,
    Licence,
    numbered,
    plain,
)

AUDIT: Final = Instrument(
    key="audit",
    name="AUDIT",
    version="1",
    stem="",
    choices=plain(0, 1, 2, 3, 4),
    items=(*numbered(8), Item(9, choices=plain(0, 2, 4)), Item(10, choices=plain(0, 2, 4))),
    bands=(
        Band(0, 7, "low", N_("low risk")),
        Band(8, 15, "hazardous", N_("hazardous use")),
        Band(16, 19, "harmful", N_("harmful use")),
        Band(20, 40, "likely_dependence", N_("likely dependence")),
    ),
    positive_from=8,
    source="Saunders JB et al. Addiction 1993;88:791–804. Babor TF et al. AUDIT. WHO, 2001.",
    credit=FORM_ELSEWHERE,
    licence=Licence.SCORE_ONLY,
    hint=N_("Questions 1 to 8 give 0 to 4 points, questions 9 and 10 give 0, 2 or 4."),
)
