"""Measure the media plane beside Janus: JSON lines on standard output, a table on the other.

    python -m tests.bench.media [--quick] [--long] [--rounds 3]

It starts everything itself. The measurements run in a network namespace without a route out (root,
or a kernel that lets users make one); without one, our server alone on loopback.
"""

import argparse
import asyncio
import json
import subprocess
import sys

from tests.bench.media import namespace
from tests.bench.media.inside import BACKENDS, Plan, run, say
from tests.bench.media.joiner import late_joiner
from tests.bench.media.load import Size
from tests.bench.media.server import Unavailable
from tests.bench.media.table import table

QUICK = (Size(1, 40), Size(4, 20))
FULL = (Size(1, 5), Size(1, 20), Size(1, 40), Size(1, 100), Size(4, 20), Size(4, 40))


def size(text: str) -> Size:
    """Read `4x20`."""
    publishers, _, viewers = text.partition("x")
    return Size(int(publishers), int(viewers))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.media", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="1x40 and 4x20 only, 6 s each")
    parser.add_argument("--long", action="store_true", help="also 500 joins and leaves")
    parser.add_argument("--sizes", type=size, nargs="+", help="publishers x viewers, as in 4x20")
    parser.add_argument("--backends", choices=BACKENDS, nargs="+", default=BACKENDS)
    parser.add_argument("--seconds", type=float, help="of each measurement (10; quick: 6)")
    parser.add_argument("--rounds", type=int, default=1, help="the table shows medians of them")
    parser.add_argument("--reports", type=float, default=1, help="RTCP per viewer and second (1)")
    parser.add_argument("--joins", type=int, help="late joiners in Chromium (20; quick: 0)")
    parser.add_argument(
        "--realtime",
        action="store_true",
        help="as root, on a machine with other work: that work waits meanwhile",
    )
    parser.add_argument("--inside", choices=("equal", "alone"), help=argparse.SUPPRESS)
    return parser.parse_args()


def plan(chosen: argparse.Namespace) -> Plan:
    return Plan(
        sizes=tuple(chosen.sizes or (QUICK if chosen.quick else FULL)),
        backends=tuple(chosen.backends),
        seconds=chosen.seconds or (6 if chosen.quick else 10),
        rounds=chosen.rounds,
        reports_per_s=chosen.reports,
        joins_and_leaves=500 if chosen.long else 0,
        realtime=chosen.realtime,
    )


def outside(chosen: argparse.Namespace) -> int:
    """Measure in a namespace where there can be one, then in a browser here, and show it all."""
    words = namespace.entrance()
    if not words:
        say(
            "No network namespace (run it as root, with the commands unshare and ip): our server "
            "alone, on loopback, without Janus."
        )
    again = (sys.executable, "-m", __package__, *sys.argv[1:])
    place = ("--inside", "equal" if words else "alone")
    lines = []
    with subprocess.Popen((*words, *again, *place), stdout=subprocess.PIPE, text=True) as process:
        for text in process.stdout:
            print(text, end="", flush=True)
            lines.append(json.loads(text))
    joins = chosen.joins if chosen.joins is not None else (0 if chosen.quick else 20)
    if joins:
        say(f"{joins} late joiners in Chromium …")
        try:
            lines.append(asyncio.run(late_joiner(joins)))
        except Unavailable as reason:
            say(f"late joiner: skipped. {reason}")
        else:
            print(json.dumps(lines[-1]), flush=True)
    say(f"\n{table(lines)}")
    return process.returncode


def main() -> int:
    chosen = arguments()
    if chosen.inside is None:
        return outside(chosen)
    return 0 if asyncio.run(run(plan(chosen), equal=chosen.inside == "equal")) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
