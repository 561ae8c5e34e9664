"""The verdict: what holds, what an author may dispute, and who can make screened text."""

import copy
import dataclasses
from datetime import date

import pytest

from server.deid import models
from server.deid.detect import scan_fields
from server.deid.models import (
    Category,
    Clear,
    Decision,
    Held,
    ScreenedAnswers,
    ScreenedText,
    Tier,
    fingerprint,
)
from server.deid.verdict import decide, restore, screen_fields, screen_line
from server.kit.errors import Conflict

TODAY = date(2026, 11, 24)


def dispute(text: str, index: int = 0, reason: str = "a street fair, not a person") -> Decision:
    finding = scan_fields({"x": text}, today=TODAY)["x"].findings[index]
    return Decision(
        finding.rule, finding.start, finding.end, fingerprint(text), "not_identifier", reason
    )


def test_clean_fields_clear():
    outcome = screen_fields({"question": "Which first?", "story": "PHQ-9 17/27"}, today=TODAY)
    assert isinstance(outcome, Clear)
    assert {n: t.text for n, t in outcome.screened.fields.items()} == {
        "question": "Which first?",
        "story": "PHQ-9 17/27",
    }
    assert outcome.screened["story"].hash == fingerprint("PHQ-9 17/27")
    assert (outcome.screened.review, outcome.screened.notes, outcome.screened.decisions) == (
        {},
        {},
        (),
    )


def test_one_blocking_finding_holds_the_whole_form_and_only_its_fields_are_named():
    outcome = screen_fields({"a": "Maria sleeps badly, call 505-555-0199", "b": "fine"})
    assert isinstance(outcome, Held)
    assert [(n, [f.rule for f in found]) for n, found in outcome.findings.items()] == [
        ("a", ["phone.nanp"])
    ]
    assert outcome.counts() == {"phone": 1}


def test_review_findings_do_not_hold_and_travel_with_the_answers():
    outcome = screen_fields({"a": "Maria sleeps badly", "b": "the only dentist in the county"})
    assert isinstance(outcome, Clear)
    assert [f.tier for f in outcome.screened.review["a"]] == [Tier.REVIEW]
    assert [n.rule for n in outcome.screened.notes["b"]] == ["unique.only"]


@pytest.mark.parametrize(
    "text", ["Mrs Quintana asked", "seen on March 3, 2026", "a 93-year-old woman"]
)
def test_a_name_a_date_or_an_age_may_be_disputed_with_a_reason(text):
    decision = dispute(text)
    outcome = screen_fields({"x": text}, [decision], today=TODAY)
    assert isinstance(outcome, Clear)
    assert [f.tier for f in outcome.screened.review["x"]] == [Tier.BLOCK]
    assert outcome.screened.decisions == (decision,)


@pytest.mark.parametrize(
    "text",
    [
        "call 505-555-0199",
        "rosa@example.org",
        "MRN 448812",
        "SSN 123-45-6789",
        "at 12 Maple Street",
        "https://example.org/a",
    ],
)
def test_contacts_numbers_and_addresses_cannot_be_disputed(text):
    assert isinstance(screen_fields({"x": text}, [dispute(text)], today=TODAY), Held)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "  "},
        {"reason": "no"},
        {"choice": "identifier"},
        {"start": 1},
        {"end": 3},
        {"rule": "name.other"},
        {"text_hash": fingerprint("another text")},
    ],
)
def test_a_dispute_counts_only_for_that_rule_span_and_text_with_a_reason(change):
    text = "Mrs Quintana asked"
    decision = dataclasses.replace(dispute(text), **change)
    assert isinstance(screen_fields({"x": text}, [decision], today=TODAY), Held)


def test_disputing_one_finding_leaves_the_other_holding():
    text = "Mrs Quintana and Dr. Abernathy asked"
    outcome = screen_fields({"x": text}, [dispute(text)], today=TODAY)
    assert isinstance(outcome, Held)
    assert [text[f.start : f.end] for f in outcome.findings["x"]] == ["Dr. Abernathy"]


def test_decisions_about_other_texts_are_not_kept():
    outcome = screen_fields({"x": "sleeps badly"}, [dispute("Mrs Quintana asked")], today=TODAY)
    assert isinstance(outcome, Clear)
    assert outcome.screened.decisions == ()


def test_a_scan_of_another_text_is_refused():
    stale = scan_fields({"x": "sleeps well"})
    with pytest.raises(Conflict, match=r"^deid\.stale_scan$"):
        decide({"x": "Mrs Quintana"}, stale)
    with pytest.raises(Conflict, match=r"^deid\.stale_scan$"):
        decide({"y": "sleeps well"}, stale)


def test_a_line_is_screened_or_held():
    line = screen_line("raise sertraline to 100 mg", today=TODAY)
    assert isinstance(line, ScreenedText)
    assert line.text == "raise sertraline to 100 mg"
    held = screen_line("call Mrs Quintana", today=TODAY)
    assert isinstance(held, Held)
    assert [f.category for f in held.findings["text"]] == [Category.NAME]


def test_stored_text_comes_back_only_unchanged():
    line = screen_line("taper slowly")
    assert isinstance(line, ScreenedText)
    assert restore(line.text, line.hash, line.ruleset) == line
    with pytest.raises(Conflict, match=r"^deid\.hash_mismatch$"):
        restore("taper fast", line.hash, line.ruleset)


def test_nobody_else_makes_screened_text():
    with pytest.raises(TypeError, match="verdict only"):
        ScreenedText("Mrs Quintana", "", "", models.Seal())
    with pytest.raises(TypeError, match="verdict only"):
        ScreenedAnswers({}, models.Seal())
    with pytest.raises(RuntimeError, match="seal is taken"):
        models.issue_seal()
    line = screen_line("taper slowly")
    assert isinstance(line, ScreenedText)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(line, text="Mrs Quintana")
    with pytest.raises(dataclasses.FrozenInstanceError):
        line.text = "Mrs Quintana"


def test_copies_keep_the_text_they_had():
    line = screen_line("taper slowly")
    assert copy.deepcopy(line) == line


def test_screened_text_does_not_show_itself_in_logs():
    line = screen_line("taper slowly")
    outcome = screen_fields({"x": "taper slowly"})
    assert "taper" not in repr(line)
    assert "taper" not in repr(outcome)
