"""C-SSRS screener: the result of a screening done elsewhere; nothing is asked or scored here.

Source: Posner et al. Am J Psychiatry 2011;168:1266–1277; the four results as domain.md §5.1.
Electronic versions are licensed with certification and fees, so only the result is a field.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cases.instruments.base import N_

KEY: Final = "cssrs"
NAME: Final = "C-SSRS"
VERSION: Final = "1"


class Result(StrEnum):
    """What the screening came to."""

    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


LABELS: Final[Mapping[Result, str]] = {
    Result.NONE: N_("No risk found"),
    Result.LOW: N_("Low risk"),
    Result.MODERATE: N_("Moderate risk"),
    Result.HIGH: N_("High risk"),
}

MEANINGS: Final[Mapping[Result, str]] = {
    Result.NONE: N_("every question answered “no”"),
    Result.LOW: N_("“yes” to question 1 or 2 at most"),
    Result.MODERATE: N_("“yes” to question 3, or to question 6 more than 3 months ago"),
    Result.HIGH: N_("“yes” to question 4 or 5, or to question 6 in the last 3 months"),
}
"""Which answers lead to which result, so that it can be read off the sheet at hand."""

SOURCE: Final = "Posner K et al. Am J Psychiatry 2011;168:1266–1277."
CREDIT: Final = N_(
    "Only the result of a screening with a licensed copy is kept. The questions are not shown "
    "here: electronic versions need a licence of their own."
)


def alerts(result: Result) -> bool:
    """Say whether a result raises the safety flag: moderate or high (domain.md §10.2)."""
    return result in (Result.MODERATE, Result.HIGH)


def read(stored: Any) -> Result | None:
    """Return the result a case keeps, `{"result": …}` or the code alone; None for neither."""
    code = stored.get("result") if isinstance(stored, Mapping) else stored
    return Result(code) if code in set(Result) else None
