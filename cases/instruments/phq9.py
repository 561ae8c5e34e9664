"""PHQ-9: nine questions on depression over two weeks, 0–27.

Source: Kroenke, Spitzer, Williams. The PHQ-9: validity of a brief depression severity measure.
J Gen Intern Med 2001;16:606–613; wording and rules as domain.md §5.1. Free to use: "No permission
required to reproduce, translate, display or distribute" (phqscreeners notice).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_, Band, Choice, Instrument, Item

FREQUENCY: Final = (
    Choice(0, N_("Not at all")),
    Choice(1, N_("Several days")),
    Choice(2, N_("More than half the days")),
    Choice(3, N_("Nearly every day")),
)

STEM: Final = N_(
    "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
)

CREDIT: Final = N_(
    "Developed by Drs Spitzer, Williams, Kroenke and colleagues, with an educational grant from "
    "Pfizer Inc. No permission required to reproduce, translate, display or distribute."
)

PHQ9: Final = Instrument(
    key="phq9",
    name="PHQ-9",
    version="1",
    stem=STEM,
    choices=FREQUENCY,
    items=(
        Item(1, N_("Little interest or pleasure in doing things")),
        Item(2, N_("Feeling down, depressed, or hopeless")),
        Item(3, N_("Trouble falling or staying asleep, or sleeping too much")),
        Item(4, N_("Feeling tired or having little energy")),
        Item(5, N_("Poor appetite or overeating")),
        Item(
            6,
            N_(
                "Feeling bad about yourself – or that you are a failure or have let yourself or "
                "your family down"
            ),
        ),
        Item(
            7,
            N_(
                "Trouble concentrating on things, such as reading the newspaper or watching "
                "television"
            ),
        ),
        Item(
            8,
            N_(
                "Moving or speaking so slowly that other people could have noticed? Or the "
                "opposite – being so fidgety or restless that you have been moving around a lot "
                "more than usual"
            ),
        ),
        Item(
            9,
            N_("Thoughts that you would be better off dead or of hurting yourself in some way"),
        ),
    ),
    bands=(
        Band(0, 4, "minimal", N_("minimal")),
        Band(5, 9, "mild", N_("mild")),
        Band(10, 14, "moderate", N_("moderate")),
        Band(15, 19, "moderately_severe", N_("moderately severe")),
        Band(20, 27, "severe", N_("severe")),
    ),
    positive_from=10,
    source="Kroenke K, Spitzer RL, Williams JBW. J Gen Intern Med 2001;16:606–613.",
    credit=CREDIT,
)

DIFFICULTY: Final = (
    ("not", N_("Not difficult at all")),
    ("somewhat", N_("Somewhat difficult")),
    ("very", N_("Very difficult")),
    ("extremely", N_("Extremely difficult")),
)
"""The unscored tenth question: how difficult the problems made daily life."""

DIFFICULTY_STEM: Final = N_(
    "How difficult have these problems made it to do your work, take care of things at home, or "
    "get along with other people?"
)

_MORE_THAN_HALF = 2
_SUICIDE_ITEM = 9


class Algorithm(StrEnum):
    """What the diagnostic algorithm suggests; a suggestion to ask, never a diagnosis."""

    NONE = "none"
    OTHER_DEPRESSION = "other_depression"
    MAJOR_DEPRESSION = "major_depression"


def algorithm(answers: Sequence[int]) -> Algorithm:
    """Apply the diagnostic algorithm to nine complete item scores.

    Items at "more than half the days" or above count, item 9 from "several days"; one of the
    first two must be among them. Five or more suggest major, two to four other depression.
    """
    counted = [
        points >= (1 if number == _SUICIDE_ITEM else _MORE_THAN_HALF)
        for number, points in enumerate(answers, start=1)
    ]
    if not (counted[0] or counted[1]):
        return Algorithm.NONE
    if sum(counted) >= 5:
        return Algorithm.MAJOR_DEPRESSION
    return Algorithm.OTHER_DEPRESSION if sum(counted) >= 2 else Algorithm.NONE


def safety_alert(answers: Sequence[int | None]) -> bool:
    """Say whether item 9 is answered 1 or more: a safety alert whatever the total."""
    points = answers[_SUICIDE_ITEM - 1]
    return points is not None and points >= 1


def alert_of_total(total: int) -> bool:
    """Say whether a total alone proves that item 9 is 1 or more: the others give 24 at most."""
    return total > 3 * (len(PHQ9.items) - 1)


def remission(total: int) -> bool:
    """Say whether a total means remission: below 5."""
    return total < 5


def response(first: int, latest: int) -> bool:
    """Say whether the fall between two totals is at least half (treatment response)."""
    return first > 0 and 2 * (first - latest) >= first
