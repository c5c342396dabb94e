"""Counts and logs unregistered documents that apps send."""

import logging
import time
from collections.abc import Callable

from core.apps import TrustMode
from core.client import Client

logger = logging.getLogger(__name__)

_WINDOW_SECONDS = 60.0
MAX_LINES = 100
"""Log lines per window. A client that sends a new document with every request does not fill the log."""


class UnregisteredDocuments:
    """Counts unregistered documents, and logs the hash of each once a minute. Never logs the text."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.times = 0
        self._clock = clock
        self._began = clock()
        self._logged = set[str]()
        self._omitted = 0

    def note(self, digest: str, client: Client, mode: TrustMode) -> None:
        self.times += 1
        now = self._clock()
        if now - self._began >= _WINDOW_SECONDS:
            self._end_window(now)
        if digest in self._logged:
            return
        if len(self._logged) == MAX_LINES:
            self._omitted += 1
            return
        self._logged.add(digest)
        facts = {"document": digest, "app": client.app, "version": client.version, "mode": str(mode)}
        logger.warning("a document is not registered", extra=facts)

    def _end_window(self, now: float) -> None:
        if self._omitted:
            logger.warning("more documents were not registered", extra={"times": self._omitted})
        self._logged.clear()
        self._began, self._omitted = now, 0
