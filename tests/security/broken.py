"""Bodies that a schema refuses, made from the schema: a good one with one thing wrong with it.

Read off pydantic's JSON schema, so that a new form or socket event is covered on the day it is
made. Every text typed here holds MARK, which must then be in no log.
"""

import json
import re
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

MARK = "persimmonqz"
LARGE = 10**40
DEEP = 60
"""Levels of a nested value: more than the guard lets through."""

Schema = dict[str, Any]
Body = dict[str, Any]


def schema_of(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def alternatives(found: Schema, root: Schema) -> list[Schema]:
    """Return what a field may be, references followed: `int | None` is two."""
    if "$ref" in found:
        return alternatives(root["$defs"][found["$ref"].rpartition("/")[2]], root)
    if "anyOf" in found:
        return [one for part in found["anyOf"] for one in alternatives(part, root)]
    return [found]


def nested(depth: int) -> Any:
    value: Any = MARK
    for level in range(depth):
        value = [value] if level % 2 else {MARK: value}
    return value


def fitting(one: Schema, root: Schema) -> st.SearchStrategy[Any]:
    """Return values that fit one alternative of a field."""
    if "enum" in one:
        return st.sampled_from(one["enum"])
    if "const" in one:
        return st.just(one["const"])
    match one.get("type"):
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            low, high = one.get("minimum", 0), one.get("maximum", 99)
            return st.integers(low, high) | st.just(high)
        case "number":
            return st.floats(one.get("minimum", 0), one.get("maximum", 99))
        case "array":
            inner = st.one_of(*(fitting(a, root) for a in alternatives(one["items"], root)))
            return st.lists(inner, max_size=min(one.get("maxItems", 3), 3))
        case "string":
            return _text(one)
    raise AssertionError(one)


def _text(one: Schema) -> st.SearchStrategy[str]:
    if "pattern" in one:
        if "@" in one["pattern"]:
            return st.just("ada@test.invalid")
        return st.from_regex(re.compile(one["pattern"], re.ASCII), fullmatch=True)
    if one.get("format") == "date":
        return st.dates().map(str)
    if one.get("format") == "time":
        return st.times().map(str)
    longest = one.get("maxLength", 60)
    odd = st.text(
        st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=30
    )
    return odd.map(lambda text: (MARK + text)[:longest])


def misfits(one: Schema) -> list[Any]:
    """Return values that do not fit one alternative, whatever they are."""
    shared: list[Any] = [{MARK: MARK}, [[MARK]], nested(DEEP), f"{MARK}\x00", f"{MARK}\ud800"]
    if "enum" in one or "const" in one:
        return [*shared, MARK, 3.5, LARGE]
    match one.get("type"):
        case "null":
            return shared
        case "boolean":
            return [*shared, MARK, 7]
        case "integer":
            low, high = one.get("minimum"), one.get("maximum")
            beyond = [v for v in ((low or 0) - 1, (high or 0) + 1) if low is not None]
            return [*shared, MARK, 1.5, "1e400", "9" * 5000, *beyond, LARGE, -LARGE]
        case "number":
            low, high = one.get("minimum", 0), one.get("maximum", 0)
            return [*shared, MARK, "1e400", "nan", low - 1, high + 1, LARGE, -LARGE]
        case "array":
            items = one.get("items", {})
            fits = items.get("type") == "string" and not {"pattern", "enum"} & items.keys()
            return [*shared, *([] if fits else [[MARK]]), [None], 3.5, [[]], [LARGE]]
    longest = one.get("maxLength", 26 if "pattern" in one else 60)
    return [*shared, 3.5, True, LARGE, MARK * (longest // len(MARK) + 2)]


def wrong(found: Schema, root: Schema) -> st.SearchStrategy[Any]:
    """Return values that fit no alternative of a field."""
    options = alternatives(found, root)
    common = [
        value
        for value in misfits(options[0])
        if all(any(value is v or repr(value) == repr(v) for v in misfits(o)) for o in options[1:])
    ]
    return st.sampled_from(common)


@st.composite
def good(draw: st.DrawFn, schema: Schema) -> Body:
    """Draw a body that the schema takes; its meaning may still be nonsense."""
    required = set(schema.get("required", ()))
    body: Body = {}
    for name, found in schema.get("properties", {}).items():
        if name in required or draw(st.booleans()):
            options = [fitting(one, schema) for one in alternatives(found, schema)]
            body[name] = draw(st.one_of(*options))
    return body


@st.composite
def broken(draw: st.DrawFn, schema: Schema) -> Body:
    """Draw a body with exactly one thing wrong: a value, a field missing, a field too many."""
    body = draw(good(schema))
    names = sorted(schema.get("properties", {}))
    ways = ["extra"] + ["value"] * (3 if names else 0) + ["missing"] * bool(schema.get("required"))
    match draw(st.sampled_from(ways)):
        case "value":
            name = draw(st.sampled_from(names))
            body[name] = draw(wrong(schema["properties"][name], schema))
        case "missing":
            del body[draw(st.sampled_from(sorted(schema["required"])))]
        case _:
            name = draw(st.sampled_from(("role", "hub_id", "signed_at", "__proto__", MARK)))
            body[name] = draw(st.sampled_from((MARK, {MARK: MARK}, nested(DEEP), LARGE, None)))
    return body


def examples(strategy: st.SearchStrategy[Body], count: int, seed: int) -> list[Body]:
    """Return different examples of a strategy; call it in a thread when a loop is running."""
    found: dict[str, Body] = {}

    @given(strategy)
    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
    )
    def collect(body: Body) -> None:
        found.setdefault(repr(body), body)

    collect.hypothesis.inner_test._hypothesis_internal_use_seed = seed
    collect()
    return list(found.values())


RAW: dict[str, bytes] = {
    "not a number": b'{"a": NaN}',
    "infinite": b'{"a": -Infinity}',
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 5_000,
    "long number": b'{"a": ' + b"9" * 200_000 + b"}",
    "twice": b'{"a": 1, "a": 2}',
    "half a pair": b'{"a": "\\ud800"}',
    "zero": b'{"a": "\\u0000"}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "no object": json.dumps([MARK]).encode(),
    "a text": json.dumps(MARK).encode(),
    "null": b"null",
    "nothing": b"",
    "a rest": b'{"a": 1} ' + MARK.encode(),
    "too much": b'{"a": "' + b"x" * 300_000 + b'"}',
}
"""JSON bodies that are refused before any schema; MARK stands in some of them."""

FORMS: dict[str, bytes] = {
    "zero": b"a=%00" + MARK.encode(),
    "half a pair": b"a=%ED%A0%80",
    "not UTF-8": b"a=%FF%FE",
    "an unknown field": b"a=" + MARK.encode(),
    "no value": MARK.encode(),
    "too much": b"a=" + b"x" * 300_000,
    "thousands": b"&".join(b"f%d=1" % n for n in range(20_000)),
}
"""The same as forms."""
