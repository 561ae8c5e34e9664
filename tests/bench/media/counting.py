"""Empty the viewers' sockets and count: in C where a compiler is, else in a Python thread."""

import functools
import selectors
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cffi import FFI

HERE = Path(__file__).parent
SAMPLE_BYTES = 64 << 20
LARGEST = 2_048


@dataclass
class Stream:
    """One SSRC at one viewer: extended sequence numbers, and how many packets came."""

    ssrc: int
    first: int
    last: int
    seen: int

    @property
    def expected(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class Sample:
    """One encrypted packet of a sampled viewer and when it came, in ns since the epoch."""

    viewer: int
    arrived: int
    data: bytes


class Counting(Protocol):
    """Reads sockets in a thread of its own. A viewer is the index that `add` returned."""

    def add(self, fd: int, *, sampled: bool) -> int: ...
    def begin(self) -> None:
        """Count afresh, and keep samples."""

    def end(self) -> None: ...
    def streams(self, viewer: int) -> list[Stream]: ...
    def others(self) -> Iterator[tuple[int, bytes]]:
        """Take what is neither RTP nor RTCP: (viewer, datagram)."""

    def samples(self) -> Iterator[Sample]:
        """What was kept between `begin` and `end`."""

    def close(self) -> None: ...


class Compiled:
    """counter.c."""

    def __init__(self, ffi: FFI, lib) -> None:
        self._ffi, self._lib = ffi, lib
        self._self = lib.counter_new(SAMPLE_BYTES)
        if self._self == ffi.NULL:
            message = "no memory or no thread for counting packets"
            raise OSError(message)
        self._buffer = ffi.new("uint8_t[]", LARGEST)
        self._viewer = ffi.new("int *")

    def add(self, fd: int, *, sampled: bool) -> int:
        return self._lib.counter_add(self._self, fd, sampled)

    def begin(self) -> None:
        self._lib.counter_begin(self._self)

    def end(self) -> None:
        self._lib.counter_end(self._self)

    def streams(self, viewer: int) -> list[Stream]:
        rows = self._ffi.new("struct stream[]", 32)
        many = self._lib.counter_streams(self._self, viewer, rows, 32)
        return [Stream(row.ssrc, row.first, row.last, row.seen) for row in rows[0:many]]

    def others(self) -> Iterator[tuple[int, bytes]]:
        while size := self._lib.counter_other(self._self, self._viewer, self._buffer, LARGEST):
            yield self._viewer[0], bytes(self._ffi.buffer(self._buffer, size))

    def samples(self) -> Iterator[Sample]:
        at, arrived = self._ffi.new("size_t *"), self._ffi.new("int64_t *")
        while size := self._lib.counter_sample(
            self._self, at, self._viewer, arrived, self._buffer, LARGEST
        ):
            data = bytes(self._ffi.buffer(self._buffer, size))
            yield Sample(self._viewer[0], arrived[0], data)

    def close(self) -> None:
        self._lib.counter_free(self._self)


class Interpreted:
    """The same in Python: enough for some 5,000 packets/s, with later times of arrival."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._viewers: list[tuple[bool, dict[int, Stream]]] = []
        self._others: list[tuple[int, bytes]] = []
        self._samples: list[Sample] = []
        self._open, self._sampling, self._running = True, False, True
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, fd: int, *, sampled: bool) -> int:
        with self._lock:
            index = len(self._viewers)
            self._viewers.append((sampled, {}))
        self._selector.register(socket.socket(fileno=fd), selectors.EVENT_READ, index)
        return index

    def begin(self) -> None:
        with self._lock:
            for _, streams in self._viewers:
                streams.clear()
            self._samples.clear()
            self._open = self._sampling = True

    def end(self) -> None:
        with self._lock:
            self._open = self._sampling = False

    def streams(self, viewer: int) -> list[Stream]:
        with self._lock:
            return list(self._viewers[viewer][1].values())

    def others(self) -> Iterator[tuple[int, bytes]]:
        with self._lock:
            taken, self._others = self._others, []
        yield from taken

    def samples(self) -> Iterator[Sample]:
        yield from self._samples

    def close(self) -> None:
        self._running = False
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.detach()  # the sockets stay with their owners
        self._selector.close()

    def _run(self) -> None:
        while self._running:
            if not self._selector.get_map():
                time.sleep(0.05)
                continue
            for key, _ in self._selector.select(0.05):
                for _ in range(64):
                    try:
                        data = key.fileobj.recv(LARGEST)
                    except OSError:
                        break
                    with self._lock:
                        self._take(key.data, data)

    def _take(self, viewer: int, data: bytes) -> None:
        if not data:
            return
        if not 127 < data[0] < 192:
            self._others.append((viewer, data))
            return
        if len(data) < 12 or 192 <= data[1] <= 223 or not self._open:
            return
        sampled, streams = self._viewers[viewer]
        number, ssrc = int.from_bytes(data[2:4]), int.from_bytes(data[8:12])
        stream = streams.setdefault(ssrc, Stream(ssrc, number, number, 0))
        extended = stream.last + (number - stream.last + 32_768) % 65_536 - 32_768
        stream.first, stream.last = min(stream.first, extended), max(stream.last, extended)
        stream.seen += 1
        if sampled and self._sampling:
            self._samples.append(Sample(viewer, time.time_ns(), data))


@functools.cache
def _library() -> tuple[FFI, object] | None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    ffi = FFI()
    ffi.cdef((HERE / "counter.h").read_text())
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "counter.so"
        flags = ("-O2", "-shared", "-fPIC", "-pthread", "-Wall")
        subprocess.run(
            (compiler, *flags, "-o", target, HERE / "counter.c"),
            check=True,
        )
        return ffi, ffi.dlopen(str(target))


def compiled() -> bool:
    """Say whether counting is done in C."""
    return _library() is not None


def counting() -> Counting:
    """Begin to count. End it with `close`, before the sockets are closed."""
    library = _library()
    return Compiled(*library) if library is not None else Interpreted()
