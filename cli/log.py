"""`bff log`: rebases an event log that was restored from a dump."""

import argparse
import asyncio
import sys

from cli.resources import open_migrated
from core.settings import Settings
from services.relay import Lag, Rebased, measure_lag, rebase_log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["rebase"], help="rebase: order restored events before all new events")


def run(settings: Settings, _options: argparse.Namespace) -> None:
    rebased, lag = asyncio.run(_rebase(settings))
    if rebased.ahead:
        sys.stdout.write(f"partitions that were ahead: {rebased.ahead}\n")
        sys.stdout.write(f"events of the former cluster, now before all new events: {rebased.events}\n")
    else:
        sys.stdout.write("no partition is ahead of this database; the event log is unchanged\n")
    sys.stdout.write(f"events that wait for 'bff worker': {lag.events}\n")
    sys.stdout.write(f"event streams with a new epoch: {rebased.streams}\n")


async def _rebase(settings: Settings) -> tuple[Rebased, Lag]:
    async with open_migrated(settings) as resources:
        rebased = await rebase_log(resources)
        return rebased, await measure_lag(resources.database, resources.clock())
