"""Letters: what waits to be written, and one signed version to read and print."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from babel.dates import format_date

from cases.commands import publish, sign
from cases.queries import advice, follow_ups
from cases.queries.advice import DueItem, LetterItem, LetterView
from cases.rules import letter as rules
from cases.rules.letter import Letter, Line
from cases.rules.models import Case
from cases.rules.publication import EntryState
from cases.web import advice_words as words
from cases.web.advice_forms import NobodyForm
from cases.web.advice_pages import LetterLine, LetterPage, LetterRow, LettersPage, VoiceView
from cases.web.follow_up_view import answer_href
from server.edge.forms import BadRequest, FieldErrors, read_form
from server.edge.guard import current_actor
from server.edge.i18n import gettext, language, ngettext
from server.edge.keys import UNITS
from server.edge.noting import note
from server.edge.pages import render, see_other
from server.edge.times import clock, zone_abbreviation
from server.kit.actor import Permission
from server.kit.ids import CaseId

log = structlog.get_logger("letters")


async def letters(request: web.Request) -> web.StreamResponse:
    """GET /letters: to write (for those who draft), and to read."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found = await advice.letters(unit, actor)
    await note(request, "letters.listed", due=len(found.due), issued=len(found.issued))
    page = LettersPage(
        drafts=bool(found.due) or actor.can_somewhere(Permission.RECOMMENDATION_EDIT),
        due=tuple(_due_row(item) for item in found.due),
        issued=tuple(_issued_row(item) for item in found.issued),
    )
    return render(request, page)


def _due_row(item: DueItem) -> LetterRow:
    tone, icon = words.PACES[item.pace]
    days = ngettext("%(n)d working day", "%(n)d working days", item.days) % {"n": item.days}
    written = (gettext("E-consult"),) if item.case.converted_at else ()
    today = gettext("since today") if written else gettext("presented today")
    return LetterRow(
        href=f"/cases/{item.case.key}/recommendations",
        title=_title(item.case),
        meta=" · ".join((item.case.case_no, item.programme.name, *written)),
        badge=today if item.days == 0 else days,
        tone=tone,
        icon=icon,
    )


def _title(case: Case) -> str:
    return case.main_question or gettext("The text of this case is not here")


def _issued_row(item: LetterItem) -> LetterRow:
    return LetterRow(
        href=f"/cases/{item.case.key}/letter",
        title=_title(item.case),
        meta=f"{item.case.case_no} · {item.programme.name} · "
        + day(item.signed_at, item.programme.zone),
        badge=gettext("version %(n)d") % {"n": item.version},
        tone="neutral",
        icon="file",
    )


def day(instant: datetime, zone: str) -> str:
    """Return `24 November 2026` in a zone: documents are read long after, so with the year."""
    local = instant.astimezone(ZoneInfo(zone)).date()
    locale = language() if language() not in ("en", "qps") else "en_GB"
    return str(format_date(local, "d MMMM y", locale=locale))


def version_asked(request: web.Request) -> int | None:
    """Return `?v=2` as a number, None without; raises BadRequest for anything else."""
    text = request.query.get("v")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise BadRequest
    return int(text)


async def letter(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/letter: the newest version, or `?v=1`."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        view = await advice.letter(unit, actor, request.match_info["key"], version_asked(request))
        answers = view.is_presenter and actor.can(Permission.CASE_WRITE, view.case.programme)
        begun = await follow_ups.begun(unit, actor) if answers else None
    if not view.is_presenter:
        await note(
            request,
            "letter.viewed",
            subject=view.case.id,
            programme=view.case.programme,
            version=view.signed.version,
        )
    if view.signed.letter is None and view.signed.purged_at is None:
        # The alarm of security.md 75: in the log for the operator, in the audit for ever.
        log.error("letter integrity failed", case=view.case.id, version=view.signed.version)
        async with request.app[UNITS].write() as unit:
            await sign.report_broken(unit, actor, view.case, view.signed.version)
    return render(request, _page(view, begun))


def _page(view: LetterView, begun: Mapping[CaseId, str] | None) -> LetterPage:
    found = view.signed.letter
    entry = view.entry
    state = words.ENTRY_STATES[entry.state][0] if entry else ""
    return LetterPage(
        case_no=view.case.case_no,
        answer=answer_href(view.case, begun) if begun is not None and found else "",
        letter=found,
        purged=day(view.signed.purged_at, view.zone) if view.signed.purged_at else "",
        groups=_groups(found) if found else (),
        session_day=day(found.session_at, found.zone) if found and found.session_at else "",
        signed=_moment(found) if found else "",
        signed_as=gettext(words.SIGNED_AS[found.signed_as]) if found else "",
        watch_for=(found.watch_for or gettext(rules.WATCH_FOR)) if found else "",
        disclaimer=gettext(rules.DISCLAIMER),
        code=view.signed.code,
        version=view.signed.version,
        last_version=view.last_version,
        versions=view.versions,
        entry_key=entry.key if entry else "",
        entry_state=gettext(state) if state else "",
        can_amend=view.can_amend,
        can_withhold=view.is_presenter
        and not view.case.publication_veto
        and not (entry and entry.state is EntryState.RETRACTED),
    )


def _moment(found: Letter) -> str:
    at = found.signed_at
    return f"{day(at, found.zone)}, {clock(at, found.zone)} {zone_abbreviation(at, found.zone)}"


def _groups(found: Letter) -> tuple[tuple[str, tuple[LetterLine, ...]], ...]:
    frames = dict.fromkeys(line.time_frame for line in found.lines)
    return tuple(
        (
            words.frame(code),
            tuple(_line(line) for line in found.lines if line.time_frame == code),
        )
        for code in frames
    )


def _line(line: Line) -> LetterLine:
    return LetterLine(
        text=line.text,
        area=words.area(line.problem_area),
        meta=words.item_meta(line.strength, line.evidence, line.role, "", line.step),
        rationale=line.rationale,
        citation=citation(line.citation_title, line.citation_year),
        citation_href=href_of(line.citation_link),
        cautions=words.cautions(line.cautions),
        voices=tuple(VoiceView(v.label, v.lane.value, v.at) for v in line.said),
    )


def citation(title: str, year: int | None) -> str:
    """Return `Title (2024)`; empty without a title."""
    return f"{title} ({year})" if title and year else title


def href_of(link: str) -> str:
    """Return the address of a citation: a DOI through its resolver."""
    if not link:
        return ""
    return link if link.startswith("https://") else f"https://doi.org/{link}"


async def withhold(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/library/withhold: the presenter keeps the case out of the library."""
    form = await read_form(request, NobodyForm)
    if isinstance(form, FieldErrors):
        raise BadRequest
    key = request.match_info["key"]
    async with request.app[UNITS].write() as unit:
        await publish.withhold(unit, current_actor(request), key)
    return see_other(f"/cases/{key}/letter", "library_withheld")
