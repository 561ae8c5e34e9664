"""Signing in, waiting, links, invitations: through the real pages."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from yarl import URL

from server.kit.actor import Role
from server.kit.ids import OrganisationId, PersonId, ProgrammeId, token_hash
from server.people import api, commands, store
from server.people.passwords import Passwords
from server.people.rows import LinkRow, SignInRow
from server.store.tables import AuditRow
from server.store.unit import Units
from sessions.commands import programmes
from tests.conftest import FakeClock
from tests.factories.people import actor_of, add_person, make_actor
from tests.harness.browser_client import House

PASSWORD = "purple kettle sings at dawn"


async def person_with_password(units: Units, name: str = "Ada Bright") -> PersonId:
    hashed = await Passwords().hash(PASSWORD)
    async with units.write() as unit:
        person = await add_person(unit, name, password_hash=hashed)
        await unit.commit()
    return person


async def test_right_password_opens_and_the_cookie_is_guarded(units: Units, house: House) -> None:
    await person_with_password(units)
    browser = house.stranger()
    answer = await browser.post(
        "/sign-in",
        {"email": " Ada.Bright@TEST.invalid ", "password": PASSWORD, "next": "/profile"},
        signed_in=False,
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/profile")
    cookie = answer.headers.getall("Set-Cookie")[0]
    assert cookie.startswith("sid=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = cookie.split("=", 1)[1].split(";")[0]
    async with units.read() as unit:
        hashes = (await unit.db.scalars(select(SignInRow.token_hash))).all()
    assert list(hashes) == [token_hash(token)]
    assert (await browser.get("/profile")).status == 200


async def test_wrong_password_and_unknown_address_get_the_same_answer(
    units: Units, house: House
) -> None:
    await person_with_password(units)
    browser = house.stranger()
    wrong = await browser.post(
        "/sign-in",
        {"email": "ada.bright@test.invalid", "password": "not this one at all"},
        signed_in=False,
    )
    unknown = await browser.post(
        "/sign-in",
        {"email": "bob.bright@test.invalid", "password": "not this one at all"},
        signed_in=False,
    )
    assert wrong.status == unknown.status == 422

    def plain(text: str) -> str:
        return re.sub(r'nonce="[^"]*"', "", text).replace("ada.", "").replace("bob.", "")

    assert plain(wrong.text) == plain(unknown.text)


async def test_after_many_failures_even_the_right_password_waits(
    units: Units, clock: FakeClock
) -> None:
    await person_with_password(units)
    passwords = Passwords()

    async def attempt(password: str) -> object:
        return await commands.sign_in(
            units, passwords, email="ada.bright@test.invalid", password=password, replaces=None
        )

    for _ in range(5):
        assert await attempt("wrong") == commands.WrongPassword()
    assert await attempt(PASSWORD) == commands.WrongPassword()
    clock.advance(seconds=3)
    assert isinstance(await attempt(PASSWORD), commands.Welcome)


async def test_a_sign_in_rotates_and_ends(units: Units, house: House, clock: FakeClock) -> None:
    person = await person_with_password(units)
    browser = await house.browser(person)
    before = browser.session.cookie_jar.filter_cookies(URL(house.origin))["sid"].value
    await browser.get("/profile")
    await browser.post("/sign-in", {"email": "ada.bright@test.invalid", "password": PASSWORD})
    after = browser.session.cookie_jar.filter_cookies(URL(house.origin))["sid"].value
    assert before != after
    old = house.stranger()
    old.session.cookie_jar.update_cookies({"sid": before})
    assert (await old.get("/profile")).headers["Location"] == "/sign-in?next=/profile"
    clock.advance(minutes=61)
    assert (await browser.get("/profile")).status == 303


async def test_activity_keeps_a_sign_in_but_not_past_a_day(
    units: Units, house: House, clock: FakeClock
) -> None:
    browser = await house.browser(await person_with_password(units))
    for _ in range(28):
        clock.advance(minutes=50)
        assert (await browser.get("/profile")).status == 200
    clock.advance(minutes=50)
    assert (await browser.get("/profile")).status == 303


async def test_signing_out_everywhere_ends_the_other_browser_too(
    units: Units, house: House
) -> None:
    person = await person_with_password(units)
    here, there = await house.browser(person), await house.browser(person)
    answer = await here.post("/sign-out", {"everywhere": "yes"})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert (await there.get("/profile")).status == 303


class TestInvitations:
    @pytest.fixture
    async def programme(self, units: Units, hub: OrganisationId) -> ProgrammeId:
        founder = await make_actor(
            units, "Sam Founder", {ProgrammeId("x" * 26): (Role.COORDINATOR,)}, organisation=hub
        )
        async with units.write() as unit:
            made = await programmes.create_programme(
                unit,
                founder,
                programmes.NewProgramme("BH", "Behavioural Health", "About.", "America/Denver"),
            )
            await unit.commit()
        self.coordinator = founder.person
        return made.id

    async def test_link_is_shown_once_looking_uses_nothing_up(
        self, units: Units, house: House, programme: ProgrammeId
    ) -> None:
        sam = await house.browser(self.coordinator)
        page = await sam.get(f"/programmes/{programme}/people")
        assert page.status == 200
        made = await sam.post(
            f"/programmes/{programme}/people/invite",
            {"name": "Eve New", "email": "eve@test.invalid", "role": "spoke_clinician"},
        )
        link = re.search(r'value="(http://[^"]*/invitations/[^"]+)"', made.text)
        assert link is not None
        token = link.group(1).rsplit("/", 1)[1]
        async with units.read() as unit:
            assert [r.token_hash for r in await unit.db.scalars(select(LinkRow))] == [
                token_hash(token)
            ]
        eve = house.stranger()
        for _ in range(3):
            assert (await eve.get(f"/invitations/{token}")).status == 200
        fields = {
            "name": "Eve New",
            "credentials": "NP",
            "discipline": "np",
            "zone": "America/Denver",
            "password": "short",
        }
        refused = await eve.post(f"/invitations/{token}", fields, signed_in=False)
        assert refused.status == 422
        assert 'value="Eve New"' in refused.text
        welcome = await eve.post(
            f"/invitations/{token}", {**fields, "password": PASSWORD}, signed_in=False
        )
        assert welcome.status == 303
        again = house.stranger()
        assert (await again.get(f"/invitations/{token}")).status == 410
        assert (await again.post(f"/invitations/{token}", fields, signed_in=False)).status == 410
        async with units.read() as unit:
            members = await api.members_of(unit, programme)
        assert {m.card.name: m.roles for m in members}["Eve New"] == {Role.SPOKE_CLINICIAN}

    async def test_an_invitation_never_signs_in_to_an_account_that_exists(
        self, units: Units, house: House, programme: ProgrammeId
    ) -> None:
        person = await person_with_password(units)
        async with units.write() as unit:
            actor = await actor_of(units, self.coordinator)
            token = await commands.invite(
                unit,
                actor,
                commands.Invite("Ada", "ada.bright@test.invalid", programme, Role.LEARNER, None),
            )
            await unit.commit()
        thief = house.stranger()
        answer = await thief.post(
            f"/invitations/{token}",
            {"name": "Ada", "discipline": "other", "zone": "UTC", "password": PASSWORD},
            signed_in=False,
        )
        assert answer.status == 409
        assert "Set-Cookie" not in answer.headers
        ada = await house.browser(person)
        await ada.get("/profile")
        assert (await ada.post(f"/invitations/{token}", {})).status == 303
        assert (await actor_of(units, person)).roles[programme] == {Role.LEARNER}

    async def test_invitations_expire(
        self, units: Units, house: House, programme: ProgrammeId, clock: FakeClock
    ) -> None:
        async with units.write() as unit:
            actor = await actor_of(units, self.coordinator)
            token = await commands.invite(
                unit,
                actor,
                commands.Invite("Eve", "eve@test.invalid", programme, Role.LEARNER, None),
            )
            await unit.commit()
        clock.set(clock.now() + timedelta(days=7, seconds=1))
        assert (await house.stranger().get(f"/invitations/{token}")).status == 410

    async def test_a_coordinator_cannot_make_a_director(
        self, house: House, programme: ProgrammeId
    ) -> None:
        sam = await house.browser(self.coordinator)
        await sam.get(f"/programmes/{programme}/people")
        answer = await sam.post(
            f"/programmes/{programme}/people/invite",
            {"name": "Eve New", "email": "eve@test.invalid", "role": "director"},
        )
        assert answer.status == 403

    async def test_another_programmes_coordinator_sees_nothing(
        self, units: Units, house: House, programme: ProgrammeId
    ) -> None:
        other = await make_actor(units, "Olga Other", {ProgrammeId("y" * 26): (Role.COORDINATOR,)})
        browser = await house.browser(other.person)
        foreign = await browser.get(f"/programmes/{programme}/people")
        unknown = await browser.get(f"/programmes/{'0' * 26}/people")
        assert foreign.status == unknown.status == 404

        def body(text: str) -> str:
            return re.sub(r"<code>[0-9a-f]+</code>|nonce=\"[^\"]*\"|value=\"[^\"]*\"", "", text)

        assert len(body(foreign.text)) == len(body(unknown.text))

    async def test_taking_a_role_away_counts_at_once(
        self, units: Units, house: House, programme: ProgrammeId
    ) -> None:
        async with units.write() as unit:
            person = await add_person(unit, "Lee Learner")
            await store.grant(unit, person, programme, Role.COORDINATOR)
            await unit.commit()
        lee = await house.browser(person)
        assert (await lee.get(f"/programmes/{programme}/people")).status == 200
        sam = await house.browser(self.coordinator)
        await sam.get(f"/programmes/{programme}/people")
        answer = await sam.post(
            f"/programmes/{programme}/people/revoke", {"person": person, "role": "coordinator"}
        )
        assert answer.status == 303
        assert (await lee.get(f"/programmes/{programme}/people")).status == 403


async def test_failed_and_successful_sign_ins_are_audited(units: Units, house: House) -> None:
    await person_with_password(units)
    browser = house.stranger()
    for password in ("wrong one", PASSWORD):
        await browser.post(
            "/sign-in",
            {"email": "ada.bright@test.invalid", "password": password},
            signed_in=False,
        )
    async with units.read() as unit:
        actions = (await unit.db.scalars(select(AuditRow.action).order_by(AuditRow.id))).all()
    assert list(actions) == ["sign_in.failed", "sign_in.opened"]
