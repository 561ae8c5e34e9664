"""The identifier check for programs of signed-in people: POST /api/deid/check."""

import asyncio
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field

from server.deid import lines, ner
from server.deid.detect import scan, second_look
from server.edge.forms import FieldErrors, Form, read_form
from server.edge.keys import CLOCK
from server.jobs.recognise import RECOGNISER
from server.kit.errors import Invalid

LONGEST = 20_000
"""Characters of one text: five times the longest field of a case."""


class CheckForm(Form):
    """One text; its blanks count, for the answer points into it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False, frozen=True)

    text: Annotated[str, Field(max_length=LONGEST)]
    lang: Annotated[str, Field(max_length=35)] = ""
    """Empty: the text tells."""


async def check(request: web.Request) -> web.StreamResponse:
    """POST /api/deid/check: findings and notes of one text as JSON, offsets in code points.

    The same answer as `caseround deid check` gives. Nothing is stored and nothing is logged;
    raises Invalid when a field cannot be used.
    """
    form = await read_form(request, CheckForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    today = request.app[CLOCK].now().date()
    result = await asyncio.to_thread(scan, form.text, form.lang, today)
    looks = await asyncio.to_thread(second_look, form.text, result)
    hits = await request.app[RECOGNISER].find(form.text)
    result = ner.merged(form.text, result, hits)
    return web.json_response(lines.answer(result, [(n.start, n.end, n.rule) for n in looks]))
