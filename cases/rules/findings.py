"""Identifier findings as people decide them: named, excerpted, fixed, disputed.

A finding is named by where it stands and what it matched, not by its offset, so that a decision
survives edits elsewhere in the same text while the author works. What is stored is bound to the
exact text again (`server.deid.models.Decision`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cases.instruments.base import N_
from cases.rules.fields import Option
from cases.rules.models import Decision
from server.deid import models as deid
from server.kit.ids import PersonId

REASONS: Final = (
    Option("ordinary_word", N_("An ordinary word")),
    Option("medical_term", N_("A medicine, condition, scale or method")),
    Option("number", N_("A dose, score or measure, not a date")),
    Option("wide_place", N_("A state, a country or larger")),
    Option("public_name", N_("A public service or programme, not this person's")),
    Option("other", N_("Something else that identifies nobody")),
)
"""Why a finding is no identifier: codes, because a free text could itself hold an identifier."""

WORDS: Final[Mapping[str, str]] = {
    "name": N_("This looks like a name. Say the role instead."),
    "geography": N_("This looks like a place or facility. Say what kind of place instead."),
    "date": N_("This looks like a date. Say how long ago instead."),
    "age_over_89": N_("Ages over 89 are written 90+."),
    "phone": N_("This looks like a telephone number. Take it out."),
    "fax": N_("This looks like a fax number. Take it out."),
    "email": N_("This looks like an e-mail address. Take it out."),
    "ssn": N_("This looks like a social security number. Take it out."),
    "mrn": N_("This looks like a record number. Take it out."),
    "plan": N_("This looks like a plan number. Take it out."),
    "account": N_("This looks like an account number. Take it out."),
    "license": N_("This looks like a licence number. Take it out."),
    "vehicle": N_("This looks like a number plate. Take it out."),
    "device": N_("This looks like a serial number. Take it out."),
    "url": N_("This looks like a web address. Take it out."),
    "ip": N_("This looks like a network address. Take it out."),
    "biometric": N_("This looks like a biometric mark. Take it out."),
    "photo": N_("This looks like a picture of a person. Take it out."),
    "other": N_("This could identify the person. Say it more generally."),
}
"""One sentence a category: what it looks like, what to do."""

_AROUND = 32
"""Characters of context on each side of an excerpt."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """One finding, ready to be shown to the person who wrote or checks the text.

    `decided` is the code of the author's reason, or empty. `suggestion` None: only rewording
    helps; the empty text: take it out.
    """

    key: str
    path: str
    start: int
    end: int
    category: str
    rule: str
    blocking: bool
    disputable: bool
    suggestion: str | None
    before: str
    found: str
    after: str
    decided: str = ""

    @property
    def open(self) -> bool:
        """Whether it still stands in the way of the author's submission."""
        return not self.decided or (self.blocking and not self.disputable)


def flag(
    texts: Mapping[str, str],
    results: Mapping[str, deid.ScanResult],
    decided: Mapping[str, str] = {},
) -> tuple[Flagged, ...]:
    """Return the findings of a set of texts, in the order of the texts.

    `decided` maps finding keys to reason codes; codes that are not in REASONS count for nothing.
    """
    codes = {option.value for option in REASONS}
    found = []
    for path, text in texts.items():
        seen: dict[str, int] = {}
        for finding in results[path].findings:
            words = text[finding.start : finding.end]
            stem = f"{path}|{finding.rule}|{words}"
            seen[stem] = nth = seen.get(stem, 0) + 1
            key = hashlib.sha256(f"{stem}|{nth}".encode()).hexdigest()[:16]
            reason = decided.get(key, "")
            found.append(
                Flagged(
                    key=key,
                    path=path,
                    start=finding.start,
                    end=finding.end,
                    category=finding.category.value,
                    rule=finding.rule,
                    blocking=finding.tier is deid.Tier.BLOCK,
                    disputable=finding.disputable,
                    suggestion=finding.suggestion,
                    before=_left(text, finding.start),
                    found=words,
                    after=_right(text, finding.end),
                    decided=reason if reason in codes else "",
                )
            )
    return tuple(found)


def with_reason(finding: Flagged, reason: str) -> Flagged:
    """Return a finding together with the reason its author gave."""
    return replace(finding, decided=reason)


def _left(text: str, start: int) -> str:
    cut = max(0, start - _AROUND)
    return ("…" if cut else "") + text[cut:start]


def _right(text: str, end: int) -> str:
    cut = end + _AROUND
    return text[end:cut] + ("…" if cut < len(text) else "")


def disputes(
    flagged: Iterable[Flagged], results: Mapping[str, deid.ScanResult]
) -> tuple[deid.Decision, ...]:
    """Return the author's decisions as the identifier check wants them: bound to the text."""
    return tuple(
        deid.Decision(
            rule=f.rule,
            start=f.start,
            end=f.end,
            text_hash=results[f.path].text_hash,
            choice="not_identifier",
            reason=f.decided,
        )
        for f in flagged
        if f.decided
    )


def decisions(
    flagged: Iterable[Flagged], verdicts: Mapping[str, str], by: PersonId, at: datetime
) -> tuple[Decision, ...]:
    """Return what to keep about decided findings; `verdicts` maps finding keys to verdicts."""
    return tuple(
        Decision(
            path=f.path,
            start=f.start,
            end=f.end,
            category=f.category,
            rule=f.rule,
            tier="block" if f.blocking else "review",
            verdict=verdicts[f.key],
            reason=f.decided,
            by=by,
            at=at,
        )
        for f in flagged
        if f.key in verdicts
    )


def counts(flagged: Iterable[Flagged]) -> dict[str, int]:
    """Return how many findings of each category: all that the audit may know."""
    found: dict[str, int] = {}
    for f in flagged:
        found[f.category] = found.get(f.category, 0) + 1
    return found


def fixed(text: str, finding: Flagged) -> str:
    """Return `text` with the suggestion in the place of the finding."""
    return text[: finding.start] + (finding.suggestion or "") + text[finding.end :]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text; `mark` is the key of the finding it belongs to, or empty."""

    text: str
    mark: str = ""


def segments(text: str, flagged: Iterable[Flagged]) -> tuple[Segment, ...]:
    """Cut a text at its findings, for marking; the pieces joined are the text again."""
    out: list[Segment] = []
    place = 0
    for f in sorted(flagged, key=lambda f: (f.start, f.end)):
        start = max(f.start, place)
        if f.end <= place:
            continue
        if start > place:
            out.append(Segment(text[place:start]))
        out.append(Segment(text[start : f.end], f.key))
        place = f.end
    if place < len(text):
        out.append(Segment(text[place:]))
    return tuple(out)
