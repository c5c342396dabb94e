"""Reads the event streams that clients of the process follow."""

from gateway.live.deliveries import LiveDeliveries
from services.resources import Resources


async def follow_streams(resources: Resources, deliveries: LiveDeliveries) -> None:
    """Delivers events until it is cancelled."""
    try:
        await resources.streams.run()
    finally:
        await deliveries.close()
