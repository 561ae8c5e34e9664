"""A ring of recent packets, so that what a viewer lost can be sent again. Pure."""

RING = 1024
"""Packets kept per source; 1–2 s of a 1.5 Mbit/s camera (media.md §2)."""


class Ring:
    """The last `RING` packets of one source by their 16-bit sequence number."""

    def __init__(self, size: int = RING) -> None:
        if size <= 0 or 65_536 % size:
            raise ValueError("the size must divide 65536")
        self._size = size
        self._packets: list[tuple[int, bytes] | None] = [None] * size

    def put(self, seq: int, packet: bytes) -> None:
        """Keep `packet`, forgetting the one `size` numbers before it."""
        self._packets[seq % self._size] = (seq, packet)

    def get(self, seq: int) -> bytes | None:
        """Return the packet with this number, if it is still here."""
        held = self._packets[seq % self._size]
        return held[1] if held is not None and held[0] == seq else None

    def clear(self) -> None:
        """Forget everything."""
        self._packets = [None] * self._size
