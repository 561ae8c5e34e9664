"""GAD-2: the first two questions of the GAD-7, 0–6.

Source: Kroenke, Spitzer, Williams, Monahan, Löwe. Ann Intern Med 2007;146:317–325
(domain.md §5.1).
"""

from typing import Final

from cases.instruments.base import N_, Instrument, two_bands
from cases.instruments.gad7 import GAD7
from cases.instruments.phq9 import CREDIT, FREQUENCY, STEM

GAD2: Final = Instrument(
    key="gad2",
    name="GAD-2",
    version="1",
    stem=STEM,
    choices=FREQUENCY,
    items=GAD7.items[:2],
    bands=two_bands(3, 6),
    positive_from=3,
    source="Kroenke K, Spitzer RL, Williams JBW, Monahan PO, Löwe B. "
    "Ann Intern Med 2007;146:317–325.",
    credit=CREDIT,
    cut_off_note=N_("Cut-off 3."),
)
