"""Calendar files: what goes in comes out again, whatever is typed (security.md 33)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from sessions.rules.recurrence import zone_names
from sessions.web import ics
from sessions.web.ics import Entry

STAMP = datetime(2031, 3, 4, 19, 0, tzinfo=UTC)

texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cc", "Cs"]), st.sampled_from('\n;,\\":^\t')),
    max_size=300,
)
# Minutes, because a calendar file knows no fractions of a second.
instants = st.integers(0, 11 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    starts_at = draw(instants)
    return Entry(
        uid=ics.uid_of(draw(st.from_regex(r"[0-9a-z]{26}", fullmatch=True))),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=draw(st.sampled_from([60, 90]))),
        zone=draw(st.sampled_from(zone_names())),
        summary=draw(texts),
        description=draw(texts),
        url="https://clinic.example/sessions/1",
        sequence=draw(st.integers(0, 50)),
        cancelled=draw(st.booleans()),
    )


def parse(data: bytes) -> list[Entry]:
    """Read a file back the way another calendar would."""
    found = []
    for event in Calendar.from_ical(data).walk("VEVENT"):
        start = event["dtstart"].dt
        found.append(
            Entry(
                uid=str(event["uid"]),
                starts_at=start.astimezone(UTC),
                ends_at=event["dtend"].dt.astimezone(UTC),
                zone=getattr(start.tzinfo, "key", "UTC"),
                summary=str(event["summary"]),
                description=str(event["description"]),
                url=str(event["url"]),
                sequence=int(event["sequence"]),
                cancelled=str(event["status"]) == "CANCELLED",
            )
        )
    return found


def expected(entry: Entry) -> Entry:
    """What a reader gets: times in the second pass of a repeated hour travel in UTC."""
    zone = ZoneInfo(entry.zone)
    second_pass = any(i.astimezone(zone).fold for i in (entry.starts_at, entry.ends_at))
    return Entry(
        **{
            **{name: getattr(entry, name) for name in Entry.__slots__},
            "zone": "UTC" if second_pass else entry.zone,
        }
    )


@given(entries(), texts)
def test_what_is_written_is_read(entry: Entry, name: str) -> None:
    assert parse(ics.write([entry], name=name, stamp=STAMP)) == [expected(entry)]


@given(st.lists(entries(), max_size=6), texts)
def test_a_series_has_one_event_per_session(several: list[Entry], name: str) -> None:
    data = ics.write(several, name=name, stamp=STAMP)
    assert sorted(map(repr, parse(data))) == sorted(repr(expected(e)) for e in several)


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_typed_breaks_out_of_its_line(summary: str, description: str) -> None:
    entry = Entry("u@h", STAMP, STAMP, "America/Denver", summary, description, "https://x.example")
    data = ics.write([entry], name=summary, stamp=STAMP)
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(len(line) <= 75 for line in lines)
    assert lines.count(b"BEGIN:VEVENT") == 1
    assert data.count(b"\r\nUID:") == 1


def test_a_break_in_attempt_stays_text() -> None:
    evil = "Sleep\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:x@evil.example"
    entry = Entry("u@h", STAMP, STAMP, "America/Denver", evil, "", "https://x.example")
    data = ics.write([entry], name=evil, stamp=STAMP)
    assert [e.summary for e in parse(data)] == [evil.replace("\r\n", "\n")]
    assert b"\r\nATTENDEE" not in data


def test_the_zone_is_named_and_described() -> None:
    entry = Entry("u@h", STAMP, STAMP + timedelta(hours=1), "America/Denver", "S", "", "https://x")
    text = ics.write([entry], name="N", stamp=STAMP).decode()
    assert "DTSTART;TZID=America/Denver:20310304T120000" in text
    assert "BEGIN:VTIMEZONE\r\nTZID:America/Denver" in text
    assert "TZOFFSETTO:-0600" in text
    assert "TZOFFSETTO:-0700" in text


@given(entries())
def test_the_described_clock_is_the_real_one(entry: Entry) -> None:
    data = ics.write([entry], name="", stamp=STAMP)
    zone = ZoneInfo(entry.zone)
    found = []
    for observance in Calendar.from_ical(data).walk():
        if observance.name not in {"STANDARD", "DAYLIGHT"}:
            continue
        begins = observance["dtstart"].dt.replace(tzinfo=UTC) - observance["tzoffsetfrom"].td
        found.append((begins, observance["tzoffsetto"].td))
    # Every day of the two years around it, read by the file's rules and by the zone database.
    for day in range(-360, 360) if found else ():
        instant = entry.starts_at + timedelta(days=day)
        said = max(pair for pair in found if pair[0] <= instant)[1]
        assert said == instant.astimezone(zone).utcoffset()


def test_links_carry_the_instant_in_utc() -> None:
    entry = Entry(
        "u@h",
        STAMP,
        STAMP + timedelta(hours=1),
        "America/Denver",
        "A & B",
        "D",
        "https://x.example",
    )
    google = parse_qs(urlsplit(ics.google_link(entry)).query)
    assert (google["dates"], google["text"]) == (["20310304T190000Z/20310304T200000Z"], ["A & B"])
    outlook = parse_qs(urlsplit(ics.outlook_link(entry)).query)
    assert (outlook["startdt"], outlook["subject"]) == (["2031-03-04T19:00:00+00:00"], ["A & B"])
