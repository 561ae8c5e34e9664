"""Log lines: one JSON object each; only named fields, never what a person typed."""

import logging
import sys

import structlog

ALLOWED = frozenset(
    {
        "event", "event_name", "level", "timestamp", "logger", "request", "method", "route",
        "status", "ms", "error", "where", "job", "delay", "address", "port", "revision", "room",
        "seat", "count", "backend", "reason", "version", "origin",
    }
)  # fmt: skip
"""A field that is not listed here is dropped: a new one is a decision (security.md 70)."""


def _only_allowed(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    return {key: value for key, value in event.items() if key in ALLOWED}


def _one_line(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    return {
        key: value.replace("\r", "\\r").replace("\n", "\\n") if isinstance(value, str) else value
        for key, value in event.items()
    }


class _TypeOnly(logging.Formatter):
    """Formats other libraries' records without their exception text, which may quote input."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        return f'{{"level": "{record.levelname.lower()}", "logger": "{record.name}", "error": "{kind}"}}'


def setup(*, form: str, level: str) -> None:
    """Send our own lines to standard error; other libraries only from warnings up."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _only_allowed,
            _one_line,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_TypeOnly())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
