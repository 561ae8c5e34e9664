"""Runs the stories in real browsers again and again: `make story TIMES=10`."""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[2]
SHOWN_LINES = 60
USAGE = "Usage: make story TIMES=10 (how often, at least 1; then words for pytest in ARGS)"


@dataclass
class Record:
    """How one story fared over all rounds; seconds with its own share of starting and ending."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def row(self, name: str) -> str:
        """Return the story's line of the table."""
        low, middle, high = min(self.seconds), median(self.seconds), max(self.seconds)
        passed = len(self.seconds) - self.failed
        return f"{passed:>6} {self.failed:>6}   {low:>6.1f} {middle:>6.1f} {high:>6.1f}   {name}"


def read_report(report: Path) -> list[tuple[str, float, bool]]:
    """Return (story, seconds, whether it failed) from a JUnit report that pytest wrote."""
    found = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 -- our own pytest wrote it
        failed = case.find("failure") is not None or case.find("error") is not None
        file = case.get("classname", "").rpartition(".")[2]
        name = f"{file}: {case.get('name')}"
        found.append((name, float(case.get("time", "0")), failed))
    return found


def tell(records: dict[str, Record]) -> Iterable[str]:
    """Return the table, one line each."""
    yield f"{'passed':>6} {'failed':>6}   {'low':>6} {'middle':>6} {'high':>6}   seconds of"
    for name in sorted(records):
        yield records[name].row(name)


def main(arguments: Sequence[str]) -> int:
    """Run the stories; 0 only when every story of every round passed."""
    if not arguments or not arguments[0].isdecimal() or int(arguments[0]) < 1:
        print(USAGE, file=sys.stderr)
        return 2
    times, words = int(arguments[0]), arguments[1:]
    stories = sorted(str(path) for path in (ROOT / "tests/browser").glob("test_story_*.py"))
    records: dict[str, Record] = {}
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", *stories, f"--junit-xml={report}", *words]
        for number in range(1, times + 1):
            report.unlink(missing_ok=True)
            done = subprocess.run(
                command, check=False, cwd=ROOT, capture_output=True, text=True, errors="replace"
            )
            if done.returncode:
                broken += 1
                print("\n".join(done.stdout.splitlines()[-SHOWN_LINES:]), done.stderr, sep="\n")
            told = read_report(report) if report.exists() else []
            for name, seconds, failed in told:
                record = records.setdefault(name, Record())
                record.seconds.append(seconds)
                record.failed += failed
            fell = sum(failed for *_, failed in told)
            print(
                f"round {number} of {times}: {len(told) - fell} passed, {fell} failed", flush=True
            )
    print(*tell(records), sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
