"""Contains jobs of tests, and handlers that record their calls."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.event_log.log import LogPosition
from services.jobs import Handlers, Job, JobKey, NewJob, Outcome, enqueue, run_job
from services.jobs.job import Offer
from services.jobs.table import offer_due
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from tests.support.timing import no_hang

DID = "CREATE TABLE did (event_id BIGINT NOT NULL, attempt BIGINT NOT NULL)"


class Doer:
    """Writes down which jobs it did, and fails as often as it is told to before it succeeds."""

    def __init__(self, *, failures: int = 0, error: Exception | None = None, parts: int = 1) -> None:
        self.failures = failures
        self.error = error or ValueError("not now")
        self.parts = parts
        self.seen: list[Job] = []

    async def __call__(self, work: UnitOfWork, _resources: Resources, job: Job) -> Outcome:
        self.seen.append(job)
        transaction = await work.transaction()
        await transaction.fetch("INSERT INTO did VALUES ($1, $2)", job.key.event_id, job.attempts)
        if self.failures:
            self.failures -= 1
            raise self.error
        self.parts -= 1
        return Outcome.MORE if self.parts > 0 else Outcome.DONE


def key_of(event_id: int, handler: str = "do") -> JobKey:
    return JobKey(7, event_id, handler)


async def enqueued(resources: Resources, *event_ids: int, handler: str = "do", after: float = 0) -> None:
    due_at = resources.clock() + timedelta(seconds=after)
    wanted = [NewJob(key_of(number, handler), LogPosition(3, number), '{"post_id":5}') for number in event_ids]
    async with resources.database.transaction() as transaction:
        await enqueue(transaction, wanted, due_at)


async def run_due(resources: Resources, handlers: Handlers) -> list[Offer]:
    """Runs what is due now, one after the other."""
    offers = await offer_due(resources, 100, handlers)
    for offer in offers:
        await run_job(resources, handlers, offer)
    return offers


async def run_all(resources: Resources, handlers: Handlers) -> int:
    """Runs until no job is left, whenever they are due; returns how many runs that took."""
    runs = 0
    async with no_hang():
        while await rows(resources, "jobs"):
            runs += len(await run_due(resources, handlers))
            await asyncio.sleep(0.005)
    return runs


async def rows(resources: Resources, table: str) -> Sequence[dict[str, Any]]:
    return await resources.database.fetch(f"SELECT * FROM {table}")


async def did(resources: Resources) -> list[tuple[int, int]]:
    """Returns the events and attempts with a committed effect."""
    return sorted((row["event_id"], row["attempt"]) for row in await rows(resources, "did"))
