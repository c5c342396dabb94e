"""Refreshes the revoked devices of the process, and closes their connections."""

from gateway.streaming.connections import OpenConnections
from services.event_log import topics
from services.resources import Resources

_POLL_SECONDS = 1.0


async def watch_revocations(resources: Resources, connections: OpenConnections) -> None:
    """Refreshes revocations every second, and when the bus wakes it. Closes connections that are no longer trusted."""
    max_wait = _POLL_SECONDS

    async def watch() -> None:
        with resources.bus.listen(topics.REVOCATIONS) as listener:
            while True:
                await listener.wait(max_wait)
                await refresh_revocations(resources)
                connections.check(resources.revocations, resources.clock())

    await resources.background.supervise("revocations", watch)


async def refresh_revocations(resources: Resources) -> None:
    """Reads new revocations. A failure is logged, and the next call tries again."""
    await resources.background.attempt(
        "revocations",
        lambda: resources.revocations.refresh(resources.database, resources.clock()),
        "revocations are not known at the moment",
    )
