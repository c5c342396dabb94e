"""Reads the event streams that clients of the process follow."""

from services.resources import Resources


async def follow_streams(resources: Resources) -> None:
    """Delivers events until it is cancelled."""
    await resources.streams.run()
