"""`bff events unknown` and `bff events give-up`: events and jobs of newer releases that no worker may know."""

import asyncio
import sys
from collections.abc import Collection

from core.errors import SettingsError
from services.jobs import UnknownJob, give_up_job, unknown_jobs
from services.relay import UnknownNext, give_up_event, unknown_next_events
from services.resources import Resources
from workers.handlers import HANDLERS

QUIET_SECONDS = 1.0
"""`--all` ends when no unknown event has come first in a partition for so long. Relays work meanwhile."""


async def list_unknown(resources: Resources, max_rows: int) -> None:
    events, jobs = await _unknown(resources, max_rows)
    lines = [
        f"event  {event.id}  {event.type} version {event.version}  waits since {event.occurred_at:%Y-%m-%dT%H:%M:%SZ}"
        for event in events
    ]
    lines += [
        f"job    {job.offer.key.event_id}  {job.offer.key.handler}  due since {job.due_at:%Y-%m-%dT%H:%M:%SZ}"
        for job in jobs
    ]
    sys.stdout.write("\n".join(lines or ["this release knows all events and jobs that wait"]) + "\n")


async def give_up(resources: Resources, event_ids: Collection[int], max_rows: int) -> None:
    """Makes dead letters of next events and of jobs that this release does not know. Raises `SettingsError`."""
    done: set[int] = set()
    events, jobs = await _unknown(resources, max_rows)
    for event in events:
        if event.id in event_ids:
            done |= await _give_up_event(resources, event)
    for job in jobs:
        if job.offer.key.event_id in event_ids:
            done |= await _give_up_job(resources, job)
    if missing := [str(event_id) for event_id in event_ids if event_id not in done]:
        raise SettingsError(f"{', '.join(missing)}: nothing was given up; 'bff events unknown' lists what can be")


async def give_up_all(resources: Resources, max_rows: int) -> None:
    """Gives up everything that is unknown, also events that come first only after others were given up."""
    quiet = False
    while True:
        events, jobs = await _unknown(resources, max_rows)
        if quiet and not events and not jobs:
            return
        quiet = not events and not jobs
        if quiet:
            await asyncio.sleep(QUIET_SECONDS)
        for event in events:
            await _give_up_event(resources, event)
        for job in jobs:
            await _give_up_job(resources, job)


async def _unknown(resources: Resources, max_rows: int) -> tuple[list[UnknownNext], list[UnknownJob]]:
    events = await unknown_next_events(resources.database)
    return events, await unknown_jobs(resources.database, HANDLERS, resources.clock(), max_rows)


async def _give_up_event(resources: Resources, event: UnknownNext) -> set[int]:
    if not await give_up_event(resources, event):
        return set()
    sys.stdout.write(f"{event.id}  {event.type} is a dead letter\n")
    return {event.id}


async def _give_up_job(resources: Resources, job: UnknownJob) -> set[int]:
    if not await give_up_job(resources, job):
        return set()
    key = job.offer.key
    sys.stdout.write(f"{key.event_id}  the job {key.handler} is a dead letter\n")
    return {key.event_id}
