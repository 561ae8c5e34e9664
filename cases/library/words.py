"""Words of the library: stems, synonyms, and what to say instead of stigmatising terms; pure data.

One small reading of English serves documents and questions on both databases: the index holds
whole stems as ASCII, never the database's own idea of a word.
"""

import re
from functools import lru_cache
from typing import Final

import snowballstemmer

from cases.rules.person_first_words import ASKED, PREFER
from server.kit.text import tokens

TERM_MAX = 40
"""Longest stem kept, in characters; what is cut off is cut off in the question too."""

_EMPTY = """
    a about after all also an and any are as at be been being between but by can could did do
    does for from had has have he her his how i if in into is it its may me more my no not of
    on or our out she should so some than that the their them then there they this to up us was
    we were what when where which while who why will with without would you your
    people person patient experiencing
"""
STOP: Final = frozenset(_EMPTY.split())
"""Words that say nothing about a document here; "no" and "not" too: `-word` excludes."""

_stemmer = snowballstemmer.stemmer("english")
_PARTS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the index term of one folded word: its English stem (Porter 2), ASCII only."""
    found = str(_stemmer.stemWord(word))[:TERM_MAX]
    return found if found.isascii() else "u" + found.encode().hex()[: TERM_MAX * 4]


def words(text: str) -> list[str]:
    """Return the folded words of a text in order; hyphens and apostrophes separate."""
    return [part for token in tokens(text) for part in _PARTS.findall(token)]


def stems(text: str) -> list[str]:
    """Return the index terms of a text in order, the empty words left out."""
    return [stem(word) for word in words(text) if word not in STOP]


SYNONYMS: Final[dict[str, str]] = {
    # abbreviations and spellings (domain.md §7)
    "bupe": "buprenorphine",
    "moud": "medication for opioid use disorder",
    "oud": "opioid use disorder",
    "aud": "alcohol use disorder",
    "sud": "substance use disorder",
    "t2dm": "type 2 diabetes",
    "t2d": "type 2 diabetes",
    "dm2": "type 2 diabetes",
    "sugar": "glucose",
    "a1c": "hba1c",
    "hep c": "hepatitis c",
    "hcv": "hepatitis c",
    "hbv": "hepatitis b",
    "ckd": "kidney disease",
    "htn": "hypertension",
    "high blood pressure": "hypertension",
    "bp": "blood pressure",
    "cvd": "cardiovascular disease",
    "copd": "chronic obstructive pulmonary disease",
    "benzo": "benzodiazepine",
    "benzos": "benzodiazepine",
    "ssri": "selective serotonin reuptake inhibitor",
    "cbt": "cognitive behavioural therapy",
    "ptsd": "post-traumatic stress disorder",
    "smi": "serious mental illness",
    "mdd": "major depression",
    "ect": "electroconvulsive therapy",
    "qtc": "qt interval",
    "bhc": "behavioural health consultant",
    "chw": "community health worker",
    "naloxone kit": "naloxone",
    "behavioral": "behavioural",
    "stop": "taper",
    "stopping": "taper",
    "come off": "taper",
    "coming off": "taper",
    "wean": "taper",
    "discontinue": "taper",
    "deprescribe": "taper",
    "postpartum": "after birth",
    "perinatal": "pregnancy",
    "nursing mother": "breastfeeding",
    "breast feeding": "breastfeeding",
    # brand → generic, so that the generic name leads
    "abilify": "aripiprazole",
    "narcan": "naloxone",
    "subutex": "buprenorphine",
    "suboxone": "buprenorphine naloxone",
    "vivitrol": "naltrexone",
    "zyprexa": "olanzapine",
    "risperdal": "risperidone",
    "seroquel": "quetiapine",
    "clozaril": "clozapine",
    "zoloft": "sertraline",
    "prozac": "fluoxetine",
    "lexapro": "escitalopram",
    "celexa": "citalopram",
    "effexor": "venlafaxine",
    "wellbutrin": "bupropion",
    "xanax": "alprazolam",
    "ativan": "lorazepam",
    "valium": "diazepam",
    "klonopin": "clonazepam",
    "chantix": "varenicline",
    "glucophage": "metformin",
    "neurontin": "gabapentin",
    "lithobid": "lithium",
    "antabuse": "disulfiram",
}
"""What is asked → what documents say; both are looked for, and the reader is told."""

PREFERRED: Final[dict[str, str]] = {
    asked: shown or PREFER[key][0] for asked, (key, shown) in ASKED.items()
}
"""Stigmatising words → person-first ones (domain.md §10.4); only these are looked for."""

LONGEST: Final = max(len(key.split()) for key in (*SYNONYMS, *PREFERRED))
"""Most words in one key of either table."""
