"""Every text has a longest length, every number a bound, and what others read is checked first.

security.md 19, 48; deidentification.md, architecture 6 ("re-check every text"). The lists are read
off the code: a new field is covered, or refused by a test, on the day it is made.
"""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from cases.store import recommendations
from server.edge.forms import Form
from server.edge.sockets import Payload
from server.kit.actor import Role
from server.kit.ids import OrganisationId
from server.people import queries
from server.store.unit import Units
from tests.factories.advice import a_clinic, a_signed_case
from tests.factories.cases import a_case
from tests.factories.people import make_actor
from tests.factories.sessions import a_programme, a_series
from tests.harness.browser_client import House
from tests.security.broken import Schema, alternatives, schema_of
from tests.security.clinic import Clinic, everything
from tests.security.tables import every

MODELS: list[type[BaseModel]] = [*every(Form), *every(Payload)]


def fields(model: type[BaseModel]) -> Iterator[tuple[str, Schema]]:
    """Yield (name, alternative) of every field, lists opened."""
    root = schema_of(model)
    for name, found in root.get("properties", {}).items():
        for one in alternatives(found, root):
            yield name, one
            if one.get("type") == "array":
                for inner in alternatives(one["items"], root):
                    yield name, inner


def unbounded(one: Schema) -> bool:
    """Say whether a field takes more than the house can mean by it."""
    if "enum" in one or "const" in one or one.get("format") in ("date", "time"):
        return False
    match one.get("type"):
        case "string":
            return "maxLength" not in one
        case "integer" | "number":
            return not {"minimum", "maximum"} <= one.keys()
        case "array":
            return "maxItems" not in one
        case "boolean" | "null":
            return False
    return True


def test_every_field_has_a_limit() -> None:
    assert len(MODELS) > 40
    found = [
        f"{model.__name__}.{name}"
        for model in MODELS
        for name, one in fields(model)
        if unbounded(one)
    ]
    assert found == []


def test_the_limit_is_looked_for() -> None:
    class Loose(BaseModel):
        a: str
        b: int
        c: list[str]
        d: dict[str, str]
        e: str | None

    assert {name for name, one in fields(Loose) if unbounded(one)} == set("abcde")


NUMBER = "Call her on 505-555-0143."
CHECKED: dict[tuple[str, str], str] = {
    ("sessions ProgrammeForm", "name"): "/programmes",
    ("sessions ProgrammeForm", "description"): "/programmes",
    ("sessions SeriesForm", "title"): "/programmes/{programme}/series",
    ("sessions TopicForm", "topic"): "/sessions/{session}/agenda/{agenda}/topic",
    ("server OrganisationForm", "name"): "/accounts/organisations",
    ("cases SetupForm", "own_label"): "/programmes/{programme}/case-form",
    ("cases SetupForm", "own_help"): "/programmes/{programme}/case-form",
    ("cases SetupForm", "own_options"): "/programmes/{programme}/case-form",
    ("cases DeskForm", "words"): "/cases/{fresh}/reject",
    ("cases DeskForm", "other_comment"): "/cases/{fresh}/reject",
    ("cases DeskForm", "refusal"): "/cases/{fresh}/decline",
    ("cases ItemForm", "text"): "/cases/{case}/recommendations/{item}/save",
    ("cases ItemForm", "rationale"): "/cases/{case}/recommendations/{item}/save",
    ("cases ItemForm", "citation_title"): "/cases/{case}/recommendations/{item}/save",
    ("cases DropForm", "reason"): "/cases/{case}/recommendations/{item}/drop",
    ("cases NotesForm", "summary"): "/cases/{case}/recommendations/notes",
    ("cases NotesForm", "watch_for"): "/cases/{case}/recommendations/notes",
    ("cases ReasonForm", "reason"): "/cases/{case}/recommendations/amend",
    ("cases RewriteForm", "title"): "/library/KB-0001/rewrite",
    ("cases RewriteForm", "question"): "/library/KB-0001/rewrite",
    ("cases RewriteForm", "synopsis"): "/library/KB-0001/rewrite",
    ("cases RewriteForm", "tags"): "/library/KB-0001/rewrite",
}
"""Text that others read → where it is sent: a telephone number in it is refused at its field."""

UNREAD = {
    ("server SignInForm", "password"): "hashed",
    ("server AcceptForm", "password"): "hashed",
    ("server PasswordForm", "password"): "hashed",
    ("server SignInForm", "next"): "an address of this site, not stored",
    ("server AcceptForm", "name"): "one's own name",
    ("server AcceptForm", "credentials"): "one's own letters",
    ("server ProfileForm", "name"): "one's own name",
    ("server ProfileForm", "credentials"): "one's own letters",
    ("server InviteForm", "name"): "a colleague's name",
    ("server SignInForm", "email"): "an account's address",
    ("server LinkForm", "email"): "an account's address",
    ("server InviteForm", "email"): "an account's address",
    ("cases CheckForm", "text"): "not stored: this is the check itself",
    ("cases SimilarForm", "question"): "not stored; held by the check before it is looked up",
    ("cases SimilarForm", "diagnoses"): "not stored; held by the check before it is looked up",
    ("cases SimilarForm", "medicines"): "not stored; held by the check before it is looked up",
    ("cases ItemForm", "citation_link"): "a DOI or https address by its own rule",
    ("sessions Raise", "note"): "screened in the room, tests/sessions/live",
    ("sessions NewLine", "text"): "screened in the room, tests/sessions/live",
    ("sessions Offer", "sdp"): "not stored",
    ("sessions Answer", "sdp"): "not stored",
}
"""Texts that need no such check, and why."""

SHORT = 80
"""Up to here a field without words of its own is a code or an id: looked up, never shown."""


def texts(model: type[BaseModel]) -> set[str]:
    """Return the fields of a model that take free text."""
    return {
        name
        for name, one in fields(model)
        if one.get("type") == "string"
        and not {"enum", "const", "format"} & one.keys()
        and (one.get("maxLength", SHORT + 1) > SHORT or name in ("name", "title", "credentials"))
        and not ("pattern" in one and "@" not in one["pattern"])
    }


def called(model: type[BaseModel]) -> str:
    return f"{model.__module__.partition('.')[0]} {model.__name__}"


def test_every_text_is_checked_or_needs_no_check() -> None:
    found = {(called(model), name) for model in MODELS for name in texts(model)}
    assert found == CHECKED.keys() | UNREAD.keys()


OTHERWISE: dict[str, dict[str, str]] = {
    "sessions ProgrammeForm": {"code": "SU", "name": "Substance Use", "zone": "UTC"},
    "sessions SeriesForm": {
        "weekday": "1",
        "at": "12:00",
        "zone": "America/Denver",
        "first": "2031-04-01",
        "ends": "count",
        "count": "3",
    },
    "sessions TopicForm": {},
    "server OrganisationForm": {"kind": "spoke"},
    "cases ItemForm": {
        "version": "1",
        "text": "Raise sertraline to 100 mg and look again in four weeks.",
        "problem_area": "medicine",
        "strength": "do",
        "evidence": "expert",
        "role": "pcp",
        "time_frame": "7d",
        "step": "1",
    },
    "cases SetupForm": {
        "after": "0",
        "own_key": "",
        "own_kind": "choice",
        "own_label": "Which of the two is it?",
        "own_help": "",
        "own_options": "one\ntwo",
    },
    "cases DropForm": {"version": "1"},
    "cases NotesForm": {"revision": "1"},
    "cases ReasonForm": {"revision": "1"},
    "cases RewriteForm": {
        "row_version": "1",
        "title": "Depression after birth",
        "question": "Which step comes next for depression in a breastfeeding woman?",
    },
}
"""The other fields of these forms, as they may be."""


async def test_a_telephone_number_is_refused_at_its_field(
    units: Units, house: House, hub: OrganisationId, spoke: OrganisationId
) -> None:
    """Refused with a sentence that says what it is; nothing is stored, not even elsewhere."""
    people = await a_clinic(units, hub, spoke)
    signed = await a_signed_case(units, people)
    fresh = await a_case(units, people.presenter, people.programme)
    _, sessions = await a_series(units, people.coordinator, people.programme)
    didactic = next(i for i in sessions[0].agenda if i.kind.value == "didactic")
    async with units.read() as unit:
        draft = await recommendations.load(unit, signed.id)
    assert draft is not None
    there = {
        "{programme}": people.programme.id,
        "{session}": sessions[0].id,
        "{agenda}": didactic.id,
        "{case}": signed.key,
        "{fresh}": fresh.key,
        "{item}": draft.items[0].id,
    }

    def address(path: str) -> str:
        for part, found in there.items():
            path = path.replace(part, found)
        return path

    ola = await make_actor(
        units, "Ola", {people.programme.id: tuple(Role)}, organisation=hub, platform_admin=True
    )
    browser = await house.browser(ola.person)
    await browser.get("/profile")
    await house.drain()
    before = await everything(units)
    desk = {"row_version": str(fresh.row_version), "other_field": "sleep"}
    others = OTHERWISE | {"cases DeskForm": desk}
    for (form, name), path in CHECKED.items():
        answer = await browser.post(address(path), {**others[form], name: NUMBER})
        assert answer.status == 422, (form, name, answer.status)
        assert "telephone number" in answer.text, (form, name)
    await house.drain()
    after = await everything(units)
    assert {table for table, rows in before.items() if after[table] != rows} <= {"audit"}
    assert "0143" not in str(after)
    # It was the number: the same without it is done, or refused for what it means.
    for (form, name), path in CHECKED.items():
        answer = await browser.post(address(path), {**others[form], name: "Ask again in a month?"})
        assert "telephone number" not in answer.text
        # 404: returned to its author, the case has left the desk.
        assert answer.status in (303, 403, 404, 409, 422), (form, name, answer.status)


HIDDEN = "\u202eeoZ\u202c \x07Bright\x1b[2J\u200b"
"""A direction override, a bell, a terminal's command and a blank without width."""


async def test_names_are_one_visible_line(
    units: Units, house: House, hub: OrganisationId, clinic: Clinic
) -> None:
    saved = await clinic.writing.post(
        "/profile",
        {"name": HIDDEN, "credentials": "M\u202eD", "discipline": "other", "zone": "UTC"},
    )
    assert saved.status == 303
    admin = await make_actor(units, "Ada", platform_admin=True)
    desk = await house.browser(admin.person)
    added = await desk.post("/accounts/organisations", {"name": HIDDEN, "kind": "spoke"})
    assert added.status == 303
    programme = clinic.programme.id
    invited = await clinic.desk.post(
        f"/programmes/{programme}/people/invite",
        {"name": HIDDEN, "email": "e@test.invalid", "role": "learner"},
    )
    assert invited.status == 200
    async with units.read() as unit:
        person = await queries.by_id(unit, clinic.author.person)
        organisations = [o.name for o in await queries.organisations(unit)]
        invitations = [link.name for link in await queries.open_invitations(unit, programme)]
    assert person is not None
    assert (person.name, person.credentials) == ("eoZ Bright [2J", "M D")
    assert "eoZ Bright [2J" in organisations
    assert invitations == ["eoZ Bright [2J"]


async def test_a_name_of_hidden_characters_is_no_name(
    units: Units, house: House, clinic: Clinic
) -> None:
    nothing = "\u202e\u202c\u200b"
    admin = await make_actor(units, "Ada", platform_admin=True)
    desk = await house.browser(admin.person)
    home = clinic.programme.id
    for browser, path, more in (
        (clinic.writing, "/profile", {"discipline": "other", "zone": "UTC"}),
        (desk, "/accounts/organisations", {"kind": "spoke"}),
        (
            clinic.desk,
            f"/programmes/{home}/people/invite",
            {"email": "e@test.invalid", "role": "learner"},
        ),
    ):
        answer = await browser.post(path, {"name": nothing, **more})
        assert answer.status == 422, path
        assert "at least two letters" in answer.text, path


@pytest.mark.parametrize("address", ["e\u202e@test.invalid", "e\x01@test.invalid", "e@te st.x"])
async def test_an_address_has_no_hidden_characters(clinic: Clinic, address: str) -> None:
    answer = await clinic.desk.post(
        f"/programmes/{clinic.programme.id}/people/invite",
        {"name": "Eve Learner", "email": address, "role": "learner"},
    )
    assert answer.status == 422


async def test_who_teaches_and_when_may_stand_in_a_text(
    units: Units, house: House, hub: OrganisationId
) -> None:
    programme = await a_programme(units, hub)
    desk = await make_actor(units, "Cora", {programme.id: (Role.COORDINATOR,)}, organisation=hub)
    browser = await house.browser(desk.person)
    answer = await browser.post(
        "/programmes",
        {
            "code": "SU",
            "name": "Substance Use with Dr Imani Okafor-Reyes",
            "description": "Since 4 March 2031, for clinics around Gallup, New Mexico.",
            "zone": "UTC",
        },
    )
    assert answer.status == 303, answer.text
