"""Every read of cases, as frozen values; each asks `rules.access` before it shows anything."""

from cases.queries.intake import Intake, intake_form, kept_form, supervisors
from cases.queries.lists import CaseItem, QueueItem, my_cases, presentable_programmes, triage_queue
from cases.queries.sheets import CaseSheet, Review, case_sheet, review, visible_case

__all__ = [
    "CaseItem",
    "CaseSheet",
    "Intake",
    "QueueItem",
    "Review",
    "case_sheet",
    "intake_form",
    "kept_form",
    "my_cases",
    "presentable_programmes",
    "review",
    "supervisors",
    "triage_queue",
    "visible_case",
]
