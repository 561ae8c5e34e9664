"""Every kind of page with hostile texts on it, opened by a real browser (security.md 26, 28).

The texts are put where people put theirs; where a check would refuse one it is written past it into
the database. A dialog, a broken policy, a script's error or a request to anywhere else is a failure.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Page, Request, expect
from sqlalchemy import text, update

from cases.commands import publish, recommend
from cases.rules.advice import Content, DoneBy, Evidence, ProblemArea, Strength, TimeFrame
from cases.rules.models import CaseState
from cases.store import library as entries
from cases.store import recommendations
from cases.store.library import by_key
from server.deid import verdict
from server.deid.models import Held
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.people.rows import LinkRow, OrganisationRow, PersonRow
from server.store.unit import Units
from sessions.store.rows import ProgrammeRow, SeriesRow
from tests.factories.advice import (
    Clinic,
    a_clinic,
    a_presented_case,
    index_newest,
    sign_draft,
)
from tests.factories.cases import a_case, put_in_state
from tests.factories.people import make_actor, open_sign_in
from tests.harness.browser_client import House
from tests.harness.browsers import chromium
from tests.security.payloads import MARKUP
from tests.security.test_injection import reload, write_texts

pytestmark = pytest.mark.browser

ALL = " ".join(MARKUP)
"""Every payload, one after the other, for columns that hold any length."""

WATCH = """
window.heard = [];
addEventListener("securitypolicyviolation", (event) =>
  window.heard.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Watch:
    """What a browser does that a text must not make it do."""

    origin: str
    wrong: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._console(page, said.type, said.text))

        async def dismiss(dialog) -> None:
            self.wrong.append(f"{page.url}: dialog {dialog.message}")
            await dialog.dismiss()

        page.on("dialog", dismiss)

    def _console(self, page: Page, kind: str, said: str) -> None:
        if kind == "error" or "Content Security Policy" in said or "Trusted" in said:
            self.wrong.append(f"{page.url}: {said}")

    def request(self, request: Request) -> None:
        target = urlsplit(request.url)
        if target.scheme in ("http", "https", "ws") and not request.url.startswith(self.origin):
            self.wrong.append(f"a request to {request.url}")


def packs(longest: int, texts: Iterable[str] = MARKUP) -> list[str]:
    """Return the payloads that the identifier check takes, several to a text of this length."""
    out = [""]
    for payload in texts:
        for start in (out[-1], ""):
            tried = f"{start} {payload}".strip()
            if len(tried) <= longest and not isinstance(verdict.screen_line(tried), Held):
                out[-1:] = [tried] if start else ([out[-1], tried] if out[-1] else [tried])
                break
    return out


@dataclass
class World:
    """A clinic whose every text is hostile, and the addresses at which they are shown."""

    clinic: Clinic
    ola: Actor
    pages: tuple[str, ...]
    author_pages: tuple[str, ...]


@pytest.fixture
async def world(units: Units, hub: OrganisationId, spoke: OrganisationId) -> World:
    clinic = await a_clinic(units, hub, spoke)
    home = clinic.programme.id
    ola = await make_actor(
        units, "Ola", {home: tuple(Role)}, organisation=hub, platform_admin=True
    )
    fresh = await a_case(units, clinic.presenter, clinic.programme)
    returned = await a_case(units, clinic.presenter, clinic.programme)
    for case in (fresh, returned):
        await write_texts(units, case, list(MARKUP))
    await put_in_state(units, await reload(units, returned), CaseState.NEEDS_CHANGES)
    case = await a_presented_case(units, clinic)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    for pack in packs(500):
        content = Content(
            text=pack,
            problem_area=ProblemArea.MEDICINE,
            strength=Strength.DO,
            evidence=Evidence.GUIDELINE,
            role=DoneBy.PCP,
            time_frame=TimeFrame("7d"),
            step=1,
            rationale=pack,
            citation_title=packs(190)[0],
            citation_year=2024,
            citation_link="10.1000/182",
            cautions=(),
        )
        async with units.write() as unit:
            added = await recommend.add_item(
                unit,
                clinic.coordinator,
                case.key,
                content,
                speaker=clinic.specialist.person,
                at_ms=1000,
            )
        assert not isinstance(added, recommend.NotYet), added
    async with units.read() as unit:
        draft = await recommendations.load(unit, case.id)
    assert draft is not None
    async with units.write() as unit:
        noted = await recommend.save_notes(
            unit,
            clinic.coordinator,
            case.key,
            revision=draft.revision,
            summary=packs(900)[0],
            watch_for=packs(900)[-1],
        )
    assert noted is None
    await _hostile_rows(units)
    await sign_draft(units, clinic.director, case)
    await index_newest(units, case)
    entry = await _published(units, clinic, case.id)
    held_in = case.session
    assert held_in is not None
    async with units.read() as unit:
        series = await unit.db.scalar(text("SELECT id FROM series"))
    return World(
        clinic,
        ola,
        (
            "/",
            "/profile",
            "/calendar",
            "/programmes",
            "/programmes/new",
            f"/programmes/{home}",
            f"/programmes/{home}/people",
            f"/programmes/{home}/series/new",
            f"/series/{series}",
            f"/sessions/{held_in}",
            "/accounts",
            "/triage",
            f"/cases/{fresh.key}/review",
            f"/cases/{fresh.key}/brief",
            "/letters",
            f"/cases/{case.key}/recommendations",
            f"/cases/{case.key}/letter",
            "/library",
            "/library?q=alert",
            f"/library/{entry}",
        ),
        ("/cases", f"/cases/{fresh.key}", f"/cases/{returned.key}/edit"),
    )


async def _hostile_rows(units: Units) -> None:
    """Write hostile names past every check."""
    async with units.write() as unit:
        for row, columns in (
            (PersonRow, ("name", "credentials")),
            (OrganisationRow, ("name",)),
            (ProgrammeRow, ("name", "description")),
            (SeriesRow, ("title",)),
            (LinkRow, ("name",)),
        ):
            # Some of them are unique: the old text stays in front.
            values = {name: getattr(row, name) + f" {ALL}" for name in columns}
            await unit.db.execute(update(row).values(values))
        await unit.db.execute(
            text("UPDATE agenda_items SET label = :all WHERE kind = 'didactic'"), {"all": ALL}
        )
        await unit.commit()


async def _published(units: Units, clinic: Clinic, case: str) -> str:
    async with units.read() as unit:
        entry = await entries.of_case(unit, case)
    assert entry is not None
    title, synopsis = packs(110)[0], packs(1400)[0]
    async with units.write() as unit:
        done = await publish.rewrite(
            unit,
            clinic.coordinator,
            entry.key,
            row_version=entry.row_version,
            texts={
                "title": title,
                "question": packs(490)[1],
                "synopsis": synopsis,
                "tags": packs(290)[2],
            },
        )
    assert not isinstance(done, recommend.NotYet), done
    async with units.read() as unit:
        assert await by_key(unit, entry.key) is not None
    return entry.key


@pytest.fixture
async def chrome(house: House) -> AsyncIterator[tuple[BrowserContext, Watch]]:
    watch = Watch(house.origin)
    async with chromium() as browser:
        context = await browser.new_context()
        await context.add_init_script(WATCH)
        context.on("request", watch.request)
        yield context, watch
        await context.close()


async def sign_in(context: BrowserContext, house: House, units: Units, actor: Actor) -> None:
    token = await open_sign_in(units, actor.person)
    for page in context.pages:
        # What a page still asks for when it is idle must not be asked in somebody else's name.
        await page.goto("about:blank")
    await context.clear_cookies()
    await context.add_cookies([{"name": "sid", "value": token, "url": house.origin}])


async def look(page: Page, house: House, path: str, watch: Watch) -> int:
    """Open a page, let its scripts run, and return how many hostile texts stand on it."""
    answer = await page.goto(house.origin + path, wait_until="load")
    assert answer is not None and answer.status == 200, (path, answer and answer.status)
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    watch.wrong += [f"{path}: {said}" for said in await page.evaluate("window.heard")]
    words = await page.evaluate(
        "document.documentElement.textContent + [...document.querySelectorAll('[value], textarea')]"
        ".map((one) => one.value).join()"
    )
    return len(re.findall(r"alert\(1\)", words))


async def test_no_text_becomes_code(
    units: Units, house: House, world: World, chrome: tuple[BrowserContext, Watch]
) -> None:
    context, watch = chrome
    page = await context.new_page()
    watch.over(page)
    shown: dict[str, int] = {}
    for actor, paths in ((world.ola, world.pages), (world.clinic.presenter, world.author_pages)):
        await sign_in(context, house, units, actor)
        for path in paths:
            shown[path] = await look(page, house, path, watch)
    print(json.dumps({"pages": len(shown), "payloads shown": sum(shown.values())}))
    assert watch.wrong == []
    assert min(shown.values()) > 5, shown
    assert sum(shown.values()) > 2_000

    # Where scripts draw: suggestions of the library, findings of the identifier check.
    await sign_in(context, house, units, world.ola)
    await look(page, house, "/library", watch)
    await page.locator("input[name=q]").press_sequentially("alert")
    await expect(page.locator("#library-suggestions [role=option]").first).to_be_visible()
    await sign_in(context, house, units, world.clinic.presenter)
    await look(page, house, world.author_pages[-1], watch)
    field_ = page.locator("textarea[data-deid]").first
    await field_.fill(f"{packs(500)[0]} Call 505-555-0143.")
    await expect(page.locator("li.finding .finding-quote").first).to_be_visible()
    watch.wrong += await page.evaluate("window.heard")
    assert watch.wrong == []


async def test_the_watch_hears(house: House, chrome: tuple[BrowserContext, Watch]) -> None:
    """The check itself: a page that does run such a text, and one whose policy stops it."""
    context, watch = chrome
    page = await context.new_page()
    watch.over(page)
    await page.goto("data:text/html,<script>alert(1)</script>")
    assert [w for w in watch.wrong if "dialog 1" in w]
    watch.wrong.clear()
    await page.goto(house.origin + "/sign-in")
    await page.evaluate(
        "new Promise((done) => { addEventListener('securitypolicyviolation', done);"
        "const one = document.createElement('img'); one.src = 'https://evil.invalid/x.png';"
        "document.body.append(one); })"
    )
    assert await page.evaluate("window.heard.length") == 1
    assert watch.wrong != []
