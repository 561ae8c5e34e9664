"""What the helps while writing say, in the reader's language; static/cases/writing.js reads it."""

from typing import Any

from cases.library.likeness import Kind
from cases.rules import cues, person_first, rarity, safety
from cases.rules.person_first_words import PREFER
from cases.rules.question_coach import ADVICE, GOOD
from cases.rules.question_coach_asks import ASKS
from cases.web.advice_words import QUESTION_TYPES
from server.edge.i18n import gettext


def prefer(key: str) -> str:
    """Return the ways to say it for a row of the person-first table: `in remission; not using`."""
    return "; ".join(gettext(words) for words in PREFER[key])


def signs(found: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return what was seen and how to say it more generally, for codes of rarity.SIGNS."""
    return tuple(
        (gettext(rarity.SIGNS[sign][0]), gettext(rarity.SIGNS[sign][1])) for sign in found
    )


def why(kind: Kind, label: str) -> tuple[str, str]:
    """Return (kind, words) of one thing two cases share."""
    if kind is Kind.QUESTION:
        label = gettext(QUESTION_TYPES[label]) if label in QUESTION_TYPES else label
    return kind.value, label


def helps_words() -> dict[str, Any]:
    """Return every sentence the browser needs; {n}, {all}, {words} are filled in there."""
    return {
        "coach": {
            "title": gettext("Your question"),
            "good": gettext(GOOD),
            **{code: gettext(words) for code, words in ADVICE.items()},
        },
        "asks": {
            "title": gettext("What the hub will ask"),
            "count": gettext("{n} of {all} are in your answers"),
            "there": gettext("there"),
            "missing": gettext("not there yet"),
            "lead": gettext("Nothing here is required. What is there saves time in the session."),
            "labels": {ask.key: gettext(ask.label) for ask in ASKS},
        },
        "hints": {
            "title": gettext("Words that put the person first"),
            "note": gettext(person_first.NOTE),
            "replace": gettext("Replace with “{words}”"),
            "leave": gettext("Leave it"),
            "better": gettext("Better: {words}"),
            "more": gettext("and {n} more"),
            "prefer": {key: prefer(key) for key in PREFER},
        },
        "cues": {
            "title": gettext("Is the person safe now?"),
            "card": gettext(safety.CARD),
            "warning": gettext(cues.WARNING),
            "found": gettext("Your text says: {words}"),
            "answer": gettext("Go to the question about suicide and self-harm"),
            "read": gettext("I have read this"),
        },
        "rarity": {
            "title": gettext(rarity.WARNING),
            "note": gettext(rarity.NOTE),
            "leave": gettext("I have thought of it"),
            "signs": {
                sign: [gettext(seen), gettext(instead)]
                for sign, (seen, instead) in rarity.SIGNS.items()
            },
        },
        "similar": {
            "one": gettext("One similar case was answered"),
            "many": gettext("{n} similar cases were answered"),
            "held": gettext(
                "Similar cases are looked for once the marked places in question, diagnoses and "
                "medicines are fixed."
            ),
            "note": gettext(
                "Looked for with your question, its kind, diagnoses and medicines. Your story "
                "stays here."
            ),
            "why": gettext("In common"),
            "new_tab": gettext("opens in a new tab"),
        },
        "slots": {
            "title": gettext("Present on {day}?"),
            "note": gettext(
                "Nothing is reserved: the coordinator gives the place when the case is accepted."
            ),
        },
    }
