"""Who has the turn, and whose voices are forwarded."""

import functools

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.speaker import PLACE_HOLD_S, SPEAKER_HOLD_S, Speakers, Voice

QUIET, LOUD, LOUDER = 90, 30, 10


class Table:
    """People in a row, one packet every 20 ms each, `choose` ten times a second."""

    def __init__(self, places: int, *people: str) -> None:
        self.speakers = Speakers(places)
        self.now = 100.0
        self.voices: dict[str, Voice] = {}
        for person in people:
            self.add(person)

    def add(self, person: str) -> None:
        voice = self.voices[person] = Voice()
        self.speakers.add(person, lambda: voice, self.now)

    def talk(self, seconds: float, **levels: int) -> None:
        for step in range(round(seconds * 50)):
            self.now += 0.02
            for person, voice in self.voices.items():
                loud = voice.hear(levels.get(person, QUIET), self.now)
                if loud and person not in self.speakers.chosen:
                    self.speakers.choose(self.now)
            if step % 5 == 4:
                self.speakers.choose(self.now)


def test_silence_is_nobody():
    table = Table(4, "anna", "ben")
    table.talk(3)
    assert table.speakers.speaker is None


def test_whoever_talks_has_the_turn_and_keeps_it_over_a_breath():
    table = Table(4, "anna", "ben")
    table.talk(0.2, anna=LOUD)
    assert table.speakers.speaker is None
    table.talk(0.5, anna=LOUD)
    assert table.speakers.speaker == "anna"
    table.talk(SPEAKER_HOLD_S - 0.3)
    assert table.speakers.speaker == "anna"
    table.talk(0.8)
    assert table.speakers.speaker is None


def test_a_cough_takes_no_turn():
    table = Table(4, "anna", "ben")
    table.talk(2, anna=LOUD)
    table.talk(0.2, anna=LOUD, ben=LOUDER)
    assert table.speakers.speaker == "anna"
    table.talk(1, anna=LOUD, ben=LOUDER)
    assert table.speakers.speaker == "ben"


def test_equally_loud_people_do_not_swap_the_turn():
    table = Table(4, "anna", "ben")
    table.talk(2, anna=LOUD)
    table.talk(5, anna=LOUD, ben=LOUD - 2)
    assert table.speakers.speaker == "anna"


def test_two_who_talk_at_once_do_not_flicker():
    table = Table(4, "anna", "ben")
    table.talk(2, anna=LOUD)
    turns = []
    for i in range(60):
        # Syllables: now the one is louder, now the other.
        table.talk(0.1, anna=LOUDER if i % 4 < 2 else 45, ben=45 if i % 4 < 2 else LOUDER)
        if turns[-1:] != [table.speakers.speaker]:
            turns.append(table.speakers.speaker)
    assert len(turns) <= 5


def test_free_places_go_to_anybody():
    table = Table(3, "anna", "ben")
    assert set(table.speakers.chosen) == {"anna", "ben"}


def test_a_talker_gets_the_place_of_somebody_silent_at_once():
    table = Table(2, "anna", "ben", "carl")
    assert table.speakers.chosen == ("anna", "ben")
    table.talk(3)
    table.talk(0.04, carl=LOUD)
    assert "carl" in table.speakers.chosen


def test_three_talkers_in_two_places_do_not_flicker():
    table = Table(2, "anna", "ben", "carl")
    table.talk(3, anna=LOUD, ben=LOUD)
    before = table.speakers.chosen
    changes = 0
    for _ in range(100):
        table.talk(0.1, anna=LOUD, ben=LOUD, carl=LOUD)
        changes += table.speakers.chosen != before
        before = table.speakers.chosen
    assert changes == 0
    table.talk(PLACE_HOLD_S + 1, ben=LOUD, carl=LOUD)
    assert set(table.speakers.chosen) == {"ben", "carl"}


def test_who_leaves_loses_place_and_turn():
    table = Table(2, "anna", "ben", "carl")
    table.talk(1, anna=LOUD)
    table.speakers.remove("anna", table.now)
    assert table.speakers.speaker is None
    assert set(table.speakers.chosen) == {"ben", "carl"}


@given(
    places=st.integers(1, 4),
    steps=st.lists(
        st.tuples(
            st.sampled_from("abcdef"),
            st.sampled_from(("add", "remove", "hear", "choose")),
            st.integers(0, 127),
            st.floats(0, 3),
        ),
        max_size=80,
    ),
)
def test_places_are_always_as_full_as_they_can_be(places, steps):
    speakers, present, now = Speakers(places), set(), 0.0
    voices = {seat: Voice() for seat in "abcdef"}
    for seat, deed, level, passed in steps:
        now += passed
        if deed == "add":
            speakers.add(seat, functools.partial(voices.get, seat), now)
            present.add(seat)
        elif deed == "remove":
            speakers.remove(seat, now)
            present.discard(seat)
        elif deed == "hear":
            voices[seat].hear(level, now)
        else:
            speakers.choose(now)
        assert len(speakers.chosen) == min(places, len(present))
        assert set(speakers.chosen) <= present
        assert speakers.speaker is None or speakers.speaker in present
