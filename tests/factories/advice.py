"""Presented cases with captured lines, drafts and signed letters."""

from dataclasses import dataclass

from cases.commands import reactions, recommend, sign
from cases.events import RecommendationsSigned
from cases.library import indexer
from cases.rules.letter import Signed
from cases.rules.models import Case
from cases.store import cases as case_store
from cases.store import recommendations as store
from server.deid import verdict
from server.deid.models import ScreenedText
from server.kit.actor import Actor, Lane, Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.commands import capture, running
from sessions.events import AgendaItemPresented
from sessions.rules.models import Capture, ProblemArea, Programme
from tests.factories.cases import a_scheduled_case
from tests.factories.people import make_actor
from tests.factories.records import events_of
from tests.factories.sessions import a_programme, a_series

RAISE = "Raise sertraline to 100 mg and look at her again in four weeks."
BIPOLAR = "Screen for bipolar disorder before the dose goes up."
THYROID = "Check TSH"


@dataclass
class Clinic:
    """A programme and everybody around it."""

    programme: Programme
    coordinator: Actor
    director: Actor
    second_director: Actor
    specialist: Actor
    presenter: Actor
    colleague: Actor
    learner: Actor
    adviser: Actor
    facilitator: Actor


async def a_clinic(
    units: Units, hub: OrganisationId, spoke: OrganisationId, code: str = "BH"
) -> Clinic:
    """Return a programme with one person in each role and a series of sessions."""
    programme = await a_programme(units, hub, code=code)

    async def one(name: str, *roles: Role, at: OrganisationId = hub) -> Actor:
        return await make_actor(units, f"{name} of {code}", {programme.id: roles}, organisation=at)

    clinic = Clinic(
        programme=programme,
        coordinator=await one("Coordinator", Role.COORDINATOR),
        director=await one("Director", Role.DIRECTOR, Role.HUB_SPECIALIST),
        second_director=await one("Second Director", Role.DIRECTOR),
        specialist=await one("Specialist", Role.HUB_SPECIALIST),
        presenter=await one("Presenter", Role.SPOKE_CLINICIAN, at=spoke),
        colleague=await one("Colleague", Role.SPOKE_CLINICIAN, at=spoke),
        learner=await one("Learner", Role.LEARNER, at=spoke),
        adviser=await one("Adviser", Role.ADVISER, at=spoke),
        facilitator=await one("Facilitator", Role.FACILITATOR),
    )
    await a_series(units, clinic.coordinator, programme)
    return clinic


def screened(text: str) -> ScreenedText:
    """Return a text that passes the check."""
    found = verdict.screen_line(text)
    assert isinstance(found, ScreenedText)
    return found


async def capture_line(  # noqa: PLR0917 -- reads as the line does: who said what when
    units: Units,
    clinic: Clinic,
    case: Case,
    text: str,
    speaker: Actor,
    at_ms: int,
    area: ProblemArea = ProblemArea.MEDICINE,
) -> Capture:
    """Capture one line in the case's session."""
    assert case.session is not None
    assert case.agenda_item is not None
    async with units.write() as unit:
        line = await capture.capture_line(
            unit,
            clinic.coordinator,
            capture.NewLine(
                session=case.session,
                item=case.agenda_item,
                speaker=speaker.person,
                lane=Lane.HUB if speaker.lane_in(clinic.programme.id) is Lane.HUB else Lane.SPOKE,
                problem_area=area,
                text=screened(text),
                at_ms=at_ms,
            ),
        )
        await unit.commit()
    return line


async def a_live_case(units: Units, clinic: Clinic, **form: str) -> Case:
    """Return a case whose session is live."""
    case = await a_scheduled_case(
        units, clinic.presenter, clinic.coordinator, clinic.programme, **form
    )
    assert case.session is not None
    async with units.write() as unit:
        await running.open_session(unit, clinic.coordinator, case.session)
        await running.start_session(unit, clinic.coordinator, case.session)
        await unit.commit()
    return case


async def a_presented_case(units: Units, clinic: Clinic, **form: str) -> Case:
    """Return a case that was discussed; three lines were captured, one from a spoke."""
    case = await a_live_case(units, clinic, **form)
    await capture_line(units, clinic, case, RAISE, clinic.specialist, 727_000)
    await capture_line(
        units, clinic, case, BIPOLAR, clinic.colleague, 691_000, ProblemArea.DIAGNOSIS
    )
    return await present(units, clinic, case)


async def present(units: Units, clinic: Clinic, case: Case) -> Case:
    """End the case's discussion, and the session with it."""
    assert case.session is not None
    assert case.agenda_item is not None
    async with units.write() as unit:
        await running.mark_presented(unit, clinic.facilitator, case.session, case.agenda_item)
        await reactions.on_item_presented(
            unit,
            AgendaItemPresented(case.session, clinic.programme.id, case.agenda_item, case.id),
        )
        await running.end_session(unit, clinic.facilitator, case.session)
        await unit.commit()
    return await reloaded(units, case)


async def reloaded(units: Units, case: Case) -> Case:
    """Return a case as the database has it now."""
    async with units.read() as unit:
        return await case_store.load(unit, case.id)


async def revision_of(units: Units, case: Case) -> int:
    """Return the revision of a case's draft."""
    async with units.read() as unit:
        draft = await store.load(unit, case.id)
    assert draft is not None
    return draft.revision


async def sign_draft(units: Units, signer: Actor, case: Case) -> Signed:
    """Sign a case's draft as it stands."""
    revision = await revision_of(units, case)
    async with units.write() as unit:
        signed = await sign.sign_recommendations(
            unit, signer, case.key, revision=revision, attested=True
        )
    assert isinstance(signed, Signed)
    return signed


async def a_signed_case(units: Units, clinic: Clinic, *, index: bool = True, **form: str) -> Case:
    """Return a case with version 1 of its letter, found in the library unless `index` is off."""
    case = await a_presented_case(units, clinic, **form)
    async with units.write() as unit:
        await recommend.take_over(unit, clinic.coordinator, case.key)
    await sign_draft(units, clinic.director, case)
    if index:
        await index_newest(units, case)
    return await reloaded(units, case)


async def index_newest(units: Units, case: Case) -> None:
    """Deliver the case's last signature to the library."""
    event = [e for e in await events_of(units, RecommendationsSigned) if e.case_id == case.id][-1]
    async with units.write() as unit:
        await indexer.on_recommendations_signed(unit, event)
        await unit.commit()
