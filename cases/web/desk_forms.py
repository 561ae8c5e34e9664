"""The one form of the review page, as sent by any of its buttons.

All that can be typed or chosen there belongs to one form, so that whichever button is pressed, the
server has everything and can draw it again (nothing typed is lost without JavaScript either).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field as Limits

from cases.commands.send_back import Message
from server.edge.forms import LARGEST_INT, BadRequest, FieldErrors, Form, check, raw_fields
from server.kit.errors import Invalid

VERDICT = "verdict."
COMMENT = "comment."

_Typed = Annotated[str, Limits(max_length=20_000)]
"""Longer than what may be sent to an author: a sentence says so, and what was typed stays."""


class DeskForm(Form):
    """What has a fixed name on the review page."""

    row_version: Annotated[int, Limits(ge=1, le=LARGEST_INT)]
    then: Literal["accept", ""] = ""
    without: Literal["pass", "accept", "yes", ""] = ""
    second: list[Annotated[str, Limits(max_length=40)]] = Limits(
        default_factory=list, max_length=20
    )
    erase: list[Annotated[str, Limits(max_length=60)]] = Limits(
        default_factory=list, max_length=300
    )
    words: _Typed = ""
    other_field: Annotated[str, Limits(max_length=60)] = ""
    other_comment: _Typed = ""
    refusal: _Typed = ""
    purge: Literal["yes", ""] = ""
    slot: Annotated[str, Limits(max_length=53, pattern=r"^([0-9a-z]{26}\.[0-9a-z]{26})?$")] = ""
    specialists: list[Annotated[str, Limits(max_length=26, pattern=r"^([0-9a-z]{26})?$")]] = (
        Limits(default_factory=list, max_length=60)
    )
    reason: Annotated[str, Limits(max_length=20)] = ""
    keep: Literal["yes", ""] = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """Everything that stood in the page; `comments` by the path of its text, as typed."""

    form: DeskForm
    verdicts: Mapping[str, str]
    comments: Mapping[str, str]

    @property
    def accepts(self) -> bool:
        """Whether a pass is to accept in the same press."""
        return "accept" in (self.form.then, self.form.without)

    @property
    def about_texts(self) -> dict[str, str]:
        """Return the comments that are not blank, the one on another answer among them."""
        found = {path: text for path, text in self.comments.items() if text.strip()}
        if self.form.other_comment.strip():
            found[self.form.other_field] = self.form.other_comment
        return found

    @property
    def message(self) -> Message:
        """Return what goes to the author with the text."""
        return Message(self.form.words, self.about_texts)

    def unsent(self, *, refusing: bool = False) -> bool:
        """Say whether something was written to the author that this button does not send."""
        if self.form.without:
            return False
        back = bool(self.about_texts or self.form.words.strip())
        return back or (not refusing and bool(self.form.refusal.strip()))


async def read(request: web.Request) -> Sent:
    """Read the form; raises BadRequest or Invalid for what no page of ours can send."""
    raw = await raw_fields(request)
    verdicts, comments = _part(raw, VERDICT), _part(raw, COMMENT)
    form = check(DeskForm, raw)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    return Sent(form, verdicts, comments)


def _part(raw: dict[str, Any], prefix: str) -> dict[str, str]:
    """Take the inputs out of `raw` whose names begin with a prefix; return them without it."""
    found = {}
    for name in [name for name in raw if name.startswith(prefix)]:
        value = raw.pop(name)
        if not isinstance(value, str):
            raise BadRequest
        found[name.removeprefix(prefix)] = value
    return found
