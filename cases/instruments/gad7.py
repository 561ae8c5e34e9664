"""GAD-7: seven questions on anxiety over two weeks, 0–21.

Source: Spitzer, Kroenke, Williams, Löwe. A brief measure for assessing generalized anxiety
disorder: the GAD-7. Arch Intern Med 2006;166:1092–1097; wording and rules as domain.md §5.1.
Free to use, under the same notice as the PHQ-9.
"""

from typing import Final

from cases.instruments.base import N_, Band, Instrument, Item
from cases.instruments.phq9 import CREDIT, FREQUENCY, STEM

GAD7: Final = Instrument(
    key="gad7",
    name="GAD-7",
    version="1",
    stem=STEM,
    choices=FREQUENCY,
    items=(
        Item(1, N_("Feeling nervous, anxious or on edge")),
        Item(2, N_("Not being able to stop or control worrying")),
        Item(3, N_("Worrying too much about different things")),
        Item(4, N_("Trouble relaxing")),
        Item(5, N_("Being so restless that it is hard to sit still")),
        Item(6, N_("Becoming easily annoyed or irritable")),
        Item(7, N_("Feeling afraid as if something awful might happen")),
    ),
    bands=(
        Band(0, 4, "minimal", N_("minimal")),
        Band(5, 9, "mild", N_("mild")),
        Band(10, 14, "moderate", N_("moderate")),
        Band(15, 21, "severe", N_("severe")),
    ),
    positive_from=10,
    source="Spitzer RL, Kroenke K, Williams JBW, Löwe B. Arch Intern Med 2006;166:1092–1097.",
    credit=CREDIT,
)
