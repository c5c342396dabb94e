"""Defines time limits that hold on slow and on busy machines."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from core.settings import Settings

HANG_SECONDS = 120.0
"""A test that waits longer hangs. The number says nothing about how fast the product is."""

DEADLINE = 30.0
"""Seconds for what has to be answered while other processes keep the machine busy, such as a statement."""

DEADLINES = {
    "BFF_DATABASE_DEADLINE": str(DEADLINE),
    "BFF_FEATURE_DEADLINE": str(DEADLINE),
    "BFF_REQUEST_SECONDS": str(4 * DEADLINE),
    "BFF_WORK_DEADLINE": str(2 * DEADLINE),
}
"""The same for a process, as environment variables."""

PASSING = 3.0
"""Seconds of a deadline that a test waits for."""

MOMENT = 0.3
"""Seconds in which something must not happen. On a slow machine such a check is weaker, never wrong."""

_SCHEDULING = Path("/proc/thread-self/schedstat")
"""Nanoseconds that this thread ran and waited for a CPU."""

_SAMPLE = json.dumps([{"id": number, "name": f"name {number}", "tags": ["a", "b"]} for number in range(100)])


def no_hang() -> asyncio.Timeout:
    """Returns a timeout that turns a test that waits for ever into one that fails."""
    return asyncio.timeout(HANG_SECONDS)


async def until(true: Callable[[], object]) -> None:
    """Waits until a condition in this process holds."""
    async with no_hang():
        while not true():  # noqa: ASYNC110 - the condition is not an event
            await asyncio.sleep(0.005)


class Cost(NamedTuple):
    """Holds the CPU seconds of this process, and the seconds on the clock without those that it waited for a CPU."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> "Cost":
        return cls(time.perf_counter() - _queued_seconds(), time.process_time())

    def since(self, begun: "Cost") -> "Cost":
        return Cost(self.clock - begun.clock, self.processor - begun.processor)


def _queued_seconds() -> float:
    """Returns the seconds for which other processes have kept this thread from running, where the kernel tells."""
    try:
        return int(_SCHEDULING.read_text().split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


def unit() -> Cost:
    """Measures a fixed piece of interpreted work, about two milliseconds on the machine that the limits were set on.

    Tests express limits as multiples of it, measured in the same moment: a machine that is three times slower, or that
    other processes keep busy, is three times slower at both.
    """
    costs = [_measured_sample() for _ in range(5)]
    return Cost(statistics.median(cost.clock for cost in costs), statistics.median(cost.processor for cost in costs))


def _measured_sample() -> Cost:
    begun = Cost.now()
    for _ in range(10):
        found = {row["id"]: f"{row['name']}:{'-'.join(row['tags'])}" for row in json.loads(_SAMPLE)}
        assert len(sorted(found.values())) == 100
    return Cost.now().since(begun)


def settings_for(database_url: str, **chosen: Any) -> Settings:
    """Returns settings whose deadlines hold while other processes keep the machine busy.

    Counts of use are kept until the application stops, so that a slow test finds the tables as it leaves them.
    """
    lasting: dict[str, Any] = {
        "database_deadline": DEADLINE,
        "feature_deadline": DEADLINE,
        "request_seconds": 4 * DEADLINE,
        "work_deadline": 2 * DEADLINE,
        "payments_deadline": DEADLINE,
        "payments_url": "sandbox://",
        "usage_seconds": 3600,
    }
    return Settings(database_url=database_url, **(lasting | chosen))
