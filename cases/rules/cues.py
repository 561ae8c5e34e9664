"""Words that may mean danger to the person or to others; pure (domain.md §10.2, "free-text cue words").

A cue warns the author and offers the flag; it never raises it by itself. "Denies suicidal ideation"
stands in most careful notes, so a cue that is plainly negated does not warn. English only.
"""

import re
from dataclasses import dataclass
from typing import Final

from cases.instruments.base import N_
from cases.rules.phrases import Phrase, find, plain

WARNING: Final = N_(
    "These words can mean danger. If the person or somebody else may be in danger, raise the "
    "safety flag and say what was done."
)

P = Phrase
_SELF = r"(?:him|her|them|my|your|one|it)?sel(?:f|ves)"
_OWN = "(?:his|her|their|my|your)(?: own)?"

CUES: Final = (
    P("suicide", r"suicid\w*", not_after=r"prevention|hotline|(?:& )?crisis lifeline|lifeline"),
    P("suicide", "SI", exact=True, not_after=r"joints?|units?|injections?|dysfunction|pain"),
    P(
        "suicide",
        rf"(?:kill|hang|shoot|drown|poison)(?:s|ed|ing)? {_SELF}|shot {_SELF}|hung {_SELF}",
    ),
    P(
        "suicide",
        rf"(?:end|ends|ended|ending|take|takes|took|taking) {_OWN} li(?:fe|ves)|end it all",
    ),
    P("suicide", r"want(?:s|ed|ing)? to die|wish(?:es|ed|ing)? to die|rather be dead"),
    P("suicide", r"wish(?:es|ed)? (?:that )?(?:he|she|they|i) (?:was|were|is|could be) dead"),
    P(
        "suicide",
        r"better off (?:dead|without (?:me|him|her|them))|no (?:reason|point) (?:to|in) liv\w+",
    ),
    P(
        "suicide",
        r"(?:not|n't|no longer) want(?:s|ed|ing)? to (?:live|be alive|be here|wake up|go on living)",
    ),
    P(
        "suicide",
        r"n't want to (?:live|be alive|be here|wake up|go on living)|(?:don't|doesn't|"
        r"didn't) want to (?:live|be alive|be here|wake up|go on living)",
    ),
    P("suicide", r"(?:goodbye|farewell) (?:letters?|notes?)"),
    P("self_harm", r"self[-\s](?:harm\w*|injur\w+|mutilat\w+)"),
    P(
        "self_harm",
        rf"(?:cut|cuts|cutting|hurt|hurts|hurting|harm|harms|harming|harmed|burn|burns|burning|burned) {_SELF}",
    ),
    P("overdose", r"overdos(?:e|es|ed|ing)|\bod'?d\b"),
    P("harm_to_others", r"homicid\w*"),
    P(
        "harm_to_others",
        r"(?:kill|kills|killing|hurt|hurting|harm|harming|shoot|shooting|stab|stabbing) (?:someone|"
        r"somebody|others|people|(?:his|her|their|my) (?:wife|husband|partner|mother|father|"
        r"parents?|child|children|kids?|baby|son|daughter|brother|sister|boss|neighbou?rs?|ex))",
    ),
)


@dataclass(frozen=True, slots=True)
class Cue:
    """Code points `start` to `end` of the text, and what they may be about."""

    start: int
    end: int
    kind: str


REACH: Final = 80
"""Characters before a cue in which a negation is looked for: about twelve words."""

# A clause ends here; "denies pain but suicidal" and "denies pain, was suicidal" negate nothing.
CLAUSE: Final = (
    r"[.;:!?\n]|\b(?:but|however|although|though|yet|except|now|then|is|was|are|were|has|had|feels?|"
    r"felt|reports|endorses|says|said|admits|he|she|they|i)\b(?! no\b)"
)
# These reach over a list with commas: "denies depression, anxiety, or SI".
LISTED: Final = r"\b(?:den(?:y|ies|ied|ying)|negative for|reports no|reported no)\b"
# These must stand next to the cue; "not sleeping and suicidal" negates nothing.
_FILLER: Final = (
    r"any|current(?:ly)?|active(?:ly)?|acute(?:ly)?|passive|recent|known|prior|previous|past|further|"
    r"history|signs?|evidence|thoughts?|plans?|intent(?:ion)?|urges?|ideas?|ideation|wish|attempts?|"
    r"attempted|tried|been|ever|of|to|or|and|about|at|si|hi|overdos\w*|suicid\w*|homicid\w*|self-harm|longer"
)
NEXT_TO: Final = (
    rf"\b(?:no|not|never|nor|neither|without|isn't|wasn't|absence of|free of)[\s/]+"
    rf"(?:(?:{_FILLER})[\s/,]+){{0,7}}$"
)
AFTERWARDS: Final = (
    r"\s*(?:ideation|thoughts?|intent|plans?|risk)?\s*(?:[:=–-]\s*|(?:is|was|were|are)\s+)"
    r"(?:no\b|none|nil|denied|negative|absent|not (?:present|reported))"
)
_CLAUSE: Final = re.compile(CLAUSE, re.IGNORECASE)
_LISTED: Final = re.compile(LISTED, re.IGNORECASE)
_NEXT_TO: Final = re.compile(NEXT_TO, re.IGNORECASE)
_AFTERWARDS: Final = re.compile(AFTERWARDS, re.IGNORECASE)


def _negated(text: str, start: int, end: int) -> bool:
    left = text[max(0, start - REACH) : start]
    clause = left[max((m.end() for m in _CLAUSE.finditer(left)), default=0) :]
    return (
        _LISTED.search(clause) is not None
        or _NEXT_TO.search(left) is not None
        or _AFTERWARDS.match(text, end) is not None
    )


def cues(text: str) -> tuple[Cue, ...]:
    """Return the words of a text that may mean danger and are not plainly negated."""
    readable = plain(text)
    return tuple(
        Cue(hit.start, hit.end, hit.phrase.key)
        for hit in find(text, CUES)
        if not _negated(readable, hit.start, hit.end)
    )
