"""What a captured line must be, and what merging two of them means (domain.md §3, live capture)."""

from dataclasses import replace

from server.kit.errors import Conflict, Invalid
from sessions.rules.models import Capture, ItemKind, Session

LINE_MAX = 600
"""Longest captured line, in characters: what a recommendation may hold (domain.md §6.1)."""


def check_text(text: str) -> None:
    """Raise Invalid unless `text` is one line of 1 to 600 characters."""
    if not text.strip():
        raise Invalid("invalid", {"text": "required"})
    if len(text) > LINE_MAX:
        raise Invalid("invalid", {"text": "too_long"})
    if not text.isprintable():
        raise Invalid("invalid", {"text": "capture.one_line"})


def check_place(session: Session, capture: Capture) -> None:
    """Raise unless the line belongs to a case slot of this session, at a time on its clock."""
    item = session.item(capture.item)
    if item is None or item.kind is not ItemKind.CASE_SLOT:
        raise Conflict("capture.no_case")
    if capture.at_ms < 0:
        raise Invalid("invalid", {"at_ms": "capture.before_case"})


def merge(into: Capture, duplicate: Capture) -> Capture:
    """Return the duplicate as an attribution of `into`; both lines stay stored.

    Raises Conflict `capture.merge` unless both are lines of one case and neither is merged yet.
    """
    if into.id == duplicate.id or into.item != duplicate.item:
        raise Conflict("capture.merge")
    if into.merged_into is not None or duplicate.merged_into is not None:
        raise Conflict("capture.merge")
    return replace(duplicate, merged_into=into.id)
