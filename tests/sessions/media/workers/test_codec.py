"""Every call, event and error of the plane travels whole; what does not belong is refused."""

import dataclasses
import json
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import DomainError
from sessions.media import plane
from sessions.media.local import MediaSettings
from sessions.media.plane import BadSdp, MediaPlane, PlaneEvent, UnknownSeat
from sessions.media.workers import codec
from sessions.media.workers.codec import Refused

VALUES = sorted(
    (
        kind
        for kind in vars(plane).values()
        if dataclasses.is_dataclass(kind) and kind.__module__ == plane.__name__
    ),
    key=lambda kind: kind.__name__,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("kind", [*VALUES, MediaSettings], ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_value_comes_back_equal(kind, data):
    value = data.draw(st.from_type(kind))
    back = codec.unpack(kind, over_the_wire(codec.pack(value)))
    assert (type(back), back) == (kind, value)


@given(st.from_type(PlaneEvent))
def test_every_event_comes_back_equal(event):
    back = codec.unpack_event(over_the_wire(codec.pack_event(event)))
    assert (type(back), back) == (type(event), event)


def test_everything_the_plane_can_do_can_be_asked_for():
    protocol = {name for name in vars(MediaPlane) if not name.startswith("_")}
    assert {*codec.CALLS} == protocol - {"close", "events"}
    assert set(codec.EVENTS.values()) == set(get_args(PlaneEvent))


@pytest.mark.parametrize("call", codec.CALLS)
@given(data=st.data())
def test_every_call_and_result_comes_back_equal(call, data):
    hints = get_type_hints(getattr(MediaPlane, call))
    result = hints.pop("return")
    arguments = tuple(data.draw(st.from_type(kind)) for kind in hints.values())
    assert codec.unpack_arguments(call, over_the_wire(codec.pack(arguments))) == arguments
    value = data.draw(st.from_type(result))
    assert codec.unpack_result(call, over_the_wire(codec.pack(value))) == value


@pytest.mark.parametrize("kind", codec.ERRORS.values(), ids=codec.ERRORS)
@given(code=st.none() | st.text(min_size=1), fields=st.dictionaries(st.text(), st.text()))
def test_every_error_comes_back_equal(kind, code, fields):
    error = kind(code, fields)
    back = codec.unpack_error(over_the_wire(codec.pack_error(error)))
    assert (type(back), back.code, back.fields) == (kind, code or kind.default_code, fields)


def test_the_errors_are_all_those_of_the_plane():
    own = {k for k in DomainError.__subclasses__() for k in (k, *k.__subclasses__())}
    assert set(codec.ERRORS.values()) == {k for k in own if k.__module__ == plane.__name__}
    assert {BadSdp, UnknownSeat} <= set(codec.ERRORS.values())


@given(JSON)
def test_anything_else_is_refused_and_nothing_else_raised(value):
    for read in (codec.unpack_event, codec.unpack_error):
        with pytest.raises(Refused):
            read(value)
    with pytest.raises(Refused):
        codec.unpack(plane.Limits, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (plane.Source, {"seat": "anna", "kind": "smell"}),
        (plane.Source, {"seat": "anna"}),
        (plane.Source, {"seat": "anna", "kind": "video", "size": 1}),
        (plane.Source, {"seat": 7, "kind": "video"}),
        (plane.Grants, {"publish_audio": 1, "publish_video": True, "share": False}),
        (plane.Wanted, {"sources": {}, "voices": True}),
        (plane.Speaking, {"room": "room", "seat": False}),
    ],
)
def test_a_value_that_is_almost_right_is_refused(kind, value):
    with pytest.raises(Refused):
        codec.unpack(kind, value)


@pytest.mark.parametrize(
    ("call", "values"),
    [
        ("close", []),
        ("__init__", []),
        ("events", []),
        ("renew", []),
        ("renew", ["anna", "ben"]),
        ("renew", {"seat": "anna"}),
        ("open_room", ["room", {"seats": "many"}]),
    ],
)
def test_a_call_that_is_none_is_refused(call, values):
    with pytest.raises(Refused):
        codec.unpack_arguments(call, values)


def test_a_result_where_none_belongs_is_refused():
    with pytest.raises(Refused):
        codec.unpack_result("renew", "done")
    with pytest.raises(Refused):
        codec.unpack_result("publish", None)


def test_a_type_that_nobody_taught_to_travel_is_named():
    with pytest.raises(TypeError, match="cannot travel"):
        codec.unpack(complex, 1)
