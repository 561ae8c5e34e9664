"""What a captured line must be, and what may be merged."""

from dataclasses import replace

import pytest

from server.kit.actor import Lane
from server.kit.errors import Conflict, Invalid
from server.kit.ids import CaptureId
from sessions.rules import captures
from sessions.rules.models import Capture, ProblemArea
from tests.factories.sessions import TUESDAY_NOON, an_id, person, session, slots_of

SLOT, SECOND = slots_of(session())


def line(name: str = "cap1") -> Capture:
    return Capture(
        id=CaptureId(an_id(name)),
        session=session().id,
        item=SLOT.id,
        author=person("sam"),
        speaker=person("ann"),
        lane=Lane.SPOKE,
        problem_area=ProblemArea.THERAPY,
        text="Offer behavioural activation",
        at_ms=0,
        created_at=TUESDAY_NOON,
    )


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", {"text": "required"}),
        ("   ", {"text": "required"}),
        ("x" * 601, {"text": "too_long"}),
        ("two\nlines", {"text": "capture.one_line"}),
    ],
)
def test_a_line_is_one_line(text: str, fields: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        captures.check_text(text)
    assert caught.value.fields == fields


def test_the_longest_line_passes() -> None:
    captures.check_text("é" * 600)


def test_a_line_belongs_to_a_case_slot() -> None:
    captures.check_place(session(), line())
    for item in (session().agenda[0].id, SLOT.id.replace("item", "none")):
        with pytest.raises(Conflict) as caught:
            captures.check_place(session(), replace(line(), item=item))  # type: ignore[arg-type]
        assert caught.value.code == "capture.no_case"
    with pytest.raises(Invalid) as wrong:
        captures.check_place(session(), replace(line(), at_ms=-1))
    assert wrong.value.fields == {"at_ms": "capture.before_case"}


def test_merging_keeps_the_duplicate_as_an_attribution() -> None:
    duplicate = line("cap2")
    assert captures.merge(line(), duplicate) == replace(duplicate, merged_into=line().id)


@pytest.mark.parametrize(
    ("into", "duplicate"),
    [
        (line(), line()),
        (line(), replace(line("cap2"), item=SECOND.id)),
        (replace(line(), merged_into=line("cap3").id), line("cap2")),
        (line(), replace(line("cap2"), merged_into=line("cap3").id)),
    ],
)
def test_what_cannot_be_merged(into: Capture, duplicate: Capture) -> None:
    with pytest.raises(Conflict) as caught:
        captures.merge(into, duplicate)
    assert caught.value.code == "capture.merge"
