"""Equal ground for our server and Janus: a network namespace with one veth pair and no route out.

Janus never offers loopback addresses, and media must not touch the machine's own interfaces. The
namespace has no name: it goes away with its last process, whatever becomes of the run.
"""

import os
import shutil
import subprocess

INTERFACE = "bench0"
ADDRESS = "10.86.0.1"


def entrance() -> tuple[str, ...]:
    """The words to put before a command so that it runs in a fresh namespace; none without one.

    Root needs no more; others need a kernel that lets users make namespaces.
    """
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return ()
    words = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--net", "--map-root-user")
    probe = subprocess.run((*words, "true"), capture_output=True, check=False)
    return words if probe.returncode == 0 else ()


def furnish() -> None:
    """Give the namespace this process is in its interfaces."""
    for words in (
        "link set lo up",
        f"link add {INTERFACE} type veth peer name bench1",
        # IPv6 addresses would only be more candidates to check.
        f"link set {INTERFACE} addrgenmode none",
        "link set bench1 addrgenmode none",
        f"addr add {ADDRESS}/24 dev {INTERFACE}",
        f"link set {INTERFACE} up",
        "link set bench1 up",
    ):
        subprocess.run(("ip", *words.split()), check=True)
