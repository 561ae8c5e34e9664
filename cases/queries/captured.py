"""Captured lines of a case: which stand for themselves, which nobody has taken over yet."""

from collections.abc import Sequence

from cases.rules.advice import Draft
from server.kit.ids import CaptureId
from sessions.api import Capture


def roots(captures: Sequence[Capture]) -> tuple[tuple[Capture, tuple[Capture, ...]], ...]:
    """Return each line that stands for itself with the duplicates merged into it, in order."""
    by_id = {c.id: c for c in captures}

    def root_of(line: Capture) -> CaptureId:
        seen: set[CaptureId] = set()
        while line.merged_into in by_id and line.merged_into not in seen:
            seen.add(line.id)
            line = by_id[line.merged_into]
        return line.id

    return tuple(
        (line, tuple(c for c in captures if c.id != line.id and root_of(c) == line.id))
        for line in captures
        if root_of(line) == line.id
    )


def left_over(captures: Sequence[Capture], draft: Draft | None) -> tuple[Capture, ...]:
    """Return the lines nobody has taken over into the draft yet."""
    taken = {c for item in draft.items for c in item.captures} if draft else set()
    return tuple(line for line, _ in roots(captures) if line.id not in taken)
