"""The tables of the helps while writing as one piece of JSON for the browser; pure.

static/cases/phrases.js, person-first.js and coach.js read it and answer the same vectors as the
rules here (tests/vectors/writing). Words for the reader travel apart, in the reader's language.
"""

import json
from typing import Any, Final

from cases.rules import cues, person_first, phrases, rarity
from cases.rules import question_coach_words as coach
from cases.rules.person_first_replace import WAYS
from cases.rules.person_first_words import PHRASES, PROPER_NAMES
from cases.rules.phrases import Phrase
from cases.rules.question_coach_asks import ASKS, LABS, TEXTS

_CONDITIONS: Final = ("before", "after", "not_before", "not_after")


def _phrase(phrase: Phrase) -> dict[str, Any]:
    around = {name: getattr(phrase, name) for name in _CONDITIONS if getattr(phrase, name)}
    exact = {"exact": True} if phrase.exact else {}
    return {"key": phrase.key, "words": phrase.words, **around, **exact}


def tables() -> dict[str, Any]:
    """Return every table by its name."""
    return {
        "near": phrases.NEAR,
        "person_first": {
            "phrases": [_phrase(phrase) for phrase in PHRASES],
            "names": list(PROPER_NAMES),
            "quotes": person_first.QUOTES,
            "ways": [
                {
                    "key": way.key,
                    "found": way.found,
                    "words": way.words,
                    **({"before": way.before} if way.before else {}),
                    **({"not_after": way.not_after} if way.not_after else {}),
                }
                for way in WAYS
            ],
            "article": person_first.ARTICLE,
            "vowel": person_first.VOWEL,
            "own_words": sorted(person_first.OWN_WORDS),
        },
        "cues": {
            "phrases": [_phrase(phrase) for phrase in cues.CUES],
            "reach": cues.REACH,
            "clause": cues.CLAUSE,
            "listed": cues.LISTED,
            "next_to": cues.NEXT_TO,
            "afterwards": cues.AFTERWARDS,
        },
        "coach": {
            "chained": coach.CHAINED,
            "vague": coach.VAGUE,
            "decision": coach.DECISION,
            "subject": coach.SUBJECT,
            "fewest_words": coach.FEWEST_WORDS,
            "longest": coach.LONGEST,
            "lab_row": [LABS.code, LABS.value],
            "texts": list(TEXTS),
            "asks": [
                {
                    "key": ask.key,
                    **({"kinds": list(ask.kinds)} if ask.kinds else {}),
                    **({"modules": list(ask.modules)} if ask.modules else {}),
                    **({"fields": list(ask.fields)} if ask.fields else {}),
                    **({"words": ask.words} if ask.words else {}),
                }
                for ask in ASKS
            ],
        },
        "rarity": {
            "notes": dict(rarity.NOTES),
            "signs": list(rarity.SIGNS),
            "alone": sorted(rarity.ALONE),
            "rare": sorted(rarity.RARE),
            "patterns": {
                "disease": rarity.DISEASE,
                "work": rarity.WORK,
                "place": rarity.PLACE,
            },
            "areas": list(rarity.SMALL_AREAS),
        },
    }


def browser_words() -> str:
    """Return the tables as compact JSON."""
    return json.dumps(tables(), ensure_ascii=False, separators=(",", ":"))
