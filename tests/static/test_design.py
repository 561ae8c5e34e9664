"""The rules of the design system that a machine can keep: tokens, bundles, budgets, icons, strict CSP."""

import re
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
DESIGN = STATIC / "design"
RAW = {DESIGN / "tokens.css", DESIGN / "dark.css"}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STYLES = sorted(
    file
    for file in STATIC.rglob("*.css")
    if file not in RAW and not file.is_relative_to(STATIC / "vendor")
)
TEMPLATES = sorted(
    file
    for folder in ("server", "sessions", "cases")
    for file in (ROOT / folder).rglob("*.html")
    if "templates" in file.parts
)


def code(file: Path) -> str:
    return COMMENT.sub("", file.read_text("utf-8"))


def bundle(name: str) -> list[str]:
    lines = (DESIGN / f"{name}.bundle").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def compressed(name: str) -> int:
    text = "\n".join(code(DESIGN / file) for file in bundle(name))
    text = re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", text))
    return len(brotli.compress(text.encode(), quality=9))


@pytest.mark.parametrize("file", STYLES, ids=lambda f: f.relative_to(STATIC).as_posix())
def test_styles_use_meaning_tokens_only(file: Path) -> None:
    colours = r":[^;{}]*#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(|--raw-"
    assert re.findall(colours, code(file)) == []


@pytest.mark.parametrize("file", STYLES, ids=lambda f: f.relative_to(STATIC).as_posix())
def test_styles_use_tokens_that_exist(file: Path) -> None:
    known = set(re.findall(r"(--[a-z0-9-]+):", code(DESIGN / "tokens.css")))
    local = set(re.findall(r"(--[a-z0-9-]+):", code(file)))
    # A custom property with a fallback is a knob that a caller may turn.
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", code(file)))
    assert used - known - local == set()


@pytest.mark.parametrize("file", STYLES, ids=lambda f: f.relative_to(STATIC).as_posix())
def test_styles_turn_with_the_reading_direction(file: Path) -> None:
    physical = (
        r"(?<![\w-])(?:margin|padding|border)-(?:left|right)\b|(?<![\w-])(?:left|right)\s*:"
        r"|text-align:\s*(?:left|right)"
    )
    assert re.findall(physical, code(file)) == []


def test_every_style_belongs_to_one_bundle() -> None:
    listed = [name for file in DESIGN.glob("*.bundle") for name in bundle(file.stem)]
    there = [file.relative_to(DESIGN).as_posix() for file in DESIGN.rglob("*.css")]
    assert sorted(listed) == sorted(there)


@pytest.mark.parametrize(("name", "budget"), [("app", 14_000), ("live", 6_000)])
def test_styles_stay_within_their_budget(name: str, budget: int) -> None:
    assert compressed(name) <= budget


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda f: f.relative_to(ROOT).as_posix())
def test_templates_obey_the_content_security_policy(file: Path) -> None:
    text = file.read_text("utf-8")
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=\"|javascript:", text) == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", text) if "nonce=" not in tag] == []


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    sprite = set(
        re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons/sprite.svg").read_text("utf-8"))
    )
    scripts = [file for file in STATIC.rglob("*.js") if not file.is_relative_to(STATIC / "vendor")]
    asked = {
        (file.name, name)
        for file in [*TEMPLATES, *scripts]
        for name in re.findall(
            r'\bicon\(\s*"([a-z-]+)"|\bicon="([a-z-]+)"', file.read_text("utf-8")
        )
        for name in name
        if name
    }
    assert {(where, name) for where, name in asked if name not in sprite} == set()
