"""What a session forgets when it is wrapped (domain.md §10.1).

The room log keeps who did what and when: fidelity and reactions are counted from it. Words that
people typed go: notes of hands, and the log's own copy of captured lines, whose text stays where
the letter takes it from.
"""

from collections.abc import Mapping

from server.deid.models import fingerprint

_TYPED = frozenset({"text", "hash", "ruleset"})
"""What screened text looks like in the log: whatever command it stands in, it is found."""


def forget_typed(command: Mapping[str, object], seq: int) -> dict[str, object]:
    """Return log line number `seq` without the words somebody typed.

    In their place stands the line's number, with its own hash: the log can still be folded, and
    two captured lines do not become one. Doing it twice changes nothing.
    """
    return {key: _forgotten(value, seq) for key, value in command.items()}


def _forgotten(value: object, seq: int) -> object:
    if isinstance(value, Mapping):
        if value.keys() == _TYPED:
            erased = f"erased {seq}"
            return {**value, "text": erased, "hash": fingerprint(erased)}
        return forget_typed(value, seq)
    if isinstance(value, list):
        return [_forgotten(part, seq) for part in value]
    return value
