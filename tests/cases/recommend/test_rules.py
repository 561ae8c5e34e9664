"""The pure rules of recommendations, letters, turnaround and publication."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import letter, publication, recommendations, turnaround
from cases.rules.advice import (
    Content,
    Draft,
    Evidence,
    ItemState,
    ProblemArea,
    Recommendation,
    Said,
    Stage,
    TimeFrame,
    suggested,
)
from cases.rules.publication import Act, Bar, Capacity, EntryState
from cases.rules.recommendations import Deed, Guard, Hand
from cases.rules.turnaround import Pace
from server.kit.actor import Lane
from server.kit.errors import Conflict, Forbidden
from server.kit.ids import CaseId, PersonId, ProgrammeId, RecommendationId
from sessions.rules import models as session_models

ALL_HANDS = frozenset(Hand)
ALL_GUARDS = frozenset(Guard)


def content(**changes: object) -> Content:
    good = suggested("Raise the dose and review in four weeks.", ProblemArea.DOSE)
    return replace(good, **changes)  # type: ignore[arg-type]


def an_item(
    key: str, state: ItemState = ItemState.DRAFTED, position: int = 1, **changes: object
) -> Recommendation:
    return Recommendation(
        id=RecommendationId(key),
        case=CaseId("c"),
        position=position,
        state=state,
        content=content(**changes),
        said=(Said(PersonId("p"), Lane.HUB, 1000),),
    )


def a_draft(*items: Recommendation, stage: Stage = Stage.WRITING) -> Draft:
    return Draft(CaseId("c"), ProgrammeId("p"), stage, 1, items=items)


def test_problem_areas_are_those_of_the_session() -> None:
    assert [a.value for a in ProblemArea] == [a.value for a in session_models.ProblemArea]


@given(st.lists(st.sampled_from(list(Deed)), max_size=12))
def test_nothing_is_issued_that_was_not_complete_and_reviewed(deeds: list[Deed]) -> None:
    state: ItemState | None = None
    path: list[ItemState | None] = [state]
    for deed in deeds:
        try:
            state = recommendations.step(state, deed, ALL_HANDS, ALL_GUARDS)
        except Conflict:
            continue
        path.append(state)
    if ItemState.ISSUED in path:
        before = path[: path.index(ItemState.ISSUED)]
        assert before[-1] is ItemState.HUB_REVIEW
        assert ItemState.DRAFTED in before


@pytest.mark.parametrize("deed", [Deed.SIGN, Deed.AMEND])
def test_signing_needs_its_guards_and_its_people(deed: Deed) -> None:
    state = ItemState.HUB_REVIEW if deed is Deed.SIGN else ItemState.ISSUED
    guards = recommendations.TABLE[state, deed].guards
    for missing in guards:
        with pytest.raises(Conflict) as caught:
            recommendations.step(state, deed, ALL_HANDS, set(guards) - {missing})
        assert caught.value.code == missing.value
    with pytest.raises(Forbidden):
        recommendations.step(state, deed, frozenset(Hand) - {Hand.DIRECTOR, Hand.DELEGATE}, guards)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, set()),
        ({"text": "Too short"}, {"text"}),
        ({"text": "x" * 601}, {"text"}),
        ({"rationale": "x" * 501}, {"rationale"}),
        ({"step": 6}, {"step"}),
        (
            {"evidence": Evidence.TRIAL},
            {"citation_title", "citation_year", "citation_link"},
        ),
        (
            {
                "evidence": Evidence.TRIAL,
                "citation_title": "A trial",
                "citation_year": 2024,
                "citation_link": "10.1000/182",
            },
            set(),
        ),
        ({"citation_year": 1066}, {"citation_year"}),
        ({"citation_link": "javascript:alert(1)"}, {"citation_link"}),
    ],
)
def test_what_an_item_needs(changes: dict[str, object], wrong: set[str]) -> None:
    assert set(recommendations.problems(content(**changes))) == wrong


@pytest.mark.parametrize(
    ("link", "fine"),
    [
        ("10.1001/archinte.166.10.1092", True),
        ("https://www.example.org/guideline/2024", True),
        ("http://example.org", False),
        ("https://example.org/?q=her+name", False),
        ("https://user@example.org/", False),
        ("https://example.org/#frag", False),
        ("https://localhost", False),
        ("see page 4", False),
    ],
)
def test_links_carry_nothing_but_an_address(link: str, fine: bool) -> None:
    assert recommendations.is_link(link) is fine


@given(
    st.lists(
        st.tuples(st.sampled_from(list(TimeFrame)), st.integers(0, 5)), min_size=1, max_size=12
    )
)
def test_the_letters_order_is_time_frame_then_step(
    given_items: list[tuple[TimeFrame, int]],
) -> None:
    items = [
        an_item(f"r{n}", position=n, time_frame=frame, step=step)
        for n, (frame, step) in enumerate(given_items)
    ]
    order = list(TimeFrame)
    keys = [
        (order.index(i.content.time_frame), i.content.step, i.position)
        for i in a_draft(*items).live
    ]
    assert keys == sorted(keys)


def test_signing_issues_what_is_live_and_leaves_the_rest() -> None:
    draft = a_draft(an_item("a"), an_item("b", ItemState.DROPPED), an_item("c", ItemState.MERGED))
    after = recommendations.signed(
        draft, frozenset({Hand.DIRECTOR}), spoken_left=0, attested=True, first=True
    )
    assert [i.state for i in after.items] == [
        ItemState.ISSUED,
        ItemState.DROPPED,
        ItemState.MERGED,
    ]
    assert after.stage is Stage.SIGNED


def test_an_empty_draft_cannot_be_signed() -> None:
    with pytest.raises(Conflict, match=r"rec\.incomplete"):
        recommendations.signed(
            a_draft(), frozenset({Hand.DIRECTOR}), spoken_left=0, attested=True, first=True
        )


def test_an_amendment_needs_its_reason() -> None:
    draft = a_draft(an_item("a", ItemState.ISSUED), stage=Stage.AMENDING)
    with pytest.raises(Conflict, match=r"rec\.reason_needed"):
        recommendations.signed(
            draft, frozenset({Hand.DIRECTOR}), spoken_left=0, attested=True, first=False
        )


def test_merging_needs_two_different_live_items() -> None:
    one, gone = an_item("a"), an_item("b", ItemState.DROPPED)
    desk = frozenset({Hand.COORDINATOR})
    for into, duplicate in ((one, one), (gone, one)):
        with pytest.raises(Conflict, match=r"rec\.merge"):
            recommendations.merged(into, duplicate, desk)
    with pytest.raises(Conflict, match=r"rec\.wrong_state"):
        recommendations.merged(one, gone, desk)


@given(st.binary(min_size=32, max_size=32))
def test_the_code_is_short_and_can_be_read_aloud(raw: bytes) -> None:
    code = letter.verification_code(raw.hex())
    assert len(code) == 14
    assert set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")


@pytest.mark.parametrize(
    ("at_ms", "shown"), [(None, ""), (0, "0:00"), (727_000, "12:07"), (3_661_999, "61:01")]
)
def test_the_case_clock(at_ms: int | None, shown: str) -> None:
    assert letter.mm_ss(at_ms) == shown


FRIDAY = datetime(2031, 3, 7, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "count", "pace"),
    [
        (0, 0, Pace.ON_TIME),
        (1, 0, Pace.ON_TIME),  # Saturday
        (2, 0, Pace.ON_TIME),
        (3, 1, Pace.ON_TIME),
        (4, 2, Pace.ON_TIME),
        (5, 3, Pace.LATE),
        (7, 5, Pace.VERY_LATE),
        (14, 10, Pace.VERY_LATE),
    ],
)
def test_turnaround_counts_working_days(days: int, count: int, pace: Pace) -> None:
    found = turnaround.working_days(FRIDAY, FRIDAY + timedelta(days=days), "America/Denver")
    assert (found, turnaround.pace(found)) == (count, pace)


@given(st.integers(0, 400), st.integers(0, 400))
def test_working_days_never_run_backwards(a: int, b: int) -> None:
    first, second = sorted((a, b))
    one = turnaround.working_days(FRIDAY, FRIDAY + timedelta(days=first), "Africa/Kigali")
    two = turnaround.working_days(FRIDAY, FRIDAY + timedelta(days=second), "Africa/Kigali")
    assert one <= two <= one + (second - first)


@given(
    st.lists(st.tuples(st.sampled_from(list(Act)), st.sampled_from(list(Capacity))), max_size=14)
)
def test_nothing_is_published_without_both_reviews(steps: list[tuple[Act, Capacity]]) -> None:
    state, since = EntryState.CANDIDATE, []  # type: tuple[EntryState, list[Act]]
    for act, capacity in steps:
        try:
            state = publication.step(state, act, frozenset({capacity}), frozenset(Bar))
        except (Conflict, Forbidden):
            continue
        since = [] if act is Act.NEW_VERSION else [*since, act]
        if state is EntryState.PUBLISHED and act is Act.PUBLISH:
            assert since[-3:] == [Act.REWRITE, Act.REVIEW, Act.PUBLISH]


def test_a_retracted_entry_stays_out() -> None:
    for act, capacity in product(Act, Capacity):
        try:
            after = publication.step(
                EntryState.RETRACTED, act, frozenset({capacity}), frozenset(Bar)
            )
        except (Conflict, Forbidden):
            continue
        assert after is EntryState.RETRACTED


@pytest.mark.parametrize(
    ("age", "adult"),
    [("17", False), ("18", True), ("90+", True), ("", False), (None, False), (34, True)],
)
def test_minors_are_not_eligible(age: object, adult: bool) -> None:
    assert publication.is_adult(age) is adult
