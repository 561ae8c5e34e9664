"""Log lines: one JSON object a line whatever is in them, and only the listed fields."""

import io
import json
import logging

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import logs


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch):
    stream = io.StringIO()
    before = structlog.get_config()
    handlers = logging.getLogger().handlers[:]
    monkeypatch.setattr("sys.stderr", stream)
    logs.setup(form="json", level="info")
    yield stream
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers


@given(text=st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_a_second_line(written: io.StringIO, text: str) -> None:
    written.seek(0)
    written.truncate()
    structlog.get_logger("edge").info("request", route=text, status=200)
    lines = written.getvalue().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["status"] == 200


def test_unlisted_fields_and_the_words_of_exceptions_stay_out(written: io.StringIO) -> None:
    structlog.get_logger("edge").error("unhandled", error="ValueError", body="Rose, 555-0142")
    quoting = (ValueError, ValueError("Rose, 555-0142"), None)
    logging.getLogger("aiohttp.server").error("Error handling request", exc_info=quoting)
    text = written.getvalue()
    assert "Rose" not in text
    assert [json.loads(line)["error"] for line in text.splitlines()] == ["ValueError"] * 2
