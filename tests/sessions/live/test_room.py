"""The behaviour of the room, case by case (domain.md §3)."""

from datetime import timedelta

import pytest

from server.kit.errors import DomainError
from server.kit.ids import AgendaItemId, CaptureId, PersonId
from sessions.live import messages as m
from sessions.live import timing
from sessions.live.attention import wanted
from sessions.live.effects import (
    Admit,
    CloseMedia,
    Dismiss,
    EndSession,
    MarkPresented,
    Note,
    NoteArrival,
    NoteDeparture,
    Release,
    SaveLine,
    StartSession,
)
from sessions.live.room import apply, due
from sessions.live.state import Room, Stage
from sessions.live.view import Audience, view
from sessions.media.plane import SeatKey, Source
from sessions.rules.models import PhaseKind, ProblemArea
from tests.sessions.live.vectors import FOLDER, stories, text_of
from tests.sessions.live.worlds import (
    ANN,
    EMPTY,
    FAY,
    HUGO,
    JOE,
    LEA,
    PLAN,
    START,
    STEPS,
    T0,
    joined,
    live,
    run,
    seat,
    text,
)


def code(room: Room, command: m.Command) -> str:
    """Return why the command is refused."""
    with pytest.raises(DomainError) as refused:
        apply(room, command, START)
    return refused.value.code


def next_of(room: Room) -> m.Next:
    assert room.step is not None
    return m.Next(FAY.person, room.step.key)


def capture(speaker: m.Card, words: str, by: m.Card = FAY, line: str = "line-1") -> m.CaptureLine:
    return m.CaptureLine(by.person, CaptureId(line), speaker.person, ProblemArea.DOSE, text(words))


class TestComingAndGoing:
    def test_first_join_admits_and_notes_arrival(self) -> None:
        room = run(EMPTY, PLAN)
        _, effects = apply(room, m.Join(HUGO, seat(HUGO)), T0)
        assert effects == (
            Admit(seat(HUGO), sends=True, shares=False),
            NoteArrival(HUGO.person, seat(HUGO)),
        )

    def test_learners_listen_and_presenters_may_share(self) -> None:
        room = run(EMPTY, PLAN)
        admits = [apply(room, m.Join(card, seat(card)), T0)[1][0] for card in (LEA, ANN, FAY)]
        assert admits == [
            Admit(seat(LEA), sends=False, shares=False),
            Admit(seat(ANN), sends=True, shares=True),
            Admit(seat(FAY), sends=True, shares=True),
        ]

    def test_a_second_window_takes_the_seat_over(self) -> None:
        room, effects = apply(joined(JOE), m.Join(JOE, seat(JOE, 2)), T0)
        assert effects == (
            Dismiss(seat(JOE), "moved"),
            Release(seat(JOE)),
            NoteDeparture(JOE.person, seat(JOE)),
            Admit(seat(JOE, 2), sends=True, shares=True),
            NoteArrival(JOE.person, seat(JOE, 2)),
        )
        assert room.people[JOE.person].acknowledged is True
        after, effects = apply(room, m.Leave(JOE.person, seat(JOE)), T0)
        assert (after, effects) == (room, ())  # the old window's good-bye comes too late

    def test_leaving_keeps_the_place_for_two_minutes(self) -> None:
        room = run(live(JOE, ANN), m.RaiseHand(JOE.person, m.Intent.CLARIFY), now=START)
        room = run(room, m.RaiseHand(ANN.person, m.Intent.CLARIFY), now=START)
        room = run(room, m.Leave(JOE.person, seat(JOE)), now=START)
        assert view(room, Audience.ROOM)["hands"]["spoke"] == [ANN.person]
        assert due(room, START + timedelta(seconds=119)) == ()
        back = run(room, m.Join(JOE, seat(JOE, 2)), now=START + timedelta(seconds=119))
        assert view(back, Audience.ROOM)["hands"]["spoke"] == [JOE.person, ANN.person]
        assert due(back, START + timedelta(minutes=10)) == ()
        late = START + timedelta(seconds=120)
        assert due(room, late) == (m.LowerHand(None, JOE.person),)
        gone = run(room, *due(room, late), now=late)
        assert gone.spoke_lane == (ANN.person,)

    def test_leaving_gives_the_floor_back(self) -> None:
        room = run(live(JOE, phase=PhaseKind.CLOSING), m.GiveFloor(FAY.person, JOE.person))
        assert room.floor == JOE.person
        assert run(room, m.Leave(JOE.person, seat(JOE))).floor is None

    def test_removal_keeps_nothing(self) -> None:
        room = run(live(JOE), m.RaiseHand(JOE.person, m.Intent.CLARIFY), now=START)
        after, effects = apply(room, m.Remove(JOE.person), START)
        assert effects == (
            Dismiss(seat(JOE), "removed"),
            Release(seat(JOE)),
            NoteDeparture(JOE.person, seat(JOE)),
        )
        assert after.hands == {}

    def test_nothing_before_the_rules_are_read(self) -> None:
        room = run(run(EMPTY, PLAN), m.Join(FAY, seat(FAY)), m.Join(JOE, seat(JOE)))
        assert code(room, m.Start(FAY.person)) == "room.rules_first"
        assert code(room, m.RaiseHand(JOE.person, m.Intent.TECH)) == "room.rules_first"
        # A safety button works for everybody at any time.
        assert run(room, m.RaiseAlert(JOE.person, "a", m.AlertKind.SAFETY)).alerts != ()

    def test_an_empty_room_ends_30_minutes_after_its_plan(self) -> None:
        room = run(live(JOE), m.Leave(JOE.person, seat(JOE)), m.Leave(FAY.person, seat(FAY)))
        planned_end = START + timedelta(minutes=60)
        assert due(room, planned_end + timedelta(minutes=29, seconds=59)) == ()
        assert due(room, planned_end + timedelta(minutes=30)) == (m.End(None),)
        _, effects = apply(room, m.End(None), planned_end + timedelta(minutes=30))
        assert effects == (EndSession(None), CloseMedia())


class TestPhases:
    def test_only_who_runs_the_session_moves_it(self) -> None:
        room = live(JOE, HUGO, LEA)
        for card in (JOE, HUGO, LEA):
            for command in (
                m.Next(card.person, STEPS[0].key),
                m.Back(card.person, STEPS[0].key),
                m.Extend(card.person, STEPS[0].key, 1),
                m.End(card.person),
                m.UnlockHub(card.person),
                m.GiveFloor(card.person, JOE.person),
            ):
                assert code(room, command) == "room.not_yours"

    def test_a_double_click_moves_once(self) -> None:
        room = live()
        first = next_of(room)
        room = run(room, first, now=START)
        assert code(room, first) == "room.phase_moved"
        assert room.index == 1

    def test_start_tells_the_house_once(self) -> None:
        room, effects = apply(joined(FAY), m.Start(FAY.person), START)
        assert effects == (StartSession(),)
        assert code(room, m.Start(FAY.person)) == "room.already_started"

    def test_nothing_advances_by_itself(self) -> None:
        room = live()
        assert due(room, START + timedelta(minutes=50)) == ()

    def test_overrun_is_borrowed_and_carried_on(self) -> None:
        room = live()  # welcome: 120 s
        room = run(room, next_of(room), now=START + timedelta(seconds=420))
        # 300 s over; the presentation had 240: 60 of the debt are left for the phase after it.
        assert timing.allowed(room, STEPS[1]) == 0
        room = run(room, next_of(room), now=START + timedelta(seconds=430))
        assert room.debt[STEPS[2].key] == 70
        assert timing.allowed(room, STEPS[2]) == 110

    def test_minutes_granted_turn_the_clock_back_but_are_borrowed_all_the_same(self) -> None:
        room = live()
        room = run(
            room, m.Extend(FAY.person, STEPS[0].key, 2), m.Extend(FAY.person, STEPS[0].key, 1)
        )
        assert timing.allowed(room, STEPS[0]) == 300
        room = run(room, next_of(room), now=START + timedelta(seconds=200))
        assert timing.allowed(room, STEPS[1]) == 160

    def test_time_saved_is_not_given_away(self) -> None:
        room = live()
        room = run(room, next_of(room), now=START + timedelta(seconds=30))
        assert timing.allowed(room, STEPS[1]) == 240

    def test_back_goes_on_where_it_stood(self) -> None:
        room = live()
        room = run(room, next_of(room), now=START + timedelta(seconds=100))
        clock = room.case_clock[AgendaItemId("item-1")]
        room = run(room, m.Back(FAY.person, STEPS[1].key), now=START + timedelta(seconds=105))
        assert timing.elapsed(room, START + timedelta(seconds=110)) == 105
        room = run(room, next_of(room), now=START + timedelta(seconds=130))
        assert timing.elapsed(room, START + timedelta(seconds=130)) == 5
        assert room.case_clock[AgendaItemId("item-1")] == clock
        assert timing.allowed(room, STEPS[1]) == 235

    def test_a_case_counts_as_presented_when_its_summary_is_over(self) -> None:
        room = live(phase=PhaseKind.SUMMARY)
        after, effects = apply(room, next_of(room), START)
        assert effects == (MarkPresented(AgendaItemId("item-1")),)
        back = run(after, m.Back(FAY.person, STEPS[7].key), now=START)
        assert apply(back, next_of(back), START)[1] == ()
        _, effects = apply(room, m.End(FAY.person), START)
        assert effects == (
            MarkPresented(AgendaItemId("item-1")),
            EndSession(FAY.person),
            CloseMedia(),
        )

    def test_the_ends_of_the_plan(self) -> None:
        room = live()
        assert code(room, m.Back(FAY.person, STEPS[0].key)) == "room.first_phase"
        room = live(phase=PhaseKind.CLOSING)
        assert code(room, next_of(room)) == "room.last_phase"

    def test_the_plan_is_frozen_once_live(self) -> None:
        shorter = m.Plan(PLAN.starts_at, PLAN.ends_at, STEPS[:3])
        assert run(live(), shorter).steps == STEPS
        assert run(joined(), shorter).steps == STEPS[:3]

    def test_nobody_joins_what_is_over(self) -> None:
        room = run(live(), m.End(FAY.person), now=START)
        assert room.stage is Stage.ENDED
        assert code(room, m.Join(JOE, seat(JOE))) == "room.ended"
        assert run(joined(), m.Close()).stage is Stage.ENDED


class TestHands:
    def test_who_has_not_spoken_goes_ahead(self) -> None:
        eve = m.Card(PersonId("eve"), "Eve", "Cedar Gap", JOE.lane, JOE.duties)
        room = live(JOE, ANN, eve, phase=PhaseKind.CLARIFY_SPOKES)
        room = run(room, m.GiveFloor(FAY.person, JOE.person), m.TakeFloor(JOE.person))
        for card in (JOE, ANN, eve):
            room = run(room, m.RaiseHand(card.person, m.Intent.CLARIFY))
        assert room.spoke_lane == (ANN.person, eve.person, JOE.person)

    def test_hub_waits_while_spokes_have_the_floor(self) -> None:
        room = live(HUGO, JOE, phase=PhaseKind.CLARIFY_SPOKES)
        room = run(room, m.RaiseHand(HUGO.person, m.Intent.RECOMMEND))
        assert code(room, m.GiveFloor(FAY.person, HUGO.person)) == "room.hub_locked"
        unlocked, effects = apply(room, m.UnlockHub(FAY.person), START)
        assert effects == (Note("session.hub_unlocked", FAY.person, {"phase": "clarify_spokes"}),)
        assert unlocked.overrides == 1
        assert run(unlocked, m.GiveFloor(FAY.person, HUGO.person)).floor == HUGO.person
        following = run(unlocked, next_of(unlocked))
        assert following.unlocked is False
        assert run(following, m.GiveFloor(FAY.person, HUGO.person)).floor == HUGO.person

    def test_hands_wait_during_the_presentation(self) -> None:
        room = live(JOE, phase=PhaseKind.PRESENTATION)
        room = run(room, m.RaiseHand(JOE.person, m.Intent.RECOMMEND))
        assert code(room, m.GiveFloor(FAY.person, JOE.person)) == "room.hands_held"

    def test_clarifying_forces_the_intent_and_gives_it_back(self) -> None:
        room = live(JOE, phase=PhaseKind.PRESENTATION)
        room = run(room, m.RaiseHand(JOE.person, m.Intent.RECOMMEND))
        shown = []
        for _ in range(3):
            room = run(room, next_of(room))
            shown.append(view(room, Audience.ROOM)["hands"]["cards"][JOE.person]["intent"])
        assert shown == ["clarify", "clarify", "recommend"]

    def test_technical_calls_go_to_the_desk(self) -> None:
        room = run(joined(FAY, JOE), m.RaiseHand(JOE.person, m.Intent.TECH, text("no sound")))
        desk, others = view(room, Audience.DESK), view(room, Audience.ROOM)
        assert desk["tech"] == [JOE.person]
        assert desk["tech_cards"][JOE.person]["note"] == "no sound"
        assert others["hands"] == {"spoke": [], "hub": [], "cards": {}}
        assert "tech" not in others
        assert code(room, m.RaiseHand(JOE.person, m.Intent.CLARIFY)) == "room.not_live"

    def test_changing_a_hand_keeps_its_place(self) -> None:
        room = live(JOE, ANN)
        room = run(
            room,
            m.RaiseHand(JOE.person, m.Intent.CLARIFY),
            m.RaiseHand(ANN.person, m.Intent.CLARIFY),
            m.RaiseHand(JOE.person, m.Intent.EXPERIENCE, text("taper")),
        )
        assert room.spoke_lane == (JOE.person, ANN.person)
        assert room.hands[JOE.person].note == "taper"
        room = run(room, m.MoveHand(FAY.person, ANN.person, 0))
        assert room.spoke_lane == (ANN.person, JOE.person)

    def test_one_lowers_ones_own_hand_only(self) -> None:
        room = run(live(JOE, ANN), m.RaiseHand(JOE.person, m.Intent.CLARIFY))
        assert code(room, m.LowerHand(ANN.person, JOE.person)) == "room.not_yours"
        assert run(room, m.LowerHand(JOE.person, JOE.person)).hands == {}
        assert run(room, m.LowerHand(FAY.person, JOE.person)).hands == {}

    def test_listeners_neither_raise_nor_hold(self) -> None:
        room = live(LEA, phase=PhaseKind.CLOSING)
        assert code(room, m.RaiseHand(LEA.person, m.Intent.CLARIFY)) == "room.not_yours"
        assert code(room, m.GiveFloor(FAY.person, LEA.person)) == "room.listener"

    def test_who_is_asked_to_be_heard(self) -> None:
        room = live(JOE, ANN, HUGO, phase=PhaseKind.CLARIFY_SPOKES)
        assert view(room, Audience.ROOM)["voices"] == [ANN.person, FAY.person]
        room = run(room, m.GiveFloor(FAY.person, JOE.person))
        assert view(room, Audience.ROOM)["voices"] == [ANN.person, FAY.person, JOE.person]
        assert "voices" not in view(joined(JOE), Audience.ROOM)


class TestLines:
    def test_speaker_and_case_clock(self) -> None:
        room = live(HUGO, phase=PhaseKind.RECOMMEND_HUB)
        later = START + timedelta(minutes=11, seconds=31)
        after, effects = apply(room, capture(HUGO, "Check levels"), later)
        assert effects == (
            SaveLine(
                line=CaptureId("line-1"),
                item=AgendaItemId("item-1"),
                author=FAY.person,
                speaker=HUGO.person,
                lane=HUGO.lane,
                area=ProblemArea.DOSE,
                text=text("Check levels"),
                at_ms=691_000,
            ),
        )
        assert view(after, Audience.ROOM)["lines"]["line-1"]["voices"] == [
            {"person": "hugo", "name": "Hugo", "lane": "hub", "at_ms": 691_000}
        ]

    def test_duplicates_merge_and_keep_both_voices(self) -> None:
        room = live(HUGO, JOE, phase=PhaseKind.RECOMMEND_HUB)
        room = run(room, capture(HUGO, "Taper slowly"), now=START)
        after, effects = apply(room, capture(JOE, "taper SLOWLY", line="line-2"), START)
        assert [effect.merged_into for effect in effects if isinstance(effect, SaveLine)] == [
            CaptureId("line-1")
        ]
        assert [v.person for v in after.lines[0].voices] == [HUGO.person, JOE.person]
        assert len(after.lines) == 1
        again = apply(after, capture(JOE, "Taper slowly", line="line-3"), START)
        assert again == (after, ())

    def test_spokes_write_down_what_they_said_themselves(self) -> None:
        room = live(HUGO, JOE, phase=PhaseKind.RECOMMEND_SPOKES)
        assert code(room, capture(HUGO, "Taper", by=JOE)) == "room.own_lines_only"
        assert len(run(room, capture(JOE, "Taper", by=JOE)).lines) == 1
        assert len(run(room, capture(JOE, "Taper", by=HUGO)).lines) == 1

    def test_no_line_outside_a_case(self) -> None:
        assert code(live(), capture(FAY, "Early")) == "room.no_case_yet"
        closing = live(phase=PhaseKind.CLOSING)
        assert code(closing, capture(FAY, "Late")) == "room.no_case_yet"
        named = m.CaptureLine(
            FAY.person,
            CaptureId("line-1"),
            FAY.person,
            ProblemArea.DOSE,
            text("Late"),
            AgendaItemId("item-2"),
        )
        assert len(run(closing, named, now=START).lines) == 1

    def test_the_summary_is_read_only_and_the_presenters(self) -> None:
        room = run(live(ANN, JOE, phase=PhaseKind.RECOMMEND_HUB), capture(JOE, "Taper"))
        useful = m.React(ANN.person, CaptureId("line-1"), m.Reaction.USEFUL)
        assert code(room, useful) == "room.not_summary"
        room = run(room, next_of(room))
        assert code(room, capture(JOE, "More", line="line-2")) == "room.lines_closed"
        theirs = m.React(JOE.person, CaptureId("line-1"), m.Reaction.USEFUL)
        assert code(room, theirs) == "room.presenter_only"
        assert run(room, useful).lines[0].reaction is m.Reaction.USEFUL


class TestAttention:
    def test_most_important_first(self) -> None:
        room = live(JOE, ANN, HUGO, phase=PhaseKind.CLARIFY_SPOKES)
        for card in (JOE, ANN, HUGO, FAY):
            room = run(room, m.SetMedia(card.person, seat(card), True, True, card is ANN, True))
        room = run(room, m.GiveFloor(FAY.person, JOE.person))
        assert wanted(room, HUGO.person, 8).sources == (
            Source(SeatKey(seat(ANN)), "share"),
            Source(SeatKey(seat(JOE)), "video"),
            Source(SeatKey(seat(ANN)), "video"),
            Source(SeatKey(seat(FAY)), "video"),
        )

    def test_audio_only_wants_no_pictures(self) -> None:
        room = run(joined(JOE, ANN), m.SetMedia(ANN.person, seat(ANN), True, True, False, True))
        room = run(room, m.SetMedia(JOE.person, seat(JOE), True, False, False, False))
        assert wanted(room, JOE.person, 8).sources == ()
        assert wanted(room, JOE.person, 8).voices is True

    def test_the_speaker_moves_up_only_in_a_crowd(self) -> None:
        room = joined(JOE, ANN, HUGO, FAY)
        for card in (ANN, HUGO, FAY):
            room = run(room, m.SetMedia(card.person, seat(card), True, True, False, True))
        room = run(room, m.Heard(seat(HUGO)))
        assert wanted(room, JOE.person, 3).sources[0].seat == seat(FAY)
        assert wanted(room, JOE.person, 2).sources[0].seat == seat(HUGO)


@pytest.mark.parametrize("name", sorted(stories()))
def test_vectors_are_current(name: str) -> None:
    """The files JavaScript folds are what the room does today (`python -m …vectors` rewrites)."""
    assert (FOLDER / f"{name}.json").read_text("utf-8") == text_of(stories()[name])
