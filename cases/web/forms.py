"""The case form as it was sent, and the small forms beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field as Limits

from cases.commands.submit import Written
from server.edge.forms import LARGEST_INT, BadRequest, Form, raw_fields


class VersionForm(Form):
    """A button on a case: which state of it the person was looking at."""

    row_version: Annotated[int, Limits(ge=1, le=LARGEST_INT)]


class WithdrawForm(VersionForm):
    """Taking a case back; `erase` at once when an identifier slipped through."""

    erase: Literal["yes", ""] = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """One POST of the case form."""

    written: Written
    action: str
    fix: str
    row_version: int
    case_type: str
    prior: str
    writer: str
    """The random name of the page; empty when a program sends."""
    sequence: int
    """The number the page gave to this save; 0 for the buttons."""


_WRITER = re.compile("[A-Za-z0-9_-]{16,40}")
_MILLIONS = re.compile("[0-9]{1,9}")
"""Nine digits fit into what a number is stored in; more would fail there or in reading them."""


async def read_case_form(request: web.Request) -> Sent:
    """Read the form as sent; raises BadRequest for keys that are none of its own kinds."""
    fields = await raw_fields(request)
    raw: dict[str, str | Sequence[str]] = {}
    decided: dict[str, str] = {}
    around = {
        "action": "submit",
        "fix": "",
        "row_version": "0",
        "case_type": "new",
        "prior": "",
        "form": "",
        "writer": "",
        "sequence": "0",
    }
    for key, value in fields.items():
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            raw[key] = value
        elif not isinstance(value, str):
            raise BadRequest
        elif key in around:
            around[key] = value
        elif key.startswith("decide."):
            decided[key.removeprefix("decide.")] = value
        else:
            raw[key] = value
    version, sequence = around["row_version"], around["sequence"]
    if (
        not (_MILLIONS.fullmatch(version) and _MILLIONS.fullmatch(sequence))
        or not (around["writer"] == "" or _WRITER.fullmatch(around["writer"]))
        or any(isinstance(raw.get(k), list) for k in around)
    ):
        raise BadRequest
    return Sent(
        Written(raw, decided, around["form"]),
        around["action"],
        around["fix"],
        int(version),
        around["case_type"],
        around["prior"],
        around["writer"],
        int(sequence),
    )
