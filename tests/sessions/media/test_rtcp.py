"""Feedback and reports: what is missing, what is asked for, what is told."""

import struct

from aiortc import rtp
from hypothesis import given
from hypothesis import strategies as st

from sessions.media import rtcp


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


@given(
    seq=st.integers(0, 65_535),
    count=st.integers(2, 400),
    lost=st.sets(st.integers(1, 398), max_size=60),
)
def test_loss_is_counted_over_the_wrap_of_numbers(seq, count, lost):
    lost = {i for i in lost if i < count - 1}
    reception = rtcp.Reception(5, 90_000)
    asked = []
    for i in range(count):
        if i not in lost:
            asked += reception.take((seq + i) % 65_536, i * 3_000, i / 30)
    assert asked == [(seq + i) % 65_536 for i in sorted(lost)]
    info = reception.info(count / 30)
    assert info.packets_lost == len(lost)
    assert info.highest_sequence == seq + count - 1
    assert info.fraction_lost == int(len(lost) / count * 256)
    assert info.jitter <= 1


def test_what_is_missing_is_asked_for_again_until_it_comes_or_is_given_up():
    reception = rtcp.Reception(5, 90_000)
    reception.take(10, 0, 0.0)
    assert reception.take(13, 0, 0.0) == [11, 12]
    assert reception.overdue(0.01) == []
    assert reception.overdue(0.1) == [11, 12]
    reception.take(11, 0, 0.15)
    assert reception.overdue(0.2) == [12]
    times = [reception.overdue(0.3 + i) for i in range(20)]
    assert [12] in times and times[-1] == []


def test_a_gap_too_wide_is_hopeless():
    reception = rtcp.Reception(5, 90_000)
    reception.take(0, 0, 0.0)
    reception.take(5_000, 0, 0.0)
    assert reception.hopeless
    reception.forget_missing()
    assert not reception.hopeless
    assert reception.overdue(1.0) == []


def test_the_publisher_can_tell_the_round_trip_from_our_report():
    reception = rtcp.Reception(5, 90_000)
    reception.take(1, 0, 1.0)
    reception.note_sender_report(0x1234_5678_9ABC_DEF0, 1.0)
    info = reception.info(1.5)
    assert (info.lsr, info.dlsr) == (0x5678_9ABC, 32_768)


def test_a_report_carries_the_rate_to_keep_to():
    reception = rtcp.Reception(5, 90_000)
    reception.take(1, 0, 1.0)
    report, remb = rtcp.parse(rtcp.report([reception.info(2.0)], 1_500))
    assert [info.ssrc for info in report.reports] == [5]
    assert rtcp.remb_kbps(remb) in range(1_490, 1_501)


def test_a_sender_report_survives_large_counts():
    (report,) = rtcp.parse(rtcp.sender_report(9, 1 << 63, 7, 1 << 40, (1 << 33) + 5))
    assert report.sender_info == rtp.RtcpSenderInfo(1 << 63, 7, 0, 5)


def test_ntp_time():
    seconds, fraction = struct.unpack("!LL", rtcp.ntp_of(0.5).to_bytes(8))
    assert (seconds, fraction) == (2_208_988_800, 1 << 31)
