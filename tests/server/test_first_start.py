"""The first hour of a real installation: from an empty database to a series, by the pages."""

import re

from sqlalchemy import select

from server.people import commands as people
from server.people.rows import PersonRow
from server.store.unit import Units
from tests.harness.browser_client import Browser, House

PASSWORD = "purple kettle sings at dawn"
ACCOUNT = {"discipline": "other", "zone": "America/Denver", "password": PASSWORD}


async def test_from_an_empty_database_to_a_series(units: Units, house: House) -> None:
    async with units.write() as unit:
        token = await people.invite_admin(unit, name="Ada Root", email="ada@test.invalid")
        await unit.commit()
    ada = house.stranger()
    opened = await ada.post(
        f"/invitations/{token}", {"name": "Ada Root", **ACCOUNT}, signed_in=False
    )
    assert (opened.status, opened.headers["Location"]) == (303, "/")
    await ada.get("/accounts")
    added = await ada.post("/accounts/organisations", {"name": "Mesa Hub", "kind": "hub"})
    assert added.status == 303

    form = await ada.get("/programmes/new")
    hub = re.search(r'<option value="([0-9a-z]{26})"[^>]*>Mesa Hub', form.text)
    assert hub is not None
    programme = {
        "name": "Pain Clinic",
        "code": "PC",
        "zone": "America/Denver",
        "hub": hub.group(1),
    }
    refused = await ada.post("/programmes", {**programme, "hub": ""})
    assert refused.status == 422
    assert "Choose the hub that runs it" in refused.text
    founded = await ada.post("/programmes", programme)
    people_page = founded.headers["Location"]
    assert people_page.endswith("/people")

    await ada.get(people_page)
    invited = await ada.post(
        f"{people_page}/invite",
        {
            "name": "Sam Desk",
            "email": "sam@test.invalid",
            "role": "coordinator",
            "organisation": hub.group(1),
        },
    )
    link = re.search(r"/invitations/[A-Za-z0-9_-]+", invited.text)
    assert link is not None
    sam: Browser = house.stranger()
    await sam.post(link.group(0), {"name": "Sam Desk", **ACCOUNT}, signed_in=False)
    series = people_page.removesuffix("/people") + "/series"
    await sam.get(series + "/new")
    laid = await sam.post(
        series,
        {
            "weekday": "1",
            "at": "12:00",
            "zone": "America/Denver",
            "every_weeks": "1",
            "first": "2031-03-05",
            "ends": "count",
            "count": "3",
        },
    )
    assert laid.status == 303
    calendar = await sam.get("/calendar")
    assert calendar.text.count("Pain Clinic") >= 3

    # The administrator runs the platform and holds no role that opens cases.
    async with units.read() as unit:
        row = await unit.db.scalar(select(PersonRow).where(PersonRow.name == "Ada Root"))
    assert row is not None
    assert row.platform_admin
    assert (await ada.get("/triage")).status == 403
