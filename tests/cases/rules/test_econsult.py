"""The clock of an e-consult: 72 hours, late after them, and who sees a case that is answered so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import advice_access, econsult
from cases.rules.access import Audience, Subject, audience
from cases.rules.models import Case, CaseState, CaseType
from cases.rules.recommendations import Hand
from cases.rules.turnaround import Pace
from server.kit.actor import Actor, Permission, Role
from server.kit.ids import CaseId, PersonId, ProgrammeId

NOON = datetime(2031, 3, 5, 19, tzinfo=UTC)
HERE = ProgrammeId("0" * 25 + "p")
ME = PersonId("0" * 25 + "m")
CASE = Case(
    id=CaseId("0" * 25 + "c"),
    programme=HERE,
    programme_code="BH",
    patient_ref="BH-7K3QF",
    case_type=CaseType.NEW,
    author=PersonId("0" * 25 + "a"),
    organisation=None,
    state=CaseState.CONVERTED,
    created_at=NOON,
    state_at=NOON,
    main_question="What could we try next, with what there is?",
    converted_at=NOON,
)


@given(
    st.integers(0, 400),
    st.sampled_from(["America/Denver", "Africa/Kigali", "Asia/Kolkata", "UTC"]),
)
def test_seventy_two_hours_then_late_then_very_late(hours: int, zone: str) -> None:
    now = NOON + timedelta(hours=hours)
    found = econsult.due(NOON, now, zone)
    end = NOON + timedelta(hours=72)
    expected = Pace.ON_TIME if hours < 72 else Pace.LATE if hours < 144 else Pace.VERY_LATE
    day = end.astimezone(ZoneInfo(zone)).date()
    today = now.astimezone(ZoneInfo(zone)).date()
    assert (found.day, found.pace, found.today) == (day, expected, day == today)


@pytest.mark.parametrize("state", list(CaseState))
def test_it_waits_until_it_is_signed_and_colleagues_do_not_read_it(state: CaseState) -> None:
    written = replace(CASE, state=state)
    spoken = replace(written, converted_at=None)
    waits = state in (CaseState.CONVERTED, CaseState.RECS_DRAFTED)
    assert econsult.is_open(written) == waits
    assert not econsult.is_open(spoken)
    # Its text was erased: nobody can answer it any more.
    assert not econsult.is_open(replace(written, main_question=""))
    # Nothing that a session would open to registered colleagues is open to them.
    ring = audience(Subject(spoken))
    alone = state is CaseState.CONVERTED or ring is Audience.REGISTERED
    assert audience(Subject(written)) is (Audience.HUB_ALONE if alone else ring)


@given(st.sets(st.sampled_from(list(Role))), st.booleans(), st.booleans())
def test_who_was_asked_writes_while_a_hub_specialist(
    roles: set[Role], asked: bool, elsewhere: bool
) -> None:
    where = ProgrammeId("0" * 25 + "q") if elsewhere else HERE
    actor = Actor(ME, "Me", "UTC", roles={where: frozenset(roles)})
    found = advice_access.hands(actor, HERE, (), (ME,) if asked else ())
    writes = asked and not elsewhere and Role.HUB_SPECIALIST in roles
    assert found == (frozenset({Hand.ANSWERER}) if writes else frozenset())
    # Their own items, which nobody else has said; and nothing of the whole letter.
    other = PersonId("0" * 25 + "z")
    for speakers in ((), (ME,), (other,), (ME, other), (ME, ME)):
        assert advice_access.may_write(found, ME, speakers) == (writes and {*speakers} == {ME})
        assert advice_access.may_write(frozenset({Hand.SCRIBE}), ME, speakers)
    signs = Actor(ME, "Me", "UTC", permissions={HERE: frozenset({Permission.RECOMMENDATION_SIGN})})
    assert advice_access.hands(signs, HERE, (), (ME,)) == {Hand.DIRECTOR}


PEOPLE = [PersonId(f"{n:026d}") for n in range(4)]
some = st.sets(st.sampled_from(PEOPLE))


@given(
    st.integers(0, 200),
    some,
    st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 120)),
    some,
    st.booleans(),
)
def test_whom_an_overdue_e_consult_is_told(
    hours: int,
    directors: set[PersonId],
    asked: dict[PersonId, int],
    wrote: set[PersonId],
    with_director: bool,
) -> None:
    found = econsult.overdue(
        NOON,
        NOON + timedelta(hours=hours),
        directors=directors,
        asked={one: NOON + timedelta(hours=at) for one, at in asked.items()},
        wrote=wrote,
        with_director=with_director,
    )
    late = hours >= 72
    assert found.directors == (directors if late else set())
    assert found.specialists == {
        one
        for one, at in asked.items()
        if late
        and not with_director
        and one not in wrote
        and one not in directors
        and hours - at >= 24
    }
