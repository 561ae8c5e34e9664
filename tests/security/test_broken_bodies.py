"""Bodies that nobody's browser sends, to every route that takes one (security.md 86, 37, 70).

Made by Hypothesis from the routes table and the schemas: wrong types, fields missing and too many,
huge, nested, not a number, half characters, zero bytes. None is answered with a server error,
none changes a row, nothing of them stands in a log.
"""

import asyncio
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest

from cases.rules import safety
from cases.web.desk_forms import DeskForm
from server.edge.guard import Policy
from server.edge.keys import POLICIES
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.advice import a_clinic, a_signed_case
from tests.factories.cases import a_form
from tests.factories.people import make_actor
from tests.harness.browser_client import Answer, Browser, House
from tests.harness.long import LONG
from tests.security.broken import FORMS, MARK, RAW, Schema, broken, examples, good, schema_of
from tests.security.clinic import everything
from tests.security.tables import form_of, handlers
from tests.security.village import Village, build

BODIES = 300 if LONG else 4
"""Hypothesis's bodies for each route."""
PARTS = 1 if LONG else 8
"""The suite gives each route every eighth of the bodies that no schema sees, another one the next."""

REFUSED = frozenset({400, 403, 404, 409, 410, 413, 415, 422})
TYPED = {"type": "string", "maxLength": 20_000}

WITHOUT_FORM: dict[str, Schema] = {
    "/programmes/{id}/cases": {"properties": dict.fromkeys(a_form(), TYPED)},
    "/cases/{key}/edit": {"properties": dict.fromkeys(a_form(), TYPED)},
    "/programmes/{id}/cases/autosave": {"properties": dict.fromkeys(a_form(), TYPED)},
    "/cases/{key}/autosave": {"properties": dict.fromkeys(a_form(), TYPED)},
    "/programmes/{id}/cases/helps": {"properties": dict.fromkeys(a_form(), TYPED)},
    "/cases/{key}/edit/helps": {"properties": dict.fromkeys(a_form(), TYPED)},
    "/cases/{key}/safety": {"properties": dict.fromkeys(safety.STATEMENT_KEYS, TYPED)},
    "/links/{token}": {},
    "/cases/{key}/copy": {},
    **{
        f"/cases/{{key}}/{deed}": schema_of(DeskForm)
        for deed in (
            "review",
            "pass",
            "accept",
            "return",
            "reject",
            "decline",
            "recall",
            "purge",
            "slot",
            "unschedule",
            "convert",
            "specialists",
        )
    },
}
"""Routes whose fields are no pydantic model: the case form's come from its own definition; the buttons
of a link and of a copy have none; the review page's form is read together with its verdicts."""

OWN = (
    "/api/cases/similar",
    "/cases/{key}/autosave",
    "/cases/{key}/edit",
    "/cases/{key}/edit/helps",
    "/cases/{key}/safety",
    "/cases/{key}/withdraw",
    "/programmes/{id}/cases",
    "/programmes/{id}/cases/autosave",
    "/programmes/{id}/cases/helps",
)
"""What only a case's author may do."""


@dataclass
class Ground:
    """Everything there is, somebody who may do nearly all of it, and an author."""

    house: House
    clock: FakeClock
    village: Village
    ola: Browser
    author: Browser
    stranger: Browser
    keys: Iterator[str]
    items: Iterator[str]

    def address(self, path: str) -> str:
        """Return a route's address of things that exist."""
        home = self.village.home
        session = home.sessions[1]
        recommendation = "recommendations" in path
        return (
            path.replace("{programme}", home.programme.id)
            .replace("{token}", "t" * 43)
            .replace("{item}", next(self.items) if recommendation else session.agenda[2].id)
            .replace("{id}", session.id if path.startswith("/sessions") else home.programme.id)
            .replace("{key}", "KB-0001" if path.startswith("/library") else next(self.keys))
        )

    async def send(self, path: str, body: bytes, kind: str) -> Answer:
        """Send raw bytes as a page of this site would, past the checks of where they come from."""
        policy = self.house.app[POLICIES]["POST", path]
        assert isinstance(policy, Policy)
        who = self.author if path in OWN else self.ola
        headers = {"Content-Type": kind, "Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        if policy.kind == "public":
            who = self.stranger
            self.clock.advance(seconds=3)  # one try more for this address
        else:
            headers |= {"X-CSRF-Token": who.csrf}
        return await who.request("POST", self.address(path), data=body, headers=headers)


@pytest.fixture
async def ground(
    units: Units, house: House, clock: FakeClock, hub: OrganisationId, spoke: OrganisationId
) -> Ground:
    clinic = await a_clinic(units, hub, spoke, code="ZZ")
    signed = await a_signed_case(units, clinic, index=False)
    await house.drain()
    village = await build(units)
    home = village.home.programme.id
    everywhere = {home: tuple(Role), clinic.programme.id: tuple(Role)}
    ola: Actor = await make_actor(units, "Ola", everywhere, platform_admin=True)
    browsers = [await house.browser(p) for p in (ola.person, village.actors["author"].person)]
    for one in browsers:
        await one.get("/profile")
    async with units.read() as unit:
        from cases.store import recommendations

        draft = await recommendations.load(unit, signed.id)
    assert draft is not None
    keys = [signed.key, *(case.key for case in village.home.cases.values())]
    return Ground(
        house,
        clock,
        village,
        *browsers,
        house.stranger(),
        cycle(keys),
        cycle([item.id for item in draft.items]),
    )


def schemas(house: House) -> dict[str, Schema]:
    """Return path → the schema of its body, for every route that is posted to."""
    found = {}
    for path, handler in handlers(house.app, "POST").items():
        form = form_of(handler)
        assert (form is None) == (path in WITHOUT_FORM), path
        found[path] = schema_of(form) if form else WITHOUT_FORM[path]
    return found


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode()


def as_form(body: Any) -> bytes:
    """Return a body as a form: a list is sent as a repeated field, anything else as its text."""
    from urllib.parse import urlencode

    pairs = [
        (key, part if isinstance(part, str) else repr(part))
        for key, value in body.items()
        for part in (value if isinstance(value, list) else [value])
    ]
    return urlencode([(k, v.encode("utf-8", "surrogatepass")) for k, v in pairs]).encode()


JSON, FORM = "application/json", "application/x-www-form-urlencoded"


async def test_every_broken_body_is_refused_and_changes_nothing(
    ground: Ground, units: Units, log_lines: io.StringIO
) -> None:
    before = await everything(units)
    asked, wrong = 0, []
    for number, (path, schema) in enumerate(schemas(ground.house).items()):
        seed = zlib.crc32(path.encode())
        drawn = await asyncio.to_thread(examples, broken(schema), BODIES, seed)
        bodies = [(as_json(body), JSON) for body in drawn]
        if path not in WITHOUT_FORM or path in OWN:
            raw = [(body, JSON) for body in RAW.values()]
            raw += [(body, FORM) for body in FORMS.values()]
            bodies += raw[number % PARTS :: PARTS]
        # Helps say what they can of whatever stands in the form; they store nothing.
        helps = path.endswith("/helps")
        for body, kind in bodies:
            answer = await ground.send(path, body, kind)
            asked += 1
            if answer.status not in {*REFUSED, 200 if helps else 0} or "Traceback" in answer.text:
                wrong.append(f"{path} {kind} {body[:300]!r}: {answer.status}")
        after = await everything(units)
        changed = {t for t, rows in before.items() if after[t] != rows} - (
            {"audit"} if helps else set()
        )
        wrong += [f"{path}: {t} changed" for t in sorted(changed)]
        before = after
    print(json.dumps({"broken bodies": asked, "routes": len(schemas(ground.house))}))
    assert not wrong, "\n".join(wrong)
    assert asked > 25 * BODIES
    assert MARK not in log_lines.getvalue()


@pytest.mark.both_databases  # PostgreSQL minds the lengths of its columns
async def test_bodies_that_fit_but_mean_nothing_never_break_it(
    ground: Ground, log_lines: io.StringIO
) -> None:
    """What the schema takes: any characters, any numbers, as JSON and as a form."""
    asked, wrong = 0, []
    for path, schema in schemas(ground.house).items():
        if path == "/sign-out":
            continue  # it works, and then nobody is signed in any more
        seed = zlib.crc32(path.encode()) + 1
        drawn = await asyncio.to_thread(examples, good(schema), BODIES, seed)
        for body, (write, kind) in zip(drawn, cycle(((as_json, JSON), (as_form, FORM)))):
            answer = await ground.send(path, write(body), kind)
            asked += 1
            if answer.status >= 500 or "Traceback" in answer.text:
                wrong.append(f"{path} {kind} {body!r:.300}: {answer.status}")
    print(json.dumps({"bodies that fit": asked}))
    assert not wrong, "\n".join(wrong)
    assert MARK not in log_lines.getvalue()
