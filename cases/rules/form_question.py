"""What a presenter wants to know, and what kind of case it is: domain.md §4.2; data only."""

from typing import Final

from cases.instruments.base import N_
from cases.rules import options as o
from cases.rules.fields import ALWAYS, Field, Kind, Not, OneOf, Section
from cases.rules.form_conditions import IS_FOLLOWUP, IS_NEW
from server.kit.disciplines import TRAINEES

TYPE: Final = Field(
    "case_type", Kind.CHOICE, N_("Kind of case"), options=o.CASE_TYPES, required=ALWAYS
)
"""Chosen by the link that opens the form, so it stands in no section."""

QUESTION: Final = Section(
    "question",
    N_("Question"),
    N_("What do you want help with? One question that can be answered helps most."),
    (
        Field(
            "main_question",
            Kind.TEXT,
            N_("Your main question"),
            N_("It stays at the top of the case sheet, in the session and in the letter."),
            shortest=20,
            longest=500,
            rows=3,
            required=Not(OneOf("for_information", ("yes",))),
            asks=True,
        ),
        Field(
            "for_information",
            Kind.CHOICE,
            N_("Is this for information only?"),
            N_("A follow-up may report what happened without a new question."),
            options=o.YES_NO,
            shown=IS_FOLLOWUP,
        ),
        Field(
            "question_types",
            Kind.CHOICES,
            N_("What kind of question is it?"),
            options=o.QUESTION_TYPES,
            required=IS_NEW,
        ),
        Field(
            "urgency",
            Kind.CHOICE,
            N_("How soon do you need an answer?"),
            options=o.URGENCY,
            default="routine",
            required=IS_NEW,
        ),
        Field(
            "presenter_discipline",
            Kind.CHOICE,
            N_("Your discipline"),
            options=o.DISCIPLINES,
            required=IS_NEW,
        ),
        Field(
            "supervisor",
            Kind.CHOICE,
            N_("Your supervising clinician"),
            N_("Students and residents present with a supervisor."),
            shown=OneOf("presenter_discipline", TRAINEES),
            required=ALWAYS,
        ),
        Field("setting", Kind.CHOICE, N_("Setting"), options=o.SETTINGS, required=IS_NEW),
        Field(
            "area",
            Kind.CHOICE,
            N_("Area"),
            N_("Never the name of a clinic, town or county."),
            options=o.AREAS,
            required=IS_NEW,
        ),
    ),
)
