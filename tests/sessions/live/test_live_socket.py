"""The room through real sockets on a real port."""

import asyncio

import pytest
import socketio
from sqlalchemy import text

from server.kit.actor import Role
from server.people import store as people
from sessions import queries
from sessions.commands import agenda
from sessions.rules.models import SessionState
from tests.conftest import FakeClock
from tests.sessions.live.conftest import CASE, Clinic, client_id


async def test_everybody_sees_the_same_room(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    ann = await clinic.enter(clinic.presenter)
    await fay.until(lambda g: set(g.state["people"]) == {fay.actor.person, ann.actor.person})
    assert ann.state["people"] == fay.state["people"]
    assert ann.state["people"][fay.actor.person]["runs"] is True
    assert ann.you["duties"] == ["capture", "speak"]


async def test_a_story_of_one_case(clinic: Clinic, clock: FakeClock) -> None:
    fay = await clinic.enter(clinic.facilitator)
    ann = await clinic.enter(clinic.presenter)
    hugo = await clinic.enter(clinic.specialist)
    joe = await clinic.enter(clinic.spoke)
    await clinic.to_phase(fay, "presentation")
    clock.advance(seconds=240)
    await joe.do("hand:raise", intent="recommend", note="tapering")
    await hugo.do("hand:raise", intent="recommend")
    assert await fay.refused("floor:give", person=joe.actor.person) == "room.hands_held"
    await clinic.to_phase(fay, "clarify_spokes")
    await fay.until(lambda g: g.state["hands"]["spoke"] == [joe.actor.person])
    assert fay.state["hands"]["cards"][joe.actor.person]["intent"] == "clarify"
    assert await fay.refused("floor:give", person=hugo.actor.person) == "room.hub_locked"
    await fay.do("floor:give", person=joe.actor.person)
    await ann.until(lambda g: g.state.get("floor") == joe.actor.person)
    await joe.do("floor:take")
    await clinic.to_phase(fay, "recommend_hub")
    clock.advance(seconds=90)
    line = client_id()
    await fay.do(
        "line:capture",
        line=line,
        speaker=hugo.actor.person,
        area="dose",
        text="Raise slowly and review in four weeks.",
    )
    await ann.until(lambda g: line in g.state["lines"])
    shown = ann.state["lines"][line]
    assert shown["text"] == "Raise slowly and review in four weeks."
    assert shown["voices"] == [
        {
            "person": hugo.actor.person,
            "name": "Hugo Specialist",
            "lane": "hub",
            "at_ms": 330_000,
        }
    ]
    async with clinic.units.read() as unit:
        stored = await queries.captures_of_case(unit, CASE)
    assert [(c.id, c.text, c.at_ms) for c in stored] == [
        (line, "Raise slowly and review in four weeks.", 330_000)
    ]
    await clinic.to_phase(fay, "summary")
    assert (
        await fay.refused(
            "line:capture",
            line=client_id(),
            speaker=hugo.actor.person,
            area="dose",
            text="Too late.",
        )
        == "room.lines_closed"
    )
    await ann.do("line:react", line=line, reaction="useful")
    await hugo.until(lambda g: g.state["lines"][line].get("reaction") == "useful")
    await fay.do("session:end")
    await joe.until(lambda g: g.state["stage"] == "ended")
    async with clinic.units.read() as unit:
        card = await queries.session_card(unit, clinic.session)
    assert card.session.state is SessionState.ENDED
    presented = [item.presented_at is not None for item in card.session.agenda if item.ref]
    assert presented == [True]


async def test_learners_do_not_run_and_see_no_lines(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    lea = await clinic.enter(clinic.learner)
    await clinic.to_phase(fay, "recommend_hub")
    line = client_id()
    await fay.do(
        "line:capture", line=line, speaker=fay.actor.person, area="social", text="Ask for help."
    )
    await fay.until(lambda g: line in g.state["lines"])
    await lea.do("room:refetch")
    await lea.until(lambda g: "phase" in g.state)
    assert lea.state["lines"] == {}
    assert "Ask for help." not in str(lea.told)
    assert str(CASE) not in str(lea.told)
    assert await lea.refused("phase:next", seen="x") == "forbidden"
    assert await lea.refused("hand:raise", intent="clarify") == "room.not_yours"
    assert (
        await lea.refused(
            "line:capture", line=client_id(), speaker=lea.actor.person, area="dose", text="No."
        )
        == "forbidden"
    )
    answer = await lea.ask("media:publish", sdp="v=0")
    assert answer["ok"] in (True, False)
    await lea.do("media:state", microphone=True, camera=True, share=False, pictures=True)
    await fay.do("room:refetch")
    assert fay.state["people"][lea.actor.person]["microphone"] is False


async def test_identifiers_are_held_and_not_kept(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    await clinic.to_phase(fay, "recommend_hub")
    answer = await fay.ask(
        "line:capture",
        line=client_id(),
        speaker=fay.actor.person,
        area="coordination",
        text="Call her at 505-555-0142 tomorrow.",
    )
    assert answer["error"]["code"] == "room.held"
    assert [f["category"] for f in answer["findings"]] == ["phone"]
    async with clinic.units.read() as unit:
        log = await unit.db.scalars(text("SELECT command FROM room_log"))
        audit = await unit.db.scalars(text("SELECT facts FROM audit"))
        assert "505" not in str(log.all())
        assert "505" not in str(audit.all())


async def test_alerts_reach_the_right_people_only(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    ann = await clinic.enter(clinic.presenter)
    joe = await clinic.enter(clinic.spoke)
    await joe.do("alert:raise", what="safety")
    await joe.do("alert:raise", what="identifier")
    await fay.until(lambda g: len(g.state["alerts"]) == 2)
    await ann.until(lambda g: len(g.state["alerts"]) == 1)
    await joe.do("room:refetch")
    assert "alerts" not in joe.state
    for alert in list(fay.state["alerts"]):
        await fay.do("alert:close", alert=alert)
    await ann.until(lambda g: g.state["alerts"] == {})


async def test_a_restart_loses_nothing_acknowledged(clinic: Clinic, clock: FakeClock) -> None:
    fay = await clinic.enter(clinic.facilitator)
    joe = await clinic.enter(clinic.spoke)
    await clinic.to_phase(fay, "recommend_spokes")
    await joe.do("hand:raise", intent="recommend", note="sleep first")
    line = client_id()
    await fay.do(
        "line:capture", line=line, speaker=joe.actor.person, area="therapy", text="Sleep first."
    )
    await fay.do("room:refetch")
    before = fay.state
    # The process dies: no good-byes, only the database remains.
    rooms = clinic.house.live.rooms
    for task in [t for t in asyncio.all_tasks() if t.get_name().startswith("room ")]:
        task.cancel()
    rooms._boxes.clear()
    clock.advance(seconds=30)
    for guest in (fay, joe):
        await guest.leave()
    fay2 = await clinic.enter(clinic.facilitator)
    joe2 = await clinic.enter(clinic.spoke)
    await fay2.until(lambda g: set(g.state["people"]) == set(before["people"]))
    for part in ("phase", "lines", "hands", "steps", "stage"):
        assert fay2.state[part] == before[part], part
    assert joe2.state["people"][joe.actor.person]["acknowledged"] is True


async def test_a_second_window_takes_over(clinic: Clinic) -> None:
    first = await clinic.enter(clinic.presenter)
    second = await clinic.enter(clinic.presenter)
    await first.until(lambda g: not g.connected)
    assert ("room:dismissed", {"why": "moved"}) in first.told
    await second.do("room:refetch")
    assert list(second.state["people"]) == [clinic.presenter.person]


async def test_silence_empties_the_seat(clinic: Clinic, clock: FakeClock) -> None:
    fay = await clinic.enter(clinic.facilitator)
    joe = await clinic.enter(clinic.spoke)
    await fay.until(lambda g: joe.actor.person in g.state["people"])
    clock.advance(seconds=12)
    await fay.do("room:beat")
    await clinic.house.live.namespace.beat()
    await fay.until(lambda g: joe.actor.person not in g.state["people"])
    await joe.until(lambda g: not g.connected)


async def test_a_closed_page_leaves(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    joe = await clinic.enter(clinic.spoke)
    await fay.until(lambda g: joe.actor.person in g.state["people"])
    await joe.leave()
    await fay.until(lambda g: joe.actor.person not in g.state["people"])


async def test_an_expired_sign_in_is_cut(clinic: Clinic, clock: FakeClock) -> None:
    joe = await clinic.enter(clinic.spoke)
    clock.advance(hours=25)
    assert await joe.refused("hand:raise", intent="tech") == "sign_in_needed"
    await joe.until(lambda g: not g.connected)


async def test_a_closed_account_is_cut_within_a_beat(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    joe = await clinic.enter(clinic.spoke)
    await fay.until(lambda g: joe.actor.person in g.state["people"])
    async with clinic.units.write() as unit:
        await people.change(unit, joe.actor.person, disabled_at=unit.now)
        await unit.commit()
    await clinic.house.live.namespace.beat()
    await fay.until(lambda g: joe.actor.person not in g.state["people"])
    heard = len(joe.told)
    await fay.do("phase:start")
    await fay.until(lambda g: g.state["stage"] == "live")
    assert len(joe.told) == heard


async def test_a_role_taken_away_is_cut_within_a_beat(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    joe = await clinic.enter(clinic.spoke)
    async with clinic.units.write() as unit:
        await people.revoke(unit, joe.actor.person, clinic.programme.id, Role.SPOKE_CLINICIAN)
        await unit.commit()
    await clinic.house.live.namespace.beat()
    await fay.until(lambda g: joe.actor.person not in g.state["people"])
    await joe.until(lambda g: not g.connected)


async def test_nobody_comes_in_without_a_fresh_ticket_of_their_own(
    clinic: Clinic, clock: FakeClock
) -> None:
    joe, ann = await clinic.guest(clinic.spoke), await clinic.guest(clinic.presenter)
    theirs = await ann.ticket(clinic.session)
    old = await joe.ticket(clinic.session)
    clock.advance(seconds=61)
    for ticket in (theirs, old, "x", "", "a.b", "é.x", None, 7, {"a": 1}):
        with pytest.raises(socketio.exceptions.ConnectionError):
            await joe.io.connect(
                clinic.house.origin,
                headers={"Cookie": f"sid={joe.token}", "Origin": clinic.house.origin},
                auth={"ticket": ticket},
                namespaces=["/live"],
                transports=["websocket"],
            )
        await joe.io.disconnect()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Cookie": "", "Origin": "HERE"}, 401),
        ({"Cookie": "sid=nonsense", "Origin": "HERE"}, 401),
        ({"Cookie": "TOKEN"}, 403),
        ({"Cookie": "TOKEN", "Origin": "https://evil.example"}, 403),
        ({"Cookie": "TOKEN", "Origin": "null"}, 403),
    ],
)
async def test_no_handshake_without_sign_in_and_our_origin(
    clinic: Clinic, headers: dict[str, str], expected: int
) -> None:
    joe = await clinic.guest(clinic.spoke)
    sent = {
        name: value.replace("HERE", clinic.house.origin).replace("TOKEN", f"sid={joe.token}")
        for name, value in headers.items()
    }
    async with joe.io.eio.http.get(
        f"{clinic.house.origin}/socket.io/?EIO=4&transport=websocket",
        headers={
            "Accept": "application/json",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            **sent,
        },
    ) as response:
        assert response.status == expected


async def test_three_sockets_and_no_more(clinic: Clinic) -> None:
    guests = [await clinic.guest(clinic.spoke) for _ in range(4)]
    for guest in guests[:3]:
        await guest.connect(clinic.session)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await guests[3].connect(clinic.session)


async def test_a_cancelled_session_closes_its_room(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    await clinic.house.live.rooms.close(clinic.session)
    await fay.until(lambda g: g.state["stage"] == "ended")
    assert await fay.refused("phase:start") == "room.already_started"


async def test_media_offers_and_slots_reach_the_seat(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    joe = await clinic.enter(clinic.spoke)
    answer = await joe.do("media:publish", sdp="v=0 offer")
    assert isinstance(answer["sdp"], str)
    await joe.do("media:state", microphone=True, camera=True, share=False, pictures=True)
    await fay.do("media:ready")
    await fay.until(lambda g: any(name == "media:offer" for name, _ in g.told))
    offer = next(data for name, data in fay.told if name == "media:offer")
    await fay.do("media:answer", sdp="v=0 answer", generation=offer["generation"])
    seat = joe.you["seat"]
    clinic.house.plane.flow(seat, "video")
    await fay.until(lambda g: any(name == "media:slots" for name, _ in g.told))
    slots = [data for name, data in fay.told if name == "media:slots"][-1]["slots"]
    assert {"seat": seat, "kind": "video"} in slots.values()


async def test_no_media_before_the_seat(clinic: Clinic) -> None:
    joe = await clinic.guest(clinic.spoke)
    await joe.connect(clinic.session)
    assert await joe.refused("media:publish", sdp="v=0") == "room.not_here"
    assert await joe.refused("media:ready") == "room.not_here"
    assert clinic.house.plane.offers == {}


@pytest.mark.parametrize(
    "waits",
    [
        ((89, SessionState.LIVE), (1, SessionState.ENDED)),
        ((9 * 24 * 60, SessionState.ENDED),),
    ],
    ids=["soon", "after nine days"],
)
async def test_a_forgotten_room_ends_by_itself_even_after_a_restart(
    clinic: Clinic, clock: FakeClock, waits: tuple[tuple[int, SessionState], ...]
) -> None:
    fay = await clinic.enter(clinic.facilitator)
    await fay.do("phase:start")
    await fay.leave()
    live = clinic.house.live
    await _settled(clinic)
    for task in [t for t in asyncio.all_tasks() if t.get_name().startswith("room ")]:
        task.cancel()
    live.rooms._boxes.clear()
    for minutes, expected in waits:
        clock.advance(minutes=minutes)
        await live.recover()
        await live.rooms.tick()
        async with clinic.units.read() as unit:
            card = await queries.session_card(unit, clinic.session)
        assert card.session.state is expected
    assert live.rooms.peek(clinic.session) is None


async def _settled(clinic: Clinic) -> None:
    """Wait until nobody is in the room any more."""
    async with asyncio.timeout(10):
        while (room := clinic.house.live.rooms.peek(clinic.session)) and room.present():
            await asyncio.sleep(0)


async def test_stopping_closes_open_sockets(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    async with asyncio.timeout(3):
        await clinic.house.stop()
    await fay.until(lambda g: not g.connected)


async def test_the_agenda_may_change_until_the_start(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    filled = [s for s in fay.state["steps"].values() if s.get("case") == CASE]
    assert len(filled) == 6
    async with clinic.units.write() as unit:
        await agenda.remove_case_from_slot(unit, None, session_id=clinic.session, case=CASE)
        await unit.commit()
    joe = await clinic.enter(clinic.spoke)
    assert [s for s in joe.state["steps"].values() if "case" in s] == []
    await fay.until(lambda g: not any("case" in s for s in g.state["steps"].values()))
