"""What the hub always asks for, by kind of question and module of the programme; pure data.

Sources: domain.md §4.4 (what each module requires), §5.2 (monitoring), §10.2 (what was done about
danger); the rest is what specialists ask first in telementoring sessions [K]. Change it with a
clinician.
"""

from dataclasses import dataclass
from typing import Final

from cases.instruments.base import N_


@dataclass(frozen=True, slots=True)
class Ask:
    """One fact. It is asked for these kinds of question, in these modules (empty: in all).

    It is there when one of `fields` is answered (`*` any row, `labs[code]` a row of that test) or
    the story holds `words`, a pattern of whole words. The first field is where it is asked for.
    """

    key: str
    label: str
    kinds: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class LabRow:
    """How a row of the table of results names its test and its value."""

    code: str
    value: str


LABS: Final = LabRow("code", "value")

TEXTS: Final = ("main_question", "presenting_problem", "interval_update", "psych_history")
"""The stories in which `words` are looked for."""

_MEDICINE: Final = ("dose_change", "start_medicine", "side_effect", "stopping")
_SUD: Final = ("sud",)
_HCV: Final = ("hcv",)
_SMI: Final = ("smi",)
_BH: Final = ("bh",)

ASKS: Final = (
    # medicines
    Ask(
        "dose",
        N_("The dose now"),
        ("dose_change", "side_effect", "stopping"),
        fields=("medications.*.dose",),
        words=r"\d+(?:\.\d+)? ?(?:mg|mcg|micrograms?|grams?|ml|units?)",
    ),
    Ask(
        "weeks",
        N_("How many weeks on this dose"),
        ("dose_change", "side_effect", "stopping", "monitoring"),
        fields=("medications.*.weeks",),
        words=r"for (?:\w+ )?(?:\d+|one|two|three|four|five|six|eight|ten|twelve) (?:weeks?|months?|years?)",
    ),
    Ask(
        "taken",
        N_("Whether it is taken as prescribed"),
        ("dose_change", "side_effect"),
        fields=("medications.*.taken",),
        words=r"adheren\w+|(?:not )?tak(?:es|ing|en) (?:it |them )?as prescribed|miss(?:es|ed) (?:a |some |many )?doses?",
    ),
    Ask(
        "effect",
        N_("What it has done so far"),
        ("dose_change", "stopping"),
        fields=("medications.*.effect",),
        words=r"(?:no|some|partial|good|little) (?:effect|response|benefit)|respond(?:ed|s)|remission",
    ),
    Ask(
        "side_effects",
        N_("Side effects"),
        ("dose_change", "side_effect", "stopping"),
        fields=("medications.*.side_effects",),
        words=r"side effects?|tolerat\w+|nausea|sedat\w+|weight gain|dizz\w+",
    ),
    Ask(
        "tried",
        N_("What has been tried, at which dose, for how long"),
        ("start_medicine", "therapy", "stopping"),
        fields=("past_treatments.*.name", "past_treatments.none"),
        words=r"tried|failed to respond|never (?:taken|tried|had)",
    ),
    Ask(
        "others",
        N_("All medicines taken, for interactions"),
        ("start_medicine", "side_effect", "comorbidity"),
        fields=("medications.*.name", "medications.none"),
    ),
    Ask("allergies", N_("Allergies"), ("start_medicine",), fields=("allergies",)),
    Ask(
        "mania",
        N_("Mania: asked about high energy and little sleep"),
        ("start_medicine", "dose_change", "diagnosis"),
        _BH,
        ("mania_screen",),
        r"mani[ac]\w*|hypomani\w+|mdq|high energy",
    ),
    Ask(
        "heart_salt",
        N_("QTc and sodium, when age, heart or other medicines make them matter"),
        ("start_medicine", "side_effect"),
        _BH,
        ("labs[qtc]",),
        r"qtc?|ecg|ekg|sodium|hyponatr\w+",
    ),
    Ask(
        "pregnancy",
        N_("Pregnancy, breastfeeding or contraception, if they can apply"),
        ("start_medicine", "stopping"),
        fields=("pregnancy",),
        words=r"pregnan\w+|breast-?feed\w+|contracept\w+|menopaus\w+|post-?menopausal",
    ),
    Ask(
        "why_stop",
        N_("Why stop, and what happened at earlier tries"),
        ("stopping",),
        fields=("past_treatments.*.stopped",),
        words=r"wants to (?:stop|come off)|withdrawal|rebound|earlier (?:try|tries|attempts?) to (?:stop|taper)",
    ),
    Ask(
        "organs",
        N_("Kidney and liver values"),
        ("side_effect", "monitoring"),
        fields=("labs[egfr]", "labs[creatinine]", "labs[alt]", "labs[ast]"),
        words=r"egfr|creatinine|kidney function|liver (?:function|enzymes|tests)|lfts?|alt",
    ),
    # diagnosis and therapy
    Ask(
        "score",
        N_("A score that is not older than 8 weeks"),
        ("diagnosis", "dose_change", "therapy"),
        ("bh",),
        ("phq9.1", "phq9.total", "gad7.1", "gad7.total", "pc_ptsd5.gate", "pc_ptsd5.total"),
        r"(?:phq|gad)-?\d",
    ),
    Ask(
        "since",
        N_("How long it has lasted, and how it began"),
        ("diagnosis",),
        fields=("duration.amount",),
        words=r"began|started|onset|sudden\w*|gradual\w*",
    ),
    Ask(
        "substances_part",
        N_("Alcohol and other substances as part of the picture"),
        ("diagnosis",),
        _BH,
        ("audit_c.total", "audit.total", "alcohol"),
        r"alcohol|drink\w*|cannabis|substances?|cocaine|meth\w*|opioids?",
    ),
    Ask(
        "medical_causes",
        N_("Medical causes that were looked for: thyroid, anaemia, medicines"),
        ("diagnosis",),
        _BH,
        ("labs[tsh]", "labs[hb]"),
        r"tsh|thyroid|an(?:a)?emi\w+|b12|hemoglobin|haemoglobin",
    ),
    Ask(
        "family",
        N_("Family history"),
        ("diagnosis",),
        fields=("family_history",),
        words=r"(?:mother|father|sister|brother|parents?|family|uncle|aunt) (?:has|had|with|history)|family history",
    ),
    Ask(
        "wish",
        N_("What the person wants"),
        ("therapy", "coordination", "team_ethics", "stopping"),
        fields=("goal_own_words",),
    ),
    Ask(
        "access",
        N_("What could stand in the way: transport, cost, language, phone"),
        ("therapy", "coordination", "social_need"),
        fields=("barriers",),
    ),
    # body, tests
    Ask(
        "comorbid",
        N_("Medical history"),
        ("comorbidity",),
        fields=("medical_history",),
    ),
    Ask(
        "pressure",
        N_("Blood pressure and weight"),
        ("comorbidity", "monitoring"),
        fields=("sbp", "weight"),
        words=r"bp|blood pressure|\d{2,3}/\d{2,3}|\d+ ?kg|bmi",
    ),
    Ask(
        "last_results",
        N_("The last results, and how many weeks ago"),
        ("monitoring", "comorbidity"),
        fields=("labs.*.weeks",),
        words=r"weeks? ago|months? ago",
    ),
    # needs, team, danger
    Ask(
        "needs",
        N_("Which needs, and whether the person wants help with them"),
        ("social_need",),
        fields=("sdoh_help", "sdoh_needs"),
    ),
    Ask(
        "contact",
        N_("Who already helps, and who is the contact person"),
        ("social_need", "coordination", "team_ethics"),
        fields=("case_manager", "supports_caregiver"),
        words=r"case manager|care manager|social worker|chw|community health worker|peer",
    ),
    Ask(
        "told",
        N_("Whether the person knows and agrees"),
        ("coordination", "team_ethics"),
        fields=("person_aware",),
    ),
    Ask(
        "danger_now",
        N_("What was found when risk was assessed, and when"),
        ("safety",),
        fields=("safety_assessed", "cssrs"),
        words=r"assessed|c-?ssrs|no (?:plan|intent)|(?:has|with) (?:a )?(?:plan|intent)",
    ),
    Ask(
        "danger_plan",
        N_("Safety plan, and access to means"),
        ("safety",),
        fields=("safety_plan", "safety_means"),
        words=r"safety plan|firearms?|guns?|access to means|locked|lethal means",
    ),
    Ask(
        "danger_before",
        N_("Earlier attempts or self-harm"),
        ("safety",),
        fields=("suicide_history",),
        words=r"attempts?|self-harm",
    ),
    # substance use
    Ask(
        "used",
        N_("Which substances, how, on how many of the last 30 days"),
        modules=_SUD,
        fields=("substances.*.days_30", "substances.none"),
    ),
    Ask(
        "last_use",
        N_("Last use"),
        modules=_SUD,
        fields=("substances.*.last_use", "substances.none"),
        words=r"last (?:use|used|drink)",
    ),
    Ask(
        "fentanyl",
        N_("Fentanyl in the supply"),
        modules=_SUD,
        fields=("substances.*.fentanyl", "substances.none"),
        words="fentanyl",
    ),
    Ask("overdose", N_("Overdoses so far"), modules=_SUD, fields=("overdose_history",)),
    Ask(
        "naloxone",
        N_("Naloxone at home"),
        modules=_SUD,
        fields=("naloxone",),
        words="naloxone|narcan",
    ),
    Ask("moud", N_("Medicine for opioid use disorder now"), modules=_SUD, fields=("moud",)),
    Ask("ready", N_("Readiness to change"), modules=_SUD, fields=("readiness",)),
    Ask(
        "cows",
        N_("Withdrawal: a COWS score"),
        ("start_medicine", "sud_treatment", "dose_change"),
        _SUD,
        ("cows.1", "cows.total"),
        "cows|withdrawal",
    ),
    Ask(
        "viruses",
        N_("Tests for HIV and hepatitis B and C"),
        ("sud_treatment", "comorbidity", "monitoring"),
        _SUD,
        ("labs[hiv]", "labs[hbsag]", "labs[hcv_rna]"),
        "hiv|hcv|hepatitis",
    ),
    Ask(
        "sud_elsewhere",
        N_("Which substances, and when last"),
        ("sud_treatment",),
        ("bh", "hcv", "smi"),
        (),
        r"last (?:use|used|drink)|(?:drinks?|uses?|smokes?|injects?) (?:daily|every|most days|\d+)",
    ),
    # hepatitis C
    Ask("rna", N_("HCV RNA"), modules=_HCV, fields=("labs[hcv_rna]",), words="rna|viral load"),
    Ask("ast", N_("AST, with the laboratory's upper limit"), modules=_HCV, fields=("labs[ast]",)),
    Ask("alt", N_("ALT"), modules=_HCV, fields=("labs[alt]",)),
    Ask("platelets", N_("Platelets"), modules=_HCV, fields=("labs[platelets]",)),
    Ask("hbv", N_("Hepatitis B: HBsAg and anti-HBc"), modules=_HCV, fields=("labs[hbsag]",)),
    Ask("hiv", N_("HIV"), modules=_HCV, fields=("labs[hiv]",)),
    Ask("kidney", N_("Kidney function"), modules=_HCV, fields=("labs[egfr]", "labs[creatinine]")),
    Ask("treated", N_("Earlier treatment for hepatitis C"), modules=_HCV, fields=("hcv_treated",)),
    Ask("cirrhosis", N_("Signs of cirrhosis"), modules=_HCV, fields=("cirrhosis_evidence",)),
    Ask(
        "interactions",
        N_("Every medicine, for interactions"),
        modules=_HCV,
        fields=("medications.*.name", "medications.none"),
    ),
    # serious mental illness, metabolic
    Ask(
        "ap_weeks", N_("Weeks on the antipsychotic"), modules=_SMI, fields=("antipsychotic_weeks",)
    ),
    Ask("weight_then", N_("Weight before it"), modules=_SMI, fields=("baseline_weight",)),
    Ask("weight_now", N_("Weight and height now"), modules=_SMI, fields=("weight",)),
    Ask("smi_pressure", N_("Blood pressure"), modules=_SMI, fields=("sbp",)),
    Ask(
        "glucose", N_("Glucose or HbA1c"), modules=_SMI, fields=("labs[glucose_f]", "labs[hba1c]")
    ),
    Ask("lipids", N_("Lipids"), modules=_SMI, fields=("labs[ldl]", "labs[chol]")),
    Ask(
        "tobacco",
        N_("Tobacco, and whether the person wants to stop"),
        modules=_SMI,
        fields=("tobacco",),
    ),
    Ask("prescribers", N_("Who prescribes what"), modules=_SMI, fields=("prescribers",)),
)
