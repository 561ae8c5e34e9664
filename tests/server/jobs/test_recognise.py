"""The optional recogniser: a real process, a tiny real model; a help that may fail."""

import pytest
import structlog

from server.jobs.recognise import Recogniser, installed

MODEL = "tests.factories.tiny_model"
TEXT = "\U0001f600 Quillenberg moved to Tornville."
FOUND = ((2, 13, "PERSON"), (23, 32, "GPE"))


@pytest.fixture
async def recogniser():
    made = Recogniser(MODEL, patience=5.0, rest=60.0)
    yield made
    made.close()


async def test_it_names_people_and_places_in_code_points(recogniser) -> None:
    assert await recogniser.find(TEXT) == FOUND
    assert await recogniser.find("  \n") == ()


async def test_without_a_model_nothing_is_started() -> None:
    off = Recogniser()
    await off.warm()
    assert await off.find(TEXT) == ()
    assert off._pool is None


@pytest.mark.parametrize("text", ["CRASH", "STALL"])
async def test_a_process_that_dies_or_hangs_costs_one_line_and_no_text(text) -> None:
    made = Recogniser(MODEL, patience=1.0, rest=60.0)
    try:
        assert await made.find(TEXT) == FOUND
        with structlog.testing.capture_logs() as logged:
            assert await made.find(text) == ()
            assert await made.find(TEXT) == ()
        assert [line["event"] for line in logged] == ["names are read without the model"]
        assert text not in str(logged)
    finally:
        made.close()


async def test_it_is_tried_again_after_a_rest() -> None:
    made = Recogniser(MODEL, patience=5.0, rest=0.0)
    try:
        assert await made.find("CRASH") == ()
        assert await made.find(TEXT) == FOUND
    finally:
        made.close()


async def test_a_model_that_cannot_be_loaded_costs_one_line() -> None:
    made = Recogniser("tests.factories.no_such_model")
    try:
        with structlog.testing.capture_logs() as logged:
            assert await made.find(TEXT) == ()
        assert [line["log_level"] for line in logged] == ["warning"]
    finally:
        made.close()


def test_only_an_installed_package_can_be_named() -> None:
    assert installed("json")
    assert not installed("no_such_model_anywhere")
    assert not installed("../etc/passwd")
    assert not installed("")
