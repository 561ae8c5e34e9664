"""What the person takes, what was measured and how they score: domain.md §4.2; data only."""

from typing import Final

from cases.instruments import cssrs
from cases.instruments.base import N_
from cases.rules import module_options as m
from cases.rules import options as o
from cases.rules.fields import ALWAYS, Field, Kind, Section
from cases.rules.form_conditions import IS_NEW

TREATMENT: Final = Section(
    "treatment",
    N_("Treatment"),
    N_("What is taken now, and what has been tried."),
    (
        Field(
            "medications",
            Kind.GRID,
            N_("Medicines now"),
            N_("Generic names. How many weeks on this dose, not since when."),
            columns=(
                Field("name", Kind.LINE, N_("Generic name"), longest=80, required=ALWAYS),
                Field("dose", Kind.DECIMAL, N_("Dose"), low=0.001, high=100000, required=ALWAYS),
                Field("unit", Kind.CHOICE, N_("Unit"), options=o.DOSE_UNITS, required=ALWAYS),
                Field("route", Kind.CHOICE, N_("Route"), options=o.ROUTES, required=ALWAYS),
                Field(
                    "freq", Kind.CHOICE, N_("How often"), options=o.FREQUENCIES, required=ALWAYS
                ),
                Field("weeks", Kind.WHOLE, N_("Weeks on this dose"), low=0, high=5200),
                Field("taken", Kind.CHOICE, N_("Taken as prescribed?"), options=o.TAKEN),
                Field("effect", Kind.CHOICE, N_("Effect"), options=o.EFFECT),
                Field("side_effects", Kind.LINE, N_("Side effects"), longest=120),
            ),
            rows=3,
            most=20,
            none_label=N_("No medicines"),
            quick="medicine",
            required=ALWAYS,
        ),
        Field(
            "past_treatments",
            Kind.GRID,
            N_("What has been tried"),
            columns=(
                Field("name", Kind.LINE, N_("Treatment"), longest=80, required=ALWAYS),
                Field("kind", Kind.CHOICE, N_("Kind"), options=o.TREATMENT_KINDS, required=ALWAYS),
                Field("top_dose", Kind.LINE, N_("Highest dose"), longest=40),
                Field("weeks", Kind.WHOLE, N_("Weeks"), low=0, high=5200),
                Field("response", Kind.CHOICE, N_("Response"), options=o.EFFECT),
                Field("stopped", Kind.CHOICE, N_("Why stopped"), options=o.STOPPED),
            ),
            rows=2,
            none_label=N_("Nothing tried yet"),
            required=IS_NEW,
        ),
        Field("therapy", Kind.CHOICES, N_("Therapy now"), options=m.THERAPY),
        Field(
            "therapy_visits",
            Kind.WHOLE,
            N_("Therapy visits so far"),
            low=0,
            high=500,
            usual=(0, 100),
        ),
        Field(
            "barriers",
            Kind.CHOICES,
            N_("What stands in the way?"),
            options=o.BARRIERS,
            required=IS_NEW,
        ),
    ),
)

MEASURES: Final = Section(
    "measures",
    N_("Measures"),
    N_("What was measured and how many weeks ago; never the date."),
    (
        Field("height", Kind.QUANTITY, N_("Height")),
        Field("weight", Kind.QUANTITY, N_("Weight")),
        Field("waist", Kind.QUANTITY, N_("Waist")),
        Field("sbp", Kind.QUANTITY, N_("Systolic blood pressure")),
        Field("dbp", Kind.QUANTITY, N_("Diastolic blood pressure")),
        Field("hr", Kind.QUANTITY, N_("Heart rate")),
        Field(
            "vitals_weeks",
            Kind.WHOLE,
            N_("Measured how many weeks ago?"),
            N_("0 is this week."),
            low=0,
            high=520,
        ),
        Field(
            "labs",
            Kind.LABS,
            N_("Laboratory results"),
            N_("A test that was not done may say “not done”."),
            most=24,
            rows=2,
            quick="lab",
        ),
    ),
)

SCALES: Final = Section(
    "scales",
    N_("Scales"),
    N_("The answers, or the total alone. A score is a screen, not a diagnosis."),
    (
        Field("phq9", Kind.INSTRUMENT, "PHQ-9"),
        Field("gad7", Kind.INSTRUMENT, "GAD-7"),
        Field("pc_ptsd5", Kind.INSTRUMENT, "PC-PTSD-5"),
        Field("cows", Kind.INSTRUMENT, "COWS"),
        Field("audit_c", Kind.INSTRUMENT, "AUDIT-C"),
        Field("audit", Kind.INSTRUMENT, "AUDIT"),
        Field("dast10", Kind.INSTRUMENT, "DAST-10"),
        Field(
            "cssrs",
            Kind.CHOICE,
            N_("Result of a C-SSRS screening"),
            cssrs.CREDIT,
            options=m.CSSRS,
        ),
    ),
)
