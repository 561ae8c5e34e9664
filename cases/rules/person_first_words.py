"""The table of person-first language: what to avoid, and what to say instead; pure data.

Source: domain.md §10.4: NIDA Words Matter [L24]; terms of mental illness, suicide, diabetes and
custody are practitioner knowledge [K]. English only: other languages need tables of their own.
The helper on the case form and the library's search line read this one table.
"""

from collections.abc import Mapping
from typing import Final

from cases.instruments.base import N_
from cases.rules.person_first_illness import ILLNESS
from cases.rules.person_first_substances import SUBSTANCE_USE

PREFER: Final[Mapping[str, tuple[str, ...]]] = {
    "addict": (N_("person with a substance use disorder"), N_("person who uses …")),
    "opioid_addict": (N_("person with opioid use disorder"),),
    "opioid_addiction": (N_("opioid use disorder"),),
    "alcohol_abuse": (N_("alcohol use disorder"), N_("unhealthy alcohol use")),
    "alcoholic": (N_("person with alcohol use disorder"), N_("unhealthy alcohol use")),
    "former_addict": (N_("person in recovery"),),
    "drug_abuse": (
        N_("substance use"),
        N_("use disorder"),
        N_("misuse (of a prescribed medicine)"),
    ),
    "urine": (
        N_("tested negative (expected or unexpected)"),
        N_("tested positive (expected or unexpected)"),
    ),
    "clean": (N_("in remission"), N_("not using")),
    "moud": (N_("medication for opioid use disorder (MOUD)"),),
    "newborn": (N_("newborn exposed to opioids"), N_("newborn with withdrawal")),
    "return_to_use": (N_("return to use"),),
    "drug_seeking": (N_("asking for pain relief"), N_("concern about …")),
    "detox": (N_("withdrawal management"),),
    "injects": (N_("person who injects drugs"),),
    "unregulated": (N_("unregulated drug"),),
    "denies": (N_("reports no …"),),
    "claims": (N_("says"),),
    "schizophrenic": (N_("person with schizophrenia"),),
    "bipolar": (N_("person with bipolar disorder"),),
    "mentally_ill": (N_("person with mental illness"), N_("person with serious mental illness")),
    "psychosis": (N_("person experiencing psychosis"),),
    "suffers": (N_("has"), N_("lives with")),
    "suicide": (N_("died by suicide"),),
    "attempt": (N_("suicide attempt"), N_("death by suicide")),
    "behaviour": (N_("describe the behaviour and the need behind it"),),
    "not_taking": (N_("not taking as prescribed"), N_("say the reason")),
    "declined": (N_("declined"), N_("say the reason")),
    "diabetes": (N_("person with diabetes"),),
    "above_goal": (N_("HbA1c above goal"),),
    "obesity": (N_("person with obesity"),),
    "housing": (N_("person without housing"),),
    "custody": (N_("person who is incarcerated"), N_("person who was incarcerated")),
    "urgent_visits": (N_("person with many urgent visits"),),
    "person": (N_("person"),),
}
"""What to say instead, by key of a phrase; several are ways to choose from."""

ASKED: Final[Mapping[str, tuple[str, str]]] = {
    "addict": ("addict", ""),
    "addicts": ("addict", ""),
    "abuser": ("addict", ""),
    "junkie": ("addict", ""),
    "opioid addict": ("opioid_addict", ""),
    "heroin addict": ("opioid_addict", ""),
    "opioid addiction": ("opioid_addiction", ""),
    "drug abuse": ("drug_abuse", ""),
    "substance abuse": ("drug_abuse", ""),
    "alcohol abuse": ("alcohol_abuse", ""),
    "alcoholism": ("alcohol_abuse", ""),
    "alcoholic": ("alcoholic", ""),
    "alcoholics": ("alcoholic", ""),
    "former addict": ("former_addict", ""),
    "dirty urine": ("urine", "urine tested positive"),
    "clean urine": ("urine", "urine tested negative"),
    "mat": ("moud", "medication for opioid use disorder"),
    "substitution therapy": ("moud", "medication for opioid use disorder"),
    "replacement therapy": ("moud", "medication for opioid use disorder"),
    "addicted baby": ("newborn", ""),
    "relapse": ("return_to_use", ""),
    "drug seeking": ("drug_seeking", ""),
    "detox": ("detox", ""),
    "iv drug abuser": ("injects", ""),
    "iv drug user": ("injects", ""),
    "injection drug user": ("injects", ""),
    "schizophrenic": ("schizophrenic", ""),
    "schizophrenics": ("schizophrenic", ""),
    "mentally ill": ("mentally_ill", ""),
    "crazy": ("psychosis", ""),
    "committed suicide": ("suicide", ""),
    "commit suicide": ("suicide", "die by suicide"),
    "failed attempt": ("attempt", ""),
    "non compliant": ("not_taking", ""),
    "noncompliant": ("not_taking", ""),
    "non compliance": ("not_taking", ""),
    "diabetic": ("diabetes", ""),
    "diabetics": ("diabetes", ""),
    "obese patient": ("obesity", ""),
    "the homeless": ("housing", ""),
    "homeless": ("housing", "without housing"),
    "inmate": ("custody", ""),
    "felon": ("custody", "person who was incarcerated"),
    "ex con": ("custody", "person who was incarcerated"),
    "frequent flyer": ("urgent_visits", "many urgent visits"),
    "high utilizer": ("urgent_visits", "many urgent visits"),
    "high utiliser": ("urgent_visits", "many urgent visits"),
}
"""Words of a search line → the key of their row, and what is looked for in their place when that
is not the row's first way of saying it."""

PHRASES: Final = (*SUBSTANCE_USE, *ILLNESS)

PROPER_NAMES: Final = (
    "drug abuse screening test",
    "national institute on drug abuse",
    "national institute on alcohol abuse and alcoholism",
    "substance abuse and mental health services administration",
    "alcohol use disorders identification test",
    "michigan alcoholism screening test",
    "addiction severity index",
    "drug abuse treatment act",
    r"journal of substance abuse(?: treatment)?",
    "alcoholics anonymous",
    "narcotics anonymous",
    "cocaine anonymous",
    "adult children of alcoholics",
)
"""Names of instruments, bodies, laws and titles stay as their owners wrote them (§10.4)."""
