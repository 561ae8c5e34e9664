"""What the kernel knows about processes and sockets."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CPUCLOCK_SCHED = 2
"""Linux, <linux/posix-timers.h>: the clock of a process that counts what all its threads ran."""


def cpu_seconds(pid: int) -> float:
    """Seconds of processor the process has used: its own `time.process_time()`, from outside."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def memory_mb(pid: int) -> float:
    """Resident memory in MB (10^6 bytes)."""
    pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def busy_seconds() -> float:
    """Seconds of processor used by everything on the machine since it started."""
    fields = (PROC / "stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def waiting_seconds(pid: int) -> float:
    """Seconds its threads could have run but had no processor, because others had them."""
    tasks = (PROC / str(pid) / "task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[1]) for task in tasks) / 1e9


@dataclass(frozen=True)
class Drops:
    """Datagrams that found a full receive buffer since the sockets were opened."""

    load: int
    server: int


def drops(load_ports: set[int]) -> Drops:
    """Read this network namespace's UDP sockets: ours by their ports, the server's the others."""
    load = server = 0
    for name in ("udp", "udp6"):
        for line in (PROC / "net" / name).read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) in load_ports:
                load += int(fields[-1])
            else:
                server += int(fields[-1])
    return Drops(load, server)
