"""Who the person is, what they need and what is safe: domain.md §4.2; data only."""

from typing import Final

from cases.instruments.base import N_
from cases.rules import options as o
from cases.rules.fields import ALWAYS, AllOf, Between, Field, Kind, Not, OneOf, Section
from cases.rules.form_conditions import FLAGGED, IS_FOLLOWUP, IS_NEW

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
