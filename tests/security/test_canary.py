"""Forty secrets in a case: nobody else ever reads one, and they are nowhere but in the case.

security.md 20 (lists, calendar files, JSON obey the same rule as the page) and 70 (no case text in
logs, addresses, audit, mail). Every state of the case carries its own canaries, so a leak names
the state it came from.
"""

import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from server.app import POST
from server.edge.keys import POLICIES
from server.jobs.mail import Letter
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.cases import a_form
from tests.factories.sessions import a_series
from tests.harness.browser_client import Browser, House
from tests.security.test_matrix import READS_SHEET, same_shape
from tests.security.village import MARK, Village, build

LETTERS = "abcdefghijklmnoprstuvwxyz"
COUNT = 44


def canary(number: int) -> str:
    """Return the canary of one field, a disease by its ending: no rule takes it for a number or name."""
    return f"{MARK}{LETTERS[number // 25]}{LETTERS[number % 25]}osis"


def mark_of(state: str) -> str:
    """Return what stands for MARK in the case of one state."""
    place = sorted(READS_SHEET).index(state)
    return f"catalpa{LETTERS[place]}q"


def secret_form() -> dict[str, str]:
    """Return every free-text field of the form with a canary of its own."""
    numbers = iter(range(COUNT))

    def say(words: str) -> str:
        return f"{words} {canary(next(numbers))}"

    typed = {
        "main_question": say("What would you try next for this person with") + "?",
        "goal_own_words": say("to sleep and feel"),
        "how_do_you_feel_words": say("grey and"),
        "strengths_text": say("humour and"),
        "supports_caregiver": say("a parent and"),
        "presenting_problem": say("Low mood for months, tearful most days, wakes early,"),
        "psych_history": say("One episode ten years ago, treated with"),
        "allergies": say("none but"),
    }
    for row in range(6):
        typed |= {f"diagnoses.{row}.label": say("low"), f"diagnoses.{row}.status": "active"}
    for row in range(10):
        typed |= {
            f"medications.{row}.name": say("pill"),
            f"medications.{row}.side_effects": say("dry"),
            f"medications.{row}.dose": "5",
            f"medications.{row}.unit": "mg",
            f"medications.{row}.route": "PO",
            f"medications.{row}.freq": "daily",
        }
    for row in range(5):
        typed |= {
            f"past_treatments.{row}.name": say("talk"),
            f"past_treatments.{row}.top_dose": say("most"),
            f"past_treatments.{row}.kind": "therapy",
        }
    typed["past_treatments.none"] = ""
    return {key.replace(".", "__"): value for key, value in typed.items()}


@pytest.fixture
async def village(units: Units, house: House) -> Village:
    settled = await build(units, text=mark_of, **secret_form())
    await settled.sign_everybody_in(house)
    return settled


LINK = re.compile(r'(?:href|action|src)="(/[^"]*)"')


class Crawler:
    """Follows every link of this site that a person is shown, once each."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.seen: set[str] = set()
        self.said: dict[str, str] = {}

    async def run(self, starts: list[str]) -> None:
        waiting = list(starts)
        while waiting:
            address = waiting.pop()
            path = urlsplit(address).path
            if path in self.seen or path.startswith("/static/"):
                continue
            self.seen.add(path)
            for accept in ("text/html", "application/json"):
                answer = await self.browser.get(address, headers={"Accept": accept})
                told = f"{answer.text}\n{answer.headers}"
                self.said[f"{address} as {accept}"] = told
                waiting += [a.replace("&amp;", "&") for a in LINK.findall(answer.text)]


CRAWLED = (
    "hub_specialist",
    "spoke_clinician",
    "learner",
    "evaluator",
    "adviser",
    "facilitator",
    "elsewhere",
    "far",
    "admin",
    "nobody",
)


async def test_nobody_reads_a_canary_that_is_not_theirs(house: House, village: Village) -> None:
    every = [case.key for case in village.home.cases.values()]
    known = [
        "/",
        "/calendar",
        "/cases",
        "/triage",
        f"/sessions/{village.home.sessions[-1].id}",
        f"/sessions/{village.home.sessions[-1].id}.ics",
        f"/series/{village.home.series.id}.ics",
        f"/programmes/{village.home.programme.id}",
        *(f"/cases/{key}" for key in every),
    ]
    library = ("GET", "/library") in house.app[POLICIES]
    for name in CRAWLED:
        crawler = Crawler(village.browsers[name])
        asked = (
            [f"/library?q={MARK}", f"/library/suggest?q={mark_of('closed')}"] if library else []
        )
        await crawler.run(known + asked)
        for state, readers in READS_SHEET.items():
            mark = MARK if state == "phi_check" else mark_of(state)
            found = sorted(a for a, said in crawler.said.items() if mark in said)
            found = [a for a in found if not a.startswith("/library")]
            if name not in readers:
                assert not found, f"{name} read a {state} case at {found[:3]}"
            else:
                key = village.home.cases[state].key
                assert f"/cases/{key} as text/html" in found


async def row_version(browser: Browser, page: str) -> str:
    """Return the version of a case that a page's buttons name."""
    found = re.search(r'name="row_version" value="(\d+)"', (await browser.get(page)).text)
    assert found is not None
    return found[1]


async def table_dump(units: Units) -> dict[str, str]:
    """Return everything every table holds, as text."""
    async with units.read() as unit:
        names = await unit.db.scalars(
            text(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        )
        return {
            name: "\n".join(
                str(tuple(row)) for row in await unit.db.execute(text(f'SELECT * FROM "{name}"'))
            )
            for name in names
        }


class Postbox:
    """A mail server that keeps what it is given."""

    configured = True

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)


@pytest.fixture
async def posting(
    units: Units, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[tuple[House, Postbox]]:
    """The application with a mail server."""
    postbox = Postbox()
    running = House(units, clock, tmp_path, postbox)
    await running.start()
    yield running, postbox
    await running.stop()


async def test_a_case_lives_in_its_own_tables_and_in_no_log(
    posting: tuple[House, Postbox], units: Units, log_lines: io.StringIO
) -> None:
    """Through the real pages: kept, submitted, passed, returned, sent again, withdrawn."""
    house, postbox = posting
    settled = await build(units, text=mark_of)
    await settled.sign_everybody_in(house)
    author, desk = settled.browsers["author"], settled.browsers["coordinator"]
    home = settled.home.programme.id
    await a_series(units, settled.actors["coordinator"], settled.home.programme)
    sent = [
        (key, part)
        for key, value in a_form(**secret_form()).items()
        for part in (value if isinstance(value, list) else [value])
    ]
    locations = []
    kept = await author.post(f"/programmes/{home}/cases", [*sent, ("action", "draft")])
    assert kept.status == 303, kept.text[-3000:]
    draft = kept.headers["Location"]
    wrong = await author.post(draft, [*sent, ("action", "submit"), ("age", "no age")])
    assert wrong.status == 422
    submitted = await author.post(draft, [*sent, ("action", "submit")])
    assert submitted.status == 303
    case = submitted.headers["Location"]
    stale = await author.post(draft, [*sent, ("action", "submit")])
    assert stale.status == 409
    version = await row_version(desk, f"{case}/review")
    passed = await desk.post(f"{case}/pass", {"row_version": version})
    version = await row_version(desk, f"{case}/review")
    comment = f"Say more about {canary(43)} please."
    back = await desk.post(f"{case}/return", {"row_version": version, "words": comment})
    again = await author.post(f"{case}/edit", [*sent, ("action", "submit")])
    version = await row_version(author, case)
    gone = await author.post(f"{case}/withdraw", {"row_version": version})
    locations += [kept, submitted, back, again, passed, gone]
    assert [a.status for a in locations] == [303] * 6, [a.status for a in locations]
    await house.drain()
    await house.app[POST].pass_once()
    assert len(postbox.letters) >= 3
    assert MARK not in str(postbox.letters)

    # A database that fails quotes what it was given: drop what a submission writes to.
    async with units.write() as unit:
        await unit.db.execute(text("ALTER TABLE case_versions RENAME TO elsewhere"))
        await unit.commit()
    broken = await author.post(f"/programmes/{home}/cases", [*sent, ("action", "submit")])
    assert broken.status == 500
    async with units.write() as unit:
        await unit.db.execute(text("ALTER TABLE elsewhere RENAME TO case_versions"))
        await unit.commit()
    refused = await author.get(f"/cases/{canary(1)}?q={canary(2)}")
    assert refused.status == 404

    for answer in [*locations, broken, refused, stale]:
        assert MARK not in str(answer.headers)
        assert answer is not refused or MARK not in answer.text
    assert MARK not in broken.text
    dumped = await table_dump(units)
    holding = sorted(name for name, held in dumped.items() if MARK in held)
    assert holding == ["case_versions", "cases"]
    assert all(canary(number) in dumped["case_versions"] for number in range(COUNT))
    assert {"audit", "outbox", "mails", "idempotency"} <= set(dumped)
    assert dumped["audit"] and dumped["outbox"] and dumped["mails"]
    lines = log_lines.getvalue()
    assert MARK not in lines
    written = [json.loads(line) for line in lines.splitlines()]
    assert {"request", "unhandled"} <= {line.get("event") for line in written}
    assert all(same_shape(line["route"]).count("/") for line in written if "route" in line)


HELD = "butternutqx"
"""Stands beside a telephone number: text with that never reaches the server's disk."""


async def test_text_with_an_identifier_never_touches_the_disk(
    house: House, units: Units, tmp_path: Path, log_lines: io.StringIO
) -> None:
    settled = await build(units)
    await settled.sign_everybody_in(house)
    author = settled.browsers["author"]
    home = settled.home.programme.id
    story = f"Low mood since the birth, {HELD} most days. Her sister is at 505-555-0143 at night."
    sent = [
        (key, part)
        for key, value in a_form(presenting_problem=story).items()
        for part in (value if isinstance(value, list) else [value])
    ]
    for action in ("draft", "submit"):
        held = await author.post(f"/programmes/{home}/cases", [*sent, ("action", action)])
        assert held.status == 422
        assert HELD in held.text  # what was typed is shown again
    fix = re.search(r'name="fix" value="([^"]+)"', held.text)
    assert fix is not None
    fixed = await author.post(f"/programmes/{home}/cases", [*sent, ("fix", fix[1])])
    assert fixed.status == 200
    desk = settled.browsers["coordinator"]
    key = settled.home.cases["in_review"].key
    told = await desk.post(
        f"/cases/{key}/return", {"row_version": "1", "words": f"Call {HELD} on 505-555-0143."}
    )
    assert told.status == 422
    await house.drain()
    files = {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert {"test.sqlite3", "test.sqlite3-wal"} <= set(files)
    # The same reading finds what is stored: the search is not blind.
    assert any(b"Bonding is good" in content for content in files.values())
    for name, content in files.items():
        assert HELD.encode() not in content, name
        assert b"555-0143" not in content, name
    assert HELD not in log_lines.getvalue()
    dumped = await table_dump(units)
    assert "case.identifiers_held" in dumped["audit"]
    assert HELD not in "".join(dumped.values())
