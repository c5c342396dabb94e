"""The loop that maintains partitions by time."""

import asyncio

from core.clock import system_clock
from services.database_time import earliest_now
from services.maintenance.partitions import maintain_partitions
from services.resources import Resources

_EVERY_SECONDS = 600.0


async def run_partitions(resources: Resources) -> None:
    """Maintains partitions every ten minutes until it is cancelled. A round has no deadline.

    One worker at a time does this, the one that holds the lock of migrations. The others go on to wait.
    """

    async def step() -> None:
        now = await earliest_now(resources.database, resources.clock(), system_clock())
        await maintain_partitions(resources, now)

    while True:
        await resources.background.attempt("partitions", step, "the maintenance of partitions waits for the database")
        await asyncio.sleep(_EVERY_SECONDS)
