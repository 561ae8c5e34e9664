"""Who sees which page, who decides when, and where on a page something was found."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.commands.page_reader import spots_of
from cases.rules import attachments as rules
from cases.rules.access import Subject, may_see
from cases.rules.attachments import Attachment, Box, Page, PageState, Reading, Spot
from cases.rules.lifecycle import Guard
from cases.rules.models import Case, CaseState, CaseType
from server.files.workshop import Line
from server.kit.actor import Actor, Role
from server.kit.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from server.kit.ids import CaseId, OrganisationId, PersonId, ProgrammeId
from server.people.rules import permissions_of

NOON = datetime(2031, 3, 4, 19, 0, tzinfo=UTC)
PROGRAMME = ProgrammeId("p" * 26)


def an_actor(name: str, *roles: Role) -> Actor:
    return Actor(
        person=PersonId(name),
        name=name,
        zone="UTC",
        organisation=OrganisationId("o"),
        roles={PROGRAMME: frozenset(roles)},
        permissions={PROGRAMME: permissions_of(roles)},
    )


AUTHOR = an_actor("author", Role.SPOKE_CLINICIAN)
DESK = (an_actor("coordinator", Role.COORDINATOR), an_actor("director", Role.DIRECTOR))
HUB = (an_actor("facilitator", Role.FACILITATOR), an_actor("specialist", Role.HUB_SPECIALIST))
SPOKES = (an_actor("spoke", Role.SPOKE_CLINICIAN), an_actor("adviser", Role.ADVISER))
OTHERS = (an_actor("learner", Role.LEARNER), an_actor("nobody"))
EVERYBODY = (AUTHOR, *DESK, *HUB, *SPOKES, *OTHERS)


def a_case(state: CaseState) -> Case:
    return Case(
        id=CaseId("c" * 26),
        programme=PROGRAMME,
        programme_code="BH",
        patient_ref="BH-7K3QF",
        case_type=CaseType.NEW,
        author=AUTHOR.person,
        organisation=None,
        state=state,
        created_at=NOON,
        state_at=NOON,
    )


def a_page(**changes: object) -> Page:
    page = Page(
        id="1" * 26,
        number=1,
        state=PageState.WAITING,
        reading=Reading.DONE,
        content_hash="f" * 64,
        width=1000,
        height=2000,
        size=10,
    )
    return replace(page, **changes)


def attached(*pages: Page) -> Attachment:
    return Attachment("a" * 26, CaseId("c" * 26), 1, "lab", "pdf", AUTHOR.person, NOON, (), pages)


@pytest.mark.parametrize("state", CaseState)
def test_an_unapproved_page_is_the_author_s_and_the_desk_s(state: CaseState) -> None:
    subject = Subject(a_case(state))
    hidden = state in (CaseState.DRAFT, CaseState.WITHDRAWN)
    at_desk = set() if hidden else {actor.person for actor in DESK}
    for page_state in (PageState.WAITING, PageState.REFUSED):
        page = a_page(state=page_state)
        seeing = {a.person for a in EVERYBODY if rules.may_see_page(a, subject, page)}
        assert seeing == {AUTHOR.person} | at_desk


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("live", [False, True])
def test_an_approved_page_is_seen_by_who_may_see_the_case(state: CaseState, live: bool) -> None:
    subject = Subject(a_case(state), live=live, learners=live)
    page = a_page(state=PageState.APPROVED)
    for actor in EVERYBODY:
        assert rules.may_see_page(actor, subject, page) == may_see(actor, subject)


@pytest.mark.parametrize("state", PageState)
def test_an_erased_page_is_seen_by_nobody(state: PageState) -> None:
    page = a_page(state=state, erased_at=NOON)
    subject = Subject(a_case(CaseState.PRESENTED))
    assert not any(rules.may_see_page(actor, subject, page) for actor in EVERYBODY)


def test_others_do_not_learn_of_what_they_may_not_see() -> None:
    waiting, approved = a_page(id="w" * 26), a_page(id="y" * 26, state=PageState.APPROVED)
    gone = a_page(id="g" * 26, erased_at=NOON)
    found = (attached(waiting, approved, gone), attached(waiting))
    subject = Subject(a_case(CaseState.PRESENTED))
    assert rules.seen_by(SPOKES[0], subject, found) == (attached(approved),)
    assert rules.seen_by(AUTHOR, subject, found) == found
    assert rules.seen_by(DESK[0], subject, found) == found
    assert rules.seen_by(OTHERS[1], subject, found) == ()


def outcome(call: object, *args: object) -> str:
    try:
        call(*args)  # type: ignore[operator]
    except DomainError as error:
        return error.code
    return "yes"


@pytest.mark.parametrize("state", CaseState)
def test_files_are_attached_by_the_author_until_the_check(state: CaseState) -> None:
    open_states = (CaseState.DRAFT, CaseState.NEEDS_CHANGES, CaseState.PHI_CHECK)
    case = a_case(state)

    def said(actor: Actor, *, allowed: bool = True, there: int = 0) -> str:
        try:
            rules.ensure_may_attach(actor, case, allowed=allowed, now_there=there)
        except DomainError as error:
            return error.code
        return "yes"

    wanted = "yes" if state in open_states else "attachment.closed"
    assert said(AUTHOR) == wanted
    assert said(AUTHOR, there=2) == wanted
    assert said(AUTHOR, there=3) == ("attachment.most" if wanted == "yes" else wanted)
    assert said(AUTHOR, allowed=False) == "attachment.off"
    assert {said(actor) for actor in EVERYBODY[1:]} == {"not_found"}


def test_a_page_is_decided_by_the_desk_about_the_picture_it_saw() -> None:
    case, page = a_case(CaseState.PHI_CHECK), a_page()
    mark = page.mark
    for actor in DESK:
        assert outcome(rules.ensure_may_decide, actor, case, page, mark) == "yes"
    assert outcome(rules.ensure_may_decide, AUTHOR, case, page, mark) == "case.own_check"
    for actor in (*HUB, *SPOKES, *OTHERS):
        assert outcome(rules.ensure_may_decide, actor, case, page, mark) == "not_found"
    for changed, code in (
        (a_page(content_hash="e" * 64), "stale"),
        (a_page(erased_at=NOON), "attachment.erased"),
        (a_page(reading=Reading.WAITING), "attachment.being_read"),
        (a_page(reading=Reading.FAILED), "yes"),
    ):
        assert outcome(rules.ensure_may_decide, DESK[0], case, changed, mark) == code


def test_marked_lines_stand_only_when_somebody_says_so() -> None:
    marked = a_page(spots=(Spot("name", "review", "x", (1, 1, 5, 5)),))
    for page, looked, said in (
        (a_page(), False, "yes"),
        (marked, True, "yes"),
        (marked, False, "attachment.lines_left"),
    ):
        assert (
            outcome(lambda p, sure: rules.ensure_may_approve(p, looked=sure), page, looked) == said
        )


def test_a_coordinator_does_not_decide_about_an_own_case() -> None:
    case = replace(a_case(CaseState.PHI_CHECK), author=DESK[0].person)
    with pytest.raises(Forbidden):
        rules.ensure_may_decide(DESK[0], case, a_page(), a_page().mark)


@pytest.mark.parametrize("state", CaseState)
def test_who_may_black_out(state: CaseState) -> None:
    case, page = a_case(state), a_page()
    own = (CaseState.DRAFT, CaseState.NEEDS_CHANGES, CaseState.PHI_CHECK)
    hidden = (CaseState.DRAFT, CaseState.WITHDRAWN)
    said = outcome(rules.ensure_may_blacken, AUTHOR, case, page, page.mark)
    assert said == ("yes" if state in own else "attachment.closed")
    said = outcome(rules.ensure_may_blacken, DESK[0], case, page, page.mark)
    assert said == ("not_found" if state in hidden else "yes")
    with pytest.raises(NotFound):
        rules.ensure_may_blacken(HUB[0], case, page, page.mark)
    with pytest.raises(Conflict):
        rules.ensure_may_blacken(DESK[0], a_case(CaseState.PHI_CHECK), page, "0" * 16)


def test_the_guard_holds_once_every_page_there_is_is_decided() -> None:
    done = a_page(state=PageState.APPROVED)
    refused = a_page(state=PageState.REFUSED, erased_at=NOON)
    taken = a_page(erased_at=NOON)
    assert rules.facts(()) == (Guard.PAGES_DECIDED,)
    assert rules.facts((attached(done, refused), attached(taken))) == (Guard.PAGES_DECIDED,)
    assert rules.facts((attached(done), attached(done, a_page()))) == ()


# -- what is found, and where ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (
            "Patient:RosalindEllisonQuintanaDOB03/14/1961",
            "Patient: Rosalind Ellison Quintana DOB 03/14/1961",
        ),
        ("MRN4471902Phone505-555-0143", "MRN 4471902 Phone 505-555-0143"),
        ("Dr.HaroldBeecham", "Dr. Harold Beecham"),
        ("Sodium138mmol/LPotassium4.1", "Sodium 138 mmol/L Potassium 4.1"),
        ("already fine, 12 March", "already fine, 12 March"),
        ("", ""),
    ],
)
def test_words_are_split_where_the_reader_loses_blanks(read: str, words: str) -> None:
    assert rules.split_words(read) == words


@given(st.text(max_size=80))
def test_splitting_adds_blanks_and_nothing_else(text: str) -> None:
    bare = "".join(c for c in text if c not in " _")
    assert "".join(c for c in rules.split_words(text) if c not in " _") == bare


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Rosalind_Quintana-labs.pdf", "Rosalind Quintana labs"),
        ("RosalindQuintana.jpg", "Rosalind Quintana"),
        ("IMG_2041.jpeg", "IMG 2041"),
        ("scan", "scan"),
        (".pdf", "pdf"),
    ],
)
def test_a_name_of_a_file_as_words(name: str, words: str) -> None:
    assert rules.words_of_name(name) == words


def test_the_findings_of_a_page_stand_at_their_lines() -> None:
    box: Box = (40, 40, 600, 40)
    lines = [
        Line("Sodium138mmol/L", (40, 200, 400, 40)),
        Line("Patient:RosalindQuintana", box),
        Line("Phone505-555-0143", (40, 120, 400, 40)),
    ]
    found = spots_of(lines)
    assert {s.box for s in found} == {box, (40, 120, 400, 40)}
    assert {(s.category, s.box) for s in found if s.tier == "block"} == {
        ("phone", (40, 120, 400, 40))
    }
    assert spots_of([]) == ()


def test_a_label_and_its_value_in_two_boxes_are_read_together() -> None:
    lines = [Line("505-555-0143", (400, 42, 200, 38)), Line("Phone:", (40, 40, 120, 40))]
    text = rules.written([(line.text, line.box) for line in lines], split=True)
    assert text.text == "Phone:  505-555-0143"
    assert {s.box for s in spots_of(lines)} == {(400, 42, 200, 38)}


coordinate = st.integers(0, 900)
side = st.integers(1, 100)
boxes = st.tuples(coordinate, coordinate, side, side)


@given(st.lists(boxes, max_size=12, unique=True), st.booleans())
def test_every_stretch_of_a_page_s_text_leads_back_to_its_box(
    given_boxes: list[Box], split: bool
) -> None:
    lines = [(f"<{n}Ab9>", box) for n, box in enumerate(given_boxes)]
    page = rules.written(lines, split=split)
    assert sorted(page.boxes) == sorted(given_boxes)
    for text, box in lines:
        piece = rules.split_words(text) if split else text
        start = page.text.index(piece)
        assert page.within(start, start + len(piece)) == (box,)
        assert page.within(start + 1, start + 2) == (box,)
    if len(lines) > 1:
        assert page.within(0, len(page.text)) == page.boxes


@given(
    st.builds(Spot, st.just("name"), st.just("review"), st.just("x"), boxes),
    st.integers(200, 2000),
    st.integers(200, 2000),
)
def test_a_line_that_is_blacked_out_is_covered_whole(spot: Spot, width: int, height: int) -> None:
    page = a_page(width=1100 + width, height=1100 + height, spots=(spot,))
    (box,) = rules.boxes_of_spots(page, (0,))
    assert rules.left_after(page.spots, (box,)) == ()
    assert box[0] >= 0 <= box[1]
    assert box[0] + box[2] <= page.width
    assert box[1] + box[3] <= page.height


percents = st.floats(-20, 120, allow_nan=False, allow_subnormal=False)


@given(st.fixed_dictionaries(dict.fromkeys(("left", "top", "width", "height"), percents)))
def test_a_rectangle_in_percent_lies_on_the_page_or_is_refused(given_: dict[str, float]) -> None:
    page = a_page()
    try:
        x, y, width, height = rules.box_of_percent(page, given_)
    except Invalid:
        assert min(given_.values()) <= 0 or max(given_["left"], given_["top"]) > 99.9
    else:
        assert 0 <= x < x + width <= page.width
        assert 0 <= y < y + height <= page.height


def test_only_lines_that_are_there_can_be_blacked_out() -> None:
    page = a_page(spots=(Spot("name", "review", "x", (1, 1, 5, 5)),))
    for chosen in ((), (1,), (-1,), (0, 7)):
        with pytest.raises(Invalid):
            rules.boxes_of_spots(page, chosen)
