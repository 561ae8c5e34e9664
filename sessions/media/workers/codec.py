"""The plane's calls, events and errors as JSON values and back. Pure.

Everything is read off plane.py's own types, so that a message added there travels at once. Reading
is strict: an unknown name, a missing or surplus field, a value of another type is refused.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from server.kit.errors import DomainError
from sessions.media import plane
from sessions.media.plane import MediaPlane, PlaneEvent

CALLS = (
    "open_room",
    "open_seat",
    "publish",
    "subscribe",
    "renew",
    "answer",
    "close_seat",
    "close_room",
)
"""What a worker can be asked; `close` and `events` are the wire's own business."""

ERRORS: dict[str, type[DomainError]] = {
    name: kind
    for name, kind in vars(plane).items()
    if isinstance(kind, type)
    and issubclass(kind, DomainError)
    and kind.__module__ == plane.__name__
}
EVENTS: dict[str, type[PlaneEvent]] = {kind.__name__: kind for kind in get_args(PlaneEvent)}


class Refused(ValueError):
    """A value that came over the wire is not what belongs there; the text never quotes it."""


def pack(value: object) -> Any:
    """Return the value as JSON knows it: dataclasses as objects, tuples as lists."""
    if dataclasses.is_dataclass(value):
        return {f.name: pack(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [pack(part) for part in value]
    return value


def unpack(kind: Any, value: Any) -> Any:
    """Return the value of this type that `pack` made `value` of. Raises Refused."""
    return _reader(kind)(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, NewType):
        return _reader(kind.__supertype__)
    if dataclasses.is_dataclass(kind):
        return _object(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _one_of(parts)
    if origin is tuple and len(parts) == 2 and parts[1] is ...:
        return _list(_reader(parts[0]))
    if origin in (Union, types.UnionType) and len(parts) == 2 and type(None) in parts:
        return _optional(_reader(next(part for part in parts if part is not type(None))))
    if kind in (str, int, float, bool):
        return _plain(kind)
    msg = f"{kind} cannot travel: give codec._reader a way to read it"
    raise TypeError(msg)


def _object(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    fields = {f.name: _reader(hints[f.name]) for f in dataclasses.fields(kind)}

    def read(value: Any) -> Any:
        if not isinstance(value, dict) or value.keys() != fields.keys():
            raise Refused(kind.__name__)
        return kind(**{name: reader(value[name]) for name, reader in fields.items()})

    return read


def _list(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise Refused("list")
        return tuple(reader(part) for part in value)

    return read


def _optional(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else reader(value)


def _one_of(words: tuple[Any, ...]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not any(type(value) is type(word) and value == word for word in words):
            raise Refused("word")
        return value

    return read


def _plain(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is not kind:
            raise Refused(kind.__name__)
        return value

    return read


@cache
def _parameters(call: str) -> tuple[Any, ...]:
    hints = get_type_hints(getattr(MediaPlane, call))
    return tuple(kind for name, kind in hints.items() if name != "return")


def unpack_arguments(call: str, values: Any) -> tuple[Any, ...]:
    """Return what `MediaPlane.<call>` is to be called with, in order. Raises Refused."""
    if call not in CALLS:
        raise Refused("call")
    parameters = _parameters(call)
    if not isinstance(values, list) or len(values) != len(parameters):
        raise Refused("arguments")
    return tuple(unpack(kind, value) for kind, value in zip(parameters, values, strict=True))


def unpack_result(call: str, value: Any) -> Any:
    """Return what `MediaPlane.<call>` returns. Raises Refused."""
    kind = get_type_hints(getattr(MediaPlane, call))["return"]
    if kind is type(None):
        if value is not None:
            raise Refused("result")
        return None
    return unpack(kind, value)


def pack_event(event: PlaneEvent) -> dict[str, Any]:
    """Return the event by its name."""
    return {"name": type(event).__name__, "is": pack(event)}


def unpack_event(value: Any) -> PlaneEvent:
    """Return the event. Raises Refused."""
    if not isinstance(value, dict) or value.keys() != {"name", "is"}:
        raise Refused("event")
    kind = EVENTS.get(value["name"]) if isinstance(value["name"], str) else None
    if kind is None:
        raise Refused("event")
    event: PlaneEvent = unpack(kind, value["is"])
    return event


def pack_error(error: DomainError) -> dict[str, Any]:
    """Return the plane's error by its name."""
    return {"name": type(error).__name__, "code": error.code, "fields": dict(error.fields)}


def unpack_error(value: Any) -> DomainError:
    """Return the plane's error. Raises Refused."""
    if not isinstance(value, dict) or value.keys() != {"name", "code", "fields"}:
        raise Refused("error")
    kind = ERRORS.get(value["name"]) if isinstance(value["name"], str) else None
    fields: Any = value["fields"]
    if (
        kind is None
        or type(value["code"]) is not str
        or not isinstance(fields, Mapping)
        or not all(type(text) is str for text in fields.values())
    ):
        raise Refused("error")
    return kind(value["code"], fields)
