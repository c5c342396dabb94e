"""Learning which devices were signed out, while requests are served and connections are open."""

import logging

from core.errors import Unavailable
from gateway.streaming.connections import Connections
from services.event_log import topics
from services.resources import Resources

logger = logging.getLogger(__name__)

_POLL_SECONDS = 1.0


async def watch_revocations(resources: Resources, connections: Connections) -> None:
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
    try:
        await resources.revocations.refresh(resources.database, resources.clock())
    except Unavailable as error:
        logger.warning("revocations are not known at the moment: %s", error.message)
    except Exception as error:  # noqa: BLE001 - it is counted, and asked again
        resources.background.report_failure("revocations", error)
