"""What the code itself says about its forms: every form there is, and the one each route reads."""

import dis
import types
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from aiohttp import web

from server.edge.forms import Form
from tests.harness.house_parts import every_module

T = TypeVar("T")


def every(base: type[T]) -> list[type[T]]:
    """Return all subclasses of a class in the whole house."""
    every_module()

    def below(kind: type[T]) -> Iterator[type[T]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return [one for one in dict.fromkeys(below(base)) if not one.__module__.startswith("tests.")]


def handlers(app: web.Application, method: str) -> dict[str, Callable[..., Any]]:
    """Return path → handler of every route with this method."""
    return {
        route.resource.canonical: route.handler
        for route in app.router.routes()
        if route.method == method and route.resource is not None
    }


def named(handler: Callable[..., Any], *, deep: bool) -> set[Any]:
    """Return the classes a handler's code names; `deep`: through the page functions it calls."""
    seen: set[Any] = set()
    waiting: list[Any] = [handler]
    while waiting:
        found = waiting.pop()
        if found in seen or not isinstance(found, types.FunctionType):
            continue
        seen.add(found)
        codes = [found.__code__]
        for code in codes:
            codes += [one for one in code.co_consts if isinstance(one, types.CodeType)]
            for step in dis.get_instructions(code):
                if step.opname != "LOAD_GLOBAL":
                    continue
                value = found.__globals__.get(step.argval)
                if isinstance(value, type):
                    seen.add(value)
                elif deep and getattr(value, "__module__", "").rpartition(".")[0].endswith(".web"):
                    waiting.append(value)
    return seen


def form_of(handler: Callable[..., Any]) -> type[Form] | None:
    """Return the form a handler reads: the one it names itself, else what its helpers name."""
    for deep in (False, True):
        found = {
            one
            for one in named(handler, deep=deep)
            if isinstance(one, type) and issubclass(one, Form) and one is not Form
        }
        if found:
            assert len(found) == 1, (handler, found)
            return found.pop()
    return None
