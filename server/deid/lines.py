"""The identifier check over JSON lines: what `caseround deid check` reads and writes."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from server.deid.detect import scan, second_look
from server.deid.load import LANGUAGES, warm
from server.deid.models import ScanResult

LONGEST = 2_000_000
"""Characters of one text; longer ones are refused, for no form field takes a tenth of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text to check; `lang` is the language it is written in, None: the text tells."""

    id: str | int | None
    text: str
    lang: str | None


def read(raw: str) -> Line:
    """Read one line; raises ValueError. Lone surrogates are let through: they are text, too."""
    value = json.loads(raw)
    match value:
        case {"text": str(text)} if len(text) <= LONGEST:
            name, lang = value.get("id"), value.get("lang")
        case _:
            raise ValueError("no text")
    match name, lang:
        case str() | int() | None, str() | None:
            return Line(name, text, lang)
        case _:
            raise ValueError("wrong type")


@dataclass(slots=True)
class Stats:
    """What the run took: milliseconds per text (start-up apart) and lines that were no text."""

    took: list[float] = field(default_factory=list)
    bad: int = 0

    def summary(self) -> dict[str, float | int]:
        """Return texts, bad lines, mean and p95 in milliseconds."""
        took = sorted(self.took) or [0.0]
        return {
            "texts": len(self.took),
            "bad_lines": self.bad,
            "ms_per_text": round(sum(took) / len(took), 2),
            "p95_ms": round(took[min(len(took) - 1, int(len(took) * 0.95))], 2),
        }


def answer(result: ScanResult, looks: Iterable[tuple[int, int, str]]) -> dict[str, object]:
    """Return findings and notes as plain JSON; offsets in code points, never the text itself."""
    return {
        "findings": [
            {
                "start": f.start,
                "end": f.end,
                "category": f.category.value,
                "tier": f.tier.value,
                "rule": f.rule,
                "suggestion": f.suggestion,
            }
            for f in result.findings
        ],
        "notes": sorted(
            (
                {"start": start, "end": end, "rule": rule}
                for start, end, rule in (*((n.start, n.end, n.rule) for n in result.notes), *looks)
            ),
            key=lambda note: (note["start"], note["end"]),
        ),
    }


def check(
    lines: Iterable[str], stats: Stats, clock: Callable[[], float], today: date | None = None
) -> Iterator[str]:
    """Yield one JSON line for each line read; blank lines are passed over.

    A line that is no JSON object with a text gives {"id": null, "line": n, "error": …} in its
    place, without a word of what it held, and is counted in `stats.bad`. `clock` gives seconds.
    """
    warm("", *LANGUAGES)
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            line = read(raw)
        except (ValueError, RecursionError):
            stats.bad += 1
            yield json.dumps(
                {"id": None, "line": number, "error": 'not a JSON object with "text" (a string)'}
            )
            continue
        begin = clock()
        result = scan(line.text, line.lang, today)
        found = answer(result, [(n.start, n.end, n.rule) for n in second_look(line.text, result)])
        stats.took.append((clock() - begin) * 1000)
        yield json.dumps({"id": line.id, **found})
