"""The live page over HTTP: who gets it, what it says, the way in."""

import json
import pathlib
import re

import pytest

from server.kit.actor import Actor
from sessions.rules.models import PhaseKind, ProblemArea
from sessions.web.live_words import AREAS, PHASES, WORDS
from tests.sessions.live.conftest import CASE, Clinic

SCRIPTS = pathlib.Path(__file__).resolve().parents[3] / "static" / "live"


def boot_of(html: str) -> dict[str, object]:
    found = re.search(r'id="live-boot"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found is not None
    boot = json.loads(found.group(1))
    assert isinstance(boot, dict)
    return boot


async def test_participants_get_the_page(clinic: Clinic) -> None:
    browser = await clinic.house.browser(clinic.spoke.person)
    answer = await browser.get(f"/sessions/{clinic.session}/live")
    assert answer.status == 200
    boot = boot_of(answer.text)
    assert boot["session"] == clinic.session
    assert boot["person"] == clinic.spoke.person
    assert "<title>Live room · Caseround</title>" in answer.text
    assert str(CASE) not in answer.text
    assert "phase-next" not in answer.text
    assert "The live room needs JavaScript" in answer.text


async def test_the_controls_follow_the_role(clinic: Clinic) -> None:
    async def ids(actor: Actor) -> set[str]:
        browser = await clinic.house.browser(actor.person)
        answer = await browser.get(f"/sessions/{clinic.session}/live")
        wanted = {"phase-next", "capture-form", "control-hand", "f-camera", "session-end"}
        return {name for name in wanted if f'id="{name}"' in answer.text}

    assert await ids(clinic.facilitator) == {
        "phase-next", "capture-form", "control-hand", "f-camera", "session-end"
    }  # fmt: skip
    assert await ids(clinic.spoke) == {"capture-form", "control-hand", "f-camera"}
    assert await ids(clinic.learner) == set()


@pytest.mark.parametrize("path", ["live", "live/ticket", "live/lobby"])
async def test_strangers_learn_nothing(clinic: Clinic, path: str) -> None:
    stranger = await clinic.house.browser(clinic.stranger.person)
    known = await stranger.get(f"/sessions/{clinic.session}/{path}")
    unknown = await stranger.get(f"/sessions/{'0' * 26}/{path}")
    assert known.status == unknown.status == 403
    nobody = await clinic.house.stranger().get(f"/sessions/{clinic.session}/{path}")
    assert nobody.status == 303


async def test_people_of_another_programme_learn_nothing(clinic: Clinic) -> None:
    from server.kit.actor import Role
    from tests.factories import sessions as make
    from tests.factories.people import make_actor

    other = await make.a_programme(clinic.units, clinic.programme.hub, code="SU")
    away = await make_actor(clinic.units, "Olga Other", {other.id: (Role.FACILITATOR,)})
    browser = await clinic.house.browser(away.person)
    for path in ("live", "live/ticket", "live/lobby"):
        known = await browser.get(f"/sessions/{clinic.session}/{path}")
        unknown = await browser.get(f"/sessions/{'0' * 26}/{path}")
        assert known.status == unknown.status == 404


async def test_the_lobby_says_who_is_here(clinic: Clinic) -> None:
    browser = await clinic.house.browser(clinic.spoke.person)
    path = f"/sessions/{clinic.session}/live/lobby"
    empty = json.loads((await browser.get(path)).text)
    assert empty == {"state": "open", "joinable": True, "here": []}
    await clinic.enter(clinic.facilitator)
    assert json.loads((await browser.get(path)).text)["here"] == [
        {"name": "Fay Facilitator", "site": "Test Hub", "lane": "hub"}
    ]


async def test_a_session_that_is_over_has_no_way_in(clinic: Clinic) -> None:
    fay = await clinic.enter(clinic.facilitator)
    await fay.do("phase:start")
    await fay.do("session:end")
    browser = await clinic.house.browser(clinic.spoke.person)
    page = await browser.get(f"/sessions/{clinic.session}/live")
    assert "This session is over" in page.text
    assert 'id="join-form"' not in page.text
    ticket = await browser.get(
        f"/sessions/{clinic.session}/live/ticket", headers={"Accept": "application/json"}
    )
    assert (ticket.status, json.loads(ticket.text)["code"]) == (409, "session.not_joinable")


def test_every_word_the_scripts_say_is_there() -> None:
    """Literal keys exist; families (`phase.…`, `media_…`) are complete; nothing is left over."""
    used: set[str] = set()
    text = "\n".join(path.read_text("utf-8") for path in sorted(SCRIPTS.glob("*.js")))
    for call in re.findall(r"\bsay\(([^()]*(?:\([^()]*\)[^()]*)*)\)", text):
        used |= set(re.findall(r'"([a-z_]+)"', call.split(", {")[0]))
    used |= set(re.findall(r'tabCount\("[\w-]+", "(\w+)"', text))
    families = {"media_": 5, "alert_": 6, "signal_": 3}
    family = {key for key in WORDS if any(key.startswith(prefix) for prefix in families)}
    spoken_by_value = {
        *(key for key in WORDS if key in {"hub", "spoke"}),
        *("clarify", "recommend", "experience", "tech"),
        *("useful", "unclear", "not_feasible"),
        *("moved", "removed", "signed_out"),
    }
    plain = {key for key in used if key not in {"none", "ok", "off"}}
    assert plain - WORDS.keys() == set()
    assert WORDS.keys() - plain - family - spoken_by_value == set()
    assert PHASES.keys() == set(PhaseKind)
    assert AREAS.keys() == set(ProblemArea)
