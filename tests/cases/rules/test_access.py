"""Role × state: who reads a case when (domain.md §2). The matrix is written out on purpose."""

from datetime import UTC, datetime

import pytest

from cases.rules import access
from cases.rules.access import Subject
from cases.rules.models import Case, CaseState, CaseType
from server.kit.actor import Role
from server.kit.errors import Forbidden, NotFound
from server.kit.ids import CaseId, ProgrammeId
from tests.factories.sessions import PROGRAMME, actor, an_id, person, platform_admin

S = CaseState
NOW = datetime(2031, 3, 4, tzinfo=UTC)

DESK = {Role.DIRECTOR, Role.COORDINATOR}
HUB = DESK | {Role.FACILITATOR, Role.HUB_SPECIALIST}
REGISTERED = HUB | {Role.SPOKE_CLINICIAN, Role.SPOKE_TEAM, Role.ADVISER}

READERS: dict[CaseState, set[Role]] = {
    S.DRAFT: set(),
    S.PHI_CHECK: DESK,
    S.SUBMITTED: DESK,
    S.IN_REVIEW: DESK,
    S.NEEDS_CHANGES: DESK,
    S.ACCEPTED: HUB,
    S.SCHEDULED: HUB,
    S.CONVERTED: HUB,
    S.PRESENTED: REGISTERED,
    S.RECS_DRAFTED: REGISTERED,
    S.RECS_ISSUED: REGISTERED,
    S.FOLLOWUP_DUE: REGISTERED,
    S.FOLLOWED_UP: REGISTERED,
    S.CLOSED: REGISTERED,
    S.DECLINED: DESK,
    S.WITHDRAWN: set(),
}


def a_case(state: CaseState) -> Case:
    return Case(
        id=CaseId(an_id("case")),
        programme=PROGRAMME,
        programme_code="BH",
        patient_ref="BH-7K3QF",
        case_type=CaseType.NEW,
        author=person("marisol"),
        organisation=None,
        state=state,
        created_at=NOW,
        state_at=NOW,
    )


@pytest.mark.parametrize("state", list(CaseState))
def test_role_by_state(state: CaseState) -> None:
    subject = Subject(a_case(state))
    readers = {role for role in Role if access.may_see(actor(role), subject)}
    assert readers == READERS[state]
    assert access.may_see(actor(name="marisol"), subject)


@pytest.mark.parametrize("state", list(CaseState))
def test_roles_elsewhere_and_the_platform_administrator_read_nothing(state: CaseState) -> None:
    subject = Subject(a_case(state), live=True, learners=True)
    elsewhere = actor(*Role, programme=ProgrammeId(an_id("su")))
    for who in (elsewhere, platform_admin(), actor()):
        assert not access.may_see(who, subject)
        with pytest.raises(NotFound):
            access.ensure_may_see(who, subject)


def test_in_its_live_session_registered_colleagues_read_it() -> None:
    live = Subject(a_case(S.SCHEDULED), live=True)
    assert {r for r in Role if access.may_see(actor(r), live)} == REGISTERED
    # A live session opens nothing that was not scheduled for it.
    for state in set(CaseState) - {S.SCHEDULED}:
        subject = Subject(a_case(state), live=True)
        assert {r for r in Role if access.may_see(actor(r), subject)} == READERS[state]


def test_a_learner_watches_only_while_it_is_live_and_only_if_the_programme_lets_learners() -> None:
    learner = actor(Role.LEARNER)
    for state in CaseState:
        for live in (False, True):
            subject = Subject(a_case(state), live=live, learners=True)
            assert access.may_see(learner, subject) == (state is S.SCHEDULED and live)
            assert not access.may_see(learner, Subject(a_case(state), live=live))


def test_the_desk_is_for_checkers_and_never_for_the_author() -> None:
    case = a_case(S.PHI_CHECK)
    for role in Role:
        if role in DESK:
            access.ensure_checker(actor(role), case)
        else:
            with pytest.raises(NotFound):
                access.ensure_checker(actor(role), case)
    with pytest.raises(Forbidden, match=r"case\.own_check"):
        access.ensure_checker(actor(Role.COORDINATOR, name="marisol"), case)
    for hidden in (S.DRAFT, S.WITHDRAWN):
        with pytest.raises(NotFound):
            access.ensure_checker(actor(Role.COORDINATOR), a_case(hidden))
