"""`bff worker`."""

import argparse
import asyncio
import logging
import signal

from cli.ready import open_migrated
from core.settings import Settings
from core.telemetry import configure_logging
from workers import run_relay

logger = logging.getLogger(__name__)


def run(settings: Settings, _asked: argparse.Namespace) -> None:
    configure_logging(settings.log_level)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. A batch under way is undone then, and projected by the next worker."""
    async with open_migrated(settings) as resources:
        working = asyncio.create_task(run_relay(resources))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, working.cancel)
        logger.info("the worker is at work")
        await asyncio.wait([working])
        logger.info("the worker stops")
