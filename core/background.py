"""Tasks that run as long as their process."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.cancellation import raise_if_cancelled
from core.errors import Unavailable

logger = logging.getLogger(__name__)

MIN_PAUSE = 0.5
MAX_PAUSE = 30.0
_STEADY_SECONDS = 60.0

T = TypeVar("T")


class Background:
    """Restarts tasks that fail, and counts their failures."""

    def __init__(self) -> None:
        self.failures = Counter[str]()
        """The number of failures of each task in this process."""
        self._heartbeats = set[str]()

    async def supervise(self, name: str, run: Callable[[], Awaitable[object]]) -> None:
        """Runs `run` until this call is cancelled.

        When `run` raises or returns, that is a failure, and it is restarted after a pause. The pause doubles from half
        a second to half a minute. It is reset after a run of a minute.
        """
        loop, pause = asyncio.get_running_loop(), MIN_PAUSE
        while True:
            began = loop.time()
            try:
                await run()
                raise_if_cancelled()
            except Exception as error:  # noqa: BLE001 - the task is restarted after any error
                self.report_failure(name, error)
            else:
                self.report_failure(name, RuntimeError("the task returned"))
            raise_if_cancelled()
            if loop.time() - began > _STEADY_SECONDS:
                pause = MIN_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            pause = min(pause * 2, MAX_PAUSE)

    async def attempt(self, name: str, step: Callable[[], Awaitable[T]], waiting: str) -> T | None:
        """Runs one round of a task. Returns its result, or None when it failed and the next round tries again.

        Logs `waiting` as a warning when an engine does not answer. Any other error is a failure of the task.
        """
        try:
            return await step()
        except Unavailable as error:
            logger.warning("%s: %s", waiting, error.message)
        except Exception as error:  # noqa: BLE001 - counted; the next round tries again
            self.report_failure(name, error)
        finally:
            raise_if_cancelled()
        return None

    def record_heartbeat(self, name: str) -> None:
        """Records that a task has completed a round of its work."""
        self._heartbeats.add(name)

    def take_heartbeats(self) -> set[str]:
        """Returns the tasks with a heartbeat since the last call."""
        heartbeats, self._heartbeats = self._heartbeats, set[str]()
        return heartbeats

    def report_failure(self, name: str, error: BaseException) -> None:
        """Logs and counts an unexpected error of a task."""
        self.failures[name] += 1
        facts = {"task": name, "failures": self.failures[name]}
        logger.error("a background task has failed: %s", name, exc_info=error, extra=facts)
