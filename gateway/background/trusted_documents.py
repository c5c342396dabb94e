"""Refreshes the trusted documents of the process."""

import asyncio

from services.resources import Resources

_POLL_SECONDS = 1.0


async def watch_documents(resources: Resources) -> None:
    """Refreshes the trusted documents every second, until it is cancelled."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            await refresh_documents(resources)

    await resources.background.supervise("documents", watch)


async def refresh_documents(resources: Resources) -> None:
    """Reads new trusted documents. A failure is logged, and the next call tries again."""
    await resources.background.attempt(
        "documents",
        lambda: resources.documents.refresh(resources.database),
        "trusted documents are not known at the moment",
    )
