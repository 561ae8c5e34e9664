"""The conditions of the case form that more than one part of it needs."""

from typing import Final

from cases.instruments.cssrs import Result
from cases.rules.fields import AnyOf, Between, OneOf

IS_NEW: Final = OneOf("case_type", ("new",))
IS_FOLLOWUP: Final = OneOf("case_type", ("followup",))

FLAGGED: Final = AnyOf(
    (
        OneOf("phq9.9", ("1", "2", "3")),
        Between("phq9.total", 25, 27),
        OneOf("cssrs", (Result.MODERATE.value, Result.HIGH.value)),
        OneOf("suicide_history", ("under_3_months",)),
        OneOf("overdose_history", ("under_3_months",)),
    )
)
"""What raises the suicide and harm flag in this form (domain.md §10.2): rules/safety.py `flags`.

A PHQ-9 total of 25 or more leaves no way but that item 9 was answered with 1 or more.
"""

ANTIDEPRESSANT_QUESTION: Final = OneOf("question_types", ("start_medicine", "dose_change"))
