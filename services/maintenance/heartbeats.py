"""Heartbeats: each background loop records its rounds, so that operators see which loops do not run."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from adapters.database import Queries
from core.errors import Unavailable
from services.database_time import NOW, ago, at
from services.jobs.schedules import SCHEDULES
from services.resources import Resources

LOOPS = {
    "relay": timedelta(minutes=1),
    "relay of slow events": timedelta(minutes=1),
    "dispatcher": timedelta(minutes=3),
    "jobs": timedelta(minutes=3),
}
"""The loops of `bff worker`, by the names that they pass to `Background.beat`, and the longest time between beats.

The dispatcher waits while the maximum of jobs runs. The loop of jobs beats when a job ends; the job `index_words` runs
every minute.
"""

FIRST_PAUSE, MAX_PAUSE = 1.0, 15.0
"""Seconds between two writes. They begin with the first value and double up to the second."""

KEPT_SECONDS = 3 * 86_400
"""Longer than the time after which a daily job counts as silent."""
_LEAVE_SECONDS = 1.0

_BEAT = {"task": "text", "process_id": "bigint"}
_WRITE = at(
    "INSERT INTO heartbeats (task, process_id, seen_at) SELECT task, process_id, {} FROM input_rows WHERE true "
    "ON CONFLICT (task, process_id) DO UPDATE SET seen_at = excluded.seen_at",
    NOW,
)
_FORGET = at("DELETE FROM heartbeats WHERE seen_at < {}", ago(KEPT_SECONDS))
_LEAVE = "DELETE FROM heartbeats WHERE process_id = $1 AND task = ANY($2)"
_SEEN = at("SELECT task, MAX(seen_at) AS seen_at, {} AS now_at FROM heartbeats GROUP BY task", NOW)


async def keep_heartbeats(resources: Resources) -> None:
    """Writes the tasks of this process that completed a round since the last write, until it is cancelled."""

    async def beat() -> None:
        pause = FIRST_PAUSE
        while True:
            await asyncio.sleep(pause)
            await _write(resources, resources.background.take_heartbeats())
            pause = min(pause * 2, MAX_PAUSE)

    try:
        await resources.background.supervise("heartbeats", beat)
    finally:
        await _leave(resources)


def known_tasks() -> list[str]:
    """Returns the names of all loops and scheduled handlers."""
    return [*LOOPS, *SCHEDULES]


async def silent_tasks(queries: Queries) -> list[str]:
    """Returns the loops that no process runs, and the scheduled handlers that did not complete in time."""
    rows = await queries.fetch(_SEEN)
    ages = {row["task"]: row["now_at"] - row["seen_at"] for row in rows}
    limits = LOOPS | {handler: 2 * every + LOOPS["jobs"] for handler, every in SCHEDULES.items()}
    return [task for task, limit in limits.items() if task not in ages or ages[task] > limit]


async def _write(resources: Resources, tasks: Iterable[str]) -> None:
    beats = [(task, resources.process_id) for task in sorted(tasks)]
    async with resources.database.transaction() as transaction:
        await transaction.fetch(_FORGET)
        await transaction.fetch_with_rows(_WRITE, _BEAT, beats)


async def _leave(resources: Resources) -> None:
    """Deletes the heartbeats of the loops, which would otherwise count as running for some minutes more."""
    try:
        async with asyncio.timeout(_LEAVE_SECONDS):
            await resources.database.fetch(_LEAVE, resources.process_id, list(LOOPS))
    except (TimeoutError, Unavailable) as error:
        resources.background.report_failure("heartbeats", error)
