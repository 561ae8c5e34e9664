"""When a saved state of a draft is kept, and what two texts are said to differ in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import drafts, intake
from cases.rules.drafts import STEP, DraftState, Origin, Save, is_new_state
from cases.rules.form import USUAL
from cases.rules.models import Answers
from cases.rules.sheet import Part
from server.kit.ids import CaseId
from tests.factories.cases import STORY, a_form

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
AUTO = Save(Origin.AUTO, "page-one", 7)


def a_state(origin: Origin = Origin.AUTO, **values: object) -> DraftState:
    answers = Answers({"presenting_problem": STORY, **values})
    return DraftState(CaseId("c"), 3, origin, "page-one", 6, answers, NOON, NOON)


def later(**values: object) -> Answers:
    return Answers({"presenting_problem": f"{STORY} More.", **values})


def test_one_page_goes_on_with_its_state_for_ten_minutes() -> None:
    last = a_state()
    assert not is_new_state(last, AUTO, later(), NOON + STEP - timedelta(seconds=1))
    assert is_new_state(last, AUTO, later(), NOON + STEP)
    assert is_new_state(last, Save(Origin.AUTO, "page-two", 1), later(), NOON)
    assert is_new_state(last, Save(Origin.SAVED, "page-one", 0), later(), NOON)
    assert is_new_state(a_state(Origin.SAVED), AUTO, later(), NOON)
    assert is_new_state(None, AUTO, later(), NOON)


def test_the_same_text_again_is_no_state_of_its_own() -> None:
    last = a_state()
    for save in (AUTO, Save(Origin.SAVED), Save(Origin.AUTO, "page-two", 1)):
        assert not is_new_state(last, save, last.answers, NOON + timedelta(days=1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"presenting_problem": STORY}, {}),
        ({"presenting_problem": STORY}, {"presenting_problem": STORY[:60]}),
        ({"medications": [{"name": "a"}, {"name": "b"}]}, {"medications": [{"name": "a"}]}),
        ({"medications": [{"name": "a"}]}, {"medications": []}),
    ],
)
def test_what_gets_lost_is_kept_as_it_was(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert drafts.loses(Answers(before), Answers(after))
    assert is_new_state(
        DraftState(CaseId("c"), 1, Origin.AUTO, "page-one", 1, Answers(before), NOON, NOON),
        AUTO,
        Answers(after),
        NOON,
    )


@given(st.text(min_size=20, max_size=200), st.text(max_size=50))
def test_writing_on_loses_nothing(text: str, more: str) -> None:
    assert not drafts.loses(Answers({"a": text}), Answers({"a": text + more, "b": "new"}))


def different(here: dict[str, object], there: dict[str, object]) -> tuple[drafts.Difference, ...]:
    """Return what differs between two texts as typed."""
    new = {"case_type": "new"}
    return drafts.clashing(USUAL, {**new, **here}, {**new, **there}, 2031, {})  # type: ignore[dict-item]


def test_spelling_units_alone_and_empty_rows_are_no_difference() -> None:
    typed = a_form()
    assert different(typed, typed) == ()
    assert different(a_form(age="034"), typed) == ()
    assert different(a_form(duration__unit="weeks"), typed) == ()
    spread = {k.replace("medications.0.", "medications.4."): v for k, v in typed.items()}
    assert different(spread, typed) == ()
    assert different({"presenting_problem": f"  {STORY}\r\n"}, {"presenting_problem": STORY}) == ()
    # Signatures are no text of the case: each page signs for itself.
    assert different(a_form(attest_deid=None), typed) == ()


def test_a_difference_is_said_in_the_words_of_the_form() -> None:
    here = a_form(
        area="urban",
        age="not yet known",
        strengths=["family"],
        duration__amount="3",
        duration__unit="months",
        phq9__1="3",
    )
    found = {d.key: d for d in different(here, a_form())}
    assert list(found) == ["area", "age", "strengths", "duration", "phq9"]
    assert found["age"].here == ((Part("not yet known"),),)
    assert found["age"].there == ((Part("34"),),)
    assert found["duration"].here == ((Part("3"), Part("months", listed=True)),)
    assert found["duration"].values == {"duration.amount": "16", "duration.unit": "weeks"}
    assert found["strengths"].there[0][0].listed
    assert [part.text for part in found["phq9"].here[0]][:3] == ["Answers", "1: 3", "2: 2"]


def test_rows_differ_as_one_table() -> None:
    (found,) = different(a_form(medications__0__dose="100"), a_form())
    assert found.key == "medications"
    assert [part.text for part in found.there[0]][:2] == ["sertraline", "50"]
    assert found.values["medications.0.dose"] == "50"
    (none,) = different(
        {"medications.none": "yes"},
        {"medications.0.name": "x", "medications.0.dose": "5", "medications.0.unit": "mg"},
    )
    assert [part.listed for part in none.here[0]] == [True]


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "age": st.sampled_from(["", "1", "34", "90+", "old"]),
        "presenting_problem": st.text(max_size=40),
        "area": st.sampled_from(["", "rural", "urban", "nowhere"]),
        "strengths": st.lists(st.sampled_from(["family", "motivation"]), unique=True),
        "duration.amount": st.sampled_from(["", "3", "x"]),
        "medications.0.name": st.sampled_from(["", "sertraline"]),
        "medications.3.name": st.sampled_from(["", "lithium"]),
        "phq9.2": st.sampled_from(["", "0", "3", "9"]),
    },
)


@given(CHANGES, CHANGES)
def test_what_is_there_can_be_taken_over_field_by_field(
    here: dict[str, object], there: dict[str, object]
) -> None:
    """Typing the values of every difference leaves none; the empty comparison is symmetric."""
    found = different(here, there)
    assert (found == ()) == (different(there, here) == ())
    keys = {d.key for d in found}
    merged = {k: v for k, v in here.items() if k.partition(".")[0] not in keys}
    for difference in found:
        merged |= difference.values
    assert different(merged, there) == ()


def test_what_is_not_stored_is_named() -> None:
    raw = {"age": "old", "main_question": "No question", "safety_plan": "yes", "area": ""}
    read = intake.validate(USUAL, raw, year=2031, complete=False)
    assert isinstance(read, intake.Intake)
    assert drafts.left_out(raw, read.answers, read.unread) == ("age", "safety_plan")
