"""The real server under the harness: signed in by link, killed, started again on the same data."""

from __future__ import annotations

import pytest

from tests.harness import browsers
from tests.harness.app import Server, ServerError

pytestmark = pytest.mark.browser


async def test_a_person_stays_signed_in_over_a_killed_server():
    with Server() as server:
        async with browsers.chromium() as browser:
            page = await browser.new_page()
            await page.goto(server.sign_in("Marisol Quintana"))
            await page.wait_for_url(server.url + "/")
            who = page.get_by_text("Marisol Quintana").first
            await who.wait_for(state="attached")
            server.kill()
            server.start()
            await page.reload()
            await who.wait_for(state="attached")
            assert page.url == server.url + "/"


def test_a_name_that_fits_several_people_or_nobody_is_refused():
    with Server() as server:
        with pytest.raises(LookupError, match="0 people match"):
            server.sign_in("Nobody Atall")
        with pytest.raises(LookupError, match="2 people match 'spoke clinician'"):
            server.sign_in("spoke clinician")


def test_a_server_that_cannot_start_shows_what_it_said():
    server = Server(environment={"CASEROUND_LOG_LEVEL": "loud"})
    with pytest.raises(ServerError, match="CASEROUND_LOG_LEVEL"):
        server.start()
    server.close()
