"""Who is told what by mail: a case number and a link, never a word of the case (security.md 34)."""

from dataclasses import dataclass

from cases.events import (
    CaseConverted,
    CaseErased,
    CaseReturned,
    CaseScheduled,
    CaseSubmitted,
    CaseUnscheduled,
    EConsultAsked,
    EConsultLate,
    FollowUpAsked,
    RecommendationsSigned,
)
from cases.rules import placing
from cases.rules.placing import Lost
from server.edge.i18n import gettext
from server.kit.ids import PersonId, ProgrammeId
from server.people import api as people
from server.store import mails
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class _News:
    """One piece of news; `about` makes the message id, so that a repetition is recognised."""

    about: str
    subject: str
    sentence: str
    path: str


class Notices:
    """Handlers that queue letters in the transaction of the event they tell of."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    async def on_case_submitted(self, unit: Unit, event: CaseSubmitted) -> None:
        """Tell the coordinators that a case waits for its check."""
        news = _News(
            f"submitted.{event.case_id}.{event.content_version}",
            gettext("%(case)s waits for its check") % {"case": event.case_no},
            gettext("A case was sent in and waits for the identifier check."),
            f"/cases/{event.case_no}/review",
        )
        for card in await people.coordinators_of(unit, ProgrammeId(event.programme_id)):
            await self._tell(unit, card.id, news)

    async def on_case_returned(self, unit: Unit, event: CaseReturned) -> None:
        """Tell the author that the coordinator wrote."""
        news = _News(
            f"{event.outcome}.{event.case_id}.{event.content_version}",
            gettext("The coordinator wrote about %(case)s") % {"case": event.case_no},
            gettext("Something in it could identify the person: write that part anew.")
            if event.outcome == "recalled"
            else gettext("Your case came back with a comment."),
            f"/cases/{event.case_no}",
        )
        await self._tell(unit, event.author_id, news)

    async def on_case_scheduled(self, unit: Unit, event: CaseScheduled) -> None:
        """Tell the author that the case has a slot."""
        news = _News(
            f"scheduled.{event.case_id}.{event.row_version or event.session_id}",
            gettext("%(case)s has a slot") % {"case": event.case_no},
            gettext("Your case is on the agenda of a session."),
            f"/sessions/{event.session_id}",
        )
        await self._tell(unit, event.author_id, news)

    async def on_case_unscheduled(self, unit: Unit, event: CaseUnscheduled) -> None:
        """Tell the presenter and the coordinators that a case has lost its slot, and how."""
        about = f"unscheduled.{event.case_id}.{event.row_version}"
        subject = gettext("%(case)s has no slot any more") % {"case": event.case_no}
        how = gettext(placing.HOW[Lost(event.reason)])
        waits = gettext("It stays accepted and waits for another slot.")
        news = _News(about, subject, f"{how}\n{waits}", f"/cases/{event.case_no}")
        await self._tell(unit, event.author_id, news)
        place = gettext("It stays accepted: give it another slot.")
        news = _News(about, subject, f"{how}\n{place}", f"/cases/{event.case_no}/review")
        for card in await people.coordinators_of(unit, ProgrammeId(event.programme_id)):
            if card.id != event.author_id:
                await self._tell(unit, card.id, news)

    async def on_case_converted(self, unit: Unit, event: CaseConverted) -> None:
        """Tell the author that the case is answered in writing."""
        news = _News(
            f"converted.{event.case_id}",
            gettext("%(case)s is answered in writing") % {"case": event.case_no},
            gettext(
                "No session has room for your case in time. Specialists of the hub were asked to"
                " answer it in writing, within 72 hours."
            ),
            f"/cases/{event.case_no}",
        )
        await self._tell(unit, event.author_id, news)

    async def on_econsult_asked(self, unit: Unit, event: EConsultAsked) -> None:
        """Ask a specialist for a written answer."""
        news = _News(
            f"econsult.{event.case_id}",
            gettext("%(case)s waits for your answer") % {"case": event.case_no},
            gettext(
                "No session has room for this case in time. Write what you recommend, within"
                " 72 hours of its move; the director signs the letter."
            ),
            f"/cases/{event.case_no}",
        )
        await self._tell(unit, event.person_id, news)

    async def on_econsult_late(self, unit: Unit, event: EConsultLate) -> None:
        """Tell who signs, or who was asked, that an e-consult is not answered in time."""
        if event.signs:
            subject = gettext("%(case)s has no answer after 72 hours")
            sentence = gettext(
                "Specialists were asked to answer this case in writing; its presenter has no letter"
                " yet. See what is written and who was asked; you can ask others, too."
            )
        else:
            subject = gettext("%(case)s still waits for your answer")
            sentence = gettext(
                "You were asked to answer this case in writing, and the 72 hours are over. Write"
                " what you recommend; the director signs the letter."
            )
        news = _News(
            f"econsult_late.{event.case_id}",
            subject % {"case": event.case_no},
            sentence,
            f"/cases/{event.case_no}",
        )
        await self._tell(unit, event.person_id, news)

    async def on_case_erased(self, unit: Unit, event: CaseErased) -> None:
        """Tell the presenter that the text of a case is gone."""
        news = _News(
            f"erased.{event.case_id}.{event.row_version}",
            gettext("The text of %(case)s was erased") % {"case": event.case_no},
            gettext("Something in it could identify the person. A mark that it existed remains."),
            f"/cases/{event.case_no}",
        )
        await self._tell(unit, event.author_id, news)

    async def on_recommendations_signed(self, unit: Unit, event: RecommendationsSigned) -> None:
        """Tell the author that the letter can be read."""
        news = _News(
            f"signed.{event.case_id}.{event.letter_version}",
            gettext("The letter for %(case)s is signed") % {"case": event.case_no},
            gettext("The hub signed its recommendations."),
            f"/cases/{event.case_no}/letter",
        )
        await self._tell(unit, event.author_id, news)

    async def on_follow_up_asked(self, unit: Unit, event: FollowUpAsked) -> None:
        """Ask the author what became of the recommendations."""
        news = _News(
            f"follow_up.{event.case_id}.{event.round}.{event.number}",
            gettext("How did it go? %(case)s") % {"case": event.case_no},
            gettext(
                "Some time has passed since the letter. Say of each recommendation what became of"
                " it: the hub learns from what worked and what did not."
            ),
            f"/cases/{event.case_no}",
        )
        await self._tell(unit, event.author_id, news)

    async def _tell(self, unit: Unit, person: str, news: _News) -> None:
        """Queue one letter; the only place that does. Closed accounts get none."""
        card = await people.card(unit, PersonId(person))
        if card is None or await people.actor(unit, card.id) is None:
            return
        text = f"{news.sentence}\n\n{self._origin}{news.path}\n"
        mail = mails.QueuedMail(f"{news.about}.{card.id}", card.email, news.subject, text)
        await mails.queue(unit, mail)
