"""The words around the code are true to it: generated pages, links, paths, commands."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from server.cli import cli
from server.config import Settings
from tests.tools import reference_pages

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_OURS = re.compile(r"^(?:server|sessions|cases|static|tests|docs|requirements)/[\w./*-]+$")

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES]
)


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors that headings get: lower case, punctuation gone, blanks to dashes."""
    return {
        re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        for title in _HEADING.findall(prose(page))
    }


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return reference_pages.pages()


def test_reference_pages_say_what_the_code_says(written: dict[str, str]) -> None:
    there = {p.name: p.read_text("utf-8") for p in reference_pages.FOLDER.iterdir()}
    assert there == written, "out of date: run `make docs`"


def test_reference_pages_are_complete(written: dict[str, str]) -> None:
    """Counted by other means than the generator's own."""
    settings = re.findall(r"^\| `CASEROUND_(\w+)`", written["settings.md"], re.MULTILINE)
    assert settings == [name.upper() for name in Settings.model_fields]
    events = set(re.findall(r"^\| `([\w.]+)` \d", written["events.md"], re.MULTILINE))
    in_code = {
        name
        for file in ("server/people/events.py", "sessions/events.py", "cases/events.py")
        for name in re.findall(
            r'name: ClassVar\[str\] = "([\w.]+)"', (ROOT / file).read_text("utf-8")
        )
    }
    assert events == in_code
    sockets = set(re.findall(r"^\| `([\w:]+)` ", written["socket-events.md"], re.MULTILINE))
    source = (ROOT / "sessions/web/sockets.py").read_text("utf-8")
    assert sockets == set(re.findall(r'_event\(\s*"([\w:]+)"', source))


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for pair in _LINK.findall(prose(page)):
        target = pair[0] or pair[1]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@each_page
def test_named_files_exist(page: Path) -> None:
    named = [text for text in _CODE.findall(prose(page)) if _OURS.match(text)]
    missing = [path for path in named if not any(ROOT.glob(path.rstrip("/")))]
    assert missing == []


@each_page
def test_commands_exist(page: Path) -> None:
    known = {
        command.name or command.callback.__name__.replace("_", "-")
        for command in cli.registered_commands
        if command.callback is not None
    } | {group.name for group in cli.registered_groups}
    targets = set(reference_pages.make_targets())
    blocks = [body for kind, body in _FENCE.findall(page.read_text("utf-8")) if kind == "sh"]
    said = "\n".join([*blocks, *_CODE.findall(prose(page))])
    made = set(re.findall(r"(?:^|[\s;&])make ([a-z][a-z-]*)", said))
    asked = set(re.findall(r"(?:^|/|\s)(?:caseround|python -m server) ([a-z][a-z-]*)", said))
    # `docker compose run --rm caseround caseround …`: the first is the service's name.
    assert (made - targets, asked - known - {"caseround"}) == (set(), set())


@each_page
def test_settings_exist(page: Path) -> None:
    known = {f"CASEROUND_{name.upper()}" for name in Settings.model_fields}
    known |= {"CASEROUND_CHROMIUM", "CASEROUND_FIREFOX", "CASEROUND_HOSTILE"}  # the tests' own
    assert set(re.findall(r"CASEROUND_[A-Z_]*[A-Z]", page.read_text("utf-8"))) <= known


def test_decisions_are_numbered_and_short() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]
    headings = ["Context", "Choice", "Price", "How we would notice we were wrong"]
    for file in files:
        text = file.read_text("utf-8")
        assert re.match(rf"# {file.name[:4]} \S", text), file.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == headings, file.name
        assert len(text.splitlines()) <= 60, file.name


def test_the_readme_shows_three_pictures() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    names = ["light.png", "dark.png", "phone.png"]
    assert re.findall(r"docs/pictures/([\w.]+)", text) == names
    for name in names:
        picture = ROOT / "docs" / "pictures" / name
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert picture.stat().st_size < 150_000
