"""What the people pages need from the application."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from server.edge.throttle import Throttle
from server.jobs.mail import Mailer
from server.jobs.supervisor import Supervisor
from server.kit.ids import ProgrammeId
from server.people.passwords import Passwords
from server.store.unit import Unit

PASSWORDS = web.AppKey("passwords", Passwords)
MAILER: web.AppKey[Mailer] = web.AppKey("mailer", Mailer)
SUPERVISOR = web.AppKey("supervisor", Supervisor)
SIGN_IN_THROTTLE = web.AppKey("sign_in_throttle", Throttle)
PROGRAMME_NAME: web.AppKey[Callable[[Unit, ProgrammeId], Awaitable[str | None]]] = web.AppKey(
    "programme_name"
)
"""Names a programme; given by the roof, since people know nothing of programmes."""
