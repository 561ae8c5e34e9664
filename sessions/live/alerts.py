"""The safety buttons. Pure."""

from dataclasses import replace
from datetime import datetime

from server.kit.errors import Conflict
from sessions.live import rights
from sessions.live.effects import Note
from sessions.live.messages import AlertKind, CloseAlert, Duty, RaiseAlert
from sessions.live.state import Alert, Result, Room

OPEN_ALERTS = 50
"""Alerts nobody has dealt with; more would only bury them."""


def raise_alert(room: Room, command: RaiseAlert, now: datetime) -> Result:
    """Call for help; anybody in the room may."""
    rights.here(room, command.by)
    if any(alert.id == command.alert for alert in room.alerts):
        return room, ()
    if len(room.alerts) >= OPEN_ALERTS:
        raise Conflict("room.too_many_alerts")
    alert = Alert(command.alert, command.what, now)
    action = (
        "session.identifier_alert"
        if command.what is AlertKind.IDENTIFIER
        else "session.safety_alert"
    )
    return replace(room, alerts=(*room.alerts, alert)), (Note(action, command.by),)


def close_alert(room: Room, command: CloseAlert) -> Result:
    """Put an alert away."""
    rights.able(room, command.by, Duty.RUN)
    if all(alert.id != command.alert for alert in room.alerts):
        return room, ()
    left = tuple(alert for alert in room.alerts if alert.id != command.alert)
    return replace(room, alerts=left), (Note("session.alert_closed", command.by),)
