"""The verdict: the only place where screened text is made."""

from collections.abc import Mapping, Sequence
from datetime import date

from server.deid import detect
from server.deid.models import (
    Clear,
    Decision,
    Finding,
    Held,
    ScanResult,
    ScreenedAnswers,
    ScreenedText,
    Tier,
    fingerprint,
    issue_seal,
)
from server.kit.errors import Conflict

MIN_REASON = 3
"""Characters a dispute's reason needs: "no" is not a reason."""

_SEAL = issue_seal()


def _disputed(finding: Finding, text_hash: str, disputes: Sequence[Decision]) -> bool:
    return finding.disputable and any(
        d.choice == "not_identifier"
        and (d.rule, d.start, d.end, d.text_hash)
        == (finding.rule, finding.start, finding.end, text_hash)
        and len(d.reason.strip()) >= MIN_REASON
        for d in disputes
    )


def decide(
    fields: Mapping[str, str],
    results: Mapping[str, ScanResult],
    disputes: Sequence[Decision] = (),
) -> Clear | Held:
    """Hold the whole form when any field has a blocking finding that is not validly disputed.

    `results` must be the scans of exactly these texts (detect.scan_fields); otherwise Conflict
    "deid.stale_scan". A dispute counts only on a name, date or age (domain.md §4.5), for exactly
    that rule, span and text, with a reason; every other dispute is ignored. `Held.findings` has
    the fields that hold, and in each only the findings that hold it.
    """
    held: dict[str, tuple[Finding, ...]] = {}
    review: dict[str, tuple[Finding, ...]] = {}
    screened: dict[str, ScreenedText] = {}
    for name, text in fields.items():
        result = results.get(name)
        text_hash = fingerprint(text)
        if result is None or result.text_hash != text_hash:
            raise Conflict("deid.stale_scan")
        holding = tuple(f for f in result.blocking if not _disputed(f, text_hash, disputes))
        if holding:
            held[name] = holding
        elif result.findings:
            review[name] = result.findings
        screened[name] = ScreenedText(text, text_hash, result.ruleset, _SEAL)
    if held:
        return Held(held)
    notes = {name: results[name].notes for name in fields if results[name].notes}
    kept = {
        (finding.rule, finding.start, finding.end, results[name].text_hash)
        for name, found in review.items()
        for finding in found
    }
    decisions = tuple(d for d in disputes if (d.rule, d.start, d.end, d.text_hash) in kept)
    return Clear(ScreenedAnswers(screened, _SEAL, review, notes, decisions))


def screen_fields(
    fields: Mapping[str, str],
    disputes: Sequence[Decision] = (),
    *,
    lang: str | None = None,
    today: date | None = None,
) -> Clear | Held:
    """Scan and decide in one step: what commands call."""
    return decide(fields, detect.scan_fields(fields, lang=lang, today=today), disputes)


def screen_line(
    text: str, *, lang: str | None = None, today: date | None = None
) -> ScreenedText | Held:
    """Screen a one-liner (recommendation, hand note, title): no disputes, one answer.

    A held line comes back as `Held` with its findings under the field name "text".
    """
    result = detect.scan(text, lang=lang, today=today)
    holding = tuple(f for f in result.findings if f.tier is Tier.BLOCK)
    if holding:
        return Held({"text": holding})
    return ScreenedText(text, result.text_hash, result.ruleset, _SEAL)


def restore(text: str, digest: str, ruleset: str) -> ScreenedText:
    """Rebuild screened text that was stored with its hash; used by `store` when loading.

    Raises Conflict "deid.hash_mismatch" when the text is not the one that was screened: a change
    behind the check's back voids the approval (deidentification.md §6).
    """
    if fingerprint(text) != digest:
        raise Conflict("deid.hash_mismatch")
    return ScreenedText(text, digest, ruleset, _SEAL)
