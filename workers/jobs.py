"""The loops of jobs: the dispatcher offers due jobs to the queue, and the worker runs the offered jobs.

The loop that maintains partitions by time runs beside them, because jobs have a deadline.
"""

import asyncio

from services.event_log import topics
from services.jobs import Dispatcher, Handlers, Scheduler, read_offer, run_job
from services.resources import Resources
from workers.handlers import HANDLERS
from workers.partitions import run_partitions

_POLL_SECONDS = 1.0


async def run_jobs(resources: Resources, handlers: Handlers = HANDLERS) -> None:
    """Runs jobs until it is cancelled. Running jobs then have `drain_seconds` to end."""
    settings, background = resources.settings, resources.background

    async def run(offer: str) -> None:
        try:
            await run_job(resources, handlers, read_offer(offer))
            background.record_heartbeat("jobs")
        except Exception as error:  # noqa: BLE001 - counted; the job is offered again when its lease ends
            background.report_failure("job", error)

    async def work() -> None:
        background.record_heartbeat("jobs")
        await resources.queue.work(run, concurrency=settings.job_concurrency, drain=settings.drain_seconds)

    async def dispatch() -> None:
        await _dispatch(resources, handlers)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(background.supervise("dispatcher", dispatch))
        tasks.create_task(background.supervise("jobs", work))
        tasks.create_task(background.supervise("partitions", lambda: run_partitions(resources)))


async def _dispatch(resources: Resources, handlers: Handlers) -> None:
    background, dispatcher = resources.background, Dispatcher(resources, Scheduler(), handlers)

    async def step() -> float:
        return await dispatcher.step(_POLL_SECONDS)

    with resources.bus.listen(topics.JOBS) as listener:
        while True:
            seconds = await background.attempt("dispatcher", step, "the dispatcher waits")
            if seconds is not None:
                background.record_heartbeat("dispatcher")
            await listener.wait(_POLL_SECONDS if seconds is None else seconds)
