"""Writes the usage counts of the process to the database."""

import asyncio
import random

from services.resources import Resources
from services.usage import store_counts


async def write_usage(resources: Resources) -> None:
    """Writes usage at random intervals, so that processes do not write at once, and when it is cancelled."""

    async def run() -> None:
        while True:
            await asyncio.sleep(resources.settings.usage_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            await _write(resources)

    try:
        await resources.background.supervise("usage", run)
    finally:
        await _write(resources)


async def _write(resources: Resources) -> None:
    """Writes the counts. A failure is logged, and the next call tries again."""
    await resources.background.attempt(
        "usage",
        lambda: store_counts(resources.database, resources.usage, resources.clock().date()),
        "usage of the schema cannot be written at the moment",
    )
