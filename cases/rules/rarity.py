"""Facts that together may point at one person; pure, a warning that never blocks.

No word of them need be an identifier: a rare disease in a small place singles somebody out, and
passes every detector (deidentification.md, small cells; 45 CFR 164.514(b)(2)(ii), "actual
knowledge"). English only.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from cases.instruments.base import N_
from cases.rules.phrases import plain

WARNING: Final = N_("Taken together, this may point at one person.")
NOTE: Final = N_(
    "You know the place and the people: would a neighbour or a colleague recognise the person? "
    "Say it more generally where the answer to your question does not need it."
)

NOTES: Final[Mapping[str, str]] = {
    "unique.only": "unique",
    "unique.first": "unique",
    "unique.multiple": "multiple",
    "unique.news": "news",
    "unique.job": "office",
    "unique.fame": "unique",
}
"""The uniqueness cues of the identifier check (server/deid/rules/notes.json), by rule."""

SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "unique": (N_("said to be the only or the first one"), N_("leave out what is singular")),
    "multiple": (N_("a twin or triplet"), N_("say “a sibling”")),
    "news": (N_("something that was in the news"), N_("leave out what was reported")),
    "office": (N_("an office that one person holds"), N_("say “works in public service”")),
    "disease": (N_("a very rare disease"), N_("say the group of diseases, if that is enough")),
    "work": (N_("an occupation few people have"), N_("say what the work demands, not what it is")),
    "age": (N_("a very great age"), N_("90+ is enough")),
    "place": (N_("a small place"), N_("say nothing more about the place")),
    "language": (
        N_("a language few people speak"),
        N_("say only whether an interpreter is needed"),
    ),
}
"""What was seen → its words, and how to say it more generally; in the order of the warning."""

ALONE: Final = frozenset({"unique", "news", "office"})
"""Signs that single somebody out by themselves."""
RARE: Final = frozenset({"disease", "work", "multiple", "age"})
"""Signs that do so together with any other one. A small place and a language alone are common."""

DISEASE: Final = (
    r"huntington(?:'s)?|amyotrophic lateral sclerosis|motor neurone? disease|prader-?\s?willi|"
    r"angelman|rett syndrome|williams syndrome|fragile x|turner syndrome|klinefelter|noonan|"
    r"22q11\w*|digeorge|marfan|wilson(?:'s)? disease|(?:acute intermittent )?porphyri\w+|"
    r"creutzfeldt\w*|prion disease|cystic fibrosis|h(?:a)?emophili\w+|duchenne|muscular dystrophy|"
    r"myasthenia gravis|narcolepsy|kleine-?\s?levin|tuberous sclerosis|neurofibromatosis|"
    r"phenylketonuria|pku|gaucher|fabry|pompe disease|niemann-?\s?pick|mitochondrial (?:disease|"
    r"disorder|myopathy)|leber(?:'s)?|anti-?\s?nmda\w*|autoimmune encephalitis|osteogenesis "
    r"imperfecta|albinism|achondroplasia|dwarfism|moyamoya|cadasil|friedreich\w*|ataxia "
    r"telangiectasia|leprosy|hansen(?:'s)? disease|rabies|botulism|hantavirus|anthrax|ebola|"
    r"trisomy (?:13|18)|congenital adrenal hyperplasia|androgen insensitivity|"
    r"(?:heart|lung|face|hand|uterus) transplant\w*|stiff-?\s?person|capgras|cotard|"
    r"dissociative identity disorder|trichotillophagia|very rare (?:disease|disorder|condition)"
)
WORK: Final = (
    r"(?:airline |bush |helicopter |air force )?pilot|priest|pastor|rabbi|imam|monk|nun|deacon|"
    r"judge|prosecutor|public defender|police officer|deputy|state trooper|game warden|park ranger|"
    r"firefighter|paramedic|veterinarian|dentist|surgeon|anesthesiologist|physician|midwife|"
    r"school principal|headteacher|band director|football coach|journalist|news anchor|reporter|"
    r"politician|legislator|bull rider|jockey|professional (?:athlete|wrestler|boxer|player|dancer|"
    r"musician)|actor|actress|novelist|sculptor|medicine man|healer|shaman|chief|elder|"
    r"astronomer|smokejumper|lighthouse keeper|undertaker|mortician|train driver|ship's captain|"
    r"submariner|diver|prison guard|correctional officer|diplomat"
)
PLACE: Final = (
    r"villages?|hamlet|island|reservation|pueblo|small town|tiny (?:town|community|place)|tribe|"
    r"tribal community|remote (?:community|clinic|area|valley)|frontier|settlement|mining town|"
    r"one-?\s?school|close-?knit|everybody knows|everyone knows"
)
SMALL_AREAS: Final = ("frontier", "rural", "small_town")
"""Answers to `area` that stand for a small place."""

_PATTERNS: Final = {
    sign: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    for sign, words in (("disease", DISEASE), ("work", WORK), ("place", PLACE))
}


def signs(
    texts: Collection[str], notes: Collection[str], typed: Mapping[str, str | Sequence[str]]
) -> tuple[str, ...]:
    """Return the codes of SIGNS that together call for the warning; nothing when they do not.

    `texts` are the free texts of the case, `notes` the rules of the uniqueness cues found in
    them, `typed` the other answers by input.
    """
    found = {NOTES[rule] for rule in notes if rule in NOTES}
    for text in texts:
        readable = plain(text)
        found |= {sign for sign, pattern in _PATTERNS.items() if pattern.search(readable)}
    found |= {"place"} if typed.get("area") in SMALL_AREAS else set()
    found |= {"age"} if typed.get("age") == "90+" else set()
    found |= {"language"} if typed.get("language") == "other" else set()
    together = len(found) > 1 and not found.isdisjoint(RARE)
    if found.isdisjoint(ALONE) and not together:
        return ()
    return tuple(sign for sign in SIGNS if sign in found)
