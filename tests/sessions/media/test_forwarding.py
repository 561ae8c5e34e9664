"""The table of a room: who gets which packet in which slot."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.forwarding import Forwarder, Sink, assign
from sessions.media.packets import view
from sessions.media.plane import Limits, Slot, SlotFilling, Source, Wanted
from sessions.media.sdp import slots_of

LIMITS = Limits(voices=2, pictures=2, shares=1)
HERE = object()


def rtp(seq: int, *, key: bool = False, picture: int = 1, stamp: int = 0):
    head = struct.pack("!BBHLL", 0x80, 96, seq, stamp, 5)
    body = b"\x90\x80" + (0x8000 | picture).to_bytes(2) + (b"\x10" if key else b"\x11")
    return view(head + body + b"rest")


def room(*viewers: str) -> tuple[Forwarder, dict[str, dict[str, Sink]]]:
    forwarder, sinks = Forwarder(), {}
    for viewer in viewers:
        mine = [Sink(viewer, slot, 100, 7_000) for slot in slots_of(LIMITS)]
        for sink in mine:
            sink.target = HERE
        forwarder.add_viewer(viewer, mine)
        sinks[viewer] = {sink.slot: sink for sink in mine}
    return forwarder, sinks


ANNA, BEN = Source("anna", "video"), Source("ben", "video")


def test_a_picture_begins_with_a_keyframe():
    forwarder, sinks = room("carl")
    forwarder.begin(ANNA)
    forwarder.want("carl", Wanted((ANNA,)))
    assert forwarder.waiting() == {ANNA}
    assert forwarder.route(ANNA, rtp(50), 1.0) == []
    (send,) = forwarder.route(ANNA, rtp(51, key=True), 1.0)
    assert (send.sink, send.seq) == (sinks["carl"]["picture-0"], 100)
    assert forwarder.waiting() == set()
    (send,) = forwarder.route(ANNA, rtp(52), 1.0)
    assert send.seq == 101


def test_nothing_goes_to_a_viewer_who_is_not_connected():
    forwarder, sinks = room("carl")
    sinks["carl"]["picture-0"].target = None
    forwarder.begin(ANNA)
    forwarder.want("carl", Wanted((ANNA,)))
    assert forwarder.waiting() == set()
    assert forwarder.route(ANNA, rtp(51, key=True), 1.0) == []


def test_a_slot_runs_on_when_its_source_changes():
    forwarder, _ = room("carl")
    for source in (ANNA, BEN):
        forwarder.begin(source)
    forwarder.want("carl", Wanted((ANNA,)))
    (first,) = forwarder.route(ANNA, rtp(9, key=True, picture=30, stamp=90_000), 1.0)
    forwarder.want("carl", Wanted((BEN,)))
    assert forwarder.route(ANNA, rtp(10, picture=31), 1.5) == []
    assert forwarder.waiting() == {BEN}
    (second,) = forwarder.route(BEN, rtp(7_000, key=True, picture=500, stamp=4), 2.0)
    assert second.sink is first.sink
    assert second.seq == first.seq + 1
    assert second.timestamp == first.timestamp + 90_000
    assert second.patches == ((14, (0x8000 | 31).to_bytes(2)),)


def test_an_ended_source_starts_again_with_a_keyframe():
    forwarder, _ = room("carl")
    forwarder.begin(ANNA)
    forwarder.want("carl", Wanted((ANNA,)))
    forwarder.route(ANNA, rtp(9, key=True), 1.0)
    assert forwarder.end(ANNA) == {"carl"}
    assert forwarder.filling("carl") == ()
    assert forwarder.route(ANNA, rtp(10, key=True), 1.0) == []
    assert forwarder.begin(ANNA) == {"carl"}
    assert forwarder.route(ANNA, rtp(600), 1.0) == []
    (send,) = forwarder.route(ANNA, rtp(601, key=True), 1.0)
    assert send.seq == 101


def test_a_lost_packet_is_sent_again_as_it_was():
    forwarder, sinks = room("carl")
    forwarder.begin(ANNA)
    forwarder.want("carl", Wanted((ANNA,)))
    packets = [rtp(9, key=True), rtp(10), rtp(11)]
    sent = [forwarder.route(ANNA, packet, 1.0)[0] for packet in packets]
    sink = sinks["carl"]["picture-0"]
    assert forwarder.again(sink, sent[1].seq, packets[1], 1.1) == sent[1]
    assert forwarder.again(sink, sent[1].seq, packets[2], 1.1) is None
    assert sink.numbers.seq == sent[2].seq


def test_voices_are_the_chosen_ones_without_ones_own():
    forwarder, _ = room("anna", "dora")
    for name in ("anna", "ben", "carl"):
        forwarder.begin(Source(name, "audio"))
    for name in ("anna", "dora"):
        forwarder.want(name, Wanted())
    forwarder.set_voices(("anna", "ben", "carl"))

    def voices(viewer):
        return [(f.slot, f.source.seat) for f in forwarder.filling(viewer)]

    assert voices("anna") == [("voice-0", "ben"), ("voice-1", "carl")]
    assert voices("dora") == [("voice-0", "anna"), ("voice-1", "ben")]
    assert forwarder.set_voices(("carl", "ben")) == {"dora"}
    assert voices("dora") == [("voice-0", "carl"), ("voice-1", "ben")]


def test_only_what_flows_takes_a_slot():
    forwarder, _ = room("dora")
    wanted = tuple(Source(name, "video") for name in ("anna", "ben", "carl"))
    forwarder.want("dora", Wanted(wanted))
    assert forwarder.pictures("dora") == 0
    for source in wanted[1:]:
        forwarder.begin(source)
    assert [f.source for f in forwarder.filling("dora")] == [*wanted[1:]]
    forwarder.begin(wanted[0])
    assert {f.source for f in forwarder.filling("dora")} == {*wanted[:2]}


def test_a_limit_keeps_the_most_important_pictures_and_all_voices():
    forwarder, _ = room("carl")
    for source in (ANNA, BEN, Source("ben", "audio")):
        forwarder.begin(source)
    forwarder.set_voices(("ben",))
    forwarder.want("carl", Wanted((BEN, ANNA)))
    assert forwarder.limit("carl", 1) == {"carl"}
    shown = {f.source for f in forwarder.filling("carl")}
    assert shown == {BEN, Source("ben", "audio")}
    assert forwarder.pictures("carl") == 2
    assert forwarder.limit("carl", None) == {"carl"}
    assert forwarder.limit("carl", None) == set()


def test_a_removed_viewer_gets_nothing():
    forwarder, _ = room("carl")
    forwarder.begin(ANNA)
    forwarder.want("carl", Wanted((ANNA,)))
    forwarder.remove_viewer("carl")
    assert forwarder.route(ANNA, rtp(1, key=True), 1.0) == []
    assert forwarder.sinks(ANNA) == []


@given(
    slots=st.integers(0, 5),
    rounds=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=10), max_size=8),
)
def test_assignment(slots, rounds):
    names = [Slot(f"picture-{i}") for i in range(slots)]
    held: dict = {}
    for wanted in ([Source(name, "video") for name in names_] for names_ in rounds):
        given_ = assign(names, held, wanted)
        distinct = list(dict.fromkeys(wanted))[:slots]
        assert sorted(given_.values(), key=str) == sorted(distinct, key=str)
        assert len(set(given_)) == len(given_)
        for slot, source in held.items():
            if source in distinct:
                assert given_[slot] == source
        held = given_


SEATS = st.sampled_from("abc")


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("begin"), SEATS),
            st.tuples(st.just("end"), SEATS),
            st.tuples(st.just("want"), SEATS, st.lists(SEATS, max_size=4)),
            st.tuples(st.just("packet"), SEATS, st.booleans()),
            st.tuples(st.just("renew"), SEATS),
            st.tuples(st.just("leave"), SEATS),
        ),
        max_size=60,
    )
)
def test_whatever_happens_slots_are_whole(steps):
    """Every stream in every slot is gapless, and the filling is exactly what flows there."""
    forwarder, _ = room("a", "b", "c")
    numbers = dict.fromkeys("abc", 0)
    sent: dict[int, list[int]] = {}
    alive: dict[int, Sink] = {}
    live, viewers = set(), set("abc")
    for step in steps:
        seat = step[1]
        source = Source(seat, "video")
        if step[0] == "begin":
            forwarder.begin(source)
            live.add(source)
        elif step[0] == "end":
            forwarder.end(source)
            live.discard(source)
        elif step[0] == "want" and seat in viewers:
            forwarder.want(seat, Wanted(tuple(Source(name, "video") for name in step[2])))
        elif step[0] == "renew":
            fresh = [Sink(seat, slot, 100, 0) for slot in slots_of(LIMITS)]
            for sink in fresh:
                sink.target = HERE
            forwarder.add_viewer(seat, fresh)
            viewers.add(seat)
        elif step[0] == "leave":
            forwarder.remove_viewer(seat)
            viewers.discard(seat)
        elif step[0] == "packet":
            numbers[seat] += 1
            sends = forwarder.route(source, rtp(numbers[seat], key=step[2]), 1.0)
            assert source in live or sends == []
            assert len({id(send.sink) for send in sends}) == len(sends)
            for send in sends:
                alive[id(send.sink)] = send.sink
                sent.setdefault(id(send.sink), []).append(send.seq)
                filling = SlotFilling(send.sink.slot, source)
                assert filling in forwarder.filling(send.sink.viewer)
                assert send.sink.viewer != seat
    for numbers_sent in sent.values():
        assert numbers_sent == list(range(100, 100 + len(numbers_sent)))
