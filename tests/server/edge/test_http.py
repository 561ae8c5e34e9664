"""The HTTP edge under bad input: forgery, bodies, smuggling, slow and many connections."""

import asyncio
import gzip
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.edge import forms, listener
from server.edge.assets import Assets
from server.edge.throttle import Throttle
from server.kit.errors import TooMany
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.people import make_actor
from tests.harness.browser_client import Browser, House


@pytest.fixture
async def ada(units: Units, house: House) -> Browser:
    actor = await make_actor(units, "Ada Bright")
    signed_in = await house.browser(actor.person)
    await signed_in.get("/profile")
    return signed_in


PROFILE = {"name": "Ada Bright", "discipline": "rn", "zone": "America/Denver"}


async def test_headers_of_every_kind_of_answer(house: House, ada: Browser) -> None:
    for path in ("/profile", "/sign-in", "/nowhere", "/healthz", "/favicon.ico"):
        answer = await ada.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=(self)" in answer.headers["Permissions-Policy"]
        assert "Server" not in answer.headers or "aiohttp" not in answer.headers["Server"]
    page = await ada.get("/profile")
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
async def test_writes_from_elsewhere_are_refused(ada: Browser, headers: dict[str, str]) -> None:
    answer = await ada.request(
        "POST", "/profile", data={**PROFILE, "csrf": ada.csrf}, headers=headers
    )
    assert answer.status == 403
    assert "was not sent from here" in answer.text


async def test_a_wrong_or_foreign_token_is_refused(
    units: Units, house: House, ada: Browser
) -> None:
    other = await make_actor(units, "Bob Brown")
    foreign = await house.browser(other.person)
    await foreign.get("/profile")
    for token in ("", "x", foreign.csrf):
        answer = await ada.post("/profile", [*PROFILE.items(), ("csrf", token)])
        assert answer.status == 403


async def test_unknown_fields_are_refused(ada: Browser) -> None:
    for field in ("role", "hub_id", "platform_admin", "signed_at"):
        answer = await ada.post("/profile", {**PROFILE, field: "director"})
        assert answer.status == 422


async def test_a_second_click_is_the_same_deed(units: Units, ada: Browser) -> None:
    key = "the-same-key"
    answers = await asyncio.gather(
        *(ada.post("/profile", {**PROFILE, "idempotency": key}) for _ in range(5))
    )
    assert [(a.status, a.headers["Location"]) for a in answers] == [(303, "/profile")] * 5
    async with units.read() as unit:
        from sqlalchemy import func, select

        from server.store.tables import AuditRow

        changed = await unit.db.scalar(
            select(func.count()).select_from(AuditRow).where(AuditRow.action == "profile.changed")
        )
    assert changed == 1


async def test_a_refused_form_can_be_sent_again_with_the_same_key(ada: Browser) -> None:
    wrong = {**PROFILE, "zone": "Mars/Olympus", "idempotency": "k"}
    assert (await ada.post("/profile", wrong)).status == 422
    assert (await ada.post("/profile", {**PROFILE, "idempotency": "k"})).status == 303


BAD_JSON = {
    "deep": b"[" * 100_000,
    "deep but closed": b"[" * 200 + b"]" * 200,
    "digits": b'{"a": ' + b"9" * 100_000 + b"}",
    "nan": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "surrogate": b'{"a": "\\ud800"}',
    "duplicate": b'{"a": 1, "a": 2}',
    "utf8": b'{"a": "\xff"}',
    "half": b'{"a": ',
    "array": b"[]",
    "empty": b"",
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
async def test_doubtful_json_is_a_400(ada: Browser, body: bytes) -> None:
    answer = await ada.request(
        "POST",
        "/profile",
        data=body,
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Sec-Fetch-Site": "same-origin",
            "X-CSRF-Token": ada.csrf,
        },
    )
    assert answer.status == 400
    assert json.loads(answer.text)["code"] == "bad_request"


@given(st.binary(max_size=300))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_json_or_a_bad_request(data: bytes) -> None:
    try:
        forms.parse_json(data)
    except forms.BadRequest:
        return
    assert json.loads(data) is not ...


@pytest.mark.parametrize("size", [300_000, 10_000_000])
async def test_large_bodies_are_refused(ada: Browser, size: int) -> None:
    answer = await ada.request(
        "POST",
        "/profile",
        data=io.BytesIO(b"a=" + b"x" * size),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        },
    )
    assert answer.status == 413


async def test_a_large_body_without_length_is_refused(ada: Browser) -> None:
    async def endless():
        for _ in range(2000):
            yield b"x" * 1024

    answer = await ada.request(
        "POST",
        "/profile",
        data=endless(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        },
    )
    assert answer.status == 413


async def test_compressed_uploads_and_files_are_refused(ada: Browser) -> None:
    for headers in (
        {"Content-Encoding": "gzip", "Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "text/xml"},
    ):
        answer = await ada.request(
            "POST",
            "/profile",
            data=gzip.compress(b"{}"),
            headers={**headers, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": ada.csrf},
        )
        assert answer.status == 415, headers


async def raw(port: int, data: bytes) -> bytes:
    """Send bytes and return everything the server says before it closes (at most 2 s)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    await writer.drain()
    try:
        async with asyncio.timeout(2):
            answer = await reader.read()
    except TimeoutError:
        answer = b"(still open)"
    except ConnectionError:
        answer = b"(reset)"
    writer.close()
    return answer


SMUGGLING = {
    "length and chunked": b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "odd chunked": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "signed length": b"Content-Length: +5\r\n\r\nhello",
    "negative length": b"Content-Length: -5\r\n\r\nhello",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "space before colon": b"Content-Length : 5\r\n\r\nhello",
    "hex length": b"Content-Length: 0x5\r\n\r\nhello",
    "chunk size sign": b"Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
    "null in header": b"X-A: a\x00b\r\n\r\n",
    "folded header": b"X-A: a\r\n b\r\nContent-Length : 1\r\n\r\na",
}


@pytest.mark.parametrize("rest", SMUGGLING.values(), ids=SMUGGLING.keys())
async def test_smuggling_is_a_400_and_the_end(house: House, rest: bytes) -> None:
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    answer = await raw(house.port, head + rest)
    assert answer.split(b" ", 2)[1:2] == [b"400"], answer[:80]


async def test_long_headers_are_refused(house: House) -> None:
    for head in (
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 9000 + b"\r\n\r\n",
    ):
        assert (await raw(house.port, head)).split(b" ", 2)[1:2] == [b"400"]


async def test_silent_and_half_spoken_connections_are_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "HEADER_SECONDS", 0.2)
    said = await asyncio.gather(
        raw(house.port, b""),
        raw(house.port, b"GET / HTTP/1.1\r\nHost: "),
    )
    assert said == [b"", b""]


async def test_connections_over_the_cap_are_told_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = listener.ConnectionCount(3, 2)
    assert [count.enter("a"), count.enter("a"), count.enter("a")] == [True, True, False]
    assert [count.enter("b"), count.enter("c")] == [True, False]
    count.leave("a")
    assert count.enter("c")
    writers = []
    for _ in range(200):
        _, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writers.append(writer)
    await asyncio.sleep(0)
    answer = await raw(house.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 503"), answer
    for writer in writers:
        writer.close()


async def test_static_files_stay_inside_their_folder(house: House, tmp_path) -> None:
    ada = house.stranger()
    for path in (
        "..%2f..%2fpyproject.toml",
        "%2e%2e/pyproject.toml",
        "design/../../pyproject.toml",
        "%00",
        "/etc/passwd",
    ):
        answer = await ada.get(f"/static/0123456789/{path}")
        assert answer.status == 404, path
    root = tmp_path / "static"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "open.txt").write_text("open")
    assets = Assets(root)
    assert (assets.has("open.txt"), assets.has("link.txt")) == (True, False)


async def test_metrics_are_for_scrapers_on_this_machine(house: House) -> None:
    ada = house.stranger()
    near = await ada.get("/metrics")
    assert near.status == 200
    assert "caseround_requests_total" in near.text
    proxied = await ada.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert proxied.status == 404


def test_throttle_allows_a_burst_then_a_trickle(clock: FakeClock) -> None:
    throttle = Throttle(clock, every=3.0, burst=4)
    for _ in range(4):
        throttle.check("a")
    with pytest.raises(TooMany):
        throttle.check("a")
    throttle.check("b")
    clock.advance(seconds=3)
    throttle.check("a")
    with pytest.raises(TooMany):
        throttle.check("a")
