"""The life cycle is the table of domain.md §4.6 and decision 0020: no step beside them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

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

ADDED = {
    *((state, "recall", S.NEEDS_CHANGES) for state in (S.NEEDS_CHANGES, S.ACCEPTED, S.SCHEDULED)),
    *(
        (state, "purge", state)
        for state in (
            S.SCHEDULED, S.CONVERTED, S.PRESENTED, S.RECS_DRAFTED, S.RECS_ISSUED, S.FOLLOWUP_DUE,
            S.FOLLOWED_UP, S.CLOSED, S.DECLINED,
        )
    ),
    (S.RECS_ISSUED, "respond", S.FOLLOWED_UP),
    (S.FOLLOWUP_DUE, "close", S.CLOSED),
    (S.RECS_ISSUED, "close", S.CLOSED),
    (S.CONVERTED, "draft_recs", S.RECS_DRAFTED),
    (S.CONVERTED, "decline", S.DECLINED),
}  # fmt: skip
"""Decision 0020: what becomes of an identifier that is found late. Decision 0022: an early
follow-up, a presenter who never answers, a letter that was erased, an e-consult."""


def test_the_table_is_the_handbooks() -> None:
    assert {(t.source, t.deed.value, t.target) for t in TRANSITIONS} == HANDBOOK | ADDED
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
    ends = {state for state in CaseState if possible(state, EVERYBODY) <= {Deed.PURGE}}
    assert ends == {S.CLOSED, S.DECLINED, S.WITHDRAWN}
    for state, party in itertools.product(CaseState, Party):
        for deed in possible(state, frozenset({party})):
            assert party in TABLE[state, deed].who


# -- the handbook's columns "who" and "guard", written down a second time --------------------------

P, G = Party, Guard
DESK = {P.COORDINATOR, P.DIRECTOR}
FROZEN = {G.COMPLETE, G.ATTESTED, G.SCREENED}
READ = {G.SECOND_READER, G.RULES_OF_TODAY}

WHO_AND_WHY: dict[str, tuple[set[Party], set[Guard]]] = {
    "create": ({P.AUTHOR}, {G.ENROLLED}),
    "submit": ({P.AUTHOR}, FROZEN),
    "reject": (DESK, {G.REASON}),
    "pass": (DESK, {G.WARNINGS_RESOLVED, G.PAGES_DECIDED}),
    "open": (DESK, set()),
    "return": (DESK, {G.COMMENTS}),
    "accept": (
        {P.COORDINATOR},
        {G.ANSWERABLE, G.COMPLETE, G.SAFETY_STATED, G.PAGES_DECIDED, *READ},
    ),
    "assign_slot": (
        {P.COORDINATOR},
        {G.TEXT_THERE, G.SESSION_PLANNED, G.SLOT_FREE, *READ},
    ),
    "unschedule": ({P.COORDINATOR, P.SYSTEM}, set()),
    "carry_over": ({P.SYSTEM}, set()),
    "convert": ({P.DIRECTOR}, {G.SOON_WITHOUT_SLOT, G.TEXT_THERE, *READ}),
    "present": ({P.SYSTEM, P.FACILITATOR}, {G.SESSION_LIVE}),
    "draft_recs": ({P.SCRIBE, P.COORDINATOR}, {G.HAS_RECOMMENDATION}),
    "sign": ({P.DIRECTOR, P.DELEGATE}, {G.RECOMMENDATIONS_COMPLETE}),
    "followup_timer": ({P.SYSTEM}, {G.DUE}),
    "respond": ({P.AUTHOR}, {G.ALL_ANSWERED}),
    "close": ({P.COORDINATOR}, {G.ROUNDS_IN}),
    "decline": ({P.COORDINATOR}, {G.REASON}),
    "withdraw": ({P.AUTHOR}, set()),
    "recall": (DESK, {G.REASON}),
    "purge": (DESK, {G.REASON}),
}
MORE = {(S.SCHEDULED, "recall"): {G.SESSION_TO_COME}, (S.SCHEDULED, "purge"): {G.SESSION_LIVE}}
STEPS = {(source, deed): target for source, deed, target in HANDBOOK | ADDED}
PRESENTED = {
    S.PRESENTED,
    S.RECS_DRAFTED,
    S.RECS_ISSUED,
    S.FOLLOWUP_DUE,
    S.FOLLOWED_UP,
    S.CLOSED,
}


class Life(RuleBasedStateMachine):
    """Any life of one case: every step is exactly what the tables above say, or is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.state: CaseState | None = None
        self.read_by_a_human = False
        self.letter = False

    def go(self, deed: Deed, who: frozenset[Party], facts: frozenset[Guard]) -> None:
        before, allowed = self.state, WHO_AND_WHY[deed.value]
        wanted = allowed[1] | MORE.get((before, deed.value), set())
        lawful = (before, deed.value) in STEPS and who & allowed[0] and wanted <= facts
        try:
            self.state = step(before, deed, who, facts)
        except (Conflict, Forbidden) as refusal:
            self.refused(refusal.code, deed, lawful=lawful)
            return
        assert lawful
        assert self.state == STEPS[before, deed.value]
        if deed in (Deed.SUBMIT, Deed.RECALL):
            self.read_by_a_human = False
        if deed is Deed.PASS:
            self.read_by_a_human = True
        self.letter = self.letter or deed is Deed.SIGN

    def refused(self, code: str, deed: Deed, *, lawful: bool) -> None:
        assert not lawful
        in_table = (self.state, deed.value) in STEPS
        assert (code == "case.wrong_state") == (not in_table)

    @rule(
        deed=st.sampled_from(list(Deed)),
        who=st.frozensets(st.sampled_from(list(Party)), min_size=1, max_size=3),
        facts=st.frozensets(st.sampled_from(list(Guard))),
    )
    def anybody_tries_anything(
        self, deed: Deed, who: frozenset[Party], facts: frozenset[Guard]
    ) -> None:
        self.go(deed, who, facts)

    @rule(data=st.data(), missing=st.frozensets(st.sampled_from(list(Guard)), max_size=1))
    def somebody_goes_on(self, data: st.DataObject, missing: frozenset[Guard]) -> None:
        """Try a step that the table has, so that the late states are reached too."""
        here = sorted(deed for source, deed in STEPS if source == self.state)
        if here:
            deed = Deed(data.draw(st.sampled_from(here)))
            party = data.draw(st.sampled_from(sorted(WHO_AND_WHY[deed.value][0])))
            self.go(deed, frozenset({party}), ALL_FACTS - missing)

    @invariant()
    def nobody_reads_what_no_human_has_read(self) -> None:
        if self.state in {S.ACCEPTED, S.SCHEDULED, S.CONVERTED} | PRESENTED:
            assert self.read_by_a_human

    @invariant()
    def what_was_presented_stays_presented(self) -> None:
        if self.letter:
            assert self.state in PRESENTED


TestLife = Life.TestCase
