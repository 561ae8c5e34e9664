"""The only place where tasks are born: named, restarted with a delay, ended at shutdown."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger("jobs")

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0


class Supervisor:
    """Owns every background task of the process."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def spawn(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` until it returns; after an exception run it again, later each time."""
        self._keep(asyncio.create_task(self._run(name, work), name=name))

    def once(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` a single time in the background; an exception is logged by its type."""
        self._keep(asyncio.create_task(self._run_once(name, work), name=name))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_once(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 -- one failed job must not end the others
            log.error("job failed", job=name, error=type(error).__name__)

    async def _run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        delay = _FIRST_DELAY
        while not self._closing:
            try:
                await work()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 -- restarted, with the type in the log
                log.error("job restarts", job=name, error=type(error).__name__, delay=delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_DELAY)
            else:
                return

    async def close(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        self._closing = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
