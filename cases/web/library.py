"""The library: the search line, what it found, one entry, and its way to publication."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.dates import format_date

from cases.commands import publish
from cases.commands.recommend import NotYet
from cases.library import search as library
from cases.library.documents import Face, Item, LibraryDoc
from cases.library.query import LONGEST_QUERY
from cases.library.search import EntryView, Hit, Results
from cases.rules.publication import Act, Entry, EntryState
from cases.web import advice_words as words
from cases.web.advice_forms import EntryForm, RewriteForm, sentences
from cases.web.advice_pages import EntryPage, HitView, LetterLine, LibraryPage, VoiceView
from cases.web.letters import citation, day, href_of, version_asked
from cases.web.words import check_words
from server.edge.forms import FieldErrors, check, raw_fields
from server.edge.guard import current_actor
from server.edge.i18n import gettext, language, ngettext
from server.edge.keys import EDGE, UNITS
from server.edge.noting import note
from server.edge.pages import render, see_other
from server.edge.times import TimeText, describe
from server.kit.actor import Permission
from server.kit.errors import Invalid
from server.kit.text import clean_line

MOST_VOICES = 3


async def search(request: web.Request) -> web.StreamResponse:
    """GET /library?q=: what the reader may find, best first; nothing typed is the newest."""
    actor = current_actor(request)
    text = clean_line(request.query.get("q", "")[:LONGEST_QUERY])
    async with request.app[UNITS].read() as unit:
        found = await library.search(unit, actor, text, request.query.get("from"))
    # That somebody searched and how much came back, not for what: a question can tell of a person.
    await note(request, "library.searched", found=found.total, first=found.first)
    ask = ""
    if actor.can_somewhere(Permission.CASE_WRITE):
        # The question stays in the reader's head: what was typed does not travel in an address.
        ask = "/cases"
    return render(request, _results(text, found, ask))


def _results(text: str, found: Results, ask: str) -> LibraryPage:
    count = ngettext("%(n)d answer", "%(n)d answers", found.total) % {"n": found.total}
    if found.capped:
        count = gettext("The best of more than %(n)d answers") % {"n": found.total}
    last = found.first + len(found.hits)
    return LibraryPage(
        query=text,
        hits=tuple(_hit(hit) for hit in found.hits),
        count=count,
        rewrites=tuple((r.typed, r.shown, r.instead) for r in found.query.rewrites),
        loosened=found.loosened,
        newest=found.query.is_empty,
        previous_href=_turn(text, found.previous_cursor),
        next_href=_turn(text, found.next_cursor),
        note=gettext("%(first)d–%(last)d of %(total)d")
        % {"first": found.first + 1, "last": last, "total": found.total},
        ask_href=ask,
    )


def _turn(text: str, cursor: str | None) -> str:
    if cursor is None:
        return ""
    return "/library?" + urlencode([("q", text), ("from", cursor)])


def _hit(hit: Hit) -> HitView:
    doc = hit.doc
    return HitView(
        href=f"/library/{doc.number}",
        heading=hit.heading,
        snippet=hit.snippet,
        programme=doc.programme_name,
        who=_voices(doc),
        when=when(doc),
        version=gettext("version %(n)d") % {"n": doc.version},
        only_programme=doc.face is Face.ISSUED,
    )


def _voices(doc: LibraryDoc) -> tuple[VoiceView, ...]:
    """Return who recommended something, each once, hub first, a few."""
    found = dict.fromkeys(
        (name, lane) for item in doc.items for name, lane, _ in item.said if name
    )
    ordered = sorted(found, key=lambda voice: voice[1] != "hub")
    return tuple(VoiceView(name, lane, "") for name, lane in ordered[:MOST_VOICES])


def when(doc: LibraryDoc) -> str:
    """Return the day for the programme's own people, month and year for everybody else.

    A day next to a case is a date about a person (45 CFR 164.514(b)(2)(i)(C)); the month is
    coarser than the letter, and what citations use.
    """
    if doc.face is Face.ISSUED:
        return day(doc.signed_at, doc.zone)
    return month(doc.dated_at, doc.zone)


def _dated(doc: LibraryDoc) -> str:
    """Return `signed 24 November 2026`, or `reviewed November 2026` once it is public."""
    if doc.face is Face.ISSUED:
        return gettext("signed %(when)s") % {"when": when(doc)}
    return gettext("reviewed %(when)s") % {"when": when(doc)}


def month(instant: datetime, zone: str) -> str:
    """Return `November 2026` in a zone."""
    local = instant.astimezone(ZoneInfo(zone)).date()
    locale = language() if language() not in ("en", "qps") else "en_GB"
    return str(format_date(local, "LLLL y", locale=locale))


async def suggest(request: web.Request) -> web.StreamResponse:
    """GET /library/suggest?q=: a few answers while the question is being typed, as JSON."""
    actor = current_actor(request)
    text = clean_line(request.query.get("q", "")[:LONGEST_QUERY])
    async with request.app[UNITS].read() as unit:
        found = await library.suggest(unit, actor, text)
    return web.json_response(
        [{"href": f"/library/{s.key}", "heading": s.heading, "meta": s.programme} for s in found]
    )


async def entry(request: web.Request) -> web.StreamResponse:
    """GET /library/{key}: one entry, the newest version unless `?v=`."""
    return await _entry_page(request, {}, {}, looked=True)


async def _entry_page(
    request: web.Request,
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    *,
    looked: bool = False,
) -> web.StreamResponse:
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        view = await library.open_entry(
            unit, actor, request.match_info["key"], version_asked(request)
        )
        now = unit.now
    if looked:
        await note(
            request,
            "library.viewed",
            subject=view.entry.id,
            programme=view.entry.programme,
            version=view.doc.version if view.doc else view.newest,
            withdrawn=view.doc is None,
        )
    origin = request.app[EDGE].public_url
    reviews = _reviews(view.entry, actor.zone, now)
    return render(request, _page(view, origin, reviews, typed, errors), status=status)


def _reviews(found: Entry, zone: str, now: datetime) -> tuple[tuple[str, TimeText], ...]:
    steps = (
        (gettext("Rewritten"), found.rewritten),
        (gettext("Reviewed"), found.reviewed),
        (
            gettext("Published"),
            found.published if found.published_version == found.version else None,
        ),
    )
    return tuple(
        (label, describe(review.at, zone, zone, now)) for label, review in steps if review
    )


def _page(
    view: EntryView,
    origin: str,
    reviews: tuple[tuple[str, TimeText], ...],
    typed: dict[str, str],
    errors: dict[str, str],
) -> EntryPage:
    found, doc = view.entry, view.doc
    label, tone, icon = words.ENTRY_STATES[found.state]
    if doc is None:
        label, tone, icon = words.ENTRY_STATES[EntryState.RETRACTED]
    link = f"{origin}/library/{found.key}?v={doc.version if doc else view.newest}"
    return EntryPage(
        key=found.key,
        heading=doc.heading if doc else "",
        asked=doc.question if doc and doc.question != doc.heading else "",
        synopsis=doc.synopsis if doc else "",
        programme=doc.programme_name if doc else "",
        retracted=doc is None,
        version=doc.version if doc else view.newest,
        newest=view.newest,
        versions=view.versions,
        amended=view.amended,
        dated=_dated(doc) if doc else "",
        signer=doc.signer_label if doc else "",
        session_note=_open_to(view),
        state=gettext(label),
        tone=tone,
        icon=icon,
        items=tuple(_line(item) for item in doc.items) if doc else (),
        tags=doc.tags if doc else (),
        cite=_cite(doc, link) if doc else "",
        letter_href=f"/cases/{view.case_no}/letter" if view.reads_letter and doc else "",
        withhold_key=view.case_no if view.is_presenter and doc else "",
        row_version=found.row_version,
        can_rewrite=Act.REWRITE in view.acts,
        can_review=Act.REVIEW in view.acts,
        can_publish=Act.PUBLISH in view.acts,
        public=_public(view, typed),
        reviews=reviews if view.acts or view.registered else (),
        errors=errors,
        check_words=check_words() if Act.REWRITE in view.acts else {},
    )


def _open_to(view: EntryView) -> str:
    """Say who reads an entry that is not published; empty once it is."""
    if not view.registered or view.entry.state is EntryState.PUBLISHED:
        return ""
    if view.written:
        return gettext("Answered in writing: its presenter and the hub read it, nobody else.")
    return gettext(
        "Open to people registered in this programme: they were the audience of its session."
    )


def _public(view: EntryView, typed: dict[str, str]) -> dict[str, str]:
    """Return the public wording as it stands, for those who prepare it; first the question."""
    if not view.registered:
        return {}
    found = view.entry
    kept = {
        "title": found.title,
        "question": found.question or (view.letter.question if view.letter else ""),
        "synopsis": found.synopsis,
        "tags": found.tags,
    }
    return kept | {name: text for name, text in typed.items() if name in kept}


def _cite(doc: LibraryDoc, link: str) -> str:
    """Return the citation string of domain.md §7."""
    local = doc.dated_at.astimezone(ZoneInfo(doc.zone))
    words_for = (
        gettext("Reviewed %(month)s.")
        if doc.face is Face.PUBLISHED
        else gettext("Signed %(month)s.")
    )
    return gettext(
        "%(programme)s. %(title)s Case recommendation %(key)s, v%(version)d. %(reviewed)s %(link)s"
    ) % {
        "programme": doc.programme_name,
        "title": doc.heading if doc.heading.endswith(("?", ".", "!")) else doc.heading + ".",
        "key": doc.number,
        "version": doc.version,
        "reviewed": words_for % {"month": f"{local:%Y-%m}"},
        "link": link,
    }


def _line(item: Item) -> LetterLine:
    return LetterLine(
        text=item.text,
        area=words.area(item.problem_area),
        meta=words.item_meta(item.strength, item.evidence, item.role, item.time_frame, item.step),
        rationale=item.rationale,
        citation=citation(item.citation_title, item.citation_year),
        citation_href=href_of(item.citation_link),
        cautions=words.cautions(item.cautions),
        voices=tuple(VoiceView(name, lane, at) for name, lane, at in item.said),
    )


async def rewrite(request: web.Request) -> web.StreamResponse:
    """POST /library/{key}/rewrite: the coordinator's public wording."""
    raw: dict[str, Any] = await raw_fields(request)
    form = check(RewriteForm, raw)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    texts = {
        "title": form.title,
        "question": form.question,
        "synopsis": form.synopsis,
        "tags": form.tags,
    }
    key = request.match_info["key"]
    async with request.app[UNITS].write() as unit:
        outcome = await publish.rewrite(
            unit, current_actor(request), key, row_version=form.row_version, texts=texts
        )
    if isinstance(outcome, NotYet):
        return await _entry_page(request, texts, sentences(outcome), status=422)
    return see_other(f"/library/{key}", "library_rewritten")


async def review(request: web.Request) -> web.StreamResponse:
    """POST /library/{key}/review: a specialist other than the signer has checked it."""
    form, key = await _entry_form(request), request.match_info["key"]
    async with request.app[UNITS].write() as unit:
        await publish.review(unit, current_actor(request), key, row_version=form.row_version)
    return see_other(f"/library/{key}", "library_reviewed")


async def make_public(request: web.Request) -> web.StreamResponse:
    """POST /library/{key}/publish: to everybody with an account."""
    form, key = await _entry_form(request), request.match_info["key"]
    async with request.app[UNITS].write() as unit:
        await publish.publish(unit, current_actor(request), key, row_version=form.row_version)
    return see_other(f"/library/{key}", "library_published")


async def _entry_form(request: web.Request) -> EntryForm:
    form = check(EntryForm, await raw_fields(request))
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    return form
