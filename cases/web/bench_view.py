"""Turns the drafting bench into its page: every word in the reader's language."""

from typing import Any

from cases.queries.advice import Workbench
from cases.rules import advice, advice_access, letter
from cases.rules import recommendations as rules
from cases.rules.advice import Content, Draft, Recommendation, Stage
from cases.rules.recommendations import TABLE, Deed, Hand
from cases.web import advice_words as words
from cases.web.advice_forms import Typed
from cases.web.advice_pages import (
    ItemFields,
    ItemView,
    LineView,
    Lists,
    PersonView,
    RecommendPage,
    VoiceView,
)
from cases.web.words import check_words
from cases.web.words import state as case_state
from server.edge.i18n import gettext
from sessions.api import Capture

_SHORT = 70


def lists() -> Lists:
    """Return the choices of an item's form."""
    return Lists(
        areas=words.choices(words.AREAS),
        strengths=words.choices(words.STRENGTHS),
        evidence=words.choices(words.EVIDENCE),
        roles=words.choices(words.ROLES),
        frames=words.choices(words.FRAMES),
        steps=words.step_choices(),
        cautions=words.choices(words.CAUTIONS),
    )


def page_of(found: Workbench, typed: Typed) -> RecommendPage:
    """Return the drafting page, with what was typed and could not be kept."""
    draft, case, who = found.draft, found.case, found.who
    stage = draft.stage if draft else Stage.WRITING
    state, tone, icon = case_state(case.state)
    if draft is not None:
        label, tone, icon = words.STAGES[stage]
        state = gettext(label)
    editable = found.presented and stage in advice.OPEN
    live = draft.live if draft else ()
    aside = tuple(i for i in draft.items if not i.is_live) if draft else ()
    signer = bool(who & {Hand.DIRECTOR, Hand.DELEGATE})
    return RecommendPage(
        case_no=case.case_no,
        programme=found.programme.name,
        programme_id=case.programme,
        question=case.main_question,
        state=state,
        tone=tone,
        icon=icon,
        stage=stage.value if draft else "",
        presented=found.presented,
        written=case.converted_at is not None,
        revision=draft.revision if draft else 0,
        left=tuple(_line(line, found) for line in found.left),
        items=tuple(_item(i, found, typed, editable=editable) for i in live),
        aside_items=tuple(_item(i, found, typed, editable=editable) for i in aside),
        new=_new(found, typed) if editable else None,
        lists=lists(),
        summary=_note(draft, typed, "summary"),
        watch_for=_note(draft, typed, "watch_for"),
        watch_for_default=gettext(letter.WATCH_FOR),
        comment=draft.comment if draft else "",
        amend_reason=draft.amend_reason if draft else "",
        last_version=found.last_version,
        can_edit=editable and Hand.SCRIBE in who,
        can_send=editable
        and stage is Stage.WRITING
        and not signer
        and bool(live)
        and Hand.COORDINATOR in who,
        can_sign=editable and signer and bool(live),
        can_send_back=stage is Stage.REVIEW and signer,
        can_amend=stage is Stage.SIGNED and signer,
        delegates=tuple(PersonView(c.id, c.label) for c in found.delegates),
        specialists=tuple((c.id, c.label) for c in found.specialists),
        can_name=Hand.DIRECTOR in who,
        form=typed.form,
        typed=typed.values,
        errors=typed.errors,
        summary_errors={
            (typed.form + name if typed.form.endswith("-") else name): sentence
            for name, sentence in typed.errors.items()
        },
        check_words=check_words(),
    )


def _note(draft: Draft | None, typed: Typed, name: str) -> str:
    if typed.form == "notes":
        return str(typed.values.get(name, ""))
    return getattr(draft, name) if draft else ""


def _voice(found: Workbench, person: str, lane: str, at_ms: int | None) -> VoiceView:
    card = next((c for pid, c in found.cards.items() if pid == person), None)
    name = card.label if card else gettext("Somebody who has left")
    return VoiceView(name, lane, letter.mm_ss(at_ms))


def _line(line: Capture, found: Workbench) -> LineView:
    return LineView(
        text=line.text,
        area=words.area(line.problem_area.value),
        voice=_voice(found, line.speaker, line.lane.value, line.at_ms),
    )


def _may(item: Recommendation, deed: Deed, found: Workbench) -> bool:
    row = TABLE.get((item.state, deed))
    return row is not None and bool(row.who & found.who)


def _item(item: Recommendation, found: Workbench, typed: Typed, *, editable: bool) -> ItemView:
    content = item.content
    label, tone, icon = words.ITEM_STATES[item.state]
    others = found.draft.live if found.draft else ()
    merges = editable and _may(item, Deed.MERGE, found)
    speakers = [said.person for said in item.said]
    writes = advice_access.may_write(found.who, found.answers, speakers)
    return ItemView(
        id=item.id,
        version=item.version,
        text=content.text,
        area=words.area(content.problem_area.value),
        meta=words.item_meta(
            content.strength.value,
            content.evidence.value,
            content.role.value,
            content.time_frame.value,
            content.step,
        ),
        rationale=content.rationale,
        cautions=words.cautions(c.value for c in content.cautions),
        state=gettext(label),
        tone=tone,
        icon=icon,
        voices=tuple(_voice(found, s.person, s.lane.value, s.at_ms) for s in item.said),
        doubts=tuple(
            (d.found, words.identifier(d.category)) for d in found.doubts.get(item.id, ())
        ),
        missing=tuple(gettext(key) for key in rules.problems(content).values())
        if item.is_live
        else (),
        drop_reason=item.drop_reason,
        fields=_fields(item, typed) if editable and item.is_live and writes else None,
        can_drop=editable and _may(item, Deed.DROP, found),
        can_restore=editable and _may(item, Deed.RESTORE, found),
        merge_into=tuple((o.id, _short(o.content.text)) for o in others if o.id != item.id)
        if merges
        else (),
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"


def _values(content: Content) -> dict[str, Any]:
    return {
        "text": content.text,
        "problem_area": content.problem_area.value,
        "strength": content.strength.value,
        "evidence": content.evidence.value,
        "role": content.role.value,
        "time_frame": content.time_frame.value,
        "step": str(content.step),
        "rationale": content.rationale,
        "citation_title": content.citation_title,
        "citation_year": "" if content.citation_year is None else str(content.citation_year),
        "citation_link": content.citation_link,
        "cautions": [c.value for c in content.cautions],
        "speaker": "",
        "said_at": "",
    }


def _typed_over(values: dict[str, Any], typed: Typed) -> dict[str, Any]:
    """Return the values with what was typed; a single tick arrives as a bare text.

    What no page sends (a number, nothing) ticks nothing.
    """
    again = {k: v for k, v in typed.values.items() if k in values}
    ticked = typed.values.get("cautions", [])
    again["cautions"] = [ticked] if isinstance(ticked, str) else ticked
    if not isinstance(again["cautions"], list):
        again["cautions"] = []
    return values | again


def _fields(item: Recommendation, typed: Typed) -> ItemFields:
    prefix = f"{item.id}-"
    mine = typed.form == prefix
    values = _values(item.content)
    return ItemFields(
        prefix=prefix,
        action=f"{item.id}/save",
        version=item.version,
        values=_typed_over(values, typed) if mine else values,
        errors=typed.errors if mine else {},
        speakers=(),
    )


def _new(found: Workbench, typed: Typed) -> ItemFields:
    mine = typed.form == "new-"
    values = _values(advice.suggested("", advice.ProblemArea.MEDICINE))
    values["speaker"] = found.answers or ""
    return ItemFields(
        prefix="new-",
        action="add",
        version=0,
        values=_typed_over(values, typed) if mine else values,
        errors=typed.errors if mine else {},
        speakers=tuple(
            (m.card.id, m.card.label)
            for m in found.speakers
            if advice_access.may_write(found.who, found.answers, [m.card.id])
        ),
    )
