"""`bff worker`: runs the relay and the jobs."""

import argparse
import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from cli.resources import open_with_keys
from cli.runtime import run as run_on_loop
from cli.runtime import tune_garbage_collection
from core.settings import Settings
from core.telemetry import configure_logging
from services.maintenance.heartbeats import keep_heartbeats
from services.maintenance.key_holders import announce_keys, keep_announcing_keys
from services.resources import Resources
from workers import run_jobs, run_relay

logger = logging.getLogger(__name__)

Loop = Callable[[Resources], Coroutine[Any, Any, None]]

LOOPS: dict[str, Loop] = {"relay": run_relay, "jobs": run_jobs}
"""The loops of a worker. It runs all of them, or one with `--only`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", choices=list(LOOPS), help="relay: project the log; jobs: do the jobs")


def run(settings: Settings, options: argparse.Namespace) -> None:
    configure_logging(settings.log_level, readable=settings.readable_log)
    run_on_loop(work(settings, [LOOPS[options.only]] if options.only else LOOPS.values()))


async def work(settings: Settings, loops: Iterable[Loop]) -> None:
    """Runs the loops until SIGTERM or SIGINT. The relay then rolls back its batch; running jobs have time to end."""
    async with open_with_keys(settings) as resources:
        working = asyncio.create_task(_work(resources, loops))
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, working.cancel)
        await asyncio.wait([working])
        if not working.cancelled():
            working.result()
        logger.info("the worker stopped")


async def _work(resources: Resources, loops: Iterable[Loop]) -> None:
    async with _serving_metrics(resources):
        await announce_keys(resources)
        tune_garbage_collection()
        logger.info("the worker is running")
        await run_all(resources, [keep_announcing_keys, keep_heartbeats, *loops])


def _serving_metrics(resources: Resources) -> AbstractAsyncContextManager[None]:
    if not resources.settings.worker_metrics_port:
        return nullcontext()
    from cli.worker_metrics import serving_metrics  # noqa: PLC0415 - uvicorn is needed here only

    return serving_metrics(resources)


async def run_all(resources: Resources, loops: Iterable[Loop]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for loop in loops:
            tasks.create_task(loop(resources))
