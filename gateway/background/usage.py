"""Keeping what was counted of the schema's use, while requests are served."""

import asyncio
import random

from services.resources import Resources
from services.usage import store_counts


async def keep_usage(resources: Resources) -> None:
    """Now and then, not when other processes do, and once more when it is cancelled."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(resources.settings.usage_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            await _keep(resources)

    try:
        await resources.background.supervise("usage", keep)
    finally:
        await _keep(resources)


async def _keep(resources: Resources) -> None:
    """When it cannot be kept, it is tried again."""
    await resources.background.attempt(
        "usage",
        lambda: store_counts(resources.database, resources.usage, resources.clock().date()),
        "usage of the schema cannot be written at the moment",
    )
