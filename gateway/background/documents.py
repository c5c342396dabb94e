"""Learning that the list of trusted documents was changed, while requests are served."""

import asyncio
import logging

from core.errors import Unavailable
from services.resources import Resources

logger = logging.getLogger(__name__)

_POLL_SECONDS = 1.0


async def watch_documents(resources: Resources) -> None:
    """Asks every second, until it is cancelled."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            await learn_documents(resources)

    await resources.background.supervise("documents", watch)


async def learn_documents(resources: Resources) -> None:
    """What is new; when that cannot be asked, it is asked again."""
    try:
        await resources.documents.refresh(resources.database)
    except Unavailable as error:
        logger.warning("trusted documents are not known at the moment: %s", error.message)
    except Exception as error:  # noqa: BLE001 - it is counted, and asked again
        resources.background.report_failure("documents", error)
