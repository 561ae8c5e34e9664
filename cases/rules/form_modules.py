"""The four modules of the case form (domain.md §4.4): their own questions, and what they need."""

from collections.abc import Mapping
from typing import Final

from cases.formulas.labs import URINE_RESULTS, URINE_SUBSTANCES
from cases.instruments.base import N_
from cases.rules import module_options as m
from cases.rules import options as o
from cases.rules.fields import (
    ALWAYS,
    AllOf,
    Between,
    Field,
    Kind,
    Module,
    Not,
    OneOf,
    Option,
    Section,
)
from cases.rules.form_conditions import IS_NEW

NAMES: Final[Mapping[Module, str]] = {
    Module.BH: N_("Behavioural health"),
    Module.SUD: N_("Substance use"),
    Module.HCV: N_("Hepatitis C"),
    Module.SMI: N_("Serious mental illness, metabolic"),
}

SUBSTANCES: Final = Section(
    "substances",
    N_("Substances"),
    N_("What is used, how, and what protects the person."),
    (
        Field(
            "substances",
            Kind.GRID,
            N_("Substances used"),
            columns=(
                Field(
                    "substance",
                    Kind.CHOICE,
                    N_("Substance"),
                    options=m.SUBSTANCES,
                    required=ALWAYS,
                ),
                Field("way", Kind.CHOICE, N_("How"), options=m.WAYS_OF_USE, required=ALWAYS),
                Field(
                    "days_30",
                    Kind.WHOLE,
                    N_("Days in the last 30"),
                    low=0,
                    high=30,
                    required=ALWAYS,
                ),
                Field("years", Kind.WHOLE, N_("Years of use"), low=0, high=80),
                Field(
                    "last_use", Kind.CHOICE, N_("Last use"), options=m.LAST_USE, required=ALWAYS
                ),
                Field("fentanyl", Kind.CHOICE, N_("Fentanyl in it?"), options=o.YES_NO_UNKNOWN),
            ),
            rows=2,
            most=10,
            none_label=N_("No substances now"),
            required=IS_NEW,
        ),
        Field(
            "overdose_history",
            Kind.CHOICE,
            N_("Overdoses"),
            options=m.OVERDOSE_HISTORY,
            required=IS_NEW,
        ),
        Field("naloxone", Kind.CHOICE, N_("Naloxone at home?"), options=o.YES_NO, required=IS_NEW),
        Field(
            "moud",
            Kind.CHOICE,
            N_("Medicine for opioid use disorder now"),
            options=m.MOUD,
            required=IS_NEW,
        ),
        Field(
            "readiness",
            Kind.SCALE,
            N_("Readiness to change"),
            N_("0 is not at all, 10 is fully ready."),
            low=0,
            high=10,
            required=IS_NEW,
        ),
        Field(
            "stage_of_care",
            Kind.CHOICE,
            N_("Stage of care"),
            options=m.STAGE_OF_CARE,
            required=IS_NEW,
        ),
        Field(
            "urine_drug",
            Kind.GRID,
            N_("Urine test"),
            N_("Positive or negative for each substance."),
            columns=(
                Field(
                    "substance",
                    Kind.CHOICE,
                    N_("Substance"),
                    options=tuple(Option(*pair) for pair in URINE_SUBSTANCES.items()),
                    required=ALWAYS,
                ),
                Field(
                    "result",
                    Kind.CHOICE,
                    N_("Result"),
                    options=tuple(Option(*pair) for pair in URINE_RESULTS),
                    required=ALWAYS,
                ),
                Field("weeks", Kind.WHOLE, N_("Weeks ago"), low=0, high=520, required=ALWAYS),
            ),
            rows=2,
        ),
        Field(
            "pdmp",
            Kind.CHOICE,
            N_("Prescription monitoring (PDMP) looked at?"),
            options=o.YES_NO,
        ),
        Field(
            "mme",
            Kind.WHOLE,
            N_("Prescribed opioids in morphine equivalents"),
            low=0,
            high=2000,
            usual=(0, 200),
            unit=N_("mg a day"),
        ),
        Field("pain", Kind.SCALE, N_("Pain"), N_("0 is none, 10 the worst."), low=0, high=10),
    ),
)

LIVER: Final = Section(
    "liver",
    N_("Liver"),
    N_("What the treatment of hepatitis C depends on. Laboratory results stand under “Measures”."),
    (
        Field(
            "hcv_treated",
            Kind.CHOICE,
            N_("Treated for hepatitis C before?"),
            options=o.YES_NO,
            required=IS_NEW,
        ),
        Field(
            "hcv_regimen",
            Kind.LINE,
            N_("With what?"),
            longest=120,
            shown=OneOf("hcv_treated", ("yes",)),
            required=IS_NEW,
        ),
        Field(
            "cirrhosis_evidence",
            Kind.CHOICES,
            N_("Evidence of cirrhosis"),
            options=m.CIRRHOSIS_EVIDENCE,
            required=IS_NEW,
        ),
        Field(
            "elastography_kpa",
            Kind.DECIMAL,
            N_("Elastography"),
            low=1.5,
            high=75,
            usual=(2, 50),
            unit="kPa",
            shown=OneOf("cirrhosis_evidence", ("elastography",)),
            required=IS_NEW,
        ),
        Field("ascites", Kind.CHOICE, N_("Ascites"), options=m.ASCITES),
        Field("encephalopathy", Kind.CHOICE, N_("Encephalopathy"), options=m.ENCEPHALOPATHY),
        Field("alcohol", Kind.CHOICE, N_("Alcohol"), options=m.ALCOHOL),
        Field(
            "storage",
            Kind.CHOICE,
            N_("Is there a safe place to keep the medicine?"),
            options=o.YES_NO,
        ),
        Field("hcc", Kind.CHOICE, N_("Liver cancer, now or before?"), options=o.YES_NO_UNKNOWN),
        Field("transplant", Kind.CHOICE, N_("Liver transplant?"), options=o.YES_NO),
    ),
)

METABOLIC: Final = Section(
    "metabolic",
    N_("Metabolic"),
    N_("Antipsychotics and the body. Diabetes and heart disease are taken from the history."),
    (
        Field(
            "antipsychotic_weeks",
            Kind.WHOLE,
            N_("Weeks on the antipsychotic"),
            N_("The one that has been taken longest, at any dose."),
            low=0,
            high=5200,
            required=AllOf((IS_NEW, Not(OneOf("no_antipsychotic", ("yes",))))),
        ),
        Field("no_antipsychotic", Kind.CONFIRM, N_("No antipsychotic is taken")),
        Field(
            "baseline_weight",
            Kind.QUANTITY,
            N_("Weight before it"),
            shown=Between("antipsychotic_weeks", 1, 5200),
            required=IS_NEW,
        ),
        Field(
            "tobacco",
            Kind.WHOLE,
            N_("Cigarettes a day"),
            N_("0 for none."),
            low=0,
            high=120,
            usual=(0, 60),
            required=IS_NEW,
        ),
        Field(
            "tobacco_stop",
            Kind.CHOICE,
            N_("Does the person want to stop smoking?"),
            options=m.WANTS_TO_STOP,
            shown=Between("tobacco", 1, 120),
            required=IS_NEW,
        ),
        Field(
            "pressure_treated",
            Kind.CHOICE,
            N_("Medicine for blood pressure?"),
            options=o.YES_NO,
        ),
        Field("statin", Kind.CHOICE, N_("Takes a statin?"), options=o.YES_NO),
        Field("metformin", Kind.CHOICE, N_("Takes metformin?"), options=o.YES_NO),
        Field(
            "checks_done",
            Kind.CHOICES,
            N_("Checked in the last year"),
            options=m.CHECKS_DONE,
        ),
        Field(
            "prescribers",
            Kind.CHOICE,
            N_("Who prescribes psychiatric and general medicines?"),
            options=m.PRESCRIBERS,
        ),
        Field("peer_support", Kind.CHOICE, N_("Peer support?"), options=o.YES_NO),
    ),
)

_BH = frozenset({Module.BH})
_MENTAL = frozenset({Module.BH, Module.SUD, Module.SMI})

ONLY_IN: Final[Mapping[str, frozenset[Module]]] = {
    "sleep": _BH,
    "trauma_exposure": _BH,
    "psychosis": frozenset({Module.BH, Module.SMI}),
    "psych_history": _MENTAL,
    "admissions_lifetime": _MENTAL,
    "last_admission": _MENTAL,
    "mania_screen": _BH,
    "case_manager": frozenset({Module.SUD, Module.SMI}),
    "therapy": _MENTAL,
    "therapy_visits": _MENTAL,
    "waist": frozenset({Module.SMI}),
    "phq9": _MENTAL,
    "gad7": frozenset({Module.BH, Module.SUD}),
    "pc_ptsd5": _BH,
    "cows": frozenset({Module.SUD}),
    "audit_c": frozenset({Module.BH, Module.HCV}),
    "audit": frozenset({Module.SUD}),
    "dast10": frozenset({Module.SUD}),
    "cssrs": _MENTAL,
    SUBSTANCES.key: frozenset({Module.SUD}),
    LIVER.key: frozenset({Module.HCV}),
    METABOLIC.key: frozenset({Module.SMI}),
}
"""Questions and sections that belong to some modules only."""

_SMI = frozenset({Module.SMI})

NEEDED_IN: Final[Mapping[str, frozenset[Module]]] = {
    "height": _SMI,
    "weight": _SMI,
    "sbp": _SMI,
    "dbp": _SMI,
    "sex_for_formulas": _SMI,
}
"""Questions of the core that a new case must answer in some modules only. Sex: Framingham."""

RECENT_SCALES: Final = ("phq9", "gad7")
"""One of these is needed in behavioural health, at most 8 weeks old."""

LABS: Final[Mapping[Module, tuple[tuple[str, ...], ...]]] = {
    Module.BH: (),
    Module.SUD: (),
    Module.HCV: (
        ("hcv_rna",),
        ("ast",),
        ("alt",),
        ("platelets",),
        ("creatinine", "egfr"),
        ("hbsag",),
        ("anti_hbc",),
        ("hiv",),
    ),
    Module.SMI: (("glucose_f", "hba1c"), ("chol", "ldl", "hdl", "trig")),
}
"""The tests a new case needs: of every group one, even if only to say that it was not done."""

PRESET_LABS: Final[Mapping[Module, tuple[str, ...]]] = {
    Module.BH: (),
    Module.SUD: (),
    Module.HCV: (
        "hcv_rna",
        "ast",
        "alt",
        "ast_uln",
        "platelets",
        "creatinine",
        "hbsag",
        "anti_hbc",
        "hiv",
    ),
    Module.SMI: ("glucose_f", "hba1c", "chol", "ldl", "hdl", "trig"),
}
"""The tests whose rows stand ready."""
