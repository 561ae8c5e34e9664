"""Passwords, waiting, sign-in life: pure rules."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.actor import Permission, Role
from server.people import rules
from server.people.passwords import BANNED
from tests.conftest import NOON

ABOUT = ("Marisol", "Quintana", "marisol", "quintana", "test", "invalid")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("fourteen chars", "password_short"),
        ("a" * 16, "password_common"),
        ("correcthorsebatterystaple", "password_common"),
        ("Correct Horse Battery Staple", "password_common"),
        ("qwertyuiopasdfghjkl", "password_common"),
        ("marisol.quintana1", "password_about_you"),
        ("caseround clinic 2026", "password_about_you"),
        ("x" * 257, "password_long"),
        ("purple kettle sings at dawn", None),
        ("пароль из четырёх хороших слов", None),
    ],
)
def test_password_rules(password: str, problem: str | None) -> None:
    assert rules.password_problem(password, banned=BANNED, about=ABOUT) == problem


def test_every_long_common_password_is_refused() -> None:
    allowed = [
        p for p in sorted(BANNED) if rules.password_problem(p, banned=BANNED, about=()) is None
    ]
    assert allowed == []


@given(st.integers(min_value=0, max_value=200))
def test_waiting_never_shrinks_and_ends_at_a_quarter_hour(failures: int) -> None:
    assert rules.wait_after(failures) <= rules.wait_after(failures + 1) <= timedelta(minutes=15)


def test_sign_in_ends_after_an_idle_hour_or_a_day() -> None:
    idle = timedelta(minutes=60)
    assert rules.sign_in_alive(NOON - idle, NOON - idle, NOON)
    assert not rules.sign_in_alive(NOON - idle, NOON - idle - timedelta(seconds=1), NOON)
    assert not rules.sign_in_alive(NOON - timedelta(hours=24, seconds=1), NOON, NOON)


def test_nobody_can_grant_more_than_they_reach() -> None:
    assert rules.grantable([Role.FACILITATOR, Role.LEARNER], platform_admin=False) == frozenset()
    assert Role.DIRECTOR not in rules.grantable([Role.COORDINATOR], platform_admin=False)
    assert rules.grantable([Role.DIRECTOR], platform_admin=False) == frozenset(Role)


def test_administrator_cannot_touch_cases() -> None:
    about_cases = {p for p in Permission if p.value.startswith(("case.", "recommendation."))}
    assert not rules.PLATFORM_ADMIN_PERMISSIONS & about_cases


def test_only_the_director_signs() -> None:
    signers = {
        role
        for role, held in rules.ROLE_PERMISSIONS.items()
        if Permission.RECOMMENDATION_SIGN in held
    }
    assert signers == {Role.DIRECTOR}
