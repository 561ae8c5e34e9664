"""Feedback and reports: what is missing, what is asked for, what is told."""

import struct

from aiortc import rtp
from hypothesis import given
from hypothesis import strategies as st

from sessions.media import rtcp
from sessions.media.dataplane.flow import Counts
from sessions.media.speaker import Voice


def counts(received: int, expected: int) -> Counts:
    return Counts(received, expected, 0, expected + 9, 3, 0.0, flowing=True, voice=Voice(), ssrc=5)


@given(
    start=st.integers(0, 65_535),
    steps=st.lists(st.integers(1, 40), min_size=1, max_size=60),
)
def test_a_request_names_exactly_what_is_missing(start, steps):
    lost, at = [], start
    for step in steps:
        lost.append(at % 65_536)
        at += step
    (packet,) = rtcp.parse(rtcp.nack(7, lost))
    assert rtcp.lost_of([packet]) == {7: lost}


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for packet in rtcp.parse(data):
        if isinstance(packet, rtp.RtcpPsfbPacket):
            rtcp.remb_kbps(packet)
    rtcp.lost_of(rtcp.parse(data))


def test_a_report_is_about_the_time_since_the_last_one():
    reports = rtcp.Reports()
    assert reports.info(5, counts(0, 0), 1.0) is None
    first, second, third = (
        reports.info(5, counts(*c), 1.0) for c in ((90, 100), (190, 200), (205, 205))
    )
    assert (first.fraction_lost, first.packets_lost, first.highest_sequence) == (25, 10, 109)
    assert (second.fraction_lost, second.packets_lost) == (0, 10)
    # More came than was expected: repeated packets are no gain.
    assert (third.fraction_lost, third.packets_lost, reports.loss) == (0, 0, 0.0)


def test_the_publisher_can_tell_the_round_trip_from_our_report():
    reports = rtcp.Reports()
    reports.note_sender_report(0x1234_5678_9ABC_DEF0, 1.0)
    info = reports.info(5, counts(1, 1), 1.5)
    assert (info.lsr, info.dlsr) == (0x5678_9ABC, 32_768)


def test_a_report_carries_the_rate_to_keep_to():
    report, remb = rtcp.parse(rtcp.report([rtcp.Reports().info(5, counts(1, 1), 2.0)], 1_500))
    assert [info.ssrc for info in report.reports] == [5]
    assert rtcp.remb_kbps(remb) in range(1_490, 1_501)


def test_a_sender_report_survives_large_counts():
    (report,) = rtcp.parse(rtcp.sender_report(9, 1 << 63, 7, 1 << 40, (1 << 33) + 5))
    assert report.sender_info == rtp.RtcpSenderInfo(1 << 63, 7, 0, 5)


def test_ntp_time():
    seconds, fraction = struct.unpack("!LL", rtcp.ntp_of(0.5).to_bytes(8))
    assert (seconds, fraction) == (2_208_988_800, 1 << 31)
