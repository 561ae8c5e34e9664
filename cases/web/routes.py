"""The table of URLs of cases; fixed words before `{key}`."""

from aiohttp import web

from cases.web import attachments, case_form, check, drafts, helps, sheets, submit, triage
from server.edge.guard import SIGNED_IN, needs
from server.edge.routing import Routes
from server.files.sniff import LARGEST
from server.kit.actor import Permission

_WRITE = needs(Permission.CASE_WRITE)
_CHECK = needs(Permission.CASE_CHECK)
_SLOT = needs(Permission.CASE_SLOT)
_SET_UP = needs(Permission.PROGRAMME_MANAGE)


def setup(app: web.Application) -> None:
    """Mount this feature's pages.

    Authors keep their own cases whatever becomes of their role, so reading and withdrawing ask
    for a sign-in only; `rules.access` decides about the case.
    """
    routes = Routes()
    routes.get("/cases", sheets.my_cases, SIGNED_IN)
    routes.get("/cases/form-token", submit.form_token, SIGNED_IN)
    routes.post("/api/deid/check", check.check, SIGNED_IN)
    routes.get("/programmes/{id}/case-form", case_form.show, _SET_UP)
    routes.post("/programmes/{id}/case-form", case_form.save, _SET_UP)
    routes.get("/programmes/{id}/case-form/preview", case_form.preview, _SET_UP)
    helps.make_throttle(app)
    routes.post("/api/cases/similar", helps.similar, _WRITE)
    routes.get("/programmes/{id}/cases/writing", helps.words, _WRITE)
    routes.post("/programmes/{id}/cases/helps", helps.page, _WRITE)
    routes.get("/cases/{key}/edit/writing", helps.words, SIGNED_IN)
    routes.post("/cases/{key}/edit/helps", helps.page, SIGNED_IN)
    routes.get("/programmes/{id}/cases/new", submit.new_case, _WRITE)
    routes.post("/programmes/{id}/cases", submit.create, _WRITE)
    routes.post("/programmes/{id}/cases/autosave", drafts.autosave_new, _WRITE)
    routes.get("/cases/{key}/edit", submit.edit, SIGNED_IN)
    routes.post("/cases/{key}/edit", submit.update, SIGNED_IN)
    routes.post("/cases/{key}/autosave", drafts.autosave, SIGNED_IN)
    routes.get("/cases/{key}/history", drafts.history, SIGNED_IN)
    routes.get("/cases/{key}/crosswalk", drafts.crosswalk, SIGNED_IN)
    routes.get("/cases/{key}/brief", sheets.brief, SIGNED_IN)
    routes.post("/cases/{key}/safety", sheets.state_safety, SIGNED_IN)
    routes.post("/cases/{key}/withdraw", sheets.withdraw, SIGNED_IN)
    routes.post("/cases/{key}/copy", sheets.copy, SIGNED_IN)
    routes.get("/triage", triage.desk, _CHECK)
    routes.get("/cases/{key}/review", triage.review, _CHECK)
    routes.post("/cases/{key}/review", triage.stay, _CHECK)
    routes.post("/cases/{key}/pass", triage.decide, _CHECK)
    routes.post("/cases/{key}/accept", triage.accept, _CHECK)
    routes.post("/cases/{key}/return", triage.return_case, _CHECK)
    routes.post("/cases/{key}/reject", triage.reject, _CHECK)
    routes.post("/cases/{key}/decline", triage.decline, _CHECK)
    routes.post("/cases/{key}/recall", triage.recall, _CHECK)
    routes.post("/cases/{key}/purge", triage.purge, _CHECK)
    routes.post("/cases/{key}/slot", triage.give_slot, _SLOT)
    routes.post("/cases/{key}/unschedule", triage.take_slot_back, _SLOT)
    routes.get("/cases/{key}/attachments", attachments.attachments, SIGNED_IN)
    routes.post("/cases/{key}/attachments", attachments.attach, SIGNED_IN.taking_file(LARGEST))
    routes.get("/cases/{key}/attachments/progress", attachments.progress, SIGNED_IN)
    routes.post("/cases/{key}/attachments/{attachment}/remove", attachments.remove, SIGNED_IN)
    routes.get("/cases/{key}/pages/{page}", attachments.picture, SIGNED_IN)
    routes.post("/cases/{key}/pages/{page}/decide", attachments.decide, _CHECK)
    routes.post("/cases/{key}/pages/{page}/blacken", attachments.blacken, SIGNED_IN)
    routes.get("/cases/{key}", sheets.case, SIGNED_IN)
    routes.mount(app)
