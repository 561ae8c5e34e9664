"""A case whose text is erased while it is presented leaves every screen of its session at once."""

from cases.events import CaseErased
from server.wiring import subscribers
from tests.sessions.live.conftest import CASE, Clinic


async def test_every_screen_is_told_to_fetch_the_sheet_again(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    ann = await clinic.enter(clinic.presenter)
    lea = await clinic.enter(clinic.learner)
    handlers = subscribers(room=clinic.house.live)[CaseErased]
    elsewhere = CaseErased(CASE, clinic.programme.id, "BH-2031-001", ann.actor.person)
    here = CaseErased(
        CASE, clinic.programme.id, "BH-2031-001", ann.actor.person, session_id=clinic.session
    )
    for event in (elsewhere, here):
        for handler in handlers:
            async with clinic.units.write() as unit:
                await handler(unit, event)
                await unit.commit()
    for guest in (fay, ann, lea):
        await guest.until(lambda g: ("room:sheet", {}) in g.told)
        assert guest.told.count(("room:sheet", {})) == 1
    # A learner's page does not learn which case it was.
    assert str(CASE) not in str(lea.told)
