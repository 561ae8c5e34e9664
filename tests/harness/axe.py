"""Runs the vendored axe-core on a page: the WCAG 2.2 AA rules a machine can check."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

SOURCE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

RUN = """
async (tags) => {
  const result = await axe.run(document, {
    runOnly: {type: "tag", values: tags},
    resultTypes: ["violations"],
  });
  return result.violations.flatMap((violation) => violation.nodes.map((node) => ({
    rule: violation.id,
    impact: violation.impact,
    help: violation.help,
    target: node.target.flat(Infinity).join(" "),
    html: node.html.slice(0, 200),
  })));
}
"""


class Page(Protocol):
    """The one method of a Playwright page that is needed."""

    async def evaluate(self, expression: str, arg: Any = None) -> Any: ...


@dataclass(frozen=True)
class Violation:
    """One element that breaks one rule."""

    rule: str
    impact: str
    help: str
    target: str
    html: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.help}: {self.target} {self.html}"


async def violations(page: Page) -> list[Violation]:
    """Every element of the page as it stands that breaks a WCAG 2.2 AA rule; [] is the wish.

    The script comes in through the debugger, so it runs under the page's real Content-Security-
    Policy: nothing is loosened for the test.
    """
    await page.evaluate(_source())
    found = await page.evaluate(RUN, list(TAGS))
    return [Violation(**violation) for violation in found]


@cache
def _source() -> str:
    # Wrapped: the file's last expression is not something a debugger could send back.
    return "() => {" + SOURCE.read_text(encoding="utf-8") + "\n}"
