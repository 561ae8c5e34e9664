"""Every pair of colours that meets on screen, in both themes: 4.5:1 for text, 3:1 for edges (WCAG 2.2)."""

import math
import re
from pathlib import Path

import pytest

DESIGN = Path(__file__).parents[2] / "static" / "design"
DECLARATION = re.compile(r"(--[a-z0-9-]+):\s*([^;]+);")
OKLCH = re.compile(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)(?: / ([\d.]+))?\)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

RGB = tuple[float, float, float]

GROUNDS = ("paper", "surface", "sunken")
TINTS = (
    "accent-tint",
    "waiting-tint",
    "done-tint",
    "finding-tint",
    "danger-tint",
    "hub-tint",
    "spoke-tint",
)
INKS = tuple(
    f"{n}-ink" for n in ("accent", "waiting", "done", "finding", "danger", "hub", "spoke")
)
EDGES = ("edge", "focus", "waiting-edge", "done-edge", "finding-edge", "danger-edge")

TEXT = (
    *((ink, ground) for ink in ("ink", "ink-soft", *INKS) for ground in GROUNDS),
    *((ink, tint) for ink in ("ink", "ink-soft") for tint in TINTS),
    *((tint.replace("-tint", "-ink"), tint) for tint in TINTS),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("paper", "ink"),  # toast
    ("stage-ink", "stage"),
    ("stage-ink", "stage-raised"),
)
EDGE = (
    *((edge, ground) for edge in EDGES for ground in GROUNDS),
    *((f"{n}-edge", f"{n}-tint") for n in ("waiting", "done", "finding", "danger")),
    *((fill, "line") for fill in ("accent", "waiting-edge", "done-edge", "danger-edge")),
    ("focus", "accent-tint"),
    ("stage-ring", "stage"),
    ("stage-ring", "stage-raised"),
)


def declarations(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in DECLARATION.findall(COMMENT.sub("", text))}


def dark_blocks() -> list[dict[str, str]]:
    text = COMMENT.sub("", (DESIGN / "dark.css").read_text("utf-8"))
    return [declarations(body) for body in re.findall(r"\{([^{}]*--raw-[^{}]*)\}", text)]


def theme(name: str) -> dict[str, str]:
    light = declarations((DESIGN / "tokens.css").read_text("utf-8"))
    return light if name == "light" else light | dark_blocks()[0]


def resolve(tokens: dict[str, str], name: str) -> RGB:
    """Return linear sRGB of the meaning token `name`, clipped into gamut as a browser would."""
    value = tokens[f"--{name}"]
    inner = re.fullmatch(r"var\(--([a-z0-9-]+)\)", value)
    if inner:
        return resolve(tokens, inner.group(1))
    found = OKLCH.fullmatch(value)
    assert found, f"--{name}: {value} is not a plain oklch() colour"
    lightness, chroma, hue = (float(part) for part in found.groups()[:3])
    return linear(lightness / 100, chroma, math.radians(hue))


def linear(lightness: float, chroma: float, hue: float) -> RGB:
    # Björn Ottosson's OKLab matrices, as in CSS Color 4.
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )
    red, green, blue = (min(1.0, max(0.0, part)) for part in rgb)
    return red, green, blue


def luminance(rgb: RGB) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def contrast(one: RGB, other: RGB) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_faint(
    tokens: dict[str, str], pairs: tuple[tuple[str, str], ...], floor: float
) -> list[str]:
    ratios = [
        (contrast(resolve(tokens, top), resolve(tokens, ground)), top, ground)
        for top, ground in pairs
    ]
    return [f"{top} on {ground} {ratio:.2f}" for ratio, top, ground in ratios if ratio < floor]


def test_the_measure_knows_black_white_and_a_published_grey() -> None:
    black, white = linear(0, 0, 0), linear(1, 0, 0)
    assert round(contrast(black, white), 2) == 21.0
    # #767676 is the lightest grey that passes 4.5:1 on white; its OKLCH lightness is 0.5659.
    assert round(contrast(linear(0.5659, 0, 0), white), 2) == 4.54


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read(name: str) -> None:
    assert too_faint(theme(name), TEXT, 4.5) == []


@pytest.mark.parametrize("name", ["light", "dark"])
def test_edges_and_icons_can_be_seen(name: str) -> None:
    assert too_faint(theme(name), EDGE, 3.0) == []


def test_names_on_video_can_be_read_over_a_white_picture() -> None:
    tokens = theme("light")
    veil = 0.78  # .tile-name: 78 % of the stage colour over whatever the camera shows

    def gamma(part: float) -> float:
        return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055

    def flat(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (flat(veil * gamma(part) + (1 - veil)) for part in resolve(tokens, "stage"))
    assert contrast(resolve(tokens, "stage-ink"), (red, green, blue)) >= 4.5


def test_dark_redefines_raw_colours_only_and_says_the_same_twice() -> None:
    by_wish, by_choice = dark_blocks()
    assert by_wish == by_choice
    assert [name for name in by_wish if not name.startswith("--raw-")] == []
    light = declarations((DESIGN / "tokens.css").read_text("utf-8"))
    assert [name for name in by_wish if name not in light] == []
    # The stage behind video is dark in both themes; everything else must have a dark twin.
    missing = {n for n in light if n.startswith("--raw-")} - set(by_wish)
    assert {n for n in missing if not n.startswith("--raw-stage")} == set()
