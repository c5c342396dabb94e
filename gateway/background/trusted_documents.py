"""Learning that the list of trusted documents was changed, while requests are served."""

import asyncio

from services.resources import Resources

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
    await resources.background.attempt(
        "documents",
        lambda: resources.documents.refresh(resources.database),
        "trusted documents are not known at the moment",
    )
