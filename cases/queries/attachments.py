"""Reads of attachments: what a person may see of them, and whether a programme takes any."""

from dataclasses import dataclass

from cases.queries.sheets import subject_of
from cases.rules import attachments as rules
from cases.rules.access import Audience, audience, ensure_may_see
from cases.rules.attachments import Attachment, Page, Reading
from cases.rules.models import Case
from cases.store import attachments as files
from cases.store import cases as store
from cases.store.forms import load_setup
from server.files.vault import Stored
from server.files.workshop import missing
from server.kit.actor import Actor
from server.kit.errors import NotFound
from server.kit.ids import ProgrammeId
from server.store.unit import Unit


async def attachments_allowed(unit: Unit, programme: ProgrammeId) -> bool:
    """Say whether a programme takes attachments (domain.md §4.2: off by default).

    The programme's form says so, and the operator has installed what opens files.
    """
    _, setup = await load_setup(unit, programme)
    return setup.attachments and not missing()


@dataclass(frozen=True, slots=True)
class Attached:
    """The attachments of a case as one reader may see them.

    `may_attach`: they may add one now, and `most` tells whether there are as many as may be.
    `checks`: they decide about pages. `allowed`: the programme takes attachments.
    """

    case: Case
    attachments: tuple[Attachment, ...]
    audience: Audience
    is_author: bool
    checks: bool
    allowed: bool
    may_attach: bool
    most: bool

    @property
    def there(self) -> int:
        """How many are there, erased ones apart."""
        return sum(1 for one in self.attachments if one.erased_at is None)

    @property
    def undecided(self) -> int:
        """How many pages nobody has decided about."""
        return sum(1 for one in self.attachments for page in one.pages if page.undecided)


async def attached(unit: Unit, actor: Actor, key: str) -> Attached:
    """Return the attachments of a case; NotFound unless the actor may see the case."""
    case = await store.load(unit, key)
    subject, _ = await subject_of(unit, case)
    ensure_may_see(actor, subject)
    everything = await files.load(unit, case.id)
    allowed = await attachments_allowed(unit, case.programme)
    there = sum(1 for one in everything if one.erased_at is None)
    return Attached(
        case=case,
        attachments=rules.seen_by(actor, subject, everything),
        audience=audience(subject),
        is_author=actor.person == case.author,
        checks=rules.checks(actor, case),
        allowed=allowed,
        may_attach=allowed and rules.may_attach(actor, case) and there < rules.MOST,
        most=there >= rules.MOST,
    )


async def page_to_show(unit: Unit, actor: Actor, key: str, page: str) -> tuple[Case, Page, Stored]:
    """Return a page and where it lies; NotFound unless the actor may look at it now."""
    case = await store.load(unit, key)
    subject, _ = await subject_of(unit, case)
    there, stored = await files.load_page(unit, case.id, page)
    if stored is None or not rules.may_see_page(actor, subject, there):
        raise NotFound
    return case, there, stored


async def progress(unit: Unit, actor: Actor, key: str) -> tuple[int, int]:
    """Return how many pages of a case have been read, and how many there are to read.

    NotFound unless the actor wrote the case or checks it.
    """
    case = await store.load(unit, key)
    if actor.person != case.author and not rules.checks(actor, case):
        raise NotFound
    pages = [
        page
        for one in await files.load(unit, case.id)
        for page in one.pages
        if page.erased_at is None
    ]
    return sum(1 for page in pages if page.reading is not Reading.WAITING), len(pages)
