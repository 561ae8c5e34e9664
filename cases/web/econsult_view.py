"""Draws an e-consult: its clock, and who was asked to answer."""

from datetime import datetime

from cases.queries.econsults import EConsult
from cases.rules import econsult
from cases.rules.models import Case
from cases.web import desk_words
from cases.web.desk_pages import EConsultView
from server.edge.i18n import gettext
from server.edge.times import describe
from server.kit.actor import Actor


def econsult_view(
    found: EConsult | None, zone: str, actor: Actor, now: datetime, case: Case
) -> EConsultView | None:
    """Return the e-consult of a case for one reader; None when it is none."""
    if found is None or case.converted_at is None:
        return None
    return EConsultView(
        due=(
            describe(econsult.due_at(case.converted_at), zone, actor.zone, now)
            if found.due
            else None
        ),
        badges=desk_words.due(found.due),
        asked=tuple(
            (
                card.label if (card := found.people.get(one.person)) else _gone(),
                describe(one.at, zone, actor.zone, now),
            )
            for one in found.asked
        ),
        able=tuple((card.id, card.label, card.organisation_name) for card in found.able),
    )


def _gone() -> str:
    return gettext("somebody who has left")
