"""The lists to choose from in the case form (domain.md §4.2, §5.4, §6.4): codes and words."""

from typing import Final

from cases.instruments.base import N_
from cases.rules.fields import Option
from server.kit import disciplines

O = Option  # noqa: E741 -- one letter keeps the tables readable

CASE_TYPES: Final = (
    O("new", N_("New case")),
    O("followup", N_("Follow-up of a case presented before")),
)

URGENCY: Final = (
    O("routine", N_("Routine"), N_("the next free slot")),
    O("soon", N_("Soon"), N_("within 14 days")),
    O("today", N_("Today"), N_("this platform cannot help today")),
)

YES_NO: Final = (O("yes", N_("Yes")), O("no", N_("No")))
YES_NO_UNKNOWN: Final = (*YES_NO, O("unknown", N_("Not known")))

DISCIPLINES: Final = tuple(O(code, label) for code, label in disciplines.DISCIPLINES.items())

SETTINGS: Final = (
    O("fqhc", N_("Federally qualified health centre")),
    O("rural_clinic", N_("Rural clinic")),
    O("private_practice", N_("Private practice")),
    O("community_mental_health", N_("Community mental health")),
    O("hospital_opd", N_("Hospital outpatient clinic")),
    O("health_centre", N_("Health centre (low- or middle-income country)")),
    O("correctional", N_("Correctional facility")),
    O("school", N_("School")),
    O("street_shelter", N_("Street or shelter")),
    O("student_faculty", N_("Student-faculty clinic")),
    O("home", N_("Home")),
)

AREAS: Final = (
    O("urban", N_("Urban")),
    O("small_town", N_("Small town")),
    O("rural", N_("Rural")),
    O("frontier", N_("Frontier")),
)

QUESTION_TYPES: Final = (
    O("diagnosis", N_("Diagnosis")),
    O("start_medicine", N_("Starting or choosing a medicine")),
    O("dose_change", N_("Changing a dose")),
    O("side_effect", N_("Side effect or interaction")),
    O("stopping", N_("Stopping or tapering")),
    O("therapy", N_("Therapy or behaviour")),
    O("sud_treatment", N_("Substance use treatment")),
    O("comorbidity", N_("Medical comorbidity")),
    O("monitoring", N_("Monitoring or laboratory tests")),
    O("social_need", N_("Social need")),
    O("coordination", N_("Coordination or referral")),
    O("safety", N_("Safety")),
    O("team_ethics", N_("Team or ethics")),
)

SEX: Final = (O("female", N_("Female")), O("male", N_("Male")), O("not_stated", N_("Not stated")))

GENDER: Final = (
    O("woman", N_("Woman")),
    O("man", N_("Man")),
    O("non_binary", N_("Non-binary")),
    O("another", N_("Another")),
    O("not_stated", N_("Not stated")),
)

PREGNANCY: Final = (
    O("no", N_("Not pregnant")),
    O("trimester_1", N_("Pregnant, first trimester")),
    O("trimester_2", N_("Pregnant, second trimester")),
    O("trimester_3", N_("Pregnant, third trimester")),
    O("postpartum", N_("Gave birth in the last 12 months")),
    O("breastfeeding", N_("Breastfeeding")),
    O("not_applicable", N_("Does not apply")),
)

LANGUAGES: Final = (
    O("en", N_("English")),
    O("es", N_("Spanish")),
    O("fr", N_("French")),
    O("pt", N_("Portuguese")),
    O("zh", N_("Chinese")),
    O("ar", N_("Arabic")),
    O("vi", N_("Vietnamese")),
    O("sw", N_("Swahili")),
    O("hi", N_("Hindi")),
    O("ru", N_("Russian")),
    O("sign", N_("A sign language")),
    O("other", N_("Another language")),
)

COVERAGE: Final = (
    O("medicaid", N_("Medicaid")),
    O("medicare", N_("Medicare")),
    O("both", N_("Medicaid and Medicare")),
    O("private", N_("Private")),
    O("va", N_("Veterans Affairs")),
    O("none", N_("None")),
    O("national", N_("National scheme")),
    O("unknown", N_("Not known")),
)

BETTER_SAME_WORSE: Final = (
    O("better", N_("Better")),
    O("same", N_("The same")),
    O("worse", N_("Worse")),
)

SATISFIED: Final = (O("yes", N_("Yes")), O("partly", N_("Partly")), O("no", N_("No")))

STRENGTHS: Final = (
    O("family", N_("Family")),
    O("friends", N_("Friends")),
    O("faith", N_("Faith")),
    O("work", N_("Work")),
    O("housing", N_("Housing")),
    O("skills", N_("Skills")),
    O("motivation", N_("Motivation")),
    O("past_success", N_("Past success")),
    O("culture", N_("Culture or community")),
    O("other", N_("Other")),
)

PERSON_AWARE: Final = (
    O("agreed", N_("Told and agreed")),
    O("told", N_("Told")),
    O("not_told", N_("Not told")),
    O("not_possible", N_("Not possible")),
)

IMPACT: Final = (
    O("none", N_("Not at all")),
    O("mild", N_("Mildly")),
    O("moderate", N_("Moderately")),
    O("severe", N_("Severely")),
)

SPAN_UNITS: Final = (
    O("days", N_("days")),
    O("weeks", N_("weeks")),
    O("months", N_("months")),
    O("years", N_("years")),
)

SPAN_DAYS: Final = {"days": 1, "weeks": 7, "months": 30, "years": 365}
"""Days of one unit, for the limit of a span; good enough for "at most 90 years"."""

DIAGNOSIS_STATUS: Final = (
    O("suspected", N_("Suspected")),
    O("active", N_("Active")),
    O("remission", N_("In remission")),
)

SLEEP: Final = (
    O("fine", N_("No problem")),
    O("falling", N_("Trouble falling asleep")),
    O("staying", N_("Wakes at night")),
    O("early", N_("Wakes too early")),
    O("too_much", N_("Sleeps too much")),
    O("nightmares", N_("Nightmares")),
    O("little_need", N_("Little need for sleep")),
    O("unknown", N_("Not known")),
)

LAST_ADMISSION: Final = (
    O("never", N_("Never")),
    O("under_3_months", N_("In the last 3 months")),
    O("3_to_12_months", N_("3–12 months ago")),
    O("over_1_year", N_("More than a year ago")),
)

SUICIDE_HISTORY: Final = (
    O("none_known", N_("None known")),
    O("over_1_year", N_("More than a year ago")),
    O("3_to_12_months", N_("3–12 months ago")),
    O("under_3_months", N_("In the last 3 months")),
    O("unknown", N_("Not known")),
)

MANIA_SCREEN: Final = (
    O("asked_negative", N_("Asked: nothing found")),
    O("asked_positive", N_("Asked: signs found")),
    O("not_asked", N_("Not asked")),
)

MEDICAL_HISTORY: Final = (
    O("none", N_("None known")),
    O("hypertension", N_("High blood pressure")),
    O("diabetes", N_("Diabetes")),
    O("dyslipidaemia", N_("High blood fats")),
    O("cvd", N_("Heart or vessel disease")),
    O("copd_asthma", N_("COPD or asthma")),
    O("ckd", N_("Kidney disease")),
    O("liver", N_("Liver disease")),
    O("hiv", N_("HIV")),
    O("hcv", N_("Hepatitis C")),
    O("hbv", N_("Hepatitis B")),
    O("tb", N_("Tuberculosis")),
    O("sti", N_("Sexually transmitted infection")),
    O("seizure", N_("Seizures")),
    O("chronic_pain", N_("Chronic pain")),
    O("cancer", N_("Cancer")),
    O("thyroid", N_("Thyroid disease")),
    O("other", N_("Other")),
)

DOSE_UNITS: Final = (
    O("mg", "mg"),
    O("mcg", "mcg"),
    O("g", "g"),
    O("mL", "mL"),
    O("units", N_("units")),
    O("mg/mL", "mg/mL"),
    O("mcg/h", N_("mcg/h (patch)")),
    O("mmol", "mmol"),
)

ROUTES: Final = (
    O("PO", N_("by mouth")),
    O("SL", N_("under the tongue")),
    O("IM", N_("into muscle")),
    O("SC", N_("under the skin")),
    O("IV", N_("into a vein")),
    O("TD", N_("through the skin")),
    O("IN", N_("nasal")),
    O("INH", N_("inhaled")),
    O("PR", N_("rectal")),
    O("top", N_("on the skin")),
)

FREQUENCIES: Final = (
    O("daily", N_("once a day")),
    O("BID", N_("twice a day")),
    O("TID", N_("three times a day")),
    O("QID", N_("four times a day")),
    O("nightly", N_("at night")),
    O("qod", N_("every other day")),
    O("weekly", N_("once a week")),
    O("q2wk", N_("every 2 weeks")),
    O("monthly", N_("once a month")),
    O("q3mo", N_("every 3 months")),
    O("PRN", N_("as needed")),
)

TAKEN: Final = (
    O("yes", N_("As prescribed")),
    O("partly", N_("Partly")),
    O("no", N_("Not taken")),
    O("unknown", N_("Not known")),
)

EFFECT: Final = (O("none", N_("None")), O("partial", N_("Partial")), O("good", N_("Good")))

TREATMENT_KINDS: Final = (
    O("medicine", N_("Medicine")),
    O("therapy", N_("Therapy")),
    O("programme", N_("Programme")),
)

STOPPED: Final = (
    O("ineffective", N_("Did not help")),
    O("side_effect", N_("Side effect")),
    O("cost", N_("Cost")),
    O("access", N_("Access")),
    O("choice", N_("The person's choice")),
    O("other", N_("Other")),
)

BARRIERS: Final = (
    O("none", N_("Nothing")),
    O("preference", N_("The person prefers otherwise")),
    O("side_effect", N_("Side effect or contraindication")),
    O("adherence", N_("Hard to keep up with treatment")),
    O("moot", N_("Symptoms changed")),
    O("lost", N_("Lost to follow-up")),
    O("cost", N_("Cost, insurance or prior authorisation")),
    O("not_stocked", N_("Medicine not in stock")),
    O("no_test", N_("Test not available")),
    O("no_service", N_("Service or specialist not available")),
    O("wait", N_("Waiting time")),
    O("transport", N_("Transport")),
    O("housing", N_("Housing")),
    O("food_income", N_("Food or income")),
    O("language", N_("Language or culture")),
    O("stigma", N_("Stigma")),
    O("confidence", N_("My own confidence")),
    O("staffing", N_("Time or staffing")),
    O("policy", N_("Policy or legal limit")),
    O("unclear", N_("Earlier advice was unclear")),
    O("disagreed", N_("I disagreed with earlier advice")),
)

SDOH_ASKED: Final = (
    O("none", N_("Asked: none")),
    O("needs", N_("Asked: there are needs")),
    O("not_asked", N_("Not asked")),
)

SDOH_NEEDS: Final = (
    O("work", N_("No job, or may lose it")),
    O("income", N_("Low income")),
    O("food", N_("Not enough food")),
    O("money", N_("Money runs short for basics")),
    O("utilities", N_("Trouble with utilities")),
    O("benefits", N_("Welfare-benefit problem")),
    O("schooling", N_("Reading or schooling limits")),
    O("health_information", N_("Health information is hard to follow")),
    O("insurance", N_("No or poor insurance")),
    O("transport", N_("Cannot get to care")),
    O("no_provider", N_("No provider, medicine or device")),
    O("no_housing", N_("No housing")),
    O("unstable_housing", N_("Unstable housing")),
    O("poor_housing", N_("Poor-quality housing")),
    O("no_services", N_("No services or clean water")),
    O("lonely", N_("Lives alone or is lonely")),
    O("exclusion", N_("Exclusion or discrimination")),
    O("family_strain", N_("Family or partner strain")),
    O("caregiving", N_("Caregiving strain")),
    O("legal", N_("Prison, release or other legal problems")),
    O("disaster", N_("Crime, war or disaster")),
    O("childcare", N_("Childcare")),
)

SAFE_AT_HOME: Final = (
    O("safe", N_("Safe")),
    O("unsafe", N_("Unsafe at home")),
    O("declined", N_("Preferred not to say")),
    O("not_asked", N_("Not asked")),
)

SAFETY_ASSESSED: Final = (O("today", N_("Today")), O("earlier", N_("Earlier")))

SDOH_DOMAINS: Final = (
    (
        N_("Economic stability"),
        ("work", "income", "food", "money", "utilities", "benefits"),
    ),
    (N_("Education"), ("schooling", "health_information")),
    (N_("Health care access"), ("insurance", "transport", "no_provider")),
    (
        N_("Neighbourhood and built environment"),
        ("no_housing", "unstable_housing", "poor_housing", "no_services"),
    ),
    (
        N_("Social and community context"),
        ("lonely", "exclusion", "family_strain", "caregiving", "legal", "disaster", "childcare"),
    ),
)
"""The five domains of social need, in the order of domain.md §5.4."""

LEGAL: Final = (
    O("none", N_("None")),
    O("past", N_("In the past")),
    O("supervision", N_("Under supervision now")),
    O(
        "released",
        N_("Released in the last 3 months"),
        N_("the first 2 weeks are a time of danger"),
    ),
    O("incarcerated", N_("In prison or jail")),
)

CASE_MANAGER: Final = (
    O("single", N_("Yes, one contact person")),
    O("several", N_("Several")),
    O("none", N_("None")),
)

ADVICE_STATUS: Final = (
    O("done", N_("Done")),
    O("partly", N_("Partly done")),
    O("planned", N_("Planned")),
    O("not_done", N_("Not done")),
    O("not_applicable", N_("No longer applies")),
)
"""What became of a recommendation (domain.md §6.4)."""
