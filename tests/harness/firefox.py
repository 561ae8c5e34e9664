"""A small WebDriver BiDi client: a real Firefox with a fake camera, without geckodriver.

    async with Firefox.launch() as firefox:
        page = await firefox.new_page()
        await page.goto("http://localhost:8080/")
        await page.click("button[type=submit]")
        await page.wait_for("document.querySelector('video')?.videoWidth > 0", timeout=15)

Protocol: https://w3c.github.io/webdriver-bidi/. Scripts run through the protocol, which a page's
Content-Security-Policy does not govern.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.harness.browsers import firefox_path

START_SECONDS = 60
COMMAND_SECONDS = 60
TONE = 523  # Hz of the fake microphone: nobody's pitch in media_files.PITCHES

PREFERENCES: dict[str, bool | int | str] = {
    # a camera and a microphone that need no question
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.navigator.audio.fake_frequency": TONE,
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    # a machine without a sound card: AudioContext would wait for one for ever
    "media.cubeb.force_mock_context": True,
    # a page in the background keeps its timers
    "dom.min_background_timeout_value": 4,
    "dom.timeout.enable_budget_timer_throttling": False,
    # no phoning home
    "app.update.enabled": False,
    "app.update.disabledForTesting": True,
    "app.normandy.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.newtabpage.enabled": False,
    "browser.startup.page": 0,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.shell.checkDefaultBrowser": False,
    "browser.region.network.url": "",
    "browser.topsites.contile.enabled": False,
    "captivedetect.canonicalURL": "",
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.firstRunURL": "",
    "dom.push.connection.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
    "remote.active-protocols": 1,
}


class FirefoxError(RuntimeError):
    """Firefox refused a command or a script threw."""


class Firefox:
    """One headless Firefox with an own, throw-away profile."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def launch(
        cls, preferences: dict[str, bool | int | str] | None = None
    ) -> AsyncIterator[Self]:
        """Start Firefox, close it and remove its profile at the end of the block.

        `preferences` are added to PREFERENCES. Raises BrowserMissingError without a Firefox.
        """
        async with contextlib.AsyncExitStack() as stack:
            profile = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(
                        prefix="caseround-firefox-", ignore_cleanup_errors=True
                    )
                )
            )
            _write_preferences(profile, {**PREFERENCES, **(preferences or {})})
            address = await stack.enter_async_context(_process(profile))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            socket = await stack.enter_async_context(
                session.ws_connect(f"{address}/session", max_msg_size=0, heartbeat=None)
            )
            firefox = cls(socket)
            reader = asyncio.create_task(firefox._read())
            try:
                await firefox.command("session.new", capabilities={})
                yield firefox
            finally:
                reader.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reader

    async def new_page(self) -> FirefoxPage:
        """Open a tab with an own cookie jar (like a private window of another person)."""
        person = await self.command("browser.createUserContext")
        tab = await self.command(
            "browsingContext.create", type="tab", userContext=person["userContext"]
        )
        return FirefoxPage(self, tab["context"])

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one BiDi command and return its result; raises FirefoxError when refused."""
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._socket.send_str(
                json.dumps({"id": number, "method": method, "params": params})
            )
            async with asyncio.timeout(COMMAND_SECONDS):
                message = await answer
        finally:
            del self._waiting[number]
        if message["type"] == "error":
            raise FirefoxError(f"{method}: {message['error']}: {message['message']}")
        result: dict[str, Any] = message["result"]
        return result

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            waiting = self._waiting.get(data.get("id"))
            if waiting is not None and not waiting.done():
                waiting.set_result(data)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(FirefoxError("Firefox closed the connection"))


class FirefoxPage:
    """One tab; the few verbs a story needs."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._context = context

    async def goto(self, url: str) -> None:
        """Open a URL and wait until it has loaded."""
        await self._firefox.command(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    async def reload(self) -> None:
        """Load the page again and wait until it has loaded."""
        await self._firefox.command(
            "browsingContext.reload", context=self._context, wait="complete"
        )

    async def evaluate(self, expression: str, *arguments: object) -> Any:
        """Value of a JavaScript expression, or of a function called with JSON `arguments`.

        Promises are awaited. What comes back passes through JSON; raises FirefoxError on a throw.
        """
        declaration = (
            "async (code, text) => { let value = (0, eval)(code);"
            " if (typeof value === 'function') value = value(...JSON.parse(text));"
            " value = await value; return value === undefined ? 'null' : JSON.stringify(value); }"
        )
        # Indirect eval is subject to the page's policy: the text goes into the declaration instead.
        declaration = declaration.replace("(0, eval)(code)", f"(\n{expression}\n)")
        declaration = declaration.replace("async (code, text)", "async (text)")
        answer = await self._firefox.command(
            "script.callFunction",
            target={"context": self._context},
            functionDeclaration=declaration,
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def wait_for(self, expression: str, timeout: float = 10) -> Any:
        """Value of the expression once it is true; TimeoutError names it after `timeout` seconds.

        Asked again every 50 ms; an expression that throws (nothing there yet) counts as not true.
        """
        deadline = asyncio.get_running_loop().time() + timeout
        complaint = ""
        while True:
            try:
                if value := await self.evaluate(expression):
                    return value
                complaint = ""
            except FirefoxError as error:
                complaint = f" ({error})"
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"not true within {timeout} s: {expression}{complaint}")
            await asyncio.sleep(0.05)

    async def text(self, selector: str) -> str:
        """What a person reads inside the first match."""
        found: str = await self.evaluate(
            "(selector) => document.querySelector(selector).innerText", selector
        )
        return found

    async def click(self, selector: str, timeout: float = 10) -> None:
        """Press the first match with a real pointer, once it is there."""
        node = await self._node(selector, timeout)
        origin = {"type": "element", "element": {"sharedId": node}}
        pointer = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "mouse", "actions": pointer})

    async def fill(self, selector: str, text: str, timeout: float = 10) -> None:
        """Replace what the first match holds by typing `text` on real keys."""
        await self.click(selector, timeout)
        await self.evaluate("(selector) => document.querySelector(selector).select()", selector)
        keys = [
            {"type": kind, "value": character}
            for character in text
            for kind in ("keyDown", "keyUp")
        ]
        await self._act({"type": "key", "id": "keyboard", "actions": keys})

    async def press(self, key: str) -> None:
        """Press one key: a character, or a WebDriver key code ("\\ue007" is Enter)."""
        keys = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": keys})

    async def screenshot(self) -> str:
        """The visible part of the page as base64 PNG."""
        answer = await self._firefox.command(
            "browsingContext.captureScreenshot", context=self._context
        )
        picture: str = answer["data"]
        return picture

    async def close(self) -> None:
        """Close the tab, as a person closes a laptop's lid."""
        await self._firefox.command("browsingContext.close", context=self._context)

    async def _act(self, source: dict[str, Any]) -> None:
        await self._firefox.command(
            "input.performActions", context=self._context, actions=[source]
        )

    async def _node(self, selector: str, timeout: float) -> str:
        """Shared id of the first match, scrolled into view and visible."""
        quoted = json.dumps(selector)
        await self.wait_for(
            f"(() => {{ const node = document.querySelector({quoted});"
            " node?.scrollIntoView({block: 'center', behavior: 'instant'});"
            " return node?.checkVisibility() ?? false; })()",
            timeout,
        )
        found = await self._firefox.command(
            "browsingContext.locateNodes",
            context=self._context,
            locator={"type": "css", "value": selector},
            maxNodeCount=1,
        )
        node: str = found["nodes"][0]["sharedId"]
        return node


@contextlib.asynccontextmanager
async def _process(profile: Path) -> AsyncIterator[str]:
    """A running Firefox; yields the address of its BiDi server."""
    arguments = ["--headless", "--no-remote", "--profile", str(profile)]
    process = await asyncio.create_subprocess_exec(
        firefox_path(),
        *arguments,
        "--remote-debugging-port=0",  # Firefox takes a free port and prints it
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # so that its content processes can be ended with it
        env={**os.environ, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"},
    )
    drain: asyncio.Task[None] | None = None
    try:
        assert process.stderr is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                address = await _address(process.stderr)
        except TimeoutError:
            raise FirefoxError(f"Firefox did not start within {START_SECONDS} s") from None
        drain = asyncio.create_task(_drain(process.stderr))
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the profile is thrown away, nothing to save
        await process.wait()
        if drain is not None:
            await drain


async def _address(stream: asyncio.StreamReader) -> str:
    said = ""
    while line := (await stream.readline()).decode(errors="replace"):
        said += line
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
            return found[1]
    raise FirefoxError(f"Firefox ended at once:\n{said[-2000:]}")


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65536):
        pass


def _write_preferences(profile: Path, preferences: dict[str, bool | int | str]) -> None:
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(it)});" for key, it in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
