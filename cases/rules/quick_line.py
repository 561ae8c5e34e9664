"""What one typed line may say to become rows of a table: "sert 50 qd", "a1c 8.2 3w"; data only.

static/cases/quick-medicine.js and quick-lab.js read lines with these words, sent as JSON
(`medicine_words`, `measure_words`); the answers they fill in are those of rules/options.py and
formulas/labs.py. The words are the shorthand of clinical English, which clinicians of every
language type; what they do not cover is shown to the author, never dropped.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from cases.formulas.labs import LABS, LISTED
from cases.formulas.units import Quantity
from cases.formulas.vitals import VITALS
from cases.rules import medicines
from cases.rules.measure_reader import SPELLINGS

Spelled = Mapping[str, tuple[str, ...]]
"""An answer and the ways to write it, small letters, blanks between words."""

UNITS: Final[Spelled] = {
    "mg": ("mg", "mgs", "milligram", "milligrams"),
    "mcg": ("mcg", "ug", "µg", "μg", "microgram", "micrograms"),
    "g": ("g", "gm", "gms", "gram", "grams"),
    "mL": ("ml", "mls", "cc"),
    "units": ("units", "unit", "u", "iu"),
    "mg/mL": ("mg/ml",),
    "mcg/h": ("mcg/h", "mcg/hr", "mcg/hour", "ug/h", "µg/h"),
    # Of the salts that are given so (potassium chloride) one mEq is one mmol.
    "mmol": ("mmol", "meq"),
}

ROUTES: Final[Spelled] = {
    "PO": ("po", "p.o.", "oral", "orally", "by mouth", "per os"),
    "SL": ("sl", "sublingual", "sublingually", "under the tongue", "buccal"),
    "IM": ("im", "intramuscular", "intramuscularly"),
    "SC": ("sc", "sq", "subq", "sub q", "subcut", "subcutaneous", "subcutaneously"),
    "IV": ("iv", "intravenous", "intravenously"),
    "TD": ("td", "transdermal", "patch", "patches"),
    "IN": ("nasal", "nasally", "intranasal", "intranasally"),
    "INH": ("inh", "inhaled", "inhalation", "inhaler", "nebulized", "neb", "nebs"),
    "PR": ("pr", "rectal", "rectally", "suppository"),
    "top": ("top", "topical", "topically", "cream", "ointment", "gel"),
}

FREQUENCIES: Final[Spelled] = {
    "daily": (
        "daily", "qd", "q.d.", "od", "once daily", "once a day", "one a day", "every day",
        "1x daily", "1x/day", "q day", "qday", "q24h", "q24", "every 24 hours", "qam", "q am",
        "in the morning", "every morning", "mornings", "each morning", "mane",
        "1 time a day", "1 time daily", "once daily in the morning",
    ),
    "BID": (
        "bid", "b.i.d.", "bd", "twice daily", "twice a day", "two times a day", "2 times a day",
        "2 times daily", "two times daily", "2x daily", "2x/day", "2xd", "q12h", "q12",
        "every 12 hours", "q 12 hours", "q12 hours",
    ),
    "TID": (
        "tid", "t.i.d.", "tds", "three times a day", "three times daily", "3 times a day",
        "3 times daily", "3x daily", "3x/day", "q8h", "q8", "every 8 hours", "q 8 hours",
        "q8 hours",
    ),
    "QID": (
        "qid", "q.i.d.", "qds", "four times a day", "four times daily", "4 times a day",
        "4 times daily", "4x daily", "4x/day", "q6h", "q6", "every 6 hours", "q 6 hours",
        "q6 hours",
    ),
    "nightly": (
        "nightly", "qhs", "q hs", "hs", "q.h.s.", "at night", "every night", "at bedtime",
        "before bed", "bedtime", "nocte", "qpm", "q pm", "every evening", "in the evening",
        "each night", "once nightly", "every night at bedtime", "nightly at bedtime",
        "qhs at bedtime",
    ),
    "qod": (
        "qod", "q.o.d.", "every other day", "alternate days", "every 2 days", "q48h", "q2d",
        "every 48 hours",
    ),
    "weekly": (
        "weekly", "once weekly", "once a week", "every week", "q week", "qweek", "qwk", "q wk",
        "1x/week", "q7d", "every 7 days", "qw", "each week",
    ),
    "q2wk": (
        "q2wk", "q2w", "q2wks", "q2weeks", "q 2 weeks", "q 2 wk", "q 2 wks", "q2 weeks",
        "every 2 weeks", "every two weeks", "every other week", "q14d", "every 14 days",
        "fortnightly",
    ),
    "monthly": (
        "monthly", "once monthly", "once a month", "every month", "q month", "qmonth", "qmo",
        "q mo", "q4w", "q4wk", "q4wks", "q4weeks", "q4 weeks", "q 4 weeks", "q 4 wk", "q 4 wks",
        "every 4 weeks", "every four weeks", "q28d", "every 28 days", "q30d", "each month",
        "q1month", "every 30 days",
    ),
    "q3mo": (
        "q3mo", "q3months", "q3 months", "q 3 months", "q 3 mo", "every 3 months",
        "every three months", "q12w", "q12wk", "q12 weeks", "q 12 weeks", "every 12 weeks",
        "quarterly",
    ),
    "PRN": ("prn", "p.r.n.", "as needed", "if needed", "when needed"),
}  # fmt: skip

TAKEN: Final[Spelled] = {
    "yes": ("as prescribed", "adherent", "taken", "taking it", "takes it"),
    "partly": ("partly", "partially", "sometimes", "misses doses", "part adherent"),
    "no": ("not taken", "not taking", "nonadherent", "non-adherent", "not adherent"),
}

EFFECT: Final[Spelled] = {
    "none": ("no effect", "no help", "no response", "not helping", "ineffective"),
    "partial": ("partial effect", "some effect", "partial response", "helps some", "partial"),
    "good": ("good effect", "good response", "effective", "works well", "helps"),
}

SIDE_EFFECTS: Final = ("se:", "side effect:", "side effects:", "side effects", "s/e:")
"""What follows, to the end of the entry, is a side effect."""

WEEKS_OF: Final[Mapping[str, float]] = {
    **dict.fromkeys(("d", "day", "days"), 1 / 7),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 1),
    **dict.fromkeys(("m", "mo", "mos", "month", "months"), 52 / 12),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), 52),
}
"""How many weeks a length of time is; rounded when it is filled in."""

FORMS: Final = (
    "tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps", "pill", "pills",
    "film", "films", "strip", "strips", "injection", "inj", "solution",
)  # fmt: skip
"""How a medicine comes: adds nothing to the dose, unless it is counted."""

COUNTED: Final = (
    *FORMS, "puff", "puffs", "spray", "sprays", "drop", "drops", "gtt", "packet", "packets",
    "scoop", "scoops", "lozenge", "lozenges", "piece", "pieces", "patch", "patches", "neb", "nebs",
    "suppository", "inhalation", "inhalations", "teaspoon", "teaspoons", "tsp",
)  # fmt: skip
"""What is counted: a number before it is no dose."""

DISPENSED: Final = (
    "disp", "dispense", "dispensed", "qty", "quantity", "refill", "refills", "supply", "sig", "level",
)  # fmt: skip
"""Words of a prescription that are no part of a case; shown to the author with their number."""

PASSED: Final = ("take", "takes", "taking", "give", "use", "inject", "apply", "by", "a", "of")
"""Words that add nothing to a line."""


def medicine_words() -> str:
    """Return, as JSON, what static/cases/quick-medicine.js reads lines of medicines with."""
    return _json(
        {
            "medicines": medicines.browser_table(),
            "formulations": medicines.FORMULATIONS,
            "depots": sorted(medicines.DEPOTS),
            "depotTimes": sorted(medicines.DEPOT_TIMES),
            "aDay": medicines.times_a_day(),
            "units": UNITS,
            "routes": ROUTES,
            "freqs": FREQUENCIES,
            "taken": TAKEN,
            "effect": EFFECT,
            "sideEffects": SIDE_EFFECTS,
            "weeks": {word: round(weeks, 4) for word, weeks in WEEKS_OF.items()},
            "forms": FORMS,
            "counted": COUNTED,
            "dispensed": DISPENSED,
            "passed": PASSED,
        }
    )


TESTS: Final[Spelled] = {
    "glucose_f": (
        "glucose", "glu", "gluc", "fasting glucose", "fbg", "fpg", "fbs", "fasting sugar",
    ),
    "hba1c": ("hba1c", "a1c", "hgba1c", "hb a1c", "hemoglobin a1c", "haemoglobin a1c"),
    "chol": ("chol", "cholesterol", "total cholesterol", "tc"),
    "hdl": ("hdl", "hdl-c", "hdl cholesterol"),
    "ldl": ("ldl", "ldl-c", "ldl cholesterol"),
    "trig": ("trig", "trigs", "tg", "triglyceride", "triglycerides"),
    "creatinine": ("creatinine", "creat", "cr", "scr", "serum creatinine"),
    "egfr": ("egfr", "gfr"),
    "ast": ("ast", "sgot"),
    "alt": ("alt", "sgpt"),
    "ast_uln": ("ast uln", "ast limit", "ast upper limit", "uln"),
    "hb": ("hb", "hgb", "hemoglobin", "haemoglobin"),
    "anc": ("anc", "neutrophils", "neut", "absolute neutrophils"),
    "qtc": ("qtc", "qtcf"),
    "platelets": ("platelets", "platelet", "plt", "plts"),
    "bilirubin_t": ("bilirubin", "bili", "tbili", "t bili", "total bilirubin", "total bili"),
    "albumin": ("albumin", "alb"),
    "inr": ("inr",),
    "hcv_rna": (
        "hcv rna", "hcv vl", "hcv viral load", "hep c rna", "hcv pcr", "hepatitis c rna",
        "hep c viral load", "hcv-rna",
    ),
    "lithium": ("lithium", "li", "lithium level", "li level"),
    "valproate": ("valproate", "vpa", "valproate level", "vpa level", "depakote level"),
    "tsh": ("tsh",),
    "hcv_genotype": ("hcv genotype", "genotype", "gt", "hcv gt", "geno"),
    "hbsag": ("hbsag", "hbs ag", "hepatitis b surface antigen", "hep b surface antigen"),
    "anti_hbc": (
        "anti-hbc", "hbcab", "hbc ab", "hep b core", "hep b core antibody", "anti hbc", "hbc",
        "core antibody",
    ),
    "anti_hbs": (
        "anti-hbs", "hbsab", "hbs ab", "hep b surface antibody", "anti hbs", "surface antibody",
    ),
    "hiv": ("hiv", "hiv test", "hiv ab", "hiv ag/ab", "hiv screen"),
}  # fmt: skip

RESULTS: Final[Mapping[str, str]] = {
    **SPELLINGS,
    "not done": "not_done",
    "not detected": "not_detected",
    "tnd": "not_detected",
    "target not detected": "not_detected",
    "negative": "negative",
    "positive": "positive",
    "non-reactive": "negative",
    "nonreactive": "negative",
    "nr": "negative",
    "reactive": "positive",
}
"""Results that are words, and what is stored."""

MULTIPLES: Final[Mapping[str, Mapping[str, float]]] = {
    # "1.2m" of a viral load is millions, "132k" platelets are thousands in a µL: 132 × 10⁹/L.
    "hcv_rna": {"k": 1e3, "m": 1e6, "mil": 1e6, "million": 1e6},
    "platelets": {"k": 1},
    "anc": {"k": 1},
}

LAB_UNITS: Final[Spelled] = {
    "mg/dL": ("mg/dl", "mg", "mgdl"),
    "mmol/L": ("mmol/l", "mmol", "mm/l"),
    "%": ("%", "percent"),
    "mmol/mol": ("mmol/mol",),
    "µmol/L": ("µmol/l", "umol/l", "μmol/l", "umol", "µmol", "μmol", "micromol/l"),
    "U/L": ("u/l", "iu/l", "units/l"),
    "g/dL": ("g/dl", "g", "gm/dl"),
    "g/L": ("g/l",),
    "10⁹/L": ("10⁹/l", "10^9/l", "x10^9/l", "x10⁹/l", "10*9/l"),
    "10³/µL": ("10³/µl", "k/ul", "k/µl", "k/μl", "10^3/ul", "x10^3/ul", "10*3/ul", "thou/ul"),
    "IU/mL": ("iu/ml", "iu"),
    "ms": ("ms", "msec"),
    "µg/mL": ("µg/ml", "ug/ml", "mcg/ml", "μg/ml"),
    "mIU/L": ("miu/l", "uiu/ml", "µiu/ml", "mu/l"),
    "mL/min/1.73 m²": ("ml/min/1.73m2", "ml/min/1.73", "ml/min", "ml/min/1.73 m²"),
}


def measure_words() -> str:
    """Return, as JSON, what the browser needs to read, convert and look again at measures.

    Quantities are those of formulas/labs.py and vitals.py. `units`: name, factor, offset, digits,
    as in `Quantity.shown_in`, the stored one first.
    """
    return _json(
        {
            "labs": {code: _quantity(lab) for code, lab in LABS.items()},
            "listed": {code: [key for key, _ in test.options] for code, test in LISTED.items()},
            "vitals": {code: _quantity(vital) for code, vital in VITALS.items()},
            "tests": TESTS,
            "results": RESULTS,
            "multiples": MULTIPLES,
            "labUnits": LAB_UNITS,
            "weeks": {word: round(weeks, 4) for word, weeks in WEEKS_OF.items()},
        }
    )


def _quantity(quantity: Quantity) -> dict[str, Any]:
    units = [[quantity.unit, 1, 0, quantity.digits]]
    units += [[other.unit, other.factor, other.offset, other.digits] for other in quantity.others]
    found: dict[str, Any] = {
        "units": units,
        "hard": [quantity.low, quantity.high],
        "usual": list(quantity.usual),
    }
    return found | ({"undetectable": True} if quantity.undetectable else {})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def browser_texts() -> dict[str, str]:
    """Return the files that the case form fetches when a step with such a table opens."""
    return {"cases/medicines.json": medicine_words(), "cases/measures.json": measure_words()}
