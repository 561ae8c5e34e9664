"""The real server under the harness: signed in by link, killed, started again on the same data."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.harness import browsers
from tests.harness.app import Server, ServerError
from tests.harness.seeds import DATABASE, Seeds

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


def test_a_name_that_fits_several_people_or_nobody_is_refused(seeds):
    with Server(seeds=seeds) as server:
        with pytest.raises(LookupError, match="0 people match"):
            server.sign_in("Nobody Atall")
        with pytest.raises(LookupError, match="2 people match 'spoke clinician'"):
            server.sign_in("spoke clinician")


@pytest.mark.parametrize("forked", [False, True])
def test_a_server_that_cannot_start_shows_what_it_said(seeds, forked):
    server = Server(environment={"CASEROUND_LOG_LEVEL": "loud"}, seeds=seeds if forked else None)
    with pytest.raises(ServerError, match="CASEROUND_LOG_LEVEL"):
        server.start()
    server.close()


def test_what_is_copied_is_what_would_be_made_and_everybodys_own(tmp_path):
    kept = Seeds(tmp_path / "kept")
    with Server(seeds=kept) as first, Server(seeds=kept) as second:
        assert _questions(first) == _questions(second) != []
        assert set(first.people()) == set(second.people())
        with closing(sqlite3.connect(first.data / DATABASE)) as database, database:
            database.execute("UPDATE cases SET main_question = 'Another?'")
        assert _questions(first) == ["Another?"]
        first.interrupt()
        first.start()
        assert _questions(first) == ["Another?"] != _questions(second)


def test_a_later_quarter_of_an_hour_is_made_anew(tmp_path):
    kept, now = Seeds(tmp_path / "kept"), datetime(2031, 3, 4, 19, 14, 59, tzinfo=UTC)
    data, empty = tmp_path / "data", tmp_path / "empty"
    data.mkdir()
    empty.mkdir()
    sqlite3.connect(data / DATABASE).close()
    assert not kept.put_into(empty, now)
    kept.take_from(data, now - timedelta(minutes=14))
    assert not kept.put_into(empty, now + timedelta(seconds=1))
    assert list(empty.iterdir()) == []
    assert kept.put_into(empty, now)
    assert [path.name for path in empty.iterdir()] == [DATABASE]


def _questions(server: Server) -> list[str]:
    """The questions of all cases, each once."""
    with closing(sqlite3.connect(server.data / DATABASE)) as database:
        asked = database.execute("SELECT DISTINCT main_question FROM cases ORDER BY 1")
        return [question for (question,) in asked]
