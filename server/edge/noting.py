"""Note in the audit what somebody read or took along (security.md 67)."""

from aiohttp import web

from server.edge.guard import current_actor
from server.edge.keys import UNITS
from server.kit.ids import ProgrammeId


async def note(
    request: web.Request,
    action: str,
    *,
    subject: str = "",
    programme: ProgrammeId | None = None,
    **facts: str | int | bool,
) -> None:
    """Record that the signed-in person read `subject`; `facts` are counts and codes, never text.

    Reading changes nothing, so this is a transaction of its own. Await it before the answer is
    made: what cannot be noted is not shown.
    """
    async with request.app[UNITS].write() as unit:
        unit.record(
            action,
            actor=current_actor(request).person,
            subject=subject,
            programme=programme,
            **facts,
        )
        await unit.commit()
