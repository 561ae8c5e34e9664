"""Reading what people send: HTML forms and JSON alike, guarded; meaning is checked elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_origin

from aiohttp import web
from multidict import MultiDictProxy
from pydantic import BaseModel, ConfigDict, ValidationError

from server.edge import csrf
from server.edge.i18n import N_
from server.kit.errors import DomainError

MAX_BODY = 256 * 1024
MAX_DEPTH = 24
LARGEST_INT = 2**31 - 2
"""What an integer column of PostgreSQL holds, less the one that a save adds to a version; every
number of a form is bounded by it."""
IDEMPOTENCY_FIELD = "idempotency"
_OURS = frozenset({csrf.FIELD, IDEMPOTENCY_FIELD})


class BadRequest(DomainError):
    """The body is not what its type says (HTTP 400)."""

    default_code = "bad_request"


class Form(BaseModel):
    """Base of every form: unknown fields are refused (security.md 19), blanks trimmed.

    A test goes through all forms: every text and list has a longest length, every number a bound.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What cannot be used, by field, and what was typed, so that nothing is lost."""

    fields: dict[str, str]
    """Field name → message key, translated when shown."""
    values: dict[str, Any] = field(default_factory=dict)


FIELD_MESSAGES: dict[str, str] = {
    "missing": N_("Fill this in."),
    "string_too_short": N_("This is too short."),
    "string_too_long": N_("This is too long."),
    "extra_forbidden": N_("This field is not known here."),
    "int_parsing": N_("Type a whole number."),
    "float_parsing": N_("Type a number."),
    "enum": N_("Choose one of the list."),
    "literal_error": N_("Choose one of the list."),
    "greater_than_equal": N_("This is too small."),
    "less_than_equal": N_("This is too large."),
    "string_pattern_mismatch": N_("This has not the expected form."),
    "date_from_datetime_parsing": N_("Type a date such as 2026-11-24."),
    "date_parsing": N_("Type a date such as 2026-11-24."),
    "time_parsing": N_("Type a time such as 12:00."),
    "value_error": N_("This cannot be used."),
}


def message_key(kind: str) -> str:
    """Return the words for a pydantic error type."""
    return FIELD_MESSAGES.get(kind, FIELD_MESSAGES["value_error"])


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        msg = "duplicate key"
        raise ValueError(msg)
    return out


def _inspect(value: Any) -> None:
    """Raise BadRequest for nesting over MAX_DEPTH, or U+0000, which no database should hold."""
    stack = [(value, 1)]
    while stack:
        item, level = stack.pop()
        if level > MAX_DEPTH:
            raise BadRequest
        if isinstance(item, dict):
            stack.extend((part, level + 1) for pair in item.items() for part in pair)
        elif isinstance(item, list):
            stack.extend((part, level + 1) for part in item)
        elif isinstance(item, str) and "\x00" in item:
            raise BadRequest


def parse_json(data: bytes) -> Any:
    """Return the JSON value in `data`; raises BadRequest for anything doubtful.

    Refused: wrong UTF-8, NaN and infinities, duplicate keys, lone surrogates, nesting over
    24 levels, U+0000, integers too long to convert (security.md 37).
    """
    try:
        text = data.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    _inspect(value)
    return value


async def read_json(request: web.Request) -> Any:
    """Return the JSON body of a request, guarded; raises BadRequest."""
    return parse_json(await request.read())


async def raw_fields(request: web.Request) -> dict[str, Any]:
    """Return the fields of a form or JSON object, without the house's own two."""
    if request.content_type == "application/json":
        value = await read_json(request)
        if not isinstance(value, dict):
            raise BadRequest
        return {k: v for k, v in value.items() if k not in _OURS}
    return {k: v for k, v in _multi(await posted(request)).items() if k not in _OURS}


async def posted(request: web.Request) -> MultiDictProxy[Any]:
    """Return the posted form; files and broken bodies are refused."""
    try:
        data = await request.post()
    except web.HTTPException:
        raise
    except (ValueError, LookupError, AssertionError) as error:
        raise BadRequest from error
    for value in data.values():
        if not isinstance(value, str) or "\x00" in value:
            raise BadRequest
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadRequest from error
    return data


def _multi(data: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    getall = getattr(data, "getall", None)
    for key in data:
        values = getall(key) if getall else [data[key]]
        out[key] = values[0] if len(values) == 1 else list(values)
    return out


def check(model: type[F], raw: Mapping[str, Any]) -> F | FieldErrors:
    """Return `raw` as `model`, or what is wrong with it by field."""
    prepared: dict[str, Any] = {}
    for key, value in raw.items():
        info = model.model_fields.get(key)
        annotation = info.annotation if info else None
        is_list = get_origin(annotation) in (list, tuple, set, frozenset)
        if is_list and not isinstance(value, list):
            prepared[key] = [] if value == "" else [value]
        elif value == "" and info is not None and not info.is_required():
            continue
        else:
            prepared[key] = value
    try:
        return model.model_validate(prepared)
    except ValidationError as error:
        fields: dict[str, str] = {}
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            where = str(problem["loc"][0]) if problem["loc"] else ""
            message = message_key(problem["type"])
            if problem["type"] == "string_too_short" and not raw.get(where):
                message = FIELD_MESSAGES["missing"]
            fields.setdefault(where, message)
        return FieldErrors(fields, dict(raw))


async def read_form(request: web.Request, model: type[F]) -> F | FieldErrors:
    """Read a form or JSON body as `model`; the fields' meaning is not judged here."""
    return check(model, await raw_fields(request))
