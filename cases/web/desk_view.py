"""Draws the review desk: the lines of the queue, and the page of one case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cases.commands.triage import CLEAR
from cases.queries import QueueItem, Review
from cases.queries.attachments import Attached
from cases.queries.lists import DESK_ORDER
from cases.queries.sheets import MarkedText
from cases.rules import econsult, erasing, passes, placing, safety
from cases.rules.fields import Kind
from cases.rules.findings import REASONS, Flagged, Noted
from cases.rules.form_person import SAFETY
from cases.rules.lifecycle import Deed, Guard
from cases.rules.models import Case, CaseState, Pass
from cases.web import desk_words, words
from cases.web.attachment_view import desk_pages
from cases.web.desk_forms import COMMENT, Sent
from cases.web.desk_pages import (
    BadgeView,
    DeskFinding,
    DeskLine,
    DeskNote,
    PassView,
    QueueGroup,
    ReviewPage,
    SegmentView,
    SlotView,
    TextView,
    Triage,
)
from cases.web.econsult_view import econsult_view
from cases.web.field_view import Choices, finding_view
from cases.web.worked import worked_view
from server.edge.i18n import N_, gettext
from server.edge.times import describe, relative
from server.kit.actor import Actor
from sessions.api import SessionState

_GROUPS = {
    CaseState.PHI_CHECK: (N_("To check for identifiers"), N_("Nothing to check.")),
    CaseState.SUBMITTED: (N_("Checked, to review"), N_("Nothing to review.")),
    CaseState.IN_REVIEW: (N_("In review"), N_("Nothing in review.")),
    CaseState.ACCEPTED: (
        N_("Accepted, waiting for a slot"),
        N_("Every accepted case has a slot."),
    ),
    CaseState.CONVERTED: (N_("E-consults, waiting for a written answer"), ""),
    CaseState.NEEDS_CHANGES: (N_("Sent back, with the author"), ""),
}

_ACCEPTABLE = frozenset({CaseState.PHI_CHECK, CaseState.SUBMITTED, CaseState.IN_REVIEW})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a button of the desk brought that was not done: shown again, with the reason.

    `refused`: what was refused and what to do, `code` its code. `unsent`: the button that would
    have left what is written to the author unsent.
    """

    sent: Sent | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, str] | None = None
    code: str = ""
    unsent: str = ""

    @property
    def verdicts(self) -> Mapping[str, str]:
        """Return what was decided about findings."""
        return self.sent.verdicts if self.sent else {}

    @property
    def chosen(self) -> frozenset[str]:
        """Return every box and list entry that was chosen, as `name=value`."""
        if self.sent is None:
            return frozenset()
        form = self.sent.form
        return frozenset(
            {
                *(f"second={code}" for code in form.second),
                *(f"erase={path}" for path in form.erase),
                *(f"specialists={person}" for person in form.specialists),
                f"slot={form.slot}",
                f"purge={form.purge}",
                f"keep={form.keep}",
                f"reason={form.reason}",
                f"other_field={form.other_field}",
            }
        )

    @property
    def typed(self) -> dict[str, str]:
        """Return what was typed, by input."""
        if self.sent is None:
            return {}
        form = self.sent.form
        found = {f"{COMMENT}{path}": text for path, text in self.sent.comments.items()}
        found |= {
            "words": form.words,
            "other_comment": form.other_comment,
            "refusal": form.refusal,
        }
        return {name: text for name, text in found.items() if text.strip()}


def queue(items: tuple[QueueItem, ...], now: datetime) -> Triage:
    """Return the page of what waits, by what it waits for."""
    groups = tuple(
        QueueGroup(
            key=state.value,
            title=gettext(_GROUPS[state][0]),
            empty=gettext(_GROUPS[state][1]) if _GROUPS[state][1] else "",
            cases=tuple(_line(item, now) for item in items if item.case.state is state),
        )
        for state in DESK_ORDER
    )
    return Triage(groups, len(items))


def _line(item: QueueItem, now: datetime) -> DeskLine:
    case = item.case
    author = item.author.label if item.author else ""
    place = item.author.organisation_name if item.author else ""
    since = relative(item.since, now)
    return DeskLine(
        href=f"/cases/{case.key}/review",
        title=case.case_no,
        meta=" · ".join(part for part in (item.programme.name, author, place, since) if part),
        badges=(
            *_flags(case),
            *(
                ()
                if case.state is CaseState.NEEDS_CHANGES
                else desk_words.standing_badges(item.standing, case.second_reasons)
            ),
            *(
                (BadgeView(gettext("Lost its slot"), "waiting", "calendar"),)
                if case.lost_slot
                else ()
            ),
            *desk_words.due(item.due),
        ),
    )


def _flags(case: Case) -> tuple[BadgeView, ...]:
    flags = []
    if case.safety.raised:
        flags.append(BadgeView(gettext("Safety flag"), "danger", "shield"))
    if case.urgency == "soon":
        flags.append(BadgeView(gettext("Soon: within 14 days"), "waiting", "clock"))
    return tuple(flags)


def review_page(
    found: Review, attached: Attached, actor: Actor, now: datetime, answer: Answer
) -> ReviewPage:
    """Return the page of one case, with what a refused form brought."""
    sheet, standing = found.sheet, found.standing
    case = sheet.case
    can = _can(found)
    asks = next((deed for deed in _ASKS if deed in can), "")
    drawing = _Drawing(found, answer.verdicts, _numbered(found))
    texts = tuple(drawing.text(marked) for marked in found.texts)
    session = sheet.session.session if sheet.session else None
    decides = bool(found.texts) and (Deed.PASS in sheet.deeds or found.may_pass_again)
    state = BadgeView(*words.state(case.state))
    accepts = Deed.ACCEPT in found.deeds_once_open and case.state in _ACCEPTABLE
    enough = len(standing.passed) + 1 >= standing.wanted
    return ReviewPage(
        review=found,
        sections=sheet.sections,
        worked=worked_view(sheet.workup),
        badges=(
            state,
            *_flags(case),
            *desk_words.standing_badges(standing, case.second_reasons),
            *desk_words.due(found.due),
        ),
        texts=texts,
        kinds=frozenset(segment.kind for text in texts for segment in text.segments) - {""},
        places=len(drawing.numbers),
        erased=_erased(found, actor, now),
        passes=(
            *(_pass(found, one, actor, now, older=False) for one in standing.passed),
            *(_pass(found, one, actor, now, older=True) for one in standing.older),
        ),
        second=desk_words.second(case.second_reasons),
        marks=tuple(
            (mark.value, gettext(mark.label), "")
            for mark in passes.MARKS
            if mark.value not in case.second_reasons
        ),
        chosen=answer.chosen,
        refused=answer.refused,
        undecided=tuple(
            drawing.numbers[f.key]
            for f in found.flagged
            if answer.code == Guard.WARNINGS_RESOLVED.value and answer.verdicts.get(f.key) != CLEAR
        ),
        unsent=answer.unsent,
        stranded=_stranded(found, answer, asks, can),
        lost=desk_words.lost(case),
        asks=asks,
        no_slot_in_time=bool({"assign_slot", "convert"} & can)
        and bool(placing.without_slot(case.urgency, (s.starts_at for s in found.slots), now)),
        able=tuple((card.id, card.label, card.organisation_name) for card in found.able),
        answer_by=describe(
            econsult.due_at(case.converted_at or now), sheet.programme.zone, actor.zone, now
        ),
        econsult=econsult_view(found.econsult, sheet.programme.zone, actor, now, case),
        reasons=tuple((r.value, gettext(r.label), "") for r in erasing.REASONS),
        slots=tuple(
            SlotView(
                value=f"{slot.session}.{slot.item}",
                when=describe(slot.starts_at, slot.zone, actor.zone, now),
                detail=" · ".join(
                    part
                    for part in (gettext("%(n)d minutes") % {"n": slot.minutes}, slot.topic)
                    if part
                ),
            )
            for slot in found.slots
        ),
        session=describe(session.starts_at, session.zone, actor.zone, now) if session else None,
        decides=decides,
        can_accept_too=accepts and enough and case.safety.answered,
        can=can,
        others=_others(found),
        attached=desk_pages(attached, now),
        safety_reasons=tuple(gettext(safety.REASONS[code]) for code in case.safety.reasons),
        safety_statement=_statement(case),
        typed=answer.typed,
        errors=dict(answer.errors),
        labels=_labels(found, answer),
        check_words=words.check_words(),
        desk_words=desk_words.desk_words(),
    )


def _can(found: Review) -> frozenset[str]:
    """Return the deeds worth a button; a checked case is opened and decided in one press."""
    deeds = found.sheet.deeds
    if Deed.OPEN in deeds:
        deeds |= found.deeds_once_open
    if not found.standing.complete:
        deeds -= {Deed.ACCEPT, Deed.ASSIGN_SLOT, Deed.CONVERT}
    if found.sheet.case.state is CaseState.SCHEDULED and found.sheet.session is not None:
        live = found.sheet.session.session.state is SessionState.LIVE
        deeds -= {Deed.RECALL} if live else {Deed.PURGE}
    if not (found.texts or found.holds_advice):
        deeds -= {Deed.PURGE}
    return frozenset(deed.value for deed in deeds)


_ASKS = ("reject", "return", "recall")
"""The ways back to the author; a page offers the first that fits."""


def _stranded(
    found: Review, answer: Answer, asks: str, can: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """Return what was typed into boxes that the page has no longer: what, and the words."""
    boxes = {"refusal"} if "decline" in can else set()
    if asks:
        boxes |= {"words", "other_comment"} | {f"{COMMENT}{m.path}" for m in found.texts}
    return tuple(
        (_label_of_input(found, name), text)
        for name, text in answer.typed.items()
        if name not in boxes
    )


def _label_of_input(found: Review, name: str) -> str:
    if name.startswith(COMMENT):
        return words.input_label(found.sheet.form, name.removeprefix(COMMENT))
    return gettext("For the author")


def _pass(found: Review, one: Pass, actor: Actor, now: datetime, *, older: bool) -> PassView:
    card = found.readers.get(one.by)
    when = describe(one.at, found.sheet.programme.zone, actor.zone, now)
    return PassView(card.label if card else gettext("Somebody who has left"), when, older)


def _erased(found: Review, actor: Actor, now: datetime) -> str:
    version = found.sheet.version
    if version is None or version.purged_at is None:
        return ""
    card = found.readers.get(version.purged_by) if version.purged_by else None
    when = describe(version.purged_at, found.sheet.programme.zone, actor.zone, now)
    return gettext("Erased by %(name)s, %(day)s, %(time)s. What remains is its hash.") % {
        "name": card.label if card else gettext("the platform"),
        "day": when.day,
        "time": when.clinic,
    }


def _others(found: Review) -> Choices:
    """Return the answers one can ask about that are no text of this case."""
    texts = {marked.path for marked in found.texts}
    return tuple(
        (asked.key, words.input_label(found.sheet.form, asked.key), "")
        for asked in found.sheet.form.fields()
        if asked.key not in texts and asked.kind is not Kind.CONFIRM
    )


def _labels(found: Review, answer: Answer) -> dict[str, str]:
    """Return what the inputs with an error are about."""
    return {
        name: _label_of_input(found, name) for name in answer.errors if name.startswith(COMMENT)
    }


def _numbered(found: Review) -> dict[str, int]:
    """Number every finding and every cue in the order of the texts."""
    order = {marked.path: place for place, marked in enumerate(found.texts)}
    places: list[Flagged | Noted] = [*found.flagged, *(n for n in found.notes if not n.look)]
    places.sort(key=lambda p: (order[p.path], p.start, p.end))
    return {place.key: number for number, place in enumerate(places, 1)}


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws texts with their marks, numbered across the page."""

    found: Review
    verdicts: Mapping[str, str]
    numbers: Mapping[str, int]

    def text(self, marked: MarkedText) -> TextView:
        own = [f for f in self.found.flagged if f.path == marked.path]
        notes = [n for n in self.found.notes if n.path == marked.path]
        kinds = {f.key: "disputed" if f.blocking else "review" for f in own}
        kinds |= {n.key: "look" if n.look else "unique" for n in notes}
        return TextView(
            path=marked.path,
            label=words.input_label(self.found.sheet.form, marked.path),
            segments=tuple(
                SegmentView(s.text, kinds.get(s.mark, ""), self.numbers.get(s.mark, 0), s.first)
                for s in marked.segments
            ),
            findings=tuple(self._finding(f, kinds[f.key]) for f in own),
            notes=tuple(self._note(n) for n in notes if not n.look),
            looks=tuple(self._note(n) for n in notes if n.look),
        )

    def _finding(self, f: Flagged, kind: str) -> DeskFinding:
        reasons = {option.value: option.label for option in REASONS}
        cleared = "clear" if f.key in self.found.cleared and self.found.may_pass_again else ""
        return DeskFinding(
            number=self.numbers[f.key],
            kind=kind,
            view=finding_view(f),
            reason=gettext(reasons[f.decided]) if f.decided in reasons else "",
            verdict=self.verdicts.get(f.key, cleared),
        )

    def _note(self, n: Noted) -> DeskNote:
        number = self.numbers.get(n.key, 0)
        kind = "look" if n.look else "unique"
        return DeskNote(number, kind, desk_words.note(n.rule), n.before, n.found, n.after)


def _statement(case: Case) -> tuple[tuple[str, str], ...]:
    lines = []
    for asked in SAFETY.fields:
        value = case.safety.statement.get(asked.key)
        if value is not None:
            labels = {o.value: o.label for o in asked.options}
            lines.append((gettext(asked.label), gettext(labels[value])))
    return tuple(lines)
