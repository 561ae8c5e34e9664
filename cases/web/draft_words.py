"""What drafts say: while they are saved, when two pages differ, and about their earlier texts."""

from cases.rules.drafts import Difference, Origin
from cases.rules.sheet import Part
from cases.web.pages import DifferenceView
from server.edge.i18n import N_, gettext, ngettext
from server.edge.pages import register_notices

register_notices(
    {
        "case_sent_before": N_("This case has been sent already: here is where it stands."),
        "case_not_open": N_("This case is not open for writing now: here is where it stands."),
    }
)

ORIGINS = {
    Origin.AUTO: N_("Saved while you wrote"),
    Origin.SAVED: N_("Saved by you"),
    Origin.ASIDE: N_("Came too late: another device had saved"),
}
"""How a state of a draft came to be."""

_MOST_NAMED = 4


def words() -> dict[str, str]:
    """Return what static/cases/autosave.js says; {when}, {field}, {n} are filled in there."""
    return {
        "kept": gettext("Kept on this device"),
        "saved": gettext("Saved {when}"),
        "partly": gettext("Saved {when}, except for what cannot be read yet: {field}"),
        "held": gettext("On this device only: fix the marked places to save it on the server"),
        "offline": gettext("Offline: kept on this device"),
        "offline_send": gettext(
            "Not sent: there is no connection. Everything is kept on this device. Press the button"
            " again when you are online."
        ),
        "online": gettext("You are online again. Press the button to send."),
        "unsaved": gettext("Not saved on the server: kept on this device. Trying again."),
        "unkept": gettext("Not saved yet. Keep this page open."),
        "clash": gettext("Saved elsewhere: choose"),
        "signed_out": gettext("Signed out: kept on this device until you sign in again"),
        "too_long": gettext("Too long to be saved or sent: shorten the texts. Nothing is lost."),
        "gone": gettext(
            "This case was sent or changed elsewhere. Your text is kept on this device."
        ),
        "sending": gettext("Sending…"),
        "show": gettext("Show"),
        "nothing": gettext("no answer"),
        "taken": gettext("Taken over from the other device."),
        "from": gettext("From {when}. It was never sent."),
    }


def part(found: Part) -> str:
    """Return a piece of an answer in the reader's language."""
    return gettext(found.text) if found.listed and found.text else found.text


def difference(found: Difference) -> DifferenceView:
    """Return a difference ready to be shown."""
    return DifferenceView(
        found.key,
        gettext(found.label).rstrip("?"),
        tuple(", ".join(map(part, line)) for line in found.here),
        tuple(", ".join(map(part, line)) for line in found.there),
    )


def changed(labels: tuple[str, ...] | None) -> str:
    """Return which fields a text changed, the first few by name."""
    if labels is None:
        return gettext("The first text that is kept")
    if not labels:
        return gettext("No change")
    named = [gettext(label).rstrip("?:") for label in labels[:_MOST_NAMED]]
    more = len(labels) - len(named)
    if more:
        named.append(ngettext("one more", "%(num)d more", more) % {"num": more})
    return ", ".join(named)
