"""Who read what, searched and took along stands in the audit (security.md 67); what they typed not."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from server.edge.keys import POLICIES
from server.kit.ids import OrganisationId
from server.store.tables import AuditRow
from server.store.unit import Units
from tests.factories.advice import Clinic, a_clinic, a_signed_case
from tests.factories.attachments import an_attachment
from tests.factories.cases import a_case
from tests.factories.sessions import a_series
from tests.harness.browser_client import House

NOTED = {
    "/cases/{key}": "case.viewed",
    "/cases/{key}/brief": "case.viewed",
    "/cases/{key}/review": "case.viewed",
    "/cases/{key}/attachments": "case.viewed",
    "/cases/{key}/pages/{page}": "page.viewed",
    "/cases/{key}/recommendations": "case.viewed",
    "/cases/{key}/letter": "letter.viewed",
    "/letters": "letters.listed",
    "/library": "library.searched",
    "/library/{key}": "library.viewed",
    "/sessions/{id}.ics": "calendar.exported",
    "/series/{id}.ics": "calendar.exported",
}
"""Address → what looking at it is called in the audit."""

_NOBODY = "nothing about anybody"
_STAFF = "schedules and colleagues, which everybody of the programme sees"
_OWN = "the reader's own"
UNNOTED = {
    "/": _STAFF,
    "/calendar": _STAFF,
    "/programmes": _STAFF,
    "/programmes/new": _NOBODY,
    "/programmes/{id}": _STAFF,
    "/programmes/{id}/series/new": _NOBODY,
    "/programmes/{id}/case-form": _STAFF,
    "/programmes/{id}/case-form/preview": _STAFF,
    "/series/{id}": _STAFF,
    "/sessions/{id}": _STAFF,
    "/programmes/{programme}/people": _STAFF,
    "/accounts": _STAFF,
    "/profile": _OWN,
    "/cases": _OWN,
    "/cases/{key}/edit": _OWN,
    "/cases/{key}/edit/writing": _STAFF,
    "/cases/{key}/history": _OWN,
    "/cases/{key}/crosswalk": _OWN,
    "/programmes/{id}/cases/new": _OWN,
    "/programmes/{id}/cases/writing": _STAFF,
    "/cases/form-token": _NOBODY,
    "/cases/{key}/attachments/progress": "counts, for the author and the desk",
    "/triage": "case numbers without a text; opening one is noted",
    "/triage/follow-ups": "case numbers without a text; opening one is noted",
    "/library/suggest": "headings at every key pressed; opening one is noted",
    "/sessions/{id}/live": "joining is noted",
    "/sessions/{id}/live/lobby": _STAFF,
    "/sessions/{id}/live/ticket": "joining is noted",
    "/socket.io/": "joining is noted",
    "/sign-in": _NOBODY,
    "/links/{token}": "using it is noted",
    "/invitations/{token}": "accepting it is noted",
    "/style-guide": _NOBODY,
    "/favicon.ico": _NOBODY,
    "/healthz": _NOBODY,
    "/readyz": _NOBODY,
    "/metrics": _NOBODY,
    "/static/{fingerprint}/{path}": _NOBODY,
}
"""Addresses that are read without a line in the audit, and why."""

TYPED = "hickorynutqz sertraline"


async def test_every_address_is_noted_or_need_not_be(house: House) -> None:
    reading = {path for method, path in house.app[POLICIES] if method == "GET"}
    assert reading == NOTED.keys() | UNNOTED.keys()


@pytest.fixture
async def clinic(units: Units, hub: OrganisationId, spoke: OrganisationId) -> Clinic:
    return await a_clinic(units, hub, spoke)


async def audit(units: Units) -> list[AuditRow]:
    async with units.read() as unit:
        return list(await unit.db.scalars(select(AuditRow).order_by(AuditRow.id)))


async def test_what_is_read_is_noted_once_with_who_and_what(
    units: Units, house: House, clinic: Clinic
) -> None:
    signed = await a_signed_case(units, clinic)
    fresh = await a_case(units, clinic.presenter, clinic.programme)
    page = (await an_attachment(units, house, clinic.presenter, fresh)).pages[0].id
    series, sessions = await a_series(units, clinic.coordinator, clinic.programme)
    async with units.read() as unit:
        from cases.store import library

        entry = await library.of_case(unit, signed.id)
    assert entry is not None
    await house.drain()
    desk = await house.browser(clinic.coordinator.person)
    await desk.get("/profile")
    before = len(await audit(units))

    def asked() -> Iterator[tuple[str, str, dict[str, object]]]:
        yield f"/cases/{signed.key}", signed.id, {"where": "sheet", "version": 1}
        yield f"/cases/{signed.key}/brief", signed.id, {"where": "brief", "version": 1}
        yield f"/cases/{fresh.key}/review", fresh.id, {"where": "desk", "version": 1}
        yield f"/cases/{fresh.key}/attachments", fresh.id, {"where": "attachments", "version": 1}
        yield (
            f"/cases/{fresh.key}/pages/{page}",
            fresh.id,
            {"page": page, "approved": False},
        )
        yield (
            f"/cases/{signed.key}/recommendations",
            signed.id,
            {"where": "bench", "version": 1},
        )
        yield f"/cases/{signed.key}/letter", signed.id, {"version": 1}
        yield "/letters", "", {"due": 0, "issued": 1}
        yield f"/library?q={TYPED}", "", {"found": 1, "first": 0}
        yield f"/library/{entry.key}", entry.id, {"version": 1, "withdrawn": False}
        yield f"/sessions/{sessions[0].id}.ics", sessions[0].id, {"sessions": 1}
        yield f"/series/{series.id}.ics", series.id, {"sessions": len(sessions)}

    wanted = [
        (action, clinic.coordinator.person, subject, facts)
        for action, (_, subject, facts) in zip(NOTED.values(), asked(), strict=True)
    ]
    for path, _, _ in asked():
        answer = await desk.get(path)
        assert answer.status == 200, (path, answer.status)
    rows = (await audit(units))[before:]
    assert [(r.action, r.actor_id, r.subject, r.facts) for r in rows] == wanted
    assert {r.programme_id for r in rows if r.subject} == {clinic.programme.id}
    # Everything there is, not only these lines: the question is kept nowhere.
    assert "hickorynut" not in str([vars(r) for r in await audit(units)])


async def test_what_one_may_not_read_is_not_noted_as_read(
    units: Units, house: House, clinic: Clinic
) -> None:
    signed = await a_signed_case(units, clinic)
    await house.drain()
    learner = await house.browser(clinic.learner.person)
    before = len(await audit(units))
    for path in (f"/cases/{signed.key}/letter", "/library/KB-0001", "/library/KB-0999"):
        assert (await learner.get(path)).status == 404
    assert len(await audit(units)) == before


async def test_what_cannot_be_noted_is_not_shown(
    units: Units, house: House, clinic: Clinic
) -> None:
    from sqlalchemy import text

    signed = await a_signed_case(units, clinic)
    await house.drain()
    desk = await house.browser(clinic.director.person)
    async with units.write() as unit:
        await unit.db.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON audit"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
        await unit.commit()
    for path in (f"/cases/{signed.key}/letter", "/library/KB-0001", "/library?q=sertraline"):
        answer = await desk.get(path)
        assert answer.status == 500
        assert "sertraline" not in answer.text
