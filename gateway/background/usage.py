"""Keeping what was counted of the schema's use, while requests are served."""

import asyncio
import logging
import random

from core.errors import Unavailable
from services.resources import Resources
from services.usage import keep_counts

logger = logging.getLogger(__name__)


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
    try:
        await keep_counts(resources.database, resources.usage, resources.clock().date())
    except Unavailable as error:
        logger.warning("what apps use of the schema cannot be kept at the moment: %s", error.message)
    except Exception as error:  # noqa: BLE001 - it is counted, and tried again
        resources.background.report_failure("usage", error)
