"""The JSON lines as a table, beside the targets of media.md §5."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable

BACKENDS = ("native", "pure", "janus", "janus-tuned")
AT_LEAST_VIEWERS = 40
"""The ratio to Janus is promised from this size on."""
QUIET = 0.1
"""Cores that other programs may use meanwhile."""


def merged(lines: Iterable[dict]) -> list[dict]:
    """One row per load and backend: the median of each figure over the rounds."""
    groups = defaultdict(list)
    for one in lines:
        if one["bench"] == "forwarding":
            groups[one["publishers"], one["viewers"], one["backend"]].append(one)
    rows = [
        {
            name: value if isinstance(value, str) else _median(one[name] for one in group)
            for name, value in group[0].items()
        }
        for group in groups.values()
    ]
    return sorted(
        rows, key=lambda r: (r["publishers"], r["viewers"], BACKENDS.index(r["backend"]))
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _text(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _cells(row: dict) -> tuple[str, ...]:
    return (
        f"{row['publishers']}×{row['viewers']}",
        row["backend"],
        _text(row["us_per_packet"], ".1f"),
        _text(row["ratio_to_janus_tuned"], ".2f"),
        f"{100 * row['loss']:.2f} %",
        f"{_text(row['delay_ms_median'], '.1f')}/{_text(row['delay_ms_p99'], '.1f')}",
        _text(row["memory_mb_per_viewer"], ".2f"),
    )


HEAD = ("load", "server", "µs/packet", "÷ tuned", "loss", "delay ms", "MB/viewer")


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _of(rows: list[dict], backend: str, wanted: Callable[[dict], bool]) -> list[dict]:
    return [row for row in rows if row["backend"] == backend and wanted(row)]


def _targets(rows: list[dict], others: list[dict]) -> Iterable[tuple[str, str, str]]:
    for backend, target in (("native", "≤ 0.55, then 0.40"), ("pure", "≤ 1.00, then 0.80")):
        big = _of(rows, backend, lambda row: row["viewers"] >= AT_LEAST_VIEWERS)
        ratios = [r["ratio_to_janus_tuned"] for r in big if r["ratio_to_janus_tuned"] is not None]
        if ratios:
            yield f"{backend} ÷ tuned Janus, worst at 40 and more", target, f"{max(ratios):.2f}"
    ours = "native" if _of(rows, "native", lambda _: True) else "pure"
    for row in _of(rows, ours, lambda row: (row["publishers"], row["viewers"]) == (1, 40)):
        yield f"{ours}: delay at 1×40, median/p99 ms", "≤ 3/8, then 2/5", _cells(row)[5]
    alone = _of(rows, ours, lambda row: row["publishers"] == 1)
    if alone:
        last = alone[-1]
        text = f"{ours}: viewers per core at 170 packets/s"
        yield text, "≥ 450, then 600", f"{last['viewers_per_core']:.0f}"
        yield f"{ours}: MB per viewer", "≤ 0.3", f"{last['memory_mb_per_viewer']:.2f}"
    for row in _of(rows, ours, lambda row: row["publishers"] > 1)[-1:]:
        text = f"{ours}: people per core in a clinic"
        yield text, "≥ 200, then 300", f"{row['people_per_core']:.0f}"
    for one in others:
        if one["bench"] == "late_joiner":
            reached = f"{one['first_picture_ms_median']}/{one['first_picture_ms_p95']}"
            yield "late joiner, median/p95 ms", "≤ 250/500, then 180/350", reached
        elif one["bench"] == "joins_and_leaves":
            text = f"{one['backend']}: kB kept per join of {one['joins']}"
            yield text, "flat", f"{one['growth_kb_per_join']:.1f}"


def _warnings(lines: list[dict]) -> Iterable[str]:
    forwarding = [one for one in lines if one["bench"] == "forwarding"]
    if not forwarding:
        return
    busiest = max(one["others_core_share"] for one in forwarding)
    if busiest > QUIET:
        yield (
            f"Other programs used up to {busiest:.1f} cores meanwhile: compare nothing but ratios, "
            "or repeat on a quiet machine."
        )
    dropped = sum(one["load_drops"] for one in forwarding)
    if dropped:
        yield f"The load generator itself was too slow for {dropped} datagrams; they count as loss."


def table(lines: list[dict]) -> str:
    """Everything that was measured, for a person."""
    rows = merged(lines)
    parts = [_aligned([HEAD, *map(_cells, rows)])] if rows else []
    targets = list(_targets(rows, [one for one in lines if one["bench"] != "forwarding"]))
    if targets:
        width = max(len(text) for text, _, _ in targets)
        parts.append([f"{text.ljust(width)}  {target:<24} {got}" for text, target, got in targets])
    parts.append(list(_warnings(lines)))
    return "\n\n".join("\n".join(part) for part in parts if part)
