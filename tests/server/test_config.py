"""Settings. The relay: off when empty, whole or refused, with a sentence that says what to do."""

import os
from pathlib import Path

import pytest

from server import config
from server.config import ConfigError

SECRET = "0123456789abcdef" * 4
NAME = "turn.example.org"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URLS", "SECRET", "SECRET_FILE", "LIFETIME"):
        monkeypatch.delenv(f"CASEROUND_TURN_{name}", raising=False)


def refusal(**given: object) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(**given)
    return str(caught.value)


def test_there_is_none_unless_asked_for() -> None:
    settings = config.load()
    assert (settings.turn_urls, settings.turn_key()) == ("", "")


@pytest.mark.parametrize("given", [{"turn_urls": NAME}, {"turn_secret": SECRET}])
def test_half_a_relay_is_refused(given: dict[str, str]) -> None:
    assert refusal(**given) == (
        "CASEROUND_TURN_URLS and CASEROUND_TURN_SECRET (or its _FILE) belong together:"
        " set both, or neither."
    )


def test_a_wrong_address_is_refused_by_name() -> None:
    assert refusal(turn_urls="https://turn.example.org", turn_secret=SECRET) == (
        "CASEROUND_TURN_URLS: https://turn.example.org is no relay: write its name, or"
        " turn:name:3478?transport=udp and the like."
    )


def test_a_short_secret_is_refused_and_not_said() -> None:
    said = refusal(turn_urls=NAME, turn_secret="hunter2")
    assert said == (
        "CASEROUND_TURN_SECRET is shorter than 32 characters:"
        " make one with `openssl rand -hex 32`, for coturn too."
    )


@pytest.mark.parametrize("seconds", [299, 3601])
def test_credentials_live_an_hour_at_most(seconds: int) -> None:
    assert refusal(turn_lifetime=seconds).startswith("CASEROUND_TURN_LIFETIME: ")


def test_the_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", "utf-8")
    settings = config.load(turn_urls=NAME, turn_secret_file=str(file))
    assert settings.turn_key() == SECRET
    assert refusal(turn_urls=NAME, turn_secret_file=str(file), turn_secret=SECRET) == (
        "CASEROUND_TURN_SECRET and CASEROUND_TURN_SECRET_FILE say the same: set one of them."
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert refusal(turn_urls=NAME, turn_secret_file=str(missing)) == (
        f"CASEROUND_TURN_SECRET_FILE: {missing} cannot be read (FileNotFoundError):"
        " name the file or change its owner."
    )


def test_the_secret_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET, "utf-8")
    for given in ({"turn_secret": SECRET}, {"turn_secret_file": str(file)}):
        settings = config.load(turn_urls=NAME, **given)
        assert SECRET not in str(settings.shown()) + repr(settings)


# -- media workers ---------------------------------------------------------------------------------


def test_media_stays_in_the_one_process_unless_asked_for() -> None:
    assert config.load().workers() == 0
    assert config.load(media_workers="3").workers() == 3
    assert config.load(media_workers="auto").workers() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("given", ["65", "-1", "many", "", "1.5", "²"])
def test_what_is_no_number_of_workers_is_refused(given: str) -> None:
    assert refusal(media_workers=given) == (
        f"CASEROUND_MEDIA_WORKERS: {given} is no number of processes: write 0 to 64, or auto."
    )


def test_every_worker_needs_a_port() -> None:
    assert config.load(media_port=65534, media_workers="2").workers() == 2
    assert refusal(media_port=65534, media_workers="3") == (
        "CASEROUND_MEDIA_WORKERS need 3 UDP ports from CASEROUND_MEDIA_PORT on,"
        " and the last is 65535: choose a lower port."
    )
