"""A small world for attacks: three programmes of two hubs, somebody in every role, cases everywhere.

Everybody of the first programme also holds *every* role in the second one, so that the coarse gate
of a route lets them all pass and only the check of the object itself stands in their way.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import insert, select

from cases.rules.models import Answers, Case, CaseState
from cases.store import cases as case_store
from cases.store.rows import CaseVersionRow
from server.kit.actor import Actor, Role
from server.kit.ids import CaseId, OrganisationId, ProgrammeId, new_id
from server.people import store as people
from server.store.unit import Unit, Units
from sessions.rules.models import Programme, Series, Session, SessionState
from sessions.store import sessions as session_store
from tests.factories import sessions as clinics
from tests.factories.cases import a_case
from tests.factories.people import make_actor
from tests.harness.browser_client import Answer, Browser, House

LIVE = "scheduled, its session live"
"""A scheduled case while its session runs: the one state that the case's row does not show."""

EVERY_STATE = (*(state.value for state in CaseState), LIVE)
ALL_ROLES = tuple(Role)

MARK = "mockernut"
"""Stands in typed case text where each state's own marker goes."""

_TEXTS = CaseVersionRow.__table__


def _same(_state: str) -> str:
    return MARK


@dataclass(slots=True)
class Place:
    """One programme with a series, its sessions and cases."""

    programme: Programme
    series: Series
    sessions: tuple[Session, ...]
    member: Actor
    """Somebody with several roles to take away."""
    cases: dict[str, Case] = field(default_factory=dict)


@dataclass(slots=True)
class Village:
    """Programmes `home`, `beside` (same hub) and `far` (another hub), and who lives there."""

    home: Place
    far: Place
    actors: dict[str, Actor]
    browsers: dict[str, Browser] = field(default_factory=dict)

    async def sign_everybody_in(self, house: House) -> None:
        """Open a browser for everybody, its form token fetched."""
        for name, actor in self.actors.items():
            self.browsers[name] = await house.browser(actor.person)
            await self.browsers[name].get("/profile")


async def build(
    units: Units, *, learners_watch: bool = False, text: Callable[[str], str] = _same, **typed: Any
) -> Village:
    """Settle the village.

    `learners_watch`: the home programme lets learners see a live case. `typed` goes into the
    home case's form; where MARK was typed, `text` makes every other state's own marker of its name.
    """
    near = await _organisation(units, "hub", "Near Hub")
    away = await _organisation(units, "hub", "Far Hub")
    spoke = await _organisation(units, "spoke", "Juniper Flat")
    home = await clinics.a_programme(units, near, code="BH", learner_sees_case=learners_watch)
    beside = await clinics.a_programme(units, near, code="SU")
    far = await clinics.a_programme(units, away, code="WH")
    actors: dict[str, Actor] = {}

    async def settle(name: str, roles: Mapping[ProgrammeId, tuple[Role, ...]]) -> None:
        actors[name] = await make_actor(
            units,
            f"V {name}",
            dict(roles),
            organisation=spoke,
            platform_admin=name == "admin",
        )

    for role in Role:
        await settle(role.value, {home.id: (role,), beside.id: ALL_ROLES})
    await settle("author", {home.id: (Role.SPOKE_CLINICIAN,), beside.id: ALL_ROLES})
    await settle("elsewhere", {beside.id: ALL_ROLES})
    await settle("far", {far.id: ALL_ROLES})
    await settle("admin", {})
    await settle("nobody", {})
    village = Village(
        await _place(units, actors["coordinator"], home),
        await _place(units, actors["far"], far),
        actors,
    )
    away_from_home = ("phi_check", "accepted", "closed")
    for place, by, states, words in (
        (village.home, actors["author"], EVERY_STATE, typed),
        (village.far, actors["far"], away_from_home, {}),
    ):
        first = await a_case(units, by, place.programme, **words)
        place.cases["phi_check"] = first
        await _copies(units, place, first, states, text)
    return village


async def _organisation(units: Units, kind: str, name: str) -> OrganisationId:
    async with units.write() as unit:
        made = OrganisationId(new_id(unit.now))
        await people.add_organisation(unit, people.Organisation(made, kind, name))
        await unit.commit()
    return made


async def _place(units: Units, by: Actor, programme: Programme) -> Place:
    series, sessions = await clinics.a_series(units, by, programme)
    roles = (Role.LEARNER, Role.SPOKE_TEAM, Role.ADVISER)
    member = await make_actor(units, f"Member {programme.code}", {programme.id: roles})
    return Place(programme, series, sessions, member)


async def _copies(
    units: Units, place: Place, first: Case, states: tuple[str, ...], text: Callable[[str], str]
) -> None:
    """Put copies of a submitted case into all the other states."""
    live = place.sessions[-1]
    code = place.programme.code
    async with units.write() as unit:
        if LIVE in states:
            await session_store.save(
                unit, live, replace(live, state=SessionState.LIVE, started_at=unit.now)
            )
        for number, state in enumerate(states, start=2):
            if state == "phi_check":
                continue
            made = replace(
                first,
                id=CaseId(new_id(unit.now)),
                patient_ref=f"{code}-7K3Q{number:02d}",
                case_no=f"{code}-2031-{900 + number}",
                main_question=first.main_question.replace(MARK, text(state)),
                state=CaseState.SCHEDULED if state == LIVE else CaseState(state),
                session=live.id if state == LIVE else None,
                row_version=1,
            )
            await case_store.insert(unit, made)
            await _rewrite(unit, first, made, text(state))
            place.cases[state] = made
        await unit.commit()


async def _rewrite(unit: Unit, first: Case, made: Case, marker: str) -> None:
    """Give a case the first one's frozen text with a marker of its own."""
    row = (await unit.db.execute(select(_TEXTS).where(_TEXTS.c.case_id == first.id))).one()
    answers = json.loads(json.dumps(row.answers).replace(MARK, marker))
    await unit.db.execute(
        insert(_TEXTS).values(
            **{
                **row._mapping,
                "case_id": made.id,
                "answers": answers,
                "content_hash": Answers(answers).content_hash(),
            }
        )
    )


_CHANGES = re.compile(
    r'nonce="[^"]*"|data-csrf="[^"]*"|value="[^"]*"|<code>[0-9a-f]+</code>|"csrf": "[^"]*"'
    r'|"request": "[0-9a-f]*"'
)


def body_of(answer: Answer) -> str:
    """Return a page without what differs from one request to the next."""
    return _CHANGES.sub("", answer.text)
