"""PC-PTSD-5: one question on exposure to trauma and, after a yes, five on the past month, 0–5.

Source: Prins et al. J Gen Intern Med 2016;31:1206–1211 (the cut-offs 3 and 4: Bovin et al. JAMA
Netw Open 2021;4:e2036733); wording and rules as domain.md §5.1. A work of the US Department of
Veterans Affairs, in the public domain.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cases.instruments.base import N_, Choice, Instrument, Item, Licence, Missing, Score, two_bands

DEFAULT_CUT_OFF: Final = 4
CUT_OFFS: Final[dict[int, str]] = {
    4: N_("Cut-off 4: the best balance in the study of the US Department of Veterans Affairs."),
    3: N_(
        "Cut-off 3: finds more people, women above all, and more who turn out not to have PTSD."
    ),
}
"""The cut-offs a programme may choose from, and what is printed beside the band."""

GATE: Final = N_("Have you ever experienced this kind of event?")
GATE_STEM: Final = N_(
    "Sometimes things happen to people that are unusually or especially frightening, horrible, or "
    "traumatic."
)
GATE_EXAMPLES: Final = (
    N_("a serious accident or fire"),
    N_("a physical or sexual assault or abuse"),
    N_("an earthquake or flood"),
    N_("a war"),
    N_("seeing someone be killed or seriously injured"),
    N_("having a loved one die through homicide or suicide"),
)

_SCALE: Final = Instrument(
    key="pc_ptsd5",
    name="PC-PTSD-5",
    version="1",
    stem=N_("In the past month, have you…"),
    choices=(Choice(0, N_("No")), Choice(1, N_("Yes"))),
    items=(
        Item(
            1,
            N_(
                "had nightmares about the event(s) or thought about the event(s) when you did not "
                "want to?"
            ),
        ),
        Item(
            2,
            N_(
                "tried hard not to think about the event(s) or went out of your way to avoid "
                "situations that reminded you of the event(s)?"
            ),
        ),
        Item(3, N_("been constantly on guard, watchful, or easily startled?")),
        Item(4, N_("felt numb or detached from people, activities, or your surroundings?")),
        Item(
            5,
            N_(
                "felt guilty or unable to stop blaming yourself or others for the event(s) or any "
                "problems the event(s) may have caused?"
            ),
        ),
    ),
    bands=two_bands(DEFAULT_CUT_OFF, 5),
    positive_from=DEFAULT_CUT_OFF,
    source="Prins A et al. J Gen Intern Med 2016;31:1206–1211. "
    "Bovin MJ et al. JAMA Netw Open 2021;4:e2036733.",
    credit=N_("A work of the US Department of Veterans Affairs; in the public domain."),
    licence=Licence.PUBLIC_DOMAIN,
)


def scale(cut_off: int = DEFAULT_CUT_OFF) -> Instrument:
    """Return the scale with the programme's cut-off; KeyError for any other than 3 and 4."""
    note = CUT_OFFS[cut_off]
    bands = two_bands(cut_off, _SCALE.highest)
    return replace(_SCALE, bands=bands, positive_from=cut_off, cut_off_note=note)


def score(
    exposed: bool | None, answers: Sequence[int | None], cut_off: int = DEFAULT_CUT_OFF
) -> Score | Missing:
    """Score gate and items. Never exposed: 0, whatever else was ticked. No gate: item 0 missing.

    Raises ValueError as `Instrument.score` does.
    """
    found = scale(cut_off)
    result = found.score(answers)
    if exposed is False:
        return found.of_total(0)
    if exposed is None:
        items = result.items if isinstance(result, Missing) else ()
        return Missing(found.key, (0, *items))
    return result
