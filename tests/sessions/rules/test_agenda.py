"""The agenda: templates as the handbook's table, items that never overlap or overflow."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Conflict, Invalid, NotFound
from server.kit.ids import AgendaItemId
from sessions.rules import agenda
from sessions.rules.models import AgendaItem, ItemKind, PhaseKind, Session, SessionState, Template
from tests.factories.sessions import (
    CASE,
    OTHER_CASE,
    TUESDAY_NOON,
    an_id,
    person,
    session,
    slots_of,
)

PRESENTER = person("mar")
UNKNOWN = AgendaItemId(an_id("zz"))

C = PhaseKind
CASE_17 = [
    (C.PRESENTATION, 4),
    (C.CLARIFY_SPOKES, 3),
    (C.CLARIFY_HUB, 2),
    (C.RECOMMEND_SPOKES, 3),
    (C.RECOMMEND_HUB, 4),
    (C.SUMMARY, 1),
]
CASE_18 = [
    (C.PRESENTATION, 4),
    (C.CLARIFY_SPOKES, 3),
    (C.CLARIFY_HUB, 2),
    (C.RECOMMEND_SPOKES, 4),
    (C.RECOMMEND_HUB, 4),
    (C.SUMMARY, 1),
]
CASE_25 = [
    (C.PRESENTATION, 6),
    (C.CLARIFY_SPOKES, 4),
    (C.CLARIFY_HUB, 3),
    (C.RECOMMEND_SPOKES, 4),
    (C.RECOMMEND_HUB, 6),
    (C.SUMMARY, 2),
]
FOLLOW_UP = [(C.PRESENTATION, 1), (C.RECOMMEND_SPOKES, 1), (C.RECOMMEND_HUB, 2), (C.SUMMARY, 1)]


@pytest.mark.parametrize(
    ("template", "minutes", "expected"),
    [
        (
            Template.T60_2,
            60,
            [
                (C.WELCOME, 2),
                (C.INTRO, 3),
                (C.DIDACTIC, 12),
                (C.DIDACTIC_QA, 3),
                *CASE_17,
                *CASE_17,
                (C.CLOSING, 4),
                (C.EVALUATION, 2),
            ],
        ),
        (
            Template.T60_1,
            60,
            [
                (C.WELCOME, 2),
                (C.INTRO, 3),
                (C.DIDACTIC, 15),
                (C.DIDACTIC_QA, 5),
                *CASE_25,
                *FOLLOW_UP,
                (C.CLOSING, 3),
                (C.EVALUATION, 2),
            ],
        ),
        (
            Template.T90_3,
            90,
            [
                (C.WELCOME, 3),
                (C.INTRO, 5),
                (C.DIDACTIC, 15),
                (C.DIDACTIC_QA, 5),
                *CASE_18,
                *CASE_18,
                *CASE_18,
                (C.CLOSING, 5),
                (C.EVALUATION, 3),
            ],
        ),
    ],
)
def test_phase_plans_are_the_handbooks(
    template: Template, minutes: int, expected: list[tuple[PhaseKind, int]]
) -> None:
    planned = session(template=template)
    assert [(p.kind, p.minutes) for p in agenda.phases(planned)] == expected
    assert sum(p.minutes for p in agenda.phases(planned)) == minutes
    assert agenda.length(template) == timedelta(minutes=minutes)
    assert agenda.spare_minutes(planned) == 0


def test_first_case_of_the_default_template_starts_at_minute_20() -> None:
    first = slots_of(session())[0]
    found = {p.kind: p.starts_minute for p in agenda.phases(session()) if p.item == first.id}
    assert found == {
        C.PRESENTATION: 20,
        C.CLARIFY_SPOKES: 24,
        C.CLARIFY_HUB: 27,
        C.RECOMMEND_SPOKES: 29,
        C.RECOMMEND_HUB: 32,
        C.SUMMARY: 36,
    }


def test_cases_may_come_first() -> None:
    kinds = [i.kind for i in session(cases_first=True).agenda]
    assert kinds == [
        ItemKind.WELCOME,
        ItemKind.INTRO,
        ItemKind.CASE_SLOT,
        ItemKind.CASE_SLOT,
        ItemKind.DIDACTIC,
        ItemKind.QA,
        ItemKind.CLOSING,
        ItemKind.EVALUATION,
    ]


def test_clock_out_names_the_planned_instants() -> None:
    timed = agenda.clock_out(session())
    assert [(t.starts_at - TUESDAY_NOON).total_seconds() / 60 for t in timed] == [
        0,
        2,
        5,
        17,
        20,
        37,
        54,
        58,
    ]
    assert timed[-1].ends_at == TUESDAY_NOON + timedelta(minutes=60)


kinds = st.sampled_from(list(ItemKind))


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, int, int, ItemKind]]:
    """Any sequence of (what, which item, how many minutes or where to, kind)."""
    step = st.tuples(
        st.sampled_from(["place", "move", "remove", "fill"]),
        st.integers(0, 12),
        st.integers(-2, 40),
        kinds,
    )
    return draw(st.lists(step, max_size=25))


def _apply(found: Session, step: tuple[str, int, int, ItemKind], number: int) -> Session:
    what, index, amount, kind = step
    target = found.agenda[index % len(found.agenda)].id if found.agenda else UNKNOWN
    if what == "place":
        item = AgendaItem(AgendaItemId(an_id(f"new{number:03d}")), kind, amount, index)
        return agenda.place(found, item)
    if what == "move":
        return agenda.move(found, target, amount)
    if what == "remove":
        return agenda.remove(found, target)
    return agenda.fill_slot(found, CASE, "BH-2026-001", PRESENTER, target)[0]


@given(st.sampled_from(list(Template)), changes())
def test_no_sequence_of_changes_overlaps_or_overflows(
    template: Template, steps: list[tuple[str, int, int, ItemKind]]
) -> None:
    found = session(template=template)
    for number, step in enumerate(steps):
        try:
            found = _apply(found, step, number)
        except (Conflict, Invalid, NotFound):
            continue
        timed = agenda.clock_out(found)
        assert [t.item.position for t in timed] == list(range(len(timed)))
        assert all(one.ends_at == two.starts_at for one, two in pairwise(timed))
        assert all(t.starts_at < t.ends_at <= found.ends_at for t in timed)
        planned = agenda.phases(found)
        assert len({p.key for p in planned}) == len(planned)
        assert all(
            one.starts_minute + one.minutes == two.starts_minute for one, two in pairwise(planned)
        )
        for timing in timed:
            own = [p for p in planned if p.item == timing.item.id]
            assert sum(p.minutes for p in own) == timing.item.minutes
        assert sum(i.ref is not None for i in found.agenda) <= 1


def test_placing_where_something_was_removed() -> None:
    without = agenda.remove(session(), slots_of(session())[1].id)
    assert agenda.spare_minutes(without) == 17
    item = AgendaItem(UNKNOWN, ItemKind.DIDACTIC, 17, 5)
    placed = agenda.place(without, item)
    assert placed.agenda[5] == item
    assert agenda.spare_minutes(placed) == 0


@pytest.mark.parametrize(
    ("item", "error", "code"),
    [
        (AgendaItem(UNKNOWN, ItemKind.DIDACTIC, 1, 0), Conflict, "agenda.full"),
        (AgendaItem(UNKNOWN, ItemKind.DIDACTIC, 0, 0), Invalid, "invalid"),
        (AgendaItem(UNKNOWN, ItemKind.CASE_SLOT, 16, 0), Invalid, "invalid"),
    ],
)
def test_what_cannot_be_placed(
    item: AgendaItem, error: type[Conflict | Invalid], code: str
) -> None:
    with pytest.raises(error) as caught:
        agenda.place(session(), item)
    assert caught.value.code == code


def test_a_case_goes_into_the_first_free_slot() -> None:
    filled, item = agenda.fill_slot(session(), CASE, "BH-2026-001", PRESENTER)
    assert item == replace(
        slots_of(session())[0], ref=CASE, label="BH-2026-001", presenter=PRESENTER
    )
    assert slots_of(filled) == (item, slots_of(session())[1])


def test_a_case_goes_into_a_named_slot() -> None:
    second = slots_of(session())[1].id
    filled, item = agenda.fill_slot(session(), CASE, "BH-2026-001", PRESENTER, second)
    assert item.id == second
    assert slots_of(filled)[0].is_free_slot


def test_slots_refuse() -> None:
    found, item = agenda.fill_slot(session(), CASE, "BH-2026-001", PRESENTER)
    for wanted, case, code in [
        (None, CASE, "agenda.case_twice"),
        (item.id, OTHER_CASE, "agenda.slot_taken"),
        (found.agenda[0].id, OTHER_CASE, "agenda.slot_taken"),
    ]:
        with pytest.raises(Conflict) as caught:
            agenda.fill_slot(found, case, "BH-2026-002", PRESENTER, wanted)
        assert caught.value.code == code
    full, _ = agenda.fill_slot(found, OTHER_CASE, "BH-2026-002", PRESENTER)
    with pytest.raises(Conflict) as caught:
        agenda.fill_slot(full, CASE.replace("1", "3"), "BH-2026-003", PRESENTER)  # type: ignore[arg-type]
    assert caught.value.code == "agenda.no_free_slot"
    with pytest.raises(NotFound):
        agenda.fill_slot(found, OTHER_CASE, "BH-2026-002", PRESENTER, UNKNOWN)


def test_freeing_a_slot_undoes_filling_it() -> None:
    found, _ = agenda.fill_slot(session(), CASE, "BH-2026-001", PRESENTER)
    assert agenda.free_slot(found, CASE) == session()
    with pytest.raises(NotFound):
        agenda.free_slot(session(), CASE)


def test_a_filled_slot_cannot_be_removed() -> None:
    found, item = agenda.fill_slot(session(), CASE, "BH-2026-001", PRESENTER)
    with pytest.raises(Conflict) as caught:
        agenda.remove(found, item.id)
    assert caught.value.code == "agenda.slot_taken"


def test_presented_once_and_then_it_stays() -> None:
    found, item = agenda.fill_slot(session(), CASE, "BH-2026-001", PRESENTER)
    with pytest.raises(Conflict) as caught:
        agenda.mark_presented(found, item.id, TUESDAY_NOON)
    assert caught.value.code == "session.not_live"
    live = replace(found, state=SessionState.LIVE)
    presented = agenda.mark_presented(live, item.id, TUESDAY_NOON)
    assert agenda.find(presented, item.id).presented_at == TUESDAY_NOON
    later = TUESDAY_NOON + timedelta(minutes=1)
    assert agenda.mark_presented(presented, item.id, later) == presented
    with pytest.raises(Conflict) as caught:
        agenda.free_slot(presented, CASE)
    assert caught.value.code == "agenda.presented"
    with pytest.raises(Conflict) as caught:
        agenda.mark_presented(live, slots_of(live)[1].id, TUESDAY_NOON)
    assert caught.value.code == "agenda.no_case"


@pytest.mark.parametrize("state", [s for s in SessionState if s not in {"planned", "open"}])
def test_a_running_or_past_agenda_is_closed(state: SessionState) -> None:
    found = session(state=state)
    first, didactic = found.agenda[0].id, found.agenda[2].id
    for change in (
        lambda: agenda.place(found, AgendaItem(UNKNOWN, ItemKind.QA, 1, 0)),
        lambda: agenda.move(found, first, 2),
        lambda: agenda.remove(found, first),
        lambda: agenda.describe(found, didactic, "Sleep", None),
        lambda: agenda.fill_slot(found, CASE, "BH-2026-001", PRESENTER),
    ):
        with pytest.raises(Conflict) as caught:
            change()
        assert caught.value.code == "agenda.closed"


def test_the_topic_is_the_didactics_label() -> None:
    found = session()
    named = agenda.describe(found, found.agenda[2].id, "  Trauma\tand sleep ", PRESENTER)
    assert named.topic == "Trauma and sleep"
    assert named.agenda[2].presenter == PRESENTER
    with pytest.raises(Conflict) as caught:
        agenda.describe(found, slots_of(found)[0].id, "Sleep", None)
    assert caught.value.code == "agenda.no_topic"
    with pytest.raises(Invalid) as wrong:
        agenda.describe(found, found.agenda[2].id, "x" * 121, None)
    assert wrong.value.fields == {"topic": "too_long"}


def test_no_didactic_no_topic() -> None:
    assert session().topic == ""
    assert session(items=()).topic == ""
