"""Every server under every load, one after the other; one JSON line each on standard output."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass

from tests.bench.media import counting, namespace
from tests.bench.media.janus import Janus
from tests.bench.media.load import Measured, Size, come_and_go, measure
from tests.bench.media.ours import Ours
from tests.bench.media.server import Broken, Server, Unavailable

TUNED = "janus-tuned"
BACKENDS = (TUNED, "native", "pure", "janus")
"""The one that others are compared with first."""
ALONE_PACKETS_PER_S = 170
CLINIC_PACKETS_PER_S = 380
"""What one person in a clinic gets: three voices, four pictures (media.md §5)."""
PATIENCE_S = 60
PATIENCE_PER_VIEWER_S = 1.5
"""For everything but the measurement itself, on a machine that is busy."""


@dataclass(frozen=True)
class Plan:
    """What to run."""

    sizes: tuple[Size, ...]
    backends: tuple[str, ...]
    seconds: float
    rounds: int
    reports_per_s: float
    joins_and_leaves: int
    realtime: bool
    """Before everything else on the machine."""


def say(text: str) -> None:
    """For people; standard output is for JSON."""
    print(text, file=sys.stderr, flush=True)


def line(backend: str, size: Size, seen: Measured, tuned_us: float | None) -> dict:
    """One measurement as JSON."""
    us = seen.us_per_packet
    return {
        "bench": "forwarding",
        "backend": backend,
        "publishers": size.publishers,
        "viewers": size.viewers,
        "us_per_packet": round(us, 2),
        "ratio_to_janus_tuned": round(us / tuned_us, 3) if tuned_us else None,
        "loss": round(seen.loss, 5),
        "delay_ms_median": _rounded(seen.delay_ms(0.5)),
        "delay_ms_p99": _rounded(seen.delay_ms(0.99)),
        "packets_per_s": round(seen.packets / seen.took),
        "core_share": round(seen.cpu / seen.took, 3),
        "viewers_per_core": round(1e6 / (us * ALONE_PACKETS_PER_S)),
        "people_per_core": round(1e6 / (us * CLINIC_PACKETS_PER_S)),
        "memory_mb_per_viewer": round(seen.memory_mb, 3),
        "load_core_share": round(seen.load_cpu / seen.took, 3),
        "others_core_share": round(seen.others_cpu / seen.took, 3),
        "server_waited_share": round(seen.waited / seen.took, 3),
        "load_drops": seen.dropped.load,
        "server_drops": seen.dropped.server,
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)


def _server(backend: str, *, equal: bool) -> Server:
    if backend in ("native", "pure"):
        return Ours(backend, (namespace.ADDRESS if equal else "127.0.0.1",))
    if not equal:
        message = "Janus needs a network namespace (root, unshare, ip): it offers no loopback"
        raise Unavailable(message)
    return Janus(tuned=backend == TUNED)


async def _forwarding(plan: Plan, missing: set[str], size: Size, *, equal: bool) -> bool:
    tuned_us, whole = None, True
    for backend in BACKENDS:
        if backend in missing or backend not in plan.backends:
            continue
        say(f"{size} {backend} …")
        patience = PATIENCE_S + plan.seconds + PATIENCE_PER_VIEWER_S * size.viewers
        try:
            async with asyncio.timeout(patience):
                seen = await measure(
                    _server(backend, equal=equal),
                    size,
                    seconds=plan.seconds,
                    reports_per_s=plan.reports_per_s,
                )
        except Unavailable as reason:
            say(f"{backend}: skipped. {reason}")
            missing.add(backend)
        except (Broken, TimeoutError, AssertionError, OSError) as error:
            say(f"{size} {backend}: failed. {type(error).__name__}: {error}")
            whole = False
        else:
            if backend == TUNED:
                tuned_us = seen.us_per_packet
            print(json.dumps(line(backend, size, seen, tuned_us)), flush=True)
    return whole


async def _memory(plan: Plan, missing: set[str], *, equal: bool) -> None:
    for backend in ("native", "pure"):
        if backend in missing or backend not in plan.backends:
            continue
        say(f"{plan.joins_and_leaves} joins and leaves, {backend} …")
        try:
            memory = await come_and_go(_server(backend, equal=equal), plan.joins_and_leaves)
        except Unavailable as reason:
            say(f"{backend}: skipped. {reason}")
            continue
        fields = {
            "bench": "joins_and_leaves",
            "backend": backend,
            "joins": plan.joins_and_leaves,
            "memory_mb": [round(mb, 1) for mb in memory],
            # The first hundred fill caches.
            "growth_kb_per_join": round(
                (memory[-1] - memory[1]) * 1e3 / 50 / (len(memory) - 2), 2
            ),
        }
        print(json.dumps(fields), flush=True)


async def run(plan: Plan, *, equal: bool) -> bool:
    """Measure; say whether nothing failed. `equal`: in a namespace of our own, to be furnished."""
    if equal:
        namespace.furnish()
    if plan.realtime:
        # Servers and load inherit it; the kernel leaves others a twentieth of the time at least.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    if not counting.compiled():
        say(
            "No C compiler: packets are counted in Python, above 5,000 a second the load loses some."
        )
    missing: set[str] = set()
    whole = True
    for _ in range(plan.rounds):
        for size in plan.sizes:
            whole &= await _forwarding(plan, missing, size, equal=equal)
    if plan.joins_and_leaves:
        await _memory(plan, missing, equal=equal)
    return whole
