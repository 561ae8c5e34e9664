"""Session descriptions as text: what we refuse, what we strip, what we add. Pure.

A description from a browser is checked here line by line before the ICE and DTLS library parses
it, because that parser was not written for hostile input (security.md 57, 58).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sessions.media.plane import BadSdp, Kind, Limits, Sdp, Slot

MAX_BYTES = 64 * 1024
MAX_CANDIDATES = 40
MAX_VIDEO_LINES = 2

OPUS_PARAMETERS = "minptime=10;useinbandfec=1;usedtx=1"
"""A muted microphone then sends 4 packets a second instead of 50 (media.md §2)."""

AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
"""RFC 6464; the only header extension we negotiate: the loudness, without decoding."""

STREAM_ID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
"""RFC 8852: which layer of a camera a packet belongs to."""
SENT_AT = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
"""When a packet left: the viewer's browser works out from it how much its line takes (REMB)."""
MAX_LAYERS = 3

_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_FINGERPRINT = re.compile(r"sha-(256|384|512) ([0-9A-Fa-f]{2}:){31,63}[0-9A-Fa-f]{2}")
_MEDIA = re.compile(r"(audio|video) [0-9]{1,5} UDP/TLS/RTP/SAVPF( [0-9]{1,3}){1,120}")
_MID = re.compile(r"[A-Za-z0-9]{1,16}")
_CODEC = re.compile(r"([0-9]{1,3}) (opus/48000/2|VP8/90000)", re.IGNORECASE)
_SSRC = re.compile(r"([0-9]{1,10}) .*")
_EXTENSION = re.compile(r"([0-9]{1,3})(/\w+)? (\S+)( .*)?")
_RID = re.compile(r"([A-Za-z0-9]{1,16}) send( .*)?")
_SIMULCAST = re.compile(r"(?:.* )?send (\S{1,120})(?: .*)?")
_GROUP_SOURCES = re.compile(r"FID ([0-9]{1,10}) [0-9]{1,10}")


@dataclass(frozen=True)
class Line:
    """One media line of a checked description."""

    kind: Kind
    mid: str
    payload_type: int
    """Of Opus or VP8; the only codecs forwarded."""
    ssrc: int | None
    level_extension: int | None = None
    """Header-extension id of the audio level, when the browser offers it."""
    rids: tuple[str, ...] = ()
    """Names of a camera's layers, smallest first, when the browser offers several."""
    rid_extension: int | None = None
    """Header-extension id that tells the layer."""
    sent_at: int | None = None
    """Header-extension id that tells when a packet left, when the browser takes it."""


@dataclass(frozen=True)
class Checked:
    """A description fit to be handed on: `text` without candidates, and what its lines say."""

    text: Sdp
    lines: tuple[Line, ...]


@dataclass
class _Section:
    media: str
    attributes: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def one(self, name: str, session: "_Section") -> str:
        found = self.all(name) or session.all(name)
        return found[0] if found else ""


def check_offer(sdp: str) -> Checked:
    """Check a browser's offer to publish: at most one audio and two video lines, all bundled.

    The first video line is the camera, the second the shared screen. Raises BadSdp.
    """
    return _check(sdp, answer_to=None)


def check_answer(sdp: str, lines: int) -> Checked:
    """Check a browser's answer to our offer of `lines` media lines. Raises BadSdp."""
    return _check(sdp, answer_to=lines)


def _check(sdp: str, answer_to: int | None) -> Checked:
    text = _strip(sdp)
    session, sections = _parse(text)
    _check_count(sections, answer_to)
    if session.all("ice-lite"):
        raise BadSdp("media.sdp_wrong_shape")
    mids = [section.one("mid", session) for section in sections]
    bundles = [group.split()[1:] for group in session.all("group") if group.startswith("BUNDLE ")]
    well_named = all(_MID.fullmatch(mid) for mid in mids) and len(set(mids)) == len(mids)
    if not well_named or len(bundles) != 1 or bundles[0] != mids:
        raise BadSdp("media.sdp_wrong_shape")
    videos = 0
    lines: list[Line] = []
    for section, mid in zip(sections, mids, strict=True):
        _check_transport(section, session, is_answer=answer_to is not None)
        kind: Kind = "audio"
        if section.media.startswith("video"):
            kind = "video" if videos == 0 else "share"
            videos += 1
        lines.append(_line(section, mid, kind))
    sources = [line.ssrc for line in lines if line.ssrc is not None and not line.rids]
    if answer_to is None and len(set(sources)) != sum(not line.rids for line in lines):
        raise BadSdp("media.sdp_wrong_shape")
    return Checked(Sdp(text), tuple(lines))


def _strip(sdp: str) -> str:
    """Return the text without candidates and without the mark that there will be no more.

    The server then learns the browser's address from its first authenticated check and never
    sends first to a host somebody merely named (security.md 58).
    """
    if len(sdp) > MAX_BYTES or len(sdp.encode(errors="replace")) > MAX_BYTES:
        raise BadSdp("media.sdp_too_long")
    kept, candidates = [], 0
    for line in sdp.splitlines():
        if line.startswith("a=candidate"):
            candidates += 1
        elif not line.startswith("a=end-of-candidates"):
            kept.append(line)
    if candidates > MAX_CANDIDATES:
        raise BadSdp("media.sdp_too_many_candidates")
    return "\r\n".join(kept) + "\r\n"


def _parse(text: str) -> tuple[_Section, list[_Section]]:
    sections = [_Section("", [])]
    for line in text.split("\r\n")[:-1]:
        if len(line) < 2 or line[1] != "=" or not line.isascii() or not line.isprintable():
            raise BadSdp("media.sdp_unreadable")
        if line[0] == "m":
            sections.append(_Section(line[2:], []))
        elif line[0] == "a":
            name, _, value = line[2:].partition(":")
            sections[-1].attributes.append((name, value))
    if not text.startswith("v=0\r\n"):
        raise BadSdp("media.sdp_unreadable")
    return sections[0], sections[1:]


def _check_count(sections: list[_Section], answer_to: int | None) -> None:
    if any(section.media.startswith("application") for section in sections):
        raise BadSdp("media.sdp_data_channel")
    if answer_to is not None:
        if len(sections) != answer_to:
            raise BadSdp("media.sdp_wrong_shape")
    else:
        audios = sum(section.media.startswith("audio") for section in sections)
        videos = sum(section.media.startswith("video") for section in sections)
        if audios > 1 or videos > MAX_VIDEO_LINES or len(sections) != audios + videos:
            raise BadSdp("media.sdp_too_many_lines")
        if not sections:
            raise BadSdp("media.sdp_wrong_shape")
    if not all(_MEDIA.fullmatch(section.media) for section in sections):
        raise BadSdp("media.sdp_wrong_shape")


def _check_transport(section: _Section, session: _Section, *, is_answer: bool) -> None:
    fingerprints = section.all("fingerprint") + session.all("fingerprint")
    setups = ("active", "passive") if is_answer else ("actpass",)
    directions = ("recvonly", "inactive") if is_answer else ("sendonly", "sendrecv", "inactive")
    fine = (
        _UFRAG.fullmatch(section.one("ice-ufrag", session))
        and _PASSWORD.fullmatch(section.one("ice-pwd", session))
        and 1 <= len(fingerprints) <= 4
        and all(_FINGERPRINT.fullmatch(value) for value in fingerprints)
        and section.one("setup", session) in setups
        and any(name in directions for name, _ in section.attributes)
        and section.all("rtcp-mux")
    )
    if not fine:
        raise BadSdp("media.sdp_wrong_shape")


def _line(section: _Section, mid: str, kind: Kind) -> Line:
    name = "opus" if kind == "audio" else "vp8"
    matches = [_CODEC.fullmatch(value) for value in section.all("rtpmap")]
    types = [int(m[1]) for m in matches if m is not None and m[2].lower().startswith(name)]
    if not types or not 96 <= types[0] <= 127:
        raise BadSdp("media.sdp_no_codec")
    groups = [_GROUP_SOURCES.fullmatch(value) for value in section.all("ssrc-group")]
    sources = [_SSRC.fullmatch(value) for value in section.all("ssrc")]
    found = [int(match[1]) for match in (*groups, *sources) if match is not None]
    if found and not 0 < found[0] < 1 << 32:
        raise BadSdp("media.sdp_wrong_shape")
    extensions = {
        match[3]: int(match[1])
        for value in section.all("extmap")
        if (match := _EXTENSION.fullmatch(value)) is not None and 0 < int(match[1]) < 15
    }
    rid = extensions.get(STREAM_ID)
    return Line(
        kind,
        mid,
        types[0],
        found[0] if found else None,
        extensions.get(AUDIO_LEVEL),
        _layers(section) if kind == "video" and rid is not None else (),
        rid,
        extensions.get(SENT_AT),
    )


def _layers(section: _Section) -> tuple[str, ...]:
    named = {match[1] for value in section.all("rid") if (match := _RID.fullmatch(value))}
    listed = [
        match for value in section.all("simulcast") if (match := _SIMULCAST.fullmatch(value))
    ]
    # Of alternatives the first; a paused layer (~) counts, it may begin later (RFC 8853 §5.1).
    names = [part.split(",")[0].lstrip("~") for part in listed[0][1].split(";")] if listed else []
    layers = tuple(dict.fromkeys(name for name in names if name in named))
    if len(layers) > MAX_LAYERS:
        raise BadSdp("media.sdp_too_many_lines")
    return layers if len(layers) > 1 else ()


def finish_answer(sdp: str, offer: Checked) -> Sdp:
    """Return our answer to an offer as the browser shall see it.

    Of the header extensions the audio level and the layer's name stay; what we would send ourselves
    (nothing) is left out. All layers the browser offered are taken.
    """
    text = _edit(sdp, drop=("a=msid:", "a=ssrc:", "a=ssrc-group:"), keep=(AUDIO_LEVEL,))
    head, *sections = text.split("m=")
    for i, line in enumerate(offer.lines):
        if line.rids:
            own = [f"a=extmap:{line.rid_extension} {STREAM_ID}"]
            own += [f"a=rid:{rid} recv" for rid in line.rids]
            own.append(f"a=simulcast:recv {';'.join(line.rids)}")
            sections[i] += "\r\n".join(own) + "\r\n"
    return Sdp("m=".join((head, *sections)))


def finish_offer(sdp: str, slots: Iterable[Slot]) -> Sdp:
    """Return our offer with each media line carrying its slot as the media stream's id.

    Of the header extensions only the time of sending stays: those of the source are taken off every
    forwarded packet, so that ids never clash.
    """
    names = iter(slots)
    out = []
    for line in _edit(sdp, drop=(), keep=(SENT_AT,)).splitlines():
        if line.startswith("a=msid:"):
            name = next(names)
            out.append(f"a=msid:{name} {name}")
        else:
            out.append(line)
    return Sdp("\r\n".join(out) + "\r\n")


def _edit(sdp: str, drop: tuple[str, ...], keep: tuple[str, ...]) -> Sdp:
    out: list[str] = []
    opus: set[str] = set()
    for line in sdp.splitlines():
        if line.startswith("a=extmap:") and not line.endswith(keep):
            continue
        if line.startswith((*drop, *opus)):
            continue
        out.append(line)
        if line.startswith("a=rtpmap:") and line.lower().endswith(" opus/48000/2"):
            parameters = f"a=fmtp:{line.removeprefix('a=rtpmap:').split()[0]} "
            opus.add(parameters)
            out.append(parameters + OPUS_PARAMETERS)
    return Sdp("\r\n".join(out) + "\r\n")


def own_sources(sdp: str) -> tuple[int, ...]:
    """Return the SSRC of each media line of an offer we made ourselves."""
    found: list[int] = []
    for section in sdp.split("\r\nm=")[1:]:
        match = re.search(r"\r\na=ssrc:([0-9]+) ", section)
        if match is None:
            raise ValueError("our own offer has a line without a source")
        found.append(int(match[1]))
    return tuple(found)


def slots_of(limits: Limits) -> tuple[Slot, ...]:
    """Return the slots of a down connection in the order of its media lines."""
    return (
        *(Slot(f"voice-{i}") for i in range(limits.voices)),
        *(Slot(f"picture-{i}") for i in range(limits.pictures)),
        *(Slot(f"share-{i}") for i in range(limits.shares)),
    )


def slot_kind(slot: Slot) -> Kind:
    """Return which kind of source a slot takes."""
    kinds: dict[str, Kind] = {"voice": "audio", "picture": "video", "share": "share"}
    return kinds[slot.partition("-")[0]]
