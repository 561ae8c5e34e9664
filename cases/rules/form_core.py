"""The questions that the case forms of all programmes are made of: domain.md §4.2; data only.

`form_modules` says which of them a programme asks and which it needs.
"""

from typing import Final

from cases.instruments import cssrs
from cases.instruments.base import N_
from cases.rules import module_options as m
from cases.rules import options as o
from cases.rules.fields import ALWAYS, AllOf, Between, Field, Kind, Not, OneOf, Section
from cases.rules.form_conditions import ANTIDEPRESSANT_QUESTION, FLAGGED, IS_FOLLOWUP, IS_NEW
from server.kit.disciplines import TRAINEES

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


PERSON: Final = Section(
    "person",
    N_("Person"),
    N_("Who is this about? No name, no dates, no places."),
    (
        Field(
            "age",
            Kind.AGE,
            N_("Age in years"),
            N_("Write 90+ for anybody of 90 or older."),
            low=0,
            high=89,
            unit=N_("years"),
            required=IS_NEW,
        ),
        Field(
            "sex_for_formulas",
            Kind.CHOICE,
            N_("Sex used in medical formulas"),
            options=o.SEX,
        ),
        Field("gender", Kind.CHOICE, N_("Gender"), options=o.GENDER),
        Field(
            "pregnancy",
            Kind.CHOICE,
            N_("Pregnancy"),
            options=o.PREGNANCY,
            shown=AllOf((Between("age", 12, 55), Not(OneOf("sex_for_formulas", ("male",))))),
            required=IS_NEW,
        ),
        Field(
            "language",
            Kind.CHOICE,
            N_("Language the person speaks best"),
            N_("A rare language can identify somebody: choose “another language” then."),
            options=o.LANGUAGES,
        ),
        Field("interpreter", Kind.CHOICE, N_("Interpreter needed?"), options=o.YES_NO),
        Field("coverage", Kind.CHOICE, N_("Health coverage"), options=o.COVERAGE),
        Field(
            "goal_own_words",
            Kind.TEXT,
            N_("What does the person want? In their own words"),
            shortest=5,
            longest=500,
            rows=2,
            required=IS_NEW,
        ),
        Field(
            "how_do_you_feel",
            Kind.SCALE,
            N_("“How do you feel?”"),
            N_("The person's own answer: 0 is the worst they can imagine, 10 the best."),
            low=0,
            high=10,
            required=ALWAYS,
        ),
        Field(
            "how_do_you_feel_words",
            Kind.LINE,
            N_("Their words for it"),
            longest=200,
        ),
        Field(
            "feel_change",
            Kind.CHOICE,
            N_("Compared with last time"),
            options=o.BETTER_SAME_WORSE,
            shown=IS_FOLLOWUP,
            required=ALWAYS,
        ),
        Field(
            "satisfied",
            Kind.CHOICE,
            N_("“Are you satisfied with the help you got?”"),
            options=o.SATISFIED,
            shown=IS_FOLLOWUP,
            required=ALWAYS,
        ),
        Field(
            "strengths",
            Kind.CHOICES,
            N_("Strengths"),
            N_("At least one."),
            options=o.STRENGTHS,
            required=IS_NEW,
        ),
        Field("strengths_text", Kind.LINE, N_("More about their strengths"), longest=500),
        Field(
            "supports_caregiver",
            Kind.LINE,
            N_("Who supports them?"),
            N_("Say the relation (“a parent”), not the name."),
            longest=300,
        ),
        Field(
            "person_aware",
            Kind.CHOICE,
            N_("Does the person know that you present their case?"),
            options=o.PERSON_AWARE,
            required=IS_NEW,
        ),
    ),
)


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


SOCIAL: Final = Section(
    "social",
    N_("Needs"),
    N_("Social needs, asked at every presentation, so that change can be seen."),
    (
        Field(
            "sdoh_asked",
            Kind.CHOICE,
            N_("Did you ask about social needs?"),
            options=o.SDOH_ASKED,
            required=IS_NEW,
        ),
        Field(
            "sdoh_needs",
            Kind.CHOICES,
            N_("Which needs?"),
            options=o.SDOH_NEEDS,
            groups=o.SDOH_DOMAINS,
            shown=OneOf("sdoh_asked", ("needs",)),
            required=ALWAYS,
        ),
        Field(
            "sdoh_unsafe",
            Kind.CHOICE,
            N_("Is the person safe at home?"),
            N_("Only you and the programme director see this answer."),
            options=o.SAFE_AT_HOME,
            shown=OneOf("sdoh_asked", ("needs", "none")),
            quiet=True,
        ),
        Field(
            "sdoh_help",
            Kind.CHOICE,
            N_("Does the person want help with these?"),
            options=o.YES_NO_UNKNOWN,
            shown=OneOf("sdoh_asked", ("needs",)),
        ),
        Field(
            "sdoh_note",
            Kind.LINE,
            N_("More about these needs"),
            longest=300,
            shown=OneOf("sdoh_asked", ("needs",)),
        ),
    ),
)


SAFETY: Final = Section(
    "safety",
    N_("Safety"),
    N_("What you did about the danger. The case cannot be accepted before this is answered."),
    (
        Field(
            "safety_ack",
            Kind.CONFIRM,
            N_(
                "I have read this. I know that nobody watches this platform for emergencies, and "
                "I act on danger through my local emergency pathway."
            ),
            required=ALWAYS,
        ),
        Field("safety_assessed", Kind.CHOICE, N_("Risk was assessed"), options=o.SAFETY_ASSESSED),
        Field("safety_plan", Kind.CHOICE, N_("Safety plan made?"), options=o.YES_NO),
        Field(
            "safety_means",
            Kind.CHOICE,
            N_("Access to means discussed?"),
            N_("Medicines, firearms, other means."),
            options=o.YES_NO,
        ),
        Field("safety_referred", Kind.CHOICE, N_("Referred?"), options=o.YES_NO),
    ),
    shown=FLAGGED,
)


TYPE: Final = Field(
    "case_type", Kind.CHOICE, N_("Kind of case"), options=o.CASE_TYPES, required=ALWAYS
)
"""Chosen by the link that opens the form, so it stands in no section."""
