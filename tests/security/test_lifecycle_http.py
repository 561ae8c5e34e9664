"""Bad input from end to end: a clear answer, nothing changed, nothing lost."""

import asyncio
import io
import json
import re

import pytest
from sqlalchemy import select, text

from server.kit.actor import Role
from server.kit.ids import PersonId
from server.people import commands as people_commands
from server.people import store as people
from server.people.passwords import Passwords
from server.people.rows import LinkRow
from server.store.tables import AuditRow
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.cases import a_case, a_form, an_accepted_case
from tests.factories.people import make_actor
from tests.factories.sessions import a_series, slots_of, somebody
from tests.harness.browser_client import House
from tests.security.clinic import PASSWORD, Clinic, as_sent, counted, everything


class TestClicks:
    async def test_five_clicks_submit_one_case(self, clinic: Clinic) -> None:
        sent = as_sent(a_form(), action="submit", idempotency="one-form")
        answers = await asyncio.gather(*(clinic.writing.post(clinic.new, sent) for _ in range(5)))
        assert {(a.status, a.headers["Location"]) for a in answers} == {
            (303, "/cases/BH-2031-001")
        }
        mine = await clinic.writing.get("/cases")
        assert len(set(re.findall(r"BH-2031-\d+", mine.text))) == 1

    async def test_five_clicks_accept_once(self, units: Units, clinic: Clinic) -> None:
        case = await a_case(units, clinic.author, clinic.programme)
        fields = {"row_version": str(case.row_version), "then": "accept", "idempotency": "k"}
        answers = await asyncio.gather(
            *(clinic.desk.post(f"/cases/{case.key}/pass", fields) for _ in range(5))
        )
        assert {a.status for a in answers} == {303}
        async with units.read() as unit:
            done = await unit.db.scalars(
                select(AuditRow.action).where(AuditRow.subject == case.id)
            )
            assert sorted(done).count("case.accept") == 1

    async def test_five_clicks_invite_once(self, units: Units, clinic: Clinic) -> None:
        """The answer is a page that shows a link once: a second click must not make another."""
        fields = {
            "name": "Eve New",
            "email": "eve@test.invalid",
            "role": "learner",
            "idempotency": "k",
        }
        path = f"/programmes/{clinic.programme.id}/people/invite"
        await asyncio.gather(*(clinic.desk.post(path, fields) for _ in range(5)))
        assert await counted(units, LinkRow) == 1

    async def test_a_key_is_of_one_person_and_one_address(
        self, units: Units, house: House, clinic: Clinic
    ) -> None:
        """Somebody else's key, or the same one elsewhere, never answers with what is not theirs."""
        sent = as_sent(a_form(), action="draft", idempotency="shared")
        first = await clinic.writing.post(clinic.new, sent)
        other = await somebody(units, clinic.programme, Role.SPOKE_CLINICIAN)
        stranger = await house.browser(other.person)
        second = await stranger.post(clinic.new, sent)
        assert (first.status, second.status) == (303, 303)
        assert first.headers["Location"] != second.headers["Location"]
        elsewhere = await clinic.writing.post(
            first.headers["Location"], as_sent(a_form(), action="draft", idempotency="shared")
        )
        assert elsewhere.status == 303
        assert "saved" in elsewhere.headers["Set-Cookie"]


class TestTwoTabs:
    async def test_the_second_tab_loses_nothing_and_overwrites_nothing(
        self, clinic: Clinic
    ) -> None:
        kept = await clinic.writing.post(clinic.new, as_sent(a_form(), action="draft"))
        edit = kept.headers["Location"]
        page = await clinic.writing.get(edit)
        seen = re.search(r'name="row_version" value="(\d+)"', page.text)
        assert seen is not None
        one = as_sent(a_form(allergies="pollen"), action="draft", row_version=seen[1])
        two = as_sent(a_form(allergies="penicillin"), action="draft", row_version=seen[1])
        assert (await clinic.writing.post(edit, one)).status == 303
        late = await clinic.writing.post(edit, two)
        assert late.status == 409
        now = await clinic.writing.get(edit)
        assert "pollen" in now.text
        assert "penicillin" not in now.text

    async def test_what_the_second_tab_typed_is_still_on_its_screen(self, clinic: Clinic) -> None:
        """Both texts are shown (security.md 76); without a script nothing else keeps them."""
        kept = await clinic.writing.post(clinic.new, as_sent(a_form(), action="draft"))
        edit = kept.headers["Location"]
        version = re.search(
            r'name="row_version" value="(\d+)"', (await clinic.writing.get(edit)).text
        )
        assert version is not None
        for allergy in ("pollen", "penicillin"):
            typed = as_sent(a_form(allergies=allergy), action="draft", row_version=version[1])
            late = await clinic.writing.post(edit, typed)
        assert late.status == 409
        assert "penicillin" in late.text

    async def test_two_coordinators_decide_once(
        self, units: Units, house: House, clinic: Clinic
    ) -> None:
        case = await a_case(units, clinic.author, clinic.programme)
        second = await somebody(units, clinic.programme, Role.COORDINATOR)
        other = await house.browser(second.person)
        version = {"row_version": str(case.row_version)}
        answers = await asyncio.gather(
            clinic.desk.post(f"/cases/{case.key}/pass", version),
            other.post(f"/cases/{case.key}/pass", version),
        )
        assert sorted(a.status for a in answers) == [303, 409]
        late = next(a for a in answers if a.status == 409)
        assert "Somebody else was faster" in late.text

    async def test_two_people_take_the_same_slot(self, units: Units, clinic: Clinic) -> None:
        _, sessions = await a_series(units, clinic.coordinator, clinic.programme)
        cases = [
            await an_accepted_case(units, clinic.author, clinic.coordinator, clinic.programme)
            for _ in range(2)
        ]
        slot = f"{sessions[1].id}.{slots_of(sessions[1])[0].id}"
        answers = await asyncio.gather(
            *(
                clinic.desk.post(
                    f"/cases/{case.key}/slot",
                    {"row_version": str(case.row_version), "slot": slot},
                )
                for case in cases
            )
        )
        assert sorted(a.status for a in answers) == [303, 409]


class TestEndedSignIn:
    async def test_a_half_written_form_survives_it(
        self, units: Units, clock: FakeClock, clinic: Clinic
    ) -> None:
        """401 as JSON, sign in as JSON with a new token, send again: the case is there."""
        typed = {**a_form(), "action": "submit", "case_type": "new"}
        clock.advance(minutes=61)
        before = await everything(units)
        asked = await clinic.writing.get(
            "/cases/form-token", headers={"Accept": "application/json"}
        )
        assert asked.status == 401
        refused = await clinic.writing.post_json(clinic.new, typed)
        assert refused.status == 401
        assert json.loads(refused.text)["code"] == "sign_in_needed"
        assert await everything(units) == before
        async with units.read() as unit:
            person = await people.by_id(unit, clinic.author.person)
        assert person is not None
        back = await clinic.writing.post_json(
            "/sign-in", {"email": person.email, "password": PASSWORD}
        )
        assert back.status == 200
        clinic.writing.csrf = json.loads(back.text)["csrf"]
        again = await clinic.writing.post_json(clinic.new, typed)
        assert (again.status, again.headers["Location"]) == (303, "/cases/BH-2031-001")

    async def test_without_a_script_the_answer_says_what_to_do(
        self, clock: FakeClock, clinic: Clinic
    ) -> None:
        clock.advance(minutes=61)
        answer = await clinic.writing.post(clinic.new, as_sent(a_form(), action="submit"))
        assert answer.status == 401
        assert "Sign in to go on" in answer.text
        assert "What is the next step" not in answer.text

    async def test_an_old_page_token_does_not_open_a_new_sign_in(
        self, house: House, clock: FakeClock, clinic: Clinic
    ) -> None:
        old = clinic.writing.csrf
        clock.advance(minutes=61)
        fresh = await house.browser(clinic.author.person)
        answer = await fresh.post(clinic.new, [*as_sent(a_form(), action="draft"), ("csrf", old)])
        assert answer.status == 403


class TestLinks:
    @pytest.fixture
    async def link(self, units: Units, clinic: Clinic) -> str:
        async with units.write() as unit:
            token = await people_commands.invite(
                unit,
                clinic.coordinator,
                people_commands.Invite(
                    "Eve", "eve@test.invalid", clinic.programme.id, Role.LEARNER, None
                ),
            )
            await unit.commit()
        return f"/invitations/{token}"

    async def test_expired_used_and_invented_links_say_the_same(
        self, house: House, clock: FakeClock, link: str
    ) -> None:
        clock.advance(days=7, seconds=1)
        stranger = house.stranger()
        expired = await stranger.get(link)
        invented = await stranger.get(f"/invitations/{'x' * 43}")
        other_kind = await stranger.get(f"/links/{'x' * 43}")
        pages = [
            re.sub(r'nonce="[^"]*"|<code>\w+</code>', "", a.text) for a in (expired, invented)
        ]
        assert [a.status for a in (expired, invented, other_kind)] == [410] * 3
        assert pages[0] == pages[1]
        assert "Ask for a new one" in expired.text

    async def test_two_browsers_use_one_link(self, house: House, link: str) -> None:
        fields = {"name": "Eve New", "discipline": "rn", "zone": "America/Denver"}
        answers = await asyncio.gather(
            *(house.stranger().post(link, fields, signed_in=False) for _ in range(4))
        )
        assert sorted(a.status for a in answers)[:1] == [303]
        assert [a.status for a in answers].count(303) == 1
        assert {a.status for a in answers} <= {303, 409, 410}


class TestBodies:
    async def test_ten_megabytes_change_nothing(self, units: Units, clinic: Clinic) -> None:
        before = await everything(units)
        for path in (clinic.new, "/profile"):
            for kind in ("application/x-www-form-urlencoded", "application/json"):
                answer = await clinic.writing.request(
                    "POST",
                    path,
                    data=io.BytesIO(b"main_question=" + b"x" * 10_000_000),
                    headers={
                        "Content-Type": kind,
                        "Sec-Fetch-Site": "same-origin",
                        "X-CSRF-Token": clinic.writing.csrf,
                    },
                )
                assert answer.status == 413
                assert "At most 256 KB" in answer.text
        assert await everything(units) == before

    @pytest.mark.parametrize(
        "body",
        [
            {"action": {"a": 1}},
            {"main_question": ["a", {"b": 2}]},
            {"main_question": 7},
            {"main_question": None},
            {"row_version": "9" * 400},
            {"row_version": "-1"},
            {"row_version": "１"},
            {"case_type": "<script>"},
            {"action": "explode"},
            {"action": ["submit", "draft"]},
            {"phq9.1": "9" * 5000},
            {"age": "1e999"},
            {"medications.99999.name": "x"},
            {"medications.-1.name": "x"},
            {"medications.0": "x"},
            {"medications.0.name.more": "x"},
            {"duration.amount": "nan"},
            {"supervisor": "0" * 26},
            {"decide.x": "y"},
            {"fix": "nothing"},
            {"": "x"},
            {".": "x"},
            {"signed_at": "2031-01-01", "author": "x", "state": "closed"},
            {"main_question": "a\x00b"},
            {"main_question": "\u202e" * 400},
        ],
        ids=repr,
    )
    async def test_odd_case_forms_are_refused_in_words(
        self, units: Units, clinic: Clinic, body: dict[str, object]
    ) -> None:
        before = await everything(units)
        typed = {**a_form(), "action": "submit", "case_type": "new"}
        typed |= body
        if list(body) == ["action"] or "case_type" in body:
            expected = {400}
        else:
            expected = {200, 303, 400, 409, 422}
        answer = await clinic.writing.post_json(clinic.new, typed)
        assert answer.status in expected, answer.text[:500]
        if answer.status != 303:
            after = await everything(units)
            assert {k: v for k, v in after.items() if k != "audit"} == {
                k: v for k, v in before.items() if k != "audit"
            }

    async def test_state_and_author_cannot_be_typed_in(self, units: Units, clinic: Clinic) -> None:
        other = await somebody(units, clinic.programme, Role.SPOKE_CLINICIAN)
        extra = {
            "author": other.person,
            "state": "closed",
            "programme": "0" * 26,
            "case_no": "X-1",
        }
        answer = await clinic.writing.post(
            clinic.new, as_sent({**a_form(), **extra}, action="submit")
        )
        # Either refused, or taken in without these: never as somebody else's, never cleared.
        assert answer.status in (303, 400, 422)
        async with units.read() as unit:
            rows = (
                await unit.db.execute(text("SELECT author_id, state, case_no FROM cases"))
            ).all()
        if answer.status == 303:
            assert [tuple(r) for r in rows] == [(clinic.author.person, "phi_check", "BH-2031-001")]
        else:
            assert rows == []


@pytest.mark.both_databases
async def test_a_nul_in_a_json_form_is_refused(units: Units, house: House) -> None:
    """PostgreSQL cannot hold U+0000: it is refused at the door, on both databases alike."""
    actor = await make_actor(units, "Ada Bright")
    browser = await house.browser(actor.person)
    answer = await browser.post_json(
        "/profile", {"name": "Ada\x00Bright", "discipline": "rn", "zone": "America/Denver"}
    )
    assert answer.status in (400, 422)


class TestEnumeration:
    async def test_waiting_tells_nobody_that_an_account_exists(
        self, units: Units, house: House
    ) -> None:
        """Seven wrong passwords: the same answers for an address with and without an account."""
        hashed = await Passwords().hash(PASSWORD)
        person = await make_actor(units, "Ada Bright")
        async with units.write() as unit:
            await people.change(unit, person.person, password_hash=hashed)
            await unit.commit()
        said = {}
        for address in ("ada.bright@test.invalid", "bob.bright@test.invalid"):
            browser = house.stranger()
            said[address] = [
                (
                    await browser.post(
                        "/sign-in",
                        {"email": address, "password": "not this one at all"},
                        signed_in=False,
                    )
                ).status
                for _ in range(7)
            ]
        assert said["ada.bright@test.invalid"] == said["bob.bright@test.invalid"]


async def test_unknown_and_foreign_people_in_forms(
    units: Units, house: House, clinic: Clinic
) -> None:
    """Ids inside a form are checked like ids in an address."""
    stranger = await make_actor(units, "Sid Stranger")
    before = await everything(units)
    for person in (stranger.person, PersonId("0" * 26), PersonId("%"), PersonId("")):
        answer = await clinic.desk.post(
            f"/programmes/{clinic.programme.id}/people/revoke",
            {"person": person, "role": "learner"},
        )
        assert answer.status in (404, 422)
        answer = await clinic.desk.post(
            f"/programmes/{clinic.programme.id}/people/invite",
            {
                "name": "Eve New",
                "email": "e@test.invalid",
                "role": "learner",
                "organisation": "0" * 26,
            },
        )
        assert answer.status == 422
    assert await everything(units) == before
