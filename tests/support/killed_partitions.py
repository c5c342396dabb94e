"""Changes partitions of one database again and again, killed a statement later each time, until it comes through.

A program of its own, since it forks: `python -m tests.support.killed_partitions URL DAYS`. With DAYS of 0 it runs `bff
partitions apply`. Otherwise it maintains partitions as so many days later. After each kill it appends an event. It
prints how many kills there were.
"""

import asyncio
import os
import sys
from argparse import Namespace
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg

import cli.partitions
from core.settings import Settings
from services.maintenance.partitions import maintain_partitions
from services.resources import open_resources
from tests.support.killed_migrations import survives
from tests.support.timing import settings_for

_APPEND = (
    "INSERT INTO event_log (partition, tx, id, type, version, actor_id, data, occurred_at) "
    "SELECT 1, pg_current_xact_id()::text::bigint, $1, 'PostPublished', 1, 77, '{\"post_id\":5}', now()"
)
_WRITTEN = "SELECT COUNT(*) FROM event_log WHERE actor_id = 77"
_MOST = 400


async def _maintain(settings: Settings, days: int) -> None:
    async with open_resources(settings) as resources:
        await maintain_partitions(resources, resources.clock() + timedelta(days=days))


def _change(settings: Settings, days: int) -> None:
    if days:
        asyncio.run(_maintain(settings, days))
    else:
        cli.partitions.run(settings, Namespace(action="apply", tables=[]))


async def _append(url: str, number: int) -> int:
    connect: Any = asyncpg.connect
    connection = await connect(url)
    try:
        await connection.execute(_APPEND, number)
        return await connection.fetchval(_WRITTEN)
    finally:
        await connection.close()


def main(url: str, days: int) -> None:
    change, kills = partial(_change, settings_for(url), days), 0
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while not survives(change, kills + 1, from_start=True):
        kills += 1
        assert asyncio.run(_append(url, kills)) == kills, "an event is missing"
        assert kills < _MOST
    os.dup2(out, 1)
    sys.stdout.write(f"{kills}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
