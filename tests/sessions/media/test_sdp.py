"""What we refuse in a session description, and what we hand on (security.md 57, 58)."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.media.plane import BadSdp, Limits
from sessions.media.sdp import (
    AUDIO_LEVEL,
    OPUS_PARAMETERS,
    check_answer,
    check_offer,
    finish_answer,
    finish_offer,
    slot_kind,
    slots_of,
)

SESSION = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE {mids}
a=msid-semantic: WMS
"""
TRANSPORT = """c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 10.0.0.7 50000 typ host
a=candidate:2 1 udp 2113937151 4f7a.local 50001 typ host
a=end-of-candidates
a=ice-ufrag:EsAw
a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
a=ice-options:trickle
a=fingerprint:sha-256 {digest}
a=setup:{setup}
a=mid:{mid}
a={direction}
a=rtcp-mux
"""
DIGEST = ":".join(["D2"] * 32)
AUDIO = """m=audio 9 UDP/TLS/RTP/SAVPF 111 63
{transport}a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=ssrc:{ssrc} cname:x
"""
VIDEO = """m=video 9 UDP/TLS/RTP/SAVPF 98 97 96
{transport}a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=rtpmap:98 VP9/90000
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=ssrc-group:FID {ssrc} 999{ssrc}
a=ssrc:999{ssrc} cname:x
a=ssrc:{ssrc} cname:x
"""
DATA = """m=application 9 UDP/DTLS/SCTP webrtc-datachannel
{transport}a=sctp-port:5000
"""


def describe(*lines: str, setup: str = "actpass", direction: str = "sendonly") -> str:
    text = SESSION.format(mids=" ".join(str(i) for i in range(len(lines))))
    for i, line in enumerate(lines):
        transport = TRANSPORT.format(digest=DIGEST, setup=setup, mid=i, direction=direction)
        text += line.format(transport=transport, ssrc=101 + i)
    return text.replace("\n", "\r\n")


GOOD = describe(AUDIO, VIDEO, VIDEO)


def test_a_browsers_offer_is_understood():
    checked = check_offer(GOOD)
    assert [(line.kind, line.mid, line.payload_type, line.ssrc) for line in checked.lines] == [
        ("audio", "0", 111, 101),
        ("video", "1", 96, 102),
        ("share", "2", 96, 103),
    ]
    assert [line.level_extension for line in checked.lines] == [14, None, None]


def test_no_candidate_and_no_end_of_candidates_is_handed_on():
    text = check_offer(GOOD).text
    assert "candidate" not in text
    assert "10.0.0.7" not in text and ".local" not in text
    kept = [line for line in GOOD.splitlines() if "candidate" not in line]
    assert text.splitlines() == kept


REFUSED = {
    "too long": (GOOD + "a=x:" + "y" * 70_000 + "\r\n", "media.sdp_too_long"),
    "41 candidates": (
        GOOD + "a=candidate:1 1 udp 1 10.0.0.1 1 typ host\r\n" * 35,
        "media.sdp_too_many_candidates",
    ),
    "data channel": (describe(AUDIO, DATA), "media.sdp_data_channel"),
    "two voices": (describe(AUDIO, AUDIO), "media.sdp_too_many_lines"),
    "three pictures": (describe(VIDEO, VIDEO, VIDEO), "media.sdp_too_many_lines"),
    "an unknown line": (
        describe(AUDIO, AUDIO.replace("m=audio", "m=text")),
        "media.sdp_too_many_lines",
    ),
    "no lines": (describe(), "media.sdp_wrong_shape"),
    "nothing": ("", "media.sdp_unreadable"),
    "not an SDP": ("hello", "media.sdp_unreadable"),
    "a NUL": (GOOD.replace("cname:x", "cname:\0"), "media.sdp_unreadable"),
    "not ASCII": (GOOD.replace("cname:x", "cname:é"), "media.sdp_unreadable"),
    "a lone surrogate": (GOOD.replace("cname:x", "cname:\ud800"), "media.sdp_unreadable"),
    "no bundle": (GOOD.replace("a=group:BUNDLE 0 1 2\r\n", ""), "media.sdp_wrong_shape"),
    "half a bundle": (GOOD.replace("BUNDLE 0 1 2", "BUNDLE 0 1"), "media.sdp_wrong_shape"),
    "the same name twice": (GOOD.replace("a=mid:2", "a=mid:1"), "media.sdp_wrong_shape"),
    "no name": (GOOD.replace("a=mid:2\r\n", ""), "media.sdp_wrong_shape"),
    "no ICE password": (re.sub("a=ice-pwd.*\r\n", "", GOOD), "media.sdp_wrong_shape"),
    "a short ICE password": (
        re.sub("a=ice-pwd.*\r\n", "a=ice-pwd:short\r\n", GOOD),
        "media.sdp_wrong_shape",
    ),
    "no fingerprint": (re.sub("a=fingerprint.*\r\n", "", GOOD), "media.sdp_wrong_shape"),
    "a weak fingerprint": (GOOD.replace("sha-256", "md5"), "media.sdp_wrong_shape"),
    "an answer's role": (describe(AUDIO, setup="active"), "media.sdp_wrong_shape"),
    "the wrong way round": (describe(AUDIO, direction="recvonly"), "media.sdp_wrong_shape"),
    "ICE lite": (GOOD.replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n"), "media.sdp_wrong_shape"),
    "no multiplexing": (GOOD.replace("a=rtcp-mux\r\n", ""), "media.sdp_wrong_shape"),
    "no Opus": (GOOD.replace("opus", "speex"), "media.sdp_no_codec"),
    "no VP8": (GOOD.replace("VP8", "AV1"), "media.sdp_no_codec"),
    "a forbidden payload type": (GOOD.replace("a=rtpmap:96", "a=rtpmap:72"), "media.sdp_no_codec"),
    "a source twice": (GOOD.replace("FID 103", "FID 102"), "media.sdp_wrong_shape"),
    "no source": (re.sub("a=ssrc.*\r\n", "", GOOD), "media.sdp_wrong_shape"),
    "a source too large": (
        GOOD.replace("a=ssrc:101", "a=ssrc:4294967296"),
        "media.sdp_wrong_shape",
    ),
    "a thousand lines": (describe(*[VIDEO] * 60), "media.sdp_too_many_candidates"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    text, code = REFUSED[name]
    with pytest.raises(BadSdp) as refused:
        check_offer(text)
    assert refused.value.code == code


def test_answers_are_checked_too():
    good = describe(*[AUDIO, VIDEO], setup="active", direction="recvonly")
    assert [line.payload_type for line in check_answer(good, 2).lines] == [111, 96]
    for text, count in ((good, 3), (GOOD, 3), ("", 0), (describe(DATA, setup="active"), 1)):
        with pytest.raises(BadSdp):
            check_answer(text, count)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_mutilated_offer_is_refused_or_understood(data):
    lines = GOOD.split("\r\n")
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        deed = data.draw(st.sampled_from(("drop", "double", "swap", "cut", "text")))
        if deed == "drop":
            lines.pop(at)
        elif deed == "double":
            lines.insert(at, lines[at])
        elif deed == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif deed == "cut":
            lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
        else:
            where = data.draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:where] + data.draw(st.text(max_size=5)) + lines[at][where:]
        if not lines:
            break
    try:
        checked = check_offer("\r\n".join(lines))
    except BadSdp:
        return
    kinds = [line.kind for line in checked.lines]
    assert kinds.count("audio") <= 1 and kinds.count("video") <= 1 and kinds.count("share") <= 1


def test_our_answer_asks_for_silence_suppression_and_levels_only():
    answer = describe(AUDIO, VIDEO, setup="active", direction="recvonly")
    ours = finish_answer(answer, check_offer(describe(AUDIO, VIDEO)))
    assert re.findall("a=extmap:[^\r]*", ours) == [f"a=extmap:14 {AUDIO_LEVEL}"]
    assert re.findall("a=fmtp:111[^\r]*", ours) == [f"a=fmtp:111 {OPUS_PARAMETERS}"]
    assert "a=ssrc" not in ours
    assert "a=rid" not in ours and "a=simulcast" not in ours


LAYERS = """m=video 9 UDP/TLS/RTP/SAVPF 96
{transport}a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=rtpmap:96 VP8/90000
a=rid:l send
a=rid:m send
a=rid:h send
"""


def test_a_camera_in_layers():
    offer = check_offer(describe(AUDIO, LAYERS + "a=simulcast:send l;m;~h,m\n", VIDEO))
    assert [(line.ssrc, line.rids) for line in offer.lines] == [
        (101, ()),
        (None, ("l", "m", "h")),
        (103, ()),
    ]
    ours = finish_answer(describe(AUDIO, VIDEO, VIDEO, setup="active"), offer)
    own = ["a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"]
    own += ["a=rid:l recv", "a=rid:m recv", "a=rid:h recv", "a=simulcast:recv l;m;h"]
    camera, screen = ours.split("m=video")[1:]
    assert camera.split("\r\n")[-6:-1] == own
    assert "rid" not in screen and ours.endswith("\r\n")


@pytest.mark.parametrize(
    ("lines", "rids"),
    [
        ("", ()),
        ("a=simulcast:send l\n", ()),
        ("a=simulcast:send x;l;y;m\n", ("l", "m")),
        ("a=simulcast:recv l;m;h\n", ()),
        ("a=simulcast:recv h send l;m\n", ("l", "m")),
        ("a=simulcast:send l;l;m\n", ("l", "m")),
        ("a=simulcast:send ;;,~\n", ()),
    ],
)
def test_only_layers_that_are_named_and_listed_count(lines, rids):
    offer = describe(LAYERS + "a=ssrc:{ssrc} cname:x\n" + lines)
    assert check_offer(offer).lines[0].rids == rids


def test_too_many_layers_are_refused():
    more = "a=rid:x send\na=simulcast:send l;m;h;x\n"
    with pytest.raises(BadSdp, match=r"media\.sdp_too_many_lines"):
        check_offer(describe(LAYERS + more))


def test_without_its_name_on_packets_a_camera_has_no_layers():
    offer = describe(
        LAYERS.replace("rtp-stream-id", "other") + "a=ssrc:{ssrc} cname:x\na=simulcast:send l;m\n"
    )
    assert check_offer(offer).lines[0].rids == ()


def test_our_offer_names_its_slots():
    slots = slots_of(Limits(voices=1, pictures=1, shares=1))
    assert slots == ("voice-0", "picture-0", "share-0")
    assert [slot_kind(slot) for slot in slots] == ["audio", "video", "share"]
    text = describe(AUDIO + "a=msid:x y\n", VIDEO + "a=msid:x y\n", VIDEO + "a=msid:x y\n")
    ours = finish_offer(text, slots)
    assert re.findall("a=msid:(.*)\r", ours) == [f"{slot} {slot}" for slot in slots]
    sent_at = "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    assert re.findall("a=extmap:[^\r]*", ours) == [sent_at] * 2
