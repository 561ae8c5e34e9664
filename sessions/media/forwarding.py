"""Which source goes to which slot of which viewer. Pure.

A `Forwarder` is one room. It owns the table source → sinks and tells each slot's out what to
follow; the data plane does the rest. A viewer's slot keeps its SSRC for life, so a join or a change
of speaker renegotiates nobody (media.md §2.2).
"""

from collections.abc import Iterable, Sequence

from sessions.media.dataplane.flow import Out, Stream
from sessions.media.plane import SeatKey, Slot, SlotFilling, Source, Wanted
from sessions.media.sdp import slot_kind


class Sink:
    """One slot of one viewer, and where it leads."""

    __slots__ = ("kind", "layer", "out", "slot", "source", "viewer")

    def __init__(self, viewer: SeatKey, slot: Slot, out: Out) -> None:
        self.viewer = viewer
        self.slot = slot
        self.kind = slot_kind(slot)
        self.out = out
        self.source: Source | None = None
        self.layer = 0


class _Live:
    def __init__(self, streams: Sequence[Stream]) -> None:
        self.streams = streams
        self.sinks: list[Sink] = []


class _Viewer:
    def __init__(self, sinks: dict[Slot, Sink]) -> None:
        self.sinks = sinks
        self.wanted = Wanted(voices=False)
        self.shares: dict[Source, int | None] = {}
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


class Forwarder:
    """The table of one room."""

    def __init__(self) -> None:
        self._live: dict[Source, _Live] = {}
        self._viewers: dict[SeatKey, _Viewer] = {}
        self._voices: tuple[SeatKey, ...] = ()

    # what changes the table; each returns the viewers whose slots show something else now

    def add_viewer(self, seat: SeatKey, sinks: Iterable[Sink]) -> None:
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

    def share(self, seat: SeatKey, shares: dict[Source, int | None]) -> set[SeatKey]:
        """Send this viewer each picture in this layer (None: not at all; not named: the smallest).

        A change of layer waits for a keyframe; until then the picture goes on as it is.
        """
        viewer = self._viewers[seat]
        if shares == viewer.shares:
            return set()
        viewer.shares = shares
        return self._settle((seat,))

    def begin(self, source: Source, streams: Sequence[Stream]) -> set[SeatKey]:
        """A source begins to flow, in layers, smallest first; a voice has one."""
        if source not in self._live:
            self._live[source] = _Live(streams)
        return self._settle(self._viewers)

    def end(self, source: Source) -> set[SeatKey]:
        """A source has ended; its slots are free for others."""
        live = self._live.pop(source, None)
        for sink in list(live.sinks) if live is not None else ():
            self._leave(sink, live)
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

    def pictures(self, seat: SeatKey) -> list[Source]:
        """Return the pictures the viewer would get on a good line, most important first."""
        viewer = self._viewers.get(seat)
        if viewer is None:
            return []
        wanted = self._pictures(seat, viewer)
        fitting: list[Source] = []
        for kind in ("share", "video"):
            slots = sum(sink.kind == kind for sink in viewer.sinks.values())
            fitting += [source for source in wanted if source.kind == kind][:slots]
        return [source for source in wanted if source in fitting]

    def waiting(self) -> set[tuple[Source, int]]:
        """Return the layers of pictures somebody connected waits for: they need a keyframe."""
        return {
            (source, sink.layer)
            for source, live in self._live.items()
            if source.kind != "audio"
            for sink in live.sinks
            if (sink.out.waiting or sink.out.changing) and sink.out.aimed
        }

    def sinks(self, source: Source) -> Sequence[Sink]:
        """Return where a source goes."""
        live = self._live.get(source)
        return live.sinks if live is not None else ()

    # inside

    def _settle(self, seats: Iterable[SeatKey]) -> set[SeatKey]:
        changed = set()
        for seat in list(seats):
            viewer = self._viewers[seat]
            wanted = [
                source
                for source in self._pictures(seat, viewer)
                if viewer.shares.get(source, 0) is not None
            ]
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
                    source = target.get(slot)
                    layer = viewer.shares.get(source, 0) if source is not None else 0
                    self._place(viewer.sinks[slot], source, layer or 0)
            shown = tuple(
                SlotFilling(slot, sink.source)
                for slot, sink in viewer.sinks.items()
                if sink.source is not None
            )
            if shown != viewer.shown:
                viewer.shown = shown
                changed.add(seat)
        return changed

    def _pictures(self, seat: SeatKey, viewer: _Viewer) -> list[Source]:
        return [
            source
            for source in viewer.wanted.sources
            if source in self._live and source.seat != seat and source.kind != "audio"
        ]

    def _place(self, sink: Sink, source: Source | None, layer: int) -> None:
        if sink.source != source:
            self._leave(sink)
            sink.source = source
        live = self._live.get(source) if source is not None else None
        if live is None:
            return
        sink.layer = min(layer, max(0, len(live.streams) - 1))
        stream = live.streams[sink.layer] if live.streams else None
        if sink not in live.sinks:
            live.sinks.append(sink)
            sink.out.follow(stream)
        else:
            sink.out.follow(stream, keep=True)

    def _leave(self, sink: Sink, live: _Live | None = None) -> None:
        if live is None and sink.source is not None:
            live = self._live.get(sink.source)
        if live is not None and sink in live.sinks:
            live.sinks.remove(sink)
            sink.out.follow(None)
