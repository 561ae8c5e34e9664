"""Who gets in where: every role × every route with an id × every state of a case, over HTTP.

The tables say who may pass, after domain.md §2 (security.md 17, 18, 25). Everybody else gets the
answer that an id which does not exist gets, byte for byte. Writes carry a row version from the
future, so that those who may pass are refused as too late and nothing changes.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from server.edge.keys import POLICIES
from server.store.unit import Units
from tests.harness.browser_client import Answer, Browser, House
from tests.harness.long import LONG
from tests.security.village import EVERY_STATE, LIVE, Place, Village, body_of, build

EVERYBODY = frozenset(
    {
        "director",
        "coordinator",
        "facilitator",
        "hub_specialist",
        "spoke_clinician",
        "spoke_team",
        "learner",
        "evaluator",
        "ce_officer",
        "adviser",
        "author",
        "elsewhere",
        "far",
        "admin",
        "nobody",
    }
)
"""Roles of the home programme (each with all roles in another one), and five who hold none there:
the programme next door, another hub, the platform administrator, a bare account. `author` is the
spoke clinician who wrote the cases."""


def who(names: str) -> frozenset[str]:
    """Return a set of names, each of which must exist."""
    found = frozenset(names.split())
    assert found <= EVERYBODY
    return found


NOBODY = frozenset[str]()
DESK = who("director coordinator")
HUB = who("director coordinator facilitator hub_specialist")
AUTHOR = who("author")
ROOM = HUB | who("spoke_clinician spoke_team adviser author")
MEMBERS = EVERYBODY - who("elsewhere far admin nobody")

READS_SHEET: dict[str, frozenset[str]] = {
    "draft": AUTHOR,
    "phi_check": DESK | AUTHOR,
    "submitted": DESK | AUTHOR,
    "in_review": DESK | AUTHOR,
    "needs_changes": DESK | AUTHOR,
    "declined": DESK | AUTHOR,
    "accepted": HUB | AUTHOR,
    "scheduled": HUB | AUTHOR,
    "converted": HUB | AUTHOR,
    LIVE: ROOM,
    "presented": ROOM,
    "recs_drafted": ROOM,
    "recs_issued": ROOM,
    "followup_due": ROOM,
    "followed_up": ROOM,
    "closed": ROOM,
    "withdrawn": AUTHOR,
}
"""domain.md §2: drafts are the author's; uncleared cases are author + coordinator + director;
cleared ones the hub's before and everybody's (not learners', evaluators', CE's) from the session
on. A case that was withdrawn is its author's again."""

AT_THE_DESK = {s: NOBODY if s in ("draft", "withdrawn") else DESK for s in EVERY_STATE}
"""The check is the coordinator's or the director's, and never the author's own."""

AUTHOR_ONLY = dict.fromkeys(EVERY_STATE, AUTHOR)
AUTHOR_AND_DESK = {state: AUTHOR | desk for state, desk in AT_THE_DESK.items()}

COORDINATES = {
    s: NOBODY if s in ("draft", "withdrawn") else who("coordinator") for s in EVERY_STATE
}
"""Follow-ups are asked for and closed by the coordinator; the director reads them."""

DRAFTS = {
    state: HUB - who("hub_specialist") if readers >= HUB else NOBODY
    for state, readers in READS_SHEET.items()
}
"""Letters are prepared by director, coordinator and facilitator, and never of an uncleared case."""

WRITTEN_STATES = frozenset({"draft", "phi_check", "accepted", LIVE, "closed", "withdrawn"})
"""States in which writes are tried: at least one of every ring of readers."""

LATE = {"row_version": "999999"}
WRITER = {"writer": "some-page-of-somebody", "sequence": "1"}
LATE_WORDS = LATE | {"words": "Please say more about sleep."}
LATE_REVISION = {"revision": "999999"}
LATE_VERSION = {"version": "999999"}
NO_FIELDS: dict[str, str] = {}
PAGE = {"mark": "0" * 16}

Fields = Callable[[Village, Place, str], dict[str, str]]


def always(fields: Mapping[str, str]) -> Fields:
    """Return fields that are the same for everybody."""
    return lambda _village, _place, _name: dict(fields)


def late_slot(_village: Village, place: Place, _name: str) -> dict[str, str]:
    """Return a real slot with a row version from the future."""
    session = place.sessions[0]
    return LATE | {"slot": f"{session.id}.{session.agenda[0].id}"}


@dataclass(frozen=True, slots=True)
class CaseRoute:
    """A route of one case: who passes in which state."""

    passes: dict[str, frozenset[str]]
    fields: Fields | None = None


ITEM = {
    "text": "Offer behavioural activation every week.",
    "problem_area": "medication",
    "strength": "recommend",
    "evidence": "consensus",
    "role": "pcp",
    "time_frame": "today",
    "step": "1",
}

CASE_ROUTES: dict[tuple[str, str], CaseRoute] = {
    ("GET", "/cases/{key}"): CaseRoute(READS_SHEET),
    ("GET", "/cases/{key}/brief"): CaseRoute(READS_SHEET),
    ("GET", "/cases/{key}/edit"): CaseRoute(AUTHOR_ONLY),
    ("POST", "/cases/{key}/edit"): CaseRoute(AUTHOR_ONLY, always(LATE | {"action": "draft"})),
    ("GET", "/cases/{key}/edit/writing"): CaseRoute(AUTHOR_ONLY),
    ("POST", "/cases/{key}/edit/helps"): CaseRoute(AUTHOR_ONLY, always({"age": "40"})),
    ("POST", "/cases/{key}/autosave"): CaseRoute(AUTHOR_ONLY, always(LATE | WRITER)),
    ("GET", "/cases/{key}/history"): CaseRoute(AUTHOR_ONLY),
    ("GET", "/cases/{key}/crosswalk"): CaseRoute(AUTHOR_ONLY),
    ("POST", "/cases/{key}/safety"): CaseRoute(AUTHOR_ONLY, always(NO_FIELDS)),
    ("POST", "/cases/{key}/withdraw"): CaseRoute(AUTHOR_ONLY, always(LATE)),
    ("GET", "/cases/{key}/attachments"): CaseRoute(READS_SHEET),
    ("GET", "/cases/{key}/attachments/progress"): CaseRoute(AUTHOR_AND_DESK),
    ("GET", "/cases/{key}/review"): CaseRoute(AT_THE_DESK),
    ("POST", "/cases/{key}/review"): CaseRoute(AT_THE_DESK, always(LATE)),
    ("POST", "/cases/{key}/pass"): CaseRoute(AT_THE_DESK, always(LATE)),
    ("POST", "/cases/{key}/accept"): CaseRoute(AT_THE_DESK, always(LATE)),
    ("POST", "/cases/{key}/return"): CaseRoute(AT_THE_DESK, always(LATE_WORDS)),
    ("POST", "/cases/{key}/reject"): CaseRoute(AT_THE_DESK, always(LATE_WORDS)),
    ("POST", "/cases/{key}/decline"): CaseRoute(AT_THE_DESK, always(LATE_WORDS)),
    ("POST", "/cases/{key}/recall"): CaseRoute(AT_THE_DESK, always(LATE_WORDS)),
    ("POST", "/cases/{key}/purge"): CaseRoute(AT_THE_DESK, always(LATE | {"reason": "name"})),
    ("POST", "/cases/{key}/copy"): CaseRoute(AUTHOR_ONLY, always(NO_FIELDS)),
    ("POST", "/cases/{key}/slot"): CaseRoute(AT_THE_DESK, late_slot),
    ("POST", "/cases/{key}/unschedule"): CaseRoute(AT_THE_DESK, always(LATE)),
    ("POST", "/cases/{key}/convert"): CaseRoute(AT_THE_DESK, always(LATE)),
    ("POST", "/cases/{key}/specialists"): CaseRoute(AT_THE_DESK, always(LATE)),
    ("POST", "/cases/{key}/follow-up/ask"): CaseRoute(
        COORDINATES, always({"round": "1", "number": "1"})
    ),
    ("POST", "/cases/{key}/follow-up/close"): CaseRoute(COORDINATES, always(LATE)),
    ("GET", "/cases/{key}/recommendations"): CaseRoute(DRAFTS),
    ("POST", "/cases/{key}/recommendations/start"): CaseRoute(DRAFTS, always(NO_FIELDS)),
    ("POST", "/cases/{key}/recommendations/notes"): CaseRoute(DRAFTS, always(LATE_REVISION)),
    ("POST", "/cases/{key}/recommendations/review"): CaseRoute(DRAFTS, always(LATE_REVISION)),
}
"""Routes of one case, and who passes them in which state."""

NO_LETTER: dict[tuple[str, str], Mapping[str, str] | None] = {
    ("GET", "/cases/{key}/letter"): None,
    ("GET", "/cases/{key}/pages/{item}"): None,
    ("POST", "/cases/{key}/pages/{item}/decide"): PAGE | {"verdict": "approved"},
    ("POST", "/cases/{key}/pages/{item}/blacken"): PAGE | {"spots": "0"},
    ("POST", "/cases/{key}/attachments/{item}/remove"): NO_FIELDS,
    ("POST", "/cases/{key}/library/withhold"): NO_FIELDS,
    ("POST", "/cases/{key}/recommendations/add"): ITEM,
    ("POST", "/cases/{key}/recommendations/return"): LATE_REVISION,
    ("POST", "/cases/{key}/recommendations/sign"): LATE_REVISION,
    ("POST", "/cases/{key}/recommendations/amend"): LATE_REVISION,
    ("POST", "/cases/{key}/recommendations/{item}/save"): ITEM | LATE_VERSION,
    ("POST", "/cases/{key}/recommendations/{item}/drop"): LATE_VERSION,
    ("POST", "/cases/{key}/recommendations/{item}/restore"): LATE_VERSION,
    ("POST", "/cases/{key}/recommendations/{item}/merge"): LATE_VERSION | {"into": "0" * 26},
    ("GET", "/library/{key}"): None,
    ("POST", "/library/{key}/rewrite"): LATE,
    ("POST", "/library/{key}/review"): LATE,
    ("POST", "/library/{key}/publish"): LATE,
}
"""Routes that need an attachment, a draft or a letter, which no case of the village has: nobody outside the
programme, and neither learners, evaluators, CE officers nor advisers in it, gets past 403/404.
Who gets in with a letter is tested in `test_letters`."""
OUTSIDE_LETTERS = EVERYBODY - HUB - AUTHOR - who("spoke_clinician spoke_team")

SCHEDULERS = who("director coordinator facilitator")
PRESENTERS = who("spoke_clinician spoke_team author")
INVITERS = who("director coordinator admin")


def invitation(_village: Village, _place: Place, name: str) -> dict[str, str]:
    """Return an invitation of a new learner."""
    return {"name": "New Person", "email": f"new.{name}@test.invalid", "role": "learner"}


def revocation(_village: Village, place: Place, name: str) -> dict[str, str]:
    """Return a role that a member really holds, for each who may take it away another one."""
    role = {"coordinator": "spoke_team", "admin": "adviser"}.get(name, "learner")
    return {"person": place.member.person, "role": role}


@dataclass(frozen=True, slots=True)
class PlaceRoute:
    """A route of a programme, series or session: which of its members pass, and what they send."""

    passes: frozenset[str]
    fields: Fields | None = None
    admin: bool = False


NEW_SERIES = {
    "title": "Autumn",
    "weekday": "1",
    "at": "12:00",
    "zone": "America/Denver",
    "first": "2031-09-02",
    "ends": "count",
    "count": "2",
}

PLACE_ROUTES: dict[tuple[str, str], PlaceRoute] = {
    ("GET", "/programmes/{programme}"): PlaceRoute(MEMBERS, admin=True),
    ("GET", "/series/{series}"): PlaceRoute(MEMBERS, admin=True),
    ("GET", "/series/{series}.ics"): PlaceRoute(MEMBERS, admin=True),
    ("GET", "/sessions/{session}"): PlaceRoute(MEMBERS, admin=True),
    ("GET", "/sessions/{session}.ics"): PlaceRoute(MEMBERS, admin=True),
    ("GET", "/programmes/{programme}/people"): PlaceRoute(INVITERS - {"admin"}, admin=True),
    ("POST", "/programmes/{programme}/people/invite"): PlaceRoute(
        INVITERS - {"admin"}, invitation, admin=True
    ),
    ("POST", "/programmes/{programme}/people/revoke"): PlaceRoute(
        INVITERS - {"admin"}, revocation, admin=True
    ),
    ("GET", "/programmes/{programme}/series/new"): PlaceRoute(DESK, admin=True),
    ("GET", "/programmes/{programme}/case-form"): PlaceRoute(DESK, admin=True),
    ("GET", "/programmes/{programme}/case-form/preview"): PlaceRoute(DESK, admin=True),
    ("POST", "/programmes/{programme}/case-form"): PlaceRoute(
        DESK, always({"after": "0"}), admin=True
    ),
    ("POST", "/programmes/{programme}/series"): PlaceRoute(DESK, always(NEW_SERIES), admin=True),
    ("GET", "/programmes/{programme}/cases/new"): PlaceRoute(PRESENTERS),
    ("POST", "/programmes/{programme}/cases"): PlaceRoute(
        PRESENTERS, always({"action": "submit"})
    ),
    ("GET", "/programmes/{programme}/cases/writing"): PlaceRoute(PRESENTERS),
    ("POST", "/programmes/{programme}/cases/helps"): PlaceRoute(PRESENTERS, always({"age": "40"})),
    ("POST", "/programmes/{programme}/cases/autosave"): PlaceRoute(PRESENTERS, always(WRITER)),
    ("POST", "/sessions/{session}/agenda"): PlaceRoute(
        SCHEDULERS, always({"kind": "didactic", "minutes": "60"})
    ),
    ("POST", "/sessions/{session}/agenda/{item}/topic"): PlaceRoute(
        SCHEDULERS, always({"topic": "Trauma and sleep"})
    ),
    ("POST", "/sessions/{session}/agenda/{item}/move"): PlaceRoute(
        SCHEDULERS, always({"position": "0"})
    ),
    ("POST", "/sessions/{session}/open"): PlaceRoute(SCHEDULERS, always(NO_FIELDS)),
    ("POST", "/sessions/{session}/cancel"): PlaceRoute(SCHEDULERS, always(NO_FIELDS)),
    ("POST", "/sessions/{session}/wrap"): PlaceRoute(DESK, always(NO_FIELDS)),
    ("GET", "/sessions/{session}/live"): PlaceRoute(MEMBERS - who("evaluator ce_officer")),
    ("GET", "/sessions/{session}/live/ticket"): PlaceRoute(MEMBERS - who("evaluator ce_officer")),
    ("GET", "/sessions/{session}/live/lobby"): PlaceRoute(MEMBERS - who("evaluator ce_officer")),
    ("POST", "/programmes/{programme}/delegates"): PlaceRoute(
        who("director"), always({"person": "0" * 26})
    ),
    ("POST", "/programmes/{programme}/delegates/remove"): PlaceRoute(
        who("director"), always({"person": "0" * 26})
    ),
    ("POST", "/sessions/{session}/agenda/{item}/remove"): PlaceRoute(
        SCHEDULERS, always(NO_FIELDS)
    ),
}
"""Routes of programmes, series and sessions; changes that spoil others come last."""

TAKES_A_FILE = frozenset({("POST", "/cases/{}/attachments")})
"""Routes that read no plain form; who may send is tested in tests/cases/attachments."""

WITHOUT_OBJECT = frozenset(
    {"/static/{fingerprint}/{path}", "/links/{token}", "/invitations/{token}"}
)
"""Addresses whose braces hold no id of an object with an owner."""


def same_shape(path: str) -> str:
    """Return a route's path with the ids named alike, whatever its table calls them."""
    for name in ("programme", "series", "session", "item", "page", "attachment", "id", "key"):
        path = path.replace("{" + name + "}", "{}")
    return path


async def ask(browser: Browser, method: str, path: str, fields: dict[str, str] | None) -> Answer:
    """Send one request as a page of this site would."""
    # A notice of the write before would show on this page.
    browser.session.cookie_jar.clear(lambda cookie: cookie.key == "notice")
    return await browser.get(path) if method == "GET" else await browser.post(path, fields)


def passed(answer: Answer) -> bool:
    """Say whether somebody got past the question who they are: done, or refused as too late."""
    assert answer.status < 500, answer.text[:2000]
    assert answer.status in (200, 303, 403, 404, 409, 422), answer.status
    return answer.status not in (403, 404)


class Cells:
    """Asks, compares with the table and counts."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.count = 0
        self.wrong: list[str] = []
        self._unknown: dict[tuple[str, str, str], Answer] = {}

    async def unknown(
        self, name: str, method: str, path: str, at: str, fields: dict[str, str] | None
    ) -> Answer:
        """Return the answer about an id that nobody has; asked once for each person and route."""
        key = (name, method, path)
        if key not in self._unknown:
            self._unknown[key] = await ask(self.village.browsers[name], method, at, fields)
        return self._unknown[key]

    async def row(
        self,
        route: tuple[str, str],
        real: str,
        unreal: str,
        place: Place,
        fields: Fields | None,
        *,
        allowed: frozenset[str],
        undecided: frozenset[str] = NOBODY,
        where: str,
        names: frozenset[str] = EVERYBODY,
    ) -> None:
        """Let everybody ask for one thing: first, at once, those who are kept out."""
        kept_out = sorted(names - allowed)
        for group in (kept_out, *([name] for name in sorted(allowed & names))):
            await asyncio.gather(
                *(
                    self._check(
                        name,
                        route,
                        real,
                        unreal,
                        fields(self.village, place, name) if fields else None,
                        expected=None if name in undecided else name in allowed,
                        where=where,
                    )
                    for name in group
                )
            )

    async def _check(
        self,
        name: str,
        route: tuple[str, str],
        real: str,
        unreal: str,
        fields: dict[str, str] | None,
        *,
        expected: bool | None,
        where: str,
    ) -> None:
        method, path = route
        answer = await ask(self.village.browsers[name], method, real, fields)
        self.count += 1
        if expected is not None and passed(answer) != expected:
            self.wrong.append(f"{method} {path} {where}: {name} got {answer.status}")
        if answer.status == 404:
            nothing = await self.unknown(name, method, path, unreal, fields)
            if (nothing.status, body_of(nothing)) != (404, body_of(answer)):
                self.wrong.append(f"{method} {path} {where}: {name} can tell it from nothing")


def mounted(house: House) -> set[tuple[str, str]]:
    """Return (method, shape) of every route of the house that names an object."""
    return {
        (method, same_shape(path))
        for method, path in house.app[POLICIES]
        if "{" in path and path not in WITHOUT_OBJECT and not path.startswith("/demo/")
    }


@pytest.fixture
async def village(units: Units, house: House) -> Village:
    settled = await build(units)
    await settled.sign_everybody_in(house)
    return settled


async def test_every_route_with_an_id_stands_in_a_table(house: House) -> None:
    tables = {*CASE_ROUTES, *NO_LETTER, *PLACE_ROUTES}
    known = {(method, same_shape(path)) for method, path in tables} | TAKES_A_FILE
    assert mounted(house) - known == set()


ABROAD = ("draft", "in_review", "accepted", "recs_issued")


def test_the_tables_name_everybody_and_every_state() -> None:
    assert set(READS_SHEET) == set(EVERY_STATE)
    assert all(set(route.passes) == set(EVERY_STATE) for route in CASE_ROUTES.values())


@pytest.mark.parametrize("half", ["GET", "POST"])
async def test_cases(house: House, village: Village, half: str) -> None:
    cells = Cells(village)
    there = mounted(house)
    for (method, path), route in CASE_ROUTES.items():
        if method != half or (method, same_shape(path)) not in there:
            continue
        for place in (village.home, village.far):
            for state, case in place.cases.items():
                if method == "POST" and state not in WRITTEN_STATES:
                    continue
                at_home = place is village.home
                # Abroad nobody may do anything in any state: a sample says so, the long form all.
                if not (at_home or LONG or state in ABROAD):
                    continue
                await cells.row(
                    (method, path),
                    path.replace("{key}", case.key),
                    path.replace("{key}", "BH-2031-399"),
                    place,
                    route.fields,
                    allowed=route.passes[state] if at_home else NOBODY,
                    undecided=NOBODY if at_home else who("far"),
                    where=f"{place.programme.code} {state}",
                )
    assert not cells.wrong, "\n".join(cells.wrong)
    assert cells.count > 1000


async def test_recommendations_of_others(house: House, village: Village) -> None:
    cells = Cells(village)
    there = mounted(house)
    for (method, path), fields in NO_LETTER.items():
        if (method, same_shape(path)) not in there:
            continue
        for state in ("phi_check", "accepted", "recs_issued"):
            at = path.replace("{item}", "1" * 26)
            await cells.row(
                (method, path),
                at.replace("{key}", village.home.cases[state].key),
                at.replace("{key}", "BH-2031-399"),
                village.home,
                None if fields is None else always(fields),
                allowed=NOBODY,
                where=state,
                names=OUTSIDE_LETTERS,
            )
    assert not cells.wrong, "\n".join(cells.wrong)


async def test_programmes_series_and_sessions(house: House, village: Village) -> None:
    cells = Cells(village)
    there = mounted(house)
    for (method, path), route in PLACE_ROUTES.items():
        if (method, same_shape(path)) not in there:
            continue
        for place in (village.home, village.far):
            session = place.sessions[1]
            real = (
                path.replace("{programme}", place.programme.id)
                .replace("{series}", place.series.id)
                .replace("{session}", session.id)
                .replace("{item}", session.agenda[2].id)
            )
            unreal = path
            for part in ("{programme}", "{series}", "{session}", "{item}"):
                unreal = unreal.replace(part, "0" * 26)
            members = route.passes if place is village.home else who("far")
            await cells.row(
                (method, path),
                real,
                unreal,
                place,
                route.fields,
                allowed=members | (who("admin") if route.admin else NOBODY),
                where=place.programme.code,
            )
    assert not cells.wrong, "\n".join(cells.wrong)
    assert cells.count > 500


async def test_guessing_case_numbers_tells_nothing(village: Village) -> None:
    """Two hundred guesses among which real numbers hide: not one answer differs (security.md 25)."""
    real = {case.key for case in village.home.cases.values()}
    guesses = sorted(real | {f"BH-2031-{number:03d}" for number in range(200 - len(real))})
    answers = {}
    for name in ("far", "nobody"):
        browser = village.browsers[name]
        for guess in guesses if name == "far" else sorted(real):
            answer = await browser.get(f"/cases/{guess}")
            answers[name, guess] = (answer.status, body_of(answer).replace(guess, ""))
        assert {answer for (n, _), answer in answers.items() if n == name} == {
            (404, next(iter(body for (n, _), (_, body) in answers.items() if n == name)))
        }
