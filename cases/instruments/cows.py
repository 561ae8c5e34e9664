"""COWS: eleven signs of opioid withdrawal that a clinician rates, 0–48.

Source: Wesson, Ling. J Psychoactive Drugs 2003;35:253–259; allowed points and bands as domain.md
§5.1. The paper states that it may be copied for clinical use; the labels here are our own and the
words for each grade stay on the clinician's own sheet.
"""

from typing import Final

from cases.instruments.base import N_, Band, Instrument, Item, Licence, plain

COWS: Final = Instrument(
    key="cows",
    name="COWS",
    version="1",
    stem=N_("What you see and are told now, by the grades of your own COWS sheet."),
    choices=plain(0, 1, 2, 4),
    items=(
        Item(1, N_("Pulse at rest")),
        Item(2, N_("Sweating"), plain(0, 1, 2, 3, 4)),
        Item(3, N_("Restlessness"), plain(0, 1, 3, 5)),
        Item(4, N_("Size of the pupils"), plain(0, 1, 2, 5)),
        Item(5, N_("Aches in bones and joints")),
        Item(6, N_("Running nose or eyes")),
        Item(7, N_("Stomach and bowels"), plain(0, 1, 2, 3, 5)),
        Item(8, N_("Tremor of the hands")),
        Item(9, N_("Yawning")),
        Item(10, N_("Anxiety or irritability")),
        Item(11, N_("Gooseflesh"), plain(0, 3, 5)),
    ),
    bands=(
        Band(0, 4, "none", N_("none")),
        Band(5, 12, "mild", N_("mild")),
        Band(13, 24, "moderate", N_("moderate")),
        Band(25, 36, "moderately_severe", N_("moderately severe")),
        Band(37, 48, "severe", N_("severe")),
    ),
    positive_from=None,
    source="Wesson DR, Ling W. J Psychoactive Drugs 2003;35:253–259.",
    credit=N_("The scale may be copied for clinical use. The short labels are ours."),
    licence=Licence.OWN_LABELS,
)
