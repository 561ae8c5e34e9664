"""The relay: which addresses browsers get, in which order, and who is told what of whom."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.edge.turn import Turn, urls_of
from server.kit.ids import new_id
from tests.conftest import NOON

SECRET = "the word that coturn knows as well"


def relay(key: bytes = b"k" * 32) -> Turn:
    return Turn(urls_of("turn.example.org"), SECRET, key, timedelta(hours=1))


def test_a_name_stands_for_three_ways_the_cheapest_first() -> None:
    assert urls_of("turn.example.org") == (
        "turn:turn.example.org:3478?transport=udp",
        "turn:turn.example.org:3478?transport=tcp",
        "turns:turn.example.org:443?transport=tcp",
    )


def test_ways_are_put_in_order_and_said_in_full() -> None:
    given = (
        "turns:a.example, turn:[2001:db8::7]:53?transport=tcp ,turn:b.example,turn:b.example:3478,"
    )
    assert urls_of(given) == (
        "turn:b.example:3478?transport=udp",
        "turn:[2001:db8::7]:53?transport=tcp",
        "turns:a.example:443?transport=tcp",
    )


@pytest.mark.parametrize("nothing", ["", " , "])
def test_nothing_is_no_relay(nothing: str) -> None:
    assert urls_of(nothing) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "https://turn.example.org",
        "stun:turn.example.org",
        "turn:",
        "turn:a.example:0",
        "turn:a.example:65536",
        "turn:a.example?transport=tls",
        "turns:a.example?transport=udp",
        "turn:a.example?transport=udp&x=1",
        "turn:user@a.example",
        "turn:a example",
        "a.example:3478",
        "turn:a.example\nx",
        "turn:a.exa\x00mple",
    ],
)
def test_what_a_browser_would_refuse_is_refused_here(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no relay"):
        urls_of(f"turn.example.org,{wrong}")


HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,9}(\.[a-z]{2,5}){0,2}", fullmatch=True)
WAYS = st.builds(
    "{0[0]}:{1}:{2}?transport={0[1]}".format,
    st.sampled_from([("turn", "udp"), ("turn", "tcp"), ("turns", "tcp")]),
    HOSTS,
    st.integers(1, 65_535),
)


@given(st.lists(st.one_of(HOSTS, WAYS), max_size=6))
def test_what_was_read_reads_the_same_again(parts: list[str]) -> None:
    once = urls_of(",".join(parts))
    assert urls_of(",".join(once)) == once
    assert set(once) >= {part for part in parts if ":" in part}
    kinds = [(url.partition(":")[0], url.rpartition("=")[2]) for url in once]
    assert kinds == sorted(kinds, key=[("turn", "udp"), ("turn", "tcp"), ("turns", "tcp")].index)


def test_credentials_are_those_coturn_computes() -> None:
    given = relay().issue(new_id(NOON), NOON)
    (server,) = given["servers"]
    expiry, _, _ = server["username"].partition(":")
    assert datetime.fromtimestamp(int(expiry), UTC) == NOON + timedelta(hours=1)
    assert given["seconds"] == 3600
    proof = hmac.new(SECRET.encode(), server["username"].encode(), hashlib.sha1).digest()
    assert server["credential"] == base64.b64encode(proof).decode()
    assert server["urls"] == list(urls_of("turn.example.org"))


def test_the_name_is_the_seats_own_and_tells_nobody_whose() -> None:
    seat, other = new_id(NOON), new_id(NOON)

    def name(turn: Turn, of: str, late: int = 0) -> str:
        made = turn.issue(of, NOON + timedelta(seconds=late))["servers"][0]["username"]
        return made.partition(":")[2]

    assert name(relay(), seat) == name(relay(), seat, late=600)
    assert name(relay(), seat) != name(relay(), other)
    # Only this server can tell which seat it is: without its key the seat's id leads nowhere.
    assert name(relay(), seat) != name(relay(b"z" * 32), seat)
    assert len(name(relay(), seat)) == 22
    assert seat not in name(relay(), seat)


def test_nothing_prints_a_secret() -> None:
    assert SECRET not in repr(relay())
    assert "kkkk" not in repr(relay())
