"""What brought the person here and what was before: domain.md §4.2; data only."""

from typing import Final

from cases.instruments.base import N_
from cases.rules import module_options as m
from cases.rules import options as o
from cases.rules.fields import ALWAYS, AllOf, Between, Field, Kind, Not, OneOf, Section
from cases.rules.form_conditions import ANTIDEPRESSANT_QUESTION, IS_FOLLOWUP, IS_NEW

STORY: Final = Section(
    "story",
    N_("Story"),
    N_("What is going on? Say “day 0” and “3 weeks later” instead of dates."),
    (
        Field(
            "interval_update",
            Kind.TEXT,
            N_("What has happened since the last presentation?"),
            shortest=30,
            longest=3000,
            rows=7,
            shown=IS_FOLLOWUP,
            required=ALWAYS,
        ),
        Field(
            "advice_status",
            Kind.GRID,
            N_("What became of the recommendations?"),
            columns=(
                Field("recommendation", Kind.CHOICE, N_("Recommendation"), required=ALWAYS),
                Field(
                    "status",
                    Kind.CHOICE,
                    N_("What became of it"),
                    options=o.ADVICE_STATUS,
                    required=ALWAYS,
                ),
                Field("barrier", Kind.CHOICE, N_("What stood in the way"), options=o.BARRIERS),
                Field("note", Kind.LINE, N_("Note"), longest=200),
            ),
            rows=0,
            most=20,
            fixed="recommendation",
            shown=IS_FOLLOWUP,
        ),
        Field(
            "presenting_problem",
            Kind.TEXT,
            N_("Presenting problem"),
            shortest=50,
            longest=4000,
            rows=9,
            shown=IS_NEW,
            required=ALWAYS,
        ),
        Field(
            "duration",
            Kind.SPAN,
            N_("For how long?"),
            high=90,
            shown=IS_NEW,
            required=ALWAYS,
        ),
        Field(
            "function_impact",
            Kind.CHOICE,
            N_("How much does it disturb daily life?"),
            options=o.IMPACT,
            required=IS_NEW,
        ),
        Field(
            "diagnoses",
            Kind.GRID,
            N_("Diagnoses"),
            N_("At least one; below the threshold of a diagnosis counts too."),
            columns=(
                Field("label", Kind.LINE, N_("Diagnosis"), longest=120, required=ALWAYS),
                Field("icd10", Kind.LINE, N_("ICD-10-CM, if you know it"), longest=8),
                Field(
                    "status",
                    Kind.CHOICE,
                    N_("Status"),
                    options=o.DIAGNOSIS_STATUS,
                    default="active",
                    required=ALWAYS,
                ),
                Field("onset_year", Kind.WHOLE, N_("Year it began"), low=1930),
            ),
            rows=3,
            required=IS_NEW,
        ),
        Field(
            "sleep",
            Kind.CHOICES,
            N_("Sleep"),
            N_("May stay empty when the PHQ-9 is answered: it asks about sleep."),
            options=o.SLEEP,
            required=AllOf((IS_NEW, Not(OneOf("phq9.3", ("0", "1", "2", "3"))))),
        ),
        Field(
            "trauma_exposure",
            Kind.CHOICE,
            N_("Has the person lived through trauma?"),
            options=o.YES_NO_UNKNOWN,
            required=IS_NEW,
        ),
        Field("psychosis", Kind.CHOICES, N_("Signs of psychosis"), options=m.PSYCHOSIS),
    ),
)

HISTORY: Final = Section(
    "history",
    N_("History"),
    N_("Years and intervals, not dates."),
    (
        Field(
            "psych_history",
            Kind.TEXT,
            N_("Mental-health history"),
            longest=2000,
            rows=5,
            none_label=N_("Nothing known"),
            required=IS_NEW,
        ),
        Field(
            "admissions_lifetime",
            Kind.WHOLE,
            N_("Psychiatric admissions so far"),
            low=0,
            high=200,
            usual=(0, 30),
            required=IS_NEW,
        ),
        Field(
            "last_admission",
            Kind.CHOICE,
            N_("Last admission"),
            options=o.LAST_ADMISSION,
            shown=Between("admissions_lifetime", 1, 200),
            required=IS_NEW,
        ),
        Field(
            "suicide_history",
            Kind.CHOICE,
            N_("Suicide attempts or serious self-harm"),
            options=o.SUICIDE_HISTORY,
            required=ALWAYS,
        ),
        Field(
            "mania_screen",
            Kind.CHOICE,
            N_("Mania: did you ask about spells of high energy and little sleep?"),
            N_("Asked before an antidepressant is started or raised."),
            options=o.MANIA_SCREEN,
            shown=ANTIDEPRESSANT_QUESTION,
            required=IS_NEW,
        ),
        Field(
            "medical_history",
            Kind.CHOICES,
            N_("Medical history"),
            options=o.MEDICAL_HISTORY,
            required=IS_NEW,
        ),
        Field(
            "allergies",
            Kind.LINE,
            N_("Allergies"),
            longest=300,
            none_label=N_("None known"),
            required=IS_NEW,
        ),
        Field(
            "family_history",
            Kind.LINE,
            N_("Illness in the family"),
            N_("Say the relation, not the name."),
            longest=300,
            none_label=N_("None known"),
        ),
        Field("legal", Kind.CHOICE, N_("Courts, prison, supervision"), options=o.LEGAL),
        Field(
            "case_manager",
            Kind.CHOICE,
            N_("Is there a case manager?"),
            N_("One contact person who follows the case."),
            options=o.CASE_MANAGER,
            required=IS_NEW,
        ),
    ),
)
