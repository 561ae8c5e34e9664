"""A real coturn for a test, started as an operator starts it: deploy/turnserver.sh and its conf.

Its ports are free ones, and it may relay to one address: this machine's own, where the test's media
server listens. The files it needs (certificate, log) are in a folder that goes with it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

import aioice.ice
from aioice import stun
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.harness.app import ROOT, free_port

START_SECONDS = 20


class TurnMissingError(RuntimeError):
    """The machine has no coturn; the message says how to get it."""


def own_address() -> str:
    """Return an IPv4 address of this machine that is not its loopback."""
    for address in aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=False):
        if not ip_address(address).is_link_local:
            return address
    raise LookupError("this machine has no network interface but its loopback")


class TurnServer:
    """One coturn; `address` is where it listens and relays from, `peers` whom it relays to.

    with TurnServer() as turn:
        Server(environment=turn.settings())
    """

    def __init__(self, address: str = "", peers: str = "", *options: str) -> None:
        self.address = address or own_address()
        self.peers = peers or self.address
        self.secret = secrets.token_hex(32)
        self.port = free_port()
        self.tls_port = free_port()
        self.options = options
        self._printed: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="caseround-turn-")
        self.folder = Path(self._folder.name)
        self.certificate = self.folder / "fullchain.pem"
        self._write_certificate()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def host(self) -> str:
        """The address as it is written in a URL."""
        return f"[{self.address}]" if ":" in self.address else self.address

    @property
    def output(self) -> str:
        """Everything it printed so far."""
        return "".join(self._printed)

    def settings(self) -> dict[str, str]:
        """Return the settings with which a Caseround uses this relay."""
        urls = (
            f"turn:{self.host}:{self.port}?transport=udp",
            f"turn:{self.host}:{self.port}?transport=tcp",
            f"turns:{self.host}:{self.tls_port}?transport=tcp",
        )
        return {"CASEROUND_TURN_URLS": ",".join(urls), "CASEROUND_TURN_SECRET": self.secret}

    def start(self, *closed: str) -> None:
        """Start (again, on the same ports) and wait until it listens, but for the `closed` ways in.

        Those are named as coturn names them: udp, tcp, tls.
        """
        if shutil.which("turnserver") is None:
            raise TurnMissingError("coturn is missing: `apt-get install coturn`.")
        assert self._process is None, "already running"
        self._process = subprocess.Popen(
            [
                ROOT / "deploy" / "turnserver.sh",
                f"--listening-port={self.port}",
                f"--tls-listening-port={self.tls_port}",
                *self.options,
                *(f"--no-{way}" for way in closed),
            ],
            env={
                "PATH": os.environ["PATH"],
                "TMPDIR": str(self.folder),
                "CASEROUND_TURN_SECRET": self.secret,
                "CASEROUND_MEDIA_ADDRESSES": self.peers,
                "TURN_ADDRESS": self.address,
                "TURN_CERTIFICATE": str(self.certificate),
                "TURN_KEY": str(self.folder / "privkey.pem"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=[self._process], daemon=True)
        self._reader.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._listens({"udp", "tcp", "tls"} - set(closed)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"coturn did not start:\n{self.output[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as a power cut would; whoever it relays for is cut off."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        assert self._reader is not None
        self._reader.join(timeout=5)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = self._reader = None

    def close(self) -> None:
        """End it and forget its files."""
        self.stop()
        self._folder.cleanup()

    def _listens(self, ways: set[str]) -> bool:
        try:
            for way, port in (("tcp", self.port), ("tls", self.tls_port)):
                if way in ways:
                    socket.create_connection((self.address, port), 1).close()
            if "udp" in ways:
                family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
                with socket.socket(family, socket.SOCK_DGRAM) as probe:
                    probe.settimeout(0.2)
                    probe.connect((self.address, self.port))
                    probe.send(bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST)))
                    probe.recv(1500)
        except OSError:
            return False
        return True

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._printed.extend(process.stdout)

    def _write_certificate(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay of a test")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address(self.address))]),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        self.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (self.folder / "privkey.pem").write_bytes(secret)
