"""Every setting, typed and documented, read from `CASEROUND_*`; values are passed down."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.edge import turn
from server.jobs.recognise import installed

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class ConfigError(Exception):
    """A setting cannot be used; the text is one sentence that says what to do."""


class Settings(BaseSettings):
    """Configuration of one Caseround server."""

    model_config = SettingsConfigDict(env_prefix="CASEROUND_", extra="ignore")

    http_host: str = Field(
        "127.0.0.1", description="Address the web server listens on; 0.0.0.0 in a container."
    )
    http_port: int = Field(8080, ge=0, le=65535, description="TCP port of the web server.")
    media_port: int = Field(
        8081, ge=0, le=65535, description="UDP port for picture and sound, one for everybody."
    )
    media_addresses: str = Field(
        "",
        description="Addresses that browsers can reach the media port at, separated by commas;"
        " empty: every address of this machine. Behind NAT name the public address.",
    )
    media_backend: Literal["auto", "native", "pure"] = Field(
        "auto",
        description="What forwards picture and sound: native (compiled C, about half the work for"
        " the machine), pure (Python alone), or auto: native where it could be compiled.",
    )
    media_workers: str = Field(
        "0",
        description="Processes for picture and sound beside the one for pages, each with a UDP port"
        " of its own from MEDIA_PORT on: a number up to 64, auto (one a core), or 0: none, the"
        " one process does both.",
    )
    turn_urls: str = Field(
        "",
        description="Relay (TURN) for networks that let no UDP out: its name, which stands for"
        " udp 3478, tcp 3478 and tls 443, or its turn: and turns: URLs separated by commas;"
        " empty: none.",
    )
    turn_secret: SecretStr = Field(
        SecretStr(""), description="The relay's static-auth-secret, 32 characters or more."
    )
    turn_secret_file: str = Field(
        "", description="File that holds TURN_SECRET, instead of the variable."
    )
    turn_lifetime: int = Field(
        3600,
        ge=300,
        le=3600,
        description="Seconds that what a person is given to use the relay can be used.",
    )
    data_dir: Path = Field(Path("var"), description="Folder for database, keys and files.")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="sqlite:///… or postgresql://user:password@host/name;"
        " empty: caseround.sqlite3 in DATA_DIR.",
    )
    public_url: str = Field(
        "", description="Origin as browsers see it; empty: http://localhost:HTTP_PORT."
    )
    trusted_proxies: str = Field(
        "", description="Networks whose X-Forwarded-For counts, separated by commas."
    )
    mail_url: SecretStr = Field(
        SecretStr(""),
        description="smtp://, smtp+tls:// or smtps://user:password@host:port;"
        " empty: links are shown on the screen instead.",
    )
    mail_from: str = Field("caseround@localhost", description="Sender of mails.")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for /metrics from other machines; empty: none."
    )
    connections: int = Field(2000, ge=10, description="Connections open at once, in all.")
    connections_per_address: int = Field(
        200, ge=5, description="Connections open at once from one address."
    )
    deid_ner: str = Field(
        "",
        description="An installed spaCy model package that reads texts for names, too,"
        " for example en_core_web_sm; empty: none.",
    )
    log_format: Literal["json", "text"] = Field("json", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important line that is written."
    )

    @field_validator("public_url")
    @classmethod
    def _origin_only(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path):
            msg = "must look like https://clinic.example, without a path"
            raise ValueError(msg)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, (p.strip() for p in value.split(","))):
            ip_network(part, strict=False)
        return value

    @field_validator("media_workers")
    @classmethod
    def _so_many(cls, value: str) -> str:
        if value != "auto" and not (value.isascii() and value.isdigit() and int(value) <= 64):
            msg = f"{value} is no number of processes: write 0 to 64, or auto"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _ports_enough(self) -> "Settings":
        if self.media_port + self.workers() - 1 > 65535:
            msg = (
                f"CASEROUND_MEDIA_WORKERS need {self.workers()} UDP ports from"
                f" CASEROUND_MEDIA_PORT on, and the last is 65535: choose a lower port"
            )
            raise ValueError(msg)
        return self

    @field_validator("turn_urls")
    @classmethod
    def _relays_for_browsers(cls, value: str) -> str:
        turn.urls_of(value)
        return value

    @field_validator("turn_secret_file")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value:
            try:
                Path(value).read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                msg = f"{value} cannot be read ({type(error).__name__}): name the file or change its owner"
                raise ValueError(msg) from error
        return value

    @model_validator(mode="after")
    def _relay_whole(self) -> "Settings":
        if self.turn_secret.get_secret_value() and self.turn_secret_file:
            msg = "CASEROUND_TURN_SECRET and CASEROUND_TURN_SECRET_FILE say the same: set one of them"
            raise ValueError(msg)
        secret = self.turn_key()
        if bool(secret) != bool(self.turn_urls.strip(" ,")):
            msg = (
                "CASEROUND_TURN_URLS and CASEROUND_TURN_SECRET (or its _FILE) belong together:"
                " set both, or neither"
            )
            raise ValueError(msg)
        if secret and len(secret) < turn.SHORTEST_SECRET:
            msg = (
                f"CASEROUND_TURN_SECRET is shorter than {turn.SHORTEST_SECRET} characters:"
                " make one with `openssl rand -hex 32`, for coturn too"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _https_unless_local(self) -> "Settings":
        parts = urlsplit(self.origin)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK_NAMES:
            msg = "PUBLIC_URL must be https unless it names this machine itself"
            raise ValueError(msg)
        return self

    @field_validator("deid_ner")
    @classmethod
    def _model_installed(cls, value: str) -> str:
        if value and not installed(value):
            msg = f"there is no package {value}: install spaCy and the model, or leave it empty"
            raise ValueError(msg)
        return value

    @property
    def origin(self) -> str:
        """Return the public origin."""
        return self.public_url or f"http://localhost:{self.http_port}"

    @property
    def secure(self) -> bool:
        """Say whether browsers reach us by https."""
        return self.origin.startswith("https://")

    @property
    def database(self) -> str:
        """Return the database URL."""
        given = self.database_url.get_secret_value()
        return given or f"sqlite:///{self.data_dir.resolve() / 'caseround.sqlite3'}"

    def addresses(self) -> tuple[str, ...]:
        """Return the configured media addresses (empty: find them)."""
        return tuple(filter(None, (a.strip() for a in self.media_addresses.split(","))))

    def workers(self) -> int:
        """Return how many media workers there are to be; 0: none."""
        if self.media_workers == "auto":
            return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        return int(self.media_workers)

    def turn_key(self) -> str:
        """Return what is shared with the relay, from the variable or its file; empty: none."""
        if self.turn_secret_file:
            return Path(self.turn_secret_file).read_text("utf-8").strip()
        return self.turn_secret.get_secret_value()

    def shown(self) -> list[tuple[str, str, str]]:
        """Return (name, value or ***, description) of every setting."""
        rows = []
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            text = (
                ("***" if value.get_secret_value() else "")
                if isinstance(value, SecretStr)
                else str(value)
            )
            rows.append((f"CASEROUND_{name.upper()}", text, info.description or ""))
        return rows


def load(**overrides: object) -> Settings:
    """Read the settings; raises ConfigError with one sentence for each wrong one."""
    known = {f"CASEROUND_{name.upper()}" for name in Settings.model_fields}
    outside = {"CASEROUND_CHROMIUM", "CASEROUND_FIREFOX"}
    unknown = sorted(
        k
        for k in os.environ
        if k.startswith("CASEROUND_") and k not in known | outside and not k.endswith("_CORPORA")
    )
    if unknown:
        msg = f"{unknown[0]} is not a setting; `caseround config` lists them all."
        raise ConfigError(msg)
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        sentences = []
        for problem in error.errors(include_url=False, include_input=False):
            name = f"CASEROUND_{str(problem['loc'][0]).upper()}: " if problem["loc"] else ""
            sentences.append(f"{name}{problem['msg'].removeprefix('Value error, ')}.")
        raise ConfigError(" ".join(sentences)) from error
