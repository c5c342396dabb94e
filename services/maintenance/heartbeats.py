"""Heartbeats of background loops: each loop notes that it has completed a round, and operators learn which do not."""

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
"""The loops of `bff worker`, by the names under which they call `Background.beat`, and the longest time between beats.

The dispatcher waits while as many jobs run as may run at a time. The loop of jobs beats when a job ends; the job
`index_words` runs every minute.
"""

FIRST_PAUSE, MAX_PAUSE = 1.0, 15.0
"""Seconds between two writes. They begin with the first and double up to the second."""

KEPT_SECONDS = 86_400
_GOODBYE_SECONDS = 1.0

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
    """Writes which tasks of this process have completed a round since the last write, until it is cancelled."""

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


async def silent_tasks(queries: Queries) -> list[str]:
    """Returns the names of loops that no process runs, and of scheduled handlers that did not complete in time."""
    rows = await queries.fetch(_SEEN)
    ages = {row["task"]: row["now_at"] - row["seen_at"] for row in rows}
    bounds = LOOPS | {handler: 2 * every + LOOPS["jobs"] for handler, every in SCHEDULES.items()}
    return [task for task, bound in bounds.items() if task not in ages or ages[task] > bound]


async def _write(resources: Resources, tasks: Iterable[str]) -> None:
    beats = [(task, resources.process_id) for task in sorted(tasks)]
    async with resources.database.transaction() as transaction:
        await transaction.fetch(_FORGET)
        await transaction.fetch_with_rows(_WRITE, _BEAT, beats)


async def _leave(resources: Resources) -> None:
    """Deletes the heartbeats of the loops; without that they would count as running for some minutes more."""
    try:
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await resources.database.fetch(_LEAVE, resources.process_id, list(LOOPS))
    except (TimeoutError, Unavailable) as error:
        resources.background.report_failure("heartbeats", error)
