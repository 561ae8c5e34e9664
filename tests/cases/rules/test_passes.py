"""Who has passed a text is enough, or not: bound to text and rules, never the author, two at times."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import findings, passes, turnaround
from cases.rules.lifecycle import Guard
from cases.rules.models import CaseState, Pass
from server.deid import detect
from server.deid.models import Note
from server.kit.errors import Conflict, Invalid
from server.kit.ids import PersonId

NOON = datetime(2031, 3, 5, 19, tzinfo=UTC)
ANN, BEN, EVE = map(PersonId, ("ann", "ben", "eve"))
AUTHOR = EVE


def given_by(
    person: PersonId,
    text: str = "this",
    rules: str = "new",
    hours: int = 0,
    until: int | None = None,
) -> Pass:
    return Pass(person, NOON + timedelta(hours=hours), text, rules, until)


def weigh(*given: Pass, reasons: tuple[str, ...] = (), year: int = 2031) -> passes.Standing:
    return passes.standing(
        given, content_hash="this", ruleset="new", year=year, reasons=reasons, author=AUTHOR
    )


a_pass = st.builds(
    Pass,
    st.sampled_from([ANN, BEN, EVE]),
    st.integers(-99, 99).map(lambda hours: NOON + timedelta(hours=hours)),
    st.sampled_from(["this", "other"]),
    st.sampled_from(["new", "old"]),
    st.sampled_from([None, 2031, 2032]),
)


@given(st.lists(a_pass, max_size=8), st.sampled_from([(), ("child",), ("rare_disease",)]))
def test_it_is_enough_when_enough_others_read_this_text_with_these_rules(
    given: list[Pass], reasons: tuple[str, ...]
) -> None:
    counting = {
        p.by
        for p in given
        if (p.content_hash, p.ruleset) == ("this", "new")
        and p.until in (None, 2032)
        and p.by != AUTHOR
    }
    found = weigh(*given, reasons=reasons)
    assert {p.by for p in found.passed} == counting
    assert found.complete == (len(counting) >= (2 if reasons else 1))
    assert (set(found.facts()) == {Guard.SECOND_READER, Guard.RULES_OF_TODAY}) == found.complete
    assert not {p.by for p in found.passed} & {p.by for p in found.older}


def test_what_is_missing_has_its_own_name() -> None:
    assert weigh(given_by(ANN), reasons=("child",)).facts() == (Guard.RULES_OF_TODAY,)
    assert weigh(given_by(ANN, rules="old")).facts() == (Guard.SECOND_READER,)
    both = weigh(given_by(ANN, rules="old"), given_by(BEN), reasons=("child",))
    assert (both.older_rules, both.facts()) == (True, (Guard.SECOND_READER,))
    assert weigh().facts() == (Guard.SECOND_READER,)


@given(st.none() | st.integers(2032, 2040), st.integers(2031, 2041))
def test_a_pass_holds_until_the_rules_find_something_else(until: int | None, year: int) -> None:
    found = weigh(given_by(ANN, until=until), year=year)
    holds = until is None or year < until
    assert (found.complete, found.older_rules) == (holds, not holds)
    assert passes.may_pass_again(CaseState.ACCEPTED, found, ANN) == (not holds)


def test_one_person_is_not_two_pairs_of_eyes() -> None:
    once = weigh(given_by(ANN), reasons=("child",))
    twice = weigh(given_by(ANN), given_by(ANN, hours=1), reasons=("child",))
    for found in (once, twice):
        assert not found.complete
        with pytest.raises(Conflict, match=r"case\.passed_already"):
            passes.ensure_may_pass_again(CaseState.SUBMITTED, found, ANN)
        passes.ensure_may_pass_again(CaseState.SUBMITTED, found, BEN)


@pytest.mark.parametrize("state", list(CaseState))
def test_a_further_pass_only_where_it_helps(state: CaseState) -> None:
    helps = state in ("submitted", "in_review", "accepted", "scheduled")
    assert passes.may_pass_again(state, weigh(given_by(ANN, rules="old")), ANN) == helps
    assert not passes.may_pass_again(state, weigh(given_by(ANN)), BEN)


@given(st.integers(0, 90), st.frozensets(st.sampled_from(sorted(passes.REASONS))))
def test_a_child_needs_two_and_marks_stay(age: int, kept: frozenset[str]) -> None:
    found = passes.of_answers(age, kept)
    assert ("child" in found) == (age < 18)
    assert set(found) - {"child"} == kept - {"child"}
    assert set(passes.of_answers(None, kept)) == kept


def test_only_known_reasons_are_marks() -> None:
    assert passes.marked(("child",), ["tiny_community", "rare_disease"]) == (
        "child",
        "rare_disease",
        "tiny_community",
    )
    for unknown in ("child", "because", ""):
        with pytest.raises(Invalid, match=r"case\.mark_unknown"):
            passes.marked((), [unknown])


# -- the clock -----------------------------------------------------------------------------------


@given(
    st.integers(0, 9999).map(lambda hours: NOON + timedelta(hours=hours)),
    st.sampled_from(["America/Denver", "Africa/Kigali", "Pacific/Auckland"]),
)
def test_the_due_day_is_the_second_working_day_after(since: datetime, zone: str) -> None:
    day = turnaround.due_day(since, zone)
    assert day.weekday() < 5
    evening = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    assert turnaround.working_days(since, evening, zone) == 2
    clock = turnaround.due(since, evening, zone)
    assert (clock.day, clock.pace, clock.today) == (day, turnaround.Pace.ON_TIME, True)


def test_a_weekend_stops_the_clock_and_the_zone_decides_the_day() -> None:
    friday_evening_in_denver = datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert turnaround.due_day(friday_evening_in_denver, "America/Denver") == date(2026, 11, 24)
    assert turnaround.due_day(friday_evening_in_denver, "UTC") == date(2026, 11, 24)
    monday = datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert turnaround.due_day(monday, "America/Denver") == date(2026, 11, 25)
    assert turnaround.due_day(monday, "Pacific/Auckland") == date(2026, 11, 26)
    paces = [turnaround.due(monday, monday + timedelta(days=n), "UTC").pace for n in range(8)]
    assert paces == ["on_time"] * 3 + ["late"] * 4 + ["very_late"]


# -- marks in a text -----------------------------------------------------------------------------


@given(
    st.text("ab cd", max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=6),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=6),
)
def test_pieces_joined_are_the_text_and_upper_layers_stay_whole(
    text: str, upper: list[tuple[int, int]], lower: list[tuple[int, int]]
) -> None:
    def notes(places: list[tuple[int, int]], *, look: bool) -> tuple[findings.Noted, ...]:
        spans = [(a, min(a + n, len(text))) for a, n in places if a < len(text) and n]
        made = [Note(a, b, "unique.only") for a, b in spans]
        return findings.noted("story", text, made, look=look)

    cues, looks = notes(upper, look=False), notes(lower, look=True)
    pieces = findings.segments(text, cues, looks)
    assert "".join(piece.text for piece in pieces) == text
    place = 0
    covered: dict[str, int] = {}
    for piece in pieces:
        for at in range(place, place + len(piece.text)):
            under = [m.key for m in cues if m.start <= at < m.end]
            below = [m.key for m in looks if m.start <= at < m.end]
            assert piece.mark in (under or below or [""])
        place += len(piece.text)
        if piece.mark and piece.first:
            covered[piece.mark] = covered.get(piece.mark, 0) + 1
    assert set(covered.values()) <= {1}


def test_the_second_look_never_repeats_a_finding() -> None:
    text = "Ms. Chance came. Will came by, Rose too. Aunt bee watches the kids."
    result = detect.scan(text)
    looks = findings.noted("story", text, detect.second_look(text, result), look=True)
    flagged = findings.flag({"story": text}, {"story": result})
    assert flagged
    assert not [
        (f.found, n.found) for f in flagged for n in looks if f.start < n.end and n.start < f.end
    ]
