"""Words of the person-first helper that can be put in with one click; pure data.

Only where the sentence stays a sentence: `$1` is the first group of what was found. What is not
here is advice, and the author finds the words. English only.
"""

from dataclasses import dataclass
from typing import Final

from cases.rules.person_first_people import IS, PEOPLE


@dataclass(frozen=True, slots=True)
class Way:
    """`words` for a row of the table when all of what was found reads like `found`.

    `before` and `not_after` are conditions on what stands next to it, as in `phrases.Phrase`.
    """

    key: str
    found: str
    words: str
    before: str = ""
    not_after: str = ""


W = Way


def _people(key: str, one: str, many: str, what: str) -> tuple[Way, Way]:
    return W(key, one, f"person {what}"), W(key, many, f"people {what}")


WAYS: Final = (
    *_people(
        "addict", r".*(?:addict|user|abuser|junkie|junky)", r".*s", "with a substance use disorder"
    ),
    W("addict", ".*user", "person who uses drugs"),
    W("addict", ".*users", "people who use drugs"),
    *_people("opioid_addict", ".*addict", ".*addicts", "with opioid use disorder"),
    W("opioid_addiction", ".*", "opioid use disorder"),
    W("alcohol_abuse", ".*", "alcohol use disorder"),
    W("alcohol_abuse", ".*", "unhealthy alcohol use"),
    *_people(
        "alcoholic",
        "alcoholic|drunkard",
        "alcoholics|drunkards|drunks",
        "with alcohol use disorder",
    ),
    W("former_addict", "reformed", "in recovery"),
    *_people("former_addict", "(?!reformed$).+[^s]", ".+s", "in recovery"),
    W("drug_abuse", r"(?:drugs?|substances?)[-\s]abuse", "substance use"),
    W("drug_abuse", r"(?!drugs?[-\s]|substances?[-\s])(.+)[-\s]abuse", "$1 use"),
    W("drug_abuse", "abuse (?:of )?(.+)", "use $1"),
    W("drug_abuse", "abuses (.+)", "uses $1"),
    W("drug_abuse", "abused (.+)", "used $1"),
    W("drug_abuse", "abusing (.+)", "using $1"),
    W("urine", "clean (.+)", "negative $1"),
    W("urine", "dirty (.+)", "positive $1"),
    W("urine", "(.+) clean", "$1 negative"),
    W("urine", "(.+) dirty", "$1 positive"),
    W("clean", "clean time", "time in remission"),
    W("clean", "clean and sober|clean", "in remission"),
    W("clean", "clean", "not using"),
    W("clean", "clean since", "not using since"),
    W("moud", "mat (.+)", "MOUD $1"),
    W("moud", "(?!mat ).*", "medication for opioid use disorder"),
    W("newborn", "born addicted", "born with withdrawal"),
    W("newborn", ".*(?:baby|newborn|infant|neonate)", "newborn exposed to opioids"),
    W("newborn", ".*(?:babies|newborns|infants|neonates)", "newborns exposed to opioids"),
    W("return_to_use", "relapse|slip", "return to use"),
    W("return_to_use", "relapses", "returns to use"),
    W("return_to_use", "relapsed|slipped up", "returned to use"),
    W("return_to_use", "relapsing", "returning to use"),
    W("drug_seeking", ".*seeking", "asking for pain relief"),
    W("detox", "detox", "withdrawal management"),
    W("injects", ".+[^s]", "person who injects drugs"),
    W("injects", ".+s", "people who inject drugs"),
    W("unregulated", r".+[-\s](drugs?|substances?)", "unregulated $1"),
    W("denies", "deny", "report no"),
    W("denies", "denies", "reports no"),
    W("denies", "denied", "reported no"),
    W("denies", "denying", "reporting no"),
    W("claims", "claim", "report"),
    W("claims", "claims", "reports"),
    W("claims", "claimed", "reported"),
    W("claims", "claiming", "reporting"),
    *_people("schizophrenic", "schizophrenic", "schizophrenics", "with schizophrenia"),
    W("bipolar", "bipolar", "person with bipolar disorder", before="a"),
    W("bipolar", "bipolar", "living with bipolar disorder", before=IS),
    W("bipolar", "bipolars", "people with bipolar disorder"),
    W("bipolar", rf"bipolar ({PEOPLE})", "$1 with bipolar disorder"),
    W("mentally_ill", "mentally ill", "living with mental illness", before=IS, not_after=PEOPLE),
    W(
        "mentally_ill",
        ".+ mentally ill",
        "living with serious mental illness",
        before=IS,
        not_after=PEOPLE,
    ),
    W("mentally_ill", "the smi|smis", "people with serious mental illness"),
    W("psychosis", "psychotics", "people experiencing psychosis"),
    W("psychosis", rf"psychotic ({PEOPLE})", "$1 experiencing psychosis"),
    W("psychosis", "psychotic", "experiencing psychosis", before=IS, not_after=PEOPLE),
    W("suffers", "suffers from", "has"),
    W("suffers", "suffer from", "have"),
    W("suffers", "suffered from", "had"),
    W("suffers", "suffering from", "living with"),
    W("suicide", "commit suicide", "die by suicide"),
    W("suicide", "commits suicide", "dies by suicide"),
    W("suicide", "committed suicide", "died by suicide"),
    W("suicide", "committing suicide", "dying by suicide"),
    W("attempt", "(?:failed|unsuccessful) .*attempt", "suicide attempt"),
    W("attempt", "(?:failed|unsuccessful) .*attempts", "suicide attempts"),
    W("attempt", "(?:successful|completed) .*(?:suicide|attempt)", "death by suicide"),
    W("attempt", "(?:successful|completed) .*(?:suicides|attempts)", "deaths by suicide"),
    W(
        "not_taking",
        r"(?:non|not)[-\s]?compliant",
        "not taking it as prescribed",
        not_after="with",
    ),
    W("declined", "refuse", "decline"),
    W("declined", "refuses", "declines"),
    W("declined", "refused", "declined"),
    W("declined", "refusing", "declining"),
    *_people("above_goal", ".*diabetic", ".*diabetics", "with diabetes and HbA1c above goal"),
    W("diabetes", "diabetics", "people with diabetes"),
    W("diabetes", "diabetic", "person with diabetes", before="a", not_after=PEOPLE),
    W("diabetes", "diabetic", "living with diabetes", before=IS, not_after=PEOPLE),
    W("obesity", ".*obese", "living with obesity", before=IS, not_after=PEOPLE),
    W("housing", "the homeless", "people without housing"),
    W("housing", rf"homeless ({PEOPLE})", "$1 without housing"),
    W("custody", "inmate", "person who is incarcerated"),
    W("custody", "inmates", "people who are incarcerated"),
    W("custody", r"felon|ex[-\s]?con(?:vict)?", "person who was incarcerated"),
    W("custody", r"felons|ex[-\s]?con(?:vict)?s", "people who were incarcerated"),
    *_people("urgent_visits", r".*[^s]", r".*s", "with many urgent visits"),
)
