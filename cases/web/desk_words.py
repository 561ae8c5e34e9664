"""What the review desk says: the clock, the marks, the second reader, its refusals."""

from typing import Final

from cases.rules import passes, placing
from cases.rules.models import Case, CaseState
from cases.rules.passes import Standing
from cases.rules.placing import Lost
from cases.rules.turnaround import Due, Pace
from cases.web.desk_pages import BadgeView
from server.edge import problems
from server.edge.i18n import N_, gettext
from server.edge.pages import register_notices
from server.edge.times import short_day

NOTES: Final = {
    "unique.only": N_("“The only one” can single a person out."),
    "unique.first": N_("“The first” can single a person out."),
    "unique.multiple": N_("Twins and triplets are few."),
    "unique.news": N_("What was in the news can be looked up."),
    "unique.job": N_("Few people have this work."),
    "unique.fame": N_("A person whom many know."),
    "look.name": N_("May be a name."),
    "look.place": N_("May be a place."),
    "look.employer": N_("May be an employer."),
}
"""What a note means, by its rule."""

_UNIQUE: Final = N_("May single the person out.")

register_notices(
    {
        "case_passed_again": N_("Noted: you have read it and passed it."),
        "case_purged": N_("Refused. Every text of it is erased; the author sees your reason."),
        "case_recalled": N_("Called back. What you marked is erased; the author writes it anew."),
        "case_erased": N_(
            "Erased. The presenter is told; what remains is a mark that it existed."
        ),
        "case_converted": N_("Moved to e-consult. Those you chose are asked by mail."),
        "econsult_asked": N_("Asked by mail, with a link and no word of the case."),
        "case_copied": N_(
            "A new draft with what you wrote then. Look through it before you send it."
        ),
        "case_copied_partly": N_(
            "A new draft, without texts that hold an identifier by the rules of today."
        ),
    }
)

problems.register(
    {
        "case.second_reader_missing": (
            N_("A second person has to pass this case"),
            N_("Ask a colleague of the desk to open it: the coordinator or the director."),
        ),
        "case.older_rules": (
            N_("It was checked with older rules"),
            N_("Look at it again with the rules of today, pass it, and go on."),
        ),
        "case.passed_already": (
            N_("You have passed this case"),
            N_("It waits for somebody else now: one person cannot be two pairs of eyes."),
        ),
        "case.mark_unknown": (
            N_("That reason for a second reader is not known here"),
            N_("Load the page again and choose one of those shown."),
        ),
        "case.text_erased": (
            N_("The text of this case is erased"),
            N_("Call it back, so that the author can write it anew."),
        ),
        "case.session_running": (
            N_("This case is being presented, or just was"),
            N_("Load the page again: what can be done now stands there."),
        ),
        "case.session_not_live": (
            N_("This case waits for its session"),
            N_("Call it back to its author instead."),
        ),
        "case.not_convertible": (
            N_("This case can be presented in time"),
            N_("Only a case called soon, with no free slot within 14 days, moves to e-consult."),
        ),
        "case.specialists": (
            N_("Nobody is chosen who could answer"),
            N_("Choose one to three specialists of the hub."),
        ),
        "case.comment_unknown": (
            N_("A comment is about an answer that is not in this case"),
            N_("Choose the answer you mean."),
        ),
    }
)


REFUSED: Final = {
    "case.reason_needed": N_("Write at least a few words for the author."),
    "case.words_long": N_("That is too long: at most 1,000 characters."),
    "case.comment_unknown": N_("Choose the answer you mean."),
    "case.nothing_erased": N_("Mark the texts that hold the identifier."),
    "case.erase_reason": N_("Say what was found."),
    "case.specialists": N_("Choose one to three specialists of the hub."),
}
"""What is said at the input that was refused."""


def lost(case: Case) -> str:
    """Return how an accepted case lost the slot it had, as a sentence, or nothing."""
    if case.state is not CaseState.ACCEPTED or not case.lost_slot:
        return ""
    return gettext(placing.HOW[Lost(case.lost_slot)])


def note(rule: str) -> str:
    """Return what a note means; rules may know more cues than this table."""
    return gettext(NOTES.get(rule, _UNIQUE))


def due(clock: Due | None) -> tuple[BadgeView, ...]:
    """Return the desk's clock of a case: `Due Wed 25 Nov`, and in words when it is late."""
    if clock is None:
        return ()
    day = {"day": short_day(clock.day)}
    if clock.pace is Pace.VERY_LATE:
        return (BadgeView(gettext("Very late: was due %(day)s") % day, "danger", "alert"),)
    if clock.pace is Pace.LATE:
        return (BadgeView(gettext("Late: was due %(day)s") % day, "waiting", "alert"),)
    label = gettext("Due today") if clock.today else gettext("Due %(day)s") % day
    return (BadgeView(label, "neutral", "clock"),)


def standing_badges(standing: Standing | None, reasons: tuple[str, ...]) -> tuple[BadgeView, ...]:
    """Return what is still missing before a case may go on; nothing once it is enough."""
    if standing is not None and standing.older_rules:
        label = gettext("Checked with older rules: look again")
        return (BadgeView(label, "waiting", "refresh"),)
    if reasons and (standing is None or not standing.complete):
        done = len(standing.passed) if standing else 0
        label = gettext("%(done)d of 2 people have passed it") % {"done": done}
        return (BadgeView(label, "waiting", "users"),)
    return ()


def second(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Return the reasons for a second reader in words."""
    return tuple(gettext(passes.REASONS[code]) for code in reasons)


def desk_words() -> dict[str, str]:
    """Return what static/cases/review.js says; {n}, {all} are filled in there."""
    return {
        "progress": gettext("{n} of {all} looked at"),
        "done": gettext("All {all} looked at. p goes to the decision."),
        "clear": gettext("Identifies nobody."),
        "identifier": gettext("It is an identifier."),
        "look_on": gettext("Second look shown."),
        "look_off": gettext("Second look hidden."),
    }
