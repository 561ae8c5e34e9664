"""Deny by default: every route declares who may knock, and the guard keeps to it."""

import re

import pytest

from server.edge.guard import Policy
from server.edge.keys import POLICIES
from server.kit.actor import Role
from server.kit.ids import ProgrammeId
from server.store.unit import Units
from tests.factories.people import make_actor
from tests.harness.browser_client import House

PUBLIC = {
    "/",
    "/demo/sign-in/{token}",
    "/favicon.ico",
    "/healthz",
    "/invitations/{token}",
    "/links/{token}",
    "/metrics",
    "/readyz",
    "/sign-in",
    "/sign-in/link",
    "/socket.io/",
    "/static/{fingerprint}/{path}",
    "/style-guide",
}


def declared(house: House) -> list[tuple[str, str, Policy | None]]:
    """Return (method, canonical path, policy) of every route the router knows."""
    found = []
    for route in house.app.router.routes():
        if route.method == "HEAD" or route.resource is None:
            continue
        path = route.resource.canonical
        found.append((route.method, path, house.app[POLICIES].get((route.method, path))))
    return found


async def test_every_route_has_a_policy_and_public_ones_are_listed(house: House) -> None:
    routes = declared(house)
    assert [r for r in routes if r[2] is None] == []
    assert {path for _, path, policy in routes if policy and policy.kind == "public"} <= PUBLIC
    reasons = [p.reason for _, _, p in routes if p and p.kind == "public"]
    assert all(reasons)


def concrete(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "0" * 26, path)


async def test_strangers_get_in_nowhere_but_the_public_pages(house: House) -> None:
    stranger = house.stranger()
    for method, path, policy in declared(house):
        if policy is None or policy.kind == "public":
            continue
        if method == "GET":
            answer = await stranger.get(concrete(path))
            assert (answer.status, answer.headers.get("Location", "")[:8]) == (303, "/sign-in"), (
                path
            )
        else:
            answer = await stranger.post(concrete(path), {}, signed_in=False)
            assert answer.status == 401, path
        assert "Set-Cookie" not in answer.headers


async def test_people_without_the_permission_are_kept_out(units: Units, house: House) -> None:
    """Every role × every route: a route's permission is missing exactly when the answer is 403."""
    for role in Role:
        actor = await make_actor(units, f"Only {role.value}", {ProgrammeId("z" * 26): (role,)})
        browser = await house.browser(actor.person)
        await browser.get("/profile")
        for method, path, policy in declared(house):
            if policy is None or policy.permission is None:
                continue
            answer = (
                await browser.get(concrete(path))
                if method == "GET"
                else await browser.post(concrete(path), {})
            )
            held = actor.can_somewhere(policy.permission)
            assert (answer.status == 403) == (not held), (role, method, path, answer.status)
            if held and "{" in path:
                assert answer.status in (400, 404, 409, 422), (role, method, path, answer.status)


async def test_a_route_whose_policy_is_missing_answers_not_found(
    units: Units, house: House
) -> None:
    house.app[POLICIES].pop(("GET", "/profile"))
    actor = await make_actor(units, "Ada Bright")
    answer = await (await house.browser(actor.person)).get("/profile")
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/nowhere", "/programmes/x/y/z", "/static/0000000000/none.js"])
async def test_unknown_addresses_get_our_own_page(house: House, path: str) -> None:
    answer = await house.stranger().get(path)
    assert answer.status == 404
    assert "There is nothing here" in answer.text
