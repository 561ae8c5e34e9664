"""Mail through a real SMTP server: each letter once, nothing lost, headers stay headers."""

import email
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.jobs.mail import Letter, SmtpMailer, build
from server.jobs.post import Post
from server.store import mails
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.harness.inbox import Inbox, open_inbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as box:
        yield box


async def queue(units: Units, *names: str) -> None:
    async with units.write() as unit:
        for name in names:
            await mails.queue(
                unit,
                mails.QueuedMail(f"{name}.1", f"{name}@test.invalid", "BH-2031-001", "A link."),
            )
        await unit.commit()


@pytest.mark.both_databases
async def test_each_letter_arrives_once(units: Units, inbox: Inbox) -> None:
    post = Post(units, SmtpMailer(inbox.url, "hub@test.invalid"))
    await queue(units, "ada", "bob")
    await queue(units, "ada")
    while await post.pass_once():
        pass
    assert sorted((m["To"], m["Message-ID"]) for m in inbox.messages) == [
        ("ada@test.invalid", "<ada.1@caseround>"),
        ("bob@test.invalid", "<bob.1@caseround>"),
    ]


async def test_a_refused_letter_waits_and_goes_out_later(
    units: Units, inbox: Inbox, clock: FakeClock
) -> None:
    post = Post(units, SmtpMailer(inbox.url, "hub@test.invalid"))
    inbox.closed = True
    await queue(units, "ada")
    assert await post.pass_once() == 1
    assert await post.pass_once() == 0
    inbox.closed = False
    clock.advance(seconds=11)
    assert await post.pass_once() == 1
    assert [m["To"] for m in inbox.messages] == ["ada@test.invalid"]
    clock.advance(hours=2)
    assert await post.pass_once() == 0


@given(st.text(max_size=60))
def test_no_text_adds_a_header(text: str) -> None:
    letter = Letter("ada@test.invalid", text, "A link.", "m1")
    try:
        message = build(letter, "hub@test.invalid")
        raw = message.as_bytes()
    except (ValueError, UnicodeError):
        return
    assert set(email.message_from_bytes(raw).keys()) <= {
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
