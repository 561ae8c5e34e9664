"""What states, audiences and refusals are called on screen."""

from typing import Final

from cases.rules.access import Audience
from cases.rules.fields import Form, Kind
from cases.rules.models import CaseState
from cases.rules.sheet import label_of
from server.deid.words import WORDS
from server.edge import problems
from server.edge.i18n import N_, gettext
from server.edge.pages import register_notices

S = CaseState

STATES: Final = {
    S.DRAFT: (N_("Draft"), "neutral", "pencil"),
    S.PHI_CHECK: (N_("Waiting for the identifier check"), "waiting", "clock"),
    S.SUBMITTED: (N_("Checked, waiting for review"), "waiting", "clock"),
    S.IN_REVIEW: (N_("In review"), "waiting", "clock"),
    S.NEEDS_CHANGES: (N_("Needs changes"), "waiting", "alert"),
    S.ACCEPTED: (N_("Accepted, waiting for a slot"), "accent", "check"),
    S.SCHEDULED: (N_("Scheduled"), "accent", "calendar"),
    S.CONVERTED: (N_("Moved to e-consult"), "neutral", "arrow-right"),
    S.PRESENTED: (N_("Presented"), "done", "check"),
    S.RECS_DRAFTED: (N_("Recommendations in preparation"), "waiting", "clock"),
    S.RECS_ISSUED: (N_("Letter issued"), "done", "check"),
    S.FOLLOWUP_DUE: (N_("Follow-up due"), "waiting", "alert"),
    S.FOLLOWED_UP: (N_("Followed up"), "done", "check"),
    S.CLOSED: (N_("Closed"), "done", "check"),
    S.DECLINED: (N_("Declined"), "neutral", "x"),
    S.WITHDRAWN: (N_("Withdrawn"), "neutral", "undo"),
}
"""State → (words, tone, icon)."""

NEEDS_AUTHOR: Final = frozenset({S.DRAFT, S.NEEDS_CHANGES, S.FOLLOWUP_DUE})

VISIBLE_TO: Final = {
    Audience.AUTHOR: (N_("Visible to: you alone"), N_("Visible to: the author alone")),
    Audience.DESK: (
        N_("Visible to: you, the coordinator and the programme director"),
        N_("Visible to: the author, the coordinator and the programme director"),
    ),
    Audience.HUB: (
        N_("Visible to: you and the hub team; registered colleagues from the session on"),
        N_("Visible to: the author and the hub team; registered colleagues from the session on"),
    ),
    Audience.HUB_ALONE: (
        N_("Visible to: you and the hub team"),
        N_("Visible to: the author and the hub team"),
    ),
    Audience.REGISTERED: (
        N_("Visible to: you, the hub team and registered colleagues"),
        N_("Visible to: the author, the hub team and registered colleagues"),
    ),
}
"""Who can see a case: as the author reads it, and as others do."""

register_notices(
    {
        "case_submitted": N_("Sent. A person at the hub checks your text first."),
        "case_draft_saved": N_("Draft saved. Only you can see it."),
        "case_draft_partly": N_(
            "Draft saved, without the answers that could not be read: look for empty ones."
        ),
        "case_safety_stated": N_("Thank you. The coordinator can see what you did."),
        "case_withdrawn": N_("The case is withdrawn."),
        "case_passed": N_("Passed. It now waits for review."),
        "case_accepted": N_("Accepted. Give it a slot."),
        "case_returned": N_("Sent back. The author sees your words."),
        "case_declined": N_("Declined. The author sees your reason."),
        "case_scheduled": N_("It has a slot."),
        "case_unscheduled": N_("The slot is free again."),
    }
)

problems.register(
    {
        "case.wrong_state": (
            N_("This step does not fit where the case stands"),
            N_("It may have moved on meanwhile. Load the case again to see what is open now."),
        ),
        "case.not_yours_to_do": (
            N_("This step belongs to somebody else"),
            N_("Ask the coordinator of the programme."),
        ),
        "case.own_check": (
            N_("You wrote this case"),
            N_("Another coordinator or the programme director has to check it."),
        ),
        "case.warnings_unresolved": (
            N_("Some findings are not decided"),
            N_("Decide each marked place. If one is an identifier, send the case back."),
        ),
        "case.safety_statement_missing": (
            N_("The safety statement is missing"),
            N_("The author has to say what was done about the danger before you can accept."),
        ),
        "case.incomplete": (
            N_("The form is not complete"),
            N_("Return the case and say what is missing."),
        ),
        "case.not_attested": (
            N_("The statements are not signed"),
            N_("Sign all three statements at the end of the form."),
        ),
        "case.prior_needed": (
            N_("A follow-up continues one of your presented cases"),
            N_("Open that case and choose “Present a follow-up” there."),
        ),
        "case.reason_needed": (
            N_("Say why"),
            N_("Write at least a few words for the author."),
        ),
        "case.erase_unknown": (
            N_("A text you chose is not in this case"),
            N_("Load the page again and mark the texts once more."),
        ),
        "case.other_programme": (
            N_("That session belongs to another programme"),
            N_("Choose one of the free slots shown."),
        ),
        "case.text_changed": (
            N_("The stored text is not the one that was checked"),
            N_("Nobody can use this version. Tell the operator of the platform."),
        ),
    }
)


def state(case_state: CaseState) -> tuple[str, str, str]:
    """Return (words, tone, icon) of a state."""
    words, tone, icon = STATES[case_state]
    return gettext(words), tone, icon


def visible_to(audience: Audience, *, is_author: bool) -> str:
    """Return the line that says who can see a case."""
    return gettext(VISIBLE_TO[audience][0 if is_author else 1])


def _is_statement(form: Form, path: str) -> bool:
    return any(f.key == path and f.kind is Kind.CONFIRM for f in form.fields())


def input_label(form: Form, path: str) -> str:
    """Return what an input of the form is called: `Medicines now, row 2: Dose`."""
    label, number, column = label_of(form, path)
    if number is None:
        # Statements are too long for a list of errors; questions lose their mark before a colon.
        return gettext("Statement") if _is_statement(form, path) else gettext(label).rstrip("?")
    if not column:
        return gettext("%(label)s, question %(n)d") % {"label": gettext(label), "n": number}
    return gettext("%(label)s, row %(n)d: %(column)s") % {
        "label": gettext(label),
        "n": number,
        "column": gettext(column),
    }


def form_words() -> dict[str, str]:
    """Return what static/cases/form.js says; {n}, {all}, {when} are filled in there."""
    return {
        "kept": gettext("Kept on this device"),
        "check": gettext("Check this value: is it right?"),
        "missing": gettext("{n} of {all} answered"),
        "complete": gettext("complete"),
        "from": gettext("From {when}. It was never sent."),
    }


def check_words() -> dict[str, str]:
    """Return what static/cases/deid-field.js says about findings."""
    return {
        **{category: gettext(words) for category, words in WORDS.items()},
        "replace": gettext("Replace with “%(words)s”"),
        "remove": gettext("Take it out"),
        "show": gettext("Show in the text"),
        "label": gettext("Possible identifiers in this text"),
        "one": gettext("One place in this text may identify the person."),
        "many": gettext("%(num)s places in this text may identify the person."),
        "none": gettext("No identifier found in this text any more."),
    }
