"""The join ticket: 60 seconds to get from the page into the room, signed by this server.

It carries the actor's snapshot (who, roles as duties, lane), so that the socket needs no second
reading of roles; the socket still checks that the sign-in is alive and belongs to the same person.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.kit.actor import Actor, Lane
from server.kit.errors import Gone
from server.kit.ids import PersonId, ProgrammeId, SeatId, SessionId
from sessions.live.messages import Card, Duty
from sessions.rules import access

LIFETIME = timedelta(seconds=60)
_PURPOSE = b"live-ticket\x00"
_MAX = 4096


class BadTicket(Gone):
    """The ticket is old, forged or for another person; a fresh one comes from the live page."""

    default_code = "room.ticket_expired"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may sit down where until when; `seat` is new with every ticket."""

    session: SessionId
    programme: ProgrammeId
    seat: SeatId
    card: Card
    issued_at: datetime


def sign(key: bytes, ticket: Ticket) -> str:
    """Return the ticket as text, signed with HMAC-SHA256 under `key`."""
    body = json.dumps(
        {
            "session": ticket.session,
            "programme": ticket.programme,
            "seat": ticket.seat,
            "at": ticket.issued_at.timestamp(),
            "person": ticket.card.person,
            "name": ticket.card.name,
            "site": ticket.card.site,
            "lane": ticket.card.lane.value,
            "duties": sorted(duty.value for duty in ticket.card.duties),
        },
        separators=(",", ":"),
    ).encode()
    return f"{_text(body)}.{_text(_mac(key, body))}"


def read(key: bytes, text: str, now: datetime) -> Ticket:
    """Return the ticket; raises BadTicket when it is not ours or older than LIFETIME."""
    body_text, _, mac_text = text.partition(".")
    if len(text) > _MAX:
        raise BadTicket
    try:
        body, mac = _bytes(body_text), _bytes(mac_text)
    except ValueError:
        raise BadTicket from None
    if not hmac.compare_digest(mac, _mac(key, body)):
        raise BadTicket
    data = json.loads(body)  # ours: the signature fits
    issued_at = datetime.fromtimestamp(data["at"], tz=now.tzinfo)
    if not timedelta(0) <= now - issued_at <= LIFETIME:
        raise BadTicket
    return Ticket(
        session=SessionId(data["session"]),
        programme=ProgrammeId(data["programme"]),
        seat=SeatId(data["seat"]),
        card=Card(
            person=PersonId(data["person"]),
            name=data["name"],
            site=data["site"],
            lane=Lane(data["lane"]),
            duties=frozenset(Duty(duty) for duty in data["duties"]),
        ),
        issued_at=issued_at,
    )


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + body, hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(
        text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
    )


def duties_of(actor: Actor, programme: ProgrammeId) -> frozenset[Duty]:
    """Return what the actor's roles amount to in a room of `programme` (domain.md §2).

    Whoever may capture may speak: staff, specialists, spokes and advisers. Everybody else who may
    come in listens.
    """
    duties = set()
    if access.may_facilitate(actor, programme):
        duties.add(Duty.RUN)
    if access.may_capture(actor, programme):
        duties |= {Duty.SPEAK, Duty.CAPTURE}
    if not duties:
        duties.add(Duty.LEARN)
    return frozenset(duties)
