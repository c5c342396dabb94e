"""Learning which devices were signed out, while requests are served and connections are open."""

from gateway.streaming.connections import OpenConnections
from services.event_log import topics
from services.resources import Resources

_POLL_SECONDS = 1.0


async def watch_revocations(resources: Resources, connections: OpenConnections) -> None:
    """Asks when the bus says so, and every second, and ends what may no longer be trusted, until it is cancelled."""
    longest = _POLL_SECONDS

    async def watch() -> None:
        with resources.bus.listen(topics.REVOCATIONS) as listener:
            while True:
                await listener.wait(longest)
                await learn_revocations(resources)
                connections.check(resources.revocations, resources.clock())

    await resources.background.supervise("revocations", watch)


async def learn_revocations(resources: Resources) -> None:
    """What is new; when that cannot be asked, it is asked again."""
    await resources.background.attempt(
        "revocations",
        lambda: resources.revocations.refresh(resources.database, resources.clock()),
        "revocations are not known at the moment",
    )
