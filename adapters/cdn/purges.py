"""Sends purges to a CDN in the background."""

import asyncio
import logging
import random
import time
from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import suppress
from itertools import islice

from adapters.cdn.base import Cdn, CdnUnavailable
from core.background import Background
from core.tracing import SpanKind, Tracer, traced

logger = logging.getLogger(__name__)

BATCH = 1000
"""Maximum tags of a purge."""

INTERVAL_SECONDS = 0.2
"""Seconds from one purge to the next. Tags that are added meanwhile are sent together."""

ATTEMPTS = 3
MAX_WAITING = 20_000
"""Maximum tags that wait. Then the oldest is dropped: responses with it expire by their age."""

CLOSE_SECONDS = 2.0
"""Seconds in which waiting tags are sent when the process stops."""

_PAUSE_SECONDS = 0.5
_LOG_INTERVAL_SECONDS = 1.0


class Purges:
    """Collects tags, and sends them in batches, each up to `ATTEMPTS` times. Callers neither wait nor fail."""

    def __init__(
        self, cdn: Cdn, background: Background, max_waiting: int = MAX_WAITING, tracer: Tracer | None = None
    ) -> None:
        self.sent = 0
        """The number of tags that the CDN has purged."""
        self.failed = 0
        """The number of tags whose purge the CDN has not confirmed in any attempt."""
        self.dropped = 0
        """The number of tags that were not sent, because too many were waiting."""
        self._cdn = cdn
        self._background = background
        self._max_waiting = max_waiting
        self._tracer = tracer
        self._waiting = OrderedDict[str, None]()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._logged_at = -_LOG_INTERVAL_SECONDS
        self._sending = 0

    def add(self, tags: Collection[str]) -> None:
        """Adds tags to purge. Needs a running event loop."""
        if not tags:
            return
        self._waiting.update(dict.fromkeys(tags))
        if (excess := len(self._waiting) - self._max_waiting) > 0:
            for _ in range(excess):
                self._waiting.popitem(last=False)
            self.dropped += excess
            self._warn("too many tags wait for purges of the CDN; the oldest are dropped")
        self._changed.set()
        if self._task is None:
            self._task = asyncio.create_task(self._background.supervise("purges of the CDN", self._run))

    async def close(self) -> None:
        """Sends waiting tags for a short time, and stops."""
        if self._task is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while self._waiting or self._sending:  # noqa: ASYNC110 - it happens once per process
                    await asyncio.sleep(INTERVAL_SECONDS / 4)
        if unsent := len(self._waiting) + self._sending:
            logger.warning("purges of the CDN were not sent", extra={"tags": unsent})
        self._task.cancel()
        await asyncio.wait([self._task])
        self._task = None

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            if not self._waiting:
                await self._changed.wait()
            await self._send(self._take())
            await asyncio.sleep(INTERVAL_SECONDS)

    def _take(self) -> Sequence[str]:
        tags = list(islice(self._waiting, BATCH))
        for tag in tags:
            del self._waiting[tag]
        return tags

    async def _send(self, tags: Sequence[str]) -> None:
        self._sending = len(tags)
        try:
            with traced(self._tracer, "purge CDN", SpanKind.CLIENT, {"bff.tags": len(tags)}):
                await self._purge(tags)
            self.sent += len(tags)
        except CdnUnavailable as error:
            self.failed += len(tags)
            self._warn(f"the CDN does not confirm purges: {error}")
        finally:
            self._sending = 0

    async def _purge(self, tags: Sequence[str]) -> None:
        pause = _PAUSE_SECONDS
        for _ in range(ATTEMPTS - 1):
            with suppress(CdnUnavailable):
                return await self._cdn.purge(tags)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            pause *= 2
        await self._cdn.purge(tags)
        return None

    def _warn(self, message: str) -> None:
        """Logs the counts of this process, at most once per second."""
        now = time.monotonic()
        if now - self._logged_at >= _LOG_INTERVAL_SECONDS:
            counts = {"sent": self.sent, "failed": self.failed, "dropped": self.dropped}
            logger.warning(message, extra=counts)
            self._logged_at = now
