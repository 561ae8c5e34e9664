"""Scales whose result depends on more than the sum, and results that are no sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.instruments import ahc_hrsn, audit_c, cssrs, dast10, feel, pc_ptsd5, registry
from cases.instruments.base import Missing, Score
from cases.instruments.cssrs import Result
from cases.instruments.feel import Change, Direction
from cases.instruments.registry import Setting

yes_no = st.sampled_from([0, 1])


# -- PC-PTSD-5 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cut_off", "positive"), [(4, [0, 0, 0, 0, 1, 1]), (3, [0, 0, 0, 1, 1, 1])]
)
def test_the_programme_chooses_the_cut_off(cut_off: int, positive: list[int]) -> None:
    scale = pc_ptsd5.scale(cut_off)
    found = [scale.of_total(total) for total in range(6)]
    assert [score.positive for score in found] == list(map(bool, positive))
    assert {score.cut_off for score in found} == {cut_off}
    assert scale.cut_off_note == pc_ptsd5.CUT_OFFS[cut_off]
    assert registry.by_key("pc_ptsd5", Setting(pc_ptsd5_cut_off=cut_off)) == scale


def test_there_is_no_other_cut_off() -> None:
    with pytest.raises(KeyError):
        pc_ptsd5.scale(2)


@given(st.none() | st.booleans(), st.lists(st.none() | yes_no, min_size=5, max_size=5))
def test_the_gate_decides_first(exposed: bool | None, answers: list[int | None]) -> None:
    missing = tuple(n for n, points in enumerate(answers, start=1) if points is None)
    result = pc_ptsd5.score(exposed, answers)
    if exposed is False:
        assert result == pc_ptsd5.scale().of_total(0)
    elif exposed is None:
        assert result == Missing("pc_ptsd5", (0, *missing))
    elif missing:
        assert result == Missing("pc_ptsd5", missing)
    else:
        assert result == pc_ptsd5.scale().of_total(sum(p for p in answers if p is not None))


@pytest.mark.parametrize(
    ("stored", "total"),
    [
        ({"gate": "no"}, 0),
        ({"gate": "no", "total": 3}, 0),
        ({"gate": "no", "items": [None] * 5}, 0),
        ({"gate": "yes", "items": [1, 1, 1, 1, 0]}, 4),
        ({"gate": "yes", "total": 5}, 5),
        ({"total": 2}, 2),
        ({"gate": "yes"}, None),
        ({"items": [1] * 5}, None),
        ({}, None),
    ],
)
def test_a_stored_pc_ptsd5(stored: dict[str, object], total: int | None) -> None:
    result = registry.result("pc_ptsd5", stored)
    assert (result.total if isinstance(result, Score) else None) == total


# -- AUDIT-C -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sex", "cut_off"), [("male", 4), ("female", 3), ("not_stated", 3)])
def test_audit_c_by_sex(sex: str, cut_off: int) -> None:
    positive = [audit_c.of_total(total, sex).positive for total in range(13)]
    assert positive == [total >= cut_off for total in range(13)]
    assert audit_c.of_total(5, sex).cut_off == cut_off
    assert registry.by_key("audit_c", Setting(sex=sex)) == audit_c.scale(sex)


@given(
    st.sampled_from(["male", "female", "not_stated"]),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_the_note_stands_for_men_whose_points_all_come_from_question_1(
    sex: str, answers: list[int]
) -> None:
    result = audit_c.score(answers, sex)
    assert isinstance(result, Score)
    alone = sex == "male" and answers[0] > 0 and answers[1:] == [0, 0]
    assert result.notes == ((audit_c.FREQUENCY_ONLY,) if alone else ())
    assert result.total == sum(answers)


def test_audit_c_totals_say_whether_question_1_gave_them_all() -> None:
    assert audit_c.of_total(4, "male").notes == ()
    assert audit_c.of_total(4, "male", all_from_first=True).notes == (audit_c.FREQUENCY_ONLY,)
    with pytest.raises(ValueError, match="at most 4"):
        audit_c.of_total(5, "male", all_from_first=True)
    assert audit_c.score([None, 1, 1], "male") == Missing("audit_c", (1,))


@pytest.mark.parametrize(
    ("stored", "sex", "expected"),
    [
        ({"total": 3}, "male", (3, False, 0)),
        ({"total": 3}, "female", (3, True, 0)),
        ({"total": 4, "all_from_first": True}, "male", (4, True, 1)),
        ({"total": 4, "all_from_first": True}, "female", (4, True, 0)),
        ({"items": [4, 0, 0]}, "male", (4, True, 1)),
    ],
)
def test_a_stored_audit_c(
    stored: dict[str, object], sex: str, expected: tuple[int, bool, int]
) -> None:
    score = registry.score_all({"audit_c": stored}, Setting(sex=sex))["audit_c"]
    assert (score.total, score.positive, len(score.notes)) == expected


# -- DAST-10 -------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), min_size=10, max_size=10))
def test_question_3_of_the_dast_counts_the_other_way_round(yes: list[bool]) -> None:
    points = dast10.points(tuple(yes))
    assert points == tuple(int(not y if n == 2 else y) for n, y in enumerate(yes))
    assert dast10.points((None,) * 10) == (None,) * 10


def test_nobody_without_any_problem_scores_on_the_dast() -> None:
    answers = tuple(number == 3 for number in range(1, 11))
    assert dast10.DAST10.score(dast10.points(answers)) == dast10.DAST10.of_total(0)


# -- results that are no sums --------------------------------------------------------------------


def test_cssrs_is_a_result_and_nothing_else() -> None:
    assert [result.value for result in Result] == ["none", "low", "moderate", "high"]
    assert [cssrs.alerts(result) for result in Result] == [False, False, True, True]
    assert set(cssrs.LABELS) == set(cssrs.MEANINGS) == set(Result)
    stored = ({"result": "high"}, "low", {"result": "?"}, {}, None, 3)
    assert [cssrs.read(one) for one in stored] == [Result.HIGH, Result.LOW, None, None, None, None]


@pytest.mark.parametrize(("total", "positive"), [(4, False), (10, False), (11, True), (20, True)])
def test_hits_is_positive_above_10(total: int, positive: bool) -> None:
    assert ahc_hrsn.hits_positive(total) is positive
    found = ahc_hrsn.result({}, hits=total)
    assert (found.found, found.clear) == ((("safety",), ()) if positive else ((), ("safety",)))


@pytest.mark.parametrize("total", [3, 21])
def test_impossible_hits_sums_are_refused(total: int) -> None:
    with pytest.raises(ValueError, match="HITS sums"):
        ahc_hrsn.hits_positive(total)


@given(
    st.dictionaries(
        st.sampled_from(list(ahc_hrsn.DOMAINS)), st.sampled_from(["yes", "no", "declined"])
    )
)
def test_every_domain_is_in_exactly_one_group(stored: dict[str, str]) -> None:
    needs = ahc_hrsn.result(stored)
    groups = {"yes": needs.found, "no": needs.clear, "declined": needs.declined}
    again = {domain: answer for answer, names in groups.items() for domain in names}
    assert again == stored
    assert set(needs.missing) == set(ahc_hrsn.DOMAINS) - set(stored)
    assert needs.complete == (len(stored) == 5)


def test_unknown_domains_and_answers_are_refused() -> None:
    with pytest.raises(ValueError, match="domains are"):
        ahc_hrsn.result({"money": "yes"})
    with pytest.raises(ValueError, match="maybe"):
        ahc_hrsn.result({"food": "maybe"})


@given(st.integers(0, 10), st.integers(0, 10))
def test_how_do_you_feel_shows_the_change(first: int, latest: int) -> None:
    way = {0: Direction.SAME, 1: Direction.BETTER, -1: Direction.WORSE}
    sign = (latest > first) - (latest < first)
    assert feel.change(first, latest) == Change(latest - first, way[sign])
    assert feel.change(None, latest) is feel.change(first, None) is None
    with pytest.raises(ValueError, match="0 to 10"):
        feel.change(first, 11)
