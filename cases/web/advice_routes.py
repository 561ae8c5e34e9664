"""The table of URLs of e-consults, recommendations, letters, follow-ups and the library."""

from aiohttp import web

from cases.web import follow_ups, letters, library, recommend, triage
from server.edge.guard import SIGNED_IN, needs
from server.edge.routing import Routes
from server.kit.actor import Permission

# A delegate is a hub specialist: capture is the widest right that all who draft hold.
_DRAFT = needs(Permission.RECOMMENDATION_CAPTURE)
_CHECK = needs(Permission.CASE_CHECK)
_SIGN = needs(Permission.RECOMMENDATION_SIGN)
_SEARCH = needs(Permission.LIBRARY_SEARCH)
_REVIEW = needs(Permission.LIBRARY_READ_ISSUED)


def setup(app: web.Application) -> None:
    """Mount this feature's pages; `rules.advice_access` decides about each case and entry."""
    routes = Routes()
    routes.post("/cases/{key}/convert", triage.convert, _CHECK)
    routes.post("/cases/{key}/specialists", triage.ask_specialists, _CHECK)
    routes.get(follow_ups.LIST, follow_ups.listed, _CHECK)
    routes.post("/cases/{key}/follow-up/ask", follow_ups.ask_again, _CHECK)
    routes.post("/cases/{key}/follow-up/close", follow_ups.close, _CHECK)
    routes.get("/letters", letters.letters, SIGNED_IN)
    routes.get("/cases/{key}/letter", letters.letter, SIGNED_IN)
    routes.post("/cases/{key}/library/withhold", letters.withhold, SIGNED_IN)
    case = "/cases/{key}/recommendations"
    routes.get(case, recommend.bench, _DRAFT)
    routes.post(f"{case}/start", recommend.take_over, _DRAFT)
    routes.post(f"{case}/add", recommend.add, _DRAFT)
    routes.post(f"{case}/notes", recommend.notes, _DRAFT)
    routes.post(f"{case}/review", recommend.send, _DRAFT)
    routes.post(f"{case}/return", recommend.send_back, _DRAFT)
    routes.post(f"{case}/sign", recommend.sign_letter, _DRAFT)
    routes.post(f"{case}/amend", recommend.amend, _DRAFT)
    routes.post(case + "/{item}/save", recommend.save, _DRAFT)
    routes.post(case + "/{item}/drop", recommend.drop, _DRAFT)
    routes.post(case + "/{item}/restore", recommend.restore, _DRAFT)
    routes.post(case + "/{item}/merge", recommend.merge, _DRAFT)
    routes.post("/programmes/{id}/delegates", recommend.name_delegate, _SIGN)
    routes.post("/programmes/{id}/delegates/remove", recommend.remove_delegate, _SIGN)
    routes.get("/library", library.search, _SEARCH)
    routes.get("/library/suggest", library.suggest, _SEARCH)
    routes.get("/library/{key}", library.entry, _SEARCH)
    routes.post("/library/{key}/rewrite", library.rewrite, _REVIEW)
    routes.post("/library/{key}/review", library.review, _REVIEW)
    routes.post("/library/{key}/publish", library.make_public, _REVIEW)
    routes.mount(app)
