"""Who may do what (domain.md §2): the whole table, role by role."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.kit.actor import Actor, Lane, Role
from server.kit.ids import CaptureId, ProgrammeId
from sessions.rules import access
from sessions.rules.models import Capture, ProblemArea, SessionState
from tests.factories.sessions import (
    CASE,
    PROGRAMME,
    TUESDAY_NOON,
    actor,
    an_id,
    person,
    platform_admin,
    programme,
    session,
    slots_of,
)

OTHER = ProgrammeId(an_id("su"))
R = Role
EVERYBODY = set(Role)
RUNS = {R.DIRECTOR, R.COORDINATOR, R.FACILITATOR}
IN_THE_ROOM = EVERYBODY - {R.EVALUATOR, R.CE_OFFICER}

TABLE = [
    (access.may_see_programme, EVERYBODY),
    (access.may_see_agenda, EVERYBODY - {R.LEARNER}),
    (access.may_manage_schedule, RUNS),
    (access.may_fill_slots, {R.COORDINATOR}),
    (access.may_facilitate, RUNS),
    (access.may_enter, IN_THE_ROOM),
    (access.may_see_roster, RUNS | {R.EVALUATOR, R.CE_OFFICER}),
    (access.may_capture, IN_THE_ROOM - {R.LEARNER}),
    (access.may_merge_captures, RUNS),
]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("question", "allowed"), TABLE, ids=lambda v: getattr(v, "__name__", ""))
def test_the_table(role: Role, question: object, allowed: set[Role]) -> None:
    holder = actor(role)
    assert question(holder, PROGRAMME) is (role in allowed)  # type: ignore[operator]
    assert question(holder, OTHER) is False  # type: ignore[operator]


@pytest.mark.parametrize(("question", "allowed"), TABLE, ids=lambda v: getattr(v, "__name__", ""))
def test_no_role_no_right_and_the_administrator_only_reads(
    question: object, allowed: set[Role]
) -> None:
    del allowed
    reads = question in (access.may_see_programme, access.may_see_agenda)
    assert question(actor(), PROGRAMME) is False  # type: ignore[operator]
    assert question(platform_admin(), PROGRAMME) is reads  # type: ignore[operator]


def test_a_learner_with_a_second_role_sees_agendas() -> None:
    assert access.may_see_agenda(actor(R.LEARNER, R.SPOKE_TEAM), PROGRAMME)


@pytest.mark.parametrize("role", list(Role))
def test_who_founds_programmes(role: Role) -> None:
    assert access.may_create_programme(actor(role)) is (role is R.COORDINATOR)
    assert access.may_create_programme(platform_admin())


@pytest.mark.parametrize("state", list(SessionState))
def test_joining_needs_an_open_room(state: SessionState) -> None:
    clinician = actor(R.SPOKE_CLINICIAN)
    found = session(state=state)
    is_open = state in {SessionState.OPEN, SessionState.LIVE}
    assert access.may_join(clinician, found, TUESDAY_NOON) is is_open
    assert access.may_join(actor(R.EVALUATOR), found, TUESDAY_NOON) is False
    late = TUESDAY_NOON + timedelta(days=1)
    assert access.may_join(clinician, found, late) is (state is SessionState.LIVE)


def test_only_the_named_presenter_presents() -> None:
    found = session()
    slot = slots_of(found)[0]
    filled = replace(slot, ref=CASE, label="BH-2026-001", presenter=person("mar"))
    found = replace(found, agenda=tuple(filled if i.id == slot.id else i for i in found.agenda))
    presenter = actor(R.SPOKE_CLINICIAN, name="mar")
    assert access.may_present(presenter, found, slot.id)
    assert not access.may_present(presenter, found, slots_of(found)[1].id)
    assert not access.may_present(presenter, found, found.agenda[0].id.replace("1", "9"))  # type: ignore[arg-type]
    assert not access.may_present(actor(R.COORDINATOR), found, slot.id)
    assert not access.may_present(actor(name="mar"), found, slot.id)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("switch", [False, True])
def test_who_sees_the_case_on_screen(role: Role, switch: bool) -> None:
    sees = IN_THE_ROOM - ({R.LEARNER} if not switch else set())
    assert access.may_see_case(actor(role), programme(learner_sees_case=switch)) is (role in sees)


@pytest.mark.parametrize("role", list(Role))
def test_spokes_and_advisers_capture_their_own_words(role: Role) -> None:
    holder = actor(role, name="ann")
    own = role not in {R.LEARNER, R.EVALUATOR, R.CE_OFFICER}
    assert access.may_capture_for(holder, PROGRAMME, person("ann")) is own
    hub = role in {R.DIRECTOR, R.COORDINATOR, R.FACILITATOR, R.HUB_SPECIALIST}
    assert access.may_capture_for(holder, PROGRAMME, person("ben")) is hub


def _line(author: Actor) -> Capture:
    return Capture(
        id=CaptureId(an_id("cap")),
        session=session().id,
        item=slots_of(session())[0].id,
        author=author.person,
        speaker=author.person,
        lane=Lane.HUB,
        problem_area=ProblemArea.SAFETY,
        text="Assess risk today",
        at_ms=0,
        created_at=TUESDAY_NOON,
    )


@pytest.mark.parametrize("role", list(Role))
def test_who_edits_a_captured_line(role: Role) -> None:
    author = actor(role, name="ann")
    assert access.may_edit_capture(author, PROGRAMME, _line(author)) is (
        role in RUNS | {R.HUB_SPECIALIST}
    )
    somebody_else = actor(role, name="ben")
    assert access.may_edit_capture(somebody_else, PROGRAMME, _line(author)) is (role in RUNS)
