"""The table of a room: who gets what in which slot."""

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.forwarding import Forwarder, Sink, assign
from sessions.media.plane import Limits, Slot, Source, Wanted
from sessions.media.sdp import slots_of
from tests.fakes.plane import Followed

LIMITS = Limits(voices=2, pictures=2, shares=1)


class Stream:
    """Stands for a stream of the data plane: only its identity matters here."""


def room(*viewers: str) -> tuple[Forwarder, dict[str, dict[str, Sink]]]:
    forwarder, sinks = Forwarder(), {}
    for viewer in viewers:
        mine = [Sink(viewer, slot, Followed()) for slot in slots_of(LIMITS)]
        forwarder.add_viewer(viewer, mine)
        sinks[viewer] = {sink.slot: sink for sink in mine}
    return forwarder, sinks


def follows(sinks: dict[str, Sink]) -> dict[str, object]:
    """Return what each slot that carries something carries."""
    return {slot: sink.out.stream for slot, sink in sinks.items() if sink.out.stream is not None}


ANNA, BEN = Source("anna", "video"), Source("ben", "video")


def test_a_slot_follows_what_it_shows():
    forwarder, sinks = room("carl")
    anna, ben = Stream(), Stream()
    forwarder.begin(ANNA, (anna,))
    forwarder.begin(BEN, (ben,))
    forwarder.want("carl", Wanted((ANNA,)))
    assert follows(sinks["carl"]) == {"picture-0": anna}
    forwarder.want("carl", Wanted((BEN,)))
    assert follows(sinks["carl"]) == {"picture-0": ben}
    forwarder.want("carl", Wanted((ANNA, BEN)))
    assert follows(sinks["carl"]) == {"picture-0": ben, "picture-1": anna}


def test_pictures_that_have_not_begun_are_waited_for():
    forwarder, sinks = room("carl")
    forwarder.begin(ANNA, (Stream(),))
    forwarder.want("carl", Wanted((ANNA,)))
    assert forwarder.waiting() == {(ANNA, 0)}
    sinks["carl"]["picture-0"].out.waiting = False
    assert forwarder.waiting() == set()


def test_nothing_is_waited_for_by_a_viewer_who_is_not_connected():
    forwarder, sinks = room("carl")
    sinks["carl"]["picture-0"].out.aimed = False
    forwarder.begin(ANNA, (Stream(),))
    forwarder.want("carl", Wanted((ANNA,)))
    assert forwarder.waiting() == set()


def test_an_ended_source_is_followed_afresh():
    forwarder, sinks = room("carl")
    forwarder.begin(ANNA, (Stream(),))
    forwarder.want("carl", Wanted((ANNA,)))
    assert forwarder.end(ANNA) == {"carl"}
    assert forwarder.filling("carl") == ()
    assert follows(sinks["carl"]) == {}
    again = Stream()
    assert forwarder.begin(ANNA, (again,)) == {"carl"}
    assert follows(sinks["carl"]) == {"picture-0": again}


def test_voices_are_the_chosen_ones_without_ones_own():
    forwarder, _ = room("anna", "dora")
    for name in ("anna", "ben", "carl"):
        forwarder.begin(Source(name, "audio"), (Stream(),))
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
    assert forwarder.pictures("dora") == []
    for source in wanted[1:]:
        forwarder.begin(source, (Stream(),))
    assert [f.source for f in forwarder.filling("dora")] == [*wanted[1:]]
    forwarder.begin(wanted[0], (Stream(),))
    assert {f.source for f in forwarder.filling("dora")} == {*wanted[:2]}


def test_what_does_not_fit_is_left_out_and_voices_stay():
    forwarder, _ = room("carl")
    for source in (ANNA, BEN, Source("ben", "audio")):
        forwarder.begin(source, (Stream(),))
    forwarder.set_voices(("ben",))
    forwarder.want("carl", Wanted((BEN, ANNA)))
    assert forwarder.share("carl", {BEN: 0, ANNA: None}) == {"carl"}
    shown = {f.source for f in forwarder.filling("carl")}
    assert shown == {BEN, Source("ben", "audio")}
    assert forwarder.pictures("carl") == [BEN, ANNA]
    assert forwarder.share("carl", {BEN: 0, ANNA: 0}) == {"carl"}
    assert forwarder.share("carl", {BEN: 0, ANNA: 0}) == set()


def test_a_change_of_layer_keeps_the_picture_until_it_comes():
    forwarder, sinks = room("carl")
    small, large = Stream(), Stream()
    forwarder.begin(ANNA, (small, large))
    forwarder.want("carl", Wanted((ANNA,)))
    out = sinks["carl"]["picture-0"].out
    assert (out.stream, forwarder.waiting()) == (small, {(ANNA, 0)})
    out.waiting = False
    # The same person in the same slot: nobody has to be told.
    assert forwarder.share("carl", {ANNA: 1}) == set()
    assert (out.stream, out.waiting, out.changing) == (large, False, True)
    assert forwarder.waiting() == {(ANNA, 1)}
    out.changing = False
    assert forwarder.share("carl", {ANNA: 7}) == set()
    assert (out.stream, forwarder.waiting()) == (large, {(ANNA, 1)})


def test_no_more_pictures_than_slots_are_counted():
    forwarder, _ = room("dora")
    wanted = tuple(Source(name, "video") for name in ("anna", "ben", "carl"))
    for source in (*wanted, Source("anna", "share")):
        forwarder.begin(source, (Stream(),))
    forwarder.want("dora", Wanted((*wanted, Source("anna", "share"))))
    assert forwarder.pictures("dora") == [*wanted[:2], Source("anna", "share")]


def test_a_removed_viewer_gets_nothing():
    forwarder, sinks = room("carl")
    forwarder.begin(ANNA, (Stream(),))
    forwarder.want("carl", Wanted((ANNA,)))
    forwarder.remove_viewer("carl")
    assert follows(sinks["carl"]) == {}
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
            st.tuples(st.just("renew"), SEATS),
            st.tuples(st.just("leave"), SEATS),
        ),
        max_size=60,
    )
)
def test_whatever_happens_slots_are_whole(steps):
    """The filling of a viewer is exactly what its slots follow, and nobody sees themselves."""
    forwarder, sinks = room("a", "b", "c")
    live: dict[Source, Stream] = {}
    viewers = set("abc")
    for step in steps:
        seat = step[1]
        source = Source(seat, "video")
        if step[0] == "begin":
            forwarder.begin(source, (live.setdefault(source, Stream()),))
        elif step[0] == "end":
            forwarder.end(source)
            live.pop(source, None)
        elif step[0] == "want" and seat in viewers:
            forwarder.want(seat, Wanted(tuple(Source(name, "video") for name in step[2])))
        elif step[0] == "renew":
            before = sinks[seat]
            fresh = [Sink(seat, slot, Followed()) for slot in slots_of(LIMITS)]
            forwarder.add_viewer(seat, fresh)
            sinks[seat] = {sink.slot: sink for sink in fresh}
            assert follows(before) == {}
            viewers.add(seat)
        elif step[0] == "leave":
            forwarder.remove_viewer(seat)
            viewers.discard(seat)
        for viewer, slots in sinks.items():
            shown = {
                slot: live[sink.source] for slot, sink in slots.items() if sink.source in live
            }
            filling = forwarder.filling(viewer)
            assert follows(slots) == (shown if viewer in viewers else {})
            assert {f.slot: live[f.source] for f in filling} == follows(slots)
            assert Source(viewer, "video") not in {f.source for f in filling}
