"""Runs `bff worker` with another handler for every event, which records each call and fails sometimes."""

import asyncio
import os
import random
import sys
from collections.abc import Sequence

from adapters.database import Queries
from cli.worker import work
from core.settings.environment import read_settings
from core.telemetry import configure_logging
from events import EVENTS, Event
from services.jobs import Job, Outcome
from services.relay.projections import JOB_HANDLERS, Projected, RecordedEvent, project
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from workers import run_jobs, run_relay
from workers.handlers import HANDLERS

TALLIED = {made: (*JOB_HANDLERS.get(made, ()), "tally") for made in EVENTS.values()}
_FAILS_NOW_AND_THEN = 0.1


class _UnwillingError(Exception):
    """Raised by the handler when it fails."""


def never_done(event_id: int) -> bool:
    """Returns whether the handler always fails for an event, which is so for about one in a hundred."""
    return event_id % 101 == 0


async def tally(work: UnitOfWork, _resources: Resources, job: Job) -> Outcome:
    transaction = await work.transaction()
    await transaction.fetch("INSERT INTO tally (event_id) VALUES ($1)", job.key.event_id)
    if never_done(job.key.event_id) or random.random() < _FAILS_NOW_AND_THEN:  # noqa: S311 - not for secrets
        raise _UnwillingError
    return Outcome.DONE


async def _project(transaction: Queries, batch: Sequence[RecordedEvent[Event]], resources: Resources) -> Projected:
    return await project(transaction, batch, resources, TALLIED)


async def _relay(resources: Resources) -> None:
    await run_relay(resources, _project)


async def _jobs(resources: Resources) -> None:
    await run_jobs(resources, {**HANDLERS, "tally": tally})


if __name__ == "__main__":
    settings = read_settings(os.environ)
    configure_logging(settings.log_level)
    sys.exit(asyncio.run(work(settings, [_relay, _jobs])))
