"""Addresses nobody is given: zero bytes, half characters, endless words, on both databases.

PostgreSQL refuses what SQLite takes (U+0000, numbers beyond its columns), so each is asked.
"""

import re

import pytest

from server.edge.keys import POLICIES
from server.kit.actor import Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from tests.factories.advice import a_clinic
from tests.factories.people import make_actor
from tests.harness.browser_client import House

pytestmark = pytest.mark.both_databases

ODD = ("%00", "a%00b", "%ED%A0%80", "%FF%FE", "%F0%9F%98%80", "9" * 400, "a" * 3000, "%27%22%3B--")
ASKED = ("q", "from", "v", "after", "next", "follow")
"""Every name that a page reads from the query."""


@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")
async def test_no_address_breaks_a_page(
    units: Units, house: House, hub: OrganisationId, spoke: OrganisationId
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    home = clinic.programme.id
    ola = await make_actor(units, "Ola", {home: tuple(Role)}, platform_admin=True)
    browser = await house.browser(ola.person)
    await browser.get("/profile")
    wrong, number = [], 0
    for method, path in house.app[POLICIES]:
        if path in ("/socket.io/", "/sign-out"):
            continue
        for _ in range(2):
            number += 1
            odd = ODD[number % len(ODD)]
            address = re.sub(r"\{[^}]*\}", odd, path)
            if "{" in path and number % 2:
                # A part that exists, then one that does not.
                address = re.sub(r"\{[^}]*\}", odd, re.sub(r"\{(id|programme)\}", home, path))
            if method == "GET":
                address += "?" + "&".join(f"{name}={odd}" for name in ASKED)
                answer = await browser.get(address)
            else:
                answer = await browser.post(address, {"row_version": "1", "version": "1"})
            if answer.status >= 500:
                wrong.append(f"{method} {path} with {odd[:20]}: {answer.status}")
    assert not wrong, "\n".join(wrong)
    assert number > 130
