"""PHQ-2: the first two questions of the PHQ-9, 0–6.

Source: Kroenke, Spitzer, Williams. Med Care 2003;41:1284–1292. The share of people with major
depression found at each cut-off: Arroll et al. Ann Fam Med 2010;8:348–353 (domain.md §5.1).
"""

from typing import Final

from cases.instruments.base import N_, Instrument, two_bands
from cases.instruments.phq9 import CREDIT, FREQUENCY, PHQ9, STEM

PHQ2: Final = Instrument(
    key="phq2",
    name="PHQ-2",
    version="1",
    stem=STEM,
    choices=FREQUENCY,
    items=PHQ9.items[:2],
    bands=two_bands(3, 6),
    positive_from=3,
    source="Kroenke K, Spitzer RL, Williams JBW. Med Care 2003;41:1284–1292. "
    "Arroll B et al. Ann Fam Med 2010;8:348–353.",
    credit=CREDIT,
    cut_off_note=N_(
        "Cut-off 3. A cut-off of 2 finds more people with major depression: 86 % against 61 %."
    ),
)
