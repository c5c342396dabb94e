"""Documents that apps sent and nobody has registered."""

import logging
import time
from collections.abc import Callable

from core.apps import TrustMode
from core.client import Client

logger = logging.getLogger(__name__)

_WINDOW = 60.0
MAX_LINES = 100
"""A window; whoever sends a new document with every request does not fill the log."""


class UnregisteredDocuments:
    """Counts them, and logs each once a minute: its hash, never its text."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.times = 0
        self._clock = clock
        self._began = clock()
        self._noted = set[str]()
        self._more = 0

    def note(self, digest: str, client: Client, mode: TrustMode) -> None:
        self.times += 1
        now = self._clock()
        if now - self._began >= _WINDOW:
            self._end_window(now)
        if digest in self._noted:
            return
        if len(self._noted) == MAX_LINES:
            self._more += 1
            return
        self._noted.add(digest)
        facts = {"document": digest, "app": client.app, "version": client.version, "mode": str(mode)}
        logger.warning("a document is not in the list", extra=facts)

    def _end_window(self, now: float) -> None:
        if self._more:
            logger.warning("more documents were not in the list", extra={"times": self._more})
        self._noted.clear()
        self._began, self._more = now, 0
