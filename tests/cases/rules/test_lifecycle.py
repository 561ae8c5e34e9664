"""The life cycle is the table of domain.md §4.6: every step in it, no step beside it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.lifecycle import TABLE, TRANSITIONS, Deed, Guard, Party, possible, step
from cases.rules.models import CaseState
from server.kit.errors import Conflict, Forbidden

S = CaseState
EVERYBODY = frozenset(Party)
ALL_FACTS = frozenset(Guard)

HANDBOOK = {
    (None, "create", S.DRAFT),
    (S.DRAFT, "submit", S.PHI_CHECK),
    (S.PHI_CHECK, "reject", S.DRAFT),
    (S.PHI_CHECK, "pass", S.SUBMITTED),
    (S.SUBMITTED, "open", S.IN_REVIEW),
    (S.IN_REVIEW, "return", S.NEEDS_CHANGES),
    (S.NEEDS_CHANGES, "submit", S.PHI_CHECK),
    (S.IN_REVIEW, "accept", S.ACCEPTED),
    (S.ACCEPTED, "assign_slot", S.SCHEDULED),
    (S.SCHEDULED, "unschedule", S.ACCEPTED),
    (S.SCHEDULED, "carry_over", S.ACCEPTED),
    (S.ACCEPTED, "convert", S.CONVERTED),
    (S.SCHEDULED, "present", S.PRESENTED),
    (S.PRESENTED, "draft_recs", S.RECS_DRAFTED),
    (S.RECS_DRAFTED, "sign", S.RECS_ISSUED),
    (S.RECS_ISSUED, "followup_timer", S.FOLLOWUP_DUE),
    (S.FOLLOWUP_DUE, "respond", S.FOLLOWED_UP),
    (S.FOLLOWED_UP, "followup_timer", S.FOLLOWUP_DUE),
    (S.FOLLOWED_UP, "close", S.CLOSED),
    (S.PHI_CHECK, "decline", S.DECLINED),
    (S.IN_REVIEW, "decline", S.DECLINED),
    *(
        (state, "withdraw", S.WITHDRAWN)
        for state in (
            S.DRAFT, S.PHI_CHECK, S.SUBMITTED, S.IN_REVIEW, S.NEEDS_CHANGES, S.ACCEPTED,
            S.SCHEDULED, S.CONVERTED,
        )
    ),
}  # fmt: skip


def test_the_table_is_the_handbooks() -> None:
    assert {(t.source, t.deed.value, t.target) for t in TRANSITIONS} == HANDBOOK
    assert len(TABLE) == len(TRANSITIONS)


@pytest.mark.parametrize("source", [None, *CaseState])
@pytest.mark.parametrize("deed", list(Deed))
def test_every_step_beside_the_table_is_refused(source: CaseState | None, deed: Deed) -> None:
    if (source, deed) in TABLE:
        assert step(source, deed, EVERYBODY, ALL_FACTS) == TABLE[source, deed].target
    else:
        with pytest.raises(Conflict, match=r"case\.wrong_state"):
            step(source, deed, EVERYBODY, ALL_FACTS)


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda t: f"{t.source}-{t.deed}")
def test_who_and_guards_are_asked(row) -> None:
    for party in Party:
        if party in row.who:
            assert step(row.source, row.deed, frozenset({party}), row.guards) == row.target
        else:
            with pytest.raises(Forbidden):
                step(row.source, row.deed, frozenset({party}), row.guards)
    for missing in row.guards:
        with pytest.raises(Conflict) as refusal:
            step(row.source, row.deed, row.who, set(row.guards) - {missing})
        assert refusal.value.code == missing.value


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Deed)),
            st.frozensets(st.sampled_from(list(Party)), min_size=1),
            st.frozensets(st.sampled_from(list(Guard))),
        ),
        max_size=40,
    )
)
def test_no_path_reaches_accepted_without_a_passed_check_of_the_same_text(deeds) -> None:
    state = None
    passed = safe = False
    for deed, who, facts in deeds:
        try:
            after = step(state, deed, who, facts)
        except (Conflict, Forbidden):
            continue
        if deed is Deed.SUBMIT:
            assert Guard.SCREENED in facts
            passed = False
        if deed is Deed.PASS:
            passed = Guard.WARNINGS_RESOLVED in facts
        if deed is Deed.ACCEPT:
            safe = Guard.SAFETY_STATED in facts
        state = after
        if state in (S.ACCEPTED, S.SCHEDULED, S.PRESENTED, S.RECS_ISSUED):
            assert passed and safe


def test_every_state_can_be_reached_and_the_ends_are_ends() -> None:
    reached = {t.target for t in TRANSITIONS}
    assert reached == set(CaseState)
    ends = {state for state in CaseState if not possible(state, EVERYBODY)}
    assert ends == {S.CLOSED, S.DECLINED, S.WITHDRAWN}
    for state, party in itertools.product(CaseState, Party):
        for deed in possible(state, frozenset({party})):
            assert party in TABLE[state, deed].who
