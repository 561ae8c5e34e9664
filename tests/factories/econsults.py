"""Cases called soon for which no session has room, and e-consults made of them."""

from sqlalchemy import text

from cases.commands import econsults
from cases.rules.models import Case
from server.kit.actor import Actor
from server.kit.ids import ProgrammeId
from server.store.unit import Units
from tests.factories.advice import Clinic
from tests.factories.cases import an_accepted_case


async def without_slots(units: Units, programme: ProgrammeId) -> None:
    """Take every place out of every agenda of a programme."""
    async with units.write() as unit:
        await unit.db.execute(
            text(
                "DELETE FROM agenda_items WHERE session_id IN"
                " (SELECT id FROM sessions WHERE programme_id = :programme)"
            ),
            {"programme": programme},
        )
        await unit.commit()


async def a_pressing_case(units: Units, clinic: Clinic, **form: str) -> Case:
    """Return an accepted case called soon, for which there is no slot."""
    form = {"urgency": "soon"} | form
    case = await an_accepted_case(
        units, clinic.presenter, clinic.coordinator, clinic.programme, **form
    )
    await without_slots(units, clinic.programme.id)
    return case


async def convert(units: Units, actor: Actor, case: Case, *specialists: Actor) -> Case:
    """Move a case to an e-consult as somebody."""
    async with units.write() as unit:
        return await econsults.convert(
            unit,
            actor,
            case.key,
            row_version=case.row_version,
            specialists=[one.person for one in specialists],
        )


async def an_econsult(units: Units, clinic: Clinic, **form: str) -> Case:
    """Return an e-consult that the clinic's specialist was asked to answer."""
    case = await a_pressing_case(units, clinic, **form)
    return await convert(units, clinic.director, case, clinic.specialist)
