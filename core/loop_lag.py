"""Measures how late the event loop runs what is due."""

import asyncio
from time import monotonic

from core.durations import Durations

INTERVAL_SECONDS = 0.1
BOUNDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Upper bounds of the buckets of lags, in seconds."""


class LoopLag:
    """Measures the lag of the event loop ten times per second, while it runs."""

    def __init__(self) -> None:
        self.lags = Durations(BOUNDS)
        self._largest = 0.0

    async def run(self) -> None:
        """Measures until it is cancelled."""
        while True:
            due = monotonic() + INTERVAL_SECONDS
            await asyncio.sleep(INTERVAL_SECONDS)
            self.add(monotonic() - due)

    def add(self, seconds: float) -> None:
        """Adds a lag. Timers may be early by a millisecond, the resolution of the event loop's clock."""
        lag = max(0.0, seconds)
        self.lags.add(lag)
        self._largest = max(self._largest, lag)

    def take_largest(self) -> float:
        """Returns the largest lag since the last call."""
        largest, self._largest = self._largest, 0.0
        return largest
