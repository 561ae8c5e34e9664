"""The way in: 60 seconds, unforgeable."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.actor import Role
from server.kit.ids import ProgrammeId, SeatId, SessionId
from sessions.live import tickets
from sessions.live.messages import Duty
from tests.factories.sessions import PROGRAMME, actor
from tests.sessions.live.worlds import ANN, T0

KEY = b"k" * 32
TICKET = tickets.Ticket(SessionId("s"), ProgrammeId("p"), SeatId("x"), ANN, T0)


def test_a_ticket_reads_back_for_sixty_seconds() -> None:
    text = tickets.sign(KEY, TICKET)
    assert tickets.read(KEY, text, T0) == TICKET
    assert tickets.read(KEY, text, T0 + timedelta(seconds=60)) == TICKET
    for seconds in (-1, 61):
        with pytest.raises(tickets.BadTicket):
            tickets.read(KEY, text, T0 + timedelta(seconds=seconds))


def test_another_key_does_not_open() -> None:
    with pytest.raises(tickets.BadTicket):
        tickets.read(b"other", tickets.sign(KEY, TICKET), T0)


@given(st.data())
def test_no_change_goes_unnoticed(data: st.DataObject) -> None:
    text = tickets.sign(KEY, TICKET)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda c: c != text[at]))
    changed = text[:at] + other + text[at + 1 :]
    try:
        read = tickets.read(KEY, changed, T0)
    except tickets.BadTicket:
        return
    # The last character of a base 64 text carries unused bits: the bytes are the same.
    assert read == TICKET


@given(st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(tickets.BadTicket):
        tickets.read(KEY, text, T0)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.FACILITATOR, {Duty.RUN, Duty.SPEAK, Duty.CAPTURE}),
        (Role.DIRECTOR, {Duty.RUN, Duty.SPEAK, Duty.CAPTURE}),
        (Role.COORDINATOR, {Duty.RUN, Duty.SPEAK, Duty.CAPTURE}),
        (Role.HUB_SPECIALIST, {Duty.SPEAK, Duty.CAPTURE}),
        (Role.SPOKE_CLINICIAN, {Duty.SPEAK, Duty.CAPTURE}),
        (Role.SPOKE_TEAM, {Duty.SPEAK, Duty.CAPTURE}),
        (Role.ADVISER, {Duty.SPEAK, Duty.CAPTURE}),
        (Role.LEARNER, {Duty.LEARN}),
    ],
)
def test_duties_follow_the_roles(role: Role, expected: set[Duty]) -> None:
    assert tickets.duties_of(actor(role), PROGRAMME) == expected
