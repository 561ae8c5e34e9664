"""What every handler here asks of a request: the thing it names, the form it carries."""

from collections.abc import Mapping
from typing import Any, TypeVar

from aiohttp import web

from server.edge.forms import FieldErrors, Form, read_form
from server.edge.problems import wants_json
from server.kit.errors import Invalid, NotFound
from server.kit.ids import is_id
from sessions.web import words
from sessions.web.pages import FormState

F = TypeVar("F", bound=Form)


def id_of(request: web.Request, name: str = "id") -> str:
    """Return an id of the address; one of the wrong shape names nothing (NotFound)."""
    found = request.match_info[name]
    if not is_id(found):
        raise NotFound
    return found


async def read(request: web.Request, model: type[F]) -> F:
    """Return the form or raise Invalid: for buttons and small forms without a page of their own."""
    form = await read_form(request, model)
    if isinstance(form, FieldErrors):
        raise Invalid("invalid", words.fields(form.fields))
    return form


def refused(
    request: web.Request, errors: Mapping[str, str], values: Mapping[str, Any]
) -> FormState:
    """Return what to show again; a program gets the problem document instead (raises Invalid)."""
    sentences = words.fields(errors)
    if wants_json(request):
        raise Invalid("invalid", sentences)
    return FormState(values=dict(values), errors=sentences)
