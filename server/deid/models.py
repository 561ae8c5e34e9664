"""What the identifier check speaks with: findings, decisions, and text that has passed it."""

import hashlib
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from enum import StrEnum
from typing import Literal, final


class Category(StrEnum):
    """The 18 Safe Harbor classes, 45 CFR 164.514(b)(2)(i), in the house's words.

    Facilities, schools and prisons are `geography`; employers and handles are `other`.
    """

    NAME = "name"
    GEOGRAPHY = "geography"
    DATE = "date"
    AGE_OVER_89 = "age_over_89"
    PHONE = "phone"
    FAX = "fax"
    EMAIL = "email"
    SSN = "ssn"
    MRN = "mrn"
    PLAN = "plan"
    ACCOUNT = "account"
    LICENSE = "license"
    VEHICLE = "vehicle"
    DEVICE = "device"
    URL = "url"
    IP = "ip"
    BIOMETRIC = "biometric"
    PHOTO = "photo"
    OTHER = "other"


DISPUTABLE = frozenset({Category.NAME, Category.DATE, Category.AGE_OVER_89})
"""What an author may dispute with a reason (domain.md §4.5); contacts and numbers never."""


class Tier(StrEnum):
    """`block` holds the text on the author's device; `review` travels to the human reviewer."""

    BLOCK = "block"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspected identifier at `text[start:end]`, offsets in Unicode code points.

    `suggestion` replaces exactly that span; None means that only the author can reword it.
    """

    start: int
    end: int
    category: Category
    tier: Tier
    rule: str
    suggestion: str | None = None

    @property
    def disputable(self) -> bool:
        """Say whether the author may dispute this finding with a reason."""
        return self.tier is Tier.BLOCK and self.category in DISPUTABLE


@dataclass(frozen=True, slots=True)
class Note:
    """A cue that the person may be unique ("the only …", twins, in the news); never a finding."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What one scan of one text found, in order of position, bound to that text by its hash.

    `lang` is the language in which the text was read. `until` is the year from whose New Year on a
    scan may find something else in the same text, because somebody in it is over 89 by then ("born
    in 1937"); None: it finds the same on every day to come.
    """

    text_hash: str
    ruleset: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    lang: str = "en"
    until: int | None = None

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Return the findings that hold the text."""
        return tuple(f for f in self.findings if f.tier is Tier.BLOCK)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a human said about one finding of the text whose hash is `text_hash`.

    Made for exactly that text: any change of the text voids it. `reason` is the human's words.
    """

    rule: str
    start: int
    end: int
    text_hash: str
    choice: Literal["not_identifier", "identifier"]
    reason: str


def fingerprint(text: str) -> str:
    """Return the SHA-256 of `text`, hexadecimal: what decisions and approvals are bound to."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@final
class Seal:
    """The right to make screened text; there is one in the process, held by verdict.py."""


_issued: list[Seal] = []


def issue_seal() -> Seal:
    """Hand out the one seal; verdict.py asks first, anybody later is refused.

    Raises RuntimeError on a second call.
    """
    if _issued:
        raise RuntimeError("the seal is taken: only server.deid.verdict makes screened text")
    _issued.append(Seal())
    return _issued[0]


@final
@dataclass(frozen=True, slots=True, repr=False)
class ScreenedText:
    """Text that has passed the check under one rule set; only verdict.py can make one.

    It says that the rules held nothing back, never that the text is de-identified.
    """

    text: str
    hash: str
    ruleset: str
    seal: InitVar[Seal]

    def __post_init__(self, seal: Seal) -> None:
        if not any(seal is issued for issued in _issued):
            raise TypeError("ScreenedText is made by server.deid.verdict only")

    def __repr__(self) -> str:
        return f"ScreenedText({self.hash[:12]}…)"


@final
@dataclass(frozen=True, slots=True)
class ScreenedAnswers:
    """Every field of a form that passed, and what the reviewer must look at.

    `review` holds, per field, the findings that did not hold the text: review tier, and disputed
    blocks (their tier stays `block`; the reason is in `decisions`).
    """

    fields: Mapping[str, ScreenedText]
    seal: InitVar[Seal]
    review: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()

    def __post_init__(self, seal: Seal) -> None:
        if not any(seal is issued for issued in _issued):
            raise TypeError("ScreenedAnswers is made by server.deid.verdict only")

    def __getitem__(self, name: str) -> ScreenedText:
        return self.fields[name]


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing holds the text back."""

    screened: ScreenedAnswers


@dataclass(frozen=True, slots=True)
class Held:
    """At least one blocking finding, by field; the text must not be stored (contract of §4.5)."""

    findings: Mapping[str, tuple[Finding, ...]]

    def counts(self) -> dict[str, int]:
        """Return how many findings of each category: all that the audit may know."""
        counts: dict[str, int] = {}
        for found in self.findings.values():
            for finding in found:
                counts[finding.category.value] = counts.get(finding.category.value, 0) + 1
        return counts
