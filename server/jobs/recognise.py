"""The optional recogniser of names: a spaCy model in a process of its own.

Off unless CASEROUND_DEID_NER names an installed model, which takes seconds to load and 200 MB. It
is a help, not a gate: when it is slow, dies or cannot start, one line is logged, texts are read
without it, and it is tried again a minute later. What the rules and the word model say never waits
for it.
"""

import asyncio
import importlib
import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from typing import Final, Protocol

import structlog
from aiohttp import web

from server.deid.ner import Hit

log = structlog.get_logger("jobs")

FIRST: Final = 120.0
"""Seconds the process has for its first text: it imports spaCy and reads the model."""
PATIENCE: Final = 2.0
"""Seconds it has for any other text; 20,000 characters take about one."""
REST: Final = 60.0
"""Seconds without it after it failed."""


class _Entity(Protocol):
    start_char: int
    end_char: int
    label_: str


class _Document(Protocol):
    ents: Iterable[_Entity]


_Model = Callable[[str], _Document]

_loaded: list[_Model] = []
"""In the worker process: the model."""


def _load(name: str) -> None:
    _loaded.append(importlib.import_module(name).load())


def _find(text: str) -> list[Hit]:
    return [Hit(e.start_char, e.end_char, e.label_) for e in _loaded[0](text).ents]


def installed(name: str) -> bool:
    """Say whether there is a model package of that name ("en_core_web_sm")."""
    return name.isidentifier() and find_spec(name) is not None


class Recogniser:
    """Asks the model, if there is one; never raises because of it."""

    def __init__(
        self,
        model: str = "",
        *,
        first: float = FIRST,
        patience: float = PATIENCE,
        rest: float = REST,
    ) -> None:
        """`model` is the name of an installed package with a `load()`; empty: nothing is found."""
        self._model = model
        self._first, self._patience, self._rest = first, patience, rest
        self._pool: ProcessPoolExecutor | None = None
        self._warm = False
        self._again = 0.0
        self._turn = asyncio.Lock()

    async def find(self, text: str) -> tuple[Hit, ...]:
        """Return what the model names in `text`, in code points; () when it cannot say."""
        loop = asyncio.get_running_loop()
        if not self._model or not text.strip() or loop.time() < self._again:
            return ()
        if self._turn.locked() and not self._warm:
            return ()  # the model is being loaded: nobody waits for that
        async with self._turn:  # one at a time: a text that waits in a queue must not time out
            if loop.time() < self._again:
                return ()
            try:
                async with asyncio.timeout(self._patience if self._warm else self._first):
                    found = await loop.run_in_executor(self._started(), partial(_find, text))
            except Exception as error:  # noqa: BLE001 -- whatever it was, the text is read without it
                log.warning("names are read without the model", error=type(error).__name__)
                self._again = loop.time() + self._rest
                self.close()
                return ()
            self._warm = True
            return tuple(found)

    async def warm(self) -> None:
        """Load the model, so that the first text need not wait for it."""
        await self.find("warm")

    def _started(self) -> Executor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), initializer=_load, initargs=(self._model,)
            )
        return self._pool

    def close(self) -> None:
        """End the process, whatever it is doing."""
        pool, self._pool, self._warm = self._pool, None, False
        if pool is not None:
            processes = list((getattr(pool, "_processes", None) or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.kill()


RECOGNISER: web.AppKey[Recogniser] = web.AppKey("recogniser", Recogniser)
