"""Follows the read replicas of the database."""

from services.resources import Resources


async def follow_replicas(resources: Resources) -> None:
    """Polls the primary and its replicas, so that queries may read them."""
    if resources.replicas is not None:
        await resources.background.supervise("replicas", resources.replicas.watch)
