"""The rules of the house that imports and types cannot see, kept by machines (docs/tour.md)."""

import dataclasses
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from cases.instruments import registry
from cases.rules.models import CaseState
from server.app import template_folders
from server.edge.i18n import PSEUDO
from server.edge.pages import page_fields, page_types
from server.kit.actor import Permission, Role
from server.kit.events import Event
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.web import live
from tests.factories.cases import STORY, a_case, a_form, put_in_state
from tests.factories.people import make_actor
from tests.factories.sessions import a_programme, a_series, somebody
from tests.harness.browser_client import House
from tests.harness.house_parts import every_module

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("server", "sessions", "cases")


def sources(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of the house's own files, without what others wrote."""
    for top in (*PACKAGES, "static"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in suffixes and "vendor" not in path.parts and path.is_file():
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


# -- templates and pages -------------------------------------------------------------------------


def templates() -> dict[str, str]:
    """Return the text of every template by the name Jinja knows it by."""
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_text("utf-8")
        for prefix, folder in template_folders().items()
        for path in folder.rglob("*.html")
    }


TEMPLATES = templates()
_PULLS_IN = (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)
_ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def used_fields(name: str, seen: set[str] | None = None) -> set[str]:
    """Return every x of `page.x` in a template and what it includes or extends."""
    seen = seen if seen is not None else set()
    if name in seen:
        return set()
    seen.add(name)
    tree = _ENVIRONMENT.parse(TEMPLATES[name])
    found = {
        node.attr
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "page"
    }
    for node in tree.find_all((nodes.Include, nodes.Extends)):
        if isinstance(node.template, nodes.Const):
            found |= used_fields(node.template.value, seen)
    return found


def test_every_template_has_exactly_one_page() -> None:
    every_module()
    pages = [kind.template for kind in page_types()]
    parts = {
        node.template.value
        for text in TEMPLATES.values()
        for node in _ENVIRONMENT.parse(text).find_all(_PULLS_IN)
        if isinstance(node.template, nodes.Const)
    }
    assert len(set(pages)) == len(pages)
    assert set(pages) <= set(TEMPLATES)
    assert set(TEMPLATES) - parts - set(pages) == set()


def test_every_field_of_a_page_is_drawn_and_nothing_else_is_asked_for() -> None:
    every_module()
    unused, unknown = {}, {}
    for kind in page_types():
        used = used_fields(kind.template)
        declared = set(page_fields(kind))
        unused[kind.__name__] = declared - used
        unknown[kind.__name__] = {u for u in used - declared if not hasattr(kind, u)}
    assert {k: v for k, v in unused.items() if v} == {}
    assert {k: v for k, v in unknown.items() if v} == {}


# -- words that never appear ---------------------------------------------------------------------

BANNED = (
    (r"\|\s*safe\b", (".html",), "escaping is never switched off in a template"),
    (r"\bautoescape\s+false", (".html",), "escaping is never switched off in a template"),
    (r"\bstyle\s*=\s*[\"']", (".html",), "the policy refuses inline styles"),
    (r"<[a-z][^>{]*\son[a-z]+\s*=", (".html",), "the policy refuses inline handlers"),
    (r"[\"'`]javascript:", (".html", ".js"), "code in an address"),
    (r"render_template_string|from_string\(", (".py",), "templates are files"),
    (r"cors_allowed_origins\s*=\s*[\"']\*", (".py",), "sockets are for our own pages"),
    (r"follow_symlinks\s*=\s*True", (".py",), "CVE-2024-23334"),
    (r"stun:|stun\.l\.google", (".py", ".js"), "nobody is asked for our address"),
    (r"\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write\(", (".js",), "nodes are built"),
    (r"\beval\(|new Function\(", (".js", ".py"), "text is never run"),
    (r"\bpickle\b|yaml\.load\(", (".py",), "only JSON is read"),
)


@pytest.mark.parametrize(("pattern", "suffixes", "why"), BANNED, ids=[b[0] for b in BANNED])
def test_some_words_never_appear(pattern: str, suffixes: tuple[str, ...], why: str) -> None:
    found = [
        f"{path}:{text[: match.start()].count(chr(10)) + 1}"
        for path, text in sources(*suffixes)
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]
    assert found == [], why


def test_text_is_declared_safe_in_one_place_only() -> None:
    """The import map is ours; snippets of the library mark words with elements, not with text."""
    found = {path for path, text in sources(".py") if re.search(r"\bMarkup\(", text)}
    assert found == {"server/edge/assets.py"}


# -- importing does nothing ----------------------------------------------------------------------

_IMPORTER = """
import socket, sys, threading

deeds = []

def hook(name, arguments):
    if name in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove",
                "os.rename", "os.putenv", "sqlite3.connect"):
        # A library of codecs looks for its shared objects when it is imported.
        if arguments[0] != "/sbin/ldconfig":
            deeds.append(f"{name} {arguments}")
    if name == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        deeds.append(f"{name} {arguments}")

sys.dont_write_bytecode = True
sys.addaudithook(hook)
from tests.harness.house_parts import every_module
names = every_module()
assert len(names) > 150, len(names)
assert deeds == [], deeds
assert threading.active_count() == 1, threading.enumerate()
import asyncio
try:
    asyncio.get_running_loop()
except RuntimeError:
    print("nothing happened")
"""


def test_importing_every_module_has_no_effect() -> None:
    """No connection, no file written, no process, no thread, no loop."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTER], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("nothing happened\n", 0), done.stderr


# -- events, permissions, sockets ----------------------------------------------------------------


def events() -> list[type[Event]]:
    """Return every kind of domain event; those that a test made up are not the house's."""
    every_module()
    found, waiting = [], [Event]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            ours = kind.__module__.split(".")[0] in ("server", "sessions", "cases")
            # dataclasses with slots leave their first, unfinished class behind.
            if ours and "name" in vars(kind) and "__slots__" in vars(kind):
                found.append(kind)
    return found


def test_every_event_round_trips_through_json() -> None:
    kinds = events()
    assert len({kind.name for kind in kinds}) == len(kinds) > 15
    for kind in kinds:
        types = typing.get_type_hints(kind)
        for optional in (False, True):
            values = {
                f.name: (
                    None
                    if optional and type(None) in typing.get_args(types[f.name])
                    else (7 if types[f.name] is int else f"the {f.name}")
                )
                for f in dataclasses.fields(kind)
            }
            event = kind(**values)
            assert kind.from_json(event.to_json()) == event
            newer = event.to_json().replace("{", '{"added_later": 1, ', 1)
            newer = newer.replace(", }", "}")
            assert kind.from_json(newer) == event


def test_no_event_can_carry_content() -> None:
    """Fields are ids, codes and numbers: their names say so (kit/events.py)."""
    fields = {f.name for kind in events() for f in dataclasses.fields(kind)}
    assert {
        f
        for f in fields
        if not f.endswith(("_id", "_no", "_version"))
        and f not in {"flagged", "outcome", "reason", "round", "number", "signs"}
    } == set()


WITHOUT_A_SCREEN = {Permission.AUDIT_READ}
"""Granted, but nothing asks for it yet: the audit is read with SQL until it has a page."""


def test_every_permission_is_asked_for_somewhere() -> None:
    granting = {"server/people/rules.py", "server/kit/actor.py"}
    text = "\n".join(text for path, text in sources(".py") if path not in granting)
    asked = {p for p in Permission if re.search(rf"\bPermission\.{p.name}\b", text)}
    assert set(Permission) - asked == WITHOUT_A_SCREEN


async def test_every_socket_event_declares_who_may_send_it(house: House) -> None:
    table = house.app[live.LIVE].namespace.events
    assert len(table) > 10
    for name, event in table.items():
        assert event.policy.kind in ("signed_in", "needs"), name
        assert event.policy.permission is not None, name
        assert event.schema is not None, name


# -- every visible word can be translated --------------------------------------------------------

_SEEN = frozenset(
    {"aria-label", "title", "placeholder", "alt", "data-undo-label", "data-close-label"}
)
_UNSEEN = frozenset({"script", "style", "template"})


class Words(HTMLParser):
    """The words of a page that people see or hear."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _UNSEEN
        self.words += [value for name, value in attrs if name in _SEEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


_BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
_DATES = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|M[SD]T|UTC)\b"
)
_ZONES = re.compile(r"\b[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_+\-0-9]+)+\b")
_NUMBERS = re.compile(r"\b[A-Z]{2,4}-(?:\d{4}-\d{3}|[0-9A-Z]{5})\b")
_REQUEST = re.compile(r"^[0-9a-f]{16}$")


def untranslated(page: str, data: tuple[str, ...]) -> set[str]:
    """Return visible words that went through no translation and are nobody's data."""
    found = set()
    for piece in Words(page).words:
        text, before = piece, ""
        while text != before:
            before, text = text, _BRACKETED.sub("", text)
        for pattern in (_ZONES, _NUMBERS, _REQUEST):
            text = pattern.sub("", text)
        for known in sorted(data, key=len, reverse=True):
            text = text.replace(known, "")
        text = _DATES.sub("", text)
        if re.search(r"[^\W\d_]{2,}", text):
            found.add(" ".join(piece.split())[:120])
    return found


def test_a_word_without_brackets_is_seen() -> None:
    page = "<p>⟦Hello %s ⟦you⟧⟧ Ada</p><a title='Go'>BH-2031-001, 4 March</a><script>no</script>"
    assert untranslated(page, ("Ada",)) == {"Go"}
    assert untranslated("<p>⟦Hello⟧ there</p>", ()) == {"⟦Hello⟧ there"}


NAMES_OF_THINGS = (
    *("PHQ-9", "GAD-7", "PC-PTSD-5", "AUDIT-C", "BMI", "https", "http"),
    *("mg", "kg", "cm", "mcg", "in", "lb", "ms", "mmHg", "mg/dL", "mmol/L", "mmol/mol", "g/dL"),
    *("g/L", "U/L", "IU/mL", "mIU/L", "µmol/L", "µg/mL", "10³/µL", "10⁹/L", "mL/min/1.73 m²"),
)
"""Instruments and units are spelled alike in every language."""


async def test_every_visible_word_goes_through_gettext(
    units: Units, house: House, hub: OrganisationId
) -> None:
    programme = await a_programme(units, hub)
    coordinator = await somebody(units, programme, Role.COORDINATOR)
    author = await somebody(units, programme, Role.SPOKE_CLINICIAN)
    admin = await make_actor(units, "Ada Admin", platform_admin=True)
    series, sessions = await a_series(units, coordinator, programme)
    flagged = await a_case(units, author, programme, phq9__9="1", safety_ack="yes")
    returned = await put_in_state(
        units, await a_case(units, author, programme), CaseState.NEEDS_CHANGES
    )
    home = programme.id
    data = (
        programme.name,
        programme.code,
        coordinator.name,
        author.name,
        admin.name,
        "Test Hub",
        "Test Spoke",
        series.title,
        STORY,
        *(v for v in a_form().values() if isinstance(v, str) and len(v) > 5),
        "@test.invalid",
        "Eve New",
        *(a.name.lower().replace(" ", ".") for a in (coordinator, author, admin)),
        *(scale.source for scale in registry.INSTRUMENTS.values()),
        *NAMES_OF_THINGS,
    )
    wanted = (
        (None, ("/", "/sign-in", "/nowhere")),
        (
            author,
            (
                "/",
                "/calendar",
                "/programmes",
                f"/programmes/{home}",
                f"/programmes/{home}/cases/new",
                "/cases",
                f"/cases/{flagged.key}",
                f"/cases/{flagged.key}/brief",
                f"/cases/{returned.key}/edit",
                "/profile",
                "/letters",
                "/library",
                "/accounts",
            ),
        ),
        (
            coordinator,
            (
                "/triage",
                f"/cases/{flagged.key}/review",
                f"/series/{series.id}",
                f"/sessions/{sessions[0].id}",
                f"/sessions/{sessions[0].id}/live",
                f"/programmes/{home}/series/new",
                "/programmes/new",
                f"/programmes/{home}/people",
            ),
        ),
        (admin, ("/accounts", "/programmes")),
    )
    found: dict[str, set[str]] = {}
    for actor, paths in wanted:
        browser = await house.browser(actor.person) if actor else house.stranger()
        browser.session.cookie_jar.update_cookies({"language": PSEUDO})
        for path in paths:
            answer = await browser.get(path)
            assert "⟦" in answer.text, path
            left = untranslated(answer.text, data)
            if left:
                found[re.sub(r"[0-9a-z]{26}", "…", path)] = left
        for path in ("/profile", f"/programmes/{home}/cases", f"/programmes/{home}/series"):
            answer = await browser.post(path, {"zone": "x"}) if actor else None
            left = untranslated(answer.text, data) if answer else set()
            if left:
                found[f"POST {path}"] = left
    assert not found, "\n".join(f"{path}: {sorted(left)}" for path, left in found.items())
