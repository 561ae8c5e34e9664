"""Lists to choose from in the four modules of the case form (domain.md §4.4): codes and words."""

from typing import Final

from cases.formulas.child_pugh import ASCITES_GRADES, ENCEPHALOPATHY_GRADES
from cases.instruments import cssrs
from cases.instruments.base import N_
from cases.rules.fields import Option
from cases.rules.options import YES_NO

O = Option  # noqa: E741 -- one letter keeps the tables readable

CSSRS: Final = tuple(
    O(result.value, cssrs.LABELS[result], cssrs.MEANINGS[result]) for result in cssrs.Result
)

# Behavioural health

THERAPY: Final = (
    O("none", N_("None")),
    O("cbt", N_("Cognitive behavioural therapy")),
    O("behavioural_activation", N_("Behavioural activation")),
    O("problem_solving", N_("Problem-solving therapy")),
    O("interpersonal", N_("Interpersonal therapy")),
    O("motivational", N_("Motivational interviewing")),
    O("trauma_focused", N_("Trauma-focused therapy")),
    O("family", N_("Family or couple therapy")),
    O("group", N_("Group")),
    O("supportive", N_("Supportive counselling")),
    O("other", N_("Other")),
)

PSYCHOSIS: Final = (
    O("none", N_("None seen")),
    O("hallucinations", N_("Hallucinations")),
    O("delusions", N_("Delusions")),
    O("disorganised", N_("Disorganised speech or behaviour")),
    O("negative", N_("Withdrawal, little drive")),
    O("unknown", N_("Not known")),
)

# Substance use

SUBSTANCES: Final = (
    O("alcohol", N_("Alcohol")),
    O("opioid_heroin", N_("Heroin")),
    O("opioid_fentanyl", N_("Fentanyl")),
    O("opioid_prescribed", N_("Prescription opioids")),
    O("methamphetamine", N_("Methamphetamine")),
    O("cocaine", N_("Cocaine or crack")),
    O("benzodiazepines", N_("Benzodiazepines")),
    O("cannabis", N_("Cannabis")),
    O("synthetic_cannabinoids", N_("Synthetic cannabinoids")),
    O("stimulants_prescribed", N_("Prescription stimulants")),
    O("gabapentinoids", N_("Gabapentin or pregabalin")),
    O("xylazine", N_("Xylazine")),
    O("kratom", N_("Kratom")),
    O("hallucinogens", N_("Hallucinogens")),
    O("inhalants", N_("Inhalants")),
    O("khat", N_("Khat")),
    O("other", N_("Other")),
)

WAYS_OF_USE: Final = (
    O("oral", N_("by mouth")),
    O("smoked", N_("smoked")),
    O("nasal", N_("through the nose")),
    O("injected", N_("injected")),
    O("other", N_("Other")),
)

LAST_USE: Final = (
    O("24_hours", N_("In the last 24 hours")),
    O("2_to_7_days", N_("2–7 days ago")),
    O("8_to_30_days", N_("8–30 days ago")),
    O("over_30_days", N_("More than 30 days ago")),
)

OVERDOSE_HISTORY: Final = (
    O("none_known", N_("None known")),
    O("over_1_year", N_("More than a year ago")),
    O("3_to_12_months", N_("3–12 months ago")),
    O("under_3_months", N_("In the last 3 months")),
    O("unknown", N_("Not known")),
)

MOUD: Final = (
    O("none", N_("None")),
    O("buprenorphine_sl", N_("Buprenorphine under the tongue")),
    O("buprenorphine_xr", N_("Buprenorphine by injection")),
    O("methadone", N_("Methadone")),
    O("naltrexone_xr", N_("Naltrexone by injection")),
    O("naltrexone_oral", N_("Naltrexone by mouth")),
    O("not_opioids", N_("No opioid use disorder")),
)

STAGE_OF_CARE: Final = (
    O("pre_treatment", N_("Before treatment")),
    O("primary", N_("In treatment")),
    O("aftercare", N_("Aftercare")),
)

# Hepatitis C

CIRRHOSIS_EVIDENCE: Final = (
    O("none", N_("None")),
    O("biopsy", N_("Biopsy")),
    O("elastography", N_("Elastography")),
    O("imaging", N_("Nodular liver or large spleen on imaging")),
    O("platelets", N_("Platelets below 150")),
)

ASCITES: Final = tuple(O(code, label) for code, label in ASCITES_GRADES.items())
ENCEPHALOPATHY: Final = tuple(O(code, label) for code, label in ENCEPHALOPATHY_GRADES.items())

ALCOHOL: Final = (
    O("none", N_("None")),
    O("low", N_("Little")),
    O("risky", N_("More than advised")),
    O("dependent", N_("Likely dependence")),
    O("unknown", N_("Not known")),
)

# Serious mental illness, metabolic

WANTS_TO_STOP: Final = (*YES_NO, O("unsure", N_("Unsure")))

CHECKS_DONE: Final = (
    O("eye", N_("Eyes")),
    O("foot", N_("Feet")),
    O("kidney", N_("Kidneys")),
    O("none", N_("None in the last year")),
)

PRESCRIBERS: Final = (
    O("same", N_("One clinician prescribes all")),
    O("split_talking", N_("Two, who talk with each other")),
    O("split_silent", N_("Two, who do not")),
    O("unknown", N_("Not known")),
)
