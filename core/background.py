"""Tasks that run for as long as their process does."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from core.cancellation import raise_if_cancelled

logger = logging.getLogger(__name__)

SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0


class Background:
    """Restarts tasks that fail, and counts their failures for operators."""

    def __init__(self) -> None:
        self.failures = Counter[str]()
        """How often each task has failed in this process."""
        self._beats = set[str]()

    async def keep(self, name: str, run: Callable[[], Awaitable[object]]) -> None:
        """Runs `run` until this is cancelled.

        When it raises, or returns, that is an alarm, and it is started again: after half a second, and twice as long
        each time, up to half a minute, until it has run for a minute.
        """
        loop, pause = asyncio.get_running_loop(), SHORTEST_PAUSE
        while True:
            began = loop.time()
            try:
                await run()
                raise_if_cancelled()
            except Exception as error:  # noqa: BLE001 - whatever it is, the task has to go on
                self.alarm(name, error)
            else:
                self.alarm(name, RuntimeError("the task has ended by itself"))
            raise_if_cancelled()
            if loop.time() - began > _STEADY_SECONDS:
                pause = SHORTEST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            pause = min(pause * 2, LONGEST_PAUSE)

    def beat(self, name: str) -> None:
        """Notes that a task has completed a round of its work."""
        self._beats.add(name)

    def take_beats(self) -> set[str]:
        """Returns which tasks have called `beat` since the last call of this."""
        beats, self._beats = self._beats, set[str]()
        return beats

    def alarm(self, name: str, error: BaseException) -> None:
        """Logs and counts what nothing was prepared for."""
        self.failures[name] += 1
        facts = {"task": name, "failures": self.failures[name]}
        logger.error("a background task has failed: %s", name, exc_info=error, extra=facts)
