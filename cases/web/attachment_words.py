"""What attachments, their findings and their refusals are called on screen."""

from typing import Final

from cases.rules.access import Audience
from cases.web import words
from server.edge import problems
from server.edge.i18n import N_, gettext
from server.edge.pages import register_notices

SPOTS: Final = {
    "name": N_("Looks like a name"),
    "geography": N_("Looks like a place or a facility"),
    "date": N_("Looks like a date"),
    "age_over_89": N_("Looks like an age over 89"),
    "phone": N_("Looks like a telephone number"),
    "fax": N_("Looks like a fax number"),
    "email": N_("Looks like an e-mail address"),
    "ssn": N_("Looks like a social security number"),
    "mrn": N_("Looks like a record number"),
    "plan": N_("Looks like a plan number"),
    "account": N_("Looks like an account number"),
    "license": N_("Looks like a licence number"),
    "vehicle": N_("Looks like a number plate"),
    "device": N_("Looks like a serial number"),
    "url": N_("Looks like a web address"),
    "ip": N_("Looks like a network address"),
    "biometric": N_("Looks like a biometric mark"),
    "photo": N_("Looks like a picture of a person"),
    "other": N_("Could identify the person"),
}
"""What the identifier check saw in a line of a page, by category."""

_HUB: Final = N_("Approved pages are visible to the hub team, the others to those who check")

VISIBLE: Final = {
    Audience.HUB: _HUB,
    Audience.HUB_ALONE: _HUB,
    Audience.REGISTERED: N_(
        "Approved pages are visible to everybody who may read the case, the others to those who"
        " check"
    ),
}
"""Who can see the pages, where that is not who can see the case."""

register_notices(
    {
        "attachment_added": N_("Attached. Its pages are being checked."),
        "attachment_removed": N_("Erased for good."),
        "page_approved": N_("Approved. Whoever may read the case can see this page."),
        "page_refused": N_("Refused, and erased for good."),
        "page_blackened": N_("Blacked out for good."),
    }
)

problems.register(
    {
        "file.empty": (
            N_("No file came along"),
            N_("Choose a PDF, PNG or JPEG file and send it again."),
        ),
        "file.too_large": (
            N_("The file is larger than 5 MB"),
            N_("Take the picture with fewer pixels, or send only the pages that matter."),
        ),
        "file.dicom": (
            N_("DICOM files are not taken"),
            N_(
                "They carry the person's name and numbers inside. Save the one picture that"
                " matters as PNG, without the writing around it, and attach that."
            ),
        ),
        "file.heic": (
            N_("This is a HEIC picture, which few programs can open"),
            N_(
                "On an iPhone choose Settings, Camera, Formats, Most compatible; or take a"
                " screenshot of the picture and attach that."
            ),
        ),
        "file.kind": (
            N_("Only PDF, PNG and JPEG files can be attached"),
            N_("Save or print it as one of these and attach that."),
        ),
        "file.extension": (
            N_("The file is not what its name says"),
            N_("Its name must end in .pdf, .png or .jpg, as fits what is inside."),
        ),
        "file.two_in_one": (
            N_("This file is two kinds of file at once"),
            N_("Open it, save it again as a plain picture or PDF, and attach that."),
        ),
        "file.animated": (
            N_("This picture moves"),
            N_("Save the one picture that matters and attach that."),
        ),
        "file.too_many_pixels": (
            N_("This picture has too many pixels"),
            N_("At most 50 million, and 16,384 on a side. Save it smaller and attach that."),
        ),
        "file.too_many_pages": (
            N_("This PDF has more than 10 pages"),
            N_("Print the pages that matter into a new PDF and attach that."),
        ),
        "file.locked": (
            N_("This PDF is locked with a password"),
            N_("Print it into a new PDF without a password and attach that."),
        ),
        "file.unreadable": (
            N_("This file cannot be opened"),
            N_("It may be damaged. Open it, save it again and attach that."),
        ),
        "file.too_heavy": (
            N_("Opening this file took too long or too much memory"),
            N_("Nothing of it was kept. Attach a picture of the page that matters instead."),
        ),
        "attachment.off": (
            N_("This programme takes no attachments"),
            N_("Write what matters into the form, or ask the coordinator."),
        ),
        "attachment.closed": (
            N_("Files can be attached until the case has been checked"),
            N_("Ask the coordinator to send the case back if a file is needed."),
        ),
        "attachment.most": (
            N_("A case has three attachments at most"),
            N_("Take one away first."),
        ),
        "attachment.share": (
            N_("Your attachments take up all the room there is for you"),
            N_("Take away some that are no longer needed."),
        ),
        "attachment.erased": (
            N_("This page has been erased"),
            N_("Load the page again to see what is still there."),
        ),
        "attachment.being_read": (
            N_("This page is still being checked"),
            N_("Wait until its check is over, then decide."),
        ),
        "attachment.lines_left": (
            N_("Marked lines are left on this page"),
            N_("Black them out, or say that you have looked at each of them."),
        ),
        "attachment.reason": (
            N_("Say why the page is refused"),
            N_("Choose one of the reasons. The author sees it."),
        ),
        "attachment.box": (
            N_("Nothing of that rectangle lies on the page"),
            N_("Give its place in percent of the page: left, top, width and height."),
        ),
        "attachment.shows": (
            N_("Say what the file shows"),
            N_("Choose one of the list."),
        ),
        "case.pages_undecided": (
            N_("Some attached pages are not decided"),
            N_("Approve or refuse each page first."),
        ),
    }
)


def spot(category: str) -> str:
    """Return what was seen in a line of a page."""
    return gettext(SPOTS.get(category, SPOTS["other"]))


def visible_to(audience: Audience, *, is_author: bool) -> str:
    """Return the line that says who can see the pages."""
    if audience in VISIBLE:
        return gettext(VISIBLE[audience])
    return words.visible_to(audience, is_author=is_author)
