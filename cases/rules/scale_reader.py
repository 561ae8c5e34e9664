"""Readers of rating scales: questions, or the total alone, by what each scale allows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cases.instruments import pc_ptsd5, phq9, registry
from cases.instruments.base import N_, Instrument
from cases.rules.readers import NOT_LISTED, OUTSIDE, WHOLE_NUMBER, Problem, Read, one

MODES: Final = ("self", "interview")
OLDEST_WEEKS: Final = 520
GATES: Final = ("yes", "no")
FIRST_ONLY: Final = "all_from_first"
"""AUDIT-C: the box that says that question 1 gave all its points."""

Raw = Mapping[str, str | Sequence[str]]


def parts(key: str) -> frozenset[str]:
    """Return the inputs of one instrument: its items, and what stands around them."""
    scale = registry.by_key(key)
    items = {str(item.number) for item in scale.items} if scale.keeps_items else set()
    extra = {"phq9": {"difficulty"}, "pc_ptsd5": {"gate"}, "audit_c": {FIRST_ONLY}}
    return frozenset(items | {"total", "weeks_ago", "mode"} | extra.get(key, set()))


def read(raw: Raw, key: str) -> Read:
    """Read an instrument: all its items or the total alone, with its age in weeks.

    The stored form is `{"items": [points…], "total": sum, "weeks_ago": n, "mode": …}` with the
    versions of text and scoring. Half-filled items are an error and name what is missing. Of
    scales that may not be shown only the total is kept (domain.md §5).
    """
    scale = registry.by_key(key)
    stored: dict[str, Any] = {}
    errors = _gate(raw, stored) if key == pc_ptsd5.scale().key else {}
    if scale.keeps_items and stored.get("gate") != "no":
        errors |= _items(raw, scale, stored)
    errors |= _total(raw, scale, stored)
    if key == "audit_c" and one(raw.get(f"{key}.{FIRST_ONLY}")) == "yes":
        errors |= _first_only(stored)
    errors |= _around(raw, key, stored)
    if not stored:
        return Read(None, errors)
    return Read(stored | scale.versions, errors)


def _gate(raw: Raw, stored: dict[str, Any]) -> dict[str, Problem]:
    """Read the question before the items; "no" gives 0 points whatever else was ticked."""
    typed = one(raw.get("pc_ptsd5.gate"))
    if not typed:
        return {}
    if typed not in GATES:
        return {".gate": NOT_LISTED}
    stored["gate"] = typed
    if typed == "no":
        stored["total"] = 0
    return {}


def _items(raw: Raw, scale: Instrument, stored: dict[str, Any]) -> dict[str, Problem]:
    errors: dict[str, Problem] = {}
    items: list[int | None] = []
    for item in scale.items:
        typed = one(raw.get(f"{scale.key}.{item.number}"))
        allowed = {str(points): points for points in scale.points_of(item)}
        if typed and typed not in allowed:
            errors[f".{item.number}"] = NOT_LISTED
        items.append(allowed.get(typed))
    if all(points is None for points in items):
        if stored.get("gate") == "yes" and not one(raw.get(f"{scale.key}.total")):
            errors[f".{scale.items[0].number}"] = ANSWER_TOO
        return errors
    stored["items"] = items
    if scale.key == "pc_ptsd5" and "gate" not in stored:
        errors[".gate"] = ANSWER_TOO
    missing = [i.number for i, points in zip(scale.items, items, strict=True) if points is None]
    for number in missing:
        errors.setdefault(f".{number}", ANSWER_TOO)
    if not missing:
        stored["total"] = sum(points for points in items if points is not None)
    return errors


ANSWER_TOO: Final = Problem(N_("Answer this one too, or clear the others."))


def _total(raw: Raw, scale: Instrument, stored: dict[str, Any]) -> dict[str, Problem]:
    typed = one(raw.get(f"{scale.key}.total"))
    if not typed:
        return {}
    if not WHOLE_NUMBER.fullmatch(typed) or int(typed) > scale.highest:
        return {".total": Problem(OUTSIDE, {"low": "0", "high": str(scale.highest)})}
    if "total" in stored and int(typed) != stored["total"]:
        differs = N_("The answers add up to %(n)s. Leave the total empty.")
        return {".total": Problem(differs, {"n": str(stored["total"])})}
    if "items" not in stored:
        stored["total"] = int(typed)
    return {}


def _first_only(stored: dict[str, Any]) -> dict[str, Problem]:
    total = stored.get("total")
    if not isinstance(total, int):
        return {}
    if total > 4:
        return {f".{FIRST_ONLY}": Problem(N_("Question 1 gives at most 4 points."))}
    stored[FIRST_ONLY] = True
    return {}


def _around(raw: Raw, key: str, stored: dict[str, Any]) -> dict[str, Problem]:
    """Read what stands around the items: how old, how taken, the unscored question."""
    if not stored:
        return {}
    weeks = one(raw.get(f"{key}.weeks_ago"))
    mode = one(raw.get(f"{key}.mode"))
    difficulty = one(raw.get(f"{key}.difficulty"))
    errors: dict[str, Problem] = {}
    if not weeks:
        errors[".weeks_ago"] = Problem(N_("Say how many weeks ago; 0 is this week."))
    elif not WHOLE_NUMBER.fullmatch(weeks) or int(weeks) > OLDEST_WEEKS:
        errors[".weeks_ago"] = Problem(OUTSIDE, {"low": "0", "high": str(OLDEST_WEEKS)})
    else:
        stored["weeks_ago"] = int(weeks)
    if mode in MODES:
        stored["mode"] = mode
    elif mode:
        errors[".mode"] = NOT_LISTED
    if difficulty in {code for code, _ in phq9.DIFFICULTY} and key == "phq9":
        stored["difficulty"] = difficulty
    elif difficulty:
        errors[".difficulty"] = NOT_LISTED
    return errors


def typed(key: str, stored: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return a stored instrument as the form would have typed it."""
    out: dict[str, str | list[str]] = {}
    for item, points in zip(registry.by_key(key).items, stored.get("items") or (), strict=False):
        if points is not None:
            out[f"{key}.{item.number}"] = str(points)
    if "items" not in stored and "total" in stored and stored.get("gate") != "no":
        out[f"{key}.total"] = str(stored["total"])
    for part in ("weeks_ago", "mode", "difficulty", "gate"):
        if part in stored:
            out[f"{key}.{part}"] = str(stored[part])
    if stored.get(FIRST_ONLY) is True:
        out[f"{key}.{FIRST_ONLY}"] = "yes"
    return out
