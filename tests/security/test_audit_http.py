"""Every deed leaves its line in the audit, in the same transaction or not at all (security.md 67)."""

import re
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from cases.commands import follow_ups
from cases.rules.models import Case, CaseState
from server.edge.keys import POLICIES
from server.kit.actor import Role
from server.kit.ids import ProgrammeId, SessionId
from server.people import commands as people_commands
from server.people import store as people
from server.store.tables import AuditRow
from server.store.unit import Units
from sessions.commands import running
from tests.conftest import FakeClock
from tests.factories.advice import a_clinic, a_signed_case, reloaded
from tests.factories.cases import a_case, a_form, an_accepted_case, put_in_state
from tests.factories.people import make_actor
from tests.factories.sessions import a_series, slots_of, somebody
from tests.harness.browser_client import Answer, Browser, House
from tests.security.clinic import PASSWORD, Clinic, as_sent, counted, everything

Deed = Callable[["Deeds"], Awaitable[Answer]]


class Deeds:
    """One successful use of every route that changes something."""

    def __init__(self, units: Units, house: House, clinic: Clinic) -> None:
        self.units, self.house, self.clinic = units, house, clinic
        self.home: ProgrammeId = clinic.programme.id

    async def case(self, state: str = "") -> Case:
        made = await a_case(self.units, self.clinic.author, self.clinic.programme)
        return await put_in_state(self.units, made, CaseState(state)) if state else made

    async def accepted(self) -> Case:
        return await an_accepted_case(
            self.units, self.clinic.author, self.clinic.coordinator, self.clinic.programme
        )

    async def desk(self, path: str, **fields: str) -> Answer:
        return await self.clinic.desk.post(path, fields)

    async def on_case(self, deed: str, state: str = "", **fields: str) -> Answer:
        case = await self.case(state)
        version = {"row_version": str(case.row_version)}
        return await self.desk(f"/cases/{case.key}/{deed}", **version, **fields)

    async def admin(self, path: str, **fields: str) -> Answer:
        actor = await make_actor(self.units, "Ada Admin", platform_admin=True)
        return await (await self.house.browser(actor.person)).post(path, fields)

    async def session(self) -> tuple[str, str]:
        _, sessions = await a_series(self.units, self.clinic.coordinator, self.clinic.programme)
        didactic = next(i for i in sessions[1].agenda if i.kind.value == "didactic")
        return f"/sessions/{sessions[1].id}", didactic.id


async def _sign_in(d: Deeds) -> Answer:
    async with d.units.read() as unit:
        person = await people.by_id(unit, d.clinic.author.person)
    assert person is not None
    return await d.house.stranger().post(
        "/sign-in", {"email": person.email, "password": PASSWORD}, signed_in=False
    )


async def _link(d: Deeds, *, kind: str) -> Answer:
    async with d.units.write() as unit:
        person = await people.by_id(unit, d.clinic.author.person)
        assert person is not None
        if kind == "sign_in":
            made = await people_commands.request_link(unit, person.email)
            assert made is not None
            path = f"/links/{made[0]}"
        else:
            invite = people_commands.Invite("Eve", "e@test.invalid", d.home, Role.LEARNER, None)
            path = (
                f"/invitations/{await people_commands.invite(unit, d.clinic.coordinator, invite)}"
            )
        await unit.commit()
    fields = {"name": "Eve", "discipline": "rn", "zone": "UTC"} if kind == "invite" else {}
    return await d.house.stranger().post(path, fields, signed_in=False)


async def _accept(d: Deeds) -> Answer:
    # Accepted before: somebody has passed its text, without which it cannot be accepted.
    case = await put_in_state(d.units, await d.accepted(), CaseState.IN_REVIEW)
    return await d.desk(f"/cases/{case.key}/accept", row_version=str(case.row_version))


async def _slot(d: Deeds) -> Answer:
    _, sessions = await a_series(d.units, d.clinic.coordinator, d.clinic.programme)
    case = await d.accepted()
    return await d.desk(
        f"/cases/{case.key}/slot",
        row_version=str(case.row_version),
        slot=f"{sessions[1].id}.{slots_of(sessions[1])[0].id}",
    )


async def _unschedule(d: Deeds) -> Answer:
    taken = await _slot(d)
    path = taken.headers["Location"]
    page = await d.clinic.desk.get(path)
    version = re.search(r'name="row_version" value="(\d+)"', page.text)
    assert version is not None
    return await d.desk(path.replace("/review", "/unschedule"), row_version=version[1])


async def _withdraw(d: Deeds) -> Answer:
    case = await d.case()
    return await d.clinic.writing.post(
        f"/cases/{case.key}/withdraw", {"row_version": str(case.row_version)}
    )


async def _safety(d: Deeds) -> Answer:
    case = await a_case(
        d.units, d.clinic.author, d.clinic.programme, phq9__9="1", safety_ack="yes"
    )
    return await d.clinic.writing.post(
        f"/cases/{case.key}/safety",
        {
            "safety_assessed": "today",
            "safety_plan": "yes",
            "safety_means": "yes",
            "safety_referred": "yes",
        },
    )


async def _on_session(d: Deeds, path: str, **fields: str) -> Answer:
    address, item = await d.session()
    return await d.desk(f"{address}{path.replace('{item}', item)}", **fields)


async def _wrap(d: Deeds) -> Answer:
    address, _ = await d.session()
    async with d.units.write() as unit:
        for step in (running.open_session, running.start_session, running.end_session):
            await step(unit, None, SessionId(address.removeprefix("/sessions/")))
        await unit.commit()
    return await d.desk(f"{address}/wrap")


async def _edit(d: Deeds) -> Answer:
    case = await d.case("needs_changes")
    return await d.clinic.writing.post(
        f"/cases/{case.key}/edit", as_sent(a_form(), action="draft")
    )


async def _helps(d: Deeds) -> Answer:
    case = await d.case("needs_changes")
    return await d.clinic.writing.post(f"/cases/{case.key}/edit/helps", as_sent(a_form()))


async def _autosave(d: Deeds) -> Answer:
    case = await d.case("needs_changes")
    page = {"writer": "page-of-the-author", "sequence": "1"}
    return await d.clinic.writing.post(
        f"/cases/{case.key}/autosave",
        as_sent(a_form(), row_version=str(case.row_version), **page),
    )


async def _close(d: Deeds) -> Answer:
    return await d.admin("/accounts/close", person=d.clinic.author.person, closed="yes")


async def _revoke(d: Deeds) -> Answer:
    return await d.desk(
        f"/programmes/{d.home}/people/revoke",
        person=d.clinic.author.person,
        role="spoke_clinician",
    )


async def _after_removal(d: Deeds) -> Answer:
    address, item = await d.session()
    await d.desk(f"{address}/agenda/{item}/remove")
    return await d.desk(f"{address}/agenda", kind="qa", minutes="2")


async def _copy(d: Deeds) -> Answer:
    case = await d.case("declined")
    return await d.clinic.writing.post(f"/cases/{case.key}/copy", {})


async def _case_form(d: Deeds) -> Answer:
    return await d.desk(f"/programmes/{d.home}/case-form", after="0", minors="yes")


async def _pressing(d: Deeds) -> tuple[Case, Browser, str]:
    """Return a case called soon without a slot, the director's browser, and who may answer it."""
    director = await somebody(d.units, d.clinic.programme, Role.DIRECTOR)
    able = await somebody(d.units, d.clinic.programme, Role.HUB_SPECIALIST)
    case = await an_accepted_case(
        d.units, d.clinic.author, d.clinic.coordinator, d.clinic.programme, urgency="soon"
    )
    return case, await d.house.browser(director.person), able.person


async def _convert(d: Deeds) -> Answer:
    case, director, able = await _pressing(d)
    version = {"row_version": str(case.row_version)}
    return await director.post(f"/cases/{case.key}/convert", version | {"specialists": able})


async def _specialists(d: Deeds) -> Answer:
    case, director, able = await _pressing(d)
    version = {"row_version": str(case.row_version)}
    await director.post(f"/cases/{case.key}/convert", version | {"specialists": able})
    other = await somebody(d.units, d.clinic.programme, Role.HUB_SPECIALIST)
    page = await director.get(f"/cases/{case.key}/review")
    seen = re.search(r'name="row_version" value="(\d+)"', page.text)
    assert seen is not None
    return await director.post(
        f"/cases/{case.key}/specialists", {"row_version": seen[1], "specialists": other.person}
    )


async def _follow_up(d: Deeds, deed: str, days: int, **fields: str) -> Answer:
    """Do something with a letter after so many days."""
    spoke = d.clinic.author.organisation
    assert spoke is not None
    lively = await a_clinic(d.units, d.clinic.programme.hub, spoke, code="FU")
    case = await a_signed_case(d.units, lively, index=False)
    assert isinstance(d.house.clock, FakeClock)
    d.house.clock.advance(days=days - 1)
    async with d.units.write() as unit:
        await follow_ups.ask_due(unit)
    d.house.clock.advance(days=1)
    case = await reloaded(d.units, case)
    desk = await d.house.browser(lively.coordinator.person)
    version = {"row_version": str(case.row_version)} if deed == "close" else {}
    return await desk.post(f"/cases/{case.key}/follow-up/{deed}", version | fields)


LATE = {"words": "There is a name in it.", "erase": "presenting_problem"}

DEEDS: dict[str, Deed] = {
    "/sign-in": _sign_in,
    "/sign-out": lambda d: d.clinic.writing.post("/sign-out", {}),
    "/links/{token}": lambda d: _link(d, kind="sign_in"),
    "/invitations/{token}": lambda d: _link(d, kind="invite"),
    "/profile": lambda d: d.clinic.writing.post(
        "/profile", {"name": "Ada Bright", "discipline": "rn", "zone": "UTC"}
    ),
    "/profile/password": lambda d: d.clinic.writing.post(
        "/profile/password", {"password": "seven green kettles whistle"}
    ),
    "/programmes/{programme}/people/invite": lambda d: d.desk(
        f"/programmes/{d.home}/people/invite", name="Eve", email="e@test.invalid", role="learner"
    ),
    "/programmes/{programme}/people/revoke": _revoke,
    "/accounts/organisations": lambda d: d.admin(
        "/accounts/organisations", name="Lakeshore", kind="spoke"
    ),
    "/accounts/close": _close,
    "/programmes": lambda d: d.desk("/programmes", code="SU", name="Substance Use", zone="UTC"),
    "/programmes/{id}/series": lambda d: d.desk(
        f"/programmes/{d.home}/series",
        weekday="1",
        at="12:00",
        zone="America/Denver",
        first="2031-04-01",
        ends="count",
        count="3",
    ),
    "/sessions/{id}/open": lambda d: _on_session(d, "/open"),
    "/sessions/{id}/cancel": lambda d: _on_session(d, "/cancel"),
    "/sessions/{id}/wrap": _wrap,
    "/sessions/{id}/agenda": _after_removal,
    "/sessions/{id}/agenda/{item}/remove": lambda d: _on_session(d, "/agenda/{item}/remove"),
    "/sessions/{id}/agenda/{item}/move": lambda d: _on_session(
        d, "/agenda/{item}/move", position="0"
    ),
    "/sessions/{id}/agenda/{item}/topic": lambda d: _on_session(
        d, "/agenda/{item}/topic", topic="Sleep"
    ),
    "/programmes/{id}/cases": lambda d: d.clinic.writing.post(
        d.clinic.new, as_sent(a_form(), action="submit")
    ),
    "/programmes/{id}/cases/autosave": lambda d: d.clinic.writing.post(
        f"{d.clinic.new}/autosave", as_sent(a_form(), writer="page-of-the-author", sequence="1")
    ),
    "/cases/{key}/edit": _edit,
    "/cases/{key}/autosave": _autosave,
    "/cases/{key}/edit/helps": _helps,
    "/programmes/{id}/cases/helps": lambda d: d.clinic.writing.post(
        f"/programmes/{d.home}/cases/helps", as_sent(a_form())
    ),
    "/api/cases/similar": lambda d: d.clinic.writing.post_json(
        "/api/cases/similar", {"question": "Which medicine when sleep is the trouble?"}
    ),
    "/cases/{key}/safety": _safety,
    "/cases/{key}/withdraw": _withdraw,
    "/cases/{key}/pass": lambda d: d.on_case("pass"),
    "/cases/{key}/accept": _accept,
    "/cases/{key}/return": lambda d: d.on_case("return", "in_review", words="More, please."),
    "/cases/{key}/reject": lambda d: d.on_case("reject", words="There is a name in it."),
    "/cases/{key}/decline": lambda d: d.on_case(
        "decline", "in_review", refusal="Outside of scope."
    ),
    "/cases/{key}/recall": lambda d: d.on_case("recall", "accepted", **LATE),
    "/cases/{key}/purge": lambda d: d.on_case("purge", "presented", reason="name"),
    "/cases/{key}/copy": _copy,
    "/programmes/{id}/case-form": _case_form,
    "/cases/{key}/slot": _slot,
    "/cases/{key}/unschedule": _unschedule,
    "/cases/{key}/convert": _convert,
    "/cases/{key}/specialists": _specialists,
    "/cases/{key}/follow-up/ask": lambda d: _follow_up(d, "ask", 31, round="1", number="2"),
    "/cases/{key}/follow-up/close": lambda d: _follow_up(d, "close", 120),
}
"""Route → one deed that succeeds there."""

ELSEWHERE = (
    "/attachments",
    "/pages",
    "/review",
    "/recommendations",
    "/library",
    "/delegates",
    "/demo/",
    "/sign-in/link",
    "/api/deid",
)
"""Routes whose deeds need an attachment, a signed letter, or the demonstration: their audit is tested there. A
link is made after the answer; the check of a text and the review page drawn again change nothing."""


async def test_every_writing_route_is_among_the_deeds(house: House) -> None:
    writing = {path for method, path in house.app[POLICIES] if method == "POST"}
    assert {p for p in writing if not any(part in p for part in ELSEWHERE)} == set(DEEDS)


@pytest.mark.parametrize("path", sorted(DEEDS))
async def test_every_deed_is_audited_in_its_own_transaction(
    units: Units, house: House, clinic: Clinic, path: str
) -> None:
    """At least one row for what was done; none for the same deed when its transaction fails."""
    deeds = Deeds(units, house, clinic)
    before = await counted(units, AuditRow)
    answer = await DEEDS[path](deeds)
    assert answer.status in (200, 303), (answer.status, answer.text[-1500:])
    assert await counted(units, AuditRow) > before


async def test_what_is_rolled_back_leaves_no_trace(
    units: Units, house: House, clinic: Clinic
) -> None:
    """The audit itself fails at the last moment: nothing of the deeds remains, and no outbox row."""
    case = await a_case(units, clinic.author, clinic.programme)
    version = {"row_version": str(case.row_version)}
    await house.drain()
    async with units.write() as unit:
        await unit.db.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON audit"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
        await unit.commit()
    before = await everything(units)
    profile = {"name": "Other Name", "discipline": "rn", "zone": "UTC"}
    invite = {"name": "Eve", "email": "e@test.invalid", "role": "learner"}
    home = clinic.programme.id
    answers = [
        await clinic.writing.post("/profile", profile),
        await clinic.writing.post(clinic.new, as_sent(a_form(), action="submit")),
        await clinic.writing.post(f"/cases/{case.key}/withdraw", version),
        await clinic.desk.post(f"/cases/{case.key}/pass", {**version, "then": "accept"}),
        await clinic.desk.post(f"/programmes/{home}/people/invite", invite),
        await clinic.desk.post("/programmes", {"code": "SU", "name": "Sub", "zone": "UTC"}),
        await clinic.writing.post("/sign-out", {"everywhere": "yes"}),
    ]
    assert [a.status for a in answers] == [500] * 7
    assert all("Something went wrong on our side" in a.text for a in answers)
    assert await everything(units) == before
    assert (await clinic.writing.get("/profile")).status == 200
