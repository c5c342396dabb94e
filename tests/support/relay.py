"""Runs the relay inside a test."""

import asyncio

from adapters.database import Database, DialectSQL
from services.event_log.log import NEXT_TX, OLDEST_RUNNING_TX
from services.relay import Progress, Relay
from services.resources import Resources
from tests.support.timing import no_hang

_UNREADABLE = DialectSQL(
    *(
        f"SELECT tx FROM event_log WHERE tx >= {oldest_running} AND tx < {following} LIMIT 1"
        for oldest_running, following in zip(OLDEST_RUNNING_TX, NEXT_TX, strict=True)
    )
)
"""Events that a relay may not read yet. Those of another cluster, whose transactions come later, are not meant."""


async def until_readable(database: Database) -> None:
    """Waits until a relay can read all events, so that it reads them in the order and the batches of a test.

    On PostgreSQL a transaction of any database holds up the reader, also one of another test.
    """
    async with no_hang():
        while await database.fetch(_UNREADABLE):  # noqa: ASYNC110 - a database is watched
            await asyncio.sleep(0.005)


async def step_of(relay: Relay) -> Progress:
    """Returns the next step with a result. Transactions of other tests may delay PostgreSQL's reader."""
    async with no_hang():
        while (progress := await relay.step()) is Progress.WAITING:  # noqa: ASYNC110 - a database is watched
            await asyncio.sleep(0.005)
    return progress


async def drained(resources: Resources, relay: Relay | None = None) -> list[Progress]:
    """Steps until nothing is left. Begins when all events can be read."""
    await until_readable(resources.database)
    relay = relay or Relay(resources)
    steps: list[Progress] = []
    async with no_hang():
        while True:
            progress = await relay.step()
            if progress is Progress.DONE:
                return steps
            if progress in (Progress.MOVED, Progress.FAILED):
                steps.append(progress)
            else:
                await asyncio.sleep(0.005)
