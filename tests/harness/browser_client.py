"""The application on a real port, and clients that behave as a browser's forms do."""

import pathlib
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp.web_app import _cached_build_middleware

from server.app import RELAY, create_app
from server.config import Settings
from server.edge.listener import Listener
from server.jobs.mail import Mailer
from server.kit.clock import Clock
from server.kit.ids import PersonId
from server.store.unit import Units
from tests.factories.people import open_sign_in
from tests.fakes.plane import FakePlane

_CSRF = re.compile(r'name="csrf" value="([^"]*)"')
_KEY = re.compile(r'name="idempotency" value="([^"]*)"')


class Answer:
    """A response that has been read."""

    def __init__(self, status: int, headers: Any, text: str, url: str) -> None:
        self.status = status
        self.headers = headers
        self.text = text
        self.url = url

    @property
    def csrf(self) -> str:
        found = _CSRF.search(self.text)
        return found.group(1) if found else ""

    @property
    def key(self) -> str:
        found = _KEY.search(self.text)
        return found.group(1) if found else ""


class Browser:
    """Cookies, and the headers a browser adds to what its pages send."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=True
        )
        self.csrf = ""

    async def request(self, method: str, path: str, **kwargs: Any) -> Answer:
        headers = {"Accept": "text/html", **kwargs.pop("headers", {})}
        kwargs.setdefault("allow_redirects", False)
        async with self.session.request(
            method, self.origin + path, headers=headers, **kwargs
        ) as response:
            answer = Answer(
                response.status,
                response.headers,
                await response.text(errors="replace"),
                str(response.url),
            )
        self.csrf = answer.csrf or self.csrf
        return answer

    async def get(self, path: str, **kwargs: Any) -> Answer:
        return await self.request("GET", path, **kwargs)

    async def post(
        self,
        path: str,
        data: Mapping[str, Any] | list[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> Answer:
        """Send a form as this site's own page would, with the newest token seen."""
        if not self.csrf and kwargs.get("signed_in", True):
            await self.get("/profile")
        kwargs.pop("signed_in", None)
        fields = list(data.items()) if isinstance(data, Mapping) else list(data or [])
        if not any(name == "csrf" for name, _ in fields):
            fields.append(("csrf", self.csrf))
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null", **kwargs.pop("headers", {})}
        return await self.request("POST", path, data=fields, headers=headers, **kwargs)

    async def post_json(self, path: str, value: object, **kwargs: Any) -> Answer:
        """Send JSON as a script of this site's own page would."""
        if not self.csrf:
            await self.get("/profile")
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "Origin": self.origin,
            "X-CSRF-Token": self.csrf,
            "Accept": "application/json",
            **kwargs.pop("headers", {}),
        }
        return await self.request("POST", path, json=value, headers=headers, **kwargs)

    async def close(self) -> None:
        await self.session.close()


class House:
    """The running application."""

    def __init__(
        self, units: Units, clock: Clock, data_dir: pathlib.Path, mailer: Mailer | None = None
    ) -> None:
        self.units = units
        self.clock = clock
        self.data_dir = data_dir
        self.mailer = mailer
        self._browsers: list[Browser] = []

    async def start(self) -> None:
        self.plane = FakePlane()
        self.app = create_app(
            Settings(data_dir=self.data_dir, http_port=0),
            self.units,
            secret=b"t" * 32,
            plane=self.plane,
            clock=self.clock,
            mailer=self.mailer,
        )
        self.listener = Listener(self.app)
        self.port = await self.listener.start("127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        for browser in self._browsers:
            await browser.close()
        await self.listener.stop()
        await self.plane.close()
        # aiohttp remembers the last 1,024 handlers with their applications: a gigabyte of them.
        _cached_build_middleware.cache_clear()

    async def drain(self) -> None:
        """Deliver every waiting event now."""
        await self.app[RELAY].drain()

    def stranger(self) -> Browser:
        """Return a browser nobody is signed in with."""
        browser = Browser(self.origin)
        self._browsers.append(browser)
        return browser

    async def browser(self, person: PersonId) -> Browser:
        """Return a browser in which `person` is signed in."""
        browser = self.stranger()
        token = await open_sign_in(self.units, person)
        browser.session.cookie_jar.update_cookies({"sid": token})
        return browser
