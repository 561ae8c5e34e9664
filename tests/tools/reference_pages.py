"""Writes docs/reference/ from the code: what can be read off a table is never typed twice.

`make docs` runs it; tests/test_docs.py fails when a page no longer says what the code says.
The application is built and not started: no port, no database, no file is opened.
"""

import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from cases.instruments.registry import INSTRUMENTS
from server.app import RELAY, create_app
from server.cli import cli
from server.config import Settings
from server.edge.keys import POLICIES
from server.kit.actor import Permission, Role
from server.kit.clock import SystemClock
from server.kit.events import Event
from server.people.rules import GRANTABLE_BY, PLATFORM_ADMIN_PERMISSIONS, ROLE_PERMISSIONS
from server.people.web.words import ROLE_LABELS
from server.store.engine import make_engines
from server.store.unit import Units
from sessions.web import live
from tests.fakes.plane import FakePlane
from tests.harness.house_parts import every_module

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference"
FROM_CODE = "<!-- Written by `make docs` from the code. Change the code, not this page. -->\n\n"


def make_app() -> web.Application:
    """Build the application with the settings' defaults, the demonstration's routes included."""
    settings = Settings.model_construct()  # the defaults, whatever this environment says
    units = Units(make_engines("sqlite:///never-opened"), SystemClock())
    return create_app(settings, units, secret=bytes(32), plane=FakePlane(), demo_links={})


def pages() -> dict[str, str]:
    """Return file name → text of every reference page."""
    every_module()  # events are found as subclasses: all must be imported
    app = make_app()
    found = {
        "commands.md": commands(),
        "settings.md": settings_page(),
        "urls.md": urls(app),
        "permissions.md": permissions(),
        "events.md": events(app),
        "socket-events.md": socket_events(app),
        "instruments.md": instruments(),
    }
    return {name: FROM_CODE + text.rstrip() + "\n" for name, text in found.items()}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; bars and line breaks in a cell cannot break it."""

    def line(cells: Sequence[str]) -> str:
        tidy = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
        return f"| {' | '.join(tidy)} |"

    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)]) + "\n\n"


def first_sentence(doc: str | None) -> str:
    """Return a docstring's first paragraph on one line."""
    return " ".join((doc or "").strip().split("\n\n")[0].split())


def commands() -> str:
    """Return the command line and the make targets."""
    rows = []
    groups = [(f"{group.name} ", group.typer_instance) for group in cli.registered_groups]
    for prefix, group in (("", cli), *groups):
        assert group is not None
        for command in group.registered_commands:
            assert command.callback is not None
            name = prefix + (command.name or command.callback.__name__.replace("_", "-"))
            rows.append((f"`caseround {name}`", first_sentence(command.callback.__doc__)))
    made = [(f"`make {name}`", said) for name, said in make_targets().items()]
    return (
        "# Commands\n\n`caseround …` is the same as `python -m server …`; `make setup` puts it into"
        " `.venv/bin/`.\n\n"
        + table(("command", "what it does"), rows)
        + "## In a clone\n\n"
        + table(("target", "what it does"), made)
    )


def make_targets() -> dict[str, str]:
    """Return the Makefile's targets with their own words, as `make` prints them."""
    text = (ROOT / "Makefile").read_text("utf-8")
    return dict(re.findall(r"^([a-z-]+):.*## (.+)$", text, re.MULTILINE))


def settings_page() -> str:
    """Return every setting with type, default and meaning."""
    rows = []
    for name, info in Settings.model_fields.items():
        default = info.default
        shown = default.get_secret_value() if hasattr(default, "get_secret_value") else default
        kind = getattr(info.annotation, "__name__", str(info.annotation))
        kind = {"SecretStr": "secret text", "str": "text", "int": "number", "Path": "folder"}.get(
            kind, "one of " + ", ".join(getattr(info.annotation, "__args__", ()))
        )
        rows.append(
            (
                f"`CASEROUND_{name.upper()}`",
                kind,
                f"`{shown}`" if str(shown) else "empty",
                info.description or "",
            )
        )
    return (
        "# Settings\n\nEnvironment variables. `caseround config` prints what is in force, secrets"
        " hidden. A wrong value, or a variable that is no setting, stops the start with one"
        " sentence.\n\n" + table(("variable", "kind", "default", "meaning"), rows)
    )


FEATURES = {
    "server.edge": "The house",
    "server.demo_sign_in": "The demonstration only",
    "server.people": "People",
    "sessions": "Programmes and sessions",
    "cases": "Cases, letters, library",
}


def urls(app: web.Application) -> str:
    """Return every route with its policy, by feature."""
    found: dict[str, list[tuple[str, str, str, str]]] = {title: [] for title in FEATURES.values()}
    for route in app.router.routes():
        if route.method == "HEAD" or route.resource is None:
            continue
        path = route.resource.canonical
        policy = app[POLICIES][(route.method, path)]
        title = next(
            t for start, t in FEATURES.items() if route.handler.__module__.startswith(start)
        )
        said = first_sentence(route.handler.__doc__)
        said = re.sub(r"^(GET|POST) [^\s:]+[:.]? ?", "", said) or route.handler.__name__
        said = said[0].upper() + said[1:]
        found[title].append((path, route.method, policy.describe(), said))
    text = (
        "# Addresses\n\nEvery route, with who may knock. “needs …” is the gate: the permission is"
        " held in at least one programme. The exact programme, case or session is checked behind"
        " it, and what you may not see answers like what does not exist.\n\n"
    )
    for title, rows in found.items():
        shown = [(f"`{m}`", f"`{p}`", who, said) for p, m, who, said in sorted(rows)]
        text += f"## {title}\n\n" + table(("method", "path", "who", "what"), shown)
    return text


def permissions() -> str:
    """Return roles × permissions, and who may hand out which role."""
    roles = list(Role)
    head = ("permission", *(str(ROLE_LABELS[role]) for role in roles), "Platform administrator")
    rows = [
        (
            f"`{permission}`",
            *("●" if permission in ROLE_PERMISSIONS[role] else "" for role in roles),
            "●" if permission in PLATFORM_ADMIN_PERMISSIONS else "",
        )
        for permission in Permission
    ]
    given = [
        (str(ROLE_LABELS[role]), ", ".join(str(ROLE_LABELS[r]) for r in Role if r in grants))
        for role, grants in GRANTABLE_BY.items()
    ]
    given.append(("Platform administrator", "every role"))
    return (
        "# Permissions\n\nRoles are held per programme; the platform administrator's permissions"
        " hold everywhere. A permission opens the door; rules about the single case or session"
        " come on top (its author, its state, whether its session is live).\n\n"
        + table(head, rows)
        + "## Who may hand out which role\n\n"
        + table(("who", "roles"), given)
    )


def events(app: web.Application) -> str:
    """Return every domain event, its fields and its handlers."""
    handlers = app[RELAY]._handlers
    rows = []
    for kind in sorted(_subclasses(Event), key=lambda k: k.name):
        fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(kind))
        heard = ", ".join(
            f"`{h.__module__}.{h.__qualname__}`" for h in handlers.get(kind.name, ())
        )
        rows.append(
            (f"`{kind.name}` {kind.version}", first_sentence(kind.__doc__), fields, heard or "–")
        )
    return (
        "# Domain events\n\nWritten to the outbox in the transaction that caused them, delivered at"
        " least once. Ids, codes and numbers only, never content.\n\n"
        + table(("event, version", "what happened", "fields", "heard by"), rows)
    )


def _subclasses(kind: type[Event]) -> Iterable[type[Event]]:
    for found in kind.__subclasses__():
        # A dataclass with slots is made twice: only the second one carries the name. Events that
        # a test made up are not the house's.
        ours = found.__module__.split(".")[0] in ("server", "sessions", "cases")
        if ours and getattr(sys.modules[found.__module__], found.__name__, None) is found:
            yield found
        yield from _subclasses(found)


def socket_events(app: web.Application) -> str:
    """Return every event a browser may send to the live room."""
    rows = [
        (
            f"`{event.name}`",
            _fields(event.schema.model_json_schema()),
            event.policy.describe(),
            event.about,
        )
        for event in app[live.LIVE].namespace.table()
    ]
    return (
        "# Socket events\n\nWhat a browser may send to `/live`. The permission is checked for every"
        " single event, in the session's own programme; an unknown field is refused. How the"
        " conversation goes: [protocol](../protocol.md).\n\n"
        + table(("event", "fields", "who", "what it does"), rows)
    )


def _fields(schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    shown = []
    for name, field in schema["properties"].items():
        mark = "" if name in required else "?"
        shown.append(f"`{name}`{mark} {_kind(field, schema.get('$defs', {}))}")
    return "; ".join(shown)


def _kind(field: dict[str, Any], known: dict[str, Any]) -> str:
    if "$ref" in field:
        field = known[field["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in field:
        field = next(f for f in field["anyOf"] if f.get("type") != "null")
    if "enum" in field:
        return ", ".join(json.dumps(v) if isinstance(v, int) else v for v in field["enum"])
    kind = {"string": "text", "integer": "number", "boolean": "yes/no"}[field["type"]]
    return f"{kind} ≤ {field['maxLength']}" if "maxLength" in field else kind


def instruments() -> str:
    """Return the scales of the case form with their rules."""
    text = (
        "# Scales\n\nWhat the case form scores. A score is a screen, not a diagnosis. With an item"
        " missing there is no score and no band.\n\n"
    )
    for scale in INSTRUMENTS.values():
        positive = f"positive from {scale.positive_from}" if scale.positive_from else "no cut-off"
        text += (
            f"## {scale.name}\n\n{len(scale.items)} items, 0–{scale.highest}; text version"
            f" {scale.version}, scoring version {scale.scoring_version}; {positive};"
            f" {'items and total' if scale.keeps_items else 'total only'} kept.\n\n"
        )
        text += table(("total", "band"), [(f"{b.low}–{b.high}", b.label) for b in scale.bands])
        text += f"Source: {scale.source}\n\n{scale.credit}\n\n"
    return text


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in found:
            old.unlink()
    for name, text in found.items():
        (FOLDER / name).write_text(text, "utf-8")
    print(f"{len(found)} pages in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
