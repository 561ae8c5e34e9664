"""Identifier findings as people decide them: named, excerpted, fixed, disputed.

A finding is named by where it stands and what it matched, not by its offset, so that a decision
survives edits elsewhere in the same text while the author works. What is stored is bound to the
exact text again (`server.deid.models.Decision`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
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
    if not cut:
        return text[:start]
    # From the next whole word, when there is one.
    words = text[cut:start]
    return "…" + (words.partition(" ")[2] or words)


def _right(text: str, end: int) -> str:
    cut = end + _AROUND
    if cut >= len(text):
        return text[end:]
    words = text[end:cut]
    return (words.rpartition(" ")[0] or words) + "…"


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
class Noted:
    """A place for the reviewer's eyes that is no finding: nobody has to decide about it.

    `look`: a word just below the limit of the word model; else a cue that the person is unique.
    """

    key: str
    path: str
    start: int
    end: int
    rule: str
    look: bool
    before: str
    found: str
    after: str


def noted(path: str, text: str, notes: Iterable[deid.Note], *, look: bool) -> tuple[Noted, ...]:
    """Return the notes of one text, ready to be shown; one place under two rules is shown once."""
    places = {(note.start, note.end): note.rule for note in notes}
    return tuple(
        Noted(
            key=f"{'look' if look else 'unique'}|{path}|{start}|{end}",
            path=path,
            start=start,
            end=end,
            rule=rule,
            look=look,
            before=_left(text, start),
            found=text[start:end],
            after=_right(text, end),
        )
        for (start, end), rule in places.items()
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text; `mark` is the key of what it belongs to, or empty.

    `first`: whether this is where that thing begins; overlapping marks can cut one in pieces.
    """

    text: str
    mark: str = ""
    first: bool = True


def segments(text: str, *layers: Iterable[Flagged | Noted]) -> tuple[Segment, ...]:
    """Cut a text at what is marked in it; the pieces joined are the text again.

    Where marks overlap, those of an earlier layer stay whole, and in one layer the earlier mark.
    """
    owner = [""] * len(text)
    for layer in layers:
        for mark in sorted(layer, key=lambda m: (m.start, m.end)):
            for place in range(mark.start, mark.end):
                owner[place] = owner[place] or mark.key
    out: list[Segment] = []
    seen: set[str] = set()
    place = 0
    for key, run in groupby(owner):
        end = place + sum(1 for _ in run)
        out.append(Segment(text[place:end], key, key not in seen))
        seen.add(key)
        place = end
    return tuple(out)
