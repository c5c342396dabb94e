"""Runs the relay inside a test."""

import asyncio

from services.relay import Progress, Relay
from services.resources import Resources
from tests.support.timing import no_hang


async def step_of(relay: Relay) -> Progress:
    """Returns the next step with a result. Transactions of other tests may delay PostgreSQL's reader."""
    async with no_hang():
        while (progress := await relay.step()) is Progress.WAITING:  # noqa: ASYNC110 - a database is watched
            await asyncio.sleep(0.005)
    return progress


async def drained(resources: Resources, relay: Relay | None = None) -> list[Progress]:
    """Steps until nothing is left; other tests' transactions can hold PostgreSQL's reader up meanwhile."""
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
