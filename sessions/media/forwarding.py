"""Which packet goes to which slot of which viewer, under which numbers. Pure.

A `Forwarder` is one room. It owns the table source → sinks; the engine feeds it packets and does
what it returns. A viewer's slot keeps its SSRC for life, so a join or a change of speaker
renegotiates nobody (media.md §2.2).
"""

from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from sessions.media.packets import RtpView, Vp8, vp8
from sessions.media.plane import SeatKey, Slot, SlotFilling, Source, Wanted
from sessions.media.rewrite import Continuity
from sessions.media.sdp import slot_kind

T = TypeVar("T")

CLOCK = {"audio": 48_000, "video": 90_000, "share": 90_000}
"""RTP clock of Opus and VP8, in Hz."""


class Sink(Generic[T]):
    """One slot of one viewer; `target` is where the data plane sends (None: not connected)."""

    __slots__ = (
        "kind",
        "numbers",
        "octets",
        "packets",
        "slot",
        "source",
        "target",
        "viewer",
        "waiting",
    )

    def __init__(self, viewer: SeatKey, slot: Slot, seq: int, timestamp: int) -> None:
        self.viewer = viewer
        self.slot = slot
        self.kind = slot_kind(slot)
        self.source: Source | None = None
        self.target: T | None = None
        self.waiting = True
        """The source has not begun here yet (a picture begins with a keyframe)."""
        self.numbers = Continuity(CLOCK[self.kind], seq, timestamp)
        self.packets = 0
        self.octets = 0


class Send(NamedTuple, Generic[T]):
    """Send the packet to `sink` with these numbers, and `patches` written over the payload."""

    sink: Sink[T]
    seq: int
    timestamp: int
    patches: tuple[tuple[int, bytes], ...]


class _Stream(Generic[T]):
    def __init__(self) -> None:
        self.sinks: list[Sink[T]] = []
        self.picture: int | None = None
        self.base: int | None = None


class _Viewer(Generic[T]):
    def __init__(self, sinks: dict[Slot, Sink[T]]) -> None:
        self.sinks = sinks
        self.wanted = Wanted(voices=False)
        self.limit: int | None = None
        self.shown: tuple[SlotFilling, ...] = ()


def assign(
    slots: Sequence[Slot], held: dict[Slot, Source], wanted: Iterable[Source]
) -> dict[Slot, Source]:
    """Give each wanted source a slot: who has one keeps it, the rest take free ones in order.

    `wanted` is most important first; what does not fit is left out. Slots are of one kind.
    """
    chosen = list(dict.fromkeys(wanted))[: len(slots)]
    kept = {slot: source for slot, source in held.items() if slot in slots and source in chosen}
    free = [slot for slot in slots if slot not in kept]
    new = [source for source in chosen if source not in kept.values()]
    return kept | dict(zip(free, new, strict=False))


class Forwarder(Generic[T]):
    """The table of one room."""

    def __init__(self) -> None:
        self._live: dict[Source, _Stream[T]] = {}
        self._viewers: dict[SeatKey, _Viewer[T]] = {}
        self._voices: tuple[SeatKey, ...] = ()

    # what changes the table; each returns the viewers whose slots show something else now

    def add_viewer(self, seat: SeatKey, sinks: Iterable[Sink[T]]) -> None:
        """Add or replace a viewer's slots; they are empty until the next `want`."""
        self.remove_viewer(seat)
        self._viewers[seat] = _Viewer({sink.slot: sink for sink in sinks})

    def remove_viewer(self, seat: SeatKey) -> None:
        """Forget a viewer."""
        viewer = self._viewers.pop(seat, None)
        if viewer is not None:
            for sink in viewer.sinks.values():
                self._leave(sink)

    def want(self, seat: SeatKey, wanted: Wanted) -> set[SeatKey]:
        """Set the full list of a viewer's wishes."""
        self._viewers[seat].wanted = wanted
        return self._settle((seat,))

    def limit(self, seat: SeatKey, pictures: int | None) -> set[SeatKey]:
        """Send this viewer at most so many pictures, the most important ones (None: all)."""
        self._viewers[seat].limit = pictures
        return self._settle((seat,))

    def begin(self, source: Source) -> set[SeatKey]:
        """A source begins to flow."""
        if source not in self._live:
            self._live[source] = _Stream()
        return self._settle(self._viewers)

    def end(self, source: Source) -> set[SeatKey]:
        """A source has ended; its slots are free for others."""
        stream = self._live.pop(source, None)
        for sink in list(stream.sinks) if stream is not None else ():
            self._leave(sink, stream)
            sink.waiting = True
        return self._settle(self._viewers)

    def set_voices(self, voices: tuple[SeatKey, ...]) -> set[SeatKey]:
        """Set whose voices are forwarded, most deserving first."""
        if voices == self._voices:
            return set()
        self._voices = voices
        return self._settle(self._viewers)

    # what asks the table

    def filling(self, seat: SeatKey) -> tuple[SlotFilling, ...]:
        """Return what the viewer's slots show."""
        return self._viewers[seat].shown if seat in self._viewers else ()

    def pictures(self, seat: SeatKey) -> int:
        """Return how many pictures the viewer would get without a limit."""
        viewer = self._viewers.get(seat)
        if viewer is None:
            return 0
        slots = sum(sink.kind != "audio" for sink in viewer.sinks.values())
        return min(slots, len(self._pictures(seat, viewer)))

    def waiting(self) -> set[Source]:
        """Return the pictures somebody connected waits for: they need a keyframe."""
        return {
            source
            for source, stream in self._live.items()
            if source.kind != "audio"
            and any(sink.waiting and sink.target is not None for sink in stream.sinks)
        }

    def sinks(self, source: Source) -> Sequence[Sink[T]]:
        """Return where a source goes."""
        stream = self._live.get(source)
        return stream.sinks if stream is not None else ()

    def route(self, source: Source, packet: RtpView, now: float) -> list[Send[T]]:
        """Return where this packet goes; nothing for a source that has not begun."""
        stream = self._live.get(source)
        if stream is None:
            return []
        code = None
        if source.kind != "audio":
            code = vp8(packet.data, packet.start, packet.end)
            if code is not None and code.picture is not None:
                stream.picture, stream.base = code.picture, code.base
        sends = []
        seq, timestamp = packet.seq, packet.timestamp
        for sink in stream.sinks:
            if sink.target is None:
                continue
            numbers = sink.numbers
            if sink.waiting:
                if source.kind != "audio" and (code is None or not code.keyframe):
                    continue
                numbers.start(
                    seq,
                    timestamp,
                    now,
                    code.picture if code is not None else None,
                    code.base if code is not None else None,
                )
                sink.waiting = False
            out = numbers.forward(seq, timestamp, now)
            if out is not None:
                sends.append(Send(sink, *out, patches(code, numbers)))
        return sends

    def again(self, sink: Sink[T], seq: int, packet: RtpView, now: float) -> Send[T] | None:
        """Return how to send `packet` again to a viewer who lost what it got as `seq`."""
        out = sink.numbers.forward(packet.seq, packet.timestamp, now)
        if sink.waiting or sink.target is None or out is None or out[0] != seq:
            return None
        code = vp8(packet.data, packet.start, packet.end) if sink.kind != "audio" else None
        return Send(sink, *out, patches(code, sink.numbers))

    # inside

    def _settle(self, seats: Iterable[SeatKey]) -> set[SeatKey]:
        changed = set()
        for seat in list(seats):
            viewer = self._viewers[seat]
            wanted = self._pictures(seat, viewer)[: viewer.limit]
            if viewer.wanted.voices:
                voices = (Source(voice, "audio") for voice in self._voices if voice != seat)
                wanted += [source for source in voices if source in self._live]
            for kind in ("audio", "video", "share"):
                slots = [slot for slot, sink in viewer.sinks.items() if sink.kind == kind]
                held = {
                    slot: source
                    for slot in slots
                    if (source := viewer.sinks[slot].source) is not None
                }
                target = assign(slots, held, [s for s in wanted if s.kind == kind])
                for slot in slots:
                    self._place(viewer.sinks[slot], target.get(slot))
            shown = tuple(
                SlotFilling(slot, sink.source)
                for slot, sink in viewer.sinks.items()
                if sink.source is not None
            )
            if shown != viewer.shown:
                viewer.shown = shown
                changed.add(seat)
        return changed

    def _pictures(self, seat: SeatKey, viewer: _Viewer[T]) -> list[Source]:
        return [
            source
            for source in viewer.wanted.sources
            if source in self._live and source.seat != seat and source.kind != "audio"
        ]

    def _place(self, sink: Sink[T], source: Source | None) -> None:
        if sink.source != source:
            self._leave(sink)
            sink.source = source
            sink.waiting = True
        stream = self._live.get(source) if source is not None else None
        if stream is not None and sink not in stream.sinks:
            stream.sinks.append(sink)

    def _leave(self, sink: Sink[T], stream: _Stream[T] | None = None) -> None:
        if stream is None and sink.source is not None:
            stream = self._live.get(sink.source)
        if stream is not None and sink in stream.sinks:
            stream.sinks.remove(sink)
            if stream.picture is not None and not sink.waiting:
                sink.numbers.note_picture(stream.picture, stream.base)


def patches(code: Vp8 | None, numbers: Continuity) -> tuple[tuple[int, bytes], ...]:
    """Return the VP8 picture numbers to write over the payload after a change of source."""
    if code is None or not (numbers.picture_shift or numbers.base_shift):
        return ()
    out = []
    if code.picture is not None:
        picture = code.picture + numbers.picture_shift
        if code.long_picture:
            out.append((code.picture_at, (0x8000 | picture % 32_768).to_bytes(2)))
        else:
            out.append((code.picture_at, bytes((picture % 128,))))
    if code.base is not None:
        out.append((code.base_at, bytes(((code.base + numbers.base_shift) % 256,))))
    return tuple(out)
