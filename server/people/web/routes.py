"""The table of URLs about people."""

from aiohttp import web

from server.edge import problems
from server.edge.guard import SIGNED_IN, needs, public
from server.edge.i18n import N_
from server.edge.pages import register_notices
from server.edge.routing import Routes
from server.kit.actor import Permission
from server.people.web import people, sign_in, words

problems.register(words.PROBLEMS)
problems.register(
    {
        "wrong_password": (
            N_("Address and password do not fit"),
            N_("Check both and try again, or ask for a link by mail."),
        )
    }
)
register_notices(words.NOTICES)

_TOKEN = "{token:[A-Za-z0-9_-]{20,80}}"  # noqa: S105 -- a URL pattern

routes = Routes()
routes.get("/sign-in", sign_in.sign_in_page, public("how people come in"))
routes.post("/sign-in", sign_in.sign_in, public("how people come in"))
routes.post("/sign-in/link", sign_in.request_link, public("a sign-in link by mail"))
routes.post("/sign-out", sign_in.sign_out, SIGNED_IN)
routes.get(f"/links/{_TOKEN}", sign_in.link_page, public("holders of a one-time link"))
routes.post(f"/links/{_TOKEN}", sign_in.use_link, public("holders of a one-time link"))
routes.get(f"/invitations/{_TOKEN}", sign_in.accept_page, public("holders of an invitation"))
routes.post(f"/invitations/{_TOKEN}", sign_in.accept, public("holders of an invitation"))
routes.get("/profile", people.profile_page, SIGNED_IN)
routes.post("/profile", people.save_profile, SIGNED_IN)
routes.post("/profile/password", people.save_password, SIGNED_IN)
routes.get("/programmes/{programme}/people", people.roster_page, needs(Permission.PEOPLE_INVITE))
routes.post(
    "/programmes/{programme}/people/invite", people.invite, needs(Permission.PEOPLE_INVITE)
)
routes.post(
    "/programmes/{programme}/people/revoke", people.revoke, needs(Permission.PEOPLE_INVITE)
)
routes.get("/accounts", people.accounts_page, needs(Permission.PEOPLE_MANAGE))
routes.post("/accounts/organisations", people.add_organisation, needs(Permission.PEOPLE_MANAGE))
routes.post("/accounts/close", people.close_account, needs(Permission.PEOPLE_MANAGE))


def setup(app: web.Application) -> None:
    """Mount these pages."""
    routes.mount(app)
