"""The laboratory catalogue: codes, stored units, hard ranges and other units of domain.md §4.3.

The soft ranges are a product decision: most of them lie so that a value typed in the other unit
asks for a second look. They are no reference ranges and say nothing about health.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cases.formulas.liver import USUAL_ULN
from cases.formulas.units import Quantity, Unit
from server.kit.text import N_

OLDEST_WEEKS: Final = 520
"""A result may be this many weeks old; weeks ago, never dates (§4.2)."""

NOT_DETECTED: Final = "not_detected"
NOT_DETECTED_LABEL: Final = N_("not detected")

_CHOLESTEROL: Final = (Unit("mmol/L", 1 / 38.67, 2),)
_PER_LITRE: Final = (Unit("g/L", 10, 0),)

LABS: Final[Mapping[str, Quantity]] = {
    q.code: q
    for q in (
        Quantity(
            "glucose_f", N_("Fasting glucose"), "mg/dL", 20, 1500, (40, 500), 0,
            (Unit("mmol/L", 1 / 18.016, 1),),
        ),
        Quantity(
            "hba1c", N_("HbA1c"), "%", 3, 20, (4, 15), 1,
            (Unit("mmol/mol", 1 / 0.09148, 0, offset=2.152),),
        ),
        Quantity("chol", N_("Total cholesterol"), "mg/dL", 50, 1000, (80, 400), 0, _CHOLESTEROL),
        Quantity("hdl", N_("HDL cholesterol"), "mg/dL", 5, 200, (15, 120), 0, _CHOLESTEROL),
        Quantity("ldl", N_("LDL cholesterol"), "mg/dL", 5, 700, (20, 300), 0, _CHOLESTEROL),
        Quantity(
            "trig", N_("Triglycerides"), "mg/dL", 10, 10000, (30, 1000), 0,
            (Unit("mmol/L", 1 / 88.57, 2),),
        ),
        Quantity(
            "creatinine", N_("Creatinine"), "mg/dL", 0.1, 25, (0.3, 10), 2,
            (Unit("µmol/L", 88.4, 0),),
        ),
        Quantity("egfr", N_("eGFR"), "mL/min/1.73 m²", 1, 200, (5, 150), 0),
        Quantity("ast", N_("AST"), "U/L", 1, 15000, (5, 1000), 0),
        Quantity("alt", N_("ALT"), "U/L", 1, 15000, (5, 1000), 0),
        Quantity(
            "ast_uln", N_("AST, upper limit of normal"), "U/L", 10, 100, (25, 60), 0,
            default=USUAL_ULN,
        ),
        Quantity("hb", N_("Haemoglobin"), "g/dL", 1, 25, (5, 20), 1, _PER_LITRE),
        Quantity("anc", N_("Neutrophils"), "10⁹/L", 0, 100, (0.5, 20), 2),
        Quantity("qtc", N_("QTc"), "ms", 250, 750, (340, 560), 0),
        Quantity(
            "platelets", N_("Platelets"), "10⁹/L", 1, 2000, (20, 700), 0,
            (Unit("10³/µL", 1, 0),),
        ),
        Quantity(
            "bilirubin_t", N_("Bilirubin"), "mg/dL", 0.1, 60, (0.1, 15), 1,
            (Unit("µmol/L", 17.1, 0),),
        ),
        Quantity("albumin", N_("Albumin"), "g/dL", 0.5, 7, (1.5, 5.5), 1, _PER_LITRE),
        Quantity("inr", N_("INR"), "", 0.5, 20, (0.8, 5), 2),
        Quantity(
            "hcv_rna", N_("Hepatitis C RNA"), "IU/mL", 0, 1e9, (10, 5e7), 0, undetectable=True
        ),
        Quantity("lithium", N_("Lithium"), "mmol/L", 0, 6, (0.1, 1.5), 2),
        Quantity("valproate", N_("Valproate"), "µg/mL", 0, 300, (5, 150), 0),
        Quantity("tsh", N_("TSH"), "mIU/L", 0.001, 200, (0.01, 50), 3),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A test whose result is a word: (code, message key) pairs."""

    code: str
    label: str
    options: tuple[tuple[str, str], ...]


_SEROLOGY: Final = (
    ("negative", N_("negative")),
    ("positive", N_("positive")),
    ("not_done", N_("not done")),
)

LISTED: Final[Mapping[str, Listed]] = {
    test.code: test
    for test in (
        Listed(
            "hcv_genotype",
            N_("Hepatitis C genotype"),
            (
                *((code, code) for code in ("1a", "1b", "1", "2", "3", "4", "5", "6")),
                ("mixed", N_("mixed")),
                ("unknown", N_("Not known")),
            ),
        ),
        Listed("hbsag", N_("HBsAg"), _SEROLOGY),
        Listed("anti_hbc", N_("Anti-HBc"), _SEROLOGY),
        Listed("anti_hbs", N_("Anti-HBs"), _SEROLOGY),
        Listed("hiv", N_("HIV test"), _SEROLOGY),
    )
}

NAMES: Final[Mapping[str, str]] = {code: lab.label for code, lab in LABS.items()} | {
    code: test.label for code, test in LISTED.items()
}
"""Every test of the catalogue with its name, in the order of the lists."""

URINE_DRUG: Final = "urine_drug"
URINE_RESULTS: Final = _SEROLOGY[:2]
"""A urine test is positive or negative for each substance, never clean or dirty (§4.3, §10.4)."""

URINE_SUBSTANCES: Final[Mapping[str, str]] = {
    "opiates": N_("Opiates"),
    "fentanyl": N_("Fentanyl"),
    "oxycodone": N_("Oxycodone"),
    "methadone": N_("Methadone"),
    "buprenorphine": N_("Buprenorphine"),
    "amphetamines": N_("Amphetamines"),
    "methamphetamine": N_("Methamphetamine"),
    "cocaine": N_("Cocaine"),
    "benzodiazepines": N_("Benzodiazepines"),
    "barbiturates": N_("Barbiturates"),
    "cannabis": N_("Cannabis"),
    "alcohol": N_("Alcohol"),
}
